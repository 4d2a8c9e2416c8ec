"""What the live process reads: for all who watch at once, through narrow doors, ids and no text."""

import functools
import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from tocsin.queries import access, granted, reach, readers
from tocsin.queries.access import Actor, Right, Subject
from tocsin.queries.readers import Networks
from tocsin.records import context, rows

TICKET = "ticket"
# What may change who hears what, or from where: everybody is looked at again.
OF_WATCHERS = frozenset({"person", "network rule"})
# The session says which tenant it was begun in, beside what Django keeps in it.
TENANT_KEY = "tenant"
# What changes nothing that people look at: only the auditor's pages tell of it.
OF_AUDIT = frozenset({"sign-in", "export", "api token"})
MOST_UNREAD = 100
# What somebody sees who does not see all: as the database's own wall takes it.
Reach = tuple[str, ...]
_BLOCK = 64  # of SHA-256
_HASH_SALT = b"django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"


@dataclass(frozen=True, slots=True)
class Watcher:
    """A person who watches, with all that they may do, and the networks that they may come from."""

    tenant: int
    person: int
    by: Actor
    networks: Networks = ()

    @property
    def eyes(self) -> Hashable:
        """What two watchers share who hear of the same things."""
        by = self.by
        return (by.rights, by.person, by.grants) if by.grants else by.rights

    def comes_from(self, address: str) -> bool:
        """Say whether somebody at that address may be this person; an odd address may not."""
        return readers.lies_in(self.networks, address)

    def sees(self, told: "Placed") -> bool:
        """Say whether they may hear that something happened. Pure, and asked for every event.

        A ticket that has left their reach is silent from then on.
        """
        if told.stream in OF_AUDIT:
            return Right.READ_AUDIT in self.by.rights
        if told.stream != TICKET:
            return Right.SIGNED_IN in self.by.rights
        if Right.READ_TICKETS not in self.by.rights:
            return False
        subject = Subject(team=told.team, type=told.type or "", assignee=told.assignee)
        return access.sees(self.by, subject)


class Placed(NamedTuple):
    """An event in its place: what it is about and which version it made, not what it says."""

    tenant: int
    place: int
    stream: str
    stream_id: int
    seq: int
    kind: str
    actor: str
    deed: str | None
    # Of a ticket as it now is: who may hear of it.
    team: int | None = None
    type: str | None = None
    assignee: int | None = None


@access.operates
def tenants(keys: Iterable[str]) -> dict[str, int]:
    """Return the ids of the tenants of these keys; a key that there is not is left out."""
    found = rows.query("SELECT k, tenant_by_key(k) FROM unnest(%s::text[]) AS k", [list(keys)])
    return {key: id_ for key, id_ in found if id_ is not None}


@access.operates
def watchers(sessions: Sequence[tuple[int, str]]) -> list[Watcher | None]:
    """Return who each session (tenant, key of the session) is, or None.

    None: the session is not there or of another tenant, the person is gone or not active, or the
    password has been changed since.
    """
    if not sessions:
        return []
    kept: dict[str, str] = dict(
        rows.query(
            "SELECT session_key, session_data FROM django_session"
            " WHERE session_key = ANY(%s) AND expire_date > clock_timestamp()",
            [[key for _, key in sessions]],
        )
    )
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    claims = [_claim(kept[key], secrets) if key in kept else None for _, key in sessions]
    asked = [
        (k, tenant, claim)
        for k, ((tenant, _), claim) in enumerate(zip(sessions, claims, strict=True))
        if claim is not None and claim.tenant == tenant
    ]
    inner, outer = _pads(secrets)
    people = rows.query(
        "SELECT nth, role, sets, teams FROM live_people(%s::bigint[], %s::bigint[], %s::text[],"
        " %s::bytea[], %s::bytea[])",
        [
            [tenant for _, tenant, _ in asked],
            [claim.person for _, _, claim in asked],
            [claim.hash for _, _, claim in asked],
            inner,
            outer,
        ],
    )
    found: list[Watcher | None] = [None] * len(sessions)
    rules = _rules({asked[nth - 1][1] for nth, *_ in people})
    for nth, role, sets, teams in people:
        k, tenant, claim = asked[nth - 1]
        own = granted.Held(json.loads(sets), frozenset(teams), [])
        by = granted.actor(tenant, claim.person, role, own)
        ruled, holders = rules[tenant], (role, *(one["key"] for one in own.sets))
        networks = tuple(ruled[one] for one in holders if one in ruled)
        found[k] = Watcher(tenant, claim.person, by, networks)
    return found


def _rules(tenants: Iterable[int]) -> dict[int, dict[str, tuple[str, ...]]]:
    """Return by tenant the networks that holders of roles and sets may come from."""
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for tenant in tenants:
        with transaction.atomic(), context.tenant(tenant):
            found[tenant] = {
                holder: tuple(json.loads(networks))
                for holder, networks in rows.query(
                    "SELECT holder, json_agg(network)::text FROM network_rule"
                    " WHERE tenant_id = %s GROUP BY holder",
                    [tenant],
                )
            }
    return found


class _Claim(NamedTuple):
    """Who a session says that it is of."""

    tenant: int
    person: int
    hash: str


# Sessions are looked at every few seconds and hardly ever change. What was signed is read by the
# secrets in use, so they are part of the question.
@functools.lru_cache(maxsize=4096)
def _claim(data: str, secrets: tuple[str | bytes, ...]) -> _Claim | None:
    said = SessionStore().decode(data)
    tenant, person = said.get(TENANT_KEY), str(said.get(SESSION_KEY, ""))
    if not isinstance(tenant, int) or not person.isdecimal() or len(person) > 18:
        return None
    return _Claim(tenant, int(person), str(said.get(HASH_SESSION_KEY, "")))


def _pads(secrets: tuple[str | bytes, ...]) -> tuple[list[bytes], list[bytes]]:
    """Return the two halves of the key of the HMAC that sessions hold, for each secret in use.

    They are what `Person.get_session_auth_hash` keys it with (`django.utils.crypto.salted_hmac`).
    """
    keys = [
        hashlib.sha256(_HASH_SALT + str(secret).encode()).digest().ljust(_BLOCK, b"\0")
        for secret in secrets
    ]
    inner = [bytes(byte ^ 0x36 for byte in key) for key in keys]
    return inner, [bytes(byte ^ 0x5C for byte in key) for key in keys]


@access.operates
def heads(of: Iterable[int]) -> dict[int, int]:
    """Return the last place that was given in each of these tenants."""
    return dict(rows.query("SELECT tenant_id, place FROM live_heads(%s::bigint[])", [list(of)]))


@access.operates
def since(seen: Mapping[int, int], most: int) -> dict[int, list[Placed]]:
    """Return by tenant the events after the place that was seen, in order, at most so many each."""
    found: dict[int, list[Placed]] = {}
    if seen:
        told = rows.query(
            "SELECT * FROM live_events(%s::bigint[], %s::bigint[], %s)",
            [list(seen), list(seen.values()), most],
        )
        for row in told:
            found.setdefault(row[0], []).append(Placed._make(row))
    return found


@access.operates
def unread(watchers: Iterable[Watcher]) -> dict[tuple[int, int], int]:
    """Return how many unread lines each person (tenant, id) has, `MOST_UNREAD` for more.

    Lines about tickets that they do not see do not count, as they do not on pages.
    """
    asked = {(one.tenant, one.person): one.by for one in watchers}
    if not asked:
        return {}
    told = rows.query(
        "SELECT tenant_id, person_id, unread FROM live_unread(%s::bigint[], %s::bigint[])",
        [[tenant for tenant, _ in asked], [person for _, person in asked]],
    )
    found = {(tenant, person): count for tenant, person, count in told}
    narrow: dict[int, list[tuple[int, Reach]]] = {}
    for (tenant, person), by in asked.items():
        own = reach.within(by)
        if found[tenant, person] and own is not None and own.reach is not None:
            narrow.setdefault(tenant, []).append((person, own.reach))
    for tenant, people in narrow.items():
        found |= {(tenant, person): count for person, count in _unread_within(tenant, people)}
    return found


def _unread_within(tenant: int, people: Sequence[tuple[int, Reach]]) -> list[tuple[int, int]]:
    """Return how many unread lines people have within their reach: all of a tenant in one look."""
    seen = reach.seen_by("w.person", "w.reach")
    with transaction.atomic(), context.tenant(tenant):
        found = rows.query(
            "SELECT w.person, n.unread FROM (SELECT person, ARRAY(SELECT"
            " json_array_elements_text(told::json)) AS reach"
            " FROM unnest(%s::bigint[], %s::text[]) AS u (person, told)) w"
            " CROSS JOIN LATERAL (SELECT count(*) AS unread FROM (SELECT FROM notification v"
            " WHERE v.tenant_id = %s AND v.person_id = w.person AND v.read_at IS NULL"
            " AND (v.ticket_id IS NULL OR EXISTS (SELECT FROM ticket t WHERE"
            f" t.tenant_id = v.tenant_id AND t.id = v.ticket_id AND {seen})) LIMIT %s) x) n",
            [
                [person for person, _ in people],
                [json.dumps(known) for _, known in people],
                tenant,
                MOST_UNREAD,
            ],
        )
    return [(person, count) for person, count in found]
