"""The health of the desk: the last audit, what differed, and a button to run it now."""

import datetime as dt
import threading

import pytest
from tests.desk import Database, at, company
from tests.web.conftest import Pages, desk_of

from tocsin.actions import audits
from tocsin.pulse.nightly import Nightly

MONDAY = at("2026-03-02 08:00")
ADDRESS = "/t/acme/settings/audit/"


@pytest.fixture
def pages(database: Database) -> Pages:
    return desk_of(company("acme", now=at("2026-01-01 00:00")), "acme")


def audited(pages: Pages, database: Database, now: dt.datetime) -> None:
    """Have the clocks audited as the worker does it."""
    audits.ask(by=pages.made.operator, now=now)
    database.play("worker")
    assert Nightly(database.url, threading.Event(), processes=1).turn(now=now)
    database.play("app")


def test_before_the_first_run_it_says_so(pages: Pages) -> None:
    page = pages.client("dora").get(ADDRESS).content.decode()
    assert "It has not run yet." in page
    assert "<h2" in page


def test_the_last_run_is_a_figure_and_the_others_a_table(pages: Pages, database: Database) -> None:
    pages.made.open(now=MONDAY)
    audited(pages, database, MONDAY)
    page = pages.client("dora").get(ADDRESS).content.decode()
    assert "0 differences of 3 clocks" in page
    assert "What differed" not in page
    database.rows(
        "SET session_replication_role = replica; UPDATE clock SET used_us = 7"
        " WHERE definition = 'resolution'"
    )
    audited(pages, database, MONDAY + dt.timedelta(hours=1))
    page = pages.client("dora").get(ADDRESS).content.decode()
    assert "1 difference of 3 clocks" in page
    assert "used_us" in page
    assert 'href="/t/acme/tickets/1/"' in page
    assert page.count("by the desk itself") == 2


def test_run_now_queues_it_and_says_so(pages: Pages, database: Database) -> None:
    client = pages.client("dora")
    answer = client.post(f"{ADDRESS}run/")
    assert (answer.status_code, answer.headers["Location"]) == (302, ADDRESS)
    page = client.get(ADDRESS).content.decode()
    assert "A run is queued" in page
    assert "disabled" in page
    assert database.one("SELECT wake_at <= now() FROM schedule WHERE kind = 'audit'")


def test_only_who_may_sees_it_and_only_an_administrator_starts_it(pages: Pages) -> None:
    for name in ("ann", "lea"):
        assert pages.client(name).get(ADDRESS).status_code == 404
        assert pages.client(name).post(f"{ADDRESS}run/").status_code == 404
