"""Tickets that turn out to be one, and one that turns out to be two. Clocks go with the words."""

import datetime as dt
from collections.abc import Iterator

from tocsin.actions import births, effects, given, ledger
from tocsin.actions.messages import said, write_words
from tocsin.actions.statuses import DONE
from tocsin.actions.work import Row, Work, sealed
from tocsin.engine import replay
from tocsin.engine.clock import Clock
from tocsin.engine.event import MERGED, Event, Kind, Side
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.records import rows

_WORDS = frozenset(
    {Kind.CREATED, Kind.CUSTOMER_MESSAGE, Kind.AGENT_MESSAGE, Kind.AUTOMATED_MESSAGE}
)
# From which instant the clocks of a ticket that was split off count.
STARTS = ("message", "now")

# What a message is, beside the fact that it belongs to.
_SAID = ("side", "public", "person_id", "contact_id", "private_to_id", "body", "said_at")


@access.needs(Right.CHANGE)
def merge(*, ticket_id: int, into: int, by: Actor, now: dt.datetime | None = None) -> None:
    """Merge a ticket into another one, which goes on with the words of both.

    The one that goes on counts from the earliest word of the customer, and from the earliest
    answer. The clocks of the other end here; what it had missed is reported once. Whatever comes
    for it later goes to the one that goes on.
    """
    if ticket_id == into:
        raise Invalid("into", "is the same ticket")
    with ledger.session(by.tenant) as (at_work, _):
        # By ascending id, as everybody does who takes two.
        found = ledger.seen_by(by, ledger.lock(at_work, [ticket_id, into], now=now), count=2)
        works = {work.id: work for work in found}
        gone, stays = works[ticket_id], works[into]
        for work in (gone, stays):
            if work.state.gone:
                raise NotAllowed("ticket %(number)s is %(status)s", **_named(work))
            effects.settle(work)
        _copy(gone, stays)
        stays.add(Kind.MERGE, {"from": str(gone.id), "number": gone.row["number"]}, by)
        effects.settle(stays)
        told = {"into": str(stays.id), "number": stays.row["number"]}
        gone.add(Kind.MERGE, {**told, "carried": list(_carried(gone, stays))}, by)
        effects.settle(gone)
        ledger.write([gone, stays])
        write_words(stays, "\n".join(row["body"] for row in stays.messages))


def _named(work: Work) -> dict[str, object]:
    return {"number": work.row["number"], "status": work.field("status")}


def _copy(gone: Work, stays: Work) -> None:
    """Have the words of one ticket be facts of the other too, at the instants of their own."""
    bodies = _messages(gone)
    for fact in gone.log:
        if fact.kind not in _WORDS or (fact.kind is Kind.CREATED and fact.side is Side.AGENT):
            continue
        message = bodies.get(fact.key)
        content = message["body"] if message else None
        kind = Kind.CUSTOMER_MESSAGE if fact.kind is Kind.CREATED else fact.kind
        payload = {
            name: fact.payload[name] for name in ("question", "private") if name in fact.payload
        }
        told, salt = sealed({**payload, "from": str(gone.id)}, content)
        stays.seq += 1
        event = Event(
            ticket=str(stays.id),
            kind=kind,
            effective_at=fact.effective_at,
            recorded_at=stays.now,
            key=f"merge/{gone.id}/{fact.key}",
            payload=told,
            side=fact.side,
            actor=fact.actor,
            source=MERGED,
            source_seq=stays.seq,
        )
        private = message["private_to_id"] if message else None
        stays.take(event, content=content, salt=salt, private_to=private)
        if message:
            stays.messages.append({**message, "seq": stays.seq})


def _messages(work: Work) -> dict[str, Row]:
    # Private notes go along, and stay private: the desk itself has to see them for that.
    rows.run("SELECT see_private_notes(%s)", [work.tenant])
    found = rows.query(
        f"SELECT e.key, m.{', m.'.join(_SAID)} FROM message m"
        " JOIN event e ON e.tenant_id = m.tenant_id AND e.id = m.event_id"
        " WHERE m.tenant_id = %s AND m.ticket_id = %s",
        [work.tenant, work.id],
    )
    return {row[0]: dict(zip(_SAID, row[1:], strict=True)) for row in found}


def _carried(gone: Work, stays: Work) -> Iterator[str]:
    """Yield the clocks whose missed due a clock of the ticket that goes on has missed as well."""
    here, there = (replay.at(work.state, work.now).clocks for work in (gone, stays))
    missed = {(_slot(clock), breach.due) for clock in there for breach in clock.standing}
    for clock in here:
        if any((_slot(clock), breach.due) in missed for breach in clock.standing):
            yield clock.id


def _slot(clock: Clock) -> tuple[str, str]:
    return (clock.terms.agreement.value, clock.terms.definition.key)


@access.needs(Right.CHANGE)
def split(
    *,
    ticket_id: int,
    message: int,
    subject: str,
    by: Actor,
    start: str = "message",
    now: dt.datetime | None = None,
) -> int:
    """Make a ticket of its own of one message (by its id); returns the new ticket's id.

    Its clocks count from the instant of the message, or from now. The same message again is the
    same ticket.
    """
    subject = given.text(subject, "subject")
    shape.one_of(start, "start", STARTS)
    with ledger.session(by.tenant) as (at_work, _):
        found = ledger.lock(at_work, [ticket_id], now=now)
        old = ledger.seen_by(by, found)[0]
        key = f"split/{ticket_id}/{message}"
        if (known := births.opened_by(at_work, key)) is not None:
            return known
        effects.settle(old)
        told = _message(old, message)
        new = ledger.begun(at_work, _row(old, subject, follows=True), old.now)
        _found(new, old, told, start, (by, key))
        old.add(Kind.SPLIT, {"to": str(new.id)}, by)
        for work in (old, new):
            effects.settle(work)
        ledger.write([old, new])
        write_words(new, f"{subject}\n\n{told['body']}")
        return new.id


def _message(work: Work, id_: int) -> Row:
    found = rows.query(
        f"SELECT {', '.join(_SAID)} FROM message"
        " WHERE tenant_id = %s AND ticket_id = %s AND id = %s",
        [work.tenant, work.id, id_],
    )
    if not found:
        raise Invalid("message", "is none of this ticket's")
    return dict(zip(_SAID, found[0], strict=True))


def _row(old: Work, subject: str, *, follows: bool) -> Row:
    kept = ("account_id", "contact_id", "channel", "account_manager_id")
    row = {name: old.row.get(name) for name in kept}
    return row | {
        "subject": subject,
        "opened_at": old.now,
        "follows_id": old.id if follows else None,
    }


_INHERITED = (
    *("pipeline", "priority", "type", "channel", "contact", "account"),
    *("plan", "vip", "high_value", "team"),
)


def _born(old: Work) -> Row:
    """Return the fields that a ticket takes over from another one, in the first stage."""
    payload = {name: old.field(name) for name in _INHERITED if old.field(name) is not None}
    pipeline = old.desk.pipelines.get(str(old.field("pipeline") or ""))
    stage = pipeline.stages[0] if pipeline else None
    own = {"status": stage.status, "stage": stage.key} if stage else {"status": "new"}
    return payload | own


def _found(new: Work, old: Work, told: Row, start: str, made: tuple[Actor, str]) -> None:
    """Have a ticket begin with a message: its own fact, on the side of who wrote it."""
    by, key = made
    said_at = told["said_at"] if start == "message" else old.now
    payload, salt = sealed({**_born(old), "from": str(old.id)}, told["body"])
    new.seq += 1
    event = Event(
        ticket=str(new.id),
        kind=Kind.CREATED,
        effective_at=min(said_at, new.now),
        recorded_at=new.now,
        key=key,
        payload=payload,
        side=Side(told["side"]),
        actor=by.name,
        source_seq=new.seq,
    )
    new.row["opened_at"] = event.effective_at
    new.take(event, content=told["body"], salt=salt)
    # It begins in the past: what has become of calendars since then is its past too.
    new.think()
    new.messages.append({**told, "seq": new.seq})


@access.needs(Right.OPEN_TICKETS)
def follow_up(
    *, ticket_id: int, body: str, by: Actor, subject: str = "", now: dt.datetime | None = None
) -> int:
    """Open a ticket that follows one which is over for good; it has clocks of its own."""
    body = given.text(body, "body")
    with ledger.session(by.tenant) as (at_work, _):
        found = ledger.lock(at_work, [ticket_id], now=now)
        old = ledger.seen_by(by, found)[0]
        if old.field("status") not in (*DONE, "merged"):
            raise NotAllowed("ticket %(number)s is still open; write there", **_named(old))
        title = given.text(subject, "subject", empty=True) or str(old.row["subject"])
        new = ledger.begun(at_work, _row(old, title, follows=True), old.now)
        seq = new.add(Kind.CREATED, {**_born(old), "from": str(old.id)}, by, content=body)
        new.messages.append(said(new, seq, by, body, public=True))
        effects.settle(new)
        ledger.write([new])
        write_words(new, f"{title}\n\n{body}")
        return new.id
