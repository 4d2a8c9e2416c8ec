"""The second opinion: a log judged by Tocsin's clocks, beside ServiceNow's own verdicts."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tocsin.channels.servicenow.receive import Incident
from tocsin.engine import decide, duration, explain, verdict
from tocsin.engine.clock import Cause, Clock
from tocsin.engine.compliance import Compliance, Figures
from tocsin.engine.effect import Breached, Effect, Escalate, Warn
from tocsin.engine.instant import EPOCH
from tocsin.engine.target import Form as TargetForm
from tocsin.engine.ticket import Ticket
from tocsin.engine.verdict import Verdict
from tocsin.engine.version import Versions

UNKNOWN = "(none)"
_SECOND = dt.timedelta(seconds=1)
_HOUR_S = 3_600
_DAY_HOURS = 24
_KEPT = 20  # sort and cut a list of the latest only now and then


@dataclass(frozen=True, slots=True)
class Violation:
    """A missed promise: when it was due and ended, and by how much it was missed."""

    number: str
    terms: str
    due: str
    ended: str
    over: dt.timedelta
    wall: dt.timedelta

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; lengths in seconds, of open time and by the wall clock."""
        return {
            "number": self.number,
            "terms": self.terms,
            "due": self.due,
            "ended": self.ended,
            "over_seconds": self.over // _SECOND,
            "wall_seconds": self.wall // _SECOND,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """An incident on which ServiceNow's verdict is not ours, and what may be behind it."""

    number: str
    source: Verdict
    ours: Verdict
    why: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "number": self.number,
            "source": self.source.value,
            "ours": self.ours.value,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Coming:
    """One alert, breach or escalation that would have come: when, on which clock, and what."""

    at: dt.datetime
    number: str
    clock: str
    local: str
    what: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        at = self.at.isoformat()
        return {"at": at, "number": self.number, "clock": self.clock, "what": self.what}


@dataclass(slots=True)
class Opinion:
    """What the clocks of `versions` say of a log, as of `now`, counted incident by incident.

    `compare` is the clock that ServiceNow's verdict is about; `top` how many of the worst
    violations and of the latest alerts are kept.
    """

    versions: Versions
    compare: str
    now: dt.datetime
    top: int
    incidents: int = 0
    without_clock: int = 0
    without_source: int = 0
    agree: int = 0
    compliance: Compliance = field(default_factory=Compliance)
    clocks: dict[str, Figures] = field(default_factory=dict)
    hours: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    differences: list[Difference] = field(default_factory=list)
    _latest: list[Coming] = field(default_factory=list)
    _worst: list[tuple[dt.timedelta, dt.timedelta, str, Clock]] = field(default_factory=list)

    def take(self, incident: Incident) -> None:
        """Judge one incident and count what its clocks would have done."""
        self.incidents += 1
        rehearsal = decide.rehearse(incident.number, incident.events, self.versions, now=self.now)
        for clock in rehearsal.ticket.clocks:
            ours = verdict.of(clock, now=self.now)
            self.clocks.setdefault(clock.terms.definition.key, Figures()).count(ours)
        for at, effect in rehearsal.effects:
            self._came(at, effect, rehearsal.ticket)
        compared = judged(rehearsal.ticket, self.compare, now=self.now)
        if compared is None:
            self.without_clock += 1
        else:
            self._judge(incident, rehearsal.ticket, compared)

    def violations(self) -> list[Violation]:
        """Return the worst violations kept, worst first."""
        kept = self._ranked()
        return [_violation(number, clock, over, wall) for over, wall, number, clock in kept]

    def _ranked(self) -> list[tuple[dt.timedelta, dt.timedelta, str, Clock]]:
        ranked = sorted(self._worst, key=lambda entry: (-entry[0], -entry[1], entry[2]))
        return ranked[: self.top]

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain data for JSON."""
        return {
            **self.compliance.total.to_dict(),
            "without_clock": self.without_clock,
            "without_source_verdict": self.without_source,
            "agree_with_source": self.agree,
            "differences": [difference.to_dict() for difference in self.differences],
            "clocks": {key: figures.to_dict() for key, figures in self.clocks.items()},
            "by": {
                dimension: {value: figures.to_dict() for value, figures in sorted(values.items())}
                for dimension, values in self.compliance.by.items()
            },
            "violations": [violation.to_dict() for violation in self.violations()],
            "would_have_come_last": [came.to_dict() for came in self.latest()],
            "would_have_come_by_hour": {
                what: {f"{hour:02d}": count for hour, count in sorted(hours.items())}
                for what, hours in sorted(self.hours.items())
            },
        }

    def _judge(self, incident: Incident, ticket: Ticket, clock: Clock) -> None:
        ours = verdict.of(clock, now=self.now)
        self.compliance.count(ours, self._dimensions(incident, clock))
        if ours is Verdict.BREACHED:
            over, wall = clock.overrun_at(self.now)
            self._worst.append((over, wall, incident.number, clock))
            if len(self._worst) > 2 * self.top:
                self._worst = self._ranked()
        source = source_verdict(incident, ticket, ours)
        if source is None:
            self.without_source += 1
        elif source is ours:
            self.agree += 1
        else:
            why = reason(incident, clock, source, now=self.now)
            self.differences.append(Difference(incident.number, source, ours, why))

    def _dimensions(self, incident: Incident, clock: Clock) -> dict[str, str]:
        """Return what an incident is counted under; its month is that of the verdict, local."""
        decided = verdict.decided_at(clock, now=self.now)
        fields = incident.fields
        month: dict[str, str] = {}
        if decided is not None:
            month["month"] = clock.calendar.calendar.local_date(decided).strftime("%Y-%m")
        return {
            "priority": str(fields.get("priority") or UNKNOWN),
            "group": str(fields.get("team") or UNKNOWN),
            "category": str(fields.get("category") or UNKNOWN),
            **month,
        }

    def _came(self, at: dt.datetime, effect: Effect, ticket: Ticket) -> None:
        """Count what would have come under its local hour of the day, and keep the latest."""
        kind, what = told(effect)
        if not kind:
            return
        clock = next(clock for clock in ticket.clocks if clock.id == effect.key.clock)
        zone = clock.calendar.calendar.zone
        second = (at - EPOCH) // _SECOND
        self.hours[kind][(second + zone.offset_at(second)) // _HOUR_S % _DAY_HOURS] += 1
        self._latest.append(Coming(at, ticket.id, clock.id, explain.minute(at, zone), what))
        if len(self._latest) > _KEPT * self.top:
            self._latest = self.latest()

    def latest(self) -> list[Coming]:
        """Return the last that would have come, in the order in which they would have."""
        return sorted(self._latest, key=lambda came: (came.at, came.number))[-self.top :]


def told(effect: Effect) -> tuple[str, str]:
    """Return the kind of an effect and what a person would have seen; nothing if only recorded."""
    match effect:
        case Warn(superseded=False):
            heard = ", ".join(effect.alert.notify)
            return f"alert {effect.alert.name}", f"alert {effect.alert.name}, to {heard}"
        case Escalate(superseded=False):
            step = effect.step
            return f"to {step.name}", f"escalation to {step.name}: {step.team} owns the ticket"
        case Breached():
            cause = effect.breach.cause
            return "breach", "breach" if cause is Cause.TIME else f"breach ({cause})"
    return "", ""


def judged(ticket: Ticket, key: str, *, now: dt.datetime) -> Clock | None:
    """Return the clock that answers for a promise: the newest of that key that has a verdict."""
    for clock in reversed(ticket.clocks):
        if clock.terms.definition.key == key and verdict.of(clock, now=now) is not Verdict.NONE:
            return clock
    return None


def source_verdict(incident: Incident, ticket: Ticket, ours: Verdict) -> Verdict | None:
    """Return ServiceNow's own verdict, or None when it has none.

    `made_sla` is true from the first row on: as long as the incident is not closed and its promise
    not decided, that says nothing yet.
    """
    if incident.made_sla is None:
        return None
    undecided = ours is Verdict.OPEN and ticket.fields.get("status") != "closed"
    if incident.made_sla:
        return None if undecided else Verdict.MET
    return Verdict.BREACHED


def _violation(number: str, clock: Clock, over: dt.timedelta, wall: dt.timedelta) -> Violation:
    zone = clock.calendar.calendar.zone
    return Violation(
        number=number,
        terms=clock.terms.row.label,
        due=explain.minute(clock.due, zone) if clock.due else "",
        ended=explain.minute(clock.stopped_at, zone) if clock.stopped_at else "",
        over=over,
        wall=wall,
    )


def reason(incident: Incident, clock: Clock, source: Verdict, *, now: dt.datetime) -> str:
    """Say what may be behind another verdict: by how much, and which other reading would give it.

    The readings tried: the clock stopped at resolution, waiting for the customer not counted,
    a calendar without holidays, another priority that the incident had, time by the wall clock.
    """
    target = clock.terms.row.target
    used = clock.used_at(clock.stopped_at or now)
    said = f"{duration.text(used)} of open time used of {target}"
    if target.form is not TargetForm.LENGTH:
        return said
    readings = _readings(incident, clock, used, now)
    fits = [
        name
        for name, (length, limit) in readings.items()
        if (length <= limit) is (source is Verdict.MET)
    ]
    if fits:
        return f"{said}; ServiceNow's verdict would follow {' or '.join(fits)}"
    tried = ", ".join(readings)
    return f"{said}; no other reading of the contract gives ServiceNow's verdict (tried: {tried})"


def _readings(
    incident: Incident, clock: Clock, used: dt.timedelta, now: dt.datetime
) -> dict[str, tuple[dt.timedelta, dt.timedelta]]:
    """Return other readings of the contract: the time each would count, and the target."""
    calendar, limit = clock.calendar.calendar, clock.terms.row.target.length
    end = clock.stopped_at or now
    waiting = _waiting(incident, clock, end)
    ordinary = calendar.ordinary().between(clock.started_at, end)
    found = {
        "by the wall clock": (end - clock.started_at, limit),
        "if waiting for the customer did not count": (used + clock.paused_open - waiting, limit),
        "if holidays and exceptions were ordinary days": (ordinary - clock.paused_open, limit),
    }
    if incident.resolved_at is not None:
        resolved = calendar.between(clock.started_at, incident.resolved_at)
        found["if the clock stopped at resolution"] = (resolved, limit)
    had = {s.terms.row.label: s.terms.row.target.length for s in clock.segments}
    for label, length in had.items():
        if label != clock.terms.row.label:
            found[f"by its earlier priority {label}"] = (used, length)
    return found


def _waiting(incident: Incident, clock: Clock, end: dt.datetime) -> dt.timedelta:
    """Return the open time in which the incident waited for the customer."""
    calendar, total = clock.calendar.calendar, dt.timedelta(0)
    since: dt.datetime | None = None
    for event in incident.events:
        status = event.changes().get("status")
        if status is None:
            continue
        if since is not None:
            total += calendar.between(since, event.effective_at)
        since = event.effective_at if status == "waiting customer" else None
    return total if since is None else total + calendar.between(since, end)
