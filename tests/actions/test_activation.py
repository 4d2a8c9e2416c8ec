"""From draft to version: what is rehearsed is what comes, and nothing is lost on the way."""

import copy
from typing import Any

import pytest
from tests.actions.test_drafts import PRIORITIES, policy
from tests.actions.test_tickets import BEGIN, OPENED, after, digest, refused
from tests.desk import ALWAYS, SUPPORT, Company, Database, company, inside

from tocsin.actions import activation, config_versions, drafts, sla, tenants, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, configuration
from tocsin.queries import desk as desks
from tocsin.queries import drafts as known
from tocsin.queries.access import NotFound, Stale
from tocsin.queries.policy_file import Thing

LATE: dict[str, Any] = {
    "zone": "UTC",
    "week": {day: ["10:00-11:00"] for day in ALWAYS["week"]},
}


@pytest.fixture
def desk(database: Database) -> Company:
    return company(now=BEGIN)


def stricter(**targets: str) -> dict[str, Any]:
    found = policy()
    found["clocks"][0]["targets"] = targets or {"*": "10m"}
    return found


def draft(desk: Company, kind: str, key: str, data: Any, base: int = 1) -> None:
    drafts.save(kind=kind, key=key, data=data, by=desk.operator, base=base, now=OPENED)


def activate(desk: Company, kind: str, key: str, **given: Any) -> list[str]:
    return activation.activate(
        kind=kind, key=key, **{"by": desk.operator, "now": after(30), **given}
    )


def due(database: Database, ticket: int) -> Any:
    found = "SELECT due_at FROM clock WHERE ticket_id = %s AND definition = 'first response'"
    return [row[0] for row in database.rows(f"{found} AND state = 'running'", ticket)]


# ------------------------------------------------------------------------------------ activating


def test_a_draft_in_force_is_gone_and_is_a_version(database: Database, desk: Company) -> None:
    draft(desk, "policy", "standard", stricter())
    assert activate(desk, "policy", "standard") == ["policy standard v2"]
    assert known.drafts(by=desk.operator) == ()
    found = configuration.thing(kind="policy", key="standard", by=desk.operator)
    assert found is not None
    assert (found.version, found.data) == (2, stricter())
    assert due(database, desk.open(now=after(31))) == [after(41)]


def test_each_kind_can_be_activated(desk: Company) -> None:
    renamed = SUPPORT | {"name": "Help"}
    for kind, key, data, base, made in (
        ("calendar", "office", LATE, 0, ["calendar office v1"]),
        ("calendar", "always", LATE, 1, ["calendar always v2"]),
        ("policy", "standard", stricter(), 1, ["policy standard v2"]),
        ("pipeline", "support", renamed, 1, ["pipeline support v2"]),
        ("pipeline", "support", renamed, 2, []),
        ("priorities", "matrix", PRIORITIES, 0, ["priorities matrix v1"]),
        ("options", "desk", {"default_policy": "required"}, 0, ["options desk v1"]),
        ("hours", "team:second line", {"calendar": "office"}, 0, ["hours team:second line v1"]),
    ):
        draft(desk, kind, key, data, base)
        assert activate(desk, kind, key) == made


def test_an_empty_desk_can_begin_with_a_calendar(database: Database) -> None:
    bare = Company(tenants.create(key="bare", name="Bare"), access.operator(1))
    bare.operator = access.operator(bare.tenant)
    draft(bare, "calendar", "office", LATE, 0)
    assert activate(bare, "calendar", "office") == ["calendar office v1"]
    own = stricter() | {"calendar": "office", "paths": {}}
    del own["clocks"][1]["path"]
    draft(bare, "policy", "standard", own, 0)
    assert activate(bare, "policy", "standard") == ["policy standard v1"]


@pytest.mark.parametrize(
    ("basis", "expected"),
    [("new tickets", 60), ("future time", 10), ("restate", 10)],
)
def test_the_basis_says_what_becomes_of_clocks_that_run(
    database: Database, desk: Company, basis: str, expected: int
) -> None:
    ticket = desk.open(now=OPENED)
    draft(desk, "policy", "standard", stricter())
    activate(desk, "policy", "standard", basis=basis, reason="agreed", now=after(5))
    tickets.note(ticket_id=ticket, body="look", by=desk.person("ann"), now=after(6))
    assert due(database, ticket) == [after(expected)]


def test_a_restatement_needs_a_reason_and_a_pipeline_has_no_choice(
    database: Database, desk: Company
) -> None:
    draft(desk, "policy", "standard", stricter())
    draft(desk, "pipeline", "support", SUPPORT)
    with refused(database, Invalid, "reason"):
        activate(desk, "policy", "standard", basis="restate", reason=" ")
    with refused(database, Invalid, "basis"):
        activate(desk, "policy", "standard", basis="yesterday")
    with refused(database, Invalid, "basis"):
        activate(desk, "pipeline", "support", basis="future time")


def test_a_draft_of_an_older_version_is_stale_and_stays(database: Database, desk: Company) -> None:
    draft(desk, "policy", "standard", stricter())
    draft(desk, "calendar", "always", LATE, base=0)
    activate(desk, "policy", "standard")
    draft(desk, "policy", "standard", stricter(P1="5m"), base=1)
    for kind, key in (("policy", "standard"), ("calendar", "always")):
        with refused(database, Stale, words="newer version"):
            activate(desk, kind, key)
    assert len(known.drafts(by=desk.operator)) == 2


def test_who_has_not_seen_the_latest_configuration_looks_again(
    database: Database, desk: Company
) -> None:
    seen = database.one("SELECT config_version FROM tenant")
    draft(desk, "policy", "standard", stricter())
    config_versions.publish(
        kind="options", key="desk", data={"default_policy": "optional"}, by=desk.operator
    )
    with refused(database, Stale, words="look again"):
        activate(desk, "policy", "standard", seen=seen)
    assert activate(desk, "policy", "standard", seen=seen + 1) == ["policy standard v2"]


def test_a_draft_that_is_wrong_or_not_there_changes_nothing(
    database: Database, desk: Company
) -> None:
    draft(desk, "policy", "standard", stricter(P1="soon"))
    with refused(database, Invalid, "clocks[0].targets.P1"):
        activate(desk, "policy", "standard")
    with refused(database, NotFound):
        activate(desk, "policy", "nobody")
    with refused(database, NotFound):
        activate(desk, "policy", "standard", by=desk.person("ann"))


def test_activating_a_policy_touches_no_other_calendar(database: Database, desk: Company) -> None:
    # As if the calendar had been published with another version of the time zone database.
    sla.publish(config=desk_config(ALWAYS | {"zone": "Europe/Stockholm"}), by=desk.operator)
    draft(desk, "policy", "standard", stricter())
    assert activate(desk, "policy", "standard") == ["policy standard v2"]
    assert database.rows("SELECT max(version) FROM calendar_version") == [(2,)]


def desk_config(calendar: Any) -> dict[str, Any]:
    from tests.desk import POLICIES

    return {**POLICIES, "calendars": {"always": calendar}}


# ------------------------------------------------------------------------------------ the way back


def test_an_old_version_comes_back_as_a_draft_on_top_of_the_newest(desk: Company) -> None:
    draft(desk, "policy", "standard", stricter())
    activate(desk, "policy", "standard")
    activation.restore(kind="policy", key="standard", version=1, by=desk.operator)
    found = known.draft(kind="policy", key="standard", by=desk.operator)
    assert found is not None
    assert (found.data, found.base) == (policy(), 2)
    assert activate(desk, "policy", "standard", now=after(40)) == ["policy standard v3"]
    with pytest.raises(NotFound):
        activation.restore(kind="policy", key="standard", version=9, by=desk.operator)


# ------------------------------------------------------------------------------------ rehearsing


def test_a_rehearsal_writes_nothing_and_shows_the_desk_as_it_would_be(
    database: Database, desk: Company
) -> None:
    desk.open(now=OPENED)
    before = digest(database)
    for kind, key, data, basis in (
        ("policy", "standard", stricter(), "restate"),
        ("calendar", "always", LATE, "future time"),
        ("pipeline", "support", SUPPORT | {"name": "Help"}, "new tickets"),
        ("contract", "c", {}, "new tickets"),
    ):
        try:
            found = activation.rehearse(
                kind=kind, key=key, data=data, by=desk.operator, basis=basis, now=after(5)
            )
        except Invalid:
            assert kind == "contract"
            continue
        assert found.made == (f"{kind} {key} v2",)
        assert found.at == after(5)
        assert found.after.config_version == found.before.config_version + 1
        assert found.after.versions != found.before.versions or kind == "pipeline"
    assert digest(database) == before


def test_a_rehearsal_does_not_poison_what_the_process_keeps(
    database: Database, desk: Company
) -> None:
    activation.rehearse(
        kind="policy", key="standard", data=stricter(), by=desk.operator, now=after(5)
    )
    things = [
        Thing("policy", "standard", stricter(P1="1m")),
        Thing("priorities", "matrix", PRIORITIES),
        Thing("options", "desk", {"default_policy": "optional"}),
    ]
    found = activation.rehearse_all(things=things, by=desk.operator, now=after(5))
    assert len(found.made) == 3
    # The versions of the configuration that the rehearsals had are now those of other changes.
    for k in range(3):
        config_versions.publish(
            kind="hours",
            key=f"person:{desk.people['ann']}",
            data={"calendar": "always" if k % 2 else None},
            by=desk.operator,
            now=after(6),
        )
        with inside(desk.tenant):
            at_work, _ = desks.at_work(desk.tenant)
        assert {one.version for one in at_work.versions.policies if one.key == "standard"} == {1}
    assert due(database, desk.open(now=after(7))) == [after(67)]


def test_what_is_activated_together_holds_together_or_not_at_all(
    database: Database, desk: Company
) -> None:
    things = [
        Thing("calendar", "office", LATE),
        Thing("policy", "standard", policy() | {"calendar": "office"}),
        Thing("pipeline", "support", SUPPORT | {"calendar": "office"}),
        Thing("hours", "team:second line", {"calendar": "office"}),
    ]
    wrong = Thing("options", "desk", {"default_policy": "perhaps"})
    with refused(database, Invalid, "options.default_policy"):
        activation.activate_all(things=[*things, wrong], by=desk.operator, now=after(5))
    made = activation.activate_all(things=things, by=desk.operator, now=after(5))
    assert made == [
        "calendar office v1",
        "policy standard v2",
        "pipeline support v2",
        "hours team:second line v1",
    ]
    assert activation.activate_all(things=copy.deepcopy(things), by=desk.operator) == []
