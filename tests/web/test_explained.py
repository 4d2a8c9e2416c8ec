"""Why a clock is due when it is, as a page and as a pane: the strip, the policies, the sentence."""

import datetime as dt
import re

import pytest
from tests.desk import Database, at, company
from tests.web.conftest import Pages, desk_of

from tocsin.actions import tickets

MONDAY = at("2026-03-02 08:00")
ADDRESS = "/t/acme/tickets/1/why/?clock=SLA/resolution%231"


@pytest.fixture
def pages(database: Database) -> Pages:
    return desk_of(company("acme", now=at("2026-01-01 00:00")), "acme")


def page_of(pages: Pages, name: str = "ann", **headers: str) -> str:
    answer = pages.client(name).get(ADDRESS, headers=headers)
    assert answer.status_code == 200
    text: str = answer.content.decode().replace("\xa0", " ")
    return text


def test_page_and_pane_show_the_policy_and_what_to_say(pages: Pages) -> None:
    ticket = pages.made.open(priority="P3", now=MONDAY)
    hour = dt.timedelta(hours=1)
    tickets.pause(ticket_id=ticket, reason="asked", by=pages.made.person("ann"), now=MONDAY + hour)
    for page in (page_of(pages), page_of(pages, **{"HX-Request": "true"})):
        chosen = re.search(r'<li class="chosen">(.*?)</li>', page, re.DOTALL)
        assert chosen
        assert "standard v1" in chosen[1]
        assert "row any other priority" in chosen[1]
        said = re.findall(r'<blockquote lang="([^"]+)" data-copied>([^<]+)', page)
        assert [language for language, _ in said] == ["en", "sv", "pt-BR"]
        assert "We promised you a solution" in said[0][1]
        assert len(re.findall(r"data-copy ", page)) == 3
        assert "Status: Waiting for customer (Ann)" in page


def test_the_language_of_the_reader_comes_first(pages: Pages) -> None:
    pages.made.open(priority="P3", now=MONDAY)
    form = {"language": "pt-BR", "zone": "UTC", "theme": "dark"}
    client = pages.client("ann")
    assert client.post("/t/acme/preferences/", form).status_code == 302
    page = client.get(ADDRESS).content.decode()
    assert re.findall(r'<blockquote lang="([^"]+)"', page) == ["pt-BR", "en", "sv"]


def test_a_promise_among_ourselves_has_nothing_to_say(pages: Pages) -> None:
    pages.made.open(now=MONDAY)
    page = pages.client("ann").get("/t/acme/tickets/1/why/?clock=OLA/stage%20triage%231")
    assert "This is a promise among ourselves" in page.content.decode()


def test_a_script_is_given_the_same_as_programs(pages: Pages) -> None:
    pages.made.open(now=MONDAY)
    client = pages.client("ann")
    told = client.get(f"{ADDRESS}&as=json").json()
    (same,) = client.get("/t/acme/api/v1/tickets/1/clocks?clock=resolution").json()["clocks"]
    # They were asked at two instants.
    for name in ("versions", "candidates", "due", "started_at", "breaches"):
        assert told[name] == same[name], name


def test_without_a_clock_there_is_nothing_to_explain(pages: Pages) -> None:
    pages.made.open(now=MONDAY)
    for asked in ("", "?clock=", "?clock=SLA/nothing%231"):
        assert pages.client("ann").get(f"/t/acme/tickets/1/why/{asked}").status_code == 404
