"""The command itself: its version, its help, and what it says to a command line it cannot take."""

from pathlib import Path

import pytest
from tests.cli.command import output, tocsin

import tocsin as package

pytestmark = pytest.mark.long("starts the command again and again")


def test_the_version_is_that_of_the_package() -> None:
    assert output("--version") == f"tocsin {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "named"), [(["-h"], "replay"), (["replay", "-h"], "--policy")]
)
def test_help_names_what_there_is(arguments: list[str], named: str) -> None:
    assert named in output(*arguments)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "tocsin: error: the following arguments are required: COMMAND"),
        (["repaly"], "invalid choice: 'repaly'"),
        (["replay"], "tocsin replay: error: the following arguments are required: file, --policy"),
        (["replay", "log.csv"], "the following arguments are required: --policy"),
        (["replay", "log.csv", "--policy", "p", "--top", "ten"], "invalid int value: 'ten'"),
        (["holidays", "SE"], "the following arguments are required: --years"),
    ],
)
def test_a_command_line_with_a_mistake_gets_the_usage_and_2(
    arguments: list[str], sentence: str
) -> None:
    done = tocsin(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: tocsin")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["report", "compliance"], ["audit", "clocks"]])
def test_a_database_that_does_not_answer_is_said_in_a_sentence(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://tocsin@/desk?host=/nowhere-at-all")
    done = tocsin(*command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tocsin: DATABASE_URL: cannot be used: ")
    assert "tocsin db init" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_database_it_is_said_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    done = tocsin("report", "compliance", "--data", str(tmp_path))
    assert done.returncode == 2
    assert "tocsin up" in done.stderr


@pytest.mark.parametrize("command", ["import", "report", "audit", "pulse", "worker", "up", "db"])
def test_help_of_a_command_needs_no_database(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert output(command, "--help").startswith("usage: tocsin")
