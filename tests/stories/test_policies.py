"""Stories of policies: which one counts, which version, and what happens when it changes."""

import pytest
from tests.stories.story import (
    OFFICE,
    Story,
    at,
    closed_on,
    hours,
    policy,
    promise,
    timeline,
    words,
)

from tocsin.engine.clock import Cause, State
from tocsin.engine.event import Kind
from tocsin.kit.invalid import Invalid


def two_teams(one: str = "8h", other: str = "4h", **fields: object) -> Story:
    return Story(
        policies=[
            policy(promise("resolution", other, **fields), key="b", rank=1, when={"team": "b"}),
            policy(promise("resolution", one, **fields), key="a", rank=2),
        ]
    )


@pytest.mark.scenario("E22")
def test_another_team_another_policy_the_chain_stays_visible() -> None:
    story = two_teams()
    story.opened("Mon 09:00", team="a")
    story.team("Mon 11:00", "b")
    old, new = story.clocks("resolution")
    assert (old.state, old.used, old.outcome) == (
        State.REPLACED,
        hours(2),
        "replaced by b v1 (any other priority)",
    )
    assert (new.id, new.used, new.due) == ("SLA/resolution#1.1", hours(2), at("Mon 13:00"))
    story.status("Mon 12:00", "resolved")
    assert story.verdict("resolution") == "met"


@pytest.mark.scenario("E22")
def test_another_policy_may_start_over() -> None:
    story = two_teams(on_policy="restart")
    story.opened("Mon 09:00", team="a")
    story.team("Mon 11:00", "b")
    assert story.due("resolution") == at("Mon 15:00")


@pytest.mark.scenario("E22")
def test_or_the_old_one_is_kept() -> None:
    story = two_teams(on_policy="keep")
    story.opened("Mon 09:00", team="a")
    story.team("Mon 11:00", "b")
    [clock] = story.clocks("resolution")
    assert clock.due == at("Mon 17:00")


@pytest.mark.scenario("E22")
@pytest.mark.parametrize("mode", ["carry", "restart"])
@pytest.mark.parametrize("waits", [False, True])
def test_what_the_old_policy_missed_is_not_missed_by_the_new(mode: str, waits: bool) -> None:
    story = two_teams("2h", "8h", on_policy=mode)
    story.opened("Mon 09:00", team="a")
    assert words(story.pulse("Mon 11:30")) == ["breach resolution"]
    if waits:
        story.status("Mon 11:45", "waiting customer")
    story.team("Mon 12:00", "b")
    old, new = story.clocks("resolution")
    assert [breach.due for breach in old.standing] == [at("Mon 11:00")]
    assert new.breaches == ()
    assert words(story.pulse("Mon 12:00")) == []
    story.status("Mon 14:00", "resolved")
    assert story.verdict("resolution") == "met"


@pytest.mark.scenario("E22")
def test_moved_past_its_due_by_another_policy_it_says_so() -> None:
    story = two_teams("8h", "1h")
    story.opened("Mon 09:00", team="a")
    story.team("Mon 11:00", "b")
    [breach] = story.clock("resolution").breaches
    assert (breach.due, breach.breached_at) == (at("Mon 10:00"), at("Mon 11:00"))
    assert breach.cause is Cause.POLICY


@pytest.mark.scenario("E23")
def test_of_two_policies_that_match_the_lower_rank_counts() -> None:
    strict = policy(promise("resolution", "1h"), key="strict", rank=2)
    first = policy(promise("resolution", "4h"), key="first", rank=1)
    story = Story(policies=[strict, first])
    story.opened("Mon 09:00")
    assert story.due("resolution") == at("Mon 13:00")


@pytest.mark.scenario("E23")
def test_or_the_strictest_due_as_a_setting() -> None:
    strict = policy(promise("resolution", "1h"), key="strict", rank=2)
    first = policy(promise("resolution", "4h"), key="first", rank=1)
    around_the_clock = policy(promise("resolution", "2h"), key="night", rank=3, calendar="always")
    story = Story(policies=[strict, first, around_the_clock], choose="strictest due")
    story.opened("Mon 09:00")
    assert story.clock("resolution").terms.policy == "strict"
    assert story.due("resolution") == at("Mon 10:00")
    late = Story(policies=[strict, first, around_the_clock], choose="strictest due")
    late.opened("Mon 18:00")
    assert late.due("resolution") == at("Mon 20:00")


@pytest.mark.scenario("E23")
def test_policies_of_one_rank_are_refused() -> None:
    one, other = (policy(promise("resolution", "1h"), key=key, rank=7) for key in "ab")
    with pytest.raises(Invalid, match="'a'"):
        Story(policies=[one, other])


@pytest.mark.scenario("E23")
def test_clocks_of_customer_team_and_vendor_run_side_by_side() -> None:
    agreements = {"SLA": "8h", "OLA": "4h", "UC": "2h"}
    story = Story(
        policies=[
            policy(promise("resolution", target), key=name, agreement=name)
            for name, target in agreements.items()
        ]
    )
    story.opened("Mon 09:00")
    dues = {clock.id: clock.due for clock in story.ticket().clocks}
    assert dues == {
        "SLA/resolution#1": at("Mon 17:00"),
        "OLA/resolution#1": at("Mon 13:00"),
        "UC/resolution#1": at("Mon 11:00"),
    }


@pytest.mark.scenario("E24")
def test_without_a_policy_there_is_no_promise() -> None:
    story = Story(promise("resolution", "4h"), when={"plan": "gold"})
    story.opened("Mon 09:00", plan="free")
    story.status("Mon 10:00", "open")
    assert story.ticket().clocks == ()
    assert not story.ticket().has_sla()
    assert story.pulse("Mon 12:00") == []
    assert story.wakes_at() is None


@pytest.mark.scenario("E24")
def test_a_ticket_that_comes_to_a_policy_has_a_promise_from_then_on() -> None:
    story = Story(promise("resolution", "4h"), when={"plan": "gold"})
    story.opened("Mon 09:00", plan="free")
    story.fact("Mon 11:00", Kind.FIELD, name="plan", to="gold")
    assert story.due("resolution") == at("Mon 15:00")
    story.fact("Mon 12:00", Kind.FIELD, name="plan", to="free")
    assert story.clock("resolution").state is State.CANCELLED
    assert story.verdict("resolution") == "none"


EDITED = [
    policy(promise("resolution", "8h", on_reopen="resume"), version=1),
    policy(
        promise("resolution", "4h", on_reopen="resume"),
        version=2,
        valid_from=at("Mon 12:00").isoformat(),
    ),
]


@pytest.mark.scenario("E25")
def test_a_running_clock_keeps_the_version_it_began_with() -> None:
    story = Story(policies=EDITED)
    story.opened("Mon 11:00")
    story.status("Mon 13:00", "in progress")
    assert story.due("resolution") == at("Tue 11:00")
    later = Story(policies=EDITED)
    later.opened("Mon 12:00")
    assert later.due("resolution") == at("Mon 16:00")


@pytest.mark.scenario("E25")
def test_so_does_a_clock_that_is_reopened() -> None:
    story = Story(policies=EDITED)
    story.opened("Mon 10:00")
    story.status("Mon 11:00", "resolved")
    story.status("Mon 13:00", "open")
    [clock] = story.clocks("resolution")
    assert (clock.terms.version, clock.due) == (1, at("Tue 12:00"))


@pytest.mark.scenario("E25")
def test_moved_to_the_new_version_it_goes_on_under_it() -> None:
    story = Story(policies=EDITED)
    story.opened("Mon 11:00")
    story.fact("Mon 13:00", Kind.POLICY_ATTACHED, policy="standard", version=2)
    old, new = story.clocks("resolution")
    assert (old.state, old.used) == (State.REPLACED, hours(2))
    assert (new.terms.version, new.due) == (2, at("Mon 15:00"))


@pytest.mark.scenario("E25")
@pytest.mark.parametrize(("key", "version"), [("standard", 3), ("standart", 2)])
def test_a_version_that_does_not_exist_cannot_be_attached(key: str, version: int) -> None:
    story = Story(policies=EDITED)
    story.opened("Mon 11:00")
    with pytest.raises(Invalid, match=key):
        story.fact("Mon 13:00", Kind.POLICY_ATTACHED, policy=key, version=version)


@pytest.mark.scenario("E26")
def test_a_contract_counts_for_what_starts_in_its_time() -> None:
    contract = policy(
        promise("resolution", "2h"),
        key="contract",
        rank=1,
        valid_from=at("Mon 12:00").isoformat(),
        valid_until=at("Wed 12:00").isoformat(),
    )
    default = policy(promise("resolution", "8h"), key="default", rank=2)
    dues = {}
    for opened in ("Mon 11:59", "Mon 12:00", "Wed 11:59", "Wed 12:00"):
        story = Story(policies=[contract, default])
        story.opened(opened)
        story.status("Thu 08:00", "in progress")
        dues[opened] = story.due("resolution")
    assert dues == {
        "Mon 11:59": at("Tue 11:59"),
        "Mon 12:00": at("Mon 14:00"),
        "Wed 11:59": at("Wed 13:59"),
        "Wed 12:00": at("Thu 12:00"),
    }


@pytest.mark.scenario("E26")
@pytest.mark.parametrize("mode", ["restart", "new cycle"])
def test_a_cycle_that_a_reset_begins_takes_the_version_of_its_own_start(mode: str) -> None:
    edited = [
        policy(promise("periodic update", "4h", on_reset=mode), version=1),
        policy(
            promise("periodic update", "1h", on_reset=mode),
            version=2,
            valid_from=at("Mon 12:00").isoformat(),
        ),
    ]
    calendars = {
        "office": [OFFICE, closed_on(OFFICE, "2026-01-13", valid_from=at("Mon 12:00").isoformat())]
    }
    story = Story(policies=edited, calendars=calendars)
    story.opened("Mon 11:00")
    story.agent_writes("Mon 16:30")
    due = {"restart": at("Tue 12:30"), "new cycle": at("Wed 09:30")}[mode]
    assert story.due("periodic update") == due
    story.fact("Mon 16:45", Kind.NOTE)
    assert story.due("periodic update") == due


@pytest.mark.scenario("E22")
def test_a_follower_escalates_by_its_own_path() -> None:
    paths = {key: {"levels": [{"name": f"{key} 1", "team": key}]} for key in ("day", "night")}
    story = Story(
        policies=[
            policy(promise("resolution", "4h", path="night"), key="b", rank=1, when={"team": "b"}),
            policy(promise("resolution", "2h", path="day"), key="a", rank=2),
        ],
        paths=paths,
    )
    story.opened("Mon 09:00", team="a")
    found = timeline(story.runs_until("Mon 12:00"))
    story.team("Mon 12:00", "b")
    found += timeline(story.runs_until("Mon 17:00"))
    assert found == [
        ("Mon 12 11:00", "breach resolution"),
        ("Mon 12 11:00", "escalate day 1"),
        ("Mon 12 13:00", "breach resolution"),
        ("Mon 12 13:00", "escalate night 1"),
    ]
