"""Stories of messages: who waits for whom, and what counts as an answer."""

import pytest
from tests.stories.story import Story, at, hours, messages, promise, replayed, words

from tocsin.engine.clock import State
from tocsin.engine.event import Kind, Side

BOTH = (promise("first response", "4h"), promise("next response", "2h"))


@pytest.mark.scenario("E10")
def test_a_reply_that_sets_pending_counts_as_reply_then_pause() -> None:
    story = Story(promise("first response", "1h"), promise("resolution", "8h"))
    story.opened("Mon 09:00")
    story.agent_writes("Mon 09:30")
    story.status("Mon 09:30", "waiting customer")
    assert story.verdict("first response") == "met"
    assert story.clock("resolution").state is State.PAUSED
    assert story.clock("resolution").used == hours(0.5)


@pytest.mark.scenario("E10")
def test_and_so_it_does_when_the_status_arrives_first() -> None:
    pause = {"status": "waiting customer"}
    story = Story(promise("first response", "1h", pause=pause), promise("resolution", "8h"))
    story.opened("Mon 09:00")
    story.fact("Mon 10:00", Kind.STATUS, to="waiting customer", source_seq=12)
    story.fact("Mon 10:00", Kind.AGENT_MESSAGE, source_seq=11)
    clock = story.clock("first response")
    assert (clock.state, clock.outcome) == (State.STOPPED, "answered")
    assert [segment.state for segment in clock.segments] == [State.RUNNING]


@pytest.mark.scenario("E11")
def test_three_messages_and_one_answer_are_one_verdict() -> None:
    story = Story(promise("next response", "2h"))
    story.opened("Mon 09:00")
    for when in ("Mon 10:00", "Mon 11:00", "Mon 11:30"):
        story.customer_writes(when)
    assert story.due("next response") == at("Mon 12:00")
    story.agent_writes("Mon 11:45")
    [clock] = story.clocks("next response")
    assert (clock.used, story.verdict("next response")) == (hours(1.75), "met")
    story.customer_writes("Mon 14:00")
    assert [c.cycle for c in story.clocks("next response")] == [1, 2]
    assert story.due("next response") == at("Mon 16:00")


@pytest.mark.scenario("E12")
def test_a_further_message_neither_restarts_nor_relieves() -> None:
    story = Story(promise("next response", "2h"))
    story.opened("Mon 09:00")
    story.customer_writes("Mon 10:00")
    story.customer_writes("Mon 11:59")
    assert story.due("next response") == at("Mon 12:00")
    story.customer_writes("Mon 12:30")
    assert [b.due for b in story.clock("next response").breaches] == [at("Mon 12:00")]
    story.agent_writes("Mon 12:31")
    assert story.verdict("next response") == "breached"


GRACE = (
    promise("next response", "2h", grace="24h"),
    promise("resolution", "8h", grace="24h", on_reopen="resume"),
)


def thanked(when: str, **payload: object) -> Story:
    story = Story(*GRACE)
    story.opened("Mon 09:00")
    story.customer_writes("Mon 09:00")
    story.agent_writes("Mon 10:00")
    story.status("Mon 11:00", "resolved")
    story.customer_writes(when, **payload)
    return story


@pytest.mark.scenario("E13")
def test_a_word_of_thanks_within_the_grace_asks_for_nothing() -> None:
    story = thanked("Mon 12:00", question=False)
    assert [clock.state for clock in story.clocks("next response")] == [State.STOPPED]
    assert story.clock("resolution").state is State.STOPPED


@pytest.mark.scenario("E13")
@pytest.mark.parametrize("payload", [{"question": True}, {}])
def test_a_question_after_the_end_does(payload: dict[str, bool]) -> None:
    story = thanked("Mon 12:00", **payload)
    assert story.due("next response") == at("Mon 14:00")


@pytest.mark.scenario("E13")
def test_so_does_a_word_of_thanks_after_the_grace() -> None:
    assert thanked("Tue 11:00", question=False).clocks("next response")[-1].cycle == 1
    assert thanked("Tue 11:00:01", question=False).clocks("next response")[-1].cycle == 2


@pytest.mark.scenario("E13")
def test_the_grace_begins_when_the_ticket_is_resolved_not_when_it_was_answered() -> None:
    story = Story(*GRACE)
    story.opened("last Thu 09:00")
    story.customer_writes("last Thu 09:00")
    story.agent_writes("last Thu 10:00")
    story.status("Mon 11:00", "resolved")
    story.customer_writes("Mon 11:05", question=False)
    assert [clock.state for clock in story.clocks("next response")] == [State.STOPPED]


@pytest.mark.scenario("E13")
def test_the_grace_holds_for_a_first_message_too() -> None:
    story = Story(*GRACE)
    story.opened("Mon 09:00")
    story.agent_writes("Mon 10:00")
    story.status("Mon 11:00", "resolved")
    story.customer_writes("Mon 12:00", question=False)
    assert story.clocks("next response") == []


@pytest.mark.scenario("E13")
def test_thanks_before_the_end_wait_for_an_answer_like_any_message() -> None:
    story = Story(*GRACE)
    story.opened("Mon 09:00")
    story.customer_writes("Mon 10:00", question=False)
    assert story.clock("next response").live


@pytest.mark.scenario("E13")
def test_a_status_that_thanks_set_reopens_nothing_within_the_grace() -> None:
    story = thanked("Mon 12:00", question=False)
    story.status("Mon 12:00", "open", by=Side.CUSTOMER, question=False)
    assert story.clock("resolution").state is State.STOPPED
    again = thanked("Mon 12:00", question=True)
    again.status("Mon 12:00", "open", by=Side.CUSTOMER, question=True)
    assert again.due("resolution") == at("Tue 10:00")


@pytest.mark.scenario("E13")
def test_an_agent_may_say_that_no_reply_is_needed() -> None:
    story = Story(promise("next response", "2h"))
    story.opened("Mon 09:00")
    story.customer_writes("Mon 10:00")
    story.fact("Mon 11:00", Kind.FIELD, name="no_reply_needed", to=True)
    clock = story.clock("next response")
    assert (clock.state, clock.outcome) == (State.STOPPED, "no reply needed")
    assert story.verdict("next response") == "met"


@pytest.mark.scenario("E14")
@pytest.mark.parametrize(("resolved", "outcome"), [("12:00", "met"), ("12:01", "breached")])
def test_resolved_without_an_answer_the_promise_is_judged_by_its_due(
    resolved: str, outcome: str
) -> None:
    story = Story(promise("next response", "2h"))
    story.opened("Mon 09:00")
    story.customer_writes("Mon 10:00")
    story.status(f"Mon {resolved}", "resolved")
    clock = story.clock("next response")
    assert (clock.outcome, story.verdict("next response")) == ("closed unanswered", outcome)


NOT_ANSWERS = [
    (Kind.AUTOMATED_MESSAGE, Side.AUTOMATION),
    (Kind.AGENT_MESSAGE, Side.AUTOMATION),
    (Kind.NOTE, Side.AGENT),
    (Kind.NOTE, Side.AUTOMATION),
    (Kind.STATUS, Side.AGENT),
    (Kind.ASSIGNEE, Side.AGENT),
]


@pytest.mark.scenario("E15")
@pytest.mark.parametrize(("kind", "side"), NOT_ANSWERS)
def test_nothing_but_the_public_word_of_a_person_is_an_answer(kind: Kind, side: Side) -> None:
    story = Story(*BOTH)
    story.opened("Mon 09:00")
    story.customer_writes("Mon 09:00")
    story.fact("Mon 10:00", kind, side, to="open")
    assert story.clock("first response").live
    assert story.clock("next response").live


@pytest.mark.scenario("E15")
def test_unless_the_policy_says_so() -> None:
    story = Story(promise("first response", "4h", stop={"event": "automated message"}))
    story.opened("Mon 09:00")
    story.fact("Mon 09:00", Kind.AUTOMATED_MESSAGE, Side.AUTOMATION)
    assert story.clock("first response").state is State.STOPPED


@pytest.mark.scenario("E16")
def test_a_ticket_opened_for_a_customer_owes_nothing_until_they_write() -> None:
    story = Story(*BOTH)
    story.opened("Mon 09:00", by=Side.AGENT)
    story.agent_writes("Mon 09:01")
    assert story.ticket().clocks == ()
    story.customer_writes("Mon 11:00")
    assert story.due("first response") == at("Mon 15:00")
    assert story.due("next response") == at("Mon 13:00")


@pytest.mark.scenario("E17")
def test_a_colleague_of_the_customer_counts_as_the_customer() -> None:
    story = Story(*BOTH)
    story.opened("Mon 09:00")
    story.customer_writes("Mon 09:00")
    story.fact("Mon 10:00", Kind.CUSTOMER_MESSAGE, Side.CUSTOMER, actor_is="in copy")
    story.fact("Mon 10:30", Kind.AGENT_MESSAGE, Side.CUSTOMER)
    assert story.clock("first response").live
    assert story.clock("next response").live
    assert story.due("next response") == at("Mon 11:00")


@pytest.mark.scenario("E18")
@pytest.mark.parametrize(("customer", "agent", "waits"), [(1, 2, False), (2, 1, True)])
def test_messages_of_one_instant_count_in_the_order_of_their_source(
    customer: int, agent: int, waits: bool
) -> None:
    story = Story(promise("next response", "2h"))
    story.fact("Mon 09:00", Kind.CREATED, Side.CUSTOMER, source_seq=0)
    story.fact("Mon 10:00", Kind.AGENT_MESSAGE, source_seq=agent)
    story.fact("Mon 10:00", Kind.CUSTOMER_MESSAGE, Side.CUSTOMER, source_seq=customer)
    assert any(clock.live for clock in story.clocks("next response")) is waits
    one, other = (replayed(story, facts, "Mon 11:00") for facts in (story.facts, story.facts[::-1]))
    assert one == other


@pytest.mark.scenario("E41")
def test_a_message_delivered_five_times_is_one_message() -> None:
    story = Story(promise("next response", "2h", alerts=[{"at": "50%"}]))
    story.opened("Mon 09:00")
    for when in ("10:00", "10:00:00.2", "10:00:01", "12:30", "10:00"):
        story.fact(f"Mon {when}", Kind.CUSTOMER_MESSAGE, Side.CUSTOMER, key="message 17")
    assert len(story.clocks("next response")) == 1
    assert story.due("next response") == at("Mon 12:00")


@pytest.mark.scenario("E66")
def test_a_complaint_runs_two_clocks_from_its_receipt() -> None:
    story = Story(
        promise("acknowledgement", {"business_days": 3, "at": "close"}),
        promise("resolution", {"calendar_weeks": 8}, pause="never"),
    )
    story.opened("Tue 10:00")
    assert story.due("acknowledgement") == at("Fri 17:00")
    assert story.due("resolution") == at("Tue 10 Mar 10:00")
    story.acknowledged("Fri 17:00")
    assert story.verdict("acknowledgement") == "met"
    assert story.clock("resolution").live


@pytest.mark.scenario("E67")
def test_a_messaging_window_lasts_a_day_from_the_last_message() -> None:
    story = Story(promise("messaging window", "24h", calendar="always", alerts=[{"before": "1h"}]))
    story.opened("Fri 16:00")
    story.customer_writes("Fri 16:00")
    assert story.due("messaging window") == at("Sat 16:00")
    story.customer_writes("Sat 10:00")
    story.agent_writes("Sat 11:00")
    story.status("Sat 11:00", "waiting customer")
    assert story.due("messaging window") == at("Sun 10:00")
    assert words(story.pulse("Sun 09:00")) == ["warn 1 h before"]
    story.customer_writes("Sun 09:30")
    assert story.due("messaging window") == at("next Mon 09:30")
    assert words(story.pulse("Sun 12:00")) == []
    assert words(story.pulse("next Mon 08:30")) == ["warn 1 h before"]


@pytest.mark.scenario("E67")
def test_a_window_over_the_change_of_clocks_is_still_a_day() -> None:
    story = Story(promise("messaging window", {"*": "24h"}, calendar="always"))
    story.opened("Sat 28 Mar 12:00")
    story.customer_writes("Sat 28 Mar 12:00")
    assert story.due("messaging window") == at("Sun 29 Mar 13:00")


@pytest.mark.scenario("E44")
def test_imported_history_is_computed_and_alarms_nobody() -> None:
    alerts = [{"at": "75%"}, {"after": "1h"}]
    path = {"rescue": {"levels": [{"name": "L1", "team": "desk"}]}}
    clock = promise("next response", "2h", alerts=alerts, path="rescue")
    story = Story(clock, paths=path)
    story.fact("Mon 09:00", Kind.CREATED, Side.CUSTOMER, imported=True)
    story.fact("Mon 09:00", Kind.CUSTOMER_MESSAGE, Side.CUSTOMER, imported=True)
    found = story.runs_until("Fri 12:00")
    assert words(effect for _, effect in found) == ["breach next response"]
    assert messages(effect for _, effect in found) == []
    assert story.state.history_until is not None
