"""What leaves when somebody is told: by which ways, in which words, and what is called off."""

import datetime as dt
import json
from typing import Any

import pytest
from tests.actions.life import BEGIN, beat
from tests.desk import ALWAYS, Company, Database, at, company, inside

from tocsin.actions import (
    config_versions,
    contact_methods,
    escalations,
    notifying,
    outbox,
    sla,
    tickets,
    wording,
)
from tocsin.actions.carriers import Carrier
from tocsin.actions.letters import Sent
from tocsin.kit.invalid import Invalid

OPENED = at("2026-03-02 09:00")
MINUTE = dt.timedelta(minutes=1)
WARNS = OPENED + 45 * MINUTE
BREAKS = OPENED + dt.timedelta(hours=1, seconds=1)


def _carrier(channel: str) -> Carrier[None]:
    return Carrier(
        channel=channel,
        title=channel,
        fields=(),
        read=lambda _: None,
        send=lambda *_: Sent(),
        address=str.strip,
    )


def publish(made: Company, **alert: Any) -> None:
    clock = {"clock": "first response", "targets": {"*": "1h"}}
    policy = {"key": "standard", "rank": 1, "calendar": "always"}
    config = {
        "tocsin": 1,
        "calendars": {"always": ALWAYS},
        "policies": [{**policy, "clocks": [{**clock, "alerts": [{"at": "75%", **alert}]}]}],
    }
    sla.publish(config=config, by=made.operator, now=BEGIN)


@pytest.fixture
def desk(database: Database) -> Company:
    made = company(now=BEGIN)
    publish(made, notify=["ann@acme.example"])
    return made


def reach(desk: Company, name: str, *ways: str, critical_only: bool = True) -> None:
    for way in ways:
        contact_methods.add(
            carrier=_carrier(way),
            address=f"{way} of {name}",
            critical_only=critical_only,
            by=desk.person(name),
            now=BEGIN,
        )


def ways(database: Database, desk: Company, name: str) -> list[tuple[str, str, bool]]:
    return database.rows(
        "SELECT channel, address, urgent FROM outbox WHERE person_id = %s ORDER BY id",
        desk.people[name],
    )


# ------------------------------------------------------------------------------------- channels


def test_what_is_critical_goes_to_the_first_own_address_as_well(
    database: Database, desk: Company
) -> None:
    reach(desk, "lea", "sms", "slack")
    reach(desk, "ann", "sms", critical_only=True)
    desk.open(team="Service desk", now=OPENED)
    beat(database, now=WARNS)
    assert ways(database, desk, "ann") == [("mail", "", False)]
    beat(database, now=BREAKS)
    assert ways(database, desk, "lea") == [("mail", "", True), ("sms", "sms of lea", True)]
    channels = database.rows(
        "SELECT channel FROM alert WHERE recipient_id = %s AND deed = 'breach' ORDER BY 1",
        desk.people["lea"],
    )
    assert [row[0] for row in channels] == ["mail", "product", "sms"]


def test_an_address_for_everything_gets_warnings_too(database: Database, desk: Company) -> None:
    reach(desk, "ann", "slack", critical_only=False)
    desk.open(now=OPENED)
    beat(database, now=WARNS)
    assert [way for way, *_ in ways(database, desk, "ann")] == ["mail", "slack"]


def test_the_next_way_comes_after_the_one_that_failed(desk: Company) -> None:
    reach(desk, "lea", "sms", "slack", "push")
    lea = desk.people["lea"]
    with inside(desk.tenant):
        assert notifying.next_method(desk.tenant, lea, "mail") == ("sms", "sms of lea")
        assert notifying.next_method(desk.tenant, lea, "sms") == ("slack", "slack of lea")
        assert notifying.next_method(desk.tenant, lea, "push") is None
        assert notifying.next_method(desk.tenant, desk.people["ann"], "mail") is None


def test_an_address_outside_gets_a_letter_that_is_nobodys(
    database: Database, desk: Company
) -> None:
    publish(desk, notify=["mailto:ops@example.com", "mailto:noc@example.com", "owner"])
    desk.open(team="Service desk", now=OPENED)
    beat(database, now=WARNS)
    found = database.rows(
        "SELECT channel, address, person_id FROM outbox WHERE person_id IS NULL ORDER BY address"
    )
    assert found == [("mail", "noc@example.com", None), ("mail", "ops@example.com", None)]
    database.play("worker")
    leased = {one.address: one for one in outbox.claim()}
    assert leased["ops@example.com"].recipient is None
    assert "Warning" in wording.of(leased["ops@example.com"]).subject


@pytest.mark.parametrize(("address", "channel"), [("", "sms"), ("x" * 5000, "sms"), ("x", "mail")])
def test_an_odd_address_is_refused(desk: Company, address: str, channel: str) -> None:
    with pytest.raises(Invalid):
        contact_methods.add(
            carrier=_carrier(channel), address=address, by=desk.person("ann"), now=BEGIN
        )


# ---------------------------------------------------------------------------------- called off


@pytest.mark.scenario("E57")
def test_resolving_calls_off_what_is_unsent_and_tells_those_who_were_told(
    database: Database, desk: Company
) -> None:
    ticket, other = desk.open(team="Service desk", now=OPENED), desk.open(now=OPENED)
    beat(database, now=BREAKS)
    (sent,) = database.rows(
        "UPDATE outbox SET state = 'sent', sent_at = now() WHERE id ="
        " (SELECT min(id) FROM outbox WHERE ticket_id = %s) RETURNING id",
        ticket,
    )
    tickets.resolve(ticket_id=ticket, by=desk.person("mia", "manager"), now=BREAKS + MINUTE)
    found = database.rows("SELECT ticket_id, state, count(*) FROM outbox GROUP BY 1, 2")
    assert {(one, state) for one, state, _ in found if one == ticket} <= {
        (ticket, "sent"),
        (ticket, "cancelled"),
    }
    assert (ticket, "cancelled") in {(one, state) for one, state, _ in found}
    assert database.rows("SELECT state FROM outbox WHERE id = %s", sent[0]) == [("sent",)]
    assert {state for one, state, _ in found if one == other} == {"pending"}
    # Mia did it herself; Lea was told of the breach.
    follow = database.rows("SELECT person_id, parts FROM notification WHERE key LIKE 'resolved/%%'")
    assert [row[0] for row in follow] == [desk.people["lea"]]
    assert json.loads(follow[0][1])["lines"][0]["deed"] == "resolved"


@pytest.mark.scenario("E57")
def test_acknowledging_calls_off_what_waits_and_is_told_once(
    database: Database, desk: Company
) -> None:
    publish(desk, notify=["lead", "ann@acme.example"])
    first = desk.open(team="Service desk", now=OPENED)
    ticket = desk.open(team="Service desk", now=OPENED)
    beat(database, now=WARNS)
    assert "digest" in {
        row[0] for row in database.rows("SELECT state FROM alert WHERE ticket_id = %s", ticket)
    }
    ann = desk.person("ann")
    assert escalations.acknowledge(ticket_id=ticket, by=ann, now=WARNS + MINUTE / 2)
    states = database.rows("SELECT DISTINCT state FROM alert WHERE ticket_id = %s", ticket)
    assert states == [("superseded",)]
    beat(database, now=BREAKS)
    for k in (1, 2):
        escalations.acknowledge(ticket_id=first, by=ann, now=BREAKS + k * MINUTE)
    told = database.rows(
        "SELECT person_id FROM notification WHERE key LIKE %s", f"acknowledged/{first}/%"
    )
    assert sorted(row[0] for row in told) == sorted(desk.people[n] for n in ("lea", "mia"))


def test_what_may_have_been_sent_is_never_called_off(database: Database, desk: Company) -> None:
    ticket = desk.open(team="Service desk", now=OPENED)
    beat(database, now=BREAKS)
    database.rows("UPDATE outbox SET told = 'may have been sent: cut off', maybe_sent = true")
    tickets.resolve(ticket_id=ticket, by=desk.person("ann"), now=BREAKS + MINUTE)
    assert database.rows("SELECT DISTINCT state FROM outbox") == [("pending",)]


# ----------------------------------------------------------------------------------- templates


TEMPLATE: dict[str, Any] = {
    "name": "Warning",
    "texts": {
        "en": {"subject": "{ticket} {clock} soon", "body": "Due {due} ({left}) {{team}} {team}"},
        "sv": {"subject": "{ticket} snart", "body": "Ring {owner} {link}"},
    },
}


def test_an_alert_is_worded_by_its_template_in_the_readers_language(
    database: Database, desk: Company
) -> None:
    config_versions.publish(kind="template", key="soon", data=TEMPLATE, by=desk.operator, now=BEGIN)
    publish(desk, notify=["ann@acme.example", "lead"], template="soon")
    database.rows("UPDATE person SET language = 'sv' WHERE name = 'Lea'")
    desk.open(team="Service desk", now=OPENED)
    beat(database, now=WARNS)
    database.play("worker")
    said = {one.recipient.name: wording.of(one) for one in outbox.claim() if one.recipient}
    assert said["Ann"].subject == "T-1 first response soon"
    assert said["Ann"].body.startswith("Due 2026-03-02 10:00 (UTC) (")
    assert "{team} Service desk" in said["Ann"].body
    assert said["Lea"].subject == "T-1 snart"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{ticket.__class__}", "texts.en.body"),
        ("{ticket!r}", "texts.en.body"),
        ("{0}", "texts.en.body"),
        ("{password}", "texts.en.body"),
        ("{", "texts.en.body"),
        ("", "texts.en.body"),
        ("x" * 9000, "texts.en.body"),
    ],
)
def test_a_template_names_what_there_is_and_reaches_no_further(
    desk: Company, text: str, field: str
) -> None:
    data = {"name": "x", "texts": {"en": {"subject": "{ticket}", "body": text}}}
    with pytest.raises(Invalid) as refused:
        config_versions.publish(kind="template", key="x", data=data, by=desk.operator, now=BEGIN)
    assert refused.value.path == field


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "x"}, "texts"),
        ({"name": "x", "texts": {}}, "texts"),
        ({"name": "x", "texts": {"de": {"subject": "a", "body": "b"}}}, "texts"),
        ({"texts": {"en": {"subject": "a", "body": "b"}}}, "name"),
        ({"name": "x", "texts": {"en": {"subject": "a", "body": "b"}}, "logic": 1}, "logic"),
    ],
)
def test_a_template_that_is_none_is_refused(desk: Company, data: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        config_versions.publish(kind="template", key="x", data=data, by=desk.operator, now=BEGIN)
    assert refused.value.path == field
