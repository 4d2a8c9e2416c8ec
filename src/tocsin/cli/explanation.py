"""The explanation of one incident: its clocks segment by segment, and what would have come when."""

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from tocsin.channels.servicenow import opinion
from tocsin.channels.servicenow.receive import Incident, Log
from tocsin.engine import decide, duration, explain, verdict
from tocsin.engine.clock import Clock
from tocsin.engine.decide import Rehearsal
from tocsin.engine.version import Versions


@dataclass(frozen=True, slots=True)
class Explanation:
    """One incident with all its clocks, as of the end of the log."""

    incident: Incident
    rehearsal: Rehearsal
    log: Log
    why: str | None

    @classmethod
    def of(cls, incident: Incident, versions: Versions, log: Log) -> "Explanation":
        """Run the incident through the clocks of `versions`."""
        now = log.last_at or incident.opened_at
        rehearsal = decide.rehearse(incident.number, incident.events, versions, now=now)
        return cls(incident, rehearsal, log, _why(incident, rehearsal, log))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        now = self.log.last_at or self.incident.opened_at
        return {
            "number": self.incident.number,
            "as_of": now.isoformat(),
            "source_made_sla": self.incident.made_sla,
            "differs_because": self.why,
            "clocks": [explain.explanation(c, now=now) for c in self.rehearsal.ticket.clocks],
            "would_have_come": [
                {"at": at.isoformat(), "clock": effect.key.clock, "what": what}
                for at, effect in self.rehearsal.effects
                if (what := opinion.told(effect)[1])
            ],
        }

    def show(self, console: Console) -> None:
        """Print the sentence and the strip of each clock, and what would have come."""
        console.print(self.incident.number, style="bold")
        if not self.rehearsal.ticket.clocks:
            console.print("No policy gives it a clock: it belongs in the lane without SLA")
        for clock in self.rehearsal.ticket.clocks:
            self._show_clock(console, clock)
        coming = [
            (at, what, e.key.clock)
            for at, e in self.rehearsal.effects
            if (what := opinion.told(e)[1])
        ]
        if coming:
            table = Table(title="What would have come", title_justify="left")
            for name in ("at", "clock", "what"):
                table.add_column(name)
            zones = {c.id: c.calendar.calendar.zone for c in self.rehearsal.ticket.clocks}
            for at, what, clock_id in coming:
                table.add_row(explain.local(at, zones[clock_id]), clock_id, what)
            console.print()
            console.print(table)
        if self.why:
            console.print(f"\nServiceNow's verdict is another: {self.why}")

    def _show_clock(self, console: Console, clock: Clock) -> None:
        now = self.log.last_at or self.incident.opened_at
        console.print()
        console.print(f"{clock.id}: {verdict.of(clock, now=now)}", style="bold")
        console.print(explain.sentence(clock, now=now), highlight=False)
        table = Table()
        for name in ("from", "to", "state", "because", "event", "policy", "calendar"):
            table.add_column(name)
        table.add_column("counted", justify="right")
        zone = clock.calendar.calendar.zone
        for strip in explain.strips(clock, now=now):
            table.add_row(
                explain.local(strip.start, zone),
                explain.local(strip.end, zone),
                strip.state,
                strip.reason,
                strip.event,
                strip.policy,
                strip.calendar,
                duration.text(strip.used),
            )
        console.print(table)


def _why(incident: Incident, rehearsal: Rehearsal, log: Log) -> str | None:
    """Return why ServiceNow's verdict differs, or None when it agrees or there is none."""
    now = log.last_at or incident.opened_at
    clock = opinion.judged(rehearsal.ticket, log.form.compare, now=now)
    if clock is None:
        return None
    ours = verdict.of(clock, now=now)
    source = opinion.source_verdict(incident, rehearsal.ticket, ours)
    if source is None or source is ours:
        return None
    return opinion.reason(incident, clock, source, now=now)
