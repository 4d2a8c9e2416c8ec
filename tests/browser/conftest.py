"""Real browsers before a real desk: one of each per test process, begun by the first who asks.

Whatever a page complains of - its content policy, its console, its scripts - fails the test.
"""

import asyncio
import itertools
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from bench import chromium
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebError
from psycopg.conninfo import make_conninfo
from tests.browser import firm
from tests.browser.firm import Firm
from tests.browser.place import Place
from tests.browser.ruled import ruled as make_ruled
from tests.desk import Database

from tocsin.kit import machine_clock
from tocsin.kit.embedded import Server

# The first clock of the full company to change its look does so after three minutes.
_FRESH_S = 60.0

_REPORTS = (
    "addEventListener('securitypolicyviolation', (e) => console.error("
    "`refused by the policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`));"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give the browser of this test process, or say that there is none."""
    if chromium.path() is None:
        if chromium.is_required():
            pytest.fail(chromium.MISSING)
        pytest.skip(chromium.MISSING)
    with chromium.browser() as found:
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        _loops.append(loop)
        yield found
        asyncio._set_running_loop(loop)


# Playwright's loop seems to run in this thread all the time, also while tests run that begin loops
# of their own. So it does only while a test with a browser runs.
_loops: list[asyncio.AbstractEventLoop] = []


@pytest.fixture(scope="session")
def place(server: Server, template: str, browser: Browser) -> Iterator[Place]:
    """Give the desk of this test process; without a browser nothing is begun."""
    del browser
    name = f"desk_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as found:
        found.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'.encode())
    database = Database(make_conninfo(server.url("tocsin", name)), server.url("postgres", name))
    folder = Path(tempfile.mkdtemp(prefix="tocsin-browser-"))
    made = Place(database, folder)
    try:
        made.begin()
        yield made
    finally:
        made.end()
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _playing(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have this test's actions go to the desk's database."""
    asyncio._set_running_loop(_loops[0])
    # Django is wary of loops.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    place.database.play("app")
    place.begin()
    yield
    connections.close_all()
    asyncio._set_running_loop(None)


_numbers = itertools.count(1)


@pytest.fixture
def desk(place: Place) -> Firm:
    """Give a company of this test's own, in which nothing has happened."""
    return firm.firm(place.database, f"firma{next(_numbers)}")


@dataclass(frozen=True)
class Full:
    """A company in which everything has happened; tests look at it and change nothing."""

    firm: Firm
    looks: dict[str, int]


@pytest.fixture(scope="session")
def _kept() -> dict[str, Any]:
    return {}


@pytest.fixture
def full(place: Place, _playing: None, _kept: dict[str, Any]) -> Full:
    """Give the company in which there is a clock of every look, a list for every number."""
    # Its clocks run: what was at risk is missed some minutes later, so it is made anew in time.
    at = machine_clock.steady()
    if "full" not in _kept or at - _kept["full since"] > _FRESH_S:
        made = firm.firm(place.database, f"full{next(_numbers)}")
        looks = firm.all_looks(made)
        # What was due in its past is the pulse's: a page from before that has other numbers.
        made.settled()
        _kept["full"], _kept["full since"] = Full(made, looks), at
    found: Full = _kept["full"]
    return found


@pytest.fixture
def ruled(place: Place, _playing: None, _kept: dict[str, Any]) -> Full:
    """Give the company whose rules are being written, a list for every number."""
    if "ruled" not in _kept:
        _kept["ruled"] = Full(*make_ruled(place.database, "ruled"))
    found: Full = _kept["ruled"]
    return found


@pytest.fixture
def empty(place: Place, _playing: None, _kept: dict[str, Any]) -> Firm:
    """Give the company in which there is nothing: no tickets, no promises, no pipelines."""
    if "empty" not in _kept:
        _kept["empty"] = firm.bare(place.database, "empty")
    found: Firm = _kept["empty"]
    return found


@dataclass
class Visits:
    """Opens pages, each in a browser with cookies of its own, and hears what they complain of."""

    browser: Browser
    place: Place
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    _forgiven: list[re.Pattern[str]] = field(default_factory=list)

    def context(self, **options: Any) -> BrowserContext:
        found = self.browser.new_context(base_url=self.place.address, **options)
        found.set_default_timeout(10_000)
        found.add_init_script(_REPORTS)
        found.on("console", self._said)
        found.on("weberror", self._broke)
        self.contexts.append(found)
        return found

    def __call__(
        self, firm: Firm, who: str, path: str = "", *, live: bool = True, **options: Any
    ) -> Page:
        """Open a page of a company as somebody who is signed in, and wait until it is live."""
        context = self.context(**options)
        self.sign_in(context, firm, who)
        page = context.new_page()
        page.goto(f"/t/{firm.key}/{path}")
        if live:
            page.wait_for_selector("#live[data-s=on]", state="attached")
        return page

    def sign_in(self, context: BrowserContext, firm: Firm, who: str) -> None:
        cookie = {"name": "tocsin_session", "value": firm.session(who), "domain": "127.0.0.1"}
        context.add_cookies([{**cookie, "path": f"/t/{firm.key}/"}])  # type: ignore[typeddict-item]  # all are texts

    def forgive(self, pattern: str) -> None:
        """Expect a complaint: the console also tells of refusals that a test is about."""
        self._forgiven.append(re.compile(pattern))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            where = message.location.get("url", "")
            self.complaints.append(f"{message.type}: {message.text} ({where})")

    def _broke(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")

    def unforgiven(self) -> list[str]:
        return [
            told
            for told in self.complaints
            if not any(pattern.search(told) for pattern in self._forgiven)
        ]


@pytest.fixture
def visit(browser: Browser, place: Place, _playing: None) -> Iterator[Visits]:
    """Give what opens pages; at the end no page may have complained of anything."""
    made = Visits(browser, place)
    yield made
    for context in made.contexts:
        context.close()
    assert made.unforgiven() == []
