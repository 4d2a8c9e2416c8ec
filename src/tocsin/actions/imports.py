"""Taking in history from another desk: each fact once, whole batches or nothing of them."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Protocol

from django.db import transaction

from tocsin.actions import effects, ledger, people, sla
from tocsin.actions.work import Work
from tocsin.engine import replay
from tocsin.engine.event import Event, Kind
from tocsin.queries import access, desk, facts
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.desk import Desk
from tocsin.records import context, rows

BATCH = 200
# One import a tenant at a time: two would both find a ticket new. What a killed one has begun is
# rolled back before its lock is free.
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('tocsin import'), %s)"
# The server keeps the plans of its checks of references. Those made while the tables were all but
# empty read every row of the tenant for each new one: ten times as long for a first import.
_PLAN_ANEW = "DISCARD PLANS"
# Fields that the ticket's own row keeps.
_OWN = frozenset({"status", "stage", "pipeline", "priority", "team", "assignee", "type"})


class Incident(Protocol):
    """What a source tells of one of its tickets: the facts, and its own verdict if it has one."""

    @property
    def number(self) -> str:
        """The source's name for it, unique there."""

    @property
    def events(self) -> Sequence[Event]:
        """Its facts; the same fact has the same key in every export."""

    @property
    def opened_at(self) -> dt.datetime:
        """When it was opened."""

    @property
    def made_sla(self) -> bool | None:
        """Whether the source says that its promise was kept."""


@dataclass(slots=True)
class Result:
    """What an import came to. `ahead` counts facts of times to come: they are not taken in."""

    incidents: int = 0
    new: int = 0
    known: int = 0
    changed: int = 0
    events: int = 0
    ahead: int = 0

    def add(self, other: "Result") -> None:
        """Add the figures of another part of the import."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class _Batch:
    """The incidents of one transaction, and what it writes."""

    at_work: Desk
    source: str
    at: dt.datetime
    works: list[Work] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    result: Result = field(default_factory=Result)

    def add(self, table: str, **row: Any) -> None:
        """Note a row that belongs to the tenant."""
        self.rows.setdefault(table, []).append({"tenant_id": self.at_work.tenant, **row})


@access.needs(Right.IMPORT)
def take(
    incidents: Iterable[Incident],
    *,
    source: str,
    by: Actor,
    now: dt.datetime | None = None,
    batch: int = BATCH,
    progress: Callable[[int], None] = lambda incidents: None,
) -> Result:
    """Take in what a source tells of its tickets, each of which it names once.

    Facts and tickets that are known already are not taken again, so a killed import is finished by
    the same one again, and a newer export adds what is new in it. History alerts nobody.
    `progress` hears how many incidents are safely stored.
    """
    total = Result()
    for some in _batches(incidents, batch):
        total.add(_take(some, source, by, now))
        progress(total.incidents)
    return total


def _batches(incidents: Iterable[Incident], size: int) -> Iterator[list[Incident]]:
    # Read before the transaction begins: its locks wait for no file.
    stream = iter(incidents)
    while some := list(islice(stream, size)):
        yield some


def _take(incidents: Sequence[Incident], source: str, by: Actor, now: dt.datetime | None) -> Result:
    with ledger.session(by.tenant) as (at_work, _):
        rows.run(_PLAN_ANEW)
        rows.run(_ALONE, [by.tenant])
        batch = _Batch(at_work, source, now or ledger.clock())
        known = _known(batch, incidents)
        batch.result.incidents = len(incidents)
        batch.result.known = len(known)
        for incident in incidents:
            if incident.number not in known:
                _begin(batch, incident)
        _continue(batch, [i for i in incidents if i.number in known], known, now)
        _write(batch)
    return batch.result


def _known(batch: _Batch, incidents: Sequence[Incident]) -> dict[str, tuple[int, bool | None]]:
    """Return ticket and verdict of the incidents that were imported before, by number."""
    found = rows.query(
        "SELECT external_id, ticket_id, met FROM imported"
        " WHERE tenant_id = %s AND source = %s AND external_id = ANY(%s)",
        [batch.at_work.tenant, batch.source, [incident.number for incident in incidents]],
    )
    return {number: (ticket, met) for number, ticket, met in found}


# ------------------------------------------------------------------------------------ new tickets


def _begin(batch: _Batch, incident: Incident) -> None:
    """Make the ticket of an incident that is not known yet."""
    told = _past(batch, incident.events, batch.at)
    if not any(fact.kind is Kind.CREATED for fact in told):
        return
    subject = f"Imported {incident.number}"
    row = {"channel": batch.source, "subject": subject, "opened_at": incident.opened_at}
    work = ledger.begun(batch.at_work, row, batch.at)
    own = [_own(fact, work) for fact in told]
    # In their order, so that each is taken in as the next one and nothing is thought twice.
    for fact in facts.with_calendars(own, batch.at_work.calendar_facts):
        if not fact.ticket:
            work.log.append(fact)
            versions = batch.at_work.versions
            work.state = (
                replay.fold(str(work.id), work.log, versions)
                if replay.restates(fact)
                else replay.advance(work.state, fact, versions)
            )
        else:
            work.seq += 1
            work.take(fact)
    _settled(batch, work, len(work.drafts))
    batch.result.new += 1
    batch.add("imported", **_imported(batch, incident, work.id))
    kept = {name: value for name, value in work.state.fields.items() if name not in _OWN}
    _fields(batch, work, [name for name, value in kept.items() if value is not None])
    said = [str(value) for value in work.state.fields.values() if value is not None]
    batch.add("search_text", ticket_id=work.id, words=" ".join([subject, *said]))


def _past(batch: _Batch, events: Sequence[Event], at: dt.datetime) -> list[Event]:
    """Return the facts that have happened; the log holds nothing of tomorrow."""
    found = [event for event in events if event.effective_at <= at]
    batch.result.ahead += len(events) - len(found)
    return found


def _own(event: Event, work: Work) -> Event:
    return replace(event, ticket=str(work.id), recorded_at=work.now, imported=True)


def _imported(batch: _Batch, incident: Incident, ticket: int) -> dict[str, Any]:
    return {
        "ticket_id": ticket,
        "source": batch.source,
        "external_id": incident.number,
        "met": incident.made_sla,
        "imported_at": batch.at,
    }


def _settled(batch: _Batch, work: Work, facts_taken: int) -> None:
    effects.settle(work)
    batch.works.append(work)
    batch.result.events += facts_taken


def _fields(batch: _Batch, work: Work, names: Iterable[str]) -> None:
    """Note the fields that the company added itself, as they now are."""
    for name in names:
        value = work.field(name)
        text = "" if value is None else str(value)
        batch.add("ticket_field", ticket_id=work.id, name=name, value=text)


# ---------------------------------------------------------------------------------- known tickets


def _continue(
    batch: _Batch,
    incidents: Sequence[Incident],
    known: Mapping[str, tuple[int, bool | None]],
    now: dt.datetime | None,
) -> None:
    """Add to tickets that are known the facts that are not."""
    keys = [event.key for incident in incidents for event in incident.events]
    had = _keys(batch.at_work.tenant, keys)
    news: dict[int, list[Event]] = {}
    for incident in incidents:
        ticket, met = known[incident.number]
        fresh = [event for event in incident.events if event.key not in had]
        if fresh := _past(batch, fresh, batch.at):
            news[ticket] = fresh
        if met is not incident.made_sla:
            batch.add("imported", **_imported(batch, incident, ticket))
    for work in ledger.lock(batch.at_work, list(news), now=now) if news else ():
        # What fell due before is not history: the pulse, had it been quicker, would have told it.
        effects.settle(work)
        for event in sorted(news[work.id], key=lambda event: event.order):
            work.seq += 1
            work.take(_own(event, work))
        _settled(batch, work, len(news[work.id]))
        batch.result.changed += 1
        changed = {name for event in news[work.id] for name in event.changes()}
        _fields(batch, work, sorted(changed - _OWN))


def _keys(tenant: int, keys: Sequence[str]) -> set[str]:
    if not keys:
        return set()
    found = rows.query(
        "SELECT key FROM event WHERE tenant_id = %s AND key = ANY(%s)", [tenant, list(keys)]
    )
    return {row[0] for row in found}


def _write(batch: _Batch) -> None:
    rows.upsert("imported", batch.rows.get("imported", ()), ("tenant_id", "source", "external_id"))
    rows.upsert(
        "ticket_field", batch.rows.get("ticket_field", ()), ("tenant_id", "ticket_id", "name")
    )
    if words := batch.rows.get("search_text"):
        rows.run(
            "INSERT INTO search_text (tenant_id, ticket_id, words)"
            " SELECT tenant_id, ticket_id, to_tsvector('simple', words) FROM"
            " json_to_recordset(%s) AS x(tenant_id bigint, ticket_id bigint, words text)",
            [rows.as_json(words)],
        )
    # References are looked at when the transaction ends; the counter is locked last.
    ledger.write(batch.works)


# ------------------------------------------------------------------------------------- promises


@access.needs(Right.IMPORT)
def prepare(*, config: Mapping[str, Any], by: Actor) -> list[str]:
    """Make teams and publish promises that history is judged by; returns what was made.

    Only before the first ticket: promises that would change later are published as any other
    change is, and hold from then on.
    """
    with transaction.atomic(), context.tenant(by.tenant):
        at_work, _ = desk.at_work(by.tenant)
        begun = bool(rows.query("SELECT 1 FROM ticket WHERE tenant_id = %s LIMIT 1", [by.tenant]))
    missing = [name for name in _teams(config) if name.casefold() not in at_work.teams]
    if begun:
        changes = [*(f"team {name}" for name in missing)] or _unpublished(config, by)
        if changes:
            raise NotAllowed(
                f"there are tickets already, and {', '.join(changes)} would be new to them; "
                "publish it first, or import into a tenant of its own"
            )
        return []
    for name in missing:
        people.add_team(name=name, by=by)
    made = sla.publish(config=config, by=by, always=True)
    return [*(f"team {name}" for name in missing), *made]


def _teams(config: Mapping[str, Any]) -> list[str]:
    """Return the teams that escalation paths name, each once."""
    paths = config.get("paths", {}).values()
    named = [str(level["team"]) for path in paths for level in path["levels"]]
    return list({name.casefold(): name for name in reversed(named)}.values())[::-1]


def _unpublished(config: Mapping[str, Any], by: Actor) -> list[str]:
    """Return what publishing would make, without leaving a trace of the attempt."""
    with transaction.atomic():
        made = sla.publish(config=config, by=by)
        transaction.set_rollback(True)
    return made
