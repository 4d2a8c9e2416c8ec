"""F11: a ticket whose deciding kills the process each time; a thousand others are due as well."""

import argparse
import random

from chaos import promises
from chaos.faults import Parts
from chaos.promises import Played
from chaos.providers import Loop, Mail
from chaos.stage import Stage

TOLD = "a ticket that kills whoever decides it, and a thousand good ones"
GOOD = 1_000
APART_S = 0.01
# Three deaths and starts at most; the good ones wait for no more than these.
LATE_S = 20.0


def play(stage: Stage, chance: random.Random, given: argparse.Namespace) -> Played:
    """Have two pulses die of a ticket until it is held; the others are decided."""
    del given
    stage.company()
    stage.tickets(GOOD + 1, seconds=6, apart_s=APART_S)
    chosen = {"number": chance.randint(9, 99)}
    bad = int(stage.one("SELECT id FROM ticket WHERE number = %(number)s", chosen))
    played, mail = Played(), Mail()
    with Loop() as loop:
        loop.serve(mail)
        address = f"smtp://127.0.0.1:{mail.port}?from={promises.SENDER}"
        with Parts(stage.made, {"TOCSIN_SMTP_URL": address}) as parts:
            for name in ("pulse 1", "pulse 2"):
                parts.start(name, spoiled={"CHAOS_POISON": str(bad)})
            parts.start("worker 1")
            played.drained(parts.drain(stage, [bad]))
            if played.broken:
                played.figures["logs"] = parts.logs()
    played.count(stage, promises.breaches(stage, GOOD))
    promises.sound(played, stage, [bad])
    promises.letters(played, stage, mail)
    told = "SELECT count(*) FROM notification WHERE key LIKE 'held/%'"
    played.hold("administrators who were told, once each", stage.one(told), 1)
    latest = "SELECT max(extract(epoch FROM detected_at - breached_at))::float8 FROM violation"
    played.aim("the latest of the good ones", stage.one(latest), LATE_S)
    return played
