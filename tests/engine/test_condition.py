"""Conditions: which facts pass, which part of them fails, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.engine import condition
from tocsin.engine.condition import ALWAYS, NEVER, AllOf, AnyOf, Not
from tocsin.kit.invalid import Invalid

GOLD = {"plan": "gold", "priority": "P1", "seats": 40, "subject": "VPN is down", "vip": True}


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ({}, True),
        ({"plan": "gold"}, True),
        ({"plan": "free"}, False),
        ({"plan": ["free", "gold"]}, True),
        ({"plan": "gold", "priority": "P1"}, True),
        ({"plan": "gold", "priority": "P2"}, False),
        ({"plan": {"in": ["gold"]}}, True),
        ({"plan": {"not_in": ["gold", "free"]}}, False),
        ({"plan": {"not_in": "free"}}, True),
        ({"seats": {"at_least": 40}}, True),
        ({"seats": {"at_least": 40.5}}, False),
        ({"seats": {"at_most": 40}}, True),
        ({"seats": {"at_least": 10, "at_most": 30}}, False),
        ({"plan": {"at_least": 1}}, False),
        ({"vip": {"at_least": 1}}, False),
        ({"subject": {"contains": "vpn"}}, True),
        ({"subject": {"contains": "printer"}}, False),
        ({"seats": {"contains": "4"}}, False),
        ({"plan": {"set": True}}, True),
        ({"plan": {"set": False}}, False),
        ({"vip": True}, True),
        # What is missing compares as nothing.
        ({"team": "a"}, False),
        ({"team": None}, True),
        ({"team": {"not_in": ["a"]}}, True),
        ({"team": {"set": False}}, True),
        ({"team": {"at_least": 0}}, False),
        ({"team": {"at_most": 0}}, False),
        ({"team": {"contains": "a"}}, False),
        # Nesting.
        ({"any": [{"plan": "free"}, {"priority": "P1"}]}, True),
        ({"any": [{"plan": "free"}, {"priority": "P2"}]}, False),
        ({"any": []}, False),
        ({"all": []}, True),
        ({"all": [{"plan": "gold"}, {"priority": "P2"}]}, False),
        ({"not": {"plan": "free"}}, True),
        ({"not": {"plan": "gold", "priority": "P2"}}, True),
        ({"not": {}}, False),
        ({"plan": "gold", "any": [{"seats": {"at_least": 50}}, {"vip": True}]}, True),
        ({"not": {"any": [{"plan": "gold"}, {"plan": "free"}]}}, False),
    ],
)
def test_facts_pass_or_they_do_not(written: dict[str, Any], holds: bool) -> None:
    found = condition.from_dict(written)
    assert found.matches(GOLD) is holds
    assert bool(condition.why_not(found, GOLD)) is not holds


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"plan": "free"}, "plan is free does not hold (plan is 'gold')"),
        ({"plan": "gold", "priority": "P2"}, "priority is P2 does not hold (priority is 'P1')"),
        ({"team": ["a", "b"]}, "team is a or b does not hold (team is None)"),
        ({"seats": {"at_least": 50}}, "seats ≥ 50 does not hold (seats is 40)"),
        ({"not": {"plan": "gold"}}, "not (plan is gold) does not hold (plan is 'gold')"),
        (
            {"any": [{"plan": "free"}, {"seats": {"at_most": 5}}]},
            "plan is free or seats ≤ 5 does not hold (plan is 'gold', seats is 40)",
        ),
        ({"any": []}, "never does not hold"),
        ({"plan": "gold", "not": {"vip": True}}, "not (vip is True) does not hold (vip is True)"),
    ],
)
def test_the_part_that_fails_is_named_with_its_fact(written: dict[str, Any], why: str) -> None:
    assert condition.why_not(condition.from_dict(written), GOLD) == why


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({}, "always"),
        ({"any": []}, "never"),
        ({"plan": ["gold", "silver"], "vip": True}, "plan is gold or silver and vip is True"),
        (
            {"plan": "gold", "any": [{"vip": True}, {"seats": {"at_least": 9}}]},
            "plan is gold and (vip is True or seats ≥ 9)",
        ),
        (
            {"any": [{"plan": "gold", "vip": True}, {"plan": "free"}]},
            "(plan is gold and vip is True) or plan is free",
        ),
        ({"team": {"set": True}}, "team has a value"),
        ({"team": {"set": False}}, "team is empty"),
        ({"subject": {"contains": "vpn"}}, "subject contains vpn"),
    ],
)
def test_a_condition_reads_as_a_sentence(written: dict[str, Any], words: str) -> None:
    assert str(condition.from_dict(written)) == words


def test_it_says_which_facts_it_looks_at() -> None:
    written = {"plan": "gold", "any": [{"vip": True}, {"not": {"seats": {"at_most": 4}}}]}
    assert condition.from_dict(written).names() == {"plan", "vip", "seats"}
    assert ALWAYS.names() == NEVER.names() == frozenset()


@pytest.mark.parametrize(
    ("written", "path", "words"),
    [
        (["plan"], "when", "expected a mapping"),
        ({1: "gold"}, "when", "put it in quotes"),
        ({"plan": []}, "when.plan", "an empty list never matches"),
        ({"plan": [["gold"]]}, "when.plan", "not a plain value"),
        ({"plan": {}}, "when.plan", "a comparison is missing"),
        ({"seats": {"at_leest": 3}}, "when.seats.at_leest", "did you mean at_least?"),
        ({"seats": {"at_least": "3"}}, "when.seats.at_least", "expected a number, got '3'"),
        ({"seats": {"at_most": True}}, "when.seats.at_most", "expected a number"),
        ({"plan": {"set": "yes"}}, "when.plan.set", "expected true or false, got 'yes'"),
        ({"plan": {"contains": ""}}, "when.plan.contains", "expected text"),
        ({"plan": {"in": []}}, "when.plan.in", "an empty list never matches"),
        ({"any": {"plan": "gold"}}, "when.any", "expected a list"),
        ({"any": [{"plan": "gold"}, "vip"]}, "when.any[1]", "expected a mapping"),
        ({"all": [{"not": {"plan": []}}]}, "when.all[0].not.plan", "an empty list"),
    ],
)
def test_mistakes_are_refused_where_they_stand(written: Any, path: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        condition.from_dict(written)
    assert refused.value.path == path
    assert words in refused.value.reason


facts = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3)
tests = st.builds(
    lambda name, value: condition.from_dict({name: value}),
    st.sampled_from("abc"),
    st.integers(0, 3),
)
conditions = st.recursive(
    tests,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3).map(tuple).map(AllOf),
        st.lists(parts, max_size=3).map(tuple).map(AnyOf),
        parts.map(Not),
    ),
    max_leaves=8,
)


@given(conditions, facts)
def test_a_reason_is_given_exactly_when_it_fails(found: condition.Condition, given_: Any) -> None:
    assert bool(condition.why_not(found, given_)) is not found.matches(given_)
    assert Not(Not(found)).matches(given_) is found.matches(given_)
    assert Not(AllOf((found, Not(found)))).matches(given_)


@given(conditions, facts, st.integers(0, 3))
def test_only_the_facts_that_it_names_matter(
    found: condition.Condition, given_: dict[str, Any], value: int
) -> None:
    for name in {"a", "b", "c", "other"} - found.names():
        assert found.matches({**given_, name: value}) is found.matches(given_)
    assert isinstance(found, condition.Condition)
