"""What a newcomer meets first: the Makefile's Python check, and requirements that agree."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make on a copy of the Makefile alone, as from a shell and not from this test run."""
    shutil.copy(ROOT / "Makefile", folder)
    inherited = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "PYTHON")
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={key: value for key, value in os.environ.items() if key not in inherited},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def fake_interpreter(folder: Path, script: str) -> Path:
    fake = folder / "a python"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    return fake


@pytest.mark.parametrize("goal", ["setup", "demo", "test", "check", "bench", "lock"])
def test_a_python_that_is_too_old_gets_one_clear_sentence(tmp_path: Path, goal: str) -> None:
    fake = fake_interpreter(tmp_path, "printf 3.9.2")
    done = make(tmp_path, f"PYTHON={fake}", goal)
    assert done.returncode != 0
    assert done.stdout == ""
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert said == [
        f"Tocsin needs Python 3.11 or newer; `{fake}` is 3.9.2. "
        f"Install it or run make PYTHON=python3.11 {goal}"
    ]
    assert not list(tmp_path.glob(".venv*"))


def test_a_python_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    done = make(tmp_path, "PYTHON=no-such-python", "setup")
    assert done.returncode != 0
    assert "`no-such-python` was not found or does not start" in done.stderr


def test_a_python_without_venv_gets_a_sentence(tmp_path: Path) -> None:
    fake = fake_interpreter(
        tmp_path, 'case "$2" in *ensurepip*) exit 1 ;; *) printf 3.11.2 ;; esac'
    )
    done = make(tmp_path, f"PYTHON={fake}", "setup")
    assert done.returncode != 0
    assert "venv module" in done.stderr
    assert "apt install python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_help_is_the_default_and_needs_no_python(tmp_path: Path) -> None:
    done = make(tmp_path)
    assert done.returncode == 0
    for target in ("setup", "demo", "test", "check", "bench", "lock", "clean"):
        assert re.search(rf"^  {target} +\S", done.stdout, re.MULTILINE)


def requirement_lines(name: str) -> list[str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]


def test_pyproject_and_the_lock_name_the_same_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sorted(project["dependencies"]) == sorted(requirement_lines("run.in"))


@pytest.mark.parametrize("name", ["dev", "bench"])
def test_what_users_run_is_what_is_tested_and_measured(name: str) -> None:
    def pins(lock: str) -> set[str]:
        # Name and version; for which Pythons may differ with what else is installed.
        lines = [ln for ln in requirement_lines(f"{lock}.txt") if ln[0] != " "]
        return {ln.partition(";")[0].rstrip(" \\") for ln in lines}

    assert pins("run") <= pins(name)


@pytest.mark.asvs("15.1.2")
@pytest.mark.parametrize("name", ["run", "dev", "bench"])
def test_every_requirement_is_pinned_by_hash(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = [e for e in re.split(r"\n(?=\S)", text) if e and not e.startswith("#")]
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
