"""F1: processes end at the worst moments: after a claim, after the sending, before a commit."""

import argparse
import random

from chaos import promises
from chaos.faults import Parts
from chaos.promises import Played
from chaos.providers import Loop, Mail
from chaos.stage import Stage
from chaos.victim import ENDED

TOLD = "a pulse and a worker end right after claiming, after sending, before committing"
TICKETS = 40
# Each point is met so often by each kind of process.
DEATHS = 2
# The pulse hands nothing over, so it has no moment after a sending.
MEETS = (
    ("after_claim", ("pulse", "worker")),
    ("before_commit", ("pulse", "worker")),
    ("after_send", ("worker",)),
)


def play(stage: Stage, chance: random.Random, given: argparse.Namespace) -> Played:
    """Have processes end at each point, then let good ones go on, and count."""
    del chance, given
    stage.company()
    stage.tickets(TICKETS, seconds=-1, apart_s=0)
    played, mail = Played(), Mail()
    with Loop() as loop:
        loop.serve(mail)
        address = f"smtp://127.0.0.1:{mail.port}?from={promises.SENDER}"
        with Parts(stage.made, {"TOCSIN_SMTP_URL": address}) as parts:
            for point, _ in MEETS[:2]:
                _die(stage, parts, played, "pulse", point)
            parts.start("pulse 1")
            # What waits for its attempt after a death goes on in seconds.
            written = "SELECT count(*) FROM outbox"
            if not parts.wait(lambda: stage.one(written) == TICKETS, 60):
                played.broken["letters written"] = str(stage.one(written))
            for point, kinds in MEETS:
                if "worker" in kinds:
                    _die(stage, parts, played, "worker", point)
            parts.start("worker 1")
            if not parts.wait(lambda: _drained(stage), 60):
                played.broken["drained"] = promises.left(stage)
            if played.broken:
                played.figures["logs"] = parts.logs()
    played.count(stage, promises.breaches(stage, TICKETS))
    promises.sound(played, stage)
    promises.letters(played, stage, mail)
    return played


def _die(stage: Stage, parts: Parts, played: Played, kind: str, point: str) -> None:
    """Have processes of a kind end at a point, one after the other."""
    deaths = 0
    for k in range(DEATHS):
        _pass_time(stage)
        name = f"{kind} {point} {k}"
        parts.start(name, spoiled={"CHAOS_POINT": point})
        deaths += parts.died(name, 60) == ENDED
        parts.forget(name)
    _pass_time(stage)
    played.hold(f"{kind}s that ended {point}", deaths, DEATHS)


def _pass_time(stage: Stage) -> None:
    """Let the time pass that leases of the dead last, and what waits for another attempt."""
    stage.run("UPDATE outbox SET lease_until = clock_timestamp() WHERE state = 'sending'")
    stage.run("UPDATE ticket SET held_until = NULL, held_reason = '', attempts = 0")
    _ripen(stage)


def _ripen(stage: Stage) -> None:
    stage.run("UPDATE outbox SET next_at = created_at WHERE state = 'pending'")
    stage.run("SELECT pg_notify('tocsin', '')")


def _drained(stage: Stage) -> bool:
    _ripen(stage)
    return promises.drained(stage)
