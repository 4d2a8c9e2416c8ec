"""`tocsin worker`: has letters leave, events placed and clocks audited until it is told to stop."""

import argparse
import logging
import os
import signal
import threading
from typing import Any

from tocsin.channels.email.send import VARIABLE, Smtp
from tocsin.kit import database
from tocsin.pulse.deliveries import Deliveries
from tocsin.pulse.nightly import Nightly
from tocsin.pulse.sequencer import Sequencer

_log = logging.getLogger(__name__)
_LONGEST_END_S = 25.0
_LOOK_S = 1.0


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "worker",
        help="send mail and order events (one of the parts that `tocsin up` runs)",
        description="Hand letters to the mail server that TOCSIN_SMTP_URL names, and give events "
        "their order; at night they reckon every clock anew. Any number of them share the work.",
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT; 1 when a part of it has ended by itself."""
    del given
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    named = os.environ.get(VARIABLE, "")
    smtp = Smtp.from_url(named) if named else None
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    url = database.address()
    parts = {
        "deliveries": Deliveries(smtp, stop, url=url).run,
        "sequencer": Sequencer(url, stop).run,
        "nightly": Nightly(url, stop).run,
    }
    threads = [
        threading.Thread(target=part, name=name, daemon=True) for name, part in parts.items()
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(_LOOK_S) and all(thread.is_alive() for thread in threads):
        pass
    ended = [thread.name for thread in threads if not thread.is_alive() and not stop.is_set()]
    stop.set()
    for thread in threads:
        thread.join(_LONGEST_END_S)
    if ended:
        # Whoever started us starts us again: half a worker would be worse than none.
        _log.error("%s ended by itself", " and ".join(ended))
    return 1 if ended else 0
