"""Declaring what a route of the interface needs, and answering in JSON, refusals too.

A refusal is ``{"error": …}``, with ``field`` where one thing that was given is at fault.
"""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotFound, Refused, Right, Stale
from tocsin.queries.readers import Reader

_P = ParamSpec("_P")
_Q = ParamSpec("_Q")


class Call(HttpRequest):
    """A request as the interface knows it: its tenant, who asks, and that person as an actor."""

    tenant: int | None
    reader: Reader | None
    by: Actor


Answer = Callable[Concatenate[Call, _P], JsonResponse]

# Each route's function by its full name, with the right that it asks for; None for providers.
ROUTES: dict[str, Right | None] = {}
# Those of providers: nobody signs in to them, each request proves itself.
PROVED: set[str] = set()


def needs(right: Right, *methods: str) -> Callable[[Answer[_P]], Answer[_P]]:
    """Declare what right a route needs; GET and HEAD unless other methods are named.

    401 for whoever is not signed in; whoever lacks the right finds nothing, 404.
    """

    def declared(answer: Answer[_P]) -> Answer[_P]:
        ROUTES[f"{answer.__module__}.{answer.__qualname__}"] = right

        @functools.wraps(answer)
        def checked(call: Call, *args: _P.args, **kwargs: _P.kwargs) -> JsonResponse:
            try:
                if call.tenant is None:
                    raise access.missing()
                if call.reader is None:
                    return refusal("sign in first", 401)
                call.by = call.reader.actor
                if right not in call.by.rights:
                    raise access.missing()
                return answer(call, *args, **kwargs)
            except Invalid as error:
                return refusal(error.reason, 400, field=error.path)
            except Refused as error:
                return refusal(str(error), _status(error))

        guarded: Answer[_P] = require_http_methods(methods or ("GET", "HEAD"))(checked)  # type: ignore[assignment]  # wraps() forgets the name of the first argument
        return guarded

    return declared


def proves(hear: Callable[_Q, HttpResponse]) -> Callable[_Q, HttpResponse]:
    """Declare a route to which providers post: no session, no token of a form, but a proof.

    The function must have it proved who sent the request before it reads what it says.
    """
    name = f"{hear.__module__}.{hear.__qualname__}"
    ROUTES[name] = None
    PROVED.add(name)
    guarded: Callable[_Q, HttpResponse] = csrf_exempt(require_http_methods(["POST"])(hear))
    return guarded


def _status(error: Refused) -> int:
    if isinstance(error, NotFound):
        return 404
    return 409 if isinstance(error, Stale) else 422


def refusal(error: str, status: int, **more: Any) -> JsonResponse:
    """Return a refusal as JSON."""
    response = JsonResponse({"error": error, **more}, status=status)
    # Answered here: no page for people is put in its place.
    response.headers["X-Tocsin"] = "refused"
    return response
