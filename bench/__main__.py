"""Run all benchmarks, or the named ones: `python -m bench [NAME ...] [--json FILE]`."""

import argparse
import importlib
import json
import os
import platform
from pathlib import Path

from rich.console import Console

from bench.measuring import Report

# Each is a module of this folder with `run() -> list[Report]`.
BENCHMARKS = (
    *("calendar", "replay", "change", "pulse", "lateness", "face", "pages", "streams", "browser"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)} (default: all)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there is: {', '.join(BENCHMARKS)}")
    # As wide as the table needs when the output is no terminal.
    console = Console(width=None if os.isatty(1) else 140)
    reports: dict[str, list[Report]] = {}
    for name in given.names or BENCHMARKS:
        reports[name] = importlib.import_module(f"bench.{name}").run()
        for report in reports[name]:
            report.show(console)
    if given.json:
        given.json.write_text(json.dumps(figures(reports), indent=2) + "\n", encoding="utf-8")
        console.print(f"Figures written to {given.json}")


def figures(reports: dict[str, list[Report]]) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "reports": {name: [report.to_dict() for report in of] for name, of in reports.items()},
    }


if __name__ == "__main__":
    main()
