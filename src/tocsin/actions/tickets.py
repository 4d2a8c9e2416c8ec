"""What may be done to a ticket. Each is one transaction; a refusal leaves nothing half-written."""

import datetime as dt
from collections.abc import Mapping

from tocsin.actions import births, effects, given, ledger, messages, statuses, waiting
from tocsin.actions.messages import said, write_fields, write_words
from tocsin.actions.statuses import DONE, WAITING
from tocsin.actions.work import Work
from tocsin.engine.event import Kind, Side
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.records.tickets import PRIORITIES


@access.needs(Right.OPEN_TICKETS)
def open_(
    *,
    subject: str,
    body: str = "",
    by: Actor,
    pipeline: str | None = None,
    priority: str | None = None,
    type: str = "",
    channel: str = "",
    team: str | None = None,
    account: int | None = None,
    contact: int | None = None,
    fields: Mapping[str, str] | None = None,
    key: str = "",
    now: dt.datetime | None = None,
) -> int:
    """Open a ticket and return its id. The first stage of its pipeline takes it.

    Without a priority it gets that of its fields impact and urgency by the matrix, or P3. `key` is
    an idempotency key: the same one again returns the ticket that it opened.
    """
    subject, body = given.text(subject, "subject"), given.text(body, "body", empty=True)
    type, channel = given.text(type, "type", empty=True), given.text(channel, "channel", empty=True)
    _check_born(by, priority, type, fields or {})
    # A customer opens for themselves, and is served by the plan of their own account.
    contact, account = (contact, account) if by.contact is None else (by.contact, None)
    # Another one's key is another key: it must not lead to their ticket.
    key = key and f"open/{by.name}/{given.text(key, 'key')}"
    with ledger.session(by.tenant) as (at_work, clock):
        if key and (known := births.opened_by(at_work, key)) is not None:
            return known
        priority = births.priority(at_work, by, priority, fields or {})
        payload, row = births.born(at_work, pipeline, priority, account, contact)
        payload |= {"type": type, "channel": channel, **births.chosen(at_work, team, fields or {})}
        own = {"channel": channel, "subject": subject, "opened_at": now or clock}
        work = ledger.begun(at_work, row | own, now or clock)
        content = f"{subject}\n\n{body}"
        seq = work.add(Kind.CREATED, payload, by, key=key, content=content)
        if body:
            work.messages.append(said(work, seq, by, body, public=True))
        effects.settle(work)
        ledger.write([work])
        write_fields(work, fields or {})
        write_words(work, content)
        return work.id


def _check_born(by: Actor, priority: str | None, type: str, fields: Mapping[str, str]) -> None:
    """Refuse fields that the actor may not change: nobody begins a ticket with them either."""
    chosen = {"priority": priority is not None, "type": bool(type)}
    access.check_field(by, *(name for name, is_ in chosen.items() if is_), *fields)


@access.needs(Right.WRITE)
def reply(
    *,
    ticket_id: int,
    body: str,
    by: Actor,
    question: bool | None = None,
    seen: int | None = None,
    key: str = "",
    now: dt.datetime | None = None,
) -> None:
    """Say something in public: to the customer, or as the customer.

    A customer's word ends the waiting for them and reopens what is resolved or closed, unless it
    asks nothing (`question` False). A person's first answer takes a new ticket into work.
    """
    body = given.text(body, "body")
    ticket_id = messages.target(by, ticket_id)
    key = key and f"reply/{ticket_id}/{given.text(key, 'key')}"
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if key and _known(work, key):
            return
        kinds = {
            Side.CUSTOMER: Kind.CUSTOMER_MESSAGE,
            Side.AGENT: Kind.AGENT_MESSAGE,
            Side.AUTOMATION: Kind.AUTOMATED_MESSAGE,
        }
        payload = {} if question is None else {"question": question}
        seq = work.add(kinds[by.side], payload, by, key=key, content=body)
        work.messages.append(said(work, seq, by, body, public=True))
        write_words(work, body)
        status = work.field("status")
        if by.side is Side.CUSTOMER:
            if status == "waiting customer" or (status in DONE and question is not False):
                statuses.to_status(work, statuses.before_waiting(work), by)
        elif by.side is Side.AGENT and status == "new":
            statuses.to_status(work, "open", by)


def _known(work: Work, key: str) -> bool:
    return any(fact.key == key for fact in work.log)


@access.needs(Right.NOTE)
def note(
    *,
    ticket_id: int,
    body: str,
    by: Actor,
    private_to: str | None = None,
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Write a note that only colleagues see; a private one only those of a team of one's own."""
    body = given.text(body, "body")
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if private_to is None:
            seq = work.add(Kind.NOTE, {}, by, content=body)
            work.messages.append(said(work, seq, by, body, public=False))
            write_words(work, body)
            return
        team = work.desk.teams[given.team(work.desk, private_to)]
        if team.id not in by.teams:
            raise Invalid("private_to", "must be a team that you work in")
        told = {"private": team.key}
        seq = work.add(Kind.NOTE, told, by, content=body, private_to=team.id)
        # Its words are not put into the search: a hit would say what it says.
        row = said(work, seq, by, body, public=False)
        work.messages.append({**row, "private_to_id": team.id})


@access.needs(Right.ASSIGN)
def assign(
    *,
    ticket_id: int,
    by: Actor,
    person: int | None = None,
    team: str | None = None,
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Give the ticket to a team, to a person, or to nobody (neither named)."""
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if team is not None:
            key = given.team(work.desk, team)
            if work.field("team") != key:
                work.add(Kind.TEAM, {"to": key}, by)
        if person is not None:
            known = work.desk.people.get(person)
            if known is None:
                raise Invalid("person", f"there is no person {person}")
            if not known.active:
                raise NotAllowed(
                    "%(name)s has left; nothing can be assigned to them", name=known.name
                )
        owner = None if person is None else str(person)
        if (person is not None or team is None) and work.field("assignee") != owner:
            work.add(Kind.ASSIGNEE, {"to": owner}, by)


@access.needs(Right.CHANGE)
def move(
    *,
    ticket_id: int,
    to: str,
    by: Actor,
    reason: str = "",
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Move the ticket to another stage of its pipeline; its status becomes that of the stage.

    Into a stage that waits it takes the `reason`, or the leave, that the policies ask of a pause.
    """
    reason = given.text(reason, "reason", empty=True)
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        pipeline = statuses.own_pipeline(work)
        target = pipeline.stage(to)
        if target is None:
            near = shape.hint(to, [stage.key for stage in pipeline.stages])
            raise Invalid("to", f"the pipeline {pipeline.name!r} has no stage {to!r}{near}")
        current = pipeline.stage(str(work.field("stage") or ""))
        if current == target:
            return
        if current is not None and current.moves is not None and to not in current.moves:
            may = ", ".join(current.moves) or "nowhere"
            raise NotAllowed(
                "from %(stage)r a ticket may go to: %(may)s; not to %(to)r",
                stage=current.name,
                may=may,
                to=target.name,
            )
        waits = target.status in WAITING and target.status != work.field("status")
        if waits:
            waiting.check_move(work, target.status, reason, by)
        tells = waits and waiting.asked(work, target.status).tell_customer
        statuses.to_stage(work, target, by, reason)
        if tells:
            waiting.tell_customer(work, target.status, reason)


@access.needs(Right.CHANGE)
def set_priority(
    *, ticket_id: int, to: str, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> None:
    """Set the priority, P1 to P4."""
    shape.one_of(to, "priority", PRIORITIES)
    access.check_field(by, "priority")
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if work.field("priority") != to:
            work.add(Kind.PRIORITY, {"to": to}, by)


@access.needs(Right.CHANGE)
def set_field(
    *,
    ticket_id: int,
    name: str,
    to: str,
    by: Actor,
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Set a field that the company added, or the type; an empty value clears it.

    An impact or urgency sets the priority too, where there is a matrix of them.
    """
    value = given.own_field(name, to)
    access.check_field(by, name)
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if (work.field(name) or "") != (value or ""):
            work.add(Kind.FIELD, {"name": name, "to": value}, by)
            if name != "type":
                write_fields(work, {name: to})
            rated = births.rated(work.desk, work.state.fields) if name in births.RATED else None
            if rated:
                births.check_rated(by, work.field("priority"), rated)
            if rated and work.field("priority") != rated:
                work.add(Kind.PRIORITY, {"to": rated}, by)


@access.needs(Right.CHANGE)
def pause(
    *,
    ticket_id: int,
    reason: str,
    by: Actor,
    status: str = "waiting customer",
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> bool:
    """Wait, for the customer or for somebody else; a reason has to be given.

    Where a policy wants pauses approved and the actor may not do that, it is asked for, and the
    clocks run on. Returns whether the ticket waits.
    """
    shape.one_of(status, "status", WAITING)
    reason = given.text(reason, "reason")
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if work.field("status") in DONE:
            raise NotAllowed(
                "a ticket that is %(status)s does not wait; reopen it", status=work.field("status")
            )
        allowed = Right.APPROVE_PAUSES in by.rights
        if not allowed and waiting.asked(work, status).approval:
            waiting.ask(work, status, reason, by)
            return False
        waiting.begin(work, status, reason, by)
        return True


@access.needs(Right.CHANGE)
def resume(
    *, ticket_id: int, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> None:
    """End the waiting: the ticket goes back to where it was before."""
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if work.field("status") not in WAITING:
            raise NotAllowed("the ticket is not waiting, so there is nothing to resume")
        statuses.to_status(work, statuses.before_waiting(work), by)


@access.needs(Right.CHANGE)
def resolve(
    *, ticket_id: int, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> None:
    """Say that it is solved."""
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if work.field("status") == "closed":
            raise NotAllowed("the ticket is closed; reopen it first")
        statuses.to_status(work, "resolved", by)


@access.needs(Right.CHANGE)
def reopen(
    *, ticket_id: int, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> None:
    """Take a resolved or closed ticket into work again."""
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        if work.field("status") not in DONE:
            raise NotAllowed("only a resolved or closed ticket can be reopened")
        statuses.to_status(work, "open", by)


@access.needs(Right.CHANGE)
def close(
    *, ticket_id: int, by: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> None:
    """End it for good."""
    with ledger.change(ticket_id, by=by, seen=seen, now=now) as work:
        statuses.to_status(work, "closed", by)
