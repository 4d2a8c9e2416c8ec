"""F5: a machine's clock that is off, and a database's clock that jumps three hours and back.

A database's clock cannot be put forward here. What is the same to whoever reads it: everything
that is stored is put back by three hours, and so is the machine's steady clock.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

from chaos import promises
from chaos.faults import Parts
from chaos.promises import Played
from chaos.stage import Stage
from chaos.victim import CLOCKS

TOLD = "a machine whose clock is a minute ahead; a database whose clock jumps three hours"
TICKETS = 50
JUMP_S = 3 * 3600.0
HELD_S = 8.0
_INSTANTS = {
    "ticket": (
        *("opened_at", "last_at", "decided_at", "due_at", "warn_at", "respond_at"),
        *("respond_warn_at", "escalates_at", "rank_at", "wake_at"),
    ),
    "event": ("effective_at", "recorded_at"),
    "clock": ("started_at", "anchor_at", "since", "due_at"),
}


def play(stage: Stage, chance: random.Random, given: argparse.Namespace) -> Played:
    """Have clocks be wrong; nothing is decided before its time, and everything at it."""
    del chance, given
    stage.company()
    # Two hours from now: three hours ahead they would have been due for an hour.
    stage.tickets(TICKETS, seconds=7200, apart_s=0)
    played = Played()
    folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
    with Parts(stage.made) as parts:
        good, ahead = folder / "good", folder / "ahead"
        _set(good, 0.0, 0.0)
        _set(ahead, 0.0, 60.0)
        parts.start("pulse 1", spoiled={"CHAOS_CLOCKS": str(good)})
        parts.ready()
        time.sleep(2)  # it looks at least once a second
        _jump(stage, -JUMP_S)
        _set(good, -JUMP_S, 0.0)
        time.sleep(HELD_S)
        early = "SELECT count(*) FROM violation"
        played.hold("breaches before their time", stage.one(early), 0)
        _set(good, 0.0, 0.0)
        _jump(stage, JUMP_S)
        time.sleep(2)
        played.hold("breaches when the clock went back", stage.one(early), 0)
        played.hold("pulses that held still", min(1, parts.wrote("the database's clock jumped")), 1)
        _stands_down(stage, parts, played, ahead)
        if not parts.wait(lambda: promises.drained(stage) or _only_unsent(stage), 60):
            played.broken["drained"] = promises.left(stage)
        if played.broken:
            played.figures["logs"] = parts.logs()
    played.count(stage, promises.breaches(stage, TICKETS))
    promises.sound(played, stage)
    return played


def _stands_down(stage: Stage, parts: Parts, played: Played, ahead: Path) -> None:
    """Have the deadlines come while only a pulse runs whose clock is off; then the good one."""
    parts.end("pulse 1")
    parts.forget("pulse 1")
    parts.start("pulse 2", spoiled={"CHAOS_CLOCKS": str(ahead)})
    parts.ready()
    _jump(stage, -7200.0)
    time.sleep(3)
    found = stage.one("SELECT count(*) FROM violation")
    played.hold("breaches by a machine whose clock is off", found, 0)
    played.hold("pulses that stood down", min(1, parts.wrote("stand down")), 1)
    parts.start("pulse 3")


def _only_unsent(stage: Stage) -> bool:
    """Say whether all is decided; nobody sends letters in this scene or gives places."""
    due = "SELECT 1 FROM ticket WHERE wake_at IS NOT NULL LIMIT 1"
    return not stage.run(due)


def _set(file: Path, steady: float, wall: float) -> None:
    new = file.with_suffix(".new")
    new.write_bytes(CLOCKS.pack(steady, wall))
    new.replace(file)


def _jump(stage: Stage, seconds: float) -> None:
    """Put all instants that a pulse reads forward by so many seconds."""
    moved = [
        f"UPDATE {table} SET "
        + ", ".join(f"{one} = {one} + make_interval(secs => {seconds})" for one in columns)
        for table, columns in _INSTANTS.items()
    ]
    stage.run(
        f"SET session_replication_role = replica; {'; '.join(moved)};"
        " SELECT pg_notify('tocsin', '')"
    )
