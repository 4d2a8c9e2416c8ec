"""The `tocsin` command: reads the command line and hands over to one module a command."""

import argparse
import io
import os
import sys
from collections.abc import Sequence

import tocsin
from tocsin.cli import holidays, replay
from tocsin.kit.invalid import Invalid

REFUSED = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it was done, 2 when what was given cannot be taken."""
    parser = argparse.ArgumentParser(
        prog="tocsin", description="Service desk whose heart is SLA clocks and escalation."
    )
    parser.add_argument("--version", action="version", version=f"tocsin {tocsin.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (replay, holidays):
        module.add_to(commands)
    given = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # JSON and YAML are UTF-8 whatever the machine's language, and so are names in tables.
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        code: int = given.run(given)
        sys.stdout.flush()
    except Invalid as error:
        sys.stderr.write(f"tocsin: {error}\n")
        return REFUSED
    except KeyboardInterrupt:
        sys.stderr.write("tocsin: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; keep the interpreter from saying so again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
