"""Tokens that programs act with: what each may do, whose it is, and when it was last used."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction

from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows


class Scope(StrEnum):
    """What a token is for. It never lets a program do more than its person may."""

    READ_TICKETS = "tickets:read"
    WRITE_TICKETS = "tickets:write"
    READ_REPORTS = "reports:read"
    SCIM = "scim"
    CALENDAR = "calendar"
    CALENDAR_NAMES = "calendar:names"


_READS = frozenset({Right.SIGNED_IN, Right.READ_TICKETS})
RIGHTS: Mapping[Scope, frozenset[Right]] = {
    Scope.READ_TICKETS: _READS,
    Scope.WRITE_TICKETS: _READS
    | {
        *(Right.OPEN_TICKETS, Right.WRITE, Right.NOTE),
        *(Right.ASSIGN, Right.CHANGE, Right.ESCALATE),
    },
    Scope.READ_REPORTS: frozenset({Right.SIGNED_IN, Right.READ_REPORTS}),
    Scope.SCIM: frozenset({Right.ADMINISTER}),
    Scope.CALENDAR: frozenset({Right.SIGNED_IN, Right.READ_CONFIGURATION}),
    Scope.CALENDAR_NAMES: frozenset({Right.SIGNED_IN, Right.READ_CONFIGURATION}),
}
# Their tokens stand in addresses, so they are good for a calendar and for nothing else.
OF_CALENDARS = frozenset({Scope.CALENDAR, Scope.CALENDAR_NAMES})
# The right without which a scope would be worth nothing.
_LEAST: Mapping[Scope, Right] = {
    Scope.READ_TICKETS: Right.READ_TICKETS,
    Scope.WRITE_TICKETS: Right.NOTE,
    Scope.READ_REPORTS: Right.READ_REPORTS,
    Scope.SCIM: Right.ADMINISTER,
    Scope.CALENDAR: Right.READ_CONFIGURATION,
    Scope.CALENDAR_NAMES: Right.READ_CONFIGURATION,
}


@dataclass(frozen=True, slots=True)
class Token:
    """A token as lists show it: everything but the token itself.

    `ended` says that it was revoked or has expired.
    """

    id: int
    person: int
    owner: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    made_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None
    ended: bool


def rights_of(scopes: Iterable[Scope]) -> frozenset[Right]:
    """Return all that some scopes allow."""
    return frozenset[Right]().union(*(RIGHTS[scope] for scope in scopes))


def offered(by: Actor) -> tuple[Scope, ...]:
    """Return the scopes that somebody can give a token of theirs."""
    return tuple(scope for scope in Scope if _LEAST[scope] in by.rights)


@access.needs(Right.SIGNED_IN)
def mine(*, by: Actor, now: dt.datetime | None = None) -> tuple[Token, ...]:
    """Return one's own tokens, the newest first."""
    return () if by.person is None else _tokens(by, now, by.person)


@access.needs(Right.ADMINISTER)
def everybodys(*, by: Actor, now: dt.datetime | None = None) -> tuple[Token, ...]:
    """Return the tokens of all people, the newest first."""
    return _tokens(by, now, None)


def _tokens(by: Actor, now: dt.datetime | None, person: int | None) -> tuple[Token, ...]:
    # Tokens are no part of tickets: how many of those somebody sees is not asked.
    with transaction.atomic(), context.tenant(by.tenant):
        found = rows.query(
            "SELECT a.id, a.person_id, p.name, a.name, a.prefix, a.scopes, a.made_at,"
            " a.expires_at, a.used_at, a.revoked_at, a.revoked_at IS NOT NULL"
            " OR a.expires_at <= coalesce(%s, clock_timestamp()) OR NOT p.is_active"
            " FROM api_token a JOIN person p ON p.tenant_id = a.tenant_id AND p.id = a.person_id"
            " WHERE a.tenant_id = %s AND (%s::bigint IS NULL OR a.person_id = %s)"
            " ORDER BY a.id DESC LIMIT 1000",
            [now, by.tenant, person, person],
        )
    return tuple(_token(*row) for row in found)


def _token(id_: int, person: int, owner: str, name: str, prefix: str, *rest: Any) -> Token:
    scopes, *times = rest
    return Token(id_, person, owner, name, prefix, tuple(json.loads(scopes)), *times)
