"""Schedules, overrides and absences of a desk, and who is found by them."""

import datetime as dt
from typing import Any

import pytest
from tests.desk import ALWAYS, POLICIES, Company, Database, at, company, inside

from tocsin.actions import config_versions, sla
from tocsin.actions import on_call as deeds
from tocsin.engine.on_call import Shift
from tocsin.kit.invalid import Invalid
from tocsin.queries import desk, on_call, on_call_form
from tocsin.queries.access import NotAllowed, NotFound
from tocsin.queries.desk import Desk

MONDAY = at("2026-03-02 00:00")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def layer(*who: str, **given: Any) -> dict[str, Any]:
    people_ = [f"{name}@acme.example" for name in who]
    return {"people": people_, "begins": "2026-03-02", "hand_over": "08:00", **given}


def publish(made: Company, *layers: dict[str, Any], key: str = "primary") -> list[str]:
    data = {"name": "Primary", "zone": "UTC", "layers": list(layers)}
    return config_versions.publish(kind="on-call", key=key, data=data, by=made.operator, now=MONDAY)


def looked(made: Company) -> Desk:
    with inside(made.tenant):
        return desk.at_work(made.tenant)[0]


def called(made: Company, when: dt.datetime, key: str = "primary") -> list[str]:
    names = {id_: name for name, id_ in made.people.items()}
    return [names[id_] for id_ in on_call.at(looked(made), key, when)]


def spoken(made: Company, shifts: list[Shift]) -> list[tuple[str, ...]]:
    names = {id_: name for name, id_ in made.people.items()}
    return [tuple(names[id_] for id_ in one.people) for one in shifts]


def facts(database: Database, stream: str) -> list[str]:
    found = database.rows(
        "SELECT payload::json->>'did' FROM event WHERE stream_kind = %s ORDER BY id", stream
    )
    return [row[0] for row in found]


def test_a_published_schedule_says_who_is_on_call(database: Database) -> None:
    made = company()
    assert publish(made, layer("ann", "lea", every="day")) == ["on-call primary v1"]
    assert publish(made, layer("ann", "lea", every="day")) == []
    assert called(made, MONDAY + 7 * HOUR) == []
    assert called(made, MONDAY + 8 * HOUR) == ["ann"]
    assert called(made, MONDAY + 32 * HOUR) == ["lea"]
    assert called(made, MONDAY, "nothing") == []
    found = looked(made)
    assert on_call.next_shift(found, "primary", MONDAY) == MONDAY + 8 * HOUR
    assert on_call.next_shift(found, "primary", MONDAY + 8 * HOUR) == MONDAY + 32 * HOUR
    assert on_call.next_shift(found, "nothing", MONDAY) is None
    publish(made, layer("mia"))
    assert called(made, MONDAY + 8 * HOUR) == ["mia"]


def test_a_schedule_with_mistakes_is_refused_by_field(database: Database) -> None:
    made = company()
    with pytest.raises(Invalid) as refused:
        publish(made, layer("eve"))
    assert refused.value.path == "layers[0].people[0]"
    with pytest.raises(NotFound):
        config_versions.publish(
            kind="on-call", key="x", data={}, by=made.person("lea", "lead"), now=MONDAY
        )


def test_an_override_takes_the_place_of_all_and_is_a_fact(database: Database) -> None:
    made = company()
    publish(made, layer("ann"))
    lead = made.person("lea", "lead")
    noon = MONDAY + 12 * HOUR
    before = looked(made).config_version
    id_ = deeds.add_override(
        schedule="primary",
        person=made.people["mia"],
        begins=noon,
        ends=noon + 4 * HOUR,
        by=lead,
        now=MONDAY,
    )
    assert looked(made).config_version == before + 1
    assert called(made, noon) == ["mia"]
    assert called(made, noon + 4 * HOUR) == ["ann"]
    assert database.one("SELECT author_id FROM on_call_override") == made.people["lea"]
    # It has begun: what was before stays known.
    deeds.remove_override(override=id_, by=lead, now=noon + HOUR)
    assert called(made, noon) == ["mia"]
    assert called(made, noon + HOUR) == ["ann"]
    with pytest.raises(NotAllowed, match="over"):
        deeds.remove_override(override=id_, by=lead, now=noon + 2 * HOUR)
    assert facts(database, "on-call") == ["published", "override added", "override removed"]


def test_an_override_that_has_not_begun_goes_altogether(database: Database) -> None:
    made = company()
    publish(made, layer("ann"))
    given = {"begins": MONDAY + DAY, "ends": MONDAY + 2 * DAY, "now": MONDAY}
    id_ = deeds.add_override(
        schedule="primary", person=made.people["mia"], by=made.operator, **given
    )
    deeds.remove_override(override=id_, by=made.operator, now=MONDAY)
    assert called(made, MONDAY + DAY + HOUR) == ["ann"]
    assert database.one("SELECT count(*) FROM on_call_override") == 0
    with pytest.raises(NotFound):
        deeds.remove_override(override=id_, by=made.operator, now=MONDAY)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"schedule": "primry"}, "schedule"),
        ({"person": 999}, "person"),
        ({"ends": MONDAY + 8 * HOUR}, "ends"),
        ({"begins": MONDAY - 2 * DAY, "ends": MONDAY - DAY}, "ends"),
        ({"ends": MONDAY + 800 * DAY}, "ends"),
    ],
)
def test_an_override_that_says_nothing_sound_is_refused(
    database: Database, given: dict[str, Any], field: str
) -> None:
    made = company()
    publish(made, layer("ann"))
    sound = {"schedule": "primary", "person": made.people["mia"]}
    sound |= {"begins": MONDAY + 8 * HOUR, "ends": MONDAY + 9 * HOUR}
    with pytest.raises(Invalid) as refused:
        deeds.add_override(**{**sound, **given}, by=made.operator, now=MONDAY)
    assert refused.value.path == field


@pytest.mark.promise("P27")
def test_agents_plan_their_own_absence_and_nothing_else(database: Database) -> None:
    made = company()
    publish(made, layer("ann"))
    ann, lead = made.person("ann"), made.person("lea", "lead")
    given: dict[str, Any] = {"begins": MONDAY, "ends": MONDAY + DAY, "now": MONDAY}
    with pytest.raises(NotFound):
        deeds.add_override(schedule="primary", person=made.people["ann"], by=ann, **given)
    with pytest.raises(NotFound):
        deeds.add_absence(person=made.people["mia"], by=ann, **given)
    own = deeds.add_absence(person=made.people["ann"], by=ann, **given)
    theirs = deeds.add_absence(person=made.people["mia"], by=lead, **given)
    with pytest.raises(NotFound):
        deeds.end_absence(absence=theirs, by=ann, now=MONDAY + HOUR)
    deeds.end_absence(absence=own, by=ann, now=MONDAY + HOUR)
    deeds.end_absence(absence=theirs, by=lead, now=MONDAY + HOUR)
    assert facts(database, "absence") == ["added", "added", "ended", "ended"]


@pytest.mark.scenario("E54")
def test_substitutes_are_called_in_the_place_of_who_is_away(database: Database) -> None:
    made = company()
    publish(made, layer("ann"))
    noon = MONDAY + 12 * HOUR

    def away(name: str, substitute: str | None) -> int:
        return deeds.add_absence(
            person=made.people[name],
            substitute=made.people[substitute] if substitute else None,
            begins=noon,
            ends=noon + DAY,
            note="at the dentist's",
            by=made.operator,
            now=MONDAY,
        )

    away("ann", "lea")
    assert called(made, noon) == ["lea"]
    away("lea", "mia")
    assert called(made, noon) == ["mia"]
    assert on_call.present(looked(made), made.people["ann"], noon) == made.people["mia"]
    circle = away("mia", "ann")
    assert called(made, noon) == []
    assert on_call.present(looked(made), made.people["ann"], noon) is None
    # Nobody is there until the first of them is back.
    assert on_call.next_shift(looked(made), "primary", noon) == noon + DAY
    line = on_call.line(looked(made), "primary", noon - HOUR, noon + DAY + HOUR)
    assert spoken(made, line) == [("ann",), (), ("ann",)]
    deeds.end_absence(absence=circle, by=made.operator, now=noon + HOUR)
    assert called(made, noon + HOUR) == ["mia"]
    # What was said of the reason can be erased; it is no part of the fact.
    assert "dentist" not in database.one("SELECT string_agg(payload, '') FROM event")


@pytest.mark.scenario("E53")
def test_whoever_has_left_is_not_called(database: Database) -> None:
    made = company()
    publish(made, layer("ann", "lea", every="day"))
    database.rows("UPDATE person SET is_active = false WHERE id = %s", made.people["ann"])
    desk.forget()
    assert called(made, MONDAY + 9 * HOUR) == []
    assert on_call.next_shift(looked(made), "primary", MONDAY + 9 * HOUR) == MONDAY + 32 * HOUR


def test_a_desk_sees_nothing_of_the_schedules_of_another(database: Database) -> None:
    made, other = company("acme"), company("bolt")
    publish(made, layer("ann"))
    given: dict[str, Any] = {"begins": MONDAY + HOUR, "ends": MONDAY + DAY, "now": MONDAY}
    id_ = deeds.add_override(
        schedule="primary", person=made.people["mia"], by=made.operator, **given
    )
    assert looked(other).on_call.schedules == {}
    with pytest.raises(NotFound):
        deeds.remove_override(override=id_, by=other.operator, now=MONDAY)
    with pytest.raises(Invalid):
        deeds.add_absence(person=made.people["ann"], by=other.operator, **given)


# ------------------------------------------------------------------- clocks that run without people

_DAYS = ("mon", "tue", "wed", "thu", "fri")


@pytest.mark.scenario("E60")
def test_a_clock_that_runs_at_night_for_a_team_of_the_day_is_warned_of(
    database: Database,
) -> None:
    made = company()
    office = {"zone": "UTC", "week": {day: ["09:00-17:00"] for day in _DAYS}}
    calendars = {"always": ALWAYS, "office": office}
    sla.publish(config={**POLICIES, "calendars": calendars}, by=made.operator, now=MONDAY)
    # Nobody has said when these teams work: there is nothing to warn of.
    assert warned(made) == []
    for team in ("service desk", "second line", "major incident"):
        config_versions.publish(
            kind="hours",
            key=f"team:{team}",
            data={"calendar": "office"},
            by=made.operator,
            now=MONDAY,
        )
    night = (MONDAY, MONDAY + 9 * HOUR)
    assert warned(made) == [
        ("resolution", "P1", *night),
        ("resolution", "any other priority", *night),
    ]
    # A schedule that is named covers what the teams leave open, where somebody is on call.
    path = {"levels": [{"name": "L1", "team": "Service desk", "notify": ["on-call:primary"]}]}
    sla.publish(
        config={**POLICIES, "calendars": calendars, "paths": {"standard": path}},
        by=made.operator,
        now=MONDAY,
    )
    assert len(warned(made)) == 2
    nights = {day: ["17:00-33:00"] for day in _DAYS[:4]}
    publish(made, layer("ann", hand_over="00:00", only=nights | {"fri": ["17:00-48:00"]}))
    morning = (MONDAY, MONDAY + 9 * HOUR)
    assert warned(made)[0] == ("resolution", "P1", *morning)
    publish(made, layer("ann", hand_over="00:00"))
    assert warned(made) == []


def warned(made: Company) -> list[tuple[str, str, dt.datetime, dt.datetime]]:
    found = looked(made)
    policy = max(
        (one for one in found.versions.policies if one.key == "standard"),
        key=lambda one: one.version,
    )
    warnings = on_call_form.warnings(found, policy, now=MONDAY)
    return [(one.clock, one.row, one.begins, one.ends) for one in warnings]


def test_a_file_is_read_without_a_desk(database: Database) -> None:
    made = company()
    data = {"zone": "UTC", "layers": [layer("anybody", "else")]}
    nowhere = Desk(0, 0, "", "", "UTC", "en", looked(made).versions, {}, {}, {})
    for check in on_call_form.mistakes(data, nowhere):
        check()
