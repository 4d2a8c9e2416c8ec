"""`python -m chaos [--seed N] [--seconds N] [--timers N]`: kill, freeze, count.

Two pulses, a third that is frozen past its lease and thawed, a worker and a real SMTP server, over
a PostgreSQL that itself is killed. Afterwards every promise is counted in the database.
"""

import argparse
import random
import sys
import time
from pathlib import Path

from bench.crowd import Crowd, crowd
from rich.console import Console
from rich.table import Table

from chaos import promises
from chaos.faults import Faults

CONSOLE = Console(width=110)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--seconds", type=int, default=60, help="how long faults go on (60)")
    parser.add_argument("--timers", type=int, default=5_000, help="deadlines in that time (5,000)")
    given = parser.parse_args()
    CONSOLE.print(f"seed {given.seed}")
    with crowd() as made:
        return _run(made, given)


def _run(made: Crowd, given: argparse.Namespace) -> int:
    tenant = promises.company(made)
    apart = given.seconds / given.timers
    begins = made.run("SELECT clock_timestamp() + interval '4 seconds'")[0][0]
    made.fill(tenant, given.timers, begins.isoformat(), f"{apart:.6f} seconds")
    bad = promises.spoil(made, tenant)
    with Faults(made, random.Random(given.seed)) as faults:
        faults.start()
        faults.rage(given.seconds)
        CONSOLE.print(f"faults: {faults.told()}; now waiting until all is drained")
        drained = faults.wait(lambda: promises.drained(made, bad), 180)
    found = promises.broken(made, tenant, given.timers, bad)
    if faults.kills < 20 * given.seconds // 60:
        found["kills"] = f"only {faults.kills}: the run proves too little"
    if not drained:
        found["drained"] = promises.left(made)
    _show(made, faults, found)
    return 1 if found else 0


def _show(made: Crowd, faults: Faults, found: dict[str, str]) -> None:
    table = Table("promise", "what was found", title=f"after {faults.told()}")
    for name, told in {**promises.figures(made, faults.mailbox), **found}.items():
        table.add_row(name, f"[red]BROKEN: {told}[/red]" if name in found else str(told))
    CONSOLE.print(table)
    if found:
        for process in faults.logs():
            CONSOLE.print(Path(process).read_text(encoding="utf-8")[-2_000:], markup=False)


if __name__ == "__main__":
    started = time.monotonic()
    code = main()
    CONSOLE.print(f"{time.monotonic() - started:.0f} s")
    sys.exit(code)
