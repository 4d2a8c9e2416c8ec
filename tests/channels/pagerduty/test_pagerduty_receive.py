"""PagerDuty's webhooks: who acknowledged there has the ticket here, once, and nobody else may."""

import datetime as dt
import json
from typing import Any

import pytest
from tests.desk import Company, Database, at, company, inside

from tocsin.actions import ledger
from tocsin.actions.inbound import Arrival, Forged, Reply
from tocsin.channels.pagerduty import event, receive
from tocsin.channels.pagerduty.settings import PagerDuty
from tocsin.records import rows

SECRET = "a secret that PagerDuty showed once"
SERVICE = PagerDuty("R" * 32, (SECRET,))
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def arrival(told: Any, *, tenant: int = 1, now: dt.datetime = NOW, **headers: str) -> Arrival:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    named = {
        "x-pagerduty-signature": receive.signature(SECRET, body),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Arrival(tenant, 3, "https://desk.example/hooks/acme/3/pagerduty", named, body, now)


def told(kind: str, key: str, occurred_at: dt.datetime, agent: str = "PXPGF42") -> dict[str, Any]:
    return {
        "event": {
            "id": "5ac64822-4adc-4fda-ade0-410becf0de4f",
            "event_type": kind,
            "resource_type": "incident",
            "occurred_at": occurred_at.isoformat().replace("+00:00", "Z"),
            "agent": {"id": agent, "summary": "Earline\nGreenholt", "type": "user_reference"},
            "data": {"id": "PT4KHLK", "type": "incident", "number": 1234, "incident_key": key},
        }
    }


# ------------------------------------------------------------------------------------ the signature


@pytest.mark.promise("A17", "A20")
@pytest.mark.parametrize(
    "given",
    ["", "v1=", "v1=" + "0" * 64, "v0=" + receive.signature(SECRET, b"{}")[3:], "é", "," * 50],
)
def test_what_pagerduty_did_not_sign_is_forged(given: str) -> None:
    with pytest.raises(Forged):
        receive.receive(arrival(b"{}", x_pagerduty_signature=given), SERVICE)


def test_another_body_is_forged_and_so_is_everything_without_a_secret() -> None:
    good = arrival(b"{}")
    with pytest.raises(Forged):
        receive.receive(Arrival(1, 3, good.url, good.headers, b"{} ", NOW), SERVICE)
    with pytest.raises(Forged):
        receive.receive(arrival(b"{}"), PagerDuty("R" * 32))


def test_while_a_secret_changes_both_are_taken_whichever_signature_comes_first() -> None:
    both = PagerDuty("R" * 32, ("another secret of theirs", SECRET))
    wrong = "v1=" + "0" * 64
    right = receive.signature(SECRET, b"{}")
    for given in (f"{wrong},{right}", f"{right}, {wrong}", right):
        assert receive.receive(arrival(b"{}", x_pagerduty_signature=given), both) == Reply()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"event": 1}',
        b'{"event": {"event_type": "pagey.ping", "data": {"message": "Hello"}}}',
        b'{"event": {"event_type": "incident.acknowledged", "data": []}}',
        b'{"event": {"event_type": "incident.acknowledged", "data": {"incident_key": "x"}}}',
        b'{"event": {"event_type": ["incident.acknowledged"]}}',
    ],
)
def test_whatever_pagerduty_may_tell_is_answered(body: bytes) -> None:
    assert receive.receive(arrival(body), SERVICE) == Reply()


# ------------------------------------------------------------------------------------ what is done


@pytest.fixture
def desk(database: Database) -> Company:
    made = company(now=at("2026-01-01 00:00"))
    made.open(priority="P1", now=at("2026-03-02 08:00"))
    return made


def acknowledged(database: Database) -> list[tuple[Any, ...]]:
    return database.rows(
        "SELECT actor, payload::json ->> 'via' FROM event WHERE kind = 'acknowledgement'"
    )


def hear(desk: Company, kind: str, occurred_at: dt.datetime, **given: Any) -> None:
    key = given.pop("key", event.of_ticket(desk.tenant, 1))
    now = given.pop("now", ledger.clock())
    one = arrival(told(kind, key, occurred_at, **given), tenant=desk.tenant, now=now)
    assert receive.receive(one, SERVICE) == Reply()


ACKNOWLEDGED, RESOLVED = "incident.acknowledged", "incident.resolved"


@pytest.mark.promise("P13")
def test_who_acknowledges_there_has_it_here_and_once(desk: Company, database: Database) -> None:
    with inside(desk.tenant):
        rows.run(
            "INSERT INTO contact_method"
            " (tenant_id, person_id, channel, address, position, critical_only, added_at)"
            " VALUES (%s, %s, 'pagerduty', 'PXPGF42', 0, true, now())",
            [desk.tenant, desk.people["lea"]],
        )
    at_ = ledger.clock()
    for _ in range(3):
        hear(desk, ACKNOWLEDGED, at_)
    assert acknowledged(database) == [(f"person:{desk.people['lea']}", "pagerduty")]


def test_somebody_who_is_not_known_here_is_named(desk: Company, database: Database) -> None:
    hear(desk, ACKNOWLEDGED, ledger.clock())
    assert acknowledged(database) == [("tocsin", "pagerduty (Earline Greenholt)")]


@pytest.mark.promise("A21")
def test_what_is_old_or_of_another_desk_says_nothing(desk: Company, database: Database) -> None:
    now = ledger.clock()
    hear(desk, ACKNOWLEDGED, now - dt.timedelta(hours=25))
    hear(desk, ACKNOWLEDGED, now + dt.timedelta(minutes=6))
    hear(desk, ACKNOWLEDGED, now, key=event.of_ticket(desk.tenant + 1, 1))
    hear(desk, ACKNOWLEDGED, now, key=event.of_ticket(desk.tenant, 99))
    hear(desk, "incident.reopened", now)
    assert acknowledged(database) == []


@pytest.mark.promise("A21")
def test_what_was_acknowledged_before_an_escalation_began_does_not_stop_it(
    desk: Company, database: Database
) -> None:
    began_at = ledger.clock()
    with inside(desk.tenant):
        rows.run(
            "INSERT INTO escalation (tenant_id, ticket_id, number, path, path_version, trigger,"
            " reason, clock, begun_at, level, next_step, acknowledged_by, ended)"
            " SELECT tenant_id, id, 1, 'p', 1, 'by hand', '', '', %s, '', '', '', ''"
            " FROM ticket WHERE tenant_id = %s",
            [began_at, desk.tenant],
        )
    hear(desk, ACKNOWLEDGED, began_at - dt.timedelta(minutes=1))
    assert acknowledged(database) == []
    hear(desk, ACKNOWLEDGED, began_at + dt.timedelta(milliseconds=1))
    assert len(acknowledged(database)) == 1


def notes(database: Database) -> list[str]:
    found = [row[0] for row in database.rows("SELECT body FROM message WHERE NOT public")]
    return [body for body in found if body.startswith("PagerDuty")]


@pytest.mark.promise("P13")
def test_what_was_resolved_there_is_noted_once_and_the_ticket_stays_open(
    desk: Company, database: Database
) -> None:
    at_ = ledger.clock()
    for _ in range(2):
        hear(desk, RESOLVED, at_)
    (note,) = notes(database)
    assert note.startswith("PagerDuty: incident 1234 was resolved there, ")
    assert database.one("SELECT status FROM ticket") not in ("resolved", "closed")
