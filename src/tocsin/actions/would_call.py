"""Who would be called for a ticket at an instant: the paths and alerts gone through, nothing done.

It asks the same functions that tell people in earnest, so that the two cannot disagree.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.actions import ledger, recipients, routing
from tocsin.actions.work import Work
from tocsin.engine import duration
from tocsin.engine.path import EscalationPath, Step
from tocsin.engine.value import replace
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import rows


@dataclass(frozen=True, slots=True)
class Called:
    """What one word comes to: people by name, or nobody."""

    word: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepCall:
    """A step, or an alert of a clock: when it comes, what it names, and whom that calls in the end.

    `instead` are those who are told when what is named finds nobody.
    """

    name: str
    wait: str
    basis: str
    team: str
    called: tuple[Called, ...]
    owner: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PathCall:
    """A path, or the alerts of a clock; `why` is the clock, or the triggers that begin it."""

    name: str
    kind: str
    why: tuple[str, ...]
    steps: tuple[StepCall, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """All that would call people for a ticket at an instant."""

    number: int
    subject: str
    at: dt.datetime
    paths: tuple[PathCall, ...]


@access.needs(Right.READ_CONFIGURATION)
def would_call(*, number: int, by: Actor, at: dt.datetime | None = None) -> Simulation:
    """Return whom each alert and each step would call if its turn were at that instant.

    A step that hands the ticket to a team is followed: what comes after it asks that team.
    """
    with ledger.session(by.tenant) as (at_work, clock):
        found = rows.query(
            "SELECT id FROM ticket WHERE tenant_id = %s AND number = %s", [by.tenant, number]
        )
        works = ledger.lock(at_work, [found[0][0]], now=at or clock) if found else []
        work = ledger.seen_by(by, works)[0]
        work.now = at or clock
        told = (*_of_clocks(work), *_of_paths(work))
        return Simulation(number, str(work.row["subject"]), work.now, told)


def _of_clocks(work: Work) -> Iterator[PathCall]:
    """Yield the alerts and the path of each clock that is not done."""
    for clock in work.state.clocks:
        if not clock.live:
            continue
        definition = clock.terms.definition
        alerts = tuple(_alert(work, one.name, tuple(one.notify)) for one in definition.alerts)
        if alerts:
            yield PathCall(definition.key, "alerts", (definition.key,), alerts)
        if definition.path is not None:
            steps = _steps(work, definition.path, lead=True)
            yield PathCall(definition.path.key, "path", (definition.key,), steps)


def _of_paths(work: Work) -> Iterator[PathCall]:
    """Yield the paths with triggers that are for this ticket."""
    for path in work.desk.versions.paths_at(work.now):
        if path.when.matches(work.state.fields):
            why = tuple(dict.fromkeys(trigger.on.value for trigger in path.triggers))
            yield PathCall(path.name or path.key, "path", why, _steps(work, path, lead=False))


def _alert(work: Work, name: str, words: tuple[str, ...]) -> StepCall:
    return StepCall(name, "", "", "", _called(work, words), "", _instead(work, words))


def _steps(work: Work, path: EscalationPath, *, lead: bool) -> tuple[StepCall, ...]:
    before = work.state
    made = tuple(_step(work, step, lead=lead) for step in path.steps)
    work.state = before
    return made


def _step(work: Work, step: Step, *, lead: bool) -> StepCall:
    if step.team:
        fields = {**work.state.fields, "team": step.team.casefold()}
        work.state = replace(work.state, fields=fields)
    words = ("lead", *step.notify) if lead else step.notify
    owner = routing.choose(work, step.assign) if step.assign else None
    return StepCall(
        name=step.name,
        wait=duration.text(step.wait) if step.wait else "",
        basis=step.basis.value,
        team=step.team,
        called=_called(work, words),
        owner=work.desk.people[owner].name if owner is not None else "",
        instead=_instead(work, words) if words else (),
    )


def _called(work: Work, words: tuple[str, ...]) -> tuple[Called, ...]:
    return tuple(Called(word, _names(work, recipients.found(work, [word]), word)) for word in words)


def _instead(work: Work, words: tuple[str, ...]) -> tuple[str, ...]:
    if recipients.found(work, words):
        return ()
    return _names(work, recipients.resolve(work, words), "")


def _names(work: Work, people: list[int], word: str) -> tuple[str, ...]:
    found = [work.desk.people[id_].name for id_ in people]
    return (*found, *recipients.outside([word])) if word else tuple(found)
