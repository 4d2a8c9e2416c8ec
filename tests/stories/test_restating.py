"""Stories of policies that change under clocks, and of judging the past anew."""

import pytest
from tests.stories.story import OFFICE, Story, at, closed_on, policy, promise, words

from tocsin.engine import decide
from tocsin.engine.clock import Cause, State
from tocsin.engine.event import Kind
from tocsin.kit.invalid import Invalid

CHANGED = at("Mon 12:00").isoformat()


def versions(*targets: str, begins: str = CHANGED, **fields: object) -> Story:
    """Return a story whose policy had these targets, the later ones from noon on."""
    made = [
        policy(
            promise("resolution", target, on_reopen="resume"),
            version=k,
            **({"valid_from": begins} if k > 1 else {}),
            **fields,
        )
        for k, target in enumerate(targets, start=1)
    ]
    return Story(policies=made)


def dues(story: Story) -> list[tuple[object, object, bool]]:
    clock = story.clock("resolution")
    return [(b.due, b.breached_at, b.superseded_by is None) for b in clock.breaches]


@pytest.mark.scenario("E25")
def test_for_new_tickets_it_touches_no_clock_that_runs() -> None:
    story = versions("8h", "2h")
    story.opened("Mon 09:00")
    story.status("Mon 13:00", "in progress")
    assert story.due("resolution") == at("Mon 17:00")


@pytest.mark.scenario("E25")
def test_for_future_time_clocks_go_over_with_what_they_have_used() -> None:
    story = versions("8h", "2h")
    story.opened("Mon 09:00")
    story.policy_changes("Mon 12:00", 2, "future time")
    old, new = story.clocks("resolution")
    assert (old.state, old.breaches) == (State.REPLACED, ())
    assert [(b.due, b.breached_at, b.cause) for b in new.breaches] == [
        (at("Mon 11:00"), at("Mon 12:00"), Cause.POLICY)
    ]


@pytest.mark.scenario("E28", "E68")
def test_restated_a_promise_that_was_kept_was_missed_from_the_restatement_on() -> None:
    story = versions("8h", "2h")
    story.opened("Mon 09:00")
    story.status("Mon 11:30", "resolved")
    assert story.verdict("resolution") == "met"
    story.policy_changes("Mon 12:00", 2, "restate")
    [clock] = story.clocks("resolution")
    assert (clock.terms.version, story.verdict("resolution")) == (2, "breached")
    assert [(b.due, b.breached_at, b.cause) for b in clock.breaches] == [
        (at("Mon 11:00"), at("Mon 12:00"), Cause.POLICY)
    ]
    # As of before it was met, and can be computed again.
    assert story.verdict("resolution", "Mon 11:45") == "met"


@pytest.mark.scenario("E28", "E68")
def test_restated_a_promise_that_was_missed_was_kept_and_both_stay_on_record() -> None:
    story = versions("2h", "8h")
    story.opened("Mon 09:00")
    assert words(story.pulse("Mon 11:01")) == ["breach resolution"]
    story.status("Mon 11:30", "resolved")
    story.policy_changes("Mon 12:00", 2, "restate")
    assert story.verdict("resolution") == "met"
    assert dues(story) == [(at("Mon 11:00"), at("Mon 11:00"), False)]
    assert words(story.pulse("Mon 12:00")) == ["restate"]


def test_a_second_restatement_takes_the_first_one_back() -> None:
    story = Story(
        policies=[
            policy(promise("resolution", target), version=k, **begins)
            for k, (target, begins) in enumerate(
                [
                    ("2h", {}),
                    ("8h", {"valid_from": CHANGED}),
                    ("1h", {"valid_from": at("Mon 13:00").isoformat()}),
                    ("2h", {"valid_from": at("Mon 14:00").isoformat()}),
                ],
                start=1,
            )
        ]
    )
    story.opened("Mon 09:00")
    first = (at("Mon 11:00"), at("Mon 11:00"))
    story.policy_changes("Mon 12:00", 2, "restate")
    assert dues(story) == [(*first, False)]
    story.policy_changes("Mon 13:00", 3, "restate")
    assert dues(story) == [(at("Mon 10:00"), at("Mon 13:00"), True), (*first, False)]
    story.policy_changes("Mon 14:00", 4, "restate")
    # The due is missed as it was at first: by the agent, in time, and not by a restatement.
    assert dues(story) == [(at("Mon 10:00"), at("Mon 13:00"), False), (*first, True)]


def test_what_a_calendar_has_superseded_no_policy_brings_back() -> None:
    edited = [OFFICE, closed_on(OFFICE, "2026-01-12", valid_from=at("Tue 09:00").isoformat())]
    made = [
        policy(promise("resolution", "2h"), version=1),
        policy(
            promise("resolution", "2h", alerts=[{"at": "50%"}]),
            version=2,
            valid_from=at("Tue 12:00").isoformat(),
        ),
    ]
    story = Story(policies=made, calendars={"office": edited})
    story.opened("Mon 09:00")
    told = {"basis": "restate", "reason": "a holiday was forgotten"}
    story.calendar_changes("Tue 09:00", "office", 2, **told)
    assert [stands for _, _, stands in dues(story)] == [False]
    story.status("Tue 10:00", "resolved")
    story.policy_changes("Tue 12:00", 2, "restate")
    assert story.verdict("resolution") == "met"
    assert [stands for _, _, stands in dues(story)] == [False]


def test_what_a_policy_has_superseded_no_calendar_brings_back() -> None:
    edited = [OFFICE, closed_on(OFFICE, "2026-01-13", valid_from=at("Mon 14:00").isoformat())]
    made = [
        policy(promise("resolution", "2h"), version=1),
        policy(promise("resolution", "8h"), version=2, valid_from=CHANGED),
    ]
    story = Story(policies=made, calendars={"office": edited})
    story.opened("Mon 09:00")
    story.policy_changes("Mon 12:00", 2, "restate")
    first = (at("Mon 11:00"), at("Mon 11:00"), False)
    assert dues(story) == [first]
    told = {"basis": "restate", "reason": "a holiday was forgotten"}
    story.calendar_changes("Mon 14:00", "office", 2, **told)
    assert dues(story) == [first]


@pytest.mark.scenario("E28")
def test_what_was_superseded_before_a_restart_stays_so() -> None:
    holiday = {"reason": "a holiday was forgotten"}
    made = [
        closed_on(OFFICE, day, valid_from=at(when).isoformat())
        for day, when in (("2026-01-12", "Tue 09:00"), ("2026-01-16", "Wed 09:00"))
    ]
    clock = promise("resolution", "2h", on_reset="restart", reset={"status": "in progress"})
    story = Story(clock, calendars={"office": [OFFICE, *made]})
    story.opened("Mon 09:00")
    story.calendar_changes("Tue 09:00", "office", 2, basis="restate", **holiday)
    story.status("Tue 10:00", "in progress")
    first = (at("Mon 11:00"), at("Mon 11:00"), False)
    assert dues(story)[0] == first
    story.calendar_changes("Wed 09:00", "office", 3, basis="restate", **holiday)
    assert dues(story)[0] == first


def test_restated_to_no_policy_there_is_no_promise() -> None:
    made = [
        policy(promise("resolution", "2h"), version=1),
        policy(promise("resolution", "2h"), version=2, valid_from=CHANGED, when={"plan": "gold"}),
    ]
    story = Story(policies=made)
    story.opened("Mon 09:00")
    assert words(story.pulse("Mon 11:30")) == ["breach resolution"]
    story.policy_changes("Mon 12:00", 2, "restate")
    assert story.clocks("resolution") == []
    assert words(story.pulse("Mon 12:00")) == ["restate"]


def test_a_fact_that_comes_late_is_judged_by_what_was_restated() -> None:
    story = versions("2h", "8h")
    story.opened("Mon 09:00")
    story.policy_changes("Mon 12:00", 2, "restate")
    story.status("Mon 10:30", "waiting customer")
    story.status("Mon 11:30", "open")
    clock = story.clock("resolution")
    # The pause came to light later: what it takes off the record was never there.
    assert (clock.due, clock.breaches) == (at("Tue 10:00"), ())


def test_a_rehearsal_judges_anew_as_a_pulse_does() -> None:
    story = versions("8h", "2h")
    story.opened("Mon 09:00")
    story.policy_changes("Mon 12:00", 2, "restate")
    found = decide.rehearse("T-1", story.facts, story.versions, now=at("Mon 13:00"))
    assert [(when, word) for when, e in found.effects for word in words([e])] == [
        (at("Mon 12:00"), "breach resolution")
    ]
    assert found.ticket == story.ticket("Mon 13:00")


def test_without_a_reason_nothing_is_restated() -> None:
    story = versions("2h", "8h")
    story.opened("Mon 09:00")
    with pytest.raises(Invalid, match="must give a reason"):
        story.fact("Mon 12:00", Kind.POLICY_ATTACHED, policy="standard", version=2, basis="restate")


def test_two_policies_are_restated_each_from_the_beginning() -> None:
    def both(key: str, clock: str, agreement: str) -> list[dict[str, object]]:
        fields = {"key": key, "agreement": agreement}
        later = {"version": 2, "valid_from": CHANGED}
        return [
            policy(promise(clock, "2h"), **fields),
            policy(promise(clock, "8h"), **fields, **later),
        ]

    story = Story(policies=[*both("a", "resolution", "SLA"), *both("b", "agent work", "OLA")])
    story.opened("Mon 09:00")
    story.status("Mon 11:30", "resolved")
    story.policy_changes("Mon 12:00", 2, "restate", key="a")
    story.policy_changes("Mon 13:00", 2, "restate", key="b")
    assert [story.verdict(key) for key in ("resolution", "agent work")] == ["met", "met"]
