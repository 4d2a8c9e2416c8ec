"""An incident at PagerDuty ends as its ticket does: acknowledged here, resolved here, once each."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from tests.actions.life import beat
from tests.channels.loopback import Provider, provider
from tests.channels.pagerduty.test_pagerduty_send import KEY, Service
from tests.desk import Company, Database, at, company

from tocsin.actions import carriers, escalations, inbound, outbox, providers, tickets
from tocsin.channels import outgoing
from tocsin.channels.pagerduty import event
from tocsin.channels.pagerduty.form import CARRIER
from tocsin.queries import access

OPENED = at("2026-03-02 09:00")


@dataclass
class Duty:
    """A desk, its ticket that breached, and the service that was told of it."""

    desk: Company
    database: Database
    there: Provider
    service: Service
    provider: int
    ticket: int

    def carry(self) -> list[str]:
        """Hand over what is ready, as a worker does; returns what was asked of the service."""
        before = len(self.there.told)
        self.database.play("worker")
        for lease in outbox.claim():
            if lease.channel != "pagerduty":
                continue
            (row,) = [p for p in providers.of_tenant(lease.tenant) if p.id == self.provider]
            assert outbox.begin(lease)
            settings = carriers.checked(CARRIER, providers.opened(row))
            done = replace(lease, provider=self.provider)
            assert outbox.complete(done, CARRIER.send(done, settings)) == "sent"
        self.database.play("app")
        return [told.json["event_action"] for told in self.there.told[before:]]

    @property
    def incident(self) -> str:
        return self.service.incidents[event.of_ticket(self.desk.tenant, 1)]


@pytest.fixture
def duty(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Duty]:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    desk, service = company(now=at("2026-03-01 00:00")), Service()
    with provider(service) as there:
        typed = {"routing_key": KEY, "address": there.url}
        id_ = providers.add(carrier=CARRIER, name="Duty", typed=typed, by=desk.operator)
        ticket = desk.open(priority="P1", now=OPENED)
        made = Duty(desk, database, there, service, id_, ticket)
        beat(database, now=after(0))
        write(made, "L1")
        assert made.carry() == ["trigger"]
        yield made


def after(minutes: float) -> dt.datetime:
    """Return an instant so long after the ticket's first promise was broken."""
    return OPENED + dt.timedelta(minutes=16 + minutes)


def write(made: Duty, which: str) -> None:
    """Have the ticket's escalation tell of a level there."""
    line = {"deed": "escalate", "clock": "", "which": which, "planned_at": OPENED.isoformat()}
    made.database.rows(
        "INSERT INTO outbox (tenant_id, channel, person_id, ticket_id, key, parts, urgent, state,"
        " created_at, next_at, attempts, maybe_sent, told) VALUES (%s, 'pagerduty', %s, %s, %s, %s,"
        " true, 'pending', now(), now(), 0, false, '')",
        *(made.desk.tenant, made.desk.people["ann"], made.ticket),
        *(f"effect/{made.ticket}/{which}/pagerduty", json.dumps({"lines": [line]})),
    )


def acknowledge(made: Duty, minutes: float, via: str = "") -> None:
    by = made.desk.person("ann")
    escalations.acknowledge(ticket_id=made.ticket, by=by, via=via, now=after(minutes))


def test_acknowledged_and_resolved_here_it_is_so_there(duty: Duty) -> None:
    acknowledge(duty, 2)
    assert duty.carry() == ["acknowledge"]
    assert duty.incident == "acknowledged"
    acknowledge(duty, 3)  # a second one changes nothing
    assert duty.carry() == []
    tickets.resolve(ticket_id=duty.ticket, by=duty.desk.person("ann"), now=after(9))
    assert duty.carry() == ["resolve"]
    assert duty.incident == "resolved"


def test_what_was_acknowledged_there_is_not_told_back_but_its_end_is(duty: Duty) -> None:
    by = access.automation(duty.desk.tenant)
    inbound.acknowledge(number=1, via="pagerduty (Earline)", by=by, now=after(2))
    assert duty.carry() == []
    tickets.resolve(ticket_id=duty.ticket, by=duty.desk.person("ann"), now=after(9))
    assert duty.carry() == ["resolve"]


def test_an_alert_that_never_left_needs_no_end(duty: Duty) -> None:
    tickets.resolve(ticket_id=duty.ticket, by=duty.desk.person("ann"), now=after(2))
    assert duty.carry() == ["resolve"]
    other = duty.desk.open(priority="P1", now=after(3))
    duty.ticket = other
    write(duty, "L1")
    tickets.resolve(ticket_id=other, by=duty.desk.person("ann"), now=after(4))
    assert duty.carry() == []


def test_what_is_being_handed_over_ends_after_it_has_begun(duty: Duty) -> None:
    write(duty, "L2")
    duty.database.play("worker")
    (lease,) = outbox.claim()
    duty.database.play("app")
    tickets.resolve(ticket_id=duty.ticket, by=duty.desk.person("ann"), now=after(5))
    ((key, at_, provider_),) = duty.database.rows(
        "SELECT key, next_at - created_at, provider_id FROM outbox"
        " WHERE state = 'pending' AND channel = 'pagerduty' AND provider_id IS NULL"
    )
    assert key.startswith(f"resolved/{duty.ticket}/{lease.id}/")
    assert (at_, provider_) == (dt.timedelta(seconds=60), None)
