"""Stories of alerts and escalation: what is told, when, once, and not after it is too late."""

import datetime as dt

import pytest
from tests.stories.story import (
    Story,
    at,
    hours,
    messages,
    minutes,
    policy,
    promise,
    timeline,
    words,
)

from tocsin.engine.alert import Alert
from tocsin.engine.effect import Breached, Escalate, Restate, Warn

PATHS = {
    "rescue": {
        "levels": [
            {"name": "L1", "wait": "0m", "team": "desk"},
            {"name": "L2", "wait": "2h", "team": "second line"},
            {"name": "L3", "wait": "2h", "in": "wall", "team": "managers"},
        ]
    }
}


def opened(when: str, target: str, *alerts: dict[str, str], **fields: object) -> Story:
    story = Story(promise("resolution", target, alerts=[*alerts], **fields), paths=PATHS)
    story.opened(when)
    return story


@pytest.mark.scenario("E35")
def test_a_warning_longer_than_the_target_comes_at_once_and_once() -> None:
    story = opened("Mon 09:00", "2h", {"before": "4h"}, {"before": "3h"})
    first = story.pulse("Mon 09:00")
    assert sorted(words(first)) == [
        "warn 3 h before, compressed",
        "warn 4 h before, compressed, superseded",
    ]
    sent = [e for e in first if isinstance(e, Warn) and not e.superseded]
    assert len(sent) == 1
    assert all(e.compressed for e in first if isinstance(e, Warn))
    assert len(messages(first)) == 1
    assert timeline(story.runs_until("Mon 17:00")) == [("Mon 12 11:00", "breach resolution")]


@pytest.mark.scenario("E35")
def test_shares_of_the_target_always_fit() -> None:
    story = opened("Mon 09:00", "2h", {"at": "1%"}, {"at": "50%"}, {"at": "150%"})
    assert timeline(story.runs_until("Mon 17:00")) == [
        ("Mon 12 09:01", "warn 1 %"),
        ("Mon 12 10:00", "warn 50 %"),
        ("Mon 12 11:00", "breach resolution"),
        ("Mon 12 12:00", "warn 150 %"),
    ]


@pytest.mark.scenario("E36")
def test_one_business_hour_before_monday_half_past_nine_is_friday() -> None:
    story = opened("last Fri 10:00", "7h30m", {"before": "1h"}, {"before": "1h", "in": "wall"})
    assert story.due("resolution") == at("Mon 09:30")
    assert timeline(story.runs_until("Mon 09:30")) == [
        ("Fri 9 16:30", "warn 1 h before"),
        ("Mon 12 08:30", "warn 1 h before (wall time)"),
    ]


@pytest.mark.scenario("E37")
def test_a_share_that_would_fall_into_a_pause_is_planned_anew() -> None:
    story = opened("Mon 09:00", "4h", {"at": "75%"})
    story.pulse("Mon 09:00")
    assert story.wakes_at() == at("Mon 12:00")
    story.status("Mon 11:00", "waiting customer")
    assert story.pulse("Mon 11:00") == []
    assert story.wakes_at() is None
    assert timeline(story.runs_until("Tue 10:00")) == []
    story.status("Tue 10:00", "open")
    assert timeline(story.runs_until("Tue 11:30")) == [("Tue 13 11:00", "warn 75 %")]
    story.status("Tue 11:30", "waiting customer")
    story.status("Tue 14:00", "open")
    assert timeline(story.runs_until("Tue 14:30")) == []


@pytest.mark.scenario("E37")
def test_a_share_that_nobody_saw_before_a_pause_comes_when_it_ends() -> None:
    story = opened("Mon 09:00", "4h", {"at": "75%"})
    story.status("Mon 12:30", "waiting customer")
    assert story.pulse("Mon 12:30") == []
    story.status("Tue 10:00", "open")
    [warning] = [effect for effect in story.pulse("Tue 10:05") if isinstance(effect, Warn)]
    assert (warning.planned_at, warning.late) == (at("Tue 10:00"), minutes(5))
    assert not warning.compressed


@pytest.mark.scenario("E37")
def test_a_share_of_a_promise_of_days_waits_as_well() -> None:
    days = {"business_days": 2, "at": "close"}
    story = Story(promise("resolution", days, alerts=[{"at": "50%"}]))
    story.opened("Mon 09:00")
    story.status("Tue 09:00", "waiting customer")
    story.status("Tue 11:00", "open")
    assert story.due("resolution") == at("Thu 11:00")
    # The promise came to 24 open hours, of which 12 are used 4 hours after it went on.
    assert timeline(story.runs_until("Thu 11:00")) == [("Tue 13 15:00", "warn 50 %")]


@pytest.mark.scenario("E38")
def test_asleep_over_the_due_it_records_the_truth_and_says_it_once() -> None:
    story = opened("Mon 06:00", "1h", {"at": "50%"}, {"before": "15m"}, path="rescue")
    assert story.due("resolution") == at("Mon 10:00")
    found = story.pulse("Mon 11:00")
    [breach] = [effect for effect in found if isinstance(effect, Breached)]
    assert breach.breach.breached_at == at("Mon 10:00")
    assert breach.detected_at == at("Mon 11:00")
    assert sorted(words(found)) == [
        "breach resolution",
        "escalate L1",
        "warn 15 min before, superseded",
        "warn 50 %, superseded",
    ]
    [message] = messages(found)
    assert [key.deed.value for key in message.items] == ["breach", "escalate"]


@pytest.mark.scenario("E38")
def test_asleep_over_several_levels_only_the_highest_acts() -> None:
    story = opened("Mon 09:00", "1h", path="rescue")
    found = story.pulse("Mon 15:00")
    levels = {e.step.name: e for e in found if isinstance(e, Escalate)}
    assert {name: level.superseded for name, level in levels.items()} == {
        "L1": True,
        "L2": True,
        "L3": False,
    }
    assert levels["L3"].planned_at == at("Mon 14:00")
    assert levels["L3"].late == hours(1)


@pytest.mark.scenario("E38")
def test_levels_are_planned_from_plans_so_lateness_never_adds_up() -> None:
    story = opened("Mon 09:00", "1h", path="rescue")
    assert words(story.pulse("Mon 11:59")) == ["breach resolution", "escalate L1"]
    assert story.wakes_at() == at("Mon 12:00")
    assert timeline(story.runs_until("Mon 17:00")) == [
        ("Mon 12 12:00", "escalate L2"),
        ("Mon 12 14:00", "escalate L3"),
    ]


@pytest.mark.scenario("E39")
def test_a_system_clock_that_jumps_back_undoes_nothing() -> None:
    story = opened("Mon 09:00", "1h", {"at": "50%"})
    assert words(story.pulse("Mon 10:30")) == ["warn 50 %, superseded", "breach resolution"]
    for jumped in ("Mon 10:29", "Mon 09:10", "Mon 08:00", "last Fri 12:00"):
        assert story.pulse(jumped) == []
    assert story.verdict("resolution", now="Mon 10:30") == "breached"
    assert not [
        e for _, decision in story.decisions for e in decision.effects if isinstance(e, Restate)
    ]


@pytest.mark.scenario("E55")
@pytest.mark.parametrize(
    ("acknowledged", "levels"),
    [
        ("Mon 09:30", ["L1", "L2", "L3"]),
        ("Mon 10:00", []),
        ("Mon 11:59:59.999999", ["L1"]),
        ("Mon 12:00", ["L1"]),
        ("Mon 12:00:00.000001", ["L1", "L2"]),
    ],
)
def test_acknowledged_just_before_a_level_it_does_not_come(
    acknowledged: str, levels: list[str]
) -> None:
    story = opened("Mon 09:00", "1h", path="rescue")
    story.acknowledged(acknowledged)
    found = [word for _, word in timeline(story.runs_until("Tue 17:00"))]
    found = [word for word in found if word.startswith("escalate")]
    # An unfailing pulse has acted on what was planned before the acknowledgement.
    shown = [f"escalate {name}" for name in levels]
    assert [word.removesuffix(", superseded") for word in found] == shown


@pytest.mark.scenario("E55")
def test_a_second_acknowledgement_does_not_call_back_what_the_first_called_off() -> None:
    story = opened("Mon 09:00", "1h", path="rescue")
    story.runs_until("Mon 11:00")
    story.acknowledged("Mon 11:00")
    story.acknowledged("Mon 12:30")
    assert timeline(story.runs_until("Tue 17:00")) == []


@pytest.mark.scenario("E55")
def test_an_acknowledgement_is_for_the_breach_it_follows() -> None:
    story = Story(promise("resolution", {"P1": "1h", "P3": "3h"}, path="rescue"), paths=PATHS)
    story.opened("Mon 09:00", priority="P1")
    story.runs_until("Mon 10:30")
    story.acknowledged("Mon 10:30")
    story.priority("Mon 11:00", "P3")
    assert timeline(story.runs_until("Mon 14:00")) == [
        ("Mon 12 12:00", "breach resolution"),
        ("Mon 12 12:00", "escalate L1"),
        ("Mon 12 14:00", "escalate L2"),
    ]


@pytest.mark.scenario("E61")
def test_what_falls_due_at_one_instant_is_told_in_one_message() -> None:
    story = Story(
        promise("first response", "2h", alerts=[{"before": "1h"}]),
        promise("next response", "1h"),
        promise("resolution", "4h", alerts=[{"at": "25%"}]),
    )
    story.opened("Mon 09:00")
    story.customer_writes("Mon 09:00")
    story.runs_until("Mon 09:59")
    found = story.pulse("Mon 10:00:00.000001")
    [message] = messages(found)
    assert len(message.items) == 3
    assert message.critical
    assert [key.deed.value for key in message.items] == ["breach", "warn", "warn"]


@pytest.mark.scenario("E61")
def test_warnings_alone_are_not_critical() -> None:
    story = opened("Mon 09:00", "4h", {"at": "50%"})
    [message] = messages(story.pulse("Mon 11:00"))
    assert not message.critical


@pytest.mark.scenario("E61")
def test_two_messages_of_one_instant_are_two_messages() -> None:
    half = [{"at": "50%"}]
    story = Story(
        promise("resolution", "1h", alerts=half), promise("next response", "1h", alerts=half)
    )
    story.opened("Mon 09:00")
    [first] = messages(story.pulse("Mon 09:30"))
    story.customer_writes("Mon 09:00")
    [second] = messages(story.pulse("Mon 09:30"))
    assert first.key != second.key


def test_every_clock_has_alerts_of_its_own() -> None:
    story = Story(
        policies=[
            policy(promise("resolution", "4h", alerts=[{"before": "1h"}]), key="customer"),
            policy(
                promise("resolution", "2h", alerts=[{"before": "1h"}]), key="team", agreement="OLA"
            ),
        ]
    )
    story.opened("Mon 09:00")
    found = [
        (when, e.key.clock) for when, e in story.runs_until("Mon 12:00") if isinstance(e, Warn)
    ]
    assert found == [
        (at("Mon 10:00"), "OLA/resolution#1"),
        (at("Mon 12:00"), "SLA/resolution#1"),
    ]


def test_an_alert_knows_how_late_it_comes() -> None:
    story = opened("Mon 09:00", "4h", {"at": "50%"})
    [warning] = [e for e in story.pulse("Mon 11:07") if isinstance(e, Warn)]
    assert warning.planned_at == at("Mon 11:00")
    assert warning.late == dt.timedelta(minutes=7)
    assert isinstance(warning.alert, Alert)
    assert warning.due == at("Mon 13:00")
