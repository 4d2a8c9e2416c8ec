"""A desk that programs ask."""

from collections.abc import Callable

import pytest
from tests.desk import Database, company
from tests.web.conftest import Pages, desk_of


@pytest.fixture
def pages(database: Database) -> Pages:
    return desk_of(company("acme"), "acme")


@pytest.fixture
def other(database: Database) -> Callable[[], Pages]:
    return lambda: desk_of(company("bolt"), "bolt")
