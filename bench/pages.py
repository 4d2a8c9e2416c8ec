"""Whole pages: what the server needs for a request, sign-in and rendering included, at 100,000."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import psycopg

from bench import face
from bench.crowd import crowd
from bench.measuring import Figure, Report

CALLS = 60
_PASSWORD = "a long word for benchmarks"


def run() -> list[Report]:
    with crowd() as made:
        tenant = face.fill(made)
        with psycopg.connect(made.admin_url, autocommit=True) as found:
            # Theirs were numbered by hand.
            found.execute("UPDATE counter SET last = 10000000 WHERE name = 'ticket'")
        return [measured(tenant)]


def measured(tenant: int) -> Report:
    """Ask for each page through all middleware, in one process, and time what it takes."""
    from django.test import Client
    from django.urls import reverse

    from tocsin.actions import passwords, people
    from tocsin.queries import access

    by = access.operator(tenant)
    person = people.add_person(name="Lea Lind", email="lea@x.example", role="lead", by=by)
    passwords.give(person=person, password=_PASSWORD, by=by)
    number = _talk(tenant, person)
    client = Client(headers={"host": "localhost"})
    client.post("/t/face/sign-in/", {"login": "lea@x.example", "password": _PASSWORD})
    assert reverse("hub")
    pages = {
        "hub": "hub/",
        "board, 5 columns of 40 cards": "board/",
        "my queue": "queue/",
        "list of what is active": "tickets/",
        "list of what is breached": "tickets/?which=breached",
        "ticket with 60 messages": f"tickets/{number}/",
        "why strip": f"tickets/{number}/why/?clock=SLA/resolution%231",
        "compliance of 28 days": "reports/compliance/",
    }
    title = f"Pages, {face.OPEN:,} open tickets and {face.DONE:,} done, one process"
    report = Report(title, ("p50", "p95"))
    for name, path in pages.items():
        took = _took(lambda path=path: client.get(f"/t/face/{path}"))  # type: ignore[misc]
        middle, slow = statistics.median(took), statistics.quantiles(took, n=20)[18]
        report.add([Figure(name, "p50", middle, "ms"), Figure(name, "p95", slow, "ms")])
    return report


def _talk(tenant: int, person: int) -> int:
    """Open a ticket with much said on it, and return its number."""
    from tocsin.actions import tickets
    from tocsin.engine.event import Side
    from tocsin.queries import access, cards
    from tocsin.queries.access import Actor

    customer = Actor(tenant, "customer", access.RIGHTS["operator"], Side.CUSTOMER)
    lea = access.person(tenant, person, "lead")
    ticket = tickets.open_(subject="Much to say", body="Hello", by=customer)
    for k in range(60):
        tickets.reply(ticket_id=ticket, body=f"Answer {k}", by=lea if k % 2 else customer)
    return cards.cards(by=lea, ids=[ticket])[0].number


def _took(call: Callable[[], Any]) -> list[float]:
    for _ in range(7):
        answer = call()
        assert answer.status_code == 200, answer.status_code
    took = []
    for _ in range(CALLS):
        before = time.perf_counter()
        call()
        took.append((time.perf_counter() - before) * 1000)
    return took
