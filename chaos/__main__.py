"""`python -m chaos [--scene NAME ...] [--seed N]`: kill, freeze, cut off, stop; then count.

Each scene plays on a desk of its own: real processes, an earnest PostgreSQL, providers on this
machine. What was promised is counted in the database and at the providers. 1 if anything broke.
"""

import argparse
import importlib
import os
import random
import signal
import sys
import time
from types import ModuleType

from rich.console import Console
from rich.table import Table

from chaos.promises import Played
from chaos.stage import theatre

CONSOLE = Console(width=120)
SCENES = ("storm", "points", "outage", "stopped", "poison", "clocks", "long", "deploy")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--scene", action="append", choices=SCENES, help="only this (repeatable)")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--seconds", type=int, default=60, help="how long the storm lasts (60)")
    parser.add_argument("--timers", type=int, default=20_000, help="deadlines in it (20,000)")
    given = parser.parse_args()
    CONSOLE.print(f"seed {given.seed}")
    # All processes open what one of them has sealed, and may speak to providers on this machine.
    os.environ.setdefault("TOCSIN_SECRET_KEY", "of-this-chaos-only")
    os.environ["TOCSIN_EGRESS_ALLOW"] = "127.0.0.0/8"
    broken = []
    with theatre() as place:
        for name in given.scene or SCENES:
            scene = importlib.import_module(f"chaos.scenes.{name}")
            began = time.monotonic()
            # A scene of its own plays the same as among the others.
            chance = random.Random(f"{given.seed}/{name}")
            try:
                played = scene.play(place.stage(), chance, given)
            except Exception:  # the other scenes are still to be played
                CONSOLE.print_exception()
                played = Played({"played to its end": "no"})
            _show(name, scene, played, time.monotonic() - began)
            broken += [name] if played.broken else []
    CONSOLE.print(f"[red]BROKEN: {', '.join(broken)}[/red]" if broken else "every promise held")
    return 1 if broken else 0


def _show(name: str, scene: ModuleType, played: Played, seconds: float) -> None:
    logs = played.figures.pop("logs", "")
    table = Table("promise", "what was found", title=f"{name}: {scene.TOLD} ({seconds:.0f} s)")
    for promise, told in played.broken.items():
        table.add_row(promise, f"[red]BROKEN: {told}[/red]")
    for promise, told in played.figures.items():
        table.add_row(promise, told)
    CONSOLE.print(table)
    if logs:
        CONSOLE.print(logs, markup=False, highlight=False)


if __name__ == "__main__":
    # Whoever ends us must not leave a desk behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    started = time.monotonic()
    code = main()
    CONSOLE.print(f"{time.monotonic() - started:.0f} s in all")
    sys.exit(code)
