"""A desk with pages, and people who can sign in to it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from tests.desk import Company, Database, company

from tocsin.actions import people

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
    for person in made.people.values():
        people.set_password(person=person, password=PASSWORD, by=made.operator)
    return Pages(made, key)
