"""`tocsin watchman`: watches over the pulse and all else until it is told to stop."""

import argparse
import logging
import os
import signal
import threading
from typing import Any

from tocsin.channels.email.send import VARIABLE as SMTP
from tocsin.channels.email.send import Smtp
from tocsin.pulse import heartbeat
from tocsin.pulse.heartbeat import Heartbeat
from tocsin.pulse.watchman import OPERATOR, Watchman


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "watchman",
        help="watch over the pulse (one of the parts that `tocsin up` runs)",
        description="Look each minute whether all that must be so is so. While it is, send a "
        "heartbeat to where TOCSIN_HEARTBEAT says: an https:// address, mailto: or a file.",
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Watch until SIGTERM or SIGINT."""
    del given
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    watchman(stop).run()
    return 0


def watchman(stop: threading.Event) -> Watchman:
    """Return the watchman that the environment asks for; refuse what it cannot be."""
    mail = os.environ.get(SMTP, "")
    smtp = Smtp.from_url(mail) if mail else None
    named = os.environ.get(heartbeat.VARIABLE, "")
    operators = tuple(one for one in os.environ.get(OPERATOR, "").split(",") if one.strip())
    return Watchman(
        stop,
        heartbeat=Heartbeat.from_text(named, smtp) if named else None,
        smtp=smtp,
        operators=tuple(one.strip() for one in operators),
    )
