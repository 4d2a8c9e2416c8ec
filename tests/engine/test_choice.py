"""Choice: the policy that gave a clock its terms, and why each of the others did not."""

import json
from typing import Any

from hypothesis import given
from tests.engine.random_desks import Desk, desks
from tests.stories.story import OFFICE, at, policy, promise

from tocsin.engine import choice
from tocsin.engine.choice import Candidate, Ground, Part
from tocsin.engine.policy import Agreement
from tocsin.engine.version import Versions

SLOT = (Agreement.SLA, "resolution")
MONDAY = at("Mon 09:00")


def desk(*policies: dict[str, Any], **top: Any) -> Versions:
    return Versions.from_dict(
        {"tocsin": 1, "calendars": {"office": OFFICE}, "policies": [*policies], **top}
    )


def asked(versions: Versions, *, pinned: dict[str, int] | None = None, **facts: Any) -> Any:
    return choice.candidates(versions, SLOT, facts, at=MONDAY, pinned=pinned or {})


def grounds(found: tuple[Candidate, ...]) -> list[tuple[str, int, Ground]]:
    return [(one.policy, one.version, one.why) for one in found]


def test_the_first_that_matches_is_chosen_and_the_others_say_what_they_lack() -> None:
    versions = desk(
        policy(promise("resolution", "8h"), key="rest", rank=3),
        policy(promise("resolution", "1h"), key="gold", rank=1, when={"plan": "gold"}),
        policy(
            promise("resolution", {"P1": "2h"}),
            key="vip",
            rank=2,
            when={"vip": True, "priority": ["P1", "P2"]},
        ),
    )
    gold, vip, rest = asked(versions, plan="silver", vip=True, priority="P3")
    assert (gold.matched, gold.chosen, gold.why) == (False, False, Ground.CONDITION)
    assert gold.parts == (Part("plan", "in", ("gold",), "silver"),)
    # Only what failed is named, not what held.
    assert vip.parts == (Part("priority", "in", ("P1", "P2"), "P3"),)
    assert (rest.matched, rest.chosen, rest.row) == (True, True, "any other priority")
    first, second, third = asked(versions, plan="gold", vip=True, priority="P1")
    assert (first.chosen, first.parts) == (True, (Part("plan", "in", ("gold",), "gold"),))
    assert (second.matched, second.chosen, second.why) == (True, False, Ground.BEHIND)
    assert second.row == "P1"
    assert third.why is Ground.BEHIND


def test_a_policy_without_a_fitting_target_says_what_its_rows_wanted() -> None:
    versions = desk(policy(promise("resolution", {"P1": "1h", "P2": "2h"}), key="a"))
    (found,) = asked(versions, priority="P4")
    assert (found.matched, found.why) == (False, Ground.NO_ROW)
    assert found.parts == (
        Part("priority", "in", ("P1",), "P4"),
        Part("priority", "in", ("P2",), "P4"),
    )


def test_what_is_not_in_force_says_so() -> None:
    versions = desk(
        policy(promise("resolution", "1h"), key="new", rank=1, valid_from="2027-01-01T00:00:00Z"),
        policy(promise("resolution", "1h"), key="old", rank=2, valid_until="2025-01-01T00:00:00Z"),
        policy(promise("resolution", "1h"), key="now", rank=3),
    )
    assert grounds(asked(versions)) == [
        ("new", 1, Ground.NOT_YET),
        ("old", 1, Ground.ENDED),
        ("now", 1, Ground.CHOSEN),
    ]


def test_one_version_of_each_policy_is_asked_the_one_moved_to_among_them() -> None:
    versions = desk(
        policy(promise("resolution", "1h"), key="a", version=1, valid_until=MONDAY.isoformat()),
        policy(promise("resolution", "2h"), key="a", version=2, valid_from=MONDAY.isoformat()),
        policy(promise("resolution", "3h"), key="a", version=3, valid_from="2027-01-01T00:00:00Z"),
    )
    assert grounds(asked(versions)) == [("a", 2, Ground.CHOSEN)]
    assert grounds(asked(versions, pinned={"a": 3})) == [("a", 3, Ground.CHOSEN)]


def test_a_newer_version_that_gave_the_clock_up_has_ended_the_older_one() -> None:
    versions = desk(
        policy(promise("resolution", "1h"), key="a", version=1),
        policy(promise("first response", "1h"), key="a", version=2),
    )
    assert grounds(asked(versions)) == [("a", 1, Ground.ENDED)]


def test_of_several_promises_the_strictest_is_chosen_where_that_is_the_rule() -> None:
    versions = desk(
        policy(promise("resolution", "8h"), key="slow", rank=1),
        policy(promise("resolution", "1h"), key="quick", rank=2),
        choose="strictest due",
    )
    assert grounds(asked(versions)) == [("slow", 1, Ground.LATER), ("quick", 1, Ground.CHOSEN)]


def test_another_agreement_or_clock_is_no_candidate() -> None:
    versions = desk(
        policy(promise("first response", "1h"), key="other", rank=1),
        policy(promise("resolution", "1h"), key="team", rank=2, agreement="OLA"),
        policy(promise("resolution", "1h"), key="a", rank=3),
    )
    assert grounds(asked(versions)) == [("a", 1, Ground.CHOSEN)]


def test_under_a_not_the_parts_that_hold_are_what_failed() -> None:
    when = {"not": {"any": [{"team": "b"}, {"plan": "gold"}]}}
    versions = desk(policy(promise("resolution", "1h"), key="a", when=when))
    (found,) = asked(versions, team="b", plan="silver")
    assert found.parts == (Part("team", "in", ("b",), "b", negated=True),)
    (chosen,) = asked(versions, team="c", plan="silver")
    assert [part.name for part in chosen.parts] == ["team", "plan"]


def test_it_is_plain_data_for_json() -> None:
    versions = desk(policy(promise("resolution", "1h"), key="a", when={"vip": {"set": True}}))
    (found,) = asked(versions)
    assert json.loads(json.dumps(found.to_dict())) == {
        "policy": "a",
        "version": 1,
        "rank": 1,
        "matched": False,
        "chosen": False,
        "why": "condition not met",
        "row": None,
        "parts": [
            {"fact": "vip", "test": "set", "wanted": True, "is": None, "negated": False},
        ],
    }


@given(desks())
def test_what_is_chosen_is_what_the_terms_are_made_of(desk: Desk) -> None:
    facts: dict[str, Any] = {}
    for fact in desk.facts:
        facts.update(fact.changes())
        for slot in desk.versions.slots():
            moment = fact.effective_at
            found = choice.candidates(desk.versions, slot, facts, at=moment, pinned={})
            terms = desk.versions.terms(slot, facts, moment, {})
            chosen = [(one.policy, one.version) for one in found if one.chosen]
            assert chosen == ([] if terms is None else [terms.same_policy])
            # Whoever is chosen matched; whoever matched and is not stands behind.
            for one in found:
                assert one.matched is (one.why in (Ground.CHOSEN, Ground.BEHIND, Ground.LATER))
