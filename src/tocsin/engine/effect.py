"""Effects: what the pulse must do now, as values, each with a key that makes it happen once."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tocsin.engine.alert import Alert, Level
from tocsin.engine.clock import Breach


class Deed(StrEnum):
    """The kinds of effect."""

    WARN = "warn"
    BREACH = "breach"
    ESCALATE = "escalate"
    NOTIFY = "notify"
    RESTATE = "restate"
    ALARM = "alarm"


class Key(NamedTuple):
    """The name of an effect within its ticket: a second effect of the same key never happens.

    `which` is the alert or level, `mark` what it is armed for: the open time used at which a
    threshold lies, or the due. So a pause, or a priority set back, repeats nothing.
    """

    deed: Deed
    clock: str
    which: str
    mark: str


@dataclass(frozen=True, slots=True)
class Warn:
    """An alert of a clock falls due. `late` is how long after its planned instant."""

    key: Key
    alert: Alert
    planned_at: dt.datetime
    due: dt.datetime
    late: dt.timedelta
    compressed: bool
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Breached:
    """A due has passed: record the violation with its true instant and when it was detected."""

    key: Key
    breach: Breach
    detected_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Escalate:
    """A level of the path takes over: its team owns the ticket. Levels passed over are skipped."""

    key: Key
    level: Level
    planned_at: dt.datetime
    late: dt.timedelta
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Restate:
    """A recorded breach no longer stands: write the restatement, mark its alerts superseded."""

    key: Key
    withdrawn: Key


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that an administrator must put right, such as a calendar without open hours."""

    key: Key
    reason: str


@dataclass(frozen=True, slots=True)
class Notify:
    """One message for everything that fell due on the ticket at once, worst first."""

    key: Key
    items: tuple[Key, ...]
    critical: bool


Effect = Warn | Breached | Escalate | Restate | Alarm | Notify
