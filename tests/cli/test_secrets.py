"""`tocsin secrets` as a shell meets it: a missing key is named before anything runs."""

import re
import stat
from pathlib import Path

import pytest
from django.test import override_settings
from tests.cli.command import tocsin
from tests.cli.test_up import free_port
from tests.desk import Company, Database, company

from tocsin.actions import providers, strongbox
from tocsin.channels import registry
from tocsin.cli import keys
from tocsin.kit.invalid import Invalid

OLD, NEW = "a-key-of-last-year-long-enough", "a-key-of-this-year-long-enough"
ROUTING = "R0123456789ABCDEFabcdef012345678"


def sealed(desk: Company, key: str) -> str:
    """Seal something with a key; returns the key's name."""
    with override_settings(SECRET_KEY=key, SECRET_KEY_FALLBACKS=[]):
        providers.add(
            carrier=registry.CARRIERS["pagerduty"],
            name=f"Duty {key}",
            typed={"routing_key": ROUTING},
            by=desk.operator,
        )
        return strongbox.key_names()[0]


@pytest.fixture
def desk(database: Database) -> Company:
    return company()


@pytest.mark.promise("P33")
@pytest.mark.long("starts the command three times")
def test_nothing_starts_while_a_key_is_missing_and_its_name_is_said(
    desk: Company, database: Database, tmp_path: Path
) -> None:
    name = sealed(desk, OLD)
    here = {"DATABASE_URL": database.url, "TOCSIN_SECRET_KEY": NEW}
    asked = tocsin("secrets", "check", folder=None, **here)
    assert asked.returncode == 1
    assert f"the key {name} is not here" in asked.stderr
    assert re.search(rf"providers +│ +{name} +│ +1 +│ +is missing", asked.stdout)
    ports = ["--port", str(free_port()), "--live-port", str(free_port())]
    begun = tocsin("up", "--data", tmp_path / "data", *ports, folder=None, **here)
    assert begun.returncode == 2
    assert begun.stderr.startswith(f"tocsin: TOCSIN_SECRET_KEY: the key {name} is not here")
    assert "ready" not in begun.stdout
    looked = tocsin("doctor", "--data", tmp_path / "data", folder=None, **here)
    assert looked.returncode == 1
    assert name in looked.stdout
    assert NEW not in looked.stdout + begun.stderr + asked.stdout


@pytest.mark.promise("P33", "F32")
@pytest.mark.long("starts the command seven times")
def test_a_key_is_changed_step_by_step(desk: Company, database: Database, tmp_path: Path) -> None:
    place = tmp_path / "data"
    keys.write(place, [OLD])
    sealed(desk, OLD)

    def run(*words: str) -> tuple[int, str]:
        done = tocsin(
            "secrets", *words, "--data", place, DATABASE_URL=database.url, TOCSIN_SECRET_KEY=""
        )
        return done.returncode, done.stdout + done.stderr

    assert run("check", "--quiet") == (0, "")
    assert run("new-key")[0] == 0
    new, old = keys.read(place)
    assert old == OLD
    assert len(new) >= 40
    assert stat.S_IMODE((place / keys.NAME).stat().st_mode) == 0o600
    # Both are live; the old one is not dropped while something needs it.
    code, told = run("drop-old")
    assert (code, "rotate before" in told) == (2, True)
    code, told = run("rotate")
    assert code == 0
    assert "acme: providers: 1 of 1 sealed anew" in told
    assert run("drop-old")[0] == 0
    assert keys.read(place) == [new]
    assert run("check", "--quiet") == (0, "")
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
        (one,) = providers.of_tenant(desk.tenant)
        assert providers.opened(one)["routing_key"] == ROUTING


def test_the_keys_of_a_data_directory_go_to_every_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(keys.KEY, raising=False)
    monkeypatch.delenv(keys.OLD, raising=False)
    made = keys.environment(tmp_path / "data")
    assert list(made) == [keys.KEY]
    assert keys.environment(tmp_path / "data") == made
    with pytest.raises(Invalid, match="comma"):
        keys.write(tmp_path / "data", ["new", "with, a comma"])
    keys.write(tmp_path / "data", ["new", made[keys.KEY]])
    monkeypatch.setenv(keys.OLD, "older")
    assert keys.environment(tmp_path / "data") == {
        keys.KEY: "new",
        keys.OLD: f"{made[keys.KEY]},older",
    }
    monkeypatch.setenv(keys.KEY, "given")
    assert keys.environment(tmp_path / "data") == {keys.KEY: "given"}
