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

from tocsin.queries import access, granted
from tocsin.queries.access import Actor, Right, Subject
from tocsin.records import rows

TICKET, PERSON = "ticket", "person"
# The session says which tenant it was begun in, beside what Django keeps in it.
TENANT_KEY = "tenant"
# What changes nothing that people look at: only the auditor's pages tell of it.
OF_AUDIT = frozenset({"sign-in", "export", "api token"})
MOST_UNREAD = 100
_BLOCK = 64  # of SHA-256
_HASH_SALT = b"django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"


@dataclass(frozen=True, slots=True)
class Watcher:
    """A person who watches, with all that they may do."""

    tenant: int
    person: int
    by: Actor

    @property
    def eyes(self) -> Hashable:
        """What two watchers share who hear of the same things."""
        by = self.by
        return (by.rights, by.person, by.grants) if by.grants else by.rights

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
        return not self.by.grants or access.sees(self.by, subject)


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
    for nth, role, sets, teams in people:
        k, tenant, claim = asked[nth - 1]
        own = granted.Held(json.loads(sets), frozenset(teams), [])
        found[k] = Watcher(tenant, claim.person, granted.actor(tenant, claim.person, role, own))
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
def unread(people: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return how many unread lines each person (tenant, id) has, `MOST_UNREAD` for more."""
    asked = list(people)
    if not asked:
        return {}
    told = rows.query(
        "SELECT tenant_id, person_id, unread FROM live_unread(%s::bigint[], %s::bigint[])",
        [[tenant for tenant, _ in asked], [person for _, person in asked]],
    )
    return {(tenant, person): count for tenant, person, count in told}
