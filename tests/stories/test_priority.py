"""Stories of priorities that change while a clock runs."""

import pytest
from tests.stories.story import Story, at, hours, messages, promise, timeline, words

from tocsin.engine import verdict
from tocsin.engine.clock import Cause, State
from tocsin.engine.effect import Breached

TARGETS = {"P1": "2h", "P2": "4h", "P3": "16h"}
PATHS = {
    "rescue": {
        "levels": [
            {"name": "L1", "wait": "0m", "team": "desk"},
            {"name": "L2", "wait": "1h", "team": "second line"},
            {"name": "L3", "wait": "1h", "team": "managers"},
        ]
    }
}


def opened(priority: str, **fields: object) -> Story:
    story = Story(promise("resolution", TARGETS, **fields), paths=PATHS)
    story.opened("Mon 09:00", priority=priority)
    return story


@pytest.mark.scenario("E19")
def test_raised_past_its_target_the_breach_is_the_change_and_says_so() -> None:
    story = opened("P3", alerts=[{"at": "50%"}, {"at": "75%"}, {"before": "15m"}])
    story.priority("Mon 12:00", "P1")
    found = story.pulse("Mon 12:00")
    assert sorted(words(found)) == [
        "breach resolution",
        "warn 15 min before, superseded",
        "warn 50 %, superseded",
        "warn 75 %, superseded",
    ]
    [breach] = [effect for effect in found if isinstance(effect, Breached)]
    assert breach.breach.due == at("Mon 11:00")
    assert breach.breach.breached_at == at("Mon 12:00")
    assert breach.breach.cause is Cause.RECLASSIFIED
    [message] = messages(found)
    assert message.items == (breach.key,)
    assert message.critical


@pytest.mark.scenario("E19")
def test_raised_while_it_waits_past_its_target_it_is_missed_at_once() -> None:
    story = opened("P3")
    story.status("Mon 12:00", "waiting customer")
    story.priority("Mon 15:00", "P1")
    [breach] = story.clock("resolution").breaches
    assert (breach.due, breach.breached_at) == (at("Mon 11:00"), at("Mon 15:00"))
    assert breach.cause is Cause.RECLASSIFIED
    story.status("Tue 09:00", "open")
    clock = story.clock("resolution")
    assert (clock.due, len(clock.breaches)) == (at("Mon 11:00"), 1)


@pytest.mark.parametrize(("waits", "missed"), [("Mon 17:00", False), ("Mon 17:30", True)])
def test_a_target_used_up_to_the_last_second_is_missed_if_its_due_came_before_the_wait(
    waits: str, missed: bool
) -> None:
    # Both have used eight hours to the second; only one had its due behind it when it began to
    # wait.
    story = Story(promise("resolution", {"P1": "8h", "P3": "16h"}))
    story.opened("Mon 09:00", priority="P3")
    story.status(waits, "waiting customer")
    story.priority("Mon 18:00", "P1")
    found = [(b.due, b.breached_at) for b in story.clock("resolution").breaches]
    assert found == ([(at("Mon 17:00"), at("Mon 18:00"))] if missed else [])
    story.status("Tue 09:00", "open")
    due = story.clock("resolution").due
    assert due == (at("Mon 17:00") if missed else at("Tue 09:00"))


@pytest.mark.scenario("E20")
@pytest.mark.parametrize(("judge", "outcome"), [("worst", "breached"), ("final", "met")])
def test_lowered_after_its_breach_it_lives_by_the_new_target(judge: str, outcome: str) -> None:
    story = opened("P1", judge=judge)
    story.priority("Mon 12:00", "P3")
    clock = story.clock("resolution")
    assert clock.due == at("Tue 17:00")
    assert clock.remaining_at(at("Mon 12:00")) == hours(13)
    assert [breach.due for breach in clock.standing] == [at("Mon 11:00")]
    story.status("Tue 17:00", "resolved")
    assert story.verdict("resolution") == outcome
    assert [breach.due for breach in story.clock("resolution").standing] == [at("Mon 11:00")]


@pytest.mark.scenario("E20")
@pytest.mark.parametrize("judge", ["worst", "final"])
def test_lowered_and_missed_again_it_is_breached_either_way(judge: str) -> None:
    story = opened("P1", judge=judge)
    story.priority("Mon 12:00", "P2")
    story.status("Tue 09:00", "resolved")
    clock = story.clock("resolution")
    assert story.verdict("resolution") == "breached"
    assert [breach.due for breach in clock.standing] == [at("Mon 11:00"), at("Mon 13:00")]
    assert verdict.decided_at(clock, now=at("Tue 09:00")) == at("Mon 13:00")


@pytest.mark.scenario("E20")
def test_lowered_after_its_breach_nobody_is_called_for_the_old_due() -> None:
    story = opened("P1", path="rescue", alerts=[{"after": "90m", "in": "wall"}])
    assert timeline(story.runs_until("Mon 11:30")) == [
        ("Mon 12 11:00", "breach resolution"),
        ("Mon 12 11:00", "escalate L1"),
    ]
    story.priority("Mon 11:30", "P3")
    assert timeline(story.runs_until("Tue 16:00")) == []
    assert timeline(story.runs_until("Wed 10:00")) == [
        ("Tue 13 17:00", "breach resolution"),
        ("Tue 13 17:00", "escalate L1"),
        ("Tue 13 18:30", "warn 1 h 30 min after (wall time)"),
        ("Wed 14 10:00", "escalate L2"),
    ]


@pytest.mark.scenario("E20")
def test_lowered_while_it_waits_nobody_is_called_for_the_old_due() -> None:
    story = opened("P1", path="rescue", alerts=[{"after": "2h", "in": "wall"}])
    story.pulse("Mon 11:30")
    story.status("Mon 11:30", "waiting customer")
    story.priority("Mon 11:45", "P3")
    assert timeline(story.runs_until("Fri 16:00")) == []


@pytest.mark.scenario("E21")
def test_five_flips_lose_no_second_and_repeat_no_alert() -> None:
    story = opened("P3", alerts=[{"at": "50%"}])
    sent: list[tuple[str, str]] = []
    flips = ["P2", "P3"] * 5
    for k, to in enumerate(flips):
        story.priority(f"Mon 11:{5 * k:02d}", to)
        sent += timeline(story.runs_until(f"Mon 11:{5 * k + 4:02d}"))
    clock = story.clock("resolution", now="Mon 12:00")
    assert clock.used_at(at("Mon 12:00")) == hours(3)
    assert clock.due == at("Tue 17:00")
    assert sent == [("Mon 12 11:00", "warn 50 %")]


@pytest.mark.scenario("E21")
def test_back_at_a_due_that_was_missed_the_breach_is_the_same() -> None:
    story = opened("P1", path="rescue")
    story.runs_until("Mon 12:30")
    for when, to in [("12:30", "P3"), ("12:40", "P1"), ("12:50", "P3"), ("12:55", "P1")]:
        story.priority(f"Mon {when}", to)
    assert [breach.due for breach in story.clock("resolution").standing] == [at("Mon 11:00")]
    assert timeline(story.runs_until("Mon 14:00")) == [("Mon 12 13:00", "escalate L3")]


@pytest.mark.scenario("E21")
def test_between_two_calendars_each_second_counts_once() -> None:
    rows = [
        {"label": "high", "when": {"priority": "high"}, "target": "40h", "calendar": "always"},
        {"label": "low", "when": {"priority": "low"}, "target": "40h"},
    ]
    story = Story({"clock": "resolution", "targets": rows})
    story.opened("Mon 16:00", priority="low")
    for when, to in [("Mon 18:00", "high"), ("Mon 20:00", "low"), ("Tue 08:00", "high")]:
        story.priority(when, to)
    story.priority("Tue 09:30", "low")
    clock = story.clock("resolution", now="Tue 10:00")
    assert clock.used_at(at("Tue 10:00")) == hours(1 + 2 + 0 + 1.5 + 0.5)


@pytest.mark.scenario("E21")
def test_changed_at_the_close_at_which_it_is_due_it_stays_due_then() -> None:
    story = opened("P2")
    story.priority("Mon 10:00", "P3")
    story.priority("Tue 17:00", "P2")
    story.priority("Tue 17:00", "P3")
    assert story.due("resolution") == at("Tue 17:00")
    story.status("Tue 18:00", "resolved")
    assert story.verdict("resolution") == "breached"


def test_a_row_of_the_same_name_is_another_promise_all_the_same() -> None:
    rows = [
        {"label": "phone", "when": {"priority": "P1"}, "target": "2h"},
        {"label": "phone", "target": "4h"},
    ]
    story = Story({"clock": "resolution", "targets": rows})
    story.opened("Mon 09:00", priority="P2")
    story.priority("Mon 10:00", "P1")
    assert story.due("resolution") == at("Mon 11:00")


def test_restarted_by_its_priority_nobody_is_called_for_the_old_due() -> None:
    story = opened("P1", on_priority="restart", path="rescue")
    story.runs_until("Mon 11:30")
    story.priority("Mon 11:30", "P3")
    assert story.due("resolution") == at("Wed 11:30")
    assert timeline(story.runs_until("Wed 11:00")) == []
    assert story.clock("resolution").state is State.RUNNING
