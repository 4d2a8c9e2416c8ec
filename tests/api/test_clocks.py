"""The interface for clocks: the same as the terminal says, and refusals in JSON."""

import datetime as dt
import json
from typing import Any

import pytest
from tests.desk import Database, at, company
from tests.web.conftest import Pages, desk_of

from tocsin.actions import tickets
from tocsin.queries import why

MONDAY = at("2026-03-02 08:00")
HOUR = dt.timedelta(hours=1)
ADDRESS = "/t/acme/api/v1/tickets/1/clocks"


@pytest.fixture
def pages(database: Database) -> Pages:
    made = desk_of(company("acme", now=at("2026-01-01 00:00")), "acme")
    ticket = made.made.open(priority="P3", now=MONDAY)
    tickets.pause(ticket_id=ticket, reason="asked", by=made.made.person("ann"), now=MONDAY + HOUR)
    return made


def asked(pages: Pages, name: str = "ann", **given: str) -> Any:
    return pages.client(name).get(ADDRESS, given)


def test_it_is_the_one_value_that_all_ways_in_show(pages: Pages) -> None:
    answer = asked(pages, at="2026-03-02T10:00:00Z")
    assert answer.status_code == 200
    found = why.explained(number=1, by=pages.made.person("ann"), now=MONDAY + 2 * HOUR)
    assert answer.json() == json.loads(json.dumps(found.to_dict()))
    assert answer.json()["at"] == "2026-03-02T10:00:00+00:00"
    states = {clock["clock"]: clock["state"] for clock in answer.json()["clocks"]}
    assert states["SLA/resolution#1"] == "paused"


def test_instants_and_clocks_can_be_chosen(pages: Pages) -> None:
    (early,) = asked(pages, at="2026-03-02T08:30:00Z", clock="resolution").json()["clocks"]
    assert (early["state"], early["used_seconds"]) == ("running", 1800)
    given = {"at": "2026-03-02T10:00:00Z", "as_of": "2026-03-02T08:30:00Z"}
    (unknowing,) = asked(pages, clock="SLA/resolution#1", **given).json()["clocks"]
    assert (unknowing["state"], unknowing["used_seconds"]) == ("running", 7200)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-03-02T10:00:00"}, "at"),
        ({"as_of": ""}, "as_of"),
        ({"at": "0001-01-01T00:00:00+05:00"}, "at"),
        ({"as_of": "9999-12-31T23:59:59Z"}, "as_of"),
        ({"when": "2026-03-02T10:00:00Z"}, "when"),
    ],
)
def test_what_cannot_be_taken_names_its_field(
    pages: Pages, given: dict[str, str], field: str
) -> None:
    answer = asked(pages, **given)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert answer.json()["error"]


def test_what_is_not_there_and_who_is_not_signed_in(pages: Pages) -> None:
    gone = pages.client("ann").get("/t/acme/api/v1/tickets/99/clocks")
    told = {"error": "there is no such thing here, or it is not for you"}
    assert (gone.status_code, gone.json()) == (404, told)
    assert asked(pages, clock="nothing").status_code == 404
    nobody = pages.anybody().get(ADDRESS)
    assert (nobody.status_code, nobody.json()) == (401, {"error": "sign in first"})
    assert pages.client("ann").post(ADDRESS).status_code == 405
