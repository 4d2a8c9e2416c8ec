"""How punctual are we? And what the pages say when the pulse stops or its clock is in doubt."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator

import psycopg
import pytest
from tests.desk import Database, company
from tests.web.conftest import Pages

from tocsin.actions import tickets
from tocsin.queries import access, punctuality
from tocsin.queries.access import NotFound
from tocsin.web import layout

HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Have every page look at the health anew."""
    before = layout._PULSE_KEPT_S
    layout._PULSE_KEPT_S = -1.0
    yield
    layout._PULSE_KEPT_S = before


def beats(database: Database, kind: str, told: str = "{}", *, ago: str = "0 s") -> None:
    database.rows(
        "INSERT INTO beat (process, kind, started_at, beat_at, told) VALUES (%s, %s,"
        " clock_timestamp(), clock_timestamp() - %s::interval, %s) ON CONFLICT (process)"
        " DO UPDATE SET beat_at = EXCLUDED.beat_at, told = EXCLUDED.told",
        *(kind, kind, ago, told),
    )


def missed(pages: Pages, database: Database, *, late: str) -> dt.datetime:
    """Have a ticket have missed its first response, which was decided so late; returns when."""
    clock: dt.datetime = database.one("SELECT clock_timestamp()")
    ticket = pages.made.open(team="Service desk", now=clock)
    seen = clock + HOUR + dt.timedelta(seconds=float(late))
    tickets.note(ticket_id=ticket, body="x", by=pages.made.person("ann"), now=seen)
    # What is to come lies in the past: the report looks back.
    with psycopg.connect(database.admin_url, autocommit=True) as found:
        found.execute("SET session_replication_role = replica")
        for table, columns in (
            ("alert", ("planned_at", "decided_at")),
            ("outbox", ("created_at", "next_at")),
            ("notification", ("created_at",)),
        ):
            moved = ", ".join(f"{name} = {name} - interval '3 h'" for name in columns)
            found.execute(f"UPDATE {table} SET {moved}".encode())
    return seen - 3 * HOUR


def test_lateness_is_that_of_what_was_decided(pages: Pages, database: Database) -> None:
    seen = missed(pages, database, late="1.5")
    by = pages.made.operator
    zone = dt.UTC
    found = punctuality.punctuality(by=by, since=seen - HOUR, until=seen + HOUR, zone=zone)
    assert found.total.count >= 1
    assert found.total.p50 is not None
    day = next(day for day in found.days if day.lateness.count)
    assert day.lateness.max == found.total.max
    assert sum(day.lateness.count for day in found.days) == found.total.count
    breach = database.one(
        "SELECT decided_at - planned_at FROM alert WHERE deed = 'breach' AND counts LIMIT 1"
    )
    assert breach == dt.timedelta(seconds=1.5)
    mail = next(one for one in found.channels if one.channel == "mail")
    assert (mail.written, mail.sent, mail.waiting, mail.dead) == (mail.written, 0, mail.written, 0)
    assert found.storms.alerts >= found.storms.messages > 0


def test_a_period_without_anything_is_empty_and_has_its_days(pages: Pages) -> None:
    since = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    found = punctuality.punctuality(
        by=pages.made.operator, since=since, until=since + dt.timedelta(days=3), zone=dt.UTC
    )
    assert [day.date.day for day in found.days] == [1, 2, 3]
    assert (found.total.count, found.total.p99, found.channels) == (0, None, ())


def test_another_tenant_sees_nothing_of_it(pages: Pages, database: Database) -> None:
    seen = missed(pages, database, late="1.5")
    other = company("bolt")
    found = punctuality.punctuality(
        by=other.operator, since=seen - HOUR, until=seen + HOUR, zone=dt.UTC
    )
    assert (found.total.count, found.channels, found.storms.messages) == (0, (), 0)


def test_the_page_and_its_file_say_the_same(pages: Pages, database: Database) -> None:
    missed(pages, database, late="2")
    client = pages.client("mia")
    page = client.get(f"{pages.prefix}/reports/punctuality/?days=7")
    assert page.status_code == 200
    text = page.content.decode()
    assert "How punctual are we?" in text
    assert "2.0 s" in text
    sent = client.post(f"{pages.prefix}/reports/punctuality.csv?days=7")
    lines = list(csv.DictReader(io.StringIO(sent.getvalue().decode("utf-8-sig"))))
    assert len(lines) == 7
    assert max(float(line["max_ms"] or 0) for line in lines) >= 2000.0


def test_a_reader_without_reports_finds_nothing(pages: Pages) -> None:
    with pytest.raises(NotFound):
        punctuality.punctuality(
            by=access.person(pages.made.tenant, 1, "agent"),
            since=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
            until=dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
            zone=dt.UTC,
        )


# --------------------------------------------------------------------------------------- the bars


@pytest.mark.promise("P9")
def test_every_page_says_that_the_pulse_has_stopped(pages: Pages, database: Database) -> None:
    client = pages.client("dora")

    def bar(page: str) -> str:
        text: str = client.get(f"{pages.prefix}/{page}/").content.decode()
        return text.partition('id="pulse-bar"')[2].partition(">")[0]

    assert "hidden" not in bar("hub")
    beats(database, "pulse")
    assert "hidden" in bar("hub")
    beats(database, "pulse", ago="21 s")
    for page in ("hub", "queue", "tickets", "settings/audit", "reports/punctuality"):
        assert "hidden" not in bar(page), page


@pytest.mark.promise("P7")
def test_an_administrator_may_say_that_a_jump_was_meant(pages: Pages, database: Database) -> None:
    beats(database, "pulse", json.dumps({"trust": "hold: the database's clock jumped"}))
    dora, ann = pages.client("dora"), pages.client("ann")
    address = f"{pages.prefix}/settings/audit/trust/"
    page = dora.get(f"{pages.prefix}/hub/").content.decode()
    assert 'id="clock-bar"' in page
    assert address in page
    agents = ann.get(f"{pages.prefix}/hub/").content.decode()
    assert 'id="clock-bar"' in agents
    assert address not in agents
    assert ann.post(address).status_code == 404
    assert database.one("SELECT trusted_at FROM gate") is None
    assert dora.post(address).status_code == 302
    assert database.one("SELECT clock_timestamp() - trusted_at < interval '1 min' FROM gate")
    beats(database, "pulse", json.dumps({"trust": "act"}))
    assert 'id="clock-bar"' not in dora.get(f"{pages.prefix}/hub/").content.decode()


@pytest.mark.promise("P9")
def test_what_the_watchman_found_is_shown_to_whom_it_concerns(
    pages: Pages, database: Database
) -> None:
    for kind in ("pulse", "worker"):
        beats(database, kind)
    one = {"what": "gaps", "many": 3, "since": "2026-03-02T12:00:00+00:00", "subject": 1}
    one["first"] = one["since"]
    theirs = {**one, "tenant": pages.made.tenant + 1, "what": "dead"}
    own = {**one, "tenant": pages.made.tenant}
    beats(database, "watchman", json.dumps({"clean": False, "findings": [own, theirs]}))
    text = pages.client("dora").get(f"{pages.prefix}/settings/audit/").content.decode()
    assert "Places in the order of events are missing" in text
    assert "Messages were given up" not in text


# ------------------------------------------------------------------------------------- for machines


def test_health_is_that_of_the_parts(pages: Pages, database: Database) -> None:
    def told() -> tuple[int, list[str]]:
        answer = pages.anybody().get("/health")
        return answer.status_code, answer.json()["problems"]

    status, problems = told()
    assert status == 503
    assert len(problems) == 3
    for kind in ("pulse", "worker", "watchman"):
        beats(database, kind)
    assert told() == (200, [])
    beats(database, "pulse", '{"gate": false}')
    assert told() == (503, ["the pulse stands down: the database is for another version"])
    # What was signed before the clock went back is no sign of life.
    beats(database, "pulse", ago="-2 h")
    assert told() == (503, ["the pulse has stopped: deadlines are not watched"])


@pytest.mark.asvs("13.4.5")
def test_figures_are_for_this_machine_or_for_whoever_has_the_token(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats(database, "pulse", json.dumps({"tickets": 7, "late": [5, 1, 0, 1], "late_us": 900_000}))
    client = pages.anybody()
    answer = client.get("/metrics")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'tocsin_part_up{part="pulse"} 1.0' in text
    assert 'tocsin_part_up{part="worker"} 0.0' in text
    assert 'tocsin_lateness_seconds_bucket{le="0.25"} 6.0' in text
    assert "tocsin_lateness_seconds_count 7.0" in text
    assert "tocsin_lateness_seconds_sum 0.9" in text
    assert "tocsin_tickets_decided_total 7.0" in text
    assert "acme" not in text.casefold()
    assert client.get("/metrics", headers={"x-forwarded-for": "10.0.0.1"}).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 404
    assert client.get(f"{pages.prefix}/metrics").status_code == 404
    monkeypatch.setenv("TOCSIN_METRICS_TOKEN", "a long one")
    assert client.get("/metrics").status_code == 404
    for given, status in (("Bearer a long one", 200), ("Bearer another", 404), ("a long one", 404)):
        far = client.get("/metrics", headers={"authorization": given}, REMOTE_ADDR="192.0.2.1")
        assert far.status_code == status


# ---------------------------------------------------------------------------- without a database


@pytest.mark.promise("P9")
def test_without_its_database_a_page_says_that_nobody_watches(
    pages: Pages, database: Database
) -> None:
    client = pages.client("dora")
    client.raise_request_exception = False
    gone = Database("postgresql://tocsin@127.0.0.1:1/gone", database.admin_url)
    gone.play("app")
    try:
        for page in (f"{pages.prefix}/hub/", "/t/another/hub/"):
            answer = client.get(page)
            assert answer.status_code == 503
            assert "Deadlines are not being watched" in answer.content.decode()
            assert answer.headers["Retry-After"] == "5"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        part = client.get(f"{pages.prefix}/hub/", headers={"accept": "application/json"})
        assert part.status_code == 503
        assert "cannot reach its database" in part.json()["told"]
    finally:
        database.play("app")
    assert client.get(f"{pages.prefix}/hub/").status_code == 200
