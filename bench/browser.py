"""A board in a real browser: frames and the main thread's work, idle and while cards are moved."""

import contextlib
import http.client
import importlib.util
import itertools
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.crowd import Crowd, crowd
from bench.measuring import Figure, Report

CARDS, SECONDS = 200, 10
_KEY = "board"
_SESSION = "session-of-the-board"
ALWAYS = {day: ["00:00-24:00"] for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
POLICY: dict[str, Any] = {
    "tocsin": 1,
    "calendars": {"office": {"zone": "UTC", "week": ALWAYS}},
    "policies": [
        {
            "key": "standard",
            "rank": 1,
            "calendar": "office",
            "clocks": [
                {"clock": "first response", "targets": {"*": "50m"}},
                {"clock": "resolution", "targets": {"*": "24h"}},
            ],
        }
    ],
}
STAGES = tuple(f"stage {k}" for k in range(5))
# In none of the first five a clock rests.
PIPELINE = {
    "name": "Support",
    "calendar": "office",
    "stages": [
        *({"key": key, "name": key.title(), "status": "open"} for key in STAGES),
        {"key": "done", "name": "Done", "status": "resolved"},
    ],
}
# Counts frames until told to stop, and the main thread's work by the browser's own metrics.
_BEGIN = """() => {
  window.frames_ = [];
  window.counting = true;
  const frame = (at) => { window.frames_.push(at); if (window.counting) requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""  # noqa: E501
_END = "() => { window.counting = false; return window.frames_; }"
_WORK = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
_WAYS = ("fps", "p99 frame", "worst frame", "main thread", "script", "layout + style")


def run() -> list[Report]:
    report = Report(f"A board of {CARDS} cards in Chromium, {SECONDS} s each", _WAYS)
    if importlib.util.find_spec("playwright") is None:
        report.remarks.append("playwright is not installed here")
        return [report]
    from bench import chromium

    if chromium.path() is None:
        report.remarks.append(chromium.MISSING)
        return [report]
    os.environ.setdefault("TOCSIN_SECRET_KEY", "of-this-benchmark-only")
    with crowd() as made:
        tenant, ids = company(made)
        with processes(made) as address, chromium.browser() as browser:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies(
                [{"name": "tocsin_session", "value": _SESSION, "url": f"{address}/t/{_KEY}/"}]
            )
            page = context.new_page()
            # Playwright's loop is known to this thread, and Django is wary of loops.
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
            measure(report, page, f"{address}/t/{_KEY}/board/", tenant, ids)
    return [report]


def company(made: Crowd) -> tuple[int, list[int]]:
    """Make a tenant with somebody who is signed in, and tickets in five columns, 40 in each."""
    from django.contrib.sessions.backends.db import SessionStore

    from tocsin.actions import people, pipelines, sla, tickets
    from tocsin.actions import tenants as companies
    from tocsin.engine.event import Side
    from tocsin.queries import access
    from tocsin.queries.access import Actor
    from tocsin.records.people import Person

    tenant = companies.create(key=_KEY, name="Board")
    by = access.operator(tenant)
    person = people.add_person(name="Ann", email="ann@x.example", by=by)
    own = {"_auth_user_id": str(person), "tenant": tenant}
    own["_auth_user_hash"] = Person(password="").get_session_auth_hash()
    made.run(
        "INSERT INTO django_session VALUES (%(key)s, %(data)s, now() + interval '1 day')",
        {"key": _SESSION, "data": SessionStore().encode(own)},
    )
    made.run(
        "INSERT INTO sign_in (tenant_id, person_id, session_key, means, address, agent, begun_at,"
        " seen_at, proved_at) VALUES (%(tenant)s, %(person)s, %(key)s, 'password', '', '', now(),"
        " now(), now())",
        {"tenant": tenant, "person": person, "key": _SESSION},
    )
    sla.publish(config=POLICY, by=by)
    pipelines.publish(key="support", config=PIPELINE, by=by)
    customer = Actor(tenant, "customer", access.RIGHTS["operator"], Side.CUSTOMER)
    ids = []
    for k in range(CARDS):
        subject = f"Printer {k} writes blank pages"
        ids.append(tickets.open_(subject=subject, body="Help", pipeline="support", by=customer))
        if k % 5:
            tickets.move(ticket_id=ids[-1], to=STAGES[k % 5], by=by)
    return tenant, ids


@contextmanager
def processes(made: Crowd) -> Iterator[str]:
    """Run all processes, as `tocsin up` does; gives the address of the pages."""
    web, live = _free_port(), _free_port()
    commands = {
        "web": ["--port", str(web)],
        "live": ["--port", str(live)],
        "pulse": [],
        "worker": [],
    }
    started = []
    with tempfile.TemporaryDirectory() as folder:
        own = {"DATABASE_URL": made.url, "TOCSIN_LIVE_PORT": str(live), "TOCSIN_STATIC": folder}
        try:
            for name, more in commands.items():
                role = {"web": "app"}.get(name, name)
                started.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "tocsin", name, *more],
                        env={**os.environ, **own, "TOCSIN_ROLE": role},
                        stderr=subprocess.DEVNULL,
                    )
                )
            _await(web, "/health")
            _await(live, "/live/health")
            yield f"http://127.0.0.1:{web}"
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int, path: str) -> None:
    """Wait until it answers, whether all is well or not."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(asked):
            asked.request("GET", path)
            asked.getresponse()
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers at port {port}")


def measure(report: Report, page: Any, address: str, tenant: int, ids: list[int]) -> None:
    page.goto(address)
    page.wait_for_selector("#live[data-s=on]")
    clocks = page.locator("[data-clock][data-state=run]").count()
    report.remarks.append(
        f"{page.locator('.card').count()} cards, {clocks} running clocks, "
        f"Chromium {page.context.browser.version}, load average {os.getloadavg()[0]:.1f}"
    )
    way = page.context.new_cdp_session(page)
    way.send("Performance.enable")
    # What the first second loads is not counted.
    _idle(2)
    cases: dict[str, Callable[[], None]] = {
        "idle": lambda: _idle(SECONDS),
        "3 remote moves a second": lambda: _moves(tenant, ids, 3),
        "10 remote moves a second": lambda: _moves(tenant, ids, 10),
    }
    for name, case in cases.items():
        before, began = _metrics(way), time.monotonic()
        page.evaluate(_BEGIN)
        case()
        frames = page.evaluate(_END)
        took = time.monotonic() - began
        after = _metrics(way)
        apart = sorted(b - a for a, b in itertools.pairwise(frames))
        spent = {key: (after[key] - before[key]) * 1000 / took for key in _WORK}
        layout = spent["LayoutDuration"] + spent["RecalcStyleDuration"]
        values = {
            "fps": (len(apart) * 1000 / (frames[-1] - frames[0]), ""),
            "p99 frame": (statistics.quantiles(apart, n=100)[98], "ms"),
            "worst frame": (apart[-1], "ms"),
            "main thread": (spent["TaskDuration"], "ms/s"),
            "script": (spent["ScriptDuration"], "ms/s"),
            "layout + style": (layout, "ms/s"),
        }
        # One at a time: the columns are not to be compared with each other.
        report.figures += [Figure(name, way_, *values[way_]) for way_ in _WAYS]


def _metrics(way: Any) -> dict[str, float]:
    found = way.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in found}


def _idle(seconds: float) -> None:
    time.sleep(seconds)


def _moves(tenant: int, ids: list[int], rate: int) -> None:
    """Have somebody else move cards to the next column, so many a second."""
    from tocsin.actions import tickets
    from tocsin.queries import access, cards

    by = access.operator(tenant)
    begun = time.monotonic()
    for k in range(rate * SECONDS):
        time.sleep(max(0.0, begun + k / rate - time.monotonic()))
        id_ = ids[(7 * k) % len(ids)]
        now = cards.cards(by=by, ids=[id_])[0].stage
        tickets.move(ticket_id=id_, to=STAGES[(STAGES.index(now) + 1) % len(STAGES)], by=by)
