"""Publishing contracts, whose hours, priorities and options: every change is a new version."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from tocsin.actions import configuration, ledger
from tocsin.kit import canonical, shape
from tocsin.queries import access, book_form
from tocsin.queries.access import Actor, Right, Stale
from tocsin.records import rows
from tocsin.records.configuration import OTHERS


@access.needs(Right.CONFIGURE)
def publish(
    *,
    kind: str,
    key: str,
    data: Mapping[str, Any],
    by: Actor,
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> list[str]:
    """Put a thing into force; returns its new version, or nothing if it is as it was.

    contract: ``{account: KEY, policies: [KEY, …], calendar: KEY, valid_from: INSTANT, valid_until:
    INSTANT}``; hours of ``account:KEY``, ``team:KEY`` or ``person:ID``: ``{calendar: KEY}``, null
    for none any more; priorities ``matrix``: ``{impacts: […], urgencies: […], matrix: {IMPACT:
    {URGENCY: P1}}}``; options ``desk``: ``{default_policy: required, choose: …}``; path:
    ``{name: …, triggers: […], levels: […]}`` as `engine.path` reads it.

    A version counts from the instant at which it was written down, whatever it says of its
    validity: what was promised before stays. `seen` is the version that the author looked at.
    """
    shape.one_of(kind, "kind", OTHERS)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        for mistake in book_form.mistakes(kind, key, data, at_work):
            raise mistake
        known = _newest(by.tenant, kind, key)
        if seen is not None and seen != known[0]:
            raise Stale("this was changed since you looked at it; look again")
        text = canonical.encoded(_plain(data)).decode()
        digest = hashlib.sha256(text.encode()).hexdigest()
        if known[1] == digest:
            return []
        if kind == "contract" and (ended := book_form.ended_before(data, at)):
            raise ended
        version = known[0] + 1
        id_ = rows.ids("config_version", 1)[0]
        row = {
            "id": id_,
            "tenant_id": by.tenant,
            "kind": kind,
            "key": key,
            "version": version,
            "data": text,
            "valid_from": at,
            "digest": digest,
        }
        rows.insert("config_version", [row])
        told = {kind: key, "version": version, "digest": digest}
        configuration.record(by, kind, known[2] or id_, "published", told, now=at)
        if kind == "path":
            _wake(by.tenant, at)
    return [f"{kind} {key} v{version}"]


def _wake(tenant: int, at: dt.datetime) -> None:
    """Have the pulse look at every ticket that is not done: a path may begin on it some day."""
    rows.run(
        "UPDATE ticket SET wake_at = LEAST(wake_at,"
        " GREATEST(%s, decided_at + interval '1 microsecond'))"
        " WHERE tenant_id = %s AND status IN ('new', 'open', 'waiting customer',"
        " 'waiting internal')",
        [at, tenant],
    )
    rows.run("SELECT pg_notify(%s, '')", [ledger.DOORBELL])


def _newest(tenant: int, kind: str, key: str) -> tuple[int, str, int]:
    """Return the newest version, its digest, and the id of the first; zeros if there is none."""
    found = rows.query(
        "SELECT version, digest, first_value(id) OVER (ORDER BY version) FROM config_version"
        " WHERE tenant_id = %s AND kind = %s AND key = %s ORDER BY version DESC LIMIT 1",
        [tenant, kind, key],
    )
    return (int(found[0][0]), str(found[0][1]), int(found[0][2])) if found else (0, "", 0)


def _plain(value: Any) -> Any:
    """Return data with instants as text, as they are written."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.datetime) else value
