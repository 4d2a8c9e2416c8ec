"""Letting a directory in, and answering in its form, refusals too."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from tocsin.actions.directory import Taken
from tocsin.api import declared
from tocsin.api.declared import Call, Unanswered
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import NotFound, Refused, Right
from tocsin.queries.api_tokens import Scope

KIND = "application/scim+json"
KINDS = (KIND, "application/json")
# A group of thousands of members fits in; no directory sends more at once.
MOST = 1024 * 1024
_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_BODIES = ("POST", "PUT", "PATCH")


class Bad(Exception):
    """A request that is not of the form: the kind of fault, as SCIM names it, and a sentence."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


def answers(
    *methods: str,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Declare a route for directories: a token with the scope `scim` of an administrator opens it.

    The function gets the JSON of the body as `sent`, None where there is none.
    """

    def made(answer: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        name = f"{answer.__module__}.{answer.__qualname__}"
        # No session opens it, so it is not for people: each request proves itself.
        declared.ROUTES[name] = None
        declared.PROVED.add(name)

        @functools.wraps(answer)
        def checked(call: Call, **parts: str) -> HttpResponse:
            if call.method not in methods:
                told = {"Allow": ", ".join(methods)}
                return _refused(405, f"use {' or '.join(methods)}", headers=told)
            return _answered(answer, call, parts)

        return csrf_exempt(checked)

    return made


def _answered(
    answer: Callable[..., HttpResponse], call: Call, parts: Mapping[str, str]
) -> HttpResponse:
    try:
        _let_in(call)
        sent = _sent(call) if call.method in _BODIES else None
        return answer(call, sent, **parts)
    except Unanswered as error:
        return _refused(error.status, error.sentence, headers=error.headers)
    except Bad as error:
        return _refused(400, error.sentence, error.kind)
    except Invalid as error:
        return _refused(400, str(error), "invalidValue")
    except NotFound as error:
        return _refused(404, str(error))
    except Taken as error:
        return _refused(409, str(error), "uniqueness")
    except Refused as error:
        return _refused(409, str(error))


def _let_in(call: Call) -> None:
    if call.tenant is None:
        raise access.missing()
    found = declared.bearer(call)
    if Scope.SCIM not in found.scopes or Right.ADMINISTER not in found.actor.rights:
        raise access.missing()
    call.reader, call.by = found.reader, found.actor


def _sent(call: Call) -> Mapping[str, Any]:
    if call.content_type not in KINDS:
        raise Unanswered(f"send {KIND}", 415)
    found = declared.read(call, MOST)
    try:
        return shape.mapping(found, "")
    except Invalid as error:
        raise Bad("invalidSyntax", error.reason) from None


def said(data: Mapping[str, Any], status: int = 200, *, location: str = "") -> JsonResponse:
    """Return an answer in the form of directories."""
    response = JsonResponse(dict(data), status=status, content_type=KIND)
    if location:
        response.headers["Location"] = location
    return response


def _refused(
    status: int, sentence: str, kind: str = "", headers: Mapping[str, str] | None = None
) -> HttpResponse:
    told = {"schemas": [_ERROR], "status": str(status), "detail": sentence}
    response = said({**told, **({"scimType": kind} if kind else {})}, status)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    # Answered here: no page for people is put in its place.
    response.headers["X-Tocsin"] = "refused"
    return response
