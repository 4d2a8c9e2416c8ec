"""Declaring what a route of the interface needs, and answering in JSON, refusals too.

Programs come with a token, scripts of a page with its session. A refusal is ``{"error": …}``, with
``field`` where one thing that was given is at fault.
"""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.actions import api_tokens
from tocsin.actions.api_tokens import Bearer
from tocsin.actions.bulk_reading import Spent
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotFound, Refused, Right, Stale
from tocsin.queries.api_tokens import OF_CALENDARS
from tocsin.queries.readers import Reader

_P = ParamSpec("_P")
_Q = ParamSpec("_Q")
MOST = 256 * 1024
# What a refusal of the interface says of itself, so that no page for people is put in its place.
ANSWERED = "refused"
_SAFE = ("GET", "HEAD")
_ONLY_JSON = "send JSON, as application/json"
# What no JSON of ours is, however it is nested.
_UNREADABLE = (ValueError, RecursionError, UnreadablePostError)


class Call(HttpRequest):
    """A request as the interface knows it: its tenant, who asks, and that person as an actor."""

    tenant: int | None
    reader: Reader | None
    by: Actor
    address: str


class Unanswered(Exception):
    """A call that is not let in: the sentence and the status that it gets."""

    def __init__(
        self, sentence: str, status: int, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class About:
    """What the document says of a route, in words and as JSON Schema.

    `query` has the parameters behind the question mark, `takes` is the body, None for none, and
    `gives` the answer.
    """

    summary: str
    gives: Mapping[str, Any]
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    takes: Mapping[str, Any] | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Operation:
    """A route as it was declared."""

    right: Right
    methods: tuple[str, ...]
    about: About


Answer = Callable[Concatenate[Call, _P], JsonResponse]

# Each route's function by its full name, with the right that it asks for; None for providers.
ROUTES: dict[str, Right | None] = {}
# Those of providers: nobody signs in to them, each request proves itself.
PROVED: set[str] = set()
# What the document is made of, by the function's full name.
OPERATIONS: dict[str, Operation] = {}


def needs(
    right: Right, *methods: str, about: About
) -> Callable[[Answer[_P]], Callable[..., HttpResponse]]:
    """Declare what right a route needs; GET and HEAD unless other methods are named.

    401 for whoever is not signed in; whoever lacks the right finds nothing, 404.
    """
    allowed = methods or _SAFE

    def declared(answer: Answer[_P]) -> Callable[..., HttpResponse]:
        name = f"{answer.__module__}.{answer.__qualname__}"
        ROUTES[name] = right
        OPERATIONS[name] = Operation(right, allowed, about)

        @functools.wraps(answer)
        def checked(call: Call, *args: _P.args, **kwargs: _P.kwargs) -> JsonResponse:
            if call.method not in allowed:
                return refusal(f"use {' or '.join(allowed)}", 405, {"Allow": ", ".join(allowed)})
            try:
                if call.tenant is None:
                    raise access.missing()
                # Before anything is read: looking for the token of a form reads what was sent.
                _fits(call, MOST)
                _let_in(call)
                if right not in call.by.rights:
                    raise access.missing()
                return answer(call, *args, **kwargs)
            except Unanswered as error:
                return refusal(error.sentence, error.status, error.headers)
            except Invalid as error:
                return refusal(error.reason, 422, field=error.path)
            except Refused as error:
                return refusal(str(error), _status(error))

        # A token needs no second proof of where it comes from; sessions give theirs in _let_in.
        return csrf_exempt(checked)

    return declared


def _let_in(call: Call) -> None:
    """Find out who calls, by token or by session; raise `Unanswered` for nobody."""
    if "Authorization" in call.headers:
        found = bearer(call)
        call.reader, call.by = found.reader, found.actor
        return
    if call.reader is None:
        raise Unanswered("sign in first", 401, {"WWW-Authenticate": "Bearer"})
    call.by = call.reader.actor
    # Other pages can have a browser send its cookies along; they cannot read ours.
    if call.method not in _SAFE and _CSRF.process_view(call, _nothing, (), {}) is not None:
        raise Unanswered("the token of the form is missing or wrong", 403)


def _nothing(_: HttpRequest) -> HttpResponse:
    return HttpResponse()


_CSRF = CsrfViewMiddleware(_nothing)


def bearer(call: Call) -> Bearer:
    """Return who calls with the token in the header; raise `Unanswered` when nobody is let in."""
    kind, _, token = call.headers.get("Authorization", "").partition(" ")
    found = None
    if call.tenant is not None and kind.lower() == "bearer":
        found = api_tokens.bearer(call.tenant, token.strip(), address=call.address)
    # Those of calendars are seen in addresses: they open nothing else.
    if found is None or not found.scopes.isdisjoint(OF_CALENDARS):
        told = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise Unanswered("this token lets nobody in", 401, told)
    if found.wait is not None:
        told = {"Retry-After": str(int(found.wait.total_seconds()) + 1)}
        raise Unanswered("too many requests", 429, told)
    return found


def read(call: HttpRequest, most: int = MOST) -> Any:
    """Return the JSON of a body; raises `Unanswered` when there are too many bytes or it is none.

    A number that is none, and a key that is there twice, are no JSON of ours.
    """
    _fits(call, most)
    try:
        raw = call.body
        if len(raw) > most:
            raise Unanswered(f"no more than {most} bytes are read", 413)
        found = json.loads(raw.decode(), parse_constant=_refuse, object_pairs_hook=_once)
        # Half a character, which JSON can spell, is no text.
        json.dumps(found, ensure_ascii=False).encode()
        return found
    except _UNREADABLE:
        raise Unanswered("the body is not JSON", 400) from None


def _fits(call: HttpRequest, most: int) -> None:
    told = call.META.get("CONTENT_LENGTH") or "0"
    if not told.isdecimal() or int(told[:20]) > most:
        raise Unanswered(f"no more than {most} bytes are read", 413)


def _refuse(_: str) -> Any:
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def body(call: Call, known: Mapping[str, type]) -> dict[str, Any]:
    """Return the members of a JSON object; others than those that are known are refused."""
    if call.content_type != "application/json":
        raise Unanswered(_ONLY_JSON, 415)
    found = shape.mapping(read(call), "")
    shape.only(found, "", known)
    for name, value in found.items():
        if not isinstance(value, known[name]) or (isinstance(value, str) and "\0" in value):
            raise Invalid(name, f"expected {_KINDS[known[name]]}, got {shape.describe(value)}")
    return dict(found)


_KINDS = {str: "text", int: "a whole number", bool: "true or false"}


def proves(hear: Callable[_Q, HttpResponse]) -> Callable[_Q, HttpResponse]:
    """Declare a route to which providers post: no session, no token of a form, but a proof.

    The function must have it proved who sent the request before it reads what it says.
    """
    return proved("POST")(hear)


def proved(*methods: str) -> Callable[[Callable[_Q, HttpResponse]], Callable[_Q, HttpResponse]]:
    """Declare a route whose requests each prove themselves, by what the function looks at first."""

    def declared(hear: Callable[_Q, HttpResponse]) -> Callable[_Q, HttpResponse]:
        name = f"{hear.__module__}.{hear.__qualname__}"
        ROUTES[name] = None
        PROVED.add(name)
        guarded: Callable[_Q, HttpResponse] = csrf_exempt(require_http_methods(methods)(hear))
        return guarded

    return declared


def _status(error: Refused) -> int:
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, Spent):
        return 429
    return 409 if isinstance(error, Stale) else 422


def refusal(
    error: str, status: int, headers: Mapping[str, str] | None = None, **more: Any
) -> JsonResponse:
    """Return a refusal as JSON."""
    response = JsonResponse({"error": error, **more}, status=status, headers=headers)
    response.headers["X-Tocsin"] = ANSWERED
    return response
