"""Taking the steps of escalation paths: each deed becomes a fact of the ticket."""

import datetime as dt
from typing import Any

from tocsin.actions import notifying, recipients, routing, statuses
from tocsin.actions.messages import said
from tocsin.actions.work import Work, automation
from tocsin.engine import decide
from tocsin.engine.effect import Escalate, Resume, Start
from tocsin.engine.escalation import Escalation
from tocsin.engine.event import Kind
from tocsin.engine.path import Empty, EscalationPath, Step
from tocsin.kit import canonical
from tocsin.queries import notified, on_call
from tocsin.queries.access import Actor
from tocsin.queries.audit import instant


def told(effect: Escalate) -> dict[str, Any]:
    """Return what the fact of a step says beside its key."""
    step = effect.step
    found: dict[str, Any] = {"level": step.level}
    if step.team:
        found["team"] = step.team
    if effect.escalation:
        found["escalation"] = effect.escalation
    return found


def begin(work: Work, effect: Start | Resume) -> None:
    """Begin a path, or call its level again, and say so in a note."""
    payload = decide.began(effect)
    assert payload is not None
    by, key = automation(work.desk), notifying.name(work, effect.key)
    work.add(Kind.ESCALATION, payload, by, key=f"{key}/escalation")
    if isinstance(effect, Start):
        path = work.desk.versions.path(effect.path, effect.version)
        name = path.name if path else effect.path
        _note(work, by, f"{key}/note", f"The escalation path {name} has begun ({effect.trigger}).")
    else:
        levels = ", ".join(level for _, level in effect.levels)
        words = f"Acknowledged, but nothing was done since: {levels} is called again."
        _note(work, by, f"{key}/note", words)


def take(work: Work, effect: Escalate, seq: int) -> None:
    """Do what a step says; one that was passed over is only on record."""
    step, path = effect.step, _path(work, effect)
    words = step.notify if effect.escalation else ("lead", *step.notify)
    if effect.superseded:
        notifying.alert(work, effect, seq, effect.planned_at, words)
        return
    by, key = automation(work.desk), notifying.name(work, effect.key)
    # A team that takes it over is somebody.
    nobody = step.people and not step.team and not recipients.found(work, step.people)
    if path is not None and nobody and _pass_on(work, effect, path, by, key):
        return
    _own(work, step, by, key)
    _set(work, step, by, key)
    for person in recipients.found(work, step.participants):
        work.participants.add(person)
    _note(work, by, f"{key}/note", _words(step))
    if step.customer:
        noted = work.add(
            Kind.AUTOMATED_MESSAGE, {}, by, key=f"{key}/customer", content=step.customer
        )
        work.messages.append(said(work, noted, by, step.customer, public=True))
    if step.webhook:
        _call(work, effect, step.webhook)
    notifying.alert(work, effect, seq, effect.planned_at, words)


def _path(work: Work, effect: Escalate) -> EscalationPath | None:
    one = _one(work, effect.escalation)
    return work.desk.versions.path(one.path, one.version) if one else None


def _one(work: Work, number: int) -> Escalation | None:
    return next((one for one in work.state.escalations if one.number == number), None)


def _pass_on(work: Work, effect: Escalate, path: EscalationPath, by: Actor, key: str) -> bool:
    """Pass a step on that finds nobody, and say so; False when it is the last resort."""
    step, one = effect.step, _one(work, effect.escalation)
    assert one is not None
    name = effect.key.which.removeprefix(f"{one.path}/")
    if path.empty is Empty.DEFER and not name.endswith(" deferred"):
        until = _next_shift(work, step)
        if until is not None:
            payload = {"did": "deferred", "step": name, "until": instant(until)}
            work.add(Kind.ESCALATION, payload | _number(one), by, key=f"{key}/deferred")
            words = f"{step.name}: nobody is on call; it waits until {instant(until)}."
            _note(work, by, f"{key}/note", words)
            return True
    branch = path.branches()[step.branch]
    if step is branch[-1] or branch[-1] == step:
        # Nobody comes after it: the administrators hear of it, so that somebody does.
        return False
    name = name.removesuffix(" deferred")
    payload = {"did": "skipped", "step": name}
    work.add(Kind.ESCALATION, payload | _number(one), by, key=f"{key}/skipped")
    _note(work, by, f"{key}/note", f"{step.name}: nobody was found; the next step comes at once.")
    return True


def _number(one: Escalation) -> dict[str, Any]:
    return {"escalation": one.number}


def _next_shift(work: Work, step: Step) -> dt.datetime | None:
    """Return when the next shift of a schedule that the step names begins, or None."""
    found = [
        at
        for word in step.people
        if word.startswith(notified.ON_CALL)
        and (at := on_call.next_shift(work.desk, word.removeprefix(notified.ON_CALL), work.now))
    ]
    return min(found, default=None)


def _own(work: Work, step: Step, by: Actor, key: str) -> None:
    """Give the ticket to the step's team and person."""
    team = work.desk.teams.get(step.team.casefold()) if step.team else None
    if team is not None and work.field("team") != team.key:
        work.add(Kind.TEAM, {"to": team.key}, by, key=f"{key}/team")
        if work.field("assignee") is not None and not step.assign:
            # Nobody of the level before owns it any more; the level's own people take it up.
            work.add(Kind.ASSIGNEE, {"to": None}, by, key=f"{key}/assignee")
    if step.assign:
        person = routing.choose(work, step.assign)
        if person is not None and work.field("assignee") != str(person):
            work.add(Kind.ASSIGNEE, {"to": str(person)}, by, key=f"{key}/assignee")


def _set(work: Work, step: Step, by: Actor, key: str) -> None:
    """Raise the priority, and move the ticket, where the step says so."""
    raised = step.priority and (work.field("priority") or "P9") > step.priority
    if raised:
        work.add(Kind.PRIORITY, {"to": step.priority}, by, key=f"{key}/priority")
    pipeline = work.desk.pipelines.get(str(work.field("pipeline") or ""))
    stage = pipeline.stage(step.stage) if pipeline and step.stage else None
    if stage is not None and work.field("stage") != stage.key and not work.state.gone:
        statuses.to_stage(work, stage, by)


def _words(step: Step) -> str:
    owns = f": {step.team} owns this ticket now" if step.team else ""
    return f"Escalated to {step.name}{owns}." + (f" {step.note}" if step.note else "")


def _note(work: Work, by: Actor, key: str, text: str) -> None:
    noted = work.add(Kind.NOTE, {}, by, key=key, content=text)
    work.messages.append(said(work, noted, by, text, public=False))


def _call(work: Work, effect: Escalate, name: str) -> None:
    """Have an endpoint called, by its name."""
    line = {
        "deed": effect.key.deed.value,
        "clock": effect.key.clock,
        "which": effect.key.which,
        "planned_at": instant(effect.planned_at),
    }
    parts = canonical.encoded({"lines": [line]}).decode()
    key = f"{notifying.name(work, effect.key)}/webhook"
    work.outbox.append(
        notifying.letter(key, "webhook", None, parts, urgent=True, now=work.now, address=name)
    )
