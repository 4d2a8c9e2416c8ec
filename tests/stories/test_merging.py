"""Stories of tickets that turn out to be one, or none: merged, split, spam and restored."""

import itertools

import pytest
from tests.stories.story import OFFICE, Story, at, closed_on, hours, policy, promise, replayed

from tocsin.engine.clock import State
from tocsin.engine.effect import Breached, Restate
from tocsin.engine.event import Kind, Side

BOTH = (promise("first response", "4h"), promise("resolution", "8h"))


@pytest.mark.scenario("E45")
def test_the_one_that_goes_on_counts_from_the_earliest_word_and_answer() -> None:
    story = Story(*BOTH)
    story.opened("Mon 11:00")
    assert story.due("resolution") == at("Tue 11:00")
    # The other one was opened earlier, and answered by a person.
    story.came_over("Mon 09:00", Kind.CUSTOMER_MESSAGE, Side.CUSTOMER)
    story.came_over("Mon 10:00", Kind.AGENT_MESSAGE, Side.AGENT)
    assert story.due("resolution") == at("Mon 17:00")
    answered = story.clock("first response")
    assert (answered.started_at, answered.stopped_at) == (at("Mon 09:00"), at("Mon 10:00"))


@pytest.mark.scenario("E45")
def test_in_whatever_order_the_words_come_over() -> None:
    story = Story(*BOTH)
    story.opened("Mon 11:00", priority="P2")
    story.came_over("Mon 09:00", Kind.CUSTOMER_MESSAGE, Side.CUSTOMER)
    story.came_over("Mon 10:00", Kind.AGENT_MESSAGE, Side.AGENT)
    story.status("Mon 12:00", "waiting customer")
    expected = story.ticket("Tue 12:00")
    for arrival in itertools.permutations(story.facts):
        assert replayed(story, arrival, "Tue 12:00") == expected


@pytest.mark.scenario("E45")
def test_an_agents_word_that_is_older_starts_nothing() -> None:
    story = Story(*BOTH)
    story.opened("Mon 11:00")
    story.came_over("Mon 09:00", Kind.AGENT_MESSAGE, Side.AGENT)
    story.came_over("Mon 10:00", Kind.CUSTOMER_MESSAGE, Side.CUSTOMER)
    assert story.due("resolution") == at("Tue 10:00")
    assert story.due("first response") == at("Mon 14:00")


@pytest.mark.scenario("E45")
@pytest.mark.parametrize("answered", [True, False])
def test_what_the_other_had_missed_is_reported_once(answered: bool) -> None:
    story = Story(promise("resolution", "2h"))
    story.opened("Mon 09:00")
    assert isinstance(story.pulse("Mon 12:00")[0], Breached)
    story.merged_away("Mon 13:00", *(["SLA/resolution#1"] if answered else []))
    clock = story.clock("resolution")
    assert (clock.live, clock.outcome, len(clock.breaches)) == (False, "merged", 1)
    assert story.verdict("resolution") == ("none" if answered else "breached")
    assert any(isinstance(e, Restate) for e in story.pulse("Mon 13:00")) is answered


@pytest.mark.scenario("E47")
def test_nothing_that_comes_later_starts_a_clock_of_the_merged_one() -> None:
    story = Story(*BOTH, promise("next response", "1h"))
    story.opened("Mon 09:00")
    story.merged_away("Mon 10:00")
    story.status("Mon 11:00", "open")
    story.customer_writes("Mon 12:00")
    assert [c.live for c in story.ticket().clocks] == [False, False]
    assert story.pulse("Tue 17:00") == []


@pytest.mark.scenario("E48")
def test_spam_is_out_of_all_figures_and_a_restored_ticket_goes_on() -> None:
    story = Story(*BOTH)
    story.opened("Mon 09:00")
    story.spam("Mon 11:00")
    assert [story.verdict(key) for key in ("first response", "resolution")] == ["none", "none"]
    assert story.pulse("Mon 16:00") == []
    story.restored("Mon 16:00")
    # Two of the eight hours are used; the five between were nobody's.
    assert story.due("resolution") == at("Tue 14:00")
    assert story.clock("resolution").paused_open == hours(0)
    assert story.due("first response") == at("Tue 10:00")


@pytest.mark.scenario("E48")
def test_what_was_decided_before_is_so_again() -> None:
    story = Story(*BOTH)
    story.opened("Mon 09:00")
    story.agent_writes("Mon 10:00")
    story.spam("Mon 11:00")
    assert story.verdict("first response") == "none"
    story.restored("Mon 12:00")
    assert story.verdict("first response") == "met"


@pytest.mark.scenario("E48")
def test_it_goes_on_as_if_nothing_had_been_where_the_mode_says_so() -> None:
    story = Story(promise("resolution", "4h", on_reopen="from creation"))
    story.opened("Mon 09:00")
    story.spam("Mon 10:00")
    story.restored("Tue 10:00")
    [breach] = story.clock("resolution").breaches
    assert (breach.due, breach.breached_at) == (at("Mon 13:00"), at("Mon 13:00"))


@pytest.mark.scenario("E48")
def test_a_clock_that_was_paused_is_paused_again_and_its_budget_is_whole() -> None:
    story = Story(promise("resolution", "4h", pauses={"budget": "3h"}))
    story.opened("Mon 09:00")
    story.status("Mon 10:00", "waiting customer")
    story.spam("Mon 11:00")
    story.restored("Mon 16:00", to="waiting customer")
    clock = story.clock("resolution")
    assert (clock.state, clock.paused_open) == (State.PAUSED, hours(1))
    # Two of three hours of pause are left: until five, and one hour tomorrow.
    assert clock.budget_ends() == at("Tue 10:00")


@pytest.mark.scenario("E48")
@pytest.mark.parametrize("mode", ["resume", "from creation"])
@pytest.mark.parametrize("basis", ["future time", "restate"])
def test_a_calendar_that_changes_meanwhile_counts_when_it_is_restored(
    mode: str, basis: str
) -> None:
    edited = [OFFICE, closed_on(OFFICE, "2026-01-13", valid_from=at("Mon 12:00").isoformat())]
    story = Story(promise("resolution", "8h", on_reopen=mode), calendars={"office": edited})
    story.opened("Mon 11:00")
    story.spam("Mon 11:30")
    told = {"basis": basis, "reason": "a holiday was forgotten"}
    story.calendar_changes("Mon 12:00", "office", 2, **told)
    story.restored("Mon 14:00")
    # Tuesday is closed: six hours today and two on Wednesday, or all but half an hour from two.
    assert story.due("resolution") == at(
        {"resume": "Wed 13:30", "from creation": "Wed 11:00"}[mode]
    )


@pytest.mark.scenario("E48")
def test_a_breach_that_was_judged_anew_while_it_was_spam_is_on_record_after() -> None:
    versions = [
        policy(promise("resolution", "2h"), version=1),
        policy(promise("resolution", "8h"), version=2, valid_from=at("Tue 09:00").isoformat()),
    ]
    story = Story(policies=versions)
    story.opened("Mon 09:00")
    story.status("Mon 12:00", "in progress")
    story.spam("Mon 13:00")
    story.policy_changes("Tue 09:00", 2, "restate")
    story.restored("Tue 10:00")
    clock = story.clock("resolution")
    assert clock.terms.version == 2
    assert [(b.due, b.superseded_by is None) for b in clock.breaches] == [(at("Mon 11:00"), False)]
