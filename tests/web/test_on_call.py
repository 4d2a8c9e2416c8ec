"""Pages of who is on call: schedules over time, their forms, absences, the simulator, files."""

import datetime as dt
import re
from typing import Any

import icalendar
import pytest
from tests.desk import POLICIES, Company, Database
from tests.web.conftest import Pages

from tocsin.actions import config_versions, drafts, on_call, sla
from tocsin.kit import machine_clock
from tocsin.queries import configuration, shifts
from tocsin.web import on_call_calendar

NOW = machine_clock.wall().replace(minute=0, second=0, microsecond=0)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
BEGINS = str((NOW - 10 * DAY).date())


def publish(made: Company, key: str = "primary", **given: Any) -> None:
    layer = {"people": ["ann@acme.example", "lea@acme.example"], "every": "day"}
    layer |= {"begins": BEGINS, "hand_over": "08:00", "name": "Days", **given}
    data = {"name": "Primary; the <first>", "zone": "Europe/Stockholm", "layers": [layer]}
    config_versions.publish(kind="on-call", key=key, data=data, by=made.operator)


def typed(at: dt.datetime) -> str:
    """Return an instant as a field has it; readers of these tests read in UTC."""
    return f"{at:%Y-%m-%dT%H:%M}"


def test_the_list_says_who_is_on_call_and_where_nobody_is(pages: Pages) -> None:
    client = pages.client("ann")
    assert "There is no schedule yet" in client.get("/t/acme/settings/on-call/").content.decode()
    weekend = {"sat": ["00:00-24:00"]}
    publish(pages.made)
    publish(pages.made, "second", only=weekend)
    page = client.get("/t/acme/settings/on-call/").content.decode()
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)[1:]
    assert "never" in rows[0]
    assert re.search("Ann|Lea", rows[0])
    assert "nobody" in rows[1] or "–" in rows[1]
    assert "never" not in rows[1]


def test_a_schedule_is_drawn_with_its_layers_its_gaps_and_now(pages: Pages) -> None:
    publish(pages.made, only={"sat": ["00:00-24:00"]})
    client = pages.client("ann")
    page = client.get("/t/acme/settings/on-call/primary/").content.decode()
    assert "Europe/Stockholm" in page
    assert "r-now" in page
    assert "r-gap" in page
    assert "times nobody is on call" in page
    assert page.count("r-date") == 14
    four = client.get("/t/acme/settings/on-call/primary/?weeks=4&from=2026-03-16").content.decode()
    assert four.count("r-date") == 28
    assert "Mon 16 Mar 00:00 – Mon 13 Apr 00:00" in four
    # Somebody who only looks finds no forms.
    assert "Add override" not in page
    assert client.get("/t/acme/settings/on-call/nothing/").status_code == 404
    for odd in ("x", "0001-01-01", "9999-12-31"):
        assert client.get(f"/t/acme/settings/on-call/primary/?from={odd}").status_code == 200


def test_a_lead_overrides_and_takes_it_back(pages: Pages, database: Database) -> None:
    publish(pages.made)
    lead = pages.client("lea")
    where = "/t/acme/settings/on-call/primary/override/"
    form = {"person": pages.made.people["mia"], "begins": typed(NOW), "ends": typed(NOW + 5 * HOUR)}
    wrong = lead.post(where, {**form, "ends": typed(NOW - HOUR)})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "must be later than the beginning" in page
    assert f'value="{typed(NOW)}"' in page  # what was typed is kept
    for sent in ({"person": "x"}, {"begins": "soon"}, {"person": "999999"}):
        assert lead.post(where, {**form, **sent}).status_code == 422
    assert lead.post(where, form).status_code == 302
    assert "Mia" in lead.get("/t/acme/settings/on-call/primary/").content.decode()
    id_ = database.one("SELECT id FROM on_call_override")
    assert pages.client("ann").post(where, form).status_code == 404
    gone = lead.post(f"/t/acme/settings/overrides/{id_}/remove/", {"key": "primary"})
    assert gone.headers["Location"].endswith("/settings/on-call/primary/")
    found = shifts.plan(key="primary", by=pages.made.operator, begins=NOW, ends=NOW + DAY)
    assert found is not None
    assert found.overrides == ()


def test_people_say_that_they_are_away_and_who_stands_in(pages: Pages, database: Database) -> None:
    ann = pages.client("ann")
    where = "/t/acme/settings/absences/"
    form: dict[str, Any] = {
        "person": pages.made.people["ann"],
        "substitute": pages.made.people["lea"],
    }
    form |= {"begins": typed(NOW), "ends": typed(NOW + DAY), "note": "<b>surgery</b>"}
    wrong = ann.post(where, {**form, "substitute": form["person"]})
    assert wrong.status_code == 422
    assert "nobody stands in for themselves" in wrong.content.decode()
    assert ann.post(where, form).status_code == 302
    assert "&lt;b&gt;surgery" in ann.get(where).content.decode()
    # Why is nobody's business but that of who plans.
    database.rows("UPDATE person SET role = 'agent' WHERE id = %s", pages.made.people["mia"])
    assert "surgery" not in pages.client("mia").get(where).content.decode()
    assert "surgery" in pages.client("lea").get(where).content.decode()
    other = {**form, "person": pages.made.people["lea"], "substitute": ""}
    assert ann.post(where, other).status_code == 404
    id_ = database.one("SELECT id FROM absence")
    assert pages.client("mia").post(f"{where}{id_}/end/").status_code == 404
    assert ann.post(f"{where}{id_}/end/").status_code == 302
    assert "Nobody is away" in ann.get(where).content.decode()


def test_a_schedule_is_written_without_code_previewed_and_activated(pages: Pages) -> None:
    dora = pages.client("dora")
    new = dora.post("/t/acme/settings/new-on-call/", {"key": "nights"})
    assert new.headers["Location"].endswith("/settings/on-call/nights/edit/")
    where = "/t/acme/settings/on-call/nights/edit/"
    assert "name who takes turns" in dora.get(where).content.decode()
    form = {
        "base": "0",
        "name": "Nights",
        "zone": "Europe/Stockholm",
        "layers.0.people": ["ann@acme.example, lea@acme.example", "mia@acme.example", ""],
        "layers.0.every": "week",
        "layers.0.length": "2",
        "layers.0.hand_over": "18:00",
        "layers.0.weekday": "fri",
        "layers.0.begins": BEGINS,
        "layers.0.only.mon": "00:00-08:00, 18:00-24:00",
        "layers.0.calendar": "always",
        "layers.0.days": "skip",
        "do": "add layer",
    }
    more = dora.post(where, form).content.decode()
    assert 'name="layers.1.people"' in more
    bad = {**form, "do": "save", "layers.0.hand_over": "6pm", "layers.0.only.mon": "all day"}
    dora.post(where, bad)
    page = dora.get(where).content.decode()
    assert "&#39;6pm&#39;" not in page
    assert "6pm is no time of day" in page
    assert "all day is not a span" in page
    to = dora.post(where, {**form, "do": "preview"})
    assert to.headers["Location"].endswith("/settings/preview/on-call/nights/")
    assert dora.get(to.headers["Location"]).status_code == 200
    dora.post("/t/acme/settings/activate/on-call/nights/", {"basis": "new tickets"})
    found = configuration.thing(kind="on-call", key="nights", by=pages.made.operator)
    assert found is not None
    [layer] = found.data["layers"]
    assert layer["people"] == [["ann@acme.example", "lea@acme.example"], "mia@acme.example"]
    assert layer["only"] == {"mon": ["00:00-08:00", "18:00-24:00"]}
    assert layer["holidays"] == {"calendar": "always", "days": "skip"}
    # What is shown and sent again is the same.
    again = dora.get(where).content.decode()
    assert 'value="ann@acme.example, lea@acme.example"' in again
    assert pages.client("ann").get(where).status_code == 404


@pytest.mark.parametrize(
    ("do", "people"),
    [("up turn 0 1", ["lea", "ann", "mia"]), ("remove turn 0 0", ["lea", "mia"])],
)
def test_turns_are_moved_and_removed(pages: Pages, do: str, people: list[str]) -> None:
    made = {"zone": "UTC", "name": "X", "layers": []}
    drafts.save(kind="on-call", key="x", data=made, by=pages.made.operator)
    listed = [f"{name}@acme.example" for name in ("ann", "lea", "mia")]
    form = {"layers.0.people": listed, "layers.0.begins": BEGINS, "do": do}
    page = pages.client("dora").post("/t/acme/settings/on-call/x/edit/", form).content.decode()
    found = re.findall(r'name="layers.0.people" value="([^"]*)"', page)
    assert found == [*(f"{name}@acme.example" for name in people), ""]


def events(content: bytes) -> list[Any]:
    """Return the shifts of a calendar file."""
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def test_calendar_files_say_the_shifts_in_utc_and_keep_their_uids(pages: Pages) -> None:
    publish(pages.made)
    ann = pages.client("ann")
    answer = ann.get("/t/acme/settings/on-call/primary/shifts.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    first = events(answer.content)
    names = {str(one["summary"]) for one in first}
    assert names == {f"On call: Primary; the <first> ({name})" for name in ("Ann", "Lea")}
    assert rb"Primary\; the" in answer.content
    begins = re.findall(rb"DTSTART[^\r]*", answer.content)
    assert all(re.fullmatch(rb"DTSTART:\d{8}T\d{6}Z", one) for one in begins), begins[:3]
    assert len({str(one["uid"]) for one in first}) == len(first)
    # Tomorrow's file calls the same shifts by the same names.
    was = {str(one["uid"]): one["dtend"].dt for one in first}
    by = pages.made.operator
    later = shifts.duties(by=by, key="primary", now=NOW + DAY)
    second = on_call_calendar.written("acme", "Primary", later, now=NOW + DAY)
    shared = [one for one in events(second) if str(one["uid"]) in was]
    assert len(shared) >= len(first) - 2
    assert all(was[str(one["uid"])] == one["dtend"].dt for one in shared[:-1])
    own = ann.get(f"/t/acme/settings/shifts/{pages.made.people['lea']}/shifts.ics")
    listed = events(own.content)
    assert {str(one["summary"]).rpartition("(")[2] for one in listed} == {"Lea)"}
    assert ann.get("/t/acme/settings/shifts/999999/shifts.ics").status_code == 404
    assert ann.get("/t/acme/settings/on-call/nothing/shifts.ics").status_code == 404


def test_the_simulator_says_who_would_be_called(pages: Pages) -> None:
    made = pages.made
    path = {
        "levels": [
            {"name": "L1", "team": "Service desk", "notify": ["on-call:primary", "owner"]},
            {"name": "L2", "team": "Second line", "wait": "30m", "notify": ["on-call:nobody"]},
        ]
    }
    sla.publish(config=_policies(path), by=made.operator)
    publish(made, every="week", people=["ann@acme.example"])
    made.open(team="service desk")
    client = pages.client("ann")
    page = client.get("/t/acme/settings/would-call/?ticket=T-1").content.decode()
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "on-call:primary: Ann" in said
    assert "on-call:nobody: nobody" in said
    assert "after 30 min of open time" in said
    # At another instant somebody else stands in.
    on_call.add_absence(
        person=made.people["ann"],
        substitute=made.people["mia"],
        begins=NOW + 2 * DAY,
        ends=NOW + 3 * DAY,
        by=made.operator,
    )
    then = typed(NOW + 2 * DAY + HOUR)
    later = client.get(f"/t/acme/settings/would-call/?ticket=1&at={then}").content.decode()
    assert "on-call:primary: Mia" in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", later))
    for asked in ("ticket=x", "ticket=999", "ticket=1&at=soon"):
        assert client.get(f"/t/acme/settings/would-call/?{asked}").status_code == 422, asked


def _policies(path: dict[str, Any]) -> dict[str, Any]:
    return {**POLICIES, "paths": {"standard": path}}
