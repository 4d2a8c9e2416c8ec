"""What is seldom done to a ticket: each form does its deed, or says what was wrong and keeps it."""

import html
import re

import pytest
from tests.web.conftest import Pages

from tocsin.actions import tickets
from tocsin.engine.event import Side
from tocsin.queries import access, cards
from tocsin.queries.access import Actor


def number(pages: Pages, ticket: int) -> int:
    by = pages.made.person("ann")
    return cards.cards(by=by, ids=[ticket])[0].number


def status(pages: Pages, ticket: int) -> str:
    return cards.cards(by=pages.made.person("ann"), ids=[ticket])[0].status


def customer(pages: Pages) -> Actor:
    rights = access.RIGHTS["operator"]
    return Actor(pages.made.tenant, "customer", rights, Side.CUSTOMER)


def said(answer: object) -> str:
    return html.unescape(answer.content.decode())  # type: ignore[attr-defined]


def test_a_ticket_is_merged_and_its_page_says_into_which(pages: Pages) -> None:
    kept, gone = pages.made.open(subject="Kept"), pages.made.open(subject="Gone")
    ann = pages.client("ann")
    way = f"{pages.prefix}/tickets/{number(pages, gone)}/more/"
    assert "Merge into another ticket" in said(ann.get(way))
    answer = ann.post(f"{way}merge/", {"into": f"#{number(pages, kept)}"})
    assert answer["Location"] == f"{pages.prefix}/tickets/{number(pages, kept)}/"
    assert status(pages, gone) == "merged"
    page = said(ann.get(f"{pages.prefix}/tickets/{number(pages, gone)}/"))
    assert f"Merged into #{number(pages, kept)}" in page
    assert f"Took over #{number(pages, gone)}" in said(ann.get(answer["Location"]))


@pytest.mark.parametrize(
    ("deed", "form", "told"),
    [
        ("merge", {"into": "999"}, "is no ticket's number"),
        ("merge", {"into": "x"}, "is no ticket's number"),
        ("split", {"message": "", "subject": "S"}, "is not chosen"),
        ("promise", {"at": "tomorrow"}, "is not a date and a time"),
        ("promise", {"at": "2001-01-01T10:00"}, "is past"),
        ("called", {"reason": "Reached"}, "Nobody is waiting to be called"),
        ("restore", {}, "The ticket is no spam"),
    ],
)
def test_what_is_refused_is_told_at_its_form_and_kept(
    pages: Pages, deed: str, form: dict[str, str], told: str
) -> None:
    ticket = pages.made.open(subject="One")
    way = f"{pages.prefix}/tickets/{number(pages, ticket)}/more/{deed}/"
    answer = pages.client("ann").post(way, form)
    assert answer.status_code == 422
    page = said(answer)
    if deed != "restore":
        assert told in page
        for value in form.values():
            assert value in page


def test_spam_goes_and_comes_back(pages: Pages) -> None:
    ticket = pages.made.open(subject="One")
    way = f"{pages.prefix}/tickets/{number(pages, ticket)}/more/"
    ann = pages.client("ann")
    ann.post(f"{way}spam/")
    assert status(pages, ticket) == "spam"
    assert "It is no spam" in said(ann.get(way))
    ann.post(f"{way}restore/")
    assert status(pages, ticket) == "new"
    page = said(ann.get(f"{pages.prefix}/tickets/{number(pages, ticket)}/"))
    assert "Taken for spam" in page
    assert "Restored" in page


def test_a_message_becomes_a_ticket_and_a_resolved_one_is_followed(pages: Pages) -> None:
    ticket = pages.made.open(subject="One")
    tickets.reply(ticket_id=ticket, body="And the printer smokes", by=customer(pages))
    way = f"{pages.prefix}/tickets/{number(pages, ticket)}/more/"
    ann = pages.client("ann")
    found = re.search(r'<option value="(\d+)"[^>]*>[^<]*printer smokes', said(ann.get(way)))
    assert found is not None
    answer = ann.post(f"{way}split/", {"message": found[1], "subject": "Printer"})
    assert "And the printer smokes" in said(ann.get(answer["Location"]))
    assert "Printer" in said(ann.get(answer["Location"]))
    tickets.resolve(ticket_id=ticket, by=pages.made.person("ann"))
    answer = ann.post(f"{way}follow/", {"body": "It is back"})
    assert answer["Location"] != f"{pages.prefix}/tickets/{number(pages, ticket)}/"
    assert "It is back" in said(ann.get(answer["Location"]))


def test_only_leads_see_and_send_the_form_that_overrides(pages: Pages) -> None:
    ticket = pages.made.open(subject="One")
    way = f"{pages.prefix}/tickets/{number(pages, ticket)}/more/"
    form = {"clock": "SLA/first response#1", "do": "stop", "reason": "Agreed by phone"}
    ann, mia = pages.client("ann"), pages.client("mia")
    assert "Override a clock" not in said(ann.get(way))
    assert ann.post(f"{way}override/", form).status_code in (404, 422)
    assert "Override a clock" in said(mia.get(way))
    missing = mia.post(f"{way}override/", form | {"reason": ""})
    assert missing.status_code == 422
    mia.post(f"{way}override/", form)
    page = said(mia.get(f"{pages.prefix}/tickets/{number(pages, ticket)}/"))
    assert "First response was stopped by hand: Agreed by phone" in page
