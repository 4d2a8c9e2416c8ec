"""Sessions as rows: how they end, and until when they last, inside the caller's transaction.

What Django keeps of a session that has ended goes with it, and so do the streams of its browser.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from tocsin.actions import configuration
from tocsin.queries.access import Actor
from tocsin.queries.security import Rules
from tocsin.records import rows

STREAM = "sign-in"
# Somebody whose role needs a second factor, who has none: recovery codes only stand in for one.
_OWES = (
    "EXISTS (SELECT FROM person p JOIN security x ON x.tenant_id = p.tenant_id"
    " WHERE p.tenant_id = s.tenant_id AND p.id = s.person_id AND x.second_factor::jsonb ? p.role"
    " AND NOT EXISTS (SELECT FROM mfa_authenticator a"
    " WHERE a.user_id = p.id AND a.type <> 'recovery_codes'))"
)


def alone_with(tenant: int, person: int) -> None:
    """Wait until nobody else adds to the facts of one person's signing in."""
    # Not the configuration's lock: everybody signs in at nine.
    rows.run(
        "SELECT pg_advisory_xact_lock(hashtext('tocsin sign-in'), hashtext(%s))",
        [f"{tenant}/{person}"],
    )


def end(tenant: int, which: str, given: Sequence[Any], *, by: str, at: dt.datetime) -> int:
    """End those sessions `s` for which `which` holds; returns how many there were."""
    found = rows.query(
        "UPDATE sign_in s SET ended_at = %s, ended_by = %s"
        f" WHERE s.tenant_id = %s AND s.ended_at IS NULL AND {which} RETURNING s.session_key",
        [at, by, tenant, *given],
    )
    keys = [row[0] for row in found]
    rows.run("DELETE FROM django_session WHERE session_key = ANY(%s)", [keys])
    return len(keys)


def end_of(tenant: int, person: int, *, by: str, at: dt.datetime, spare: str = "") -> int:
    """End all sessions of a person but the one whose key is `spare`; returns how many."""
    which = "s.person_id = %s AND s.session_key <> %s"
    return end(tenant, which, [person, spare], by=by, at=at)


def end_owing(by: Actor, at: dt.datetime, *, person: int | None = None) -> None:
    """End the sessions of whoever needs a second factor by now and has none; of one, or of all.

    They set one up when they sign in again.
    """
    found = rows.query(
        "SELECT DISTINCT s.person_id FROM sign_in s WHERE s.tenant_id = %s AND s.ended_at IS NULL"
        f" AND (%s::bigint IS NULL OR s.person_id = %s) AND {_OWES} ORDER BY s.person_id",
        [by.tenant, person, person],
    )
    for (one,) in found:
        # Before the rows: whoever signs in at this moment takes the two in the same order.
        alone_with(by.tenant, one)
        count = end_of(by.tenant, one, by="second factor", at=at)
        told = {"sessions": count}
        configuration.record(by, STREAM, one, "ended", told, now=at)


def owes(tenant: int, session: str) -> bool:
    """Say whether the person of a session needs a second factor and has none."""
    return bool(
        rows.query(
            f"SELECT 1 FROM sign_in s WHERE s.tenant_id = %s AND s.session_key = %s AND {_OWES}",
            [tenant, session],
        )
    )


def bound(tenant: int, rules: Rules) -> None:
    """Have all sessions end by these rules, those that run as well, and their streams by the same.

    It is the last thing that a transaction does: whoever uses a session waits for it.
    """
    rows.run(
        "UPDATE django_session d SET expire_date = least("
        "s.begun_at + make_interval(hours => %s), s.seen_at + make_interval(mins => %s))"
        " FROM sign_in s WHERE s.tenant_id = %s AND s.ended_at IS NULL"
        " AND s.session_key = d.session_key",
        [rules.session_hours, rules.idle_minutes, tenant],
    )
