"""The bell: it rings when something concerns one, and is quiet when that was read."""

import datetime as dt

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visits
from tests.browser.firm import PROMISED, Firm

pytestmark = pytest.mark.long("a browser through many pages")


def test_a_warning_rings_is_listed_and_is_read(desk: Firm, visit: Visits) -> None:
    page = visit(desk, "lea", "notifications/")
    bell = page.locator("#bell")
    expect(page.get_by_text("You are up to date")).to_be_visible()
    expect(bell.locator(".count")).to_be_hidden()
    # It is due to be warned of in half a second.
    warned = PROMISED / 2 - dt.timedelta(seconds=0.5)
    desk.open("Vattnet stiger", type="drama", ago=warned)
    expect(bell.locator(".count")).to_be_visible()
    line = page.locator(".bells li.unread").first
    expect(line).to_contain_text("Vattnet stiger")
    expect(line).to_contain_text("Warning for First response")
    line.get_by_role("link").click()
    expect(page.locator("#pane .ticket h2")).to_have_text("Vattnet stiger")
    page.keyboard.press("Escape")
    # What comes while one reads stays unread: up to what was shown counts.
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".bells li.unread")).to_have_count(0)
    expect(page.locator(".bells li").first).to_contain_text("Vattnet stiger")
    expect(page.locator("#bell .count")).to_be_hidden()


def test_nobody_hears_the_bell_of_somebody_else(desk: Firm, visit: Visits) -> None:
    lead = visit(desk, "lea", "queue/")
    agent = visit(desk, "bo", "queue/")
    desk.open("Vattnet stiger", type="drama", ago=PROMISED / 2)
    expect(lead.locator("#bell .count")).to_be_visible()
    expect(agent.locator("#bell .count")).to_be_hidden()
    agent.goto(f"/t/{desk.key}/notifications/")
    expect(agent.get_by_text("You are up to date")).to_be_visible()
