"""Without JavaScript everything can be read, and a ticket can be worked on."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Full, Visits
from tests.browser.firm import Firm

from tocsin.actions import tickets

pytestmark = pytest.mark.long("a browser through many pages")


@pytest.fixture
def page(visit: Visits, full: Full) -> Page:
    context = visit.context(java_script_enabled=False)
    visit.sign_in(context, full.firm, "lea")
    return context.new_page()


def test_the_board_is_readable_with_what_is_left_and_when_it_is_due(full: Full, page: Page) -> None:
    page.goto(f"/t/{full.firm.key}/board/arenden/")
    expect(page.locator(".card")).to_have_count(len(full.looks))
    pill = page.locator('.card[data-look="at risk"] [data-clock]').first
    expect(pill).to_have_attribute("title", re.compile(r"^First response: due .*New_York$"))
    expect(pill.locator(".pill-left")).to_have_text(re.compile(r"^\d+:\d\d left$"))
    expect(page.locator("#live")).to_have_text("Not live")
    page.locator('.card[data-look="at risk"] h3 a').click()
    expect(page.get_by_role("heading", name="Rutan är sprucken")).to_be_visible()
    expect(page.locator(".t-clock .due").first).to_contain_text("due ")


@pytest.mark.parametrize("path", ["hub/", "queue/", "tickets/", "reports/compliance/"])
def test_pages_are_readable_and_lead_on(full: Full, page: Page, path: str) -> None:
    page.goto(f"/t/{full.firm.key}/{path}")
    before = page.url
    page.locator("main a[href]").first.click()
    expect(page).not_to_have_url(before)
    expect(page.locator("main h2").first).to_be_visible()


def test_a_why_is_a_page(full: Full, page: Page) -> None:
    number = full.firm.card(full.looks["breached"]).number
    page.goto(f"/t/{full.firm.key}/tickets/{number}/")
    page.locator(".t-clock summary").first.click()
    page.get_by_role("link", name="Why is it due then?").first.click()
    expect(page.locator(".says")).to_contain_text("It was due")


def test_a_ticket_is_worked_on_by_plain_forms(desk: Firm, visit: Visits) -> None:
    id_ = desk.open("Porten står öppen")
    context = visit.context(java_script_enabled=False)
    visit.sign_in(context, desk, "ann")
    page = context.new_page()
    page.goto(f"/t/{desk.key}/tickets/{desk.card(id_).number}/")
    page.get_by_label("Text").fill("Vi kommer")
    page.get_by_role("button", name=re.compile("^Send Ctrl")).click()
    expect(page.locator(".said.ours .body")).to_have_text("Vi kommer")
    page.locator("summary", has_text="Assign").click()
    page.get_by_role("button", name="Assign to me").click()
    expect(page.locator(".t-facts")).to_contain_text("Ann Ek")
    page.locator("summary", has_text="Move").click()
    page.get_by_role("button", name="Klart").click()
    expect(page.locator(".t-line .tag").first).to_have_text("Resolved")
    assert desk.card(id_).stage == "klart"


def test_a_stale_form_says_who_was_faster_and_keeps_the_words(desk: Firm, visit: Visits) -> None:
    visit.forgive("status of 409")
    id_ = desk.open("Porten står öppen")
    context = visit.context(java_script_enabled=False)
    visit.sign_in(context, desk, "ann")
    page = context.new_page()
    page.goto(f"/t/{desk.key}/tickets/{desk.card(id_).number}/")
    tickets.note(ticket_id=id_, body="Jag tar den", by=desk.bo)
    page.get_by_label("Text").fill("Vi kommer")
    page.get_by_role("button", name=re.compile("^Send Ctrl")).click()
    expect(page.get_by_role("heading", name="Somebody was faster")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Text")).to_have_value("Vi kommer")
