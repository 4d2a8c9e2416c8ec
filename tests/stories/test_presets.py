"""Stories of the presets: each clock that service desks promise, from its start to its end."""

from pathlib import Path

import pytest
from tests.stories.story import Story, at, hours, policy, promise

from tocsin.engine.clock import State
from tocsin.engine.event import Kind, Side
from tocsin.engine.preset import PRESETS


def test_first_response_is_from_the_customers_first_word_to_a_persons() -> None:
    story = Story(promise("first response", "4h"))
    story.opened("Mon 09:00", by=Side.AGENT)
    assert story.clocks("first response") == []
    story.customer_writes("Mon 10:00")
    story.fact("Mon 10:01", Kind.AUTOMATED_MESSAGE, Side.AUTOMATION)
    story.fact("Mon 10:02", Kind.NOTE)
    assert story.due("first response") == at("Mon 14:00")
    story.agent_writes("Mon 11:00")
    assert story.verdict("first response") == "met"
    story.customer_writes("Mon 12:00")
    assert len(story.clocks("first response")) == 1


def test_next_response_is_a_promise_for_each_turn() -> None:
    story = Story(promise("next response", "1h"))
    story.opened("Mon 09:00")
    story.customer_writes("Mon 10:00")
    story.agent_writes("Mon 10:30")
    story.customer_writes("Mon 12:00")
    story.agent_writes("Mon 13:30")
    found = [(c.cycle, len(c.standing)) for c in story.clocks("next response")]
    assert found == [(1, 0), (2, 1)]


def test_resolution_waits_while_the_customer_is_asked() -> None:
    story = Story(promise("resolution", "4h"))
    story.opened("Mon 09:00")
    story.status("Mon 10:00", "waiting customer")
    story.status("Mon 14:00", "open")
    assert story.due("resolution") == at("Mon 17:00")
    story.status("Mon 17:00", "resolved")
    assert story.verdict("resolution") == "met"


@pytest.mark.parametrize(
    ("preset", "due"), [("periodic update", "Mon 12:00"), ("pausable update", "Mon 15:00")]
)
def test_an_update_is_due_again_after_each_one(preset: str, due: str) -> None:
    story = Story(promise(preset, "2h"))
    story.opened("Mon 09:00")
    story.agent_writes("Mon 10:00")
    assert [c.state for c in story.clocks(preset)] == [State.STOPPED, State.RUNNING]
    assert story.due(preset) == at("Mon 12:00")
    # While we wait for the customer one of the two waits with us.
    story.status("Mon 11:00", "waiting customer")
    story.status("Mon 14:00", "open")
    expected = at(due)
    assert story.due(preset) == expected
    assert story.verdict(preset, "Mon 14:30") == ("breached" if due == "Mon 12:00" else "open")


@pytest.mark.parametrize(("preset", "used"), [("requester wait", 6), ("agent work", 4)])
def test_whose_time_it_is_while_others_wait(preset: str, used: int) -> None:
    story = Story(promise(preset, "8h"))
    story.opened("Mon 09:00")
    story.status("Mon 11:00", "waiting customer")
    story.status("Mon 12:00", "open")
    story.status("Mon 13:00", "waiting internal")
    story.status("Mon 15:00", "open")
    story.status("Mon 16:00", "resolved")
    assert story.clock(preset).used == hours(used)


def test_time_in_stage_is_one_clock_a_visit_with_the_limit_of_the_stage() -> None:
    limits = [
        {"label": "triage", "when": {"stage": "triage"}, "target": "1h"},
        {"label": "work", "when": {"stage": "work"}, "target": "6h"},
    ]
    story = Story({"clock": "time in stage", "targets": limits})
    story.opened("Mon 09:00", stage="triage")
    story.stage("Mon 09:30", "work")
    story.stage("Mon 12:00", "triage")
    story.status("Mon 14:00", "resolved")
    found = [(c.terms.row.label, c.used, len(c.standing)) for c in story.clocks("time in stage")]
    assert found == [("triage", hours(0.5), 0), ("work", hours(2.5), 0), ("triage", hours(2), 1)]


def test_time_to_own_is_until_somebody_has_it() -> None:
    story = Story(promise("time to own", "1h"))
    story.opened("Mon 09:00")
    story.assigned("Mon 09:45", "1")
    assert story.clock("time to own").outcome == "owned"
    story.assigned("Mon 11:00", None)
    story.assigned("Mon 12:30", "2")
    assert [len(c.standing) for c in story.clocks("time to own")] == [0, 1]


@pytest.mark.scenario("E50")
def test_team_ownership_is_one_clock_a_stay_and_the_customers_goes_on() -> None:
    ours = policy(promise("team ownership", "3h"), key="ours", agreement="OLA")
    story = Story(promise("resolution", "8h"), policies=[ours])
    story.opened("Mon 09:00", team="a")
    story.team("Mon 10:00", "b")
    story.team("Mon 14:00", "a")
    story.status("Mon 16:00", "resolved")
    stays = story.clocks("team ownership")
    assert [(c.cycle, c.used) for c in stays] == [(1, hours(1)), (2, hours(4)), (3, hours(2))]
    assert [len(c.standing) for c in stays] == [0, 1, 0]
    assert [c.used for c in story.clocks("resolution")] == [hours(7)]


@pytest.mark.scenario("E51")
def test_a_stay_with_a_team_counts_from_the_opening_of_its_own_hours() -> None:
    ours = promise("team ownership", "1h", calendar={"source": "team", "else": "office"})
    whose = {("team", "us"): ((None, "new york"),)}
    story = Story(ours, whose=whose)
    story.opened("Mon 09:00", team="us")
    # Nine in New York is three in the afternoon here.
    assert story.due("team ownership") == at("Mon 16:00")
    story.team("Mon 17:30", "eu")
    assert story.due("team ownership") == at("Tue 10:00")


def test_a_callback_that_was_asked_for_is_due_by_the_policy() -> None:
    story = Story(promise("callback", "2h"))
    story.opened("Mon 09:00")
    assert story.clocks("callback") == []
    story.fact("Mon 10:00", Kind.CALLBACK_REQUESTED, Side.CUSTOMER)
    assert story.due("callback") == at("Mon 12:00")
    story.fact("Mon 11:00", Kind.CALLBACK_DONE)
    assert story.verdict("callback") == "met"
    story.fact("Mon 14:00", Kind.CALLBACK_REQUESTED, Side.CUSTOMER)
    assert [c.cycle for c in story.clocks("callback")] == [1, 2]


def test_a_callback_that_was_promised_is_due_when_it_was_promised_for() -> None:
    story = Story(promise("callback", "2h"))
    story.opened("Mon 09:00")
    story.fact("Mon 10:00", Kind.CALLBACK_REQUESTED, Side.CUSTOMER)
    story.callback_promised("Mon 10:30", by="Tue 15:00")
    first, second = story.clocks("callback")
    assert (first.state, len(first.standing)) == (State.STOPPED, 0)
    assert second.due == at("Tue 15:00")
    story.callback_promised("Tue 14:00", by="Wed 10:00")
    assert story.due("callback") == at("Wed 10:00")
    story.fact("Wed 10:01", Kind.CALLBACK_DONE)
    assert [len(c.standing) for c in story.clocks("callback")] == [0, 0, 1]


def test_our_word_for_an_instant_outlives_a_change_of_priority() -> None:
    story = Story(promise("callback", {"P1": "1h", "P2": "4h"}))
    story.opened("Mon 09:00", priority="P2")
    story.callback_promised("Mon 10:00", by="Tue 15:00")
    story.priority("Mon 11:00", "P1")
    assert story.due("callback") == at("Tue 15:00")


def test_a_field_of_that_name_promises_nothing() -> None:
    story = Story(promise("resolution", "4h"))
    story.opened("Mon 09:00", promised_at="as soon as possible")
    assert story.due("resolution") == at("Mon 13:00")


def test_a_vendor_has_a_clock_for_each_turn() -> None:
    theirs = policy(promise("vendor", "4h"), key="theirs", agreement="UC")
    story = Story(policies=[theirs])
    story.opened("Mon 09:00")
    assert story.clocks("vendor") == []
    story.field("Mon 10:00", "vendor", "acme")
    assert story.due("vendor") == at("Mon 14:00")
    story.field("Mon 15:00", "vendor", None)
    assert story.verdict("vendor") == "breached"
    story.field("Tue 09:00", "vendor", "acme")
    assert [c.cycle for c in story.clocks("vendor")] == [1, 2]


@pytest.mark.scenario("E67")
def test_a_messaging_window_begins_again_with_each_message() -> None:
    story = Story(promise("messaging window", "24h", calendar="always"))
    story.opened("Mon 09:00")
    story.customer_writes("Mon 09:00")
    story.status("Mon 10:00", "waiting customer")
    story.customer_writes("Mon 20:00")
    assert story.due("messaging window") == at("Tue 20:00")


def test_an_acknowledgement_is_due_from_receipt() -> None:
    story = Story(promise("acknowledgement", {"business_days": 3, "at": "close"}))
    story.opened("Tue 10:00")
    assert story.due("acknowledgement") == at("Fri 17:00")
    story.agent_writes("Wed 10:00")
    story.acknowledged("Fri 16:59")
    assert story.verdict("acknowledgement") == "met"


def test_every_preset_has_its_story() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [key for key in PRESETS if f'"{key}"' not in text] == []
