"""The `tocsin` command as a shell starts it: a process of its own."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

from tocsin.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "examples" / "servicenow" / "policy.yaml"
COMMAND = (sys.executable, "-m", "tocsin")
# What would change widths, colours or encodings between one machine and another.
_UNWANTED = ("COLUMNS", "LINES", "TERM", "FORCE_COLOR", "NO_COLOR", "PYTHONIOENCODING")


def environment(**more: str) -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in _UNWANTED} | more


def tocsin(
    *arguments: str | Path, folder: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in `folder`, with `more` in its environment, and return what it said."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder or ROOT,
        env=environment(**more),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=180,
    )


def output(*arguments: str | Path, folder: Path | None = None, **more: str) -> str:
    """Run the command and return its standard output; it must have nothing to complain about."""
    done = tocsin(*arguments, folder=folder, **more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def sentence_of(code: int, said: str, complaint: str) -> str:
    """Return the one sentence of a refusal: 2, nothing on standard output, no traceback."""
    assert (code, said) == (2, ""), complaint
    assert complaint.count("\n") == 1, complaint
    assert complaint.startswith("tocsin: ")
    return complaint.removeprefix("tocsin: ").rstrip("\n")


def refusal(*arguments: str | Path, folder: Path | None = None) -> str:
    """Run a command that must be refused and return the sentence."""
    done = tocsin(*arguments, folder=folder)
    return sentence_of(done.returncode, done.stdout, done.stderr)


def refusal_within(*arguments: str | Path) -> str:
    """Return the same without a process of its own, for long tables of mistakes."""
    said, complaint = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complaint):
        code = main([str(argument) for argument in arguments])
    return sentence_of(code, said.getvalue(), complaint.getvalue())
