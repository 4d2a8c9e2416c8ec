"""The processes that the demo starts: those that build, and the customer."""

import datetime as dt
import fcntl
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import Error, connection

from tocsin.cli.demonstration import building, cast, confiding, history, kept
from tocsin.cli.demonstration.cast import Cast
from tocsin.cli.demonstration.script import Drama, Script, State
from tocsin.kit import database
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, cards, health

SEED = 20261121
# What a drama's first response is promised within, in both companies.
_PROMISED = dt.timedelta(seconds=40)
_LOOK_S = 0.2
_AGAIN_S = 2.0
_EVERY = 25  # steps between two words of progress
_log = logging.getLogger(__name__)


def build(place: Path, company: str) -> int:
    """Build a company, saying how far it is; in the end print what was made."""
    del place
    made = history.build(
        database.address(),
        cast.company(company),
        seed=SEED,
        now=dt.datetime.fromisoformat(os.environ[building.NOW]),
        size=float(os.environ[building.SIZE]),
        told=_tell,
    )
    _print(json.dumps(made.to_dict(), ensure_ascii=False))
    return 0


def letters(place: Path, company: str) -> int:
    """Put down what the past had to send as sent."""
    del place, company
    history.settle_letters()
    return 0


def confide(place: Path, company: str) -> int:
    """Let people into a company that was just built, and make what not everybody sees there."""
    del place
    made = json.loads(os.environ[building.MADE])
    one, cast_ = cast.company(company), Cast(**made["cast"])
    now = dt.datetime.fromisoformat(os.environ[building.NOW])
    confiding.let_in(one, cast_, os.environ[building.PASSWORD], now)
    waiting = sorted(made["waiting"], key=lambda ticket: ticket["act_at"])
    confiding.begin(one, cast_, [ticket["ticket"] for ticket in waiting], now)
    return 0


def order(place: Path, company: str) -> int:
    """Give the past's events their order, until none waits for it."""
    del place, company
    history.order_events(database.address())
    return 0


def _tell(done: int, of: int) -> None:
    if done % _EVERY == 0 or done == of:
        _print(f"{done} {of}")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def customer(place: Path, company: str) -> int:
    """Write as customers and colleagues do until SIGTERM or SIGINT."""
    del company
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with (place / f"{kept.NAME}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Invalid(str(place), "another customer writes from here already") from None
        while not (place / kept.READY).exists() and not stop.wait(_LOOK_S):
            pass
        _play(place, stop)
    return 0


def _play(place: Path, stop: threading.Event) -> None:
    script, first = _script(place), True
    while not stop.is_set():
        try:
            now = health.look().now
            if first:
                script.greet(now)
                first = False
            wait = (script.step(now) - now).total_seconds()
        except Error as error:
            _log.warning("the database is away: %s", str(error).strip().partition("\n")[0])
            connection.close()
            # What was done and not written down is known to the database by its key.
            script, wait = _script(place), _AGAIN_S
        stop.wait(max(0.0, wait))


def _script(place: Path) -> Script:
    known = kept.read(place)
    if known is None:
        raise Invalid(str(place / kept.NAME), "is not there; start with `tocsin demo`")

    def keep(state: State) -> None:
        known.script = state.to_dict()
        kept.write(place, known)

    def announce(drama: Drama) -> None:
        _announce(drama, casts[drama.company])

    casts = {key: Cast(**one) for key, one in known.casts.items()}
    return Script(casts, State.from_dict(known.script), keep, begun=announce)


def _announce(drama: Drama, cast_: Cast) -> None:
    one, talk = cast.company(drama.company), cast.talk(drama.talk)
    ref = cards.cards(by=access.operator(cast_.tenant), ids=[drama.ticket])[0].ref
    due = (drama.began_at + _PROMISED).astimezone(ZoneInfo(one.data["zone"]))
    _print(
        f"{one.data['name']}: {ref} “{talk.title(drama.number)}”: first response is due at"
        f" {due:%H:%M:%S} ({one.data['zone']}); watch it break"
    )


PARTS: Mapping[str, Callable[[Path, str], int]] = {
    "build": build,
    "customer": customer,
    "confide": confide,
    "letters": letters,
    "order": order,
}
