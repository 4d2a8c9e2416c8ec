"""How the installation is: figures of the whole, no rows of anybody."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from tocsin.kit import machine_clock
from tocsin.queries import access, watch
from tocsin.queries.watch import Watched
from tocsin.records import rows

# A pulse signs at least every six seconds; whoever depends on it must know soon after it stops.
_SILENT = dt.timedelta(seconds=20)
# The watchman looks each minute.
_UNWATCHED = dt.timedelta(seconds=150)
_BEHIND = dt.timedelta(seconds=60)
_COUNTED = (
    *("overdue", "overdue_since", "held", "unsent", "dead", "unsequenced"),
    *("pulse_beat", "worker_beat", "watch_beat", "told", "watched"),
)
# What the figures above say of the same thing already.
_COUNTED_HERE = frozenset({"pulse", "worker", "clocks", "versions", "overdue", "held", "dead"})
ACTS = "act"
# Up to how many seconds late a pulse counts what it decided; the last count is of what is later.
LATENESS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 60.0)


@dataclass(frozen=True, slots=True)
class Health:
    """One look at it. `problems` are sentences; none means that all is well.

    `told` is what the newest pulse says of itself, `watched` what the watchman noted, as JSON.
    """

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
    watch_beat: dt.datetime | None = None
    told: str | None = None
    watched: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing needs a person."""
        return not self.problems

    @property
    def beats(self) -> bool:
        """Whether deadlines are being watched."""
        return self.pulse_beat is not None and self.now - self.pulse_beat <= _SILENT

    @property
    def works(self) -> bool:
        """Whether messages leave."""
        return self.worker_beat is not None and self.now - self.worker_beat <= _SILENT

    @property
    def is_watched(self) -> bool:
        """Whether the watchman looks."""
        return self.watch_beat is not None and self.now - self.watch_beat <= _UNWATCHED

    @property
    def trust(self) -> str:
        """What the newest pulse makes of the clocks: it acts, or why it does not."""
        return str(plain(self.told).get("trust", ACTS))

    @property
    def doubts(self) -> bool:
        """Whether a pulse that beats holds still because of the clocks."""
        return self.beats and not self.trust.startswith(ACTS)

    @property
    def findings(self) -> tuple[Watched, ...]:
        """What the watchman found, of all tenants."""
        return watch.read(self.watched or "") if self.is_watched else ()

    @property
    def heartbeat(self) -> Mapping[str, Any]:
        """When the last heartbeat left, and what became of the newest; empty if there is none."""
        found = plain(self.watched).get("heartbeat", {})
        return found if isinstance(found, dict) else {}

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; instants as ISO 8601. Nothing of what belongs to a tenant."""
        found = asdict(self)
        del found["watched"]
        shown = {k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in found.items()}
        told = {"ok": self.ok, **shown, "problems": list(self.problems)}
        # Why one did not leave names where it should have gone.
        beat = {"at": self.heartbeat.get("at"), "failed": bool(self.heartbeat.get("failed"))}
        return {**told, "findings": self.counted(), "heartbeat": beat if self.heartbeat else None}

    def counted(self) -> dict[str, int]:
        """Return how often the watchman found each thing, in all tenants together."""
        made: dict[str, int] = {}
        for one in self.findings:
            made[one.finding.what] = made.get(one.finding.what, 0) + one.finding.many
        return made


def plain(told: str | None) -> Mapping[str, Any]:
    """Return what a process told of itself, as data."""
    try:
        found = json.loads(told or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@access.operates
def look() -> Health:
    """Look once; raises what the database raises when it does not answer."""
    before = machine_clock.steady()
    row = rows.query(f"SELECT now, {', '.join(_COUNTED)} FROM desk_health()")[0]
    latency = round((machine_clock.steady() - before) * 1000, 2)
    found = Health(row[0], latency, **dict(zip(_COUNTED, row[1:], strict=True)))
    return replace(found, problems=tuple(_problems(found)))


@access.operates
def pulses() -> list[Mapping[str, Any]]:
    """Return what each pulse that beats tells of itself."""
    found = rows.query(
        "SELECT told FROM beat WHERE kind = 'pulse' AND beat_at > clock_timestamp() - %s",
        [_SILENT],
    )
    return [plain(row[0]) for row in found]


def _parts(found: Health) -> Iterator[str]:
    if not found.beats:
        yield "the pulse has stopped: deadlines are not watched"
    elif found.doubts:
        yield f"the pulse does not act: {found.trust}"
    elif plain(found.told).get("gate") is False:
        yield "the pulse stands down: the database is for another version"
    if not found.works:
        yield "the worker has stopped: messages do not leave"
    if not found.is_watched:
        yield "the watchman has stopped: nobody watches over the pulse"


def _problems(found: Health) -> list[str]:
    now, told = found.now, list[str]()
    told += _parts(found)
    if found.overdue_since is not None and now - found.overdue_since > _BEHIND:
        told.append(f"the pulse is behind: {found.overdue} tickets wait to be decided")
    if found.held:
        told.append(f"{found.held} tickets are held back because deciding them failed")
    if found.dead:
        told.append(f"{found.dead} messages were given up")
    for what, many in found.counted().items():
        if what not in _COUNTED_HERE:
            told.append(f"the watchman: {many} × {watch.SENTENCES.get(what, what)}")
    return told
