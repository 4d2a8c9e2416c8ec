"""A session of `requests` whose every request goes out through the guard: for allauth.

It follows no redirect, knows no proxy of the environment, and reads no more than the guard does.
"""

from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from tocsin.channels import outgoing

TIMEOUT_S = 5.0
TOTAL_S = 10.0


class Unreachable(requests.ConnectionError):
    """The guard refused, or no answer came; its words name the host and nothing else."""


class Through(BaseAdapter):
    """Hands each request to the guard."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Return the answer, whatever its status; raises `Unreachable`."""
        body = request.body or b""
        try:
            found = outgoing.request(
                request.method or "GET",
                request.url or "",
                content=body if isinstance(body, bytes) else str(body).encode(),
                headers={name: str(value) for name, value in request.headers.items()},
                timeout_s=TIMEOUT_S,
                total_s=TOTAL_S,
            )
        except (outgoing.Refused, outgoing.NotSent, outgoing.Lost) as error:
            raise Unreachable(str(error)) from None
        if len(found.body) >= outgoing.LONGEST_ANSWER:
            raise Unreachable("the answer is too long")
        made = requests.Response()
        made.status_code = found.status
        made.headers = CaseInsensitiveDict({"content-type": "", **found.headers})
        made._content = found.body
        made.url = request.url or ""
        made.request = request
        return made

    def close(self) -> None:
        """Nothing is kept open."""


class Session(requests.Session):
    """A session that can go nowhere else."""

    def __init__(self) -> None:
        """Make one without anything that comes from around it."""
        super().__init__()
        self.trust_env = False
        self.headers = CaseInsensitiveDict({"accept": "application/json"})
        self.adapters.clear()
        self.mount("https://", Through())
        self.mount("http://", Through())

    def get_redirect_target(self, resp: Any) -> None:
        """Return None: nothing is followed."""
        return
