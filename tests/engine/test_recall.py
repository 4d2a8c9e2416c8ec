"""Terms that were chosen before: the same answer as choosing, and ranks that change hands."""

import datetime as dt
from typing import Any

import pytest
from tests.stories.story import OFFICE

from tocsin.engine.policy import Agreement
from tocsin.engine.recall import Kept
from tocsin.engine.version import Versions
from tocsin.kit.invalid import Invalid

APRIL = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
SLOT = (Agreement.SLA, "resolution")


def policy(key: str, version: int, rank: int, **more: Any) -> dict[str, Any]:
    clock = {"clock": "resolution", "targets": {"*": f"{rank}h"}}
    return {
        "key": key,
        "version": version,
        "rank": rank,
        "calendar": "office",
        "clocks": [clock],
    } | {**more}


def versions(*policies: dict[str, Any]) -> Versions:
    return Versions.from_dict({"tocsin": 1, "calendars": {"office": OFFICE}, "policies": policies})


def chosen(found: Versions, at: dt.datetime, **facts: Any) -> tuple[str, int] | None:
    terms = found.terms(SLOT, facts, at, {})
    return None if terms is None else (terms.policy, terms.version)


def test_two_policies_change_ranks_at_one_instant() -> None:
    found = versions(
        policy("a", 1, 1),
        policy("b", 1, 2),
        policy("a", 2, 2, valid_from=APRIL),
        policy("b", 2, 1, valid_from=APRIL),
    )
    before = APRIL - dt.timedelta(microseconds=1)
    assert chosen(found, before) == ("a", 1)
    assert chosen(found, APRIL) == ("b", 2)
    assert chosen(found, before) == ("a", 1)


def test_two_policies_of_one_rank_at_one_time_are_refused() -> None:
    with pytest.raises(Invalid, match="has the rank of 'a'"):
        versions(policy("a", 1, 1), policy("b", 1, 1))
    with pytest.raises(Invalid, match="has the rank of 'a'"):
        versions(policy("a", 1, 1, valid_until=APRIL + dt.timedelta(days=1)), policy("b", 1, 1))
    later = policy("b", 1, 1, valid_from=APRIL)
    versions(policy("a", 1, 1, valid_until=APRIL), later)
    with pytest.raises(Invalid, match="has the rank of 'a'"):
        versions(policy("a", 1, 1, valid_until=APRIL + dt.timedelta(microseconds=1)), later)


def test_values_that_are_equal_and_not_the_same_are_told_apart() -> None:
    found = versions(
        policy("true", 1, 1, when={"vip": {"set": True}, "level": {"at_least": 1}}),
        policy("rest", 1, 2),
    )
    assert chosen(found, APRIL, vip=True, level=1) == ("true", 1)
    # A comparison of numbers takes no truth value for one, in whatever order they are asked.
    assert chosen(found, APRIL, vip=True, level=True) == ("rest", 1)
    assert chosen(found, APRIL, vip=True, level=1) == ("true", 1)
    assert chosen(found, APRIL, vip=True, level="1") == ("rest", 1)
    assert chosen(found, APRIL, vip=None, level=1) == ("rest", 1)


def test_not_more_is_kept_than_fits() -> None:
    kept = Kept((), ())
    for k in range(10_001):
        kept.keep((k,), None)
    assert len(kept.terms) == 1
