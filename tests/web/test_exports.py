"""Exports as pages and files: what leaves is on record, and no cell of it is run."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import Database
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import security
from tocsin.queries.security import Rules
from tocsin.web import sheets

_SIGNS = "=+-@\uff0b\uff0d\uff1d\uff20"
_TEXT = st.text(st.sampled_from([*_SIGNS, *"\t\r\n,;|\"' ab1", "\u00a0"]), max_size=12)


@pytest.mark.promise("A46")
@pytest.mark.asvs("1.2.10")
@given(st.lists(st.lists(_TEXT, min_size=1, max_size=3), min_size=1, max_size=3))
def test_no_reader_of_a_file_finds_a_formula_in_it(table: list[list[str]]) -> None:
    text = sheets.lines(table)
    # As we wrote it, and as somebody reads it who takes other signs for the ends of cells.
    for line in csv.reader(io.StringIO(text, newline="")):
        assert not any(_runs(cell) for cell in line), line
    for cell in re.split(r"[,;|\t\r\n\"]", text):
        assert not _runs(cell), text


def _runs(cell: str) -> bool:
    return cell.lstrip(" \u00a0").startswith(tuple(_SIGNS)) or cell.startswith(("\t", "\r"))


@pytest.mark.promise("A46")
@given(st.one_of(st.integers(), st.floats(allow_nan=False), _TEXT))
def test_numbers_stay_numbers_and_twice_is_as_good_as_once(value: object) -> None:
    once = sheets.safe(value)
    assert sheets.safe(once) == once
    if not isinstance(value, str):
        assert once is value
    else:
        assert str(once).replace("'", "") == value.replace("'", "")


@pytest.mark.promise("P35", "A53")
def test_a_file_goes_out_once_somebody_else_has_agreed(pages: Pages, database: Database) -> None:
    lea, mia, ann = pages.client("lea"), pages.client("mia"), pages.client("ann")
    file = f"{pages.prefix}/reports/punctuality.csv?days=7"
    # Looking is not taking: a link that somebody is led to takes nothing along.
    assert lea.get(file).status_code == 405
    assert lea.post(file).status_code == 200
    assert database.rows("SELECT what, rows, approved FROM export") == [("punctuality", 7, None)]
    assert ann.post(file).status_code == 404
    security.set_rules(rules=Rules(export_approval=True), by=pages.made.operator)
    answer = lea.post(file)
    assert answer.status_code == 302
    asks = answer.headers["Location"]
    assert asks == f"{pages.prefix}/reports/exports/ask/?what=punctuality&query=days%3D7"
    assert "A second person has to agree" in lea.get(asks).content.decode()
    form = {"what": "punctuality", "query": "days=7", "reason": ""}
    empty = lea.post(f"{pages.prefix}/reports/exports/ask/", form)
    assert empty.status_code == 422
    assert "The reason is empty." in empty.content.decode()
    form["reason"] = "For <the> board"
    assert lea.post(f"{pages.prefix}/reports/exports/ask/", form).status_code == 302
    id_ = database.one("SELECT max(id) FROM export")
    own = lea.get(f"{pages.prefix}/reports/exports/").content.decode()
    assert "waits for somebody to agree" in own
    assert "/agree/" not in own
    bell = mia.get(f"{pages.prefix}/notifications/").content.decode()
    assert "Lea asks you to agree to an export" in bell
    waiting = mia.get(f"{pages.prefix}/reports/exports/").content.decode()
    assert "For &lt;the&gt; board" in waiting
    here = f"{pages.prefix}/reports/exports/{id_}"
    assert lea.post(f"{here}/take/").status_code == 404
    assert lea.post(f"{here}/agree/").status_code == 404
    assert mia.post(f"{here}/agree/").status_code == 302
    assert mia.post(f"{here}/take/").status_code == 404
    sent = lea.post(f"{here}/take/")
    assert sent.status_code == 200
    lines = list(csv.DictReader(io.StringIO(sent.getvalue().decode("utf-8-sig"))))
    assert len(lines) == 7
    assert lea.post(f"{here}/take/").status_code == 422
    assert database.one("SELECT rows FROM export WHERE id = %s", id_) == 7
    assert "Mia has agreed to your export" in (
        lea.get(f"{pages.prefix}/notifications/").content.decode()
    )


@pytest.mark.promise("P35", "A53")
@pytest.mark.asvs("2.4.1")
def test_whoever_opens_too_many_tickets_is_told_and_proves_who_they_are(pages: Pages) -> None:
    for _ in range(12):
        pages.made.open()
    security.set_rules(rules=Rules(read_budget=10), by=pages.made.operator)
    client = pages.client("ann")
    for number in range(1, 11):
        assert client.get(f"{pages.prefix}/tickets/{number}/").status_code == 200
    # The page, why a clock is due, and what a script fetches: one budget, one answer.
    bodies = set()
    for number in (11, 999):
        page = client.get(f"{pages.prefix}/tickets/{number}/")
        assert page.status_code == 429
        bodies.add(page.content.decode().replace(f"tickets%2F{number}%2F", ""))
        why = client.get(f"{pages.prefix}/tickets/{number}/why/?clock=SLA/resolution%231")
        assert why.status_code == 429
        assert client.get(f"{pages.prefix}/tickets/{number}/more/").status_code == 429
        pane = client.get(f"{pages.prefix}/tickets/{number}/", headers={"HX-Request": "true"})
        assert pane.status_code == 429
        assert "<html" not in pane.content.decode()
    assert len(bodies) == 1
    body = bodies.pop()
    assert "You have opened 10 tickets within an hour" in body
    assert client.get(f"{pages.prefix}/tickets/1/").status_code == 200
    # She has signed in before that, which proves nothing now.
    on = f"{pages.prefix}/read-on/?next={pages.prefix}/tickets/11/"
    for answer in (client.get(on), client.post(on)):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(f"{pages.prefix}/prove/?next=")
    assert client.get(f"{pages.prefix}/tickets/11/").status_code == 429
    proof = client.post(f"{pages.prefix}/prove/", {"password": PASSWORD, "next": on})
    assert proof.headers["Location"] == on
    assert "Read on" in client.get(on).content.decode()
    answer = client.post(on)
    assert answer.headers["Location"] == f"{pages.prefix}/tickets/11/"
    assert client.get(f"{pages.prefix}/tickets/11/").status_code == 200
    away = client.post(f"{pages.prefix}/read-on/?next=https://evil.example/")
    assert away.headers["Location"] == f"{pages.prefix}/hub/"
    bell = pages.client("lea").get(f"{pages.prefix}/notifications/").content.decode()
    assert bell.count("Ann has opened as many tickets within an hour as one may") == 1
