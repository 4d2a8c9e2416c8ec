"""A part of pausing: what the policies ask of it, and what follows from it."""

from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.actions import recipients, statuses
from tocsin.actions.messages import said, write_words
from tocsin.actions.work import Work, automation
from tocsin.engine.event import Kind
from tocsin.kit import canonical
from tocsin.queries import discipline
from tocsin.queries.access import Actor, NotAllowed, Right
from tocsin.queries.audit import instant
from tocsin.queries.discipline import Discipline

# What the customer hears, in the language of the desk; the reason is said as it was written.
TOLD: Mapping[str, Mapping[str, str]] = {
    "en": {
        "waiting customer": "We are waiting for something from you: {reason}",
        "waiting internal": "We are waiting for somebody else: {reason}",
    },
    "sv": {
        "waiting customer": "Vi väntar på något från dig: {reason}",
        "waiting internal": "Vi väntar på någon annan: {reason}",
    },
    "pt-BR": {
        "waiting customer": "Estamos aguardando algo de você: {reason}",
        "waiting internal": "Estamos aguardando outra pessoa: {reason}",
    },
}


def asked(work: Work, status: str) -> Discipline:
    """Return what the ticket's live clocks ask of a pause in that status."""
    clocks = [clock.terms.definition for clock in work.state.clocks if clock.live]
    return discipline.asked(clocks, work.state.fields, status)


def ask(work: Work, status: str, reason: str, by: Actor) -> None:
    """Note that somebody wants the ticket to wait, and tell those who may allow it."""
    work.add(Kind.FIELD, {"name": discipline.REQUEST, "to": status}, by, content=reason)
    ring(work, "pause asked", recipients.resolve(work, ("lead", "manager")), by)


def begin(work: Work, status: str, reason: str, by: Actor) -> None:
    """Have the ticket wait, and the customer told where a policy says so."""
    tells = asked(work, status).tell_customer
    statuses.to_status(work, status, by, reason=reason)
    if tells:
        tell_customer(work, status, reason)


def tell_customer(work: Work, status: str, reason: str) -> None:
    """Write to the customer what is waited for: no answer of ours, so no clock stops for it."""
    words = TOLD.get(work.desk.language, TOLD["en"])
    body = words[status].format(reason=reason)
    desk = automation(work.desk)
    seq = work.add(Kind.AUTOMATED_MESSAGE, {}, desk, content=body)
    work.messages.append(said(work, seq, desk, body, public=True))
    write_words(work, body)


def check_move(work: Work, status: str, reason: str, by: Actor) -> None:
    """Refuse a move that would pause without what the policies ask of a pause."""
    wanted = asked(work, status)
    if wanted.approval and Right.APPROVE_PAUSES not in by.rights:
        raise NotAllowed("the policy wants every pause approved; open the ticket and choose Wait")
    # What the customer is told is the reason.
    if (wanted.reason or wanted.tell_customer) and not reason:
        raise NotAllowed("the policy wants a reason to wait; open the ticket and choose Wait")


def ring(work: Work, deed: str, people: Iterable[int | None], by: Actor) -> None:
    """Tell people in the product what became of a request, but for whoever did it."""
    told = {"deed": deed, "clock": "", "which": by.name, "planned_at": instant(work.now)}
    parts = canonical.encoded({"lines": [told]}).decode()
    for id_ in dict.fromkeys(people):
        person = None if id_ is None else work.desk.people.get(id_)
        if person is None or not person.active or id_ == by.person:
            continue
        row: dict[str, Any] = {
            "person_id": id_,
            "key": f"pause/{work.id}/{work.seq}/{id_}",
            "parts": parts,
            "critical": False,
            "created_at": work.now,
        }
        work.notifications.append(row)
