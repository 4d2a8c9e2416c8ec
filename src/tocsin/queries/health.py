"""How the installation is: figures of the whole, no rows of anybody."""

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import Any

from tocsin.kit import machine_clock
from tocsin.queries import access
from tocsin.records import rows

# A pulse signs at least every six seconds; whoever depends on it must know soon after it stops.
_SILENT = dt.timedelta(seconds=20)
_BEHIND = dt.timedelta(seconds=60)
_COUNTED = (
    *("overdue", "overdue_since", "held", "unsent", "dead", "unsequenced"),
    *("pulse_beat", "worker_beat", "told"),
)


@dataclass(frozen=True, slots=True)
class Health:
    """One look at it. `problems` are sentences; none means that all is well."""

    now: dt.datetime
    latency_ms: float
    overdue: int = 0
    overdue_since: dt.datetime | None = None
    held: int = 0
    unsent: int = 0
    dead: int = 0
    unsequenced: int = 0
    pulse_beat: dt.datetime | None = None
    worker_beat: dt.datetime | None = None
    told: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing needs a person."""
        return not self.problems

    @property
    def beats(self) -> bool:
        """Whether deadlines are being watched."""
        return self.pulse_beat is not None and self.now - self.pulse_beat <= _SILENT

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; instants as ISO 8601."""
        found = asdict(self)
        plain = {k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in found.items()}
        return {"ok": self.ok, **plain, "problems": list(self.problems)}


@access.operates
def look() -> Health:
    """Look once; raises what the database raises when it does not answer."""
    before = machine_clock.steady()
    row = rows.query(f"SELECT now, {', '.join(_COUNTED)} FROM desk_health()")[0]
    latency = round((machine_clock.steady() - before) * 1000, 2)
    found = Health(row[0], latency, **dict(zip(_COUNTED, row[1:], strict=True)))
    return replace(found, problems=tuple(_problems(found)))


def _problems(found: Health) -> list[str]:
    now, told = found.now, list[str]()
    if not found.beats:
        told.append("the pulse has stopped: deadlines are not watched")
    if found.worker_beat is None or now - found.worker_beat > _SILENT:
        told.append("the worker has stopped: messages do not leave")
    if found.overdue_since is not None and now - found.overdue_since > _BEHIND:
        told.append(f"the pulse is behind: {found.overdue} tickets wait to be decided")
    if found.held:
        told.append(f"{found.held} tickets are held back because deciding them failed")
    if found.dead:
        told.append(f"{found.dead} messages were given up")
    return told
