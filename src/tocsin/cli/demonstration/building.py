"""Building the companies: a process for each, so that two cores share it, and how far they are."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tocsin.kit.invalid import Invalid

NOW = "TOCSIN_DEMO_NOW"
PASSWORD = "TOCSIN_DEMO_PASSWORD"
SIZE = "TOCSIN_DEMO_SIZE"
MADE = "TOCSIN_DEMO_MADE"

Job = tuple[str, Sequence[str], Mapping[str, str]]
Told = Callable[[int, int], None]


def companies(jobs: Mapping[str, Job]) -> dict[str, Any]:
    """Run the processes side by side and return what each printed last, by key.

    Each says on its output how far it is, ``12 600``, and in the end one line of JSON.
    """
    made: dict[str, Any] = {}
    with _shown([name for name, _, _ in jobs.values()]) as told, ExitStack() as stack:
        running = {key: stack.enter_context(_started(*job[1:])) for key, job in jobs.items()}
        threads = [
            threading.Thread(target=_follow, args=(key, process, told[k], made), daemon=True)
            for k, (key, process) in enumerate(running.items())
        ]
        for thread in threads:
            thread.start()
        for key, process in running.items():
            assert process.stderr is not None
            complaint = process.stderr.read()
            if process.wait() != 0:
                raise Invalid(key, f"could not be built: {_last(complaint)}")
        for thread in threads:
            thread.join()
    return made


@contextmanager
def _started(command: Sequence[str], env: Mapping[str, str]) -> "Iterator[subprocess.Popen[str]]":
    """Start a process that does not outlive the block."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def quietly(command: Sequence[str], env: Mapping[str, str]) -> None:
    """Run a process of the past that has nothing to say; refuse to go on when it fails."""
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Invalid("the past", f"could not be finished: {_last(done.stderr)}")


def _follow(key: str, process: "subprocess.Popen[str]", told: Told, made: dict[str, Any]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            made[key] = json.loads(line)
        else:
            done, _, of = line.partition(" ")
            told(int(done), int(of))


def _last(complaint: str) -> str:
    return " ".join(complaint.split()[-40:]) or "it ended without a word"


@contextmanager
def _shown(names: Sequence[str]) -> Iterator[list[Told]]:
    """Show a bar for each; where nobody watches, a line at the beginning."""
    console, quiet = Console(stderr=True), not sys.stderr.isatty()
    if quiet:
        sys.stderr.write("Making three weeks of history; this takes a moment\n")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        tasks = [bar.add_task(f"Three weeks at {name}", total=None) for name in names]

        def told(k: int) -> Told:
            return lambda done, of: bar.update(tasks[k], completed=done, total=of)

        yield [told(k) for k in range(len(names))]
