"""Schedules of who is on call: shifts, hand-overs, layers, gaps, and who stands in."""

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.engine.random_calendars import HARD_DATES

from tocsin.engine import on_call, rota
from tocsin.engine.calendar import Calendar
from tocsin.engine.on_call import Absence, OnCall, Override, Schedule, Shift
from tocsin.engine.zone import named as zone_named
from tocsin.kit.invalid import Invalid

PEOPLE = {"ann": 1, "bo": 2, "cy": 3, "dee": 4}
ANN, BO, CY, DEE = PEOPLE.values()
STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def schedule(*layers: dict[str, Any], zone: str = "Europe/Stockholm", **given: Any) -> Schedule:
    data = {"zone": zone, "layers": list(layers)}
    return rota.schedule_from("primary", data, who=PEOPLE.get, **given)


def layer(people: list[Any], **given: Any) -> dict[str, Any]:
    return {"people": people, "begins": "2026-01-05", "hand_over": "09:00", **given}


def at(text: str, zone: dt.tzinfo = dt.UTC) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


def spoken(shifts: list[Shift]) -> list[tuple[str, str, tuple[int, ...]]]:
    """Return shifts in local time."""

    def local(t: dt.datetime) -> str:
        return t.astimezone(STOCKHOLM).strftime("%a %m-%d %H:%M")

    return [(local(one.begins), local(one.ends), one.people) for one in shifts]


# ------------------------------------------------------------------------------------- hand-overs


def test_a_weekly_rotation_goes_on_at_its_weekday_and_hour() -> None:
    found = schedule(layer(["ann", "bo"], weekday="mon"))
    line = found.shifts(at("2026-01-01T00:00"), at("2026-01-20T00:00"))
    assert spoken(line) == [
        ("Mon 01-05 09:00", "Mon 01-12 09:00", (ANN,)),
        ("Mon 01-12 09:00", "Mon 01-19 09:00", (BO,)),
        ("Mon 01-19 09:00", "Tue 01-20 01:00", (ANN,)),
    ]
    assert found.at(at("2026-01-05T07:59:59")) == ()
    assert found.at(at("2026-01-05T08:00")) == (ANN,)


def test_a_layer_that_begins_between_its_weekdays_begins_with_the_rest_of_a_turn() -> None:
    found = schedule(layer(["ann", "bo"], begins="2026-01-07", weekday="mon"))
    line = found.shifts(at("2026-01-01T00:00"), at("2026-01-13T00:00"))
    assert spoken(line)[0] == ("Wed 01-07 09:00", "Mon 01-12 09:00", (ANN,))
    assert spoken(line)[1][2] == (BO,)


@pytest.mark.parametrize(
    ("week", "hours"), [("2026-03-23", 167), ("2026-10-19", 169), ("2026-06-01", 168)]
)
def test_hand_over_is_at_the_local_hour_in_both_weeks_of_the_changing_clock(
    week: str, hours: int
) -> None:
    found = schedule(layer(["ann", "bo"], begins=week, weekday="mon"))
    first, second = found.shifts(at(f"{week}T00:00"), at(f"{week}T00:00") + 15 * DAY)[:2]
    assert first.ends - first.begins == hours * HOUR
    assert first.ends == second.begins
    for one in (first, second):
        assert one.begins.astimezone(STOCKHOLM).strftime("%a %H:%M") == "Mon 09:00"


def test_a_hand_over_in_the_gap_is_at_its_end_and_a_doubled_one_at_the_first() -> None:
    found = schedule(layer(["ann", "bo"], every="day", hand_over="02:30"))
    gap = found.next_change(at("2026-03-28T12:00"))
    assert gap == at("2026-03-29T01:00")  # 03:00 summer time
    overlap = found.next_change(at("2026-10-24T12:00"))
    assert overlap == at("2026-10-25T00:30")  # 02:30 summer time, the first of the two
    # In the hour that comes twice nobody is on call a second time.
    assert found.at(at("2026-10-25T01:15")) == found.at(at("2026-10-25T00:45"))


def test_hours_change_hands_at_the_same_local_hours_every_day() -> None:
    found = schedule(layer(["ann", "bo"], every="hours", length=12, hand_over="08:00"))
    line = found.shifts(at("2026-03-27T08:00"), at("2026-03-31T07:00"))
    hours = {one.begins.astimezone(STOCKHOLM).hour for one in line[1:]}
    assert hours == {8, 20}


@pytest.mark.parametrize("every", ["hours", "day", "week"])
@given(hard=st.sampled_from(HARD_DATES), length=st.integers(1, 5), hand_over=st.integers(0, 1439))
@example(hard=("Pacific/Apia", "2011-12-30"), length=1, hand_over=0)
@example(hard=("America/Havana", "2026-11-01"), length=1, hand_over=30)
def test_turns_change_hands_at_the_local_time_and_in_their_order(
    every: str, hard: tuple[str, str], length: int, hand_over: int
) -> None:
    zone, date = hard
    begins = dt.date.fromisoformat(date) - 20 * DAY
    found = schedule(
        layer(
            ["ann", "bo", "cy", "dee"],
            every=every,
            length=length,
            hand_over=f"{hand_over // 60:02d}:{hand_over % 60:02d}",
            begins=begins.isoformat(),
        ),
        zone=zone,
    )
    start = dt.datetime.combine(begins, dt.time(), dt.UTC) + 3 * DAY
    line = found.shifts(start, start + 60 * DAY)
    assert line[0].begins == start
    assert line[-1].ends == start + 60 * DAY
    here = zone_named(zone)
    skipped = 0
    for one, other in pairwise(line):
        assert one.ends == other.begins
        step = (other.people[0] - one.people[0]) % 4
        # A turn that would lie in a gap altogether does not happen; the order stays.
        skipped += step != 1
        second = int(other.begins.timestamp())
        local = second + here.offset_at(second)
        unit = 60 if every == "hours" else 1440
        usual = local % 60 == 0 and (local // 60 - hand_over) % unit == 0
        in_gap = any(change.at == second for change in here.changes(second, second + 1))
        assert usual or in_gap, (other.begins, hand_over)
    # Once at a change of the clock; not again and again.
    assert skipped <= 1


# ----------------------------------------------------------------------------------- the whole line

_WINDOWS = [
    None,
    {"mon": ["00:00-24:00"]},
    {day: ["22:00-30:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "wed", "sat", "sun")},
]


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Schedule, dt.datetime]:
    """Draw a schedule with layers and overrides, and an instant near a change of offset."""
    zone, date = draw(st.sampled_from(HARD_DATES))
    day = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    listed = []
    for _ in range(draw(st.integers(1, 3))):
        one = layer(
            draw(st.permutations(["ann", "bo", ["cy", "dee"]])),
            every=draw(st.sampled_from(["hours", "day", "week"])),
            length=draw(st.integers(1, 9)),
            hand_over=f"{draw(st.integers(0, 23)):02d}:{draw(st.sampled_from([0, 17, 30])):02d}",
            begins=str((day + draw(st.integers(-30, 3)) * DAY).date()),
            beside=draw(st.booleans()),
            zone=draw(st.sampled_from([zone, "Australia/Lord_Howe", "UTC"])),
        )
        windows = draw(st.sampled_from(_WINDOWS))
        listed.append(one | ({"only": windows} if windows else {}))
    made = schedule(*listed, zone=zone)
    overrides = tuple(
        Override(
            draw(st.integers(1, 4)),
            day + draw(st.integers(-5 * 1440, 5 * 1440)) * dt.timedelta(minutes=1),
            day + 6 * DAY + draw(st.integers(0, 99)) * dt.timedelta(microseconds=7),
            order,
        )
        for order in range(draw(st.integers(0, 2)))
    )
    return Schedule(made.key, made.name, made.zone, made.layers, overrides), day


@given(drawn=schedules(), minutes=st.lists(st.integers(0, 12 * 1440), min_size=30, max_size=30))
def test_shifts_and_gaps_cover_exactly_what_at_says(
    drawn: tuple[Schedule, dt.datetime], minutes: list[int]
) -> None:
    made, day = drawn
    begins, ends = day - 6 * DAY, day + 6 * DAY
    shifts, gaps = made.shifts(begins, ends), made.gaps(begins, ends)
    whole = sorted([*shifts, *gaps], key=lambda one: one.begins)
    assert whole[0].begins == begins
    assert whole[-1].ends == ends
    for one, other in pairwise(whole):
        assert one.ends == other.begins
        assert set(one.people) != set(other.people)
    kept = OnCall({"primary": ((begins, made),)})
    edges = [t for one in whole for t in (one.begins, one.ends - dt.timedelta(microseconds=1))]
    for t in [*edges, *(begins + m * dt.timedelta(minutes=1) for m in minutes)]:
        [running] = [one for one in whole if one.begins <= t < one.ends] or [whole[-1]]
        if t < ends:
            assert set(made.at(t)) == set(running.people), t
            assert set(kept.at("primary", t)) == set(running.people), t
    following = [one.begins for one in whole[1:]]
    assert made.next_change(begins) == (following[0] if following else made.next_change(begins))


@given(drawn=schedules(), cut=st.integers(1, 11 * 1440))
def test_a_range_cut_in_two_has_the_same_shifts(
    drawn: tuple[Schedule, dt.datetime], cut: int
) -> None:
    made, day = drawn
    begins, ends = day - 6 * DAY, day + 6 * DAY
    middle = begins + cut * dt.timedelta(minutes=1)
    halves = on_call.merged([*made.shifts(begins, middle), *made.shifts(middle, ends)])
    assert [(s.begins, s.ends, set(s.people)) for s in halves] == [
        (s.begins, s.ends, set(s.people)) for s in made.shifts(begins, ends)
    ]


def test_upper_layers_lie_over_lower_ones_and_overrides_over_all() -> None:
    nights = {day: ["18:00-30:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    made = schedule(layer(["ann"]), layer(["bo"], only=nights))
    assert made.at(at("2026-01-06T12:00", STOCKHOLM)) == (ANN,)
    assert made.at(at("2026-01-06T19:00", STOCKHOLM)) == (BO,)
    overridden = Schedule(
        *("primary", "primary", "UTC", made.layers),
        (
            Override(CY, at("2026-01-06T00:00"), at("2026-01-08T00:00"), 1),
            Override(DEE, at("2026-01-06T12:00"), at("2026-01-07T00:00"), 2),
        ),
    )
    assert overridden.at(at("2026-01-06T06:00")) == (CY,)
    assert overridden.at(at("2026-01-06T13:00")) == (DEE,)  # made later
    assert overridden.at(at("2026-01-07T06:00")) == (CY,)


def test_several_can_share_a_turn_and_a_layer_beside_adds_its_people() -> None:
    trainee = layer(["dee"], beside=True, only={"tue": ["09:00-17:00"]})
    made = schedule(layer([["ann", "bo"], "cy"]), trainee)
    assert made.at(at("2026-01-05T12:00")) == (ANN, BO)
    assert set(made.at(at("2026-01-06T12:00"))) == {ANN, BO, DEE}
    assert made.at(at("2026-01-12T12:00")) == (CY,)


SUN = ("ann", "bo", "cy")
ALL_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Stockholm", "America/New_York", "Asia/Kolkata"])
@given(day=st.integers(0, 400))
def test_the_work_follows_the_sun_without_gap_or_overlap(zone: str, day: int) -> None:
    windows = ["00:00-08:00", "08:00-16:00", "16:00-24:00"]
    made = schedule(
        *(
            layer([who], every="day", hand_over="00:00", only={d: [span] for d in ALL_WEEK})
            for who, span in zip(SUN, windows, strict=True)
        ),
        zone=zone,
    )
    start = at("2026-01-10T00:00") + day * DAY
    line = made.shifts(start, start + 3 * DAY)
    assert made.gaps(start, start + 3 * DAY) == []
    assert all(len(one.people) == 1 for one in line)
    assert all(other.people[0] % 3 == (one.people[0] + 1) % 3 for one, other in pairwise(line))


@given(day=st.integers(0, 400))
def test_three_offices_by_their_own_clocks_leave_no_gap_where_their_days_touch(day: int) -> None:
    # Each place's day reaches an hour past the next one's beginning in any season.
    offices = [
        ("ann", "Australia/Sydney", "08:00-18:00"),
        ("bo", "Europe/Stockholm", "07:00-17:00"),
        ("cy", "America/Los_Angeles", "06:00-18:00"),
    ]
    made = schedule(
        *(
            layer([who], every="day", zone=place, only={d: [span] for d in ALL_WEEK})
            for who, place, span in offices
        )
    )
    start = at("2026-01-10T00:00") + day * DAY
    assert made.gaps(start, start + 2 * DAY) == []
    for one in made.shifts(start, start + 2 * DAY):
        assert len(one.people) == 1


def test_a_layer_is_silent_on_holidays_or_only_then() -> None:
    office = Calendar.from_dict(
        {
            "zone": "Europe/Stockholm",
            "week": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
            "holidays": [{"days": {"2026-01-06": "Epiphany", "2026-05-01": "May day"}}],
            "exceptions": {"2026-05-01": ["09:00-12:00"], "2026-01-08": []},
        }
    )
    calendars = {"office": office}
    weekdays = layer(["ann"], holidays={"calendar": "office", "days": "skip"})
    feasts = layer(["bo"], holidays={"calendar": "office", "days": "only"})
    made = schedule(weekdays, feasts, calendars=calendars)
    assert made.at(at("2026-01-05T12:00")) == (ANN,)
    assert made.at(at("2026-01-06T12:00")) == (BO,)
    assert made.at(at("2026-01-08T12:00")) == (BO,)
    assert made.at(at("2026-05-01T12:00")) == (ANN,)  # half a day is no closed day
    alone = schedule(weekdays, calendars=calendars)
    [gap, _] = alone.gaps(at("2026-01-05T12:00"), at("2026-01-09T00:00"))
    assert gap.begins.astimezone(STOCKHOLM) == at("2026-01-06T00:00", STOCKHOLM)
    assert gap.ends.astimezone(STOCKHOLM) == at("2026-01-07T00:00", STOCKHOLM)


def test_no_change_is_ahead_of_one_person_who_is_always_on_call() -> None:
    made = schedule(layer(["ann"]))
    assert made.next_change(at("2026-02-01T00:00")) is None
    assert made.next_change(at("2026-01-01T00:00")) == at("2026-01-05T08:00")


def test_a_version_counts_from_its_instant_and_the_first_one_before() -> None:
    old, new = schedule(layer(["ann"])), schedule(layer(["bo"]))
    since = at("2026-02-01T00:00")
    kept = OnCall({"primary": ((at("2026-01-20T00:00"), old), (since, new))})
    assert kept.version("primary", at("2026-01-06T00:00")) is old
    assert kept.version("primary", since) is new
    assert kept.version("other", since) is None
    line = kept.shifts("primary", since - DAY, since + DAY)
    assert [(one.begins, one.people) for one in line] == [(since - DAY, (ANN,)), (since, (BO,))]


# ---------------------------------------------------------------------------------------- absence


def away(person: int, substitute: int | None = None, order: int = 0) -> Absence:
    return Absence(person, at("2026-01-06T00:00"), at("2026-01-08T00:00"), substitute, order)


@pytest.mark.scenario("E54")
def test_substitutes_are_followed_and_a_circle_is_nobody() -> None:
    inside, outside = at("2026-01-07T00:00"), at("2026-01-08T00:00")
    chain = {ANN: [away(ANN, BO)], BO: [away(BO, CY)]}
    assert on_call.present(ANN, inside, chain) == CY
    assert on_call.present(ANN, outside, chain) == ANN
    assert on_call.present(ANN, inside, {**chain, CY: [away(CY)]}) is None
    circle = {**chain, CY: [away(CY, ANN)]}
    for one in (ANN, BO, CY):
        assert on_call.present(one, inside, circle) is None
    assert on_call.present(DEE, inside, {DEE: [away(DEE, ANN)], **circle}) is None
    # Of two absences that run at once the one that was written down last counts.
    assert on_call.present(ANN, inside, {ANN: [away(ANN, BO, 1), away(ANN, DEE, 2)]}) == DEE
    assert on_call.present(ANN, inside, {ANN: [away(ANN, BO)]}, gone={BO}) is None


def test_shifts_name_who_stands_in_and_are_empty_where_nobody_does() -> None:
    made = schedule(layer(["ann"]))
    line = made.line(at("2026-01-05T08:00"), at("2026-01-10T00:00"))
    stood_in = list(on_call.covered(line, {ANN: [away(ANN, BO)]}))
    assert [one.people for one in stood_in] == [(ANN,), (BO,), (ANN,)]
    alone = list(on_call.covered(line, {ANN: [away(ANN)]}))
    assert [one.people for one in alone] == [(ANN,), (), (ANN,)]
    assert alone[1].begins == at("2026-01-06T00:00")


# ---------------------------------------------------------------------------------------- refusals


def _with(**given: Any) -> Callable[[], object]:
    return lambda: schedule(layer(["ann"], **given))


@pytest.mark.parametrize(
    ("build", "path", "words"),
    [
        (schedule, "layers", "1 to 20 layers"),
        (lambda: schedule(layer([])), "layers[0].people", "1 to 200"),
        (lambda: schedule(layer(["eve"])), "layers[0].people[0]", "nobody with the address"),
        (lambda: schedule(layer([["ann", "ann"]])), "layers[0].people[0]", "named twice"),
        (lambda: schedule(layer(["ann"]), zone="Mars"), "zone", "unknown time zone"),
        (_with(every="month"), "layers[0].every", "not one of"),
        (_with(length=0), "layers[0].length", "at least 1"),
        (_with(length=53), "layers[0].length", "at most 52"),
        (_with(hand_over="9"), "layers[0].hand_over", "time of day"),
        (_with(hand_over="24:00"), "layers[0].hand_over", "time of day"),
        (_with(weekday="monday"), "layers[0].weekday", "not one of"),
        (_with(weekday="mon", every="day"), "layers[0].weekday", "only weekly"),
        (_with(begins="soon"), "layers[0].begins", "not a date"),
        (_with(zone="Mars"), "layers[0].zone", "unknown time zone"),
        (_with(only={}), "layers[0].only", "no hours at all"),
        (_with(only={"mon": ["9-17"]}), "layers[0].only.mon[0]", "not a span"),
        (_with(holidays={"calendar": "x"}), "layers[0].holidays.calendar", "not one of"),
        (_with(beside="yes"), "layers[0].beside", "true or false"),
        (_with(peple=[]), "layers[0].peple", "did you mean people"),
    ],
)
def test_mistakes_are_refused_by_field(build: Callable[[], object], path: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        build()
    assert refused.value.path == path
    assert words in refused.value.reason


def test_a_check_of_each_field_finds_all_mistakes_at_once() -> None:
    data = {
        "zone": "Mars",
        "layers": [
            {"people": ["eve"], "every": "month", "hand_over": "9", "length": 0},
            7,
        ],
    }
    found = []
    for check in rota.checks(data, who=PEOPLE.get, calendars={}):
        try:
            check()
        except Invalid as error:
            found.append(error.path)
    assert found == [
        "zone",
        *(f"layers[0].{name}" for name in ("people[0]", "every", "begins", "length", "hand_over")),
        "layers[1]",
    ]
