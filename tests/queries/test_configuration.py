"""The configuration as people write it, and its versions."""

import copy
from typing import Any

import pytest
from tests.actions.test_tickets import BEGIN, OPENED, after
from tests.desk import ALWAYS, POLICIES, SUPPORT, Company, Database, company

from tocsin.actions import config_versions, pipelines, sla
from tocsin.kit.invalid import Invalid
from tocsin.queries import configuration, policy_file
from tocsin.queries.access import Actor, NotFound


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


def changed(**of: Any) -> dict[str, Any]:
    found = copy.deepcopy(POLICIES)
    found["policies"][0] |= of
    return found


def test_the_document_is_what_was_published(desk: Company) -> None:
    found = configuration.document(by=desk.operator)
    assert list(found) == ["tocsin", "calendars", "paths", "policies", "pipelines"]
    assert found["calendars"] == {"always": {**ALWAYS, "exceptions": {}}}
    assert found["paths"] == POLICIES["paths"]
    assert found["policies"] == POLICIES["policies"]
    assert found["pipelines"] == {"support": SUPPORT}


def test_the_document_published_again_makes_no_new_version(desk: Company) -> None:
    found = configuration.document(by=desk.operator)
    config = {name: found[name] for name in ("tocsin", "calendars", "paths", "policies")}
    assert sla.publish(config=config, by=desk.operator) == []


def test_versions_come_newest_first_with_their_times_and_authors(desk: Company) -> None:
    dora = desk.person("dora", "administrator")
    sla.publish(config=changed(rank=2), by=dora, now=after(5))
    found = configuration.versions(kind="policy", key="standard", by=desk.operator)
    assert [(one.version, one.data["rank"], one.by) for one in found] == [
        (2, 2, "Dora"),
        (1, 1, "operator"),
    ]
    assert [(one.valid_from, one.valid_until) for one in found] == [
        (after(5), None),
        (BEGIN, after(5)),
    ]
    assert "version" not in found[0].data
    assert found[0].data["paths"] == POLICIES["paths"]
    assert configuration.thing(kind="policy", key="standard", by=dora) == found[0]


def test_a_pipeline_and_a_calendar_have_versions_too(desk: Company) -> None:
    pipelines.publish(key="support", config=SUPPORT | {"name": "Help"}, by=desk.operator)
    found = configuration.versions(kind="pipeline", key="support", by=desk.operator)
    assert [(one.version, one.data["name"]) for one in found] == [(2, "Help"), (1, "Support")]
    calendar = configuration.thing(kind="calendar", key="always", by=desk.operator)
    assert calendar is not None
    assert calendar.data["zone"] == "UTC"
    for kind in ("calendar", "policy", "pipeline", "contract", "hours", "nothing"):
        assert configuration.thing(kind=kind, key="nobody", by=desk.operator) is None


def test_policies_of_two_paths_of_one_name_keep_their_own(desk: Company) -> None:
    other = copy.deepcopy(POLICIES)
    other["policies"][0] |= {"key": "gold", "rank": 2}
    other["paths"]["standard"]["levels"].pop()
    sla.publish(config=other, by=desk.operator)
    found = configuration.document(by=desk.operator)
    assert set(found["paths"]) == {"standard", "standard (gold)"}
    assert found["policies"][1]["clocks"][1]["path"] == "standard (gold)"
    assert len(found["paths"]["standard (gold)"]["levels"]) == 2


def test_a_policy_that_has_ended_is_left_out(desk: Company) -> None:
    ends = after(60).isoformat()
    sla.publish(
        config=changed(key="summer", rank=2, valid_until=ends), by=desk.operator, now=OPENED
    )
    keys = [
        [policy["key"] for policy in configuration.document(by=desk.operator, now=at)["policies"]]
        for at in (after(59), after(60))
    ]
    assert keys == [["standard", "summer"], ["standard"]]


def test_a_policy_to_come_says_when(desk: Company) -> None:
    begins = after(60).isoformat()
    sla.publish(
        config=changed(key="summer", rank=2, valid_from=begins), by=desk.operator, now=OPENED
    )
    found = [
        configuration.document(by=desk.operator, now=at)["policies"][1].get("valid_from")
        for at in (after(59), after(60))
    ]
    assert found == [begins, None]


def test_agents_may_read_it_and_customers_not(desk: Company) -> None:
    assert configuration.document(by=desk.person("ann"))
    with pytest.raises(NotFound):
        configuration.document(by=Actor(desk.tenant, "contact:1"))


def test_paths_of_their_own_go_into_a_file_and_come_back_as_they_were(desk: Company) -> None:
    path = {
        "name": "Critical",
        "triggers": [{"on": "priority", "is": ["P1"]}],
        "levels": [{"name": "L1", "team": "Second line", "notify": ["lead"]}],
    }
    config_versions.publish(kind="path", key="critical", data=path, by=desk.operator, now=BEGIN)
    found = configuration.document(by=desk.operator)
    assert found["escalation_paths"] == {"critical": path}
    things = policy_file.things(found)
    assert ("path", "critical", path) in [(one.kind, one.key, one.data) for one in things]
    again = config_versions.publish(
        kind="path", key="critical", data=path, by=desk.operator, now=OPENED
    )
    assert again == []


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({"triggers": []}, "triggers"),
        ({"triggers": [{"on": "moon"}]}, "triggers[0].on"),
        ({"triggers": [{"on": "clock", "clock": "sundial"}]}, "triggers[0].clock"),
        ({"triggers": [{"on": "time", "stage": "limbo", "for": "2h"}]}, "triggers[0].stage"),
        ({"levels": []}, "levels"),
        ({"levels": [{"name": "L1", "team": "Nobody"}]}, "levels[0].team"),
        ({"levels": [{"name": "L1", "notify": ["santa"]}]}, "levels[0].notify[0]"),
        ({"levels": [{"name": "L1", "priority": "P0"}]}, "levels[0].priority"),
        ({"levels": [{"name": "L1", "steps": [{"stage": "limbo"}]}]}, "levels[0].steps[0].stage"),
        ({"levels": [{"name": "L1", "wait": "1h", "team": "Second line"}]}, "calendar"),
        ({"stop": ["tired"]}, "stop[0]"),
        ({"repeat": {"every": "10s"}}, "repeat.every"),
    ],
)
def test_a_mistake_in_a_path_is_refused_by_its_field(
    desk: Company, edit: dict[str, Any], field: str
) -> None:
    good = {
        "triggers": [{"on": "manual"}],
        "levels": [{"name": "L1", "team": "Second line"}],
    }
    with pytest.raises(Invalid) as refused:
        config_versions.publish(kind="path", key="x", data={**good, **edit}, by=desk.operator)
    assert refused.value.path == field
