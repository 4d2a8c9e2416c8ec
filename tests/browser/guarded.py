"""A company in which everything about access has happened, for the screens that show it.

It has one of each: what is long, what is empty, what was refused, what is waiting.
"""

import base64
import contextlib
import datetime as dt
import hashlib
import hmac

from tests.browser import firm
from tests.browser.firm import Firm
from tests.desk import Database, inside

from tocsin.actions import (
    access_rules,
    api_tokens,
    bulk_reading,
    exports,
    factors,
    identity_providers,
    invitations,
    one_time_links,
    people,
    permission_sets,
    security,
    sign_ins,
)
from tocsin.actions.identity_providers import Group, Typed
from tocsin.actions.sign_ins import Origin
from tocsin.kit import machine_clock
from tocsin.queries.access import Actor, NotAllowed
from tocsin.queries.api_tokens import Scope
from tocsin.queries.security import Rules

# As long as names and addresses get, and no place to break them at.
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 5 + " Ek"
LONG_NETWORK = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0/112"
_CROWD = 60
_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def guarded(database: Database, key: str) -> tuple[Firm, dict[str, str]]:
    """Make it; returns the company, and what stands for names in braces in its addresses."""
    made = firm.firm(database, key)
    made.let_in("dora", "ann", "bo")
    _peopled(made)
    _ruled(made)
    unread = _read(made)
    _exported(made)
    # A new factor ends the sessions there are.
    with_app(made.dora)
    with_app(made.bo)
    _signed_in(made)
    for days, called in ((30, "Kvartalssiffror"), (90, LONG[:200])):
        token = api_tokens.make(name=called, scopes=[*Scope][:3], days=days, by=made.dora)
    api_tokens.revoke(token=token.id, by=made.dora)
    # The export's rule holds from the start; agents need a second factor from now on.
    asked = Rules(read_budget=10, export_approval=True, second_factor=frozenset({"agent"}))
    security.set_rules(rules=asked, by=made.by)
    ids = {who: str(made.people[who]) for who in ("ann", "gone", "long")}
    one = "SELECT min(id) FROM {} WHERE tenant_id = %s"
    for name, table in (("team", "team"), ("provider", "identity_provider")):
        ids[name] = str(database.one(one.format(table), made.tenant))
    return made, {**ids, "unread": str(unread), **_links(made)}


def code(secret: str, at: dt.datetime) -> str:
    """Return what an app shows: RFC 6238."""
    step = int(at.timestamp() // 30).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), step, hashlib.sha1).digest()
    place = digest[19] & 15
    return str((int.from_bytes(digest[place : place + 4], "big") % 2**31) % 1_000_000).zfill(6)


def with_app(by: Actor) -> None:
    """Give somebody an app for codes, and so recovery codes."""
    sealed = factors.begin_app(by=by)
    secret, _ = factors.shown_app(sealed=sealed, issuer="Firma", account="ek", by=by)
    at = machine_clock.wall()
    factors.add_app(sealed=sealed, code=code(secret, at), by=by, now=at)


def _peopled(made: Firm) -> None:
    """Have many people, some of them long, one of them gone."""
    for number in range(_CROWD):
        people.add_person(
            name=f"Kim {number:02} Ek",
            email=f"kim{number}@{made.key}.example",
            role="limited" if number % 3 else "agent",
            by=made.by,
        )
    made.people["long"] = people.add_person(
        name=LONG, email=f"{LONG[:60]}@{LONG[:60]}.{LONG[:60]}.example", role="auditor", by=made.by
    )
    made.people["gone"] = people.add_person(
        name="Gun Ek",
        email=made.address("gun"),
        role="agent",
        manager=made.people["lea"],
        by=made.by,
    )
    people.deactivate(person=made.people["gone"], by=made.by)


def _ruled(made: Firm) -> None:
    """Have permission sets, rules of fields and networks, and identity providers."""
    rights = ["read tickets", "write notes", "read reports", "read the audit log"]
    permission_sets.save(key="fakturor", name="Fakturor", rights=rights, by=made.by)
    permission_sets.save(
        key="lang", name=LONG, rights=rights[:2], reach="own", types=["fråga", "natt"], by=made.by
    )
    for who in ("ann", "bo", "long"):
        permission_sets.grant(person=made.people[who], key="fakturor", by=made.by)
    permission_sets.grant(person=made.people["ann"], key="lang", by=made.by)
    access_rules.save_field(name="lön", readers=["lead", "fakturor"], writers=["lead"], by=made.by)
    access_rules.save_field(name="diagnos", readers=["lang"], writers=[], by=made.by)
    for network in ("10.20.0.0/16", LONG_NETWORK):
        access_rules.add_network(holder="fakturor", network=network, by=made.by)
    groups = [Group("Drift", "agent", (), ("fakturor",)), Group(LONG, "lead")]
    for key, issuer, listed in (("firma", "r" * 90, groups), ("gammal", "gammal", [])):
        typed = Typed(
            name=f"Firmans {key}",
            issuer=f"https://id.example.com/{issuer}",
            client="tocsin",
            secret="x" * 20,
            groups=listed,
        )
        id_ = identity_providers.add(key=key, typed=typed, by=made.by)
        identity_providers.switch(provider=id_, on=bool(listed), by=made.by)


def _read(made: Firm) -> int:
    """Have somebody open so many tickets that they are stopped; return what they may not open."""
    security.set_rules(rules=Rules(read_budget=10), by=made.by)
    number = 0
    with contextlib.suppress(bulk_reading.Spent):
        for count in range(12):
            number = made.card(made.open(f"Lampa {count} blinkar", team="Beta")).number
            bulk_reading.open_(number=number, by=made.lea)
    return number


def _exported(made: Firm) -> None:
    """Have exports in every state: waiting, agreed, refused, taken."""
    security.set_rules(rules=Rules(read_budget=10, export_approval=True), by=made.by)
    asks = [
        exports.ask(what="violations", query=f"days={days}", reason=reason, by=made.dora)
        for days, reason in ((7, "Revision"), (28, "Kundmöte"), (90, "Årsbokslut"))
    ]
    for number, id_ in enumerate(asks[:2]):
        exports.decide(export=id_, agree=not number, by=made.mia)
    with contextlib.suppress(NotAllowed):
        exports.take_agreed(export=asks[0], count=0, by=made.dora)
    exports.ask(what="punctuality", query="team=alfa&days=28", reason="Möte " * 60, by=made.lea)


def _signed_in(made: Firm) -> None:
    """Have sessions of all kinds, and sign-ins that were refused."""
    for number, agent in enumerate((_FIREFOX, "x" * 300, "")):
        origin = Origin(address="2001:db8:aaaa:bbbb:cccc:dddd:eeee:1", network="", agent=agent)
        sign_ins.began(
            made.tenant,
            made.people["dora"],
            session=f"other-{made.key}-{number}",
            means="password app" if number else "passkey",
            origin=origin,
        )
    for email in (made.address("ann"), "nobody@example.com"):
        sign_ins.attempt(made.tenant, email, "fel", origin=Origin("10.0.0.9", "10.0.0.0/24", ""))


def _links(made: Firm) -> dict[str, str]:
    """Make a link of each kind; returns their tokens."""
    invitation = invitations.invite(person=made.people["long"], by=made.by)
    found = {"invitation": invitation.rstrip("/").rpartition("/")[2]}
    with inside(made.tenant):
        for purpose in (one_time_links.PASSWORD, one_time_links.EMAIL):
            found[purpose] = one_time_links.make(
                made.tenant,
                made.people["long"],
                purpose,
                now=made.now(),
                about=f"{LONG[:60]}@{LONG[:60]}.example",
            )
    return found
