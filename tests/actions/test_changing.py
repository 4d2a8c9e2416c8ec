"""A real desk's year, its promises changed three times: what the previews say is what happens."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.desk import Database

from tocsin.actions import activation, drafts, due, imports, tenants
from tocsin.actions.due import Attempts
from tocsin.channels.servicenow.form import Form
from tocsin.channels.servicenow.receive import Log
from tocsin.kit import yaml_file
from tocsin.pulse.doorbell import Doorbell
from tocsin.queries import access, configuration, preview, reckoning
from tocsin.queries.access import Actor
from tocsin.queries.preview import Preview

ROOT = Path(__file__).resolve().parents[2]
# All of them by TOCSIN_INCIDENTS=30000: some ten minutes.
INCIDENTS = int(os.environ.get("TOCSIN_INCIDENTS", "2000"))
_Verdicts = dict[tuple[int, str], str]


def imported(shared_data: Path) -> Actor:
    """Import the log as it is; returns the tenant's operator."""
    file = yaml_file.load(ROOT / "examples" / "servicenow" / "policy.yaml")
    config = {name: value for name, value in file.data.items() if name != "log"}
    log = Log(
        shared_data / "servicenow-incidents" / "incident_event_log.csv.gz",
        Form.from_dict(file.data["log"]),
    )
    log.survey()
    by = access.operator(tenants.create(key="real", name="Real"))
    imports.prepare(config=config, by=by)
    imports.take(islice(log.incidents(), INCIDENTS), source="servicenow", by=by)
    return by


def decided(database: Database) -> _Verdicts:
    found = database.rows(
        "SELECT ticket_id, key, verdict FROM clock WHERE verdict IN ('met', 'breached')"
    )
    return {(ticket, key): verdict for ticket, key, verdict in found}


def restated(database: Database) -> int:
    return int(database.one("SELECT count(*) FROM restatement"))


def drained(database: Database) -> None:
    """Have the pulse decide all that is due, in its own role."""
    database.play("pulse")
    with Doorbell(database.url, "pulse") as bell:
        attempts = Attempts(bell.connection)
        while due.take(attempts):
            pass
    connection.close()
    database.play("app")


def differences(by: Actor) -> tuple[int, list[Any]]:
    total = reckoning.Reckoning()
    for part in reckoning.reckon(by=by):
        total.add(part)
    return total.clocks, total.differences


def changed(by: Actor, kind: str, key: str, change: Any, basis: str) -> Preview:
    """Write a draft, look at its preview, and put it into force."""
    kept = configuration.thing(kind=kind, key=key, by=by)
    assert kept is not None
    drafts.save(kind=kind, key=key, data=change(kept.data), base=kept.version, by=by)
    reason = "the customer's own calendar" if basis == "restate" else ""
    found = activation.rehearse(
        kind=kind, key=key, data=change(kept.data), by=by, basis=basis, reason=reason
    )
    looked = preview.preview(before=found.before, after=found.after, by=by, now=found.at)
    activation.activate(kind=kind, key=key, by=by, basis=basis, reason=reason)
    return looked


def holidays(data: dict[str, Any]) -> dict[str, Any]:
    closed: dict[str, list[str]] = {f"2016-03-{day:02}": [] for day in (7, 8, 9, 10, 11)}
    return {**data, "exceptions": {**closed, "2016-03-25": ["08:00-12:00"], "2016-05-30": []}}


def target(priority: str, length: str) -> Any:
    def change(data: dict[str, Any]) -> dict[str, Any]:
        (clock,) = data["clocks"]
        targets = {**clock["targets"], priority: length}
        return {**data, "clocks": [{**clock, "targets": targets}]}

    return change


@pytest.mark.promise("P1")
@pytest.mark.long("thousands of real incidents, judged four times")
def test_a_real_year_is_judged_anew_only_with_restatements_and_as_previewed(
    database: Database, shared_data: Path
) -> None:
    by = imported(shared_data)
    edits: Iterator[tuple[str, str, Any, str]] = iter(
        [
            ("policy", "contract", target("2 - High", "6h"), "future time"),
            ("calendar", "office", holidays, "restate"),
            ("policy", "contract", target("3 - Moderate", "40h"), "restate"),
        ]
    )
    for kind, key, change, basis in edits:
        before, entries = decided(database), restated(database)
        looked = changed(by, kind, key, change, basis)
        drained(database)
        after = decided(database)
        moved = {one for one in before if before[one] != after.get(one)}
        assert restated(database) - entries == len(moved) == looked.verdicts
        assert bool(moved) is (basis == "restate")
        clocks, found = differences(by)
        assert found == []
        assert clocks >= len(after) > 0
    assert database.one("SELECT count(*) FROM alert") == 0
