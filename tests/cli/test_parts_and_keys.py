"""Parts that are started by themselves: none runs with a key missing, and the sentence is one."""

import os
from pathlib import Path

import pytest
from django.test import override_settings
from tests.cli.command import tocsin
from tests.cli.test_secrets import NEW, OLD, sealed
from tests.cli.test_up import free_port
from tests.desk import Database, company

from tocsin.cli import keys, main
from tocsin.kit.invalid import Invalid

PARTS = sorted(name for name, command in main.COMMANDS.items() if command.part)


@pytest.mark.promise("P33")
@pytest.mark.long("starts the command twice")
def test_a_part_does_not_start_while_a_key_is_missing(database: Database, tmp_path: Path) -> None:
    name = sealed(company(), OLD)
    here = {"DATABASE_URL": database.url, "TOCSIN_SECRET_KEY": NEW, "TOCSIN_DATA": str(tmp_path)}
    told = f"tocsin: TOCSIN_SECRET_KEY: {keys.lacking([name])}\n"
    for words in (["pulse"], ["web", "--port", str(free_port())]):
        begun = tocsin(*words, folder=None, **here)
        assert (begun.returncode, begun.stderr) == (2, told), words
    assert PARTS == ["live", "pulse", "watchman", "web", "worker"]


@pytest.mark.promise("P33")
def test_each_part_looks_as_the_pages_would(database: Database) -> None:
    name = sealed(company(), OLD)
    for role in ("app", "live", "pulse", "worker", "watchman"):
        database.play(role)
        with (
            override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]),
            pytest.raises(Invalid, match=name),
        ):
            keys.check_part()
        with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
            keys.check_part()


@pytest.mark.promise("P33")
def test_a_part_has_the_keys_of_the_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.write(tmp_path, [NEW, OLD])
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    monkeypatch.setenv(keys.KEY, "")
    monkeypatch.setenv(keys.OLD, "")
    with pytest.raises(SystemExit):
        main.main(["live", "--help"])
    assert (os.environ[keys.KEY], os.environ[keys.OLD]) == (NEW, OLD)
