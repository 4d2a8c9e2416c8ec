"""A company whose rules are being written: drafts, versions, restated verdicts, an audit.

Names are no English sentences here either.
"""

import datetime as dt
from typing import Any

from tests.browser.firm import STOCKHOLM, Firm, firm, hours
from tests.browser.place import eventually
from tests.desk import Database

from tocsin.actions import (
    activation,
    audits,
    customers,
    drafts,
    escalations,
    people,
    tickets,
    violations,
)
from tocsin.queries import configuration

OFFICE: dict[str, Any] = {
    "zone": STOCKHOLM,
    "week": {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "exceptions": {"2030-12-24": [], "2030-12-31": ["08:00-12:00"]},
    "holidays": [
        {"country": "SE", "categories": ["public"], "days": {"2030-06-06": "Nationaldagen"}}
    ],
}


def ruled(database: Database, key: str) -> tuple[Firm, dict[str, int]]:
    """Make the company; returns it, and the ids of its tickets by what became of them.

    Siv writes its rules in Swedish, as Dora does in English.
    """
    made = firm(database, key)
    made.people["siv"] = people.add_person(
        name="Siv Ek",
        email=made.address("siv"),
        role="administrator",
        language="sv",
        zone=STOCKHOLM,
        by=made.by,
    )
    found = _tickets(made)
    _restated(made)
    _written(made)
    _escalated(made, found["paused"])
    _audited(made)
    return made, found


def _tickets(made: Firm) -> dict[str, int]:
    """Open some: two late ones, of which one is seen to, a paused and an answered one."""
    found = {
        "missed": made.open("Hissen stannade", ago=hours(2.5)),
        "breached": made.open("Porten hänger sig", ago=hours(2), team="Beta"),
        "met": made.open("Skrivaren tystnade", ago=hours(0.6)),
        "paused": made.open("Lampan flimrar", ago=hours(0.5)),
    }
    tickets.reply(ticket_id=found["met"], body="Vi tittar på det.", by=made.ann)
    tickets.pause(ticket_id=found["paused"], reason="Väntar på svar", by=made.ann)
    eventually(lambda: len(_missed(made)) >= 2, "two missed promises")
    violations.acknowledge(violation_id=_missed(made)[0], by=made.lea, note="Ingen var här")
    return found


def _missed(made: Firm) -> list[int]:
    asked = "SELECT id FROM violation WHERE tenant_id = %s ORDER BY id"
    return [id_ for (id_,) in made.database.rows(asked, made.tenant)]


def _usual(made: Firm) -> dict[str, Any]:
    found = configuration.thing(kind="policy", key="grund", by=made.by)
    assert found is not None
    return dict(found.data)


def _promised(made: Firm, first: str) -> dict[str, Any]:
    data = _usual(made)
    response, *others = data["clocks"]
    return {**data, "clocks": [{**response, "targets": {"P1": "15m", "*": first}}, *others]}


def _restated(made: Firm) -> None:
    """Promise less time than was taken, for all that was opened: a kept promise is missed."""
    drafts.save(kind="policy", key="grund", data=_promised(made, "20m"), base=1, by=made.dora)
    activation.activate(
        kind="policy", key="grund", by=made.dora, basis="restate", reason="Enligt avtalet"
    )
    asked = "SELECT count(*) FROM restatement WHERE tenant_id = %s"
    eventually(lambda: made.database.one(asked, made.tenant), "a restated verdict")


def _written(made: Firm) -> None:
    """Have a contract in force, and drafts: two that can be activated and one that cannot."""
    customers.add_account(name="Gruvan", key="gruvan", by=made.by)
    begins = made.now() + dt.timedelta(days=40)
    agreed = {"account": "gruvan", "policies": ["grund"], "valid_from": begins.isoformat()}
    drafts.save(kind="contract", key="ramavtal", data=agreed, by=made.dora)
    activation.activate(kind="contract", key="ramavtal", by=made.dora)
    drafts.save(kind="calendar", key="kontor", data=OFFICE, by=made.dora)
    drafts.save(kind="policy", key="grund", data=_promised(made, "45m"), base=2, by=made.dora)
    wrong = {**_usual(made), "key": "trasig", "calendar": "finns inte"}
    drafts.save(kind="policy", key="trasig", data=wrong, by=made.dora)


def _escalated(made: Firm, ticket: int) -> None:
    """Have a path with branches run on a ticket after another has ended, and drafts of two."""
    levels = [
        {
            "name": "Drift",
            "branch": "IT",
            "team": "Alfa",
            "notify": ["lead"],
            "note": "Ring kunden",
        },
        {"name": "Chef", "branch": "IT", "wait": "40m", "in": "wall", "notify": ["manager"]},
        {"name": "Jurist", "branch": "Juridik", "notify": ["department head", "team:beta"]},
    ]
    triggers = [
        {"on": "type", "is": ["incident"]},
        {"on": "time", "for": "4h", "when": {"priority": ["P1", "P2"]}},
    ]
    data: dict[str, Any] = {"name": "Säkerhet", "triggers": triggers, "levels": levels}
    steps = [{"wait": "10m", "in": "wall", "notify": ["lead"], "participants": ["lead"]}]
    later = {**data, "levels": [{**levels[0], "steps": steps}, *levels[1:]], "stop": ["resolved"]}
    drafts.save(kind="path", key="sakerhet", data=data, by=made.dora)
    activation.activate(kind="path", key="sakerhet", by=made.dora)
    escalations.start(ticket_id=ticket, path="sakerhet", reason="Kunden ringde", by=made.lea)
    escalations.stop(ticket_id=ticket, number=1, reason="Falskt larm", by=made.lea)
    escalations.start(ticket_id=ticket, path="sakerhet", reason="Det var inget falskt", by=made.lea)
    drafts.save(kind="path", key="sakerhet", data=later, base=1, by=made.dora)
    broken = {
        "name": "Trasig",
        "triggers": [{"on": "time"}],
        "levels": [{"name": "L1", "wait": "x"}],
    }
    drafts.save(kind="path", key="trasig", data=broken, by=made.dora)
    types = {"incident": {"first": made.address("lea"), "team": "alfa"}}
    drafts.save(kind="responsibilities", key="map", data={"types": types}, by=made.dora)


def _audited(made: Firm) -> None:
    """Have the worker audit the desk, where one stored figure is wrong."""
    # Whoever decides a ticket writes its clocks again, and would mend them.
    made.settled()
    made.database.rows(
        "SET session_replication_role = replica; UPDATE clock SET used_us = used_us + 7"
        f" WHERE tenant_id = {made.tenant} AND state = 'stopped'"
    )
    audits.ask(by=made.by)
    asked = "SELECT count(*) FROM audit_run WHERE tenant_id = %s AND differences > 0"
    eventually(lambda: made.database.one(asked, made.tenant), "an audit that found something")
