"""The pages of tokens, and the calendar that a token opens."""

import datetime as dt
import logging
import re
from typing import Any

import icalendar
import pytest
from tests.desk import Database
from tests.web.conftest import Pages

from tocsin.actions import api_tokens, config_versions, people
from tocsin.queries.api_tokens import Scope

MINE, MAKE = "/t/acme/my-security/tokens/", "/t/acme/my-security/tokens/make/"
TOKEN = re.compile(r"tcs_[a-z2-7]{12}_[A-Za-z0-9_-]{43}")
FORM = {"name": "Reports", "scopes": ["tickets:read"], "days": "30"}


def made_by(pages: Pages, name: str, *scopes: str) -> str:
    by = pages.made.person(name)
    return api_tokens.make(name="Test", scopes=scopes, by=by).token


def on_call(pages: Pages, *who: str, name: str = "Standard") -> None:
    addresses = [f"{one}@acme.example" for one in who]
    layer = {"people": addresses, "begins": "2026-01-05"}
    data = {"name": name, "zone": "UTC", "layers": [layer]}
    by = pages.made.operator
    config_versions.publish(kind="on-call", key="standard", data=data, by=by)


# -------------------------------------------------------------------------------------------- pages


@pytest.mark.promise("P33")
def test_a_token_is_shown_once_and_never_again(
    pages: Pages, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = pages.client("ann")
    answer = client.post(MAKE, FORM)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    (token,) = set(TOKEN.findall(answer.content.decode()))
    asked = {"authorization": f"Bearer {token}"}
    assert pages.anybody().get("/t/acme/api/v1/me", headers=asked).status_code == 200
    assert pages.anybody().get("/t/acme/api/v1/nothing", headers=asked).status_code == 404
    for place in (MINE, "/t/acme/my-security/", "/t/acme/hub/", "/t/acme/api/v1/me"):
        assert token not in client.get(place).content.decode(), place
    listed = client.get(MINE).content.decode()
    assert token[:16] in listed
    assert "Read tickets and their clocks" in listed
    secret = token[17:]
    assert secret not in caplog.text
    tables = database.rows("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        told = database.one(f"SELECT string_agg(t::text, ' ') FROM {table} t")
        assert secret not in (told or ""), table


WRONG: list[Any] = [
    ({"name": ""}, "name"),
    ({"scopes": []}, "scopes"),
    ({"scopes": ["scim"]}, "scopes"),
    ({"scopes": ["everything"]}, "scopes"),
    ({"scopes": ["calendar", "tickets:read"]}, "scopes"),
    ({"days": "0"}, "days"),
    ({"days": "366"}, "days"),
    ({"days": "x"}, "days"),
]


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    pages: Pages, database: Database
) -> None:
    client = pages.client("ann")
    for changed, place in WRONG:
        answer = client.post(MAKE, {**FORM, **changed})
        assert answer.status_code == 422, changed
        page = answer.content.decode()
        assert f'id="e-{place}"' in page
        assert ('value="Reports"' in page) is (place != "name")
    assert database.one("SELECT count(*) FROM api_token") == 0


@pytest.mark.promise("A41")
def test_making_one_asks_for_a_proof(pages: Pages, database: Database) -> None:
    client = pages.client("ann")
    session = client.session
    session["proved_at"] = 1.0
    session.save()
    answer = client.post(MAKE, FORM)
    assert answer.status_code == 403
    assert answer.headers["X-Prove"]
    assert database.one("SELECT count(*) FROM api_token") == 0


@pytest.mark.promise("P33", "A29")
def test_one_ends_ones_own_and_administrators_end_all(pages: Pages, database: Database) -> None:
    made_by(pages, "ann", Scope.READ_TICKETS)
    revoke = f"{MINE}{database.one('SELECT id FROM api_token')}/revoke/"
    assert pages.client("lea").post(revoke).status_code == 404
    assert pages.client("lea").get("/t/acme/settings/tokens/").status_code == 404
    dora = pages.client("dora")
    listed = dora.get("/t/acme/settings/tokens/").content.decode()
    assert "Ann" in listed
    assert not TOKEN.search(listed)
    answer = dora.post(revoke, {"back": "all"})
    assert answer.headers["Location"] == "/t/acme/settings/tokens/?revoked=1"
    assert database.one("SELECT revoked_at IS NOT NULL FROM api_token") is True
    assert "revoked" in pages.client("ann").get(MINE).content.decode()


# --------------------------------------------------------------------------------------- calendars


def feed(pages: Pages, token: str) -> Any:
    return pages.anybody().get(f"/t/acme/calendar/{token}/shifts.ics")


@pytest.mark.promise("A47")
def test_a_calendar_program_gets_the_shifts_of_its_person_and_no_names(pages: Pages) -> None:
    on_call(pages, "ann", "lea", name="Secret plan")
    answer = feed(pages, made_by(pages, "ann", Scope.CALENDAR))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert "no-store" in answer.headers["Cache-Control"]
    found = icalendar.Calendar.from_ical(answer.content)
    events: list[Any] = list(found.walk("VEVENT"))
    assert events
    assert {str(one["summary"]) for one in events} == {"On call"}
    for name in (b"Ann", b"Lea", b"Secret plan", b"standard"):
        assert name not in answer.content
    # They take turns of a week, so half of the time is another's.
    length = sum((one["dtend"].dt - one["dtstart"].dt for one in events), dt.timedelta())
    assert dt.timedelta(days=90) < length < dt.timedelta(days=130)
    named = feed(pages, made_by(pages, "ann", Scope.CALENDAR_NAMES))
    assert b"On call: Secret plan" in named.content
    assert b"Lea" not in named.content


@pytest.mark.promise("A47")
def test_what_somebody_called_a_schedule_begins_no_line_of_the_calendar(pages: Pages) -> None:
    on_call(pages, "ann", name="Night; shift, \\n " + "long " * 30 + "BEGIN:VALARM")
    people.edit(person=pages.made.people["ann"], name="Ann, A; B", by=pages.made.operator)
    answer = feed(pages, made_by(pages, "ann", Scope.CALENDAR_NAMES))
    lines = answer.content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not [line for line in lines if line.startswith(b"BEGIN:VALARM")]
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    (summary,) = {
        str(one["summary"]) for one in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    }
    assert "Night; shift, \\n long" in summary


@pytest.mark.promise("P33", "A44", "A47")
def test_the_token_of_a_calendar_opens_nothing_else_and_no_other_opens_it(
    pages: Pages, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    pages.made.open()
    token = made_by(pages, "ann", Scope.CALENDAR)
    asked = {"authorization": f"Bearer {token}"}
    for place in ("api/v1/me", "api/v1/tickets/1/clocks", "scim/v2/Users"):
        assert pages.anybody().get(f"/t/acme/{place}", headers=asked).status_code == 401
    assert feed(pages, token).status_code == 200
    missing = feed(pages, "worthless")
    assert missing.status_code == 404
    other = made_by(pages, "ann", Scope.READ_TICKETS)
    assert feed(pages, other).status_code == 404
    api_tokens.revoke(
        token=database.one("SELECT min(id) FROM api_token"), by=pages.made.person("ann")
    )
    gone = feed(pages, token)
    assert (gone.status_code, gone.content) == (404, missing.content)
    # The log says what was asked for, and not by whom.
    assert token not in caplog.text
    assert other not in caplog.text
    assert "calendar/-/shifts.ics" in caplog.text


@pytest.mark.promise("P34", "A47")
def test_a_calendar_ends_with_its_person(pages: Pages) -> None:
    token = made_by(pages, "ann", Scope.CALENDAR)
    people.deactivate(person=pages.made.people["ann"], by=pages.made.operator)
    assert feed(pages, token).status_code == 404
    assert pages.anybody().get(f"/t/bolt/calendar/{token}/shifts.ics").status_code == 404
