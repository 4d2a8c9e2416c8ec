"""`tocsin pulse`: watches deadlines until it is told to stop."""

import argparse
import gc
import logging
import signal
import threading
from typing import Any

from tocsin.kit import database
from tocsin.pulse.tickets import Pulse


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "pulse",
        help="watch deadlines (one of the parts that `tocsin up` runs)",
        description="Decide what falls due, at its instant. Any number of them share the work.",
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Watch deadlines until SIGTERM or SIGINT."""
    del given
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # What is loaded by now stays; nobody need look through it for garbage again and again.
    gc.collect()
    gc.freeze()
    Pulse(database.address(), stop).run()
    return 0
