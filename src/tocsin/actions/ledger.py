"""The transaction around every change: lock, decide what is due, act, decide, write it all.

One path for a person's single change, for the pulse's hundred tickets and for an import.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from tocsin.actions import audit, effects, escalated, holding, restating
from tocsin.actions.work import Draft, Row, Work
from tocsin.engine import replay
from tocsin.engine.ticket import Ticket
from tocsin.queries import access, desk, facts, projection, running
from tocsin.queries.access import Actor, Subject
from tocsin.queries.desk import Desk
from tocsin.records import context, rows

DOORBELL = "tocsin"
# The pulse looks at least each second by itself; only what comes sooner has to ring.
_SOON = dt.timedelta(seconds=1.5)
_CONFIGURATION = "hashtext('tocsin configuration'), %s"
# What a ticket's row holds beside what the facts make of it.
_KEPT = ("number", "account_id", "contact_id", "channel", "subject", "opened_at", "follows_id")


@contextmanager
def session(tenant: int) -> Iterator[tuple[Desk, dt.datetime]]:
    """Work for a tenant in one transaction, under a configuration that stays as it is meanwhile.

    Yields that configuration and the database's clock as it was at the beginning.
    """
    with transaction.atomic(), rows.together(), context.tenant(tenant):
        rows.run(f"SELECT pg_advisory_xact_lock_shared({_CONFIGURATION})", [tenant])
        yield desk.at_work(tenant)


@contextmanager
def configuring(
    tenant: int, *, now: dt.datetime | None = None
) -> Iterator[tuple[Desk, dt.datetime]]:
    """Change a tenant's configuration in one transaction, while nobody decides anything by it."""
    with transaction.atomic(), context.tenant(tenant):
        rows.run(f"SELECT pg_advisory_xact_lock({_CONFIGURATION})", [tenant])
        at_work, at = desk.at_work(tenant)
        yield at_work, now or at


def clock() -> dt.datetime:
    """Return the database's own clock, read now."""
    found: dt.datetime = rows.query("SELECT clock_timestamp()", [])[0][0]
    return found


@contextmanager
def change(
    ticket: int, *, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> Iterator[Work]:
    """Change one ticket: what is due is decided before, what follows after, and all is written.

    `seen` is the number of the newest event that the actor knew of: another one since is `Stale`.
    """
    with session(by.tenant) as (at_work, _):
        found = lock(at_work, [ticket], now=now)
        work = seen_by(by, found)[0]
        if seen is not None and seen != work.seq:
            raise access.Stale(
                "ticket %(number)s was changed since you looked at it; look again",
                number=work.row["number"],
            )
        effects.settle(work)
        yield work
        effects.settle(work)
        write([work])


def seen_by(by: Actor, found: Sequence[Work], *, count: int = 1) -> Sequence[Work]:
    """Return locked tickets when there are so many and the actor may act on each; else raise."""
    if len(found) < count or not all(access.sees(by, _subject(by, work)) for work in found):
        raise access.missing()
    return found


def _subject(by: Actor, work: Work) -> Subject:
    team = work.desk.teams.get(str(work.field("team") or ""))
    assignee = str(work.field("assignee") or "")
    parts = (
        rows.query(
            "SELECT person_id FROM participant WHERE tenant_id = %s AND ticket_id = %s",
            [work.tenant, work.id],
        )
        if by.grants
        else []
    )
    return Subject(
        contact=work.row["contact_id"],
        team=team.id if team else None,
        type=type_of(work.state.fields),
        assignee=int(assignee) if assignee.isdecimal() else None,
        parts=frozenset(row[0] for row in parts),
    )


def type_of(fields: Mapping[str, Any]) -> str:
    """Return the type that a ticket's row holds, from its fields."""
    return str(fields.get("type") or fields.get("category") or "")


def lock(at_work: Desk, tickets: Sequence[int], *, now: dt.datetime | None = None) -> list[Work]:
    """Lock tickets by ascending id and return each with its facts; those that are gone are not."""
    columns = ", ".join(f"t.{name}" for name in ("id", *_KEPT, "last_seq", "last_at"))
    found = rows.query(
        f"SELECT {columns} FROM ticket t WHERE t.tenant_id = %s AND t.id = ANY(%s)"
        " ORDER BY t.id FOR UPDATE",
        [at_work.tenant, list(tickets)],
    )
    # Read after the lock: whoever held it before has written earlier instants.
    at = now or clock()
    return load(at_work, found, at)


def load(at_work: Desk, found: Sequence[tuple[Any, ...]], at: dt.datetime) -> list[Work]:
    """Return tickets, whose rows are locked, with their facts and what those make of them."""
    logs = facts.of_tickets(at_work.tenant, [row[0] for row in found])
    managers = _account_managers(at_work.tenant, [row[2] for row in found])
    made = []
    judged = any(replay.restates(fact) for fact in at_work.calendar_facts)
    for row in found:
        kept = dict(zip(_KEPT, row[1:-2], strict=True))
        kept["account_manager_id"] = managers.get(kept["account_id"])
        log = facts.with_calendars(logs[row[0]], at_work.calendar_facts)
        state = replay.fold(str(row[0]), log, at_work.versions)
        work = Work(at_work, row[0], max(at, row[-1]), log, state, kept, seq=row[-2])
        work.rethought = judged
        made.append(work)
    return made


def _account_managers(tenant: int, accounts: Sequence[int | None]) -> dict[int, int]:
    wanted = sorted({account for account in accounts if account is not None})
    if not wanted:
        return {}
    return dict(
        rows.query(
            "SELECT id, account_manager_id FROM account WHERE tenant_id = %s AND id = ANY(%s)",
            [tenant, wanted],
        )
    )


def write(works: Sequence[Work]) -> None:
    """Write all that the works have gathered, the ticket numbers last."""
    if not works:
        return
    tenant = works[0].tenant
    kept = {work.id: projection.clocks(work.state, work.log, now=work.now) for work in works}
    restating.note(works, kept)
    ids = _append(tenant, works)
    holding.settle(works)
    for work in works:
        _count_steps(work)
    for table in ("messages", "violations", "alerts", "restatements"):
        found = [
            {"tenant_id": tenant, "ticket_id": work.id, "event_id": ids[work.id, row["seq"]], **row}
            for work in works
            for row in getattr(work, table)
        ]
        rows.insert(table.removesuffix("s"), [_without(row, "seq") for row in found])
    for name in ("notifications", "outbox"):
        rows.insert(
            name.removesuffix("s"),
            [
                {"tenant_id": tenant, "ticket_id": work.id, **row}
                for work in works
                for row in getattr(work, name)
            ],
        )
    escalated.write(works)
    _withdraw(tenant, works)
    _write_clocks(tenant, works, kept)
    _write_tickets(tenant, works, kept)
    _ring(works)


def _count_steps(work: Work) -> None:
    """Have one of the alerts of each step count for it, and all say whose ticket it is."""
    seen: set[int] = set()
    team = str(work.field("team") or "")
    for alert in work.alerts:
        alert |= {"counts": alert["seq"] not in seen, "team": team}
        seen.add(alert["seq"])


def _without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


def _append(tenant: int, works: Sequence[Work]) -> dict[tuple[int, int], int]:
    drafts: list[tuple[Work, Draft]] = [(work, draft) for work in works for draft in work.drafts]
    if not drafts:
        return {}
    ids = rows.ids("event", len(drafts))
    entries = [
        audit.Entry(id_, ("ticket", work.id), d.seq, d.event, d.content, d.salt, d.private_to)
        for id_, (work, d) in zip(ids, drafts, strict=True)
    ]
    audit.append(tenant, entries)
    return {(work.id, d.seq): id_ for id_, (work, d) in zip(ids, drafts, strict=True)}


def _withdraw(tenant: int, works: Sequence[Work]) -> None:
    """Mark breaches that a restatement took back, and the alerts that told of them."""
    for work in works:
        for key in work.withdrawn:
            where = "tenant_id = %s AND ticket_id = %s AND clock = %s AND mark = %s"
            own = [tenant, work.id, key.clock]
            rows.run(
                f"UPDATE violation SET withdrawn_at = %s WHERE {where}",
                [work.now, *own, projection.violation_mark(key)],
            )
            rows.run(
                f"UPDATE alert SET state = 'superseded' WHERE {where}"
                " AND deed = 'breach' AND which = %s",
                [*own, key.mark, key.which],
            )


# The rows of each ticket's clocks, by the ticket's id and the clock's.
_Clocks = Mapping[int, Mapping[str, Row]]


def _write_clocks(tenant: int, works: Sequence[Work], kept: _Clocks) -> None:
    found: list[Row] = []
    for work in works:
        made = kept[work.id]
        found += [{"tenant_id": tenant, "ticket_id": work.id, **row} for row in made.values()]
    _forget(tenant, [work for work in works if work.rethought], kept)
    rows.upsert("clock", found, ("tenant_id", "ticket_id", "key"))


def _forget(tenant: int, works: Sequence[Work], kept: _Clocks) -> None:
    """Delete the rows of clocks that there are not, now that the facts were thought again."""
    if works:
        rows.run(
            "DELETE FROM clock c USING json_to_recordset(%s) AS x(id bigint, keys text[])"
            " WHERE c.tenant_id = %s AND c.ticket_id = x.id AND c.key <> ALL(x.keys)",
            [rows.as_json([{"id": w.id, "keys": list(kept[w.id])} for w in works]), tenant],
        )


def _write_tickets(tenant: int, works: Sequence[Work], kept: _Clocks) -> None:
    new = [work for work in works if work.new]
    known = [work for work in works if not work.new]
    rows.upsert("ticket", [_ticket(tenant, work, kept[work.id]) for work in known], ("id",))
    if new:
        # The counter is the one row that all openings share: locked last, it is held shortest.
        made = [_ticket(tenant, work, kept[work.id]) for work in new]
        rows.insert_numbered("ticket", made, tenant)


def _ticket(tenant: int, work: Work, clocks: Mapping[str, Row]) -> Row:
    fields, at_work = work.state.fields, work.desk
    pipeline = at_work.pipelines.get(str(fields.get("pipeline") or ""))
    stage = str(fields.get("stage") or "")
    team = at_work.teams.get(str(fields.get("team") or ""))
    assignee = str(fields.get("assignee") or "")
    known = assignee.isdecimal() and int(assignee) in at_work.people
    last_at = max((d.event.recorded_at or work.now for d in work.drafts), default=work.now)
    return {
        "id": work.id,
        "tenant_id": tenant,
        **{name: work.row[name] for name in _KEPT},
        "pipeline_id": pipeline.id if pipeline else None,
        "stage_id": at_work.stage_ids.get((pipeline.id, stage)) if pipeline else None,
        "team_id": team.id if team else None,
        "assignee_id": int(assignee) if known else None,
        "status": fields.get("status") or "new",
        "priority": fields.get("priority") or "",
        "type": type_of(fields),
        "merged_into_id": int(fields["merged_into"]) if "merged_into" in fields else None,
        **projection.ticket(replay.at(work.state, work.now), work.log, clocks, _next_step(work)),
        "last_seq": work.seq,
        "last_at": max(last_at, work.now),
        "decided_at": work.now,
        "wake_at": work.wake_at,
        "held_until": None,
        "held_reason": "",
        "attempts": 0,
    }


def _next_step(work: Work) -> dt.datetime | None:
    return running.next_at(work.state, work.log, work.desk.versions, work.now)


def _ring(works: Sequence[Work]) -> None:
    """Ring once, when something must happen sooner than anybody would look."""
    soon = any(work.wake_at is not None and work.wake_at - work.now < _SOON for work in works)
    if soon or any(work.outbox for work in works):
        rows.run("SELECT pg_notify(%s, '')", [DOORBELL])


def begun(at_work: Desk, row: Row, now: dt.datetime) -> Work:
    """Return a new ticket without facts yet."""
    id_ = rows.ids("ticket", 1)[0]
    kept = {name: row.get(name) for name in _KEPT}
    kept["account_manager_id"] = row.get("account_manager_id")
    return Work(at_work, id_, now, [], Ticket(str(id_)), kept, new=True)
