"""What goes wrong before a route of the interface answers, in the interface's own form.

An address that there is not, a request that cannot be read, a mistake of ours: others answer them
with a page for people. Below /api/ they get what programs are told elsewhere.
"""

import json
import re
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from tocsin.api import declared
from tocsin.queries import access

_BELOW = re.compile(r"(?:/t/[^/]*)?/api/")
_SENTENCES = {
    400: "the request is not one that can be read",
    403: "this is not for you from where you are",
    404: str(access.missing()),
    413: "the request is too long",
    500: "something failed here; the log of the installation says what",
    503: "the desk cannot reach its database; try again in a moment",
}


class InJson:
    """Puts refusals for people into the form of the interface; it stands around all that refuse."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass it on; what the interface has answered itself stays as it is."""
        # As it was sent: further in it is cut to what stands behind the tenant.
        below = _BELOW.match(request.path_info) is not None
        response = self._respond(request)
        answered = response.headers.get("X-Tocsin") == declared.ANSWERED
        if below and response.status_code >= 400 and not answered:
            _put(response)
        return response


def _put(response: HttpResponse) -> None:
    """Put the interface's words into a refusal; what the headers say of it stays."""
    status = response.status_code
    usual = _SENTENCES.get(status, HTTPStatus(status).phrase.lower())
    if "Allow" in response.headers:
        usual = f"use {' or '.join(response.headers['Allow'].split(', '))}"
    made = declared.refusal(_told(response) or usual, status)
    response.content = made.content
    for name, value in made.headers.items():
        response.headers[name] = value
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(made.content))


def _told(response: HttpResponse) -> str:
    """Return the sentence that a script of a page would have got."""
    if response.headers.get("Content-Type", "").partition(";")[0] != "application/json":
        return ""
    said = json.loads(response.content)
    return str(said.get("told", "")) if isinstance(said, dict) else ""
