"""Stories of whose calendar and whose contract a clock goes by."""

from typing import Any

import pytest
from tests.stories.story import NEW_YORK, OFFICE, Story, at, closed_on, policy, promise

from tocsin.engine.books import Contract
from tocsin.engine.clock import State
from tocsin.engine.source import Whose

# The team keeps a holiday on Tuesday that its customers in New York do not.
CALENDARS = {"stockholm": closed_on(OFFICE, "2026-01-13"), "new york": NEW_YORK}
WHOSE = {
    ("account", "7"): ((None, "new york"),),
    ("team", "eu"): ((None, "stockholm"),),
    ("assignee", "1"): ((None, "always"),),
}


def served(calendar: object, **born: Any) -> Story:
    clock = promise("resolution", "2h", calendar=calendar)
    story = Story(clock, calendars=CALENDARS, whose=WHOSE)
    story.opened("Mon 16:30", **{"account": "7", "team": "eu", **born})
    return story


@pytest.mark.scenario("E30")
@pytest.mark.parametrize(
    ("calendar", "due"),
    [
        # TZ1 and TZ2 of the worked values; the holiday is the team's alone.
        ({"source": "account", "else": "office"}, "Mon 18:30"),
        ({"source": "team", "else": "office"}, "Wed 10:30"),
        ("office", "Tue 10:30"),
        ({"union": [{"source": "account", "else": "office"}, "stockholm"]}, "Mon 18:30"),
        ({"intersection": [{"source": "account", "else": "office"}, "office"]}, "Tue 16:30"),
        ({"intersection": ["new york", {"source": "team", "else": "office"}]}, "Wed 16:30"),
    ],
)
def test_whose_hours_count_decides_the_due(calendar: object, due: str) -> None:
    assert served(calendar).due("resolution") == at(due)


@pytest.mark.scenario("E30")
@pytest.mark.parametrize("whose", [str(whose) for whose in Whose])
def test_who_has_no_hours_takes_those_that_are_named(whose: str) -> None:
    story = served({"source": whose, "else": "office"}, account="8", team="asia", assignee="9")
    assert story.due("resolution") == at("Tue 10:30")


def test_a_clock_goes_over_when_somebody_else_has_the_ticket() -> None:
    story = served({"source": "assignee", "else": "office"}, assignee=None)
    story.assigned("Mon 20:00", "1")
    # Half an hour was used until five; the rest runs through the night.
    assert story.due("resolution") == at("Mon 21:30")
    assert [s.calendar.key for s in story.clock("resolution").segments] == ["office", "always"]


def test_what_is_whose_counts_from_when_it_was_written_down() -> None:
    whose = {("team", "eu"): ((None, "office"), (at("Mon 12:00"), "always"))}
    story = Story(
        promise("resolution", "2h", calendar={"source": "team", "else": "office"}), whose=whose
    )
    story.opened("Mon 16:30", team="eu")
    assert story.due("resolution") == at("Mon 18:30")
    before = Story(
        promise("resolution", "2h", calendar={"source": "team", "else": "office"}),
        whose={("team", "eu"): ((None, "office"), (at("Mon 16:45"), "always"))},
    )
    before.opened("Mon 16:30", team="eu")
    before.status("Mon 16:50", "in progress")
    assert before.due("resolution") == at("Tue 10:30")


def test_a_calendar_made_of_several_moves_when_one_of_them_does() -> None:
    edited = [OFFICE, closed_on(OFFICE, "2026-01-13", valid_from=at("Mon 12:00").isoformat())]
    story = Story(
        promise("resolution", "8h", calendar={"union": ["office", "lunch"]}),
        calendars={"office": edited, "lunch": {**OFFICE, "week": {"sat": ["10:00-12:00"]}}},
    )
    story.opened("Mon 11:00")
    assert story.due("resolution") == at("Tue 11:00")
    story.calendar_changes("Mon 12:00", "office", 2)
    assert story.due("resolution") == at("Wed 11:00")
    assert story.clock("resolution").calendar.ref == "office ∪ lunch v2"


def contract(**fields: object) -> Contract:
    given = {"key": "gold", "version": 1, "account": "7", "policies": frozenset({"gold"})}
    return Contract(**{**given, **fields})  # type: ignore[arg-type]  # fields by name


def under(judged_by: str, *contracts: Contract) -> Story:
    gold = policy(promise("resolution", "2h"), key="gold", contract=True, judged_by=judged_by)
    usual = policy(promise("resolution", "8h"), key="usual", rank=2)
    story = Story(policies=[gold, usual], contracts=contracts)
    story.opened("Mon 09:00", account="7")
    return story


@pytest.mark.scenario("E26")
@pytest.mark.parametrize(("judged_by", "last"), [("clock start", "gold"), ("event time", "usual")])
def test_a_contract_that_ends_while_a_clock_runs(judged_by: str, last: str) -> None:
    story = under(judged_by, contract(valid_until=at("Mon 10:00")))
    assert story.clock("resolution").terms.policy == "gold"
    story.status("Mon 10:30", "in progress")
    assert story.clock("resolution").terms.policy == last
    first = story.clocks("resolution")[0]
    assert (first.state is State.REPLACED) is (last == "usual")


@pytest.mark.scenario("E26")
@pytest.mark.parametrize(("judged_by", "last"), [("clock start", "usual"), ("event time", "gold")])
def test_a_contract_that_begins_while_a_clock_runs(judged_by: str, last: str) -> None:
    story = under(judged_by, contract(valid_from=at("Mon 09:30")))
    assert story.clock("resolution").terms.policy == "usual"
    story.status("Mon 10:30", "in progress")
    assert story.clock("resolution").terms.policy == last


def test_a_version_of_a_contract_changes_nothing_that_was_promised_before() -> None:
    cancelled = contract(version=2, known_at=at("Mon 12:00"), policies=frozenset())
    story = under("clock start", contract(), cancelled)
    story.status("Mon 13:00", "in progress")
    assert story.clock("resolution").terms.policy == "gold"


def test_a_contract_is_of_its_account_only() -> None:
    gold = policy(promise("resolution", "2h"), key="gold", contract=True)
    story = Story(policies=[gold], contracts=[contract()])
    story.opened("Mon 09:00", account="8")
    assert not story.ticket().has_sla()
    story.field("Mon 10:00", "account", "7")
    assert story.due("resolution") == at("Mon 12:00")


def test_the_calendar_of_a_contract() -> None:
    clock = promise("resolution", "2h", calendar={"source": "contract", "else": "office"})
    story = Story(clock, contracts=[contract(calendar="always")])
    story.opened("Mon 16:30", account="7")
    assert story.due("resolution") == at("Mon 18:30")
