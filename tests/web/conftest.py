"""A desk with pages, and people who can sign in to it."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client
from tests.desk import Company, Database, company, inside

from tocsin.records import rows

PASSWORD = "a long word for tests"


@dataclass(frozen=True)
class Pages:
    """The pages of a company; `client` of a person is signed in."""

    made: Company
    key: str

    @property
    def prefix(self) -> str:
        return f"/t/{self.key}"

    def anybody(self) -> Client:
        return Client(headers={"host": "localhost"})

    def client(self, name: str) -> Client:
        """Return a browser in which somebody has signed in."""
        found = self.anybody()
        form = {"login": f"{name}@{self.key}.example", "password": PASSWORD}
        answer = found.post(f"{self.prefix}/sign-in/", form)
        assert answer.status_code == 302, answer.content.decode()
        return found


@pytest.fixture
def pages(database: Database) -> Pages:
    return desk_of(company("acme"), "acme")


@pytest.fixture
def other(database: Database) -> Callable[[], Pages]:
    return lambda: desk_of(company("bolt"), "bolt")


def desk_of(made: Company, key: str) -> Pages:
    with inside(made.tenant):
        rows.run(
            "UPDATE person SET password = %s WHERE tenant_id = %s AND id = ANY(%s)",
            [kept_password(), made.tenant, list(made.people.values())],
        )
    return Pages(made, key)


@functools.cache
def kept_password() -> str:
    """Return the hash of everybody's password; it is made once, and found right once.

    Each takes a third of a second on purpose, and most tests are not about that. Any other password
    is looked at as ever.
    """
    kept = make_password(PASSWORD)
    looked_at = Argon2PasswordHasher.verify
    assert looked_at(Argon2PasswordHasher(), PASSWORD, kept)

    def verify(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        return (password, encoded) == (PASSWORD, kept) or looked_at(self, password, encoded)

    Argon2PasswordHasher.verify = verify  # type: ignore[assignment, method-assign]
    return kept
