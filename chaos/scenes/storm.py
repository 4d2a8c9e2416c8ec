"""F1, F2, F7, F14: pulses and workers are killed and frozen, and the database crashes."""

import argparse
import random
import signal
import time

from chaos import promises
from chaos.faults import Parts
from chaos.promises import Played
from chaos.providers import Loop, Mail
from chaos.stage import Stage

TOLD = "kill -9 every 150-600 ms, three crashes of the database, one pulse frozen past its lease"
# Longer than a transaction of the pulse may sit idle: its session is ended while it sleeps.
FROZEN_S = 8.0
CRASHES = 3
# A breach and three levels each.
TIMERS_EACH = 4


def play(stage: Stage, chance: random.Random, given: argparse.Namespace) -> Played:
    """Have deadlines fall due while everything dies, and count."""
    stage.company()
    tickets, played, mail = given.timers // TIMERS_EACH, Played(), Mail()
    stage.tickets(tickets, seconds=4, apart_s=given.seconds / tickets)
    with Loop() as loop:
        loop.serve(mail)
        address = f"smtp://127.0.0.1:{mail.port}?from={promises.SENDER}"
        with Parts(stage.made, {"TOCSIN_SMTP_URL": address}, quickly=True) as parts:
            for name in ("pulse 1", "pulse 2", "pulse 3", "worker 1", "worker 2"):
                parts.start(name)
            _rage(parts, chance, given.seconds)
            told = parts.told()
            _age_leases(stage, parts)
            began = time.monotonic()
            played.drained(parts.drain(stage))
            played.figures["drained after"] = f"{time.monotonic() - began:.1f} s"
            if played.broken:
                played.figures["logs"] = parts.logs()
    played.figures["faults"] = told
    if _kills(parts) < _enough(given.seconds):
        played.broken["kills"] = f"only {_kills(parts)}: the run proves too little"
    played.hold("crashes of the database", parts.counts["database"], CRASHES)
    played.count(stage, promises.breaches(stage, tickets))
    promises.sound(played, stage)
    promises.letters(played, stage, mail)
    played.figures["timers"] = f"{tickets * TIMERS_EACH:,} of {tickets:,} tickets"
    played.figures["detected after (p50, p99, most)"] = promises.lateness(stage)
    return played


def _kills(parts: Parts) -> int:
    return parts.counts["pulse"] + parts.counts["worker"]


def _enough(seconds: float) -> int:
    return int(100 * seconds / 60)


def _rage(parts: Parts, chance: random.Random, seconds: float) -> None:
    """Kill, freeze and crash for that long; what is dead is started again at once."""
    began = time.monotonic()
    crashes = [seconds * (k + 1) / (CRASHES + 1) for k in range(CRASHES)]
    freeze, thaw = seconds / 8, seconds / 8 + FROZEN_S
    # A busy machine kills more slowly: it gets three times the time.
    while (passed := time.monotonic() - began) < seconds or (
        passed < 3 * seconds and _kills(parts) < _enough(seconds)
    ):
        time.sleep(chance.uniform(0.15, 0.6))
        parts.revive()
        if freeze and passed > freeze:
            parts.freeze("pulse 3")
            freeze = 0.0
        if thaw and passed > thaw:
            parts.thaw("pulse 3")
            thaw = 0.0
        if crashes and passed > crashes[0]:
            crashes.pop(0)
            parts.crash_database(chance.choice([signal.SIGQUIT, signal.SIGKILL]))
        kind = chance.choices(["pulse", "worker"], [2, 1])[0]
        parts.kill(chance.choice([name for name in parts.names(kind) if name != "pulse 3"]))
    parts.thaw("pulse 3")
    parts.revive()


def _age_leases(stage: Stage, parts: Parts) -> None:
    """Let the time pass that leases of the dead last: with all workers dead, all leases are."""
    for name in parts.names("worker"):
        parts.forget(name)
    stage.run("UPDATE outbox SET lease_until = clock_timestamp() WHERE state = 'sending'")
    for name in ("worker 1", "worker 2"):
        parts.start(name)
