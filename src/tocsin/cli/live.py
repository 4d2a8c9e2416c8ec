"""`tocsin live`: the small process that streams events to browsers."""

import argparse
from typing import Any

from tocsin.cli import web

APPLICATION = "tocsin.site.live:application"
PORT = 8001


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "live", help="serve the event streams (`tocsin up` starts it by itself)"
    )
    web.add_address(parser, PORT)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Serve until told to stop."""
    import uvicorn  # noqa: PLC0415  # only this command needs it, and it takes a while

    uvicorn.run(
        APPLICATION,
        host=given.host,
        port=given.port,
        loop="asyncio",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        # Whose word counts about where somebody comes from is for us to say: TOCSIN_PROXIES.
        proxy_headers=False,
        # A stream never ends by itself, so there is nothing to wait for.
        timeout_graceful_shutdown=1,
    )
    return 0
