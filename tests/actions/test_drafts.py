"""Drafts: what is being written, kept even while it is wrong, and what is wrong with it."""

import copy
from typing import Any

import pytest
from tests.actions.test_tickets import BEGIN, OPENED, after
from tests.desk import ALWAYS, POLICIES, SUPPORT, Company, Database, company

from tocsin.actions import customers, drafts
from tocsin.kit.invalid import Invalid
from tocsin.queries import drafts as known
from tocsin.queries.access import NotFound

PRIORITIES: dict[str, Any] = {
    "impacts": ["all", "some"],
    "urgencies": ["high", "low"],
    "matrix": {"all": {"high": "P1", "low": "P2"}, "some": {"high": "P3", "low": "P4"}},
}


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


def policy() -> dict[str, Any]:
    """Return the desk's policy as a draft has it: with its paths."""
    found = copy.deepcopy(POLICIES["policies"][0])
    return {**found, "paths": copy.deepcopy(POLICIES["paths"])}


def paths(desk: Company, kind: str, key: str, data: Any) -> list[str]:
    found = known.mistakes(kind=kind, key=key, data=data, by=desk.operator, now=BEGIN)
    assert all(mistake.reason for mistake in found)
    return [mistake.path for mistake in found]


@pytest.mark.parametrize("data", [{"week": 7}, [], "half a wo", None, {"x": [None, 1.5]}])
def test_a_draft_keeps_what_was_typed_however_wrong(desk: Company, data: Any) -> None:
    dora = desk.person("dora", "administrator")
    drafts.save(kind="calendar", key="office", data=data, by=dora, base=3, now=OPENED)
    found = known.draft(kind="calendar", key="office", by=dora)
    assert found == known.Draft("calendar", "office", data, 3, "Dora", OPENED)
    drafts.save(kind="calendar", key="office", data={"zone": "UTC"}, by=dora, now=after(1))
    assert [draft.data for draft in known.drafts(by=dora)] == [{"zone": "UTC"}]


def test_a_draft_changes_nothing_and_leaves_no_trace(database: Database, desk: Company) -> None:
    count = "SELECT (SELECT count(*) FROM event), (SELECT config_version FROM tenant)"
    before = database.rows(count)
    drafts.save(kind="policy", key="standard", data=policy(), by=desk.operator, now=OPENED)
    drafts.discard(kind="policy", key="standard", by=desk.operator)
    drafts.discard(kind="policy", key="standard", by=desk.operator)
    assert known.drafts(by=desk.operator) == ()
    assert database.rows(count) == before


def test_drafts_come_newest_first_and_are_of_one_tenant(desk: Company) -> None:
    other = company("other", now=BEGIN)
    for k, key in enumerate(("a", "b")):
        drafts.save(kind="calendar", key=key, data={}, by=desk.operator, now=after(k))
    assert [draft.key for draft in known.drafts(by=desk.operator)] == ["b", "a"]
    assert known.drafts(by=other.operator) == ()
    with pytest.raises(NotFound):
        known.drafts(by=desk.person("ann"))


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"kind": "calender"}, "kind"),
        ({"key": " "}, "key"),
        ({"key": "x" * 201}, "key"),
        ({"base": -1}, "base"),
        ({"data": float("nan")}, "data"),
        ({"data": {1, 2}}, "data"),
        ({"data": "a\0b"}, "data"),
    ],
)
def test_what_is_no_draft_at_all_is_refused_by_name(
    desk: Company, given: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        drafts.save(**{"kind": "calendar", "key": "a", "data": {}, "by": desk.operator, **given})
    assert refused.value.path == path


# ------------------------------------------------------------------------------------ mistakes


def test_what_holds_has_no_mistakes(desk: Company) -> None:
    customers.add_account(name="Umbrella", key="umbrella", by=desk.operator)
    contract = {
        "account": "umbrella",
        "policies": ["standard"],
        "calendar": "always",
        "valid_from": "2026-01-01T00:00:00+01:00",
    }
    for kind, key, data in (
        ("calendar", "always", ALWAYS),
        ("policy", "standard", policy()),
        ("pipeline", "support", SUPPORT),
        ("contract", "c-1", contract),
        ("hours", "account:umbrella", {"calendar": "always"}),
        ("hours", "team:second line", {"calendar": "always"}),
        ("hours", f"person:{desk.people['ann']}", {"calendar": "always"}),
        ("priorities", "matrix", PRIORITIES),
        ("options", "desk", {"default_policy": "required", "choose": "strictest due"}),
    ):
        assert paths(desk, kind, key, data) == [], kind


def test_each_section_of_a_calendar_tells_its_mistake(desk: Company) -> None:
    data = {
        "zone": "Mars/Base",
        "week": {"mon": ["9-5"], "tue": ["09:00-12:00"], "wed": ["25:99-26:00"], "xyz": []},
        "exceptions": {"2026-13-01": [], "2026-01-01": ["x"]},
        "holidays": [{"days": {"2026-06-06": "x"}}, {"days": {"yesterday": "x"}}],
        "colour": "red",
    }
    found = paths(desk, "calendar", "office", data)
    assert {path.partition("[")[0] for path in found} >= {
        "zone",
        "colour",
        "holidays",
        "week.mon",
        "week.wed",
        "week.xyz",
    }
    assert any(path.startswith("exceptions") for path in found)
    assert len([path for path in found if path.startswith("exceptions")]) == 2


def test_a_calendar_that_never_opens_again_cannot_be_published(desk: Company) -> None:
    data = {"zone": "UTC", "week": {}, "exceptions": {"2020-01-01": ["09:00-10:00"]}}
    assert paths(desk, "calendar", "office", data) == ["week"]
    both = {"union": [{"zone": "X"}, {"zone": "UTC", "week": {"mon": ["z"]}}]}
    found = paths(desk, "calendar", "office", both)
    assert any(path.startswith("union[0]") for path in found)
    assert any(path.startswith("union[1].week.mon") for path in found)


def test_each_section_of_a_policy_tells_its_mistake(desk: Company) -> None:
    data = policy()
    data["rank"] = "first"
    data["agreement"] = "SLAP"
    data["clocks"][0]["targets"] = {"P1": "soon", "P2": "1h", "P3": "never"}
    data["clocks"][1]["alerts"] = [{"at": "75%"}, {"at": "many"}, {"before": "x"}]
    data["clocks"][1]["pause"] = {"status": {"like": "x"}}
    data["paths"]["standard"]["levels"][1]["wait"] = "later"
    data["paths"]["standard"]["levels"][2]["team"] = "Nobody"
    found = paths(desk, "policy", "standard", data)
    for expected in (
        "rank",
        "agreement",
        "clocks[0].targets.P1",
        "clocks[0].targets.P3",
        "clocks[1].alerts[1].at",
        "clocks[1].alerts[2].before",
        "clocks[1].pause.status",
        "paths.standard.levels[1].wait",
        "paths.standard.levels[2].team",
    ):
        assert any(path.startswith(expected) for path in found), (expected, found)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"clocks": []}, "clocks"),
        ({"clocks": "x"}, "clocks"),
        ({"calendar": "offcie"}, "clocks[0].calendar"),
        ({"key": "another"}, "key"),
        ({"valid_until": "tomorrow"}, "valid_until"),
        ({"colour": 1}, "colour"),
        ({"paths": []}, "paths"),
        ({"paths": {}}, "clocks[1].path"),
    ],
)
def test_a_policy_names_the_field(desk: Company, change: dict[str, Any], path: str) -> None:
    found = paths(desk, "policy", "standard", policy() | change)
    assert any(one.startswith(path) for one in found), found


def test_a_policy_may_not_take_anothers_rank_or_tell_nobody(desk: Company) -> None:
    data = policy()
    data["clocks"][0]["alerts"] = [{"at": "75%", "notify": ["owner", "manger"]}]
    assert paths(desk, "policy", "gold", data | {"key": "gold"}) == [
        "rank",
        "clocks[0].alerts[0].notify[1]",
    ]


def test_each_stage_of_a_pipeline_tells_its_mistake(desk: Company) -> None:
    data = copy.deepcopy(SUPPORT)
    data["stages"][0] |= {"limit": "2 fortnights"}
    data["stages"][1] |= {"status": "opne"}
    data["stages"][2] |= {"moves": ["wrok"], "wip": 0}
    data["stages"][3] |= {"limit": "1h", "alerts": [{"at": "x"}], "path": "nowhere"}
    data["calendar"] = "x"
    found = paths(desk, "pipeline", "support", data)
    for expected in (
        "calendar",
        "stages[0].limit",
        "stages[1].status",
        "stages[2].moves",
        "stages[2].wip",
        "stages[3].alerts",
        "stages[3].path",
    ):
        assert any(path.startswith(expected) for path in found), (expected, found)


@pytest.mark.parametrize(
    ("kind", "key", "data", "wrong"),
    [
        (
            "contract",
            "c",
            {"account": "x", "policies": ["gold"], "calendar": "y", "valid_from": "z", "a": 1},
            {"a", "account", "policies[0]", "calendar", "valid_from"},
        ),
        ("contract", "c", {}, {"account", "policies", "valid_from"}),
        ("hours", "team:nobody", {}, {"key"}),
        ("hours", "ann", {}, {"key"}),
        ("hours", "person:0", {}, {"key"}),
        ("hours", "team:second line", {"calendar": "x"}, {"calendar"}),
        ("priorities", "other", {}, {"key"}),
        ("priorities", "matrix", {}, {"impacts", "urgencies", "matrix"}),
        (
            "priorities",
            "matrix",
            {**PRIORITIES, "matrix": {"all": {"high": "P9"}, "none": {}}},
            {"matrix.none", "matrix.all.high", "matrix.all.low", "matrix.some"},
        ),
        (
            "options",
            "desk",
            {"default_policy": "perhaps", "choose": "best", "x": 1},
            {"default_policy", "choose", "x"},
        ),
    ],
)
def test_the_other_kinds_name_each_field(
    desk: Company, kind: str, key: str, data: Any, wrong: set[str]
) -> None:
    assert set(paths(desk, kind, key, data)) == wrong


# ------------------------------------------------------------------------------------ differences


def test_differences_name_fields_and_tell_objects_apart_by_their_names() -> None:
    was, now = policy(), policy()
    now["rank"] = 2
    now["clocks"].insert(0, {"clock": "update", "targets": {"*": "1h"}})
    now["clocks"][2]["targets"]["P1"] = "2h"
    del now["clocks"][1]["alerts"]
    found = {one.path: (one.was, one.now) for one in known.differences(was, now)}
    assert found == {
        "rank": (1, 2),
        "clocks[update]": (None, now["clocks"][0]),
        "clocks[resolution].targets.P1": ("4h", "2h"),
        "clocks[first response].alerts": ([{"at": "75%"}], None),
    }
    assert known.differences(was, policy()) == ()


def test_another_order_and_another_type_are_differences_too() -> None:
    first, second = {"key": "a"}, {"key": "b"}
    assert known.differences([first, second], [second, first]) == (
        known.Difference("", ["a", "b"], ["b", "a"]),
    )
    assert known.differences({"a": 1}, {"a": True}) == (known.Difference("a", 1, True),)
    assert known.differences(["x"], ["x", "y"]) == (known.Difference("", ["x"], ["x", "y"]),)
    # Two of one name cannot be told apart, so the whole list differs.
    assert known.differences([first], [first, first])[0].path == ""
