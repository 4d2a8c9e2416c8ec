"""Effects: what the pulse must do now, as values, each with a key that makes it happen once."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tocsin.engine.alert import Alert
from tocsin.engine.clock import Breach
from tocsin.engine.path import Step


class Deed(StrEnum):
    """The kinds of effect."""

    WARN = "warn"
    BREACH = "breach"
    ESCALATE = "escalate"
    NOTIFY = "notify"
    RESTATE = "restate"
    ALARM = "alarm"
    START = "start"
    RESUME = "resume"


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
    """A step of a path falls due. One that was passed over, or whose condition fails, is skipped.

    `escalation` is the number of the one that runs it; 0 for a path that a clock names.
    """

    key: Key
    step: Step
    planned_at: dt.datetime
    late: dt.timedelta
    superseded: bool = False
    escalation: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """A path begins by one of its triggers; `clock` is the one whose instant it was."""

    key: Key
    path: str
    version: int
    trigger: str
    planned_at: dt.datetime
    late: dt.timedelta
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    """Somebody acknowledged and left it at that: the level is called again.

    `levels` are the last that were called, by branch.
    """

    key: Key
    escalation: int
    levels: tuple[tuple[str, str], ...]
    planned_at: dt.datetime
    late: dt.timedelta


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


Effect = Warn | Breached | Escalate | Start | Resume | Restate | Alarm | Notify
