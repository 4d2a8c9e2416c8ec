"""`tocsin web`: the pages and the API, as one process with threads."""

import argparse
import importlib
import multiprocessing
import os
import sys
from typing import Any

from tocsin.kit import processes

APPLICATION = "tocsin.site.wsgi:application"
PORT = 8000
# Each may hold a connection to the database; what is more than granian advises gains nothing.
_THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "web", help="serve the pages and the API (`tocsin up` starts it by itself)"
    )
    add_address(parser, PORT)
    parser.set_defaults(run=run)


def add_address(parser: argparse.ArgumentParser, port: int) -> None:
    """Add the options for where to listen; TOCSIN_PORT goes before the usual port."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    parser.add_argument(
        "--port",
        type=int,
        default=os.environ.get("TOCSIN_PORT", port),
        help=f"the port to listen on ({port}, or what TOCSIN_PORT says)",
    )


def run(given: argparse.Namespace) -> int:
    """Serve until told to stop."""
    _first_run(given)
    import granian  # noqa: PLC0415  # only this command needs it, and it takes a while
    from granian.constants import Interfaces  # noqa: PLC0415  # the same
    from granian.log import LogLevels  # noqa: PLC0415  # the same

    granian.Granian(
        APPLICATION,
        address=given.host,
        port=given.port,
        interface=Interfaces.WSGI,
        blocking_threads=_THREADS,
        websockets=False,
        log_level=LogLevels.warning,
        # Answers that are being made are waited for; a part has 25 s to end.
        workers_kill_timeout=20,
    ).serve(target_loader=load, wrap_loader=False)
    return 0


def _first_run(given: argparse.Namespace) -> None:
    """Where no desk is yet, say the code by which the first one is made; only the log has it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.site.settings")
    import django  # noqa: PLC0415  # only this command needs it
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415  # the same
    from django.db import DatabaseError, connections  # noqa: PLC0415  # the same

    django.setup()
    from tocsin.actions import first_run  # noqa: PLC0415  # it reads the settings

    try:
        waits = first_run.is_open()
    except (DatabaseError, ImproperlyConfigured):
        # Nobody can say: the code is good for nothing unless it is needed.
        waits = True
    finally:
        # The processes that serve open their own.
        connections.close_all()
    if waits:
        code = first_run.new_code()
        where = f"http://{given.host}:{given.port}/first-run/"
        sys.stdout.write(f"no desk yet? make the first one at {where} with the code {code}\n")
        sys.stdout.flush()


def load(*_: object) -> Any:
    """Return the application, in granian's worker process."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        # Otherwise it would keep the port when the process that was started is killed.
        processes.die_with_parent(parent.pid)
    if os.environ.get("TOCSIN_STATIC"):
        _gather()
    # By name, as granian itself would: the command line does not know the site.
    module, name = APPLICATION.split(":")
    return getattr(importlib.import_module(module), name)


def _gather() -> None:
    """Put the static files where they are served from, named by their contents and compressed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.site.settings")
    import django  # noqa: PLC0415  # only the worker process needs it
    from django.core.management import call_command  # noqa: PLC0415  # the same

    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
