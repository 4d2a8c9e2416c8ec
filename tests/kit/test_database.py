"""Addresses of databases, and the roles that processes play."""

import pytest

from tocsin.kit import database
from tocsin.kit.invalid import Invalid


def test_a_process_starts_in_its_role_with_its_limits() -> None:
    found = database.parameters("postgresql://tocsin:secret@db.example/desk", "pulse")
    assert (found["host"], found["dbname"], found["user"]) == ("db.example", "desk", "tocsin")
    assert "-c role=tocsin_pulse" in found["options"]
    assert "-c idle_in_transaction_session_timeout=5s" in found["options"]
    assert "-c timezone=UTC" in found["options"]


def test_options_of_the_address_are_kept() -> None:
    url = "postgresql://tocsin@/desk?host=/run&options=-c%20work_mem%3D8MB&connect_timeout=2"
    found = database.parameters(url, "app")
    assert found["options"].startswith("-c work_mem=8MB ")
    assert found["connect_timeout"] == "2"


@pytest.mark.parametrize("role", ["owner", "postgres", "", "pulse; DROP"])
def test_a_role_that_there_is_not_is_refused(role: str) -> None:
    with pytest.raises(Invalid, match="is no role"):
        database.parameters("postgresql://tocsin@/desk", role)


def test_an_address_that_is_none_is_refused_in_one_line() -> None:
    with pytest.raises(Invalid) as refused:
        database.parameters("mysql://nowhere", "app")
    assert str(refused.value).startswith("DATABASE_URL: is no address")
    assert "\n" not in str(refused.value)


def test_without_an_address_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(database.ADDRESS, raising=False)
    with pytest.raises(Invalid, match="tocsin up"):
        database.address()
