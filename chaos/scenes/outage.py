"""F9, F10: the mail server is away for six hours, and once it swallows its answers.

Nobody sleeps for six hours: whenever nothing is ready, the letters are put back by what the next
one still waits for, and the worker's steady clock is put forward by as much.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

from chaos import promises
from chaos.faults import Parts
from chaos.promises import Played
from chaos.providers import Loop, Mail, Web
from chaos.stage import Stage
from chaos.victim import CLOCKS

TOLD = "a mail server and an endpoint are away for six simulated hours; then answers are lost"
HOURS = 6.0
LETTERS, HOOKS = 300, 40
HUNG, BESIDE, BESIDE_S = 6, 100, 12.0
LOST = 20
# At first every second counts, for the peak of the tries; later a step is at least so long.
FINE_S = 60.0
COARSE_S = 3600.0
PEAK = 5.0


class Fast:
    """Time that is put forward: for the letters in the database and for the worker's own clock."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.file = Path(tempfile.mkdtemp(prefix="tocsin-chaos-")) / "clocks"
        self.passed = 0.0
        self._write()

    def _write(self) -> None:
        new = self.file.with_suffix(".new")
        new.write_bytes(CLOCKS.pack(self.passed, 0.0))
        new.replace(self.file)

    def forward(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.passed += seconds
        self._write()
        self._stage.run(
            "UPDATE outbox SET next_at = next_at - make_interval(secs => %(s)s),"
            " created_at = created_at - make_interval(secs => %(s)s),"
            " lease_until = lease_until - make_interval(secs => %(s)s)"
            " WHERE state IN ('pending', 'sending')",
            {"s": seconds},
        )
        self._stage.run("SELECT pg_notify('tocsin', '')")

    def quiet(self) -> float | None:
        """Return in how many seconds the next letter is ready; None while one is or is leased."""
        found = self._stage.run(
            "SELECT extract(epoch FROM min(next_at) - clock_timestamp())::float8,"
            " bool_or(state = 'sending') FROM outbox WHERE state IN ('pending', 'sending')"
        )[0]
        return None if found[0] is None or found[1] or found[0] <= 0 else float(found[0])


def play(stage: Stage, chance: random.Random, given: argparse.Namespace) -> Played:
    """Have providers go away, come back, and swallow answers; each letter arrives once."""
    del chance, given
    stage.company()
    played, mail, web = Played(), Mail(weather="421"), Web(weather="503")
    with Loop() as loop:
        loop.serve(mail)
        loop.serve(web)
        stage.webhook(web.port)
        address = f"smtp://127.0.0.1:{mail.port}?from={promises.SENDER}"
        with Parts(stage.made, {"TOCSIN_SMTP_URL": address}) as parts:
            fast = Fast(stage)
            parts.start("worker 1", spoiled={"CHAOS_CLOCKS": str(fast.file)})
            parts.ready()
            stage.letters(LETTERS)
            stage.letters(HOOKS, channel="webhook", prefix="hook", urgent=False)
            _away(played, stage, fast, mail, web)
            mail.weather, web.weather = "ok", "ok"
            _drain(played, stage, fast, 120)
            web.weather = "hang"
            _one_hangs(played, stage, mail)
            web.weather = "ok"
            mail.weather = "cut"
            _swallow(stage, mail, fast)
            mail.weather = "ok"
            _drain(played, stage, fast, 60)
            if played.broken:
                played.figures["logs"] = parts.logs()
    played.hold("letters arrived once after its return", len(set(mail.received[:LETTERS])), LETTERS)
    promises.letters(played, stage, mail)
    _hooks(played, stage, web)
    played.figures["simulated hours"] = f"{fast.passed / 3600:.1f}"
    return played


def _hooks(played: Played, stage: Stage, web: Web) -> None:
    """Compare what the endpoint got with what is said of it."""
    sent = "SELECT count(*) FROM outbox WHERE channel = 'webhook' AND state = 'sent'"
    played.hold("webhooks said to be sent", stage.one(sent), HOOKS + HUNG)
    played.hold("webhooks that arrived, different ones", len(set(web.received)), HOOKS + HUNG)
    played.figures["webhooks that arrived again"] = str(len(web.received) - len(set(web.received)))


def _away(played: Played, stage: Stage, fast: Fast, mail: Mail, web: Web) -> None:
    """Let six hours pass in which both are away."""
    tries: list[float] = []
    while fast.passed < HOURS * 3600:
        time.sleep(0.02)
        tries += [at + fast.passed for at in mail.tries[len(tries) :]]
        wait = fast.quiet()
        if wait is not None:
            fast.forward(wait if fast.passed < FINE_S else max(wait, COARSE_S))
    played.hold("what arrived while they were away", len(mail.received) + len(web.received), 0)
    lost = {"dead", "unsure"} & set(stage.states())
    played.hold("letters given up while they were away", lost, set())
    played.figures["tries of the mail server meanwhile"] = f"{len(tries):,}"
    # Any ten seconds of simulated time, while steps are as fine as the letters' own.
    fine = [at for at in tries if at - tries[0] < FINE_S]
    played.most("peak of the tries", _peak(fine, 10.0), PEAK, "a second")


def _one_hangs(played: Played, stage: Stage, mail: Mail) -> None:
    """Have the endpoint take everything and say nothing: letters must not wait for it."""
    before, began = len(mail.received), time.monotonic()
    stage.letters(HUNG, channel="webhook", prefix="hung", urgent=False)
    stage.letters(BESIDE, prefix="beside")
    while len(mail.received) < before + BESIDE and time.monotonic() < began + 60:
        time.sleep(0.02)
    took = time.monotonic() - began
    played.aim(f"{BESIDE} letters beside an endpoint that hangs", took, BESIDE_S)


def _pass(fast: Fast) -> None:
    """Let pass what the next letter waits for, with nothing on its way."""
    wait = fast.quiet()
    if wait is not None:
        fast.forward(wait)
    time.sleep(0.02)


def _drain(played: Played, stage: Stage, fast: Fast, seconds: float) -> None:
    until = time.monotonic() + seconds
    while {"pending", "sending"} & set(stage.states()):
        if time.monotonic() > until:
            played.broken["drained"] = promises.left(stage)
            return
        _pass(fast)


def _swallow(stage: Stage, mail: Mail, fast: Fast) -> None:
    """Have the server take letters and break the connection before it says so."""
    before, until = len(mail.received), time.monotonic() + 30
    stage.letters(LOST, prefix="lost")
    while len(mail.received) < before + LOST // 2 and time.monotonic() < until:
        _pass(fast)


def _peak(tries: list[float], seconds: float) -> float:
    """Return the most tries a second, over any span of so many seconds."""
    most, first = 0, 0
    for last, at in enumerate(tries):
        while at - tries[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most / seconds
