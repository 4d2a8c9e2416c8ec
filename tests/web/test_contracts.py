"""Contracts and the matrix of priorities are written in forms, and say where they stand."""

import datetime as dt
from typing import Any
from urllib.parse import quote

import pytest
from tests.desk import at
from tests.web.conftest import Pages
from tests.web.test_policies import fields_of, form

from tocsin.actions import activation, customers
from tocsin.queries import configuration, drafts
from tocsin.web import contracts, described, priorities

NOW = at("2026-03-02 09:00")
DAY = dt.timedelta(days=1)


def agreed(begins: dt.timedelta, ends: dt.timedelta | None = None) -> dict[str, Any]:
    until = {} if ends is None else {"valid_until": (NOW + ends).isoformat()}
    return {"valid_from": (NOW + begins).isoformat(), **until}


@pytest.mark.parametrize(
    ("data", "state", "words"),
    [
        (agreed(DAY), "coming", "coming"),
        (agreed(-DAY), "in force", "in force"),
        (agreed(dt.timedelta(0)), "in force", "in force"),
        (agreed(-DAY, DAY), "ending", "ends in 1 day"),
        (agreed(-DAY, dt.timedelta(days=30, hours=1)), "ending", "ends in 31 days"),
        (agreed(-DAY, dt.timedelta(days=300)), "in force", "ends in 300 days"),
        (agreed(-2 * DAY, dt.timedelta(0)), "ended", "ended"),
        ({"valid_from": "soon"}, "draft", "unfinished"),
        ({}, "draft", "unfinished"),
    ],
)
def test_where_a_contract_stands(data: dict[str, Any], state: str, words: str) -> None:
    assert contracts.state(data, NOW) == contracts.State(state, words)


def test_a_contract_is_written_previewed_and_listed(pages: Pages) -> None:
    by = pages.made.operator
    customers.add_account(name="Gruvan AB", key="gruvan", by=by)
    client = pages.client("dora")
    answer = client.post("/t/acme/settings/new-contract/", {"key": "2026 07"})
    path = answer.headers["Location"]
    assert path == f"/t/acme/settings/contracts/{quote('2026 07')}/"
    page = client.get(path).content.decode()
    assert "keep this from being activated" in page
    sent = {
        "account": "gruvan",
        "policies": ["standard"],
        "calendar": "always",
        "valid_from": "2030-01-01T00:00",
        "do": "preview",
    }
    wrong = client.post(path, {**sent, "account": "grufvan"})
    assert wrong.headers["Location"] == f"{path}?saved=1"
    page = client.get(path).content.decode()
    assert "there is no account grufvan" in page
    assert 'value="grufvan"' in page
    answer = client.post(path, sent)
    assert "/settings/preview/contract/" in answer.headers["Location"]
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Activate for new tickets" in page
    activation.activate(kind="contract", key="2026 07", by=by)
    listed = client.get("/t/acme/settings/contracts/").content.decode()
    assert "Gruvan AB" in listed
    assert "coming" in listed


def test_a_name_is_not_taken_twice_and_is_kept_when_it_is_refused(pages: Pages) -> None:
    client = pages.client("dora")
    for key, told in (("", "is empty"), ("a/b", "no slash"), ("x" * 65, "64 letters")):
        answer = client.post("/t/acme/settings/new-contract/", {"key": key})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert told in page
        assert f'value="{key}"' in page
    client.post("/t/acme/settings/new-contract/", {"key": "one"})
    assert client.post("/t/acme/settings/new-contract/", {"key": "one"}).status_code == 422


# ------------------------------------------------------------------------------------ the matrix

PAGE = "/t/acme/settings/priorities/"


def test_the_matrix_is_written_and_activated(pages: Pages) -> None:
    client, by = pages.client("dora"), pages.made.operator
    page = client.post(PAGE, {**form(client, PAGE), "do": "add impact"}).content.decode()
    sent = fields_of(page)
    assert sent["impacts.3"] == [""]
    sent |= {"impacts.3": ["all"], "cells.3.0": ["P1"], "cells.3.1": ["P1"]}
    assert client.post(PAGE, {**sent, "do": "save"}).status_code == 302
    page = client.get(PAGE).content.decode()
    # One cell of the new row was left open.
    assert "choose one" in page
    answer = client.post(PAGE, {**fields_of(page), "cells.3.2": ["P2"], "do": "preview"})
    assert answer.headers["Location"].endswith("/preview/priorities/matrix/")
    activation.activate(kind="priorities", key="matrix", by=by)
    known = configuration.thing(kind="priorities", key="matrix", by=by)
    assert known is not None
    assert known.data["matrix"]["all"] == {"high": "P1", "medium": "P1", "low": "P2"}
    assert drafts.draft(kind="priorities", key="matrix", by=by) is None


def test_a_row_may_be_renamed_and_taken_away() -> None:
    fields = {
        "impacts": {"0": ["site"], "1": ["desk"]},
        "urgencies": {"0": ["now"]},
        "cells": {"0": {"0": ["P1"]}, "1": {"0": ["P4"]}},
    }
    data = priorities.read(fields)
    assert data["matrix"] == {"site": {"now": "P1"}, "desk": {"now": "P4"}}
    assert priorities.edited("remove impact 0", data)["impacts"] == ["desk"]
    assert priorities.edited("remove nothing 0", data) == data


def test_differences_are_told_in_words() -> None:
    was = {"clocks": [{"clock": "resolution", "targets": {"P1": "4h"}}], "rank": 1}
    now = {
        "clocks": [
            {
                "clock": "resolution",
                "targets": {"P1": {"business_days": 2, "at": "close"}},
                "alerts": [{"before": "1h", "notify": ["lead"]}],
                "on_reopen": "restart",
            }
        ],
        "rank": 2,
        "when": {"plan": "gold"},
    }
    told = {line.field: (line.was, line.now) for line in described.compared("policy", was, now)}
    assert told == {
        "For which tickets": ("every ticket", "plan is gold"),
        "Order": ("1", "2"),
        "Resolution › P1": ("4h", "2 business days at close"),
        "Resolution › Alerts": ("", "1h before the due → Team lead"),
        "Resolution › When the ticket is reopened": ("", "Start again"),
    }
