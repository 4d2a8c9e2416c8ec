"""The document of the interface (OpenAPI 3.1), made from what the routes declare."""

import re
from typing import Any

from django.http import JsonResponse
from django.urls import URLPattern, get_resolver, reverse

from tocsin.api import declared
from tocsin.api.declared import About, Call, Operation
from tocsin.queries.access import Right

_ERROR = {
    "type": "object",
    "properties": {
        "error": {"type": "string", "description": "a sentence for whoever asked"},
        "field": {"type": "string", "description": "what of that which was given is at fault"},
    },
    "required": ["error"],
    "additionalProperties": False,
}
_REFUSALS = {
    "401": "nobody is let in: no token, or one that has ended",
    "404": "there is no such thing here, or it is not for you",
    "422": "what was given cannot be taken; `field` names it",
    "429": "too many requests; Retry-After says for how many seconds",
}
_OF_BODIES = {
    "400": "the body is not JSON",
    "403": "a session without the token of its form",
    "409": "it was changed since it was looked at",
    "413": "the body is too long",
    "415": "the body is not said to be JSON",
}
_PART = re.compile(r"<(\w+):(\w+)>")
_PARTS = {"int": {"type": "integer", "minimum": 0}, "str": {"type": "string", "minLength": 1}}


@declared.needs(
    Right.SIGNED_IN,
    about=About("This document", {"type": "object", "required": ["openapi", "paths"]}),
)
def openapi(call: Call) -> JsonResponse:
    """Return the document: what can be asked, with what right, and what comes back."""
    return JsonResponse(document(reverse("front").rstrip("/")))


def document(root: str) -> dict[str, Any]:
    """Return the document of the routes below an address."""
    paths: dict[str, Any] = {}
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLPattern) and (known := _operation(pattern)) is not None:
            path = _PART.sub(r"{\2}", str(pattern.pattern))
            paths[f"/{path}"] = _described(str(pattern.name), str(pattern.pattern), known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tocsin", "version": "1", "license": {"name": "Apache-2.0"}},
        "servers": [{"url": root or "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Refusal": _ERROR},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "tocsin_session"},
            },
        },
    }


def _operation(pattern: URLPattern) -> Operation | None:
    view: Any = pattern.callback
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return declared.OPERATIONS.get(f"{view.__module__}.{view.__qualname__}")


def _described(name: str, route: str, known: Operation) -> dict[str, Any]:
    about = known.about
    in_path = [_parameter("path", part, _PARTS[kind]) for kind, part in _PART.findall(route)]
    asked = [_parameter("query", one, schema) for one, schema in about.query.items()]
    return {
        method.lower(): {
            "operationId": name,
            "summary": about.summary,
            "description": f"Needs the right: {known.right.value}.",
            "parameters": in_path + asked,
            **_taken(about),
            "responses": _answers(about),
        }
        for method in known.methods
        if method != "HEAD"
    }


def _parameter(where: str, name: str, schema: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": dict(schema)}


def _taken(about: About) -> dict[str, Any]:
    if about.takes is None:
        return {}
    return {"requestBody": {"required": True, "content": _json(about.takes)}}


def _answers(about: About) -> dict[str, Any]:
    refused = {**_REFUSALS, **(_OF_BODIES if about.takes is not None else {})}
    error = _json({"$ref": "#/components/schemas/Refusal"})
    good = {str(about.status): {"description": about.summary, "content": _json(about.gives)}}
    bad = {code: {"description": told, "content": error} for code, told in refused.items()}
    return dict(sorted({**good, **bad}.items()))


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
