"""Mistakes in a policy file: each is refused where it stands, with what would be right."""

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from tests.stories.story import OFFICE

from tocsin.engine.version import Versions
from tocsin.kit.invalid import Invalid

Data = dict[str, Any]
Edit = Callable[[Data], object]


def good() -> Data:
    return {
        "tocsin": 1,
        "calendars": {"office": copy.deepcopy(OFFICE)},
        "paths": {"rescue": {"levels": [{"name": "L1", "wait": "0m", "team": "desk"}]}},
        "policies": [
            {
                "key": "standard",
                "rank": 1,
                "calendar": "office",
                "clocks": [
                    {
                        "clock": "resolution",
                        "targets": {"P1": "2h", "*": "8h"},
                        "alerts": [{"at": "75%"}],
                        "path": "rescue",
                    }
                ],
            },
            {
                "key": "second",
                "rank": 2,
                "clocks": [
                    {
                        "clock": "first response",
                        "targets": [{"target": "1h", "calendar": "office"}],
                    }
                ],
            },
        ],
    }


def policy(data: Data, k: int = 0) -> Data:
    found: Data = data["policies"][k]
    return found


def clock(data: Data, k: int = 0) -> Data:
    found: Data = policy(data, k)["clocks"][0]
    return found


def test_the_policy_that_the_mistakes_are_made_in_is_good() -> None:
    found = Versions.from_dict(good())
    assert [plan.key for plan in found.policies] == ["standard", "second"]


def top(**fields: Any) -> Edit:
    return lambda data: data.update(fields)


def in_policy(**fields: Any) -> Edit:
    return lambda data: policy(data).update(fields)


def in_clock(**fields: Any) -> Edit:
    return lambda data: clock(data).update(fields)


def without(*names: str) -> Edit:
    def edit(data: Data) -> None:
        for place in (data, policy(data), clock(data)):
            for name in names:
                place.pop(name, None)

    return edit


P = "policies[0]"
C = "policies[0].clocks[0]"
MISTAKES: dict[str, tuple[Edit, str, str]] = {
    # The file.
    "no form": (without("tocsin"), "tocsin", "tocsin: 1"),
    "another form": (top(tocsin=2), "tocsin", "tocsin: 1"),
    "unknown field": (top(calenders={}), "calenders", "did you mean calendars?"),
    "no calendars": (without("calendars"), "calendars", "expected a mapping, got nothing"),
    "no policies": (without("policies"), "policies", "expected a list, got nothing"),
    "empty policies": (top(policies=[]), "policies", "at least one policy"),
    "policies by name": (top(policies={"a": 1}), "policies", "expected a list"),
    "unknown choice": (top(choose="strictest"), "choose", "did you mean strictest due?"),
    # Calendars.
    "unknown zone": (
        lambda d: d["calendars"]["office"].update(zone="Europe/Stokholm"),
        "calendars.office.zone",
        "Europe/Stockholm",
    ),
    "no version": (top(calendars={"office": []}), "calendars.office", "at least one version"),
    "versions run backwards": (
        top(calendars={"office": [{**OFFICE, "version": 2}, {**OFFICE, "version": 1}]}),
        "calendars.office[1].version",
        "must count up",
    ),
    "versions in force out of order": (
        top(
            calendars={
                "office": [
                    {**OFFICE, "valid_from": "2026-02-01T00:00:00Z"},
                    {**OFFICE, "valid_from": "2026-01-01T00:00:00Z"},
                ]
            }
        ),
        "calendars.office[1].valid_from",
        "must be later than",
    ),
    "naive version": (
        top(calendars={"office": [{**OFFICE, "valid_from": "2026-02-01T00:00:00"}]}),
        "calendars.office[0].valid_from",
        "is naive",
    ),
    # Policies.
    "no key": (without("key"), f"{P}.key", "expected text, got nothing"),
    "no rank": (without("rank"), f"{P}.rank", "whole number of at least 0, got nothing"),
    "negative rank": (in_policy(rank=-1), f"{P}.rank", "at least 0"),
    "equal ranks": (in_policy(rank=2), "policies[1].rank", "has the rank of 'standard'"),
    "one version twice": (
        lambda d: policy(d, 1).update(key="standard"),
        "policies[1].version",
        "version 1 of 'standard' is named twice",
    ),
    "unknown policy field": (in_policy(rnak=1), f"{P}.rnak", "did you mean rank?"),
    "unknown agreement": (in_policy(agreement="SLO"), f"{P}.agreement", "SLA, OLA, UC"),
    "version zero": (in_policy(version=0), f"{P}.version", "at least 1"),
    "no clocks": (without("clocks"), f"{P}.clocks", "expected a list"),
    "empty clocks": (in_policy(clocks=[]), f"{P}.clocks", "needs a clock"),
    "one clock twice": (
        lambda d: policy(d)["clocks"].append(dict(clock(d))),
        f"{P}.clocks",
        "same name",
    ),
    "condition": (in_policy(when={"plan": []}), f"{P}.when.plan", "empty list"),
    "naive valid_from": (
        in_policy(valid_from="2026-03-01T00:00:00"),
        f"{P}.valid_from",
        "add its offset, such as Z or +01:00",
    ),
    "naive datetime": (
        in_policy(valid_from=dt.datetime(2026, 3, 1)),
        f"{P}.valid_from",
        "is naive",
    ),
    "a date": (in_policy(valid_from="2026-03-01"), f"{P}.valid_from", "is naive"),
    "no instant": (in_policy(valid_until="March"), f"{P}.valid_until", "is not an instant"),
    "an instant before the first": (
        in_policy(valid_until="0001-01-01T00:00:00+05:00"),
        f"{P}.valid_until",
        "outside the years",
    ),
    "ends before it begins": (
        in_policy(valid_from="2026-03-01T00:00:00Z", valid_until="2026-03-01T01:00:00+01:00"),
        f"{P}.valid_until",
        "must be later than valid_from",
    ),
    # Clocks.
    "unknown preset": (
        in_clock(clock="resolutoin"),
        f"{C}.start",
        "(did you mean resolution?), so it needs `start`",
    ),
    "own clock without stop": (
        in_clock(clock="my own", start={"status": "open"}),
        f"{C}.stop",
        "needs `stop`",
    ),
    "no clock name": (without("clock"), f"{C}.clock", "expected text"),
    "unknown clock field": (in_clock(target="8h"), f"{C}.target", "did you mean targets?"),
    "starts never": (in_clock(start="never"), f"{C}.start", "never runs"),
    "unknown mode": (in_clock(on_priority="cary"), f"{C}.on_priority", "did you mean carry?"),
    "unknown reopen": (in_clock(on_reopen="restrat"), f"{C}.on_reopen", "did you mean restart?"),
    "unknown judge": (in_clock(judge="best"), f"{C}.judge", "worst, final"),
    "grace in days": (in_clock(grace="1d"), f"{C}.grace", "ambiguous"),
    "predicate": (
        in_clock(stop=[{"when": {"status": []}}]),
        f"{C}.stop[0].when.status",
        "an empty list",
    ),
    "predicate field": (
        in_clock(stop=[{"when": {"status": "done"}, "raeson": "x"}]),
        f"{C}.stop[0].raeson",
        "did you mean reason?",
    ),
    "no calendar anywhere": (without("calendar"), f"{C}.targets.P1", "no calendar is named"),
    "unknown calendar": (
        in_policy(calendar="ofice"),
        f"{P}.calendar",
        "did you mean office?",
    ),
    "unknown calendar of a row": (
        lambda d: clock(d, 1)["targets"][0].update(calendar="night"),
        "policies[1].calendar",
        "'night' is not one of: office",
    ),
    # Targets.
    "no targets": (without("targets"), f"{C}.targets", "needs a target"),
    "empty targets": (in_clock(targets={}), f"{C}.targets", "needs a target"),
    "target in text": (in_clock(targets="8h"), f"{C}.targets", "expected a list, got '8h'"),
    "zero": (in_clock(targets={"P1": "0h"}), f"{C}.targets.P1", "longer than zero"),
    "negative": (in_clock(targets={"P1": "-2h"}), f"{C}.targets.P1", "is not a length"),
    "number": (in_clock(targets={"P1": 2}), f"{C}.targets.P1", "such as 8h or 30m, got 2"),
    "two days": (in_clock(targets={"P1": "2d"}), f"{C}.targets.P1", "is ambiguous"),
    "zero of a row": (
        in_clock(targets=[{"target": "1h"}, {"target": "PT0S"}]),
        f"{C}.targets[1].target",
        "longer than zero",
    ),
    "unknown field of a row": (
        in_clock(targets=[{"traget": "1h"}]),
        f"{C}.targets[0].traget",
        "did you mean target?",
    ),
    # Alerts and paths.
    "alert without a time": (in_clock(alerts=[{}]), f"{C}.alerts[0]", "at, before, after"),
    "alert with two times": (
        in_clock(alerts=[{"before": "1h", "after": "1h"}]),
        f"{C}.alerts[0]",
        "exactly one of",
    ),
    "no share": (in_clock(alerts=[{"at": 75}]), f"{C}.alerts[0].at", "such as 75%"),
    "the due itself": (in_clock(alerts=[{"at": "100%"}]), f"{C}.alerts[0].at", "needs no alert"),
    "alert of nothing": (in_clock(alerts=[{"before": "0m"}]), f"{C}.alerts[0].before", "zero"),
    "share of wall time": (
        in_clock(alerts=[{"at": "75%", "in": "wall"}]),
        f"{C}.alerts[0].in",
        "always in business time",
    ),
    "unknown time": (
        in_clock(alerts=[{"before": "1h", "in": "bussiness"}]),
        f"{C}.alerts[0].in",
        "did you mean business?",
    ),
    "one alert twice": (
        in_clock(alerts=[{"before": "1h"}, {"before": "60m"}]),
        f"{C}.alerts[1]",
        "named twice",
    ),
    "unknown path": (in_clock(path="rescu"), f"{C}.path", "did you mean rescue?"),
    "path without levels": (
        top(paths={"rescue": {"levels": []}}),
        "paths.rescue.levels",
        "at least one level",
    ),
    "level without a team": (
        top(paths={"rescue": {"levels": [{"name": "L1"}]}}),
        "paths.rescue.levels[0].team",
        "a level needs a team or somebody to tell",
    ),
    "one level twice": (
        top(paths={"rescue": {"levels": [{"name": "L1", "team": "a"}] * 2}}),
        "paths.rescue.levels",
        "same name",
    ),
    "wait in days": (
        top(paths={"rescue": {"levels": [{"name": "L1", "team": "a", "wait": "1d"}]}}),
        "paths.rescue.levels[0].wait",
        "ambiguous",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_where_it_stands(name: str) -> None:
    edit, path, words = MISTAKES[name]
    data = good()
    edit(data)
    with pytest.raises(Invalid) as refused:
        Versions.from_dict(data)
    assert refused.value.path == path
    assert words in refused.value.reason
    assert str(refused.value) == f"{path}: {refused.value.reason}"


@pytest.mark.parametrize("value", [None, [], "policies", 7])
def test_what_is_no_file_at_all_is_refused(value: object) -> None:
    with pytest.raises(Invalid, match="expected a mapping"):
        Versions.from_dict(value)


def test_versions_of_one_policy_may_share_a_rank() -> None:
    data = good()
    data["policies"].append({**copy.deepcopy(policy(data)), "version": 2})
    assert len(Versions.from_dict(data).policies) == 3


def test_policies_of_different_agreements_may_share_a_rank() -> None:
    data = good()
    policy(data, 1).update(rank=1, agreement="OLA")
    assert len(Versions.from_dict(data).policies) == 2


def test_the_row_for_all_others_counts_last_wherever_it_stands() -> None:
    data = good()
    clock(data)["targets"] = {"*": "8h", "P1": "2h"}
    plan = Versions.from_dict(data).policies[0].plans[0]
    rows = [plan.row_for({"priority": name}) for name in ("P1", "P2")]
    assert [row and str(row.target) for row in rows] == ["2 h", "8 h"]
    clock(data)["targets"] = {"P1": "2h"}
    assert Versions.from_dict(data).policies[0].plans[0].row_for({"priority": "P2"}) is None


@pytest.mark.parametrize(("key", "version"), [("office", 2), ("offices", 1)])
def test_a_calendar_version_that_there_is_not_is_refused(key: str, version: int) -> None:
    week = {"mon": ["09:00-17:00"]}
    policy = {
        "key": "p",
        "rank": 1,
        "calendar": "office",
        "clocks": [{"clock": "resolution", "targets": {"*": "8h"}}],
    }
    versions = Versions.from_dict(
        {
            "tocsin": 1,
            "calendars": {"office": {"zone": "UTC", "week": week}},
            "policies": [policy],
        }
    )
    with pytest.raises(Invalid, match=f"no version {version} of a calendar '{key}'"):
        versions.calendar(key, version)
