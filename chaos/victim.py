"""A part of Tocsin with something wrong with it: `python -m chaos.victim pulse`, or worker.

What is wrong is put over the product's own functions here, so that the product itself has no hook
and pays for none. The environment says what:

- CHAOS_POINT=after_claim: it ends right after it has leased something;
- CHAOS_POINT=after_send: it ends when a letter has been handed over and nothing of that is written;
- CHAOS_POINT=before_commit: it ends when all is written and nothing is committed;
- CHAOS_POISON=ID: it ends whenever it decides that ticket, as if a rule broke the interpreter;
- CHAOS_CLOCKS=FILE: its own clocks are off by the seconds in that file, the steady one first.
"""

import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

# How a process ends that nobody killed.
ENDED = 9
POINTS = ("after_claim", "after_send", "before_commit")
CLOCKS = struct.Struct("dd")


def end() -> NoReturn:
    """End at once: nothing is cleaned up, nothing is said to the database."""
    os._exit(ENDED)


def at_point(point: str) -> None:
    """Have this process end at one of the points."""
    from django.db import transaction

    from tocsin.actions import due, outbox

    def after(done: Callable[..., Any]) -> Callable[..., Any]:
        def ending(*given: Any, **named: Any) -> Any:
            found = done(*given, **named)
            if found:
                end()
            return found

        return ending

    def inside(done: Callable[..., Any]) -> Callable[..., Any]:
        def ending(*given: Any, **named: Any) -> Any:
            # Inside another transaction the own one of what is done commits nothing.
            with transaction.atomic():
                if done(*given, **named) is not None:
                    end()

        return ending

    if point == "after_claim":
        due.Attempts.begin = after(due.Attempts.begin)  # type: ignore[method-assign]
        outbox.claim = after(outbox.claim)
    elif point == "after_send":
        outbox.complete = lambda *_, **__: end()
    else:
        due.take, due.single = inside(due.take), inside(due.single)
        outbox.complete = inside(outbox.complete)


def poisoned(ticket: str) -> None:
    """Have this process end whenever it decides that ticket."""
    from tocsin.actions import effects

    earnest, bad = effects.settle, int(ticket)

    def settle(work: Any) -> None:
        if work.id == bad:
            end()
        earnest(work)

    effects.settle = settle


def clocks(path: str) -> None:
    """Have the machine's clocks be off by what a file says, from one moment to the next."""
    import datetime as dt

    from tocsin.kit import machine_clock

    file, steady, wall = Path(path), machine_clock.steady, machine_clock.wall

    def off() -> tuple[float, float]:
        found: tuple[float, float] = CLOCKS.unpack(file.read_bytes())
        return found

    machine_clock.steady = lambda: steady() + off()[0]
    machine_clock.wall = lambda: wall() + dt.timedelta(seconds=off()[1])


SPOILERS: dict[str, Callable[[str], None]] = {
    "CHAOS_POINT": at_point,
    "CHAOS_POISON": poisoned,
    "CHAOS_CLOCKS": clocks,
}


def main() -> int:
    """Spoil what the environment says, and be that part."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.site.settings")
    import django

    django.setup()
    for name, spoil in SPOILERS.items():
        if name in os.environ:
            spoil(os.environ[name])
    from tocsin.cli import main as tocsin

    return tocsin.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
