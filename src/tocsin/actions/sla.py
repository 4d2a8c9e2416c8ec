"""Publishing calendars and SLA policies: every change is a new version, none is ever altered."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tocsin.actions import configuration, ledger, recipients
from tocsin.engine.condition import ALWAYS
from tocsin.engine.event import Kind
from tocsin.engine.policy import Agreement, instant_from
from tocsin.engine.version import Versions
from tocsin.kit import canonical, shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, stages
from tocsin.queries.access import Actor, NotAllowed, Right, Stale
from tocsin.queries.desk import Desk
from tocsin.records import rows


@access.needs(Right.CONFIGURE)
def publish(
    *,
    config: Mapping[str, Any],
    by: Actor,
    basis: str | None = None,
    reason: str = "",
    seen: int | None = None,
    always: bool = False,
    now: dt.datetime | None = None,
) -> list[str]:
    """Put a policy file's calendars and policies into force; returns what became a new version.

    What is as it was gets no new version. `basis` says what becomes of clocks that there are: they
    keep what they began with (new tickets only, as policies do by default), count by the new
    version from now on (future time only, as calendars do), or are judged by it from their
    beginning (restate, for a `reason`). A first version may hold for history too (`always`).
    `seen` is the configuration's version that the author looked at: another one is `Stale`.
    """
    _check_basis(basis, reason)
    wanted = Versions.from_dict(config)
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        if seen is not None and seen != at_work.config_version:
            raise Stale("the configuration was changed since you looked at it; look again")
        _check_names(at_work, wanted)
        if always and rows.query("SELECT 1 FROM ticket WHERE tenant_id = %s LIMIT 1", [by.tenant]):
            raise NotAllowed("there are tickets already; a policy cannot be put before their time")
        made: list[str] = []
        for key in config["calendars"]:
            change = _Change(by, at, Basis(basis or Basis.FUTURE_TIME), reason)
            made += _calendar(change, at_work, key, wanted)
        paths = config.get("paths", {})
        for data in config["policies"]:
            change = _Change(by, at, Basis(basis or Basis.NEW_TICKETS), reason)
            made += _policy(change, at_work, data, paths, None if always else at)
        # Read back as everybody will: two policies of one rank, say, are refused here.
        _check_default(by.tenant, desk.versions(by.tenant, stages.versions(by.tenant)), at)
    return made


class Basis(StrEnum):
    """What a new version does to clocks that there are already."""

    NEW_TICKETS = "new tickets"
    FUTURE_TIME = "future time"
    RESTATE = "restate"


@dataclass(frozen=True, slots=True)
class _Change:
    """Who changes the configuration, when, on what basis and why."""

    by: Actor
    at: dt.datetime
    basis: Basis
    reason: str

    def told(self, what: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the fact of the change says."""
        told = {**what, "basis": self.basis.value}
        return told | ({"reason": self.reason} if self.basis is Basis.RESTATE else {})


def _check_basis(basis: str | None, reason: str) -> None:
    if basis is not None:
        shape.one_of(basis, "basis", Basis)
    if basis == Basis.RESTATE and not reason.strip():
        raise Invalid("reason", "is empty: verdicts that were reported change only for a reason")


def _check_default(tenant: int, versions: Versions, at: dt.datetime) -> None:
    """Refuse to leave tickets without a promise where the desk says that all have one."""
    found = rows.query(
        "SELECT data FROM config_version WHERE tenant_id = %s AND kind = 'options'"
        " ORDER BY version DESC LIMIT 1",
        [tenant],
    )
    if not found or json.loads(found[0][0]).get("default_policy") != "required":
        return
    everybody = (policy for policy in versions.in_force(at) if policy.when == ALWAYS)
    if not any(policy.agreement is Agreement.SLA and not policy.contract for policy in everybody):
        reason = "none is for all tickets, and the desk's options ask for one that is"
        raise Invalid("policies", reason)


def _check_names(at_work: Desk, versions: Versions) -> None:
    """Refuse a path into a team that there is not, or an alert that could reach nobody."""
    for k, policy in enumerate(versions.policies):
        for j, plan in enumerate(policy.plans):
            place = f"policies[{k}].clocks[{j}]"
            _check_alerts(at_work, place, [a.notify for a in plan.definition.alerts])
            path = plan.definition.path
            for step in path.steps if path else ():
                if step.team and step.team.casefold() not in at_work.teams:
                    near = shape.hint(step.team, at_work.teams)
                    reason = f"its level {step.name} names no team there is: {step.team!r}{near}"
                    raise Invalid(f"{place}.path", reason)
                _check_alerts(at_work, f"{place}.path", [step.notify])


def _check_alerts(at_work: Desk, place: str, notified: Sequence[tuple[str, ...]]) -> None:
    for words in notified:
        for word in words:
            if recipients.unknown(at_work, word):
                near = shape.hint(word, recipients.WORDS)
                raise Invalid(f"{place}.alerts", f"nobody is called {word!r}{near}")


def _calendar(change: _Change, at_work: Desk, key: str, versions: Versions) -> list[str]:
    by, at = change.by, change.at
    calendar = versions.calendars[key][-1].calendar
    data = canonical.encoded(calendar.published()).decode()
    digest = hashlib.sha256(data.encode()).hexdigest()
    known = at_work.versions.calendars.get(key, ())
    if known and _digest(by.tenant, "calendar_version", key, known[-1].version) == digest:
        return []
    version = known[-1].version + 1 if known else 1
    id_ = rows.ids("calendar_version", 1)[0]
    row = {
        "id": id_,
        "tenant_id": by.tenant,
        "key": key,
        "version": version,
        "data": data,
        "valid_from": at if known else None,
        "digest": digest,
    }
    rows.insert("calendar_version", [row])
    told = change.told({"calendar": key, "version": version, "digest": digest})
    # A first version changes no clock; a later one is a fact of every ticket that it touches.
    touches = bool(known) and change.basis is not Basis.NEW_TICKETS
    kind = Kind.CALENDAR_VERSION if touches else Kind.CONFIGURED
    stream = _stream(by.tenant, "calendar_version", key)
    configuration.record(by, "calendar", stream, "published", told, now=at, kind=kind)
    if touches:
        _wake(change, "(c.calendar = %s OR c.calendar LIKE %s)", [key, f"%{_escaped(key)}%"])
    return [f"calendar {key} v{version}"]


def _digest(tenant: int, table: str, key: str, version: int) -> str:
    found = rows.query(
        f"SELECT digest FROM {table} WHERE tenant_id = %s AND key = %s AND version = %s",
        [tenant, key, version],
    )
    return str(found[0][0])


def _escaped(key: str) -> str:
    return key.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _wake(change: _Change, which: str, values: Sequence[object]) -> None:
    """Have the pulse look again at every ticket with such a clock that the change may move."""
    live = "" if change.basis is Basis.RESTATE else " AND c.state IN ('running', 'paused')"
    tenant = change.by.tenant
    rows.run(
        "UPDATE ticket t SET wake_at = LEAST(t.wake_at,"
        " GREATEST(%s, t.decided_at + interval '1 microsecond'))"
        " WHERE t.tenant_id = %s AND t.id IN (SELECT c.ticket_id FROM clock c"
        f" WHERE c.tenant_id = %s AND {which}{live})",
        [change.at, tenant, tenant, *values],
    )
    rows.run("SELECT pg_notify(%s, '')", [ledger.DOORBELL])


def _policy(
    change: _Change,
    at_work: Desk,
    given: Mapping[str, Any],
    paths: Mapping[str, Any],
    begins: dt.datetime | None,
) -> list[str]:
    by = change.by
    key = str(given["key"])
    own = {k: v for k, v in given.items() if k not in ("version", "valid_from", "valid_until")}
    named = {clock["path"] for clock in own["clocks"] if "path" in clock}
    if named:
        own["paths"] = {name: paths[name] for name in sorted(named)}
    # When it begins is when it is published; when it ends is a part of the promise.
    ends = {"valid_until": str(given["valid_until"])} if "valid_until" in given else {}
    digest = hashlib.sha256(canonical.encoded({**own, **ends})).hexdigest()
    known = [p for p in at_work.versions.policies if p.key == key]
    version = max((p.version for p in known), default=0) + 1
    if known and _digest(by.tenant, "policy_version", key, version - 1) == digest:
        return []
    begins, until = _validity(given, begins, change, first=not known)
    id_ = rows.ids("policy_version", 1)[0]
    row = {
        "id": id_,
        "tenant_id": by.tenant,
        "key": key,
        "version": version,
        "rank": int(own["rank"]),
        "data": canonical.encoded({**own, "version": version}).decode(),
        "valid_from": begins,
        "valid_until": until,
        "digest": digest,
    }
    rows.insert("policy_version", [row])
    _record(change, key, {"policy": key, "version": version, "digest": digest})
    return [f"policy {key} v{version}"]


def _record(change: _Change, key: str, told: Mapping[str, Any]) -> None:
    """Record that a policy was published: for clocks that run it may be a fact of their tickets."""
    touches = change.basis is not Basis.NEW_TICKETS
    kind = Kind.POLICY_ATTACHED if touches else Kind.CONFIGURED
    stream = _stream(change.by.tenant, "policy_version", key)
    payload = change.told(told)
    configuration.record(
        change.by, "policy", stream, "published", payload, now=change.at, kind=kind
    )
    if touches:
        # Clocks of other policies may come to this one; clocks of this one may have stopped.
        _wake(change, "(c.policy = %s OR c.state IN ('running', 'paused'))", [key])


def _validity(
    given: Mapping[str, Any], begins: dt.datetime | None, change: _Change, *, first: bool
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return from when until when a version holds; what was promised before stays as it was."""
    always = begins is None
    if "valid_from" in given:
        begins = instant_from(given["valid_from"], "valid_from")
        # Where there is history to come, a first version may begin with it.
        if not always and begins < change.at:
            raise Invalid("valid_from", "is past; what was promised since then would change")
        if change.basis is not Basis.NEW_TICKETS and begins > change.at:
            reason = "lies ahead, so clocks that run now cannot go over to it yet"
            raise Invalid("valid_from", reason)
    if not first and begins is None:
        raise Invalid("valid_from", "a policy that is published already cannot hold for history")
    ends = instant_from(given["valid_until"], "valid_until") if "valid_until" in given else None
    if ends is not None and ends < change.at and not always:
        raise Invalid("valid_until", "is past; what was promised since then would change")
    return begins, ends


def _stream(tenant: int, table: str, key: str) -> int:
    """Return the stream of a calendar or policy: the id of its first version."""
    found = rows.query(
        f"SELECT min(id) FROM {table} WHERE tenant_id = %s AND key = %s", [tenant, key]
    )
    return int(found[0][0])
