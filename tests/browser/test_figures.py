"""Every number is a door: it opens the list of exactly so many tickets."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Full, Visits
from tests.browser.firm import PROMISED, Firm
from tests.browser.watching import is_marked, mark

from tocsin.actions import tickets

pytestmark = pytest.mark.long("a browser opens the list of every number")

_COUNT = re.compile(r'data-count="(\d+)"')
# Each link with a number in it, and that number; it may stand beside the link.
_HUB = """() => [
  ...[...document.querySelectorAll("a.figure.critical, a.figure.warning")].map((a) => [a, ".big"]),
  ...[...document.querySelectorAll(".signals a")].map((a) => [a, "b"]),
].map(([a, at]) => [a.getAttribute("href"), a.querySelector(at).textContent])
.concat([...document.querySelectorAll(".lanes tbody tr")].map((row) =>
  [row.querySelector("a").getAttribute("href"), row.querySelector(".num").textContent]))
.concat([...document.querySelectorAll(".steps li")].map((step) =>
  [step.querySelector("a").getAttribute("href"), step.querySelector(".n").textContent]))"""
_REPORT = """() => [
  ...[...document.querySelectorAll("a.figure")].map((a) => [a, a.querySelector(".big")]),
  ...[...document.querySelectorAll(".report td.num a")].map((a) => [a, a]),
].map(([a, n]) => [a.getAttribute("href"), n.textContent])"""


def doors(page: Page, script: str) -> list[tuple[str, int]]:
    found = page.evaluate(script)
    return [(address, int(number)) for address, number in found]


def counted(page: Page, address: str) -> int:
    answer = page.request.get(address)
    assert answer.ok, address
    found = _COUNT.search(answer.text())
    assert found is not None, address
    return int(found[1])


@pytest.mark.parametrize("query", ["", "?team=alfa"])
def test_each_number_of_the_hub_opens_as_many_tickets(
    full: Full, visit: Visits, query: str
) -> None:
    page = visit(full.firm, "lea", f"hub/{query}")
    found = doors(page, _HUB)
    assert len(found) >= 14
    assert sum(number > 0 for _, number in found) >= 6
    assert [(a, counted(page, a)) for a, _ in found] == found
    both = page.locator("a.figure", has_text="Active · Unassigned")
    number = int((both.locator(".big").inner_text()).split("·")[0])
    assert counted(page, both.get_attribute("href") or "") == number


def test_each_number_of_the_report_opens_as_many_tickets(full: Full, visit: Visits) -> None:
    for clock in ("first response", "resolution"):
        page = visit(full.firm, "lea", f"reports/compliance/?days=7&clock={clock}", live=False)
        found = doors(page, _REPORT)
        assert len(found) >= 8
        assert any(number > 0 for _, number in found)
        assert [(a, counted(page, a)) for a, _ in found] == found


def test_a_number_of_all_clocks_is_the_sum_of_those_of_each(full: Full, visit: Visits) -> None:
    """A ticket may have been decided twice, so it stands in two lists."""
    page = visit(full.firm, "lea", "reports/compliance/?days=7", live=False)
    clocks = ("first response", "next response", "resolution", "stage inkorg")
    found = doors(page, _REPORT)[:2]
    assert len(found) == 2
    for address, number in found:
        assert "clock=" not in address
        assert sum(counted(page, f"{address}&clock={clock}") for clock in clocks) == number


def test_take_the_next_one_gives_the_worst_that_nobody_has(desk: Firm, visit: Visits) -> None:
    desk.open("Kan vänta", priority="P4")
    urgent = desk.open("Brinner", priority="P1")
    page = visit(desk, "ann", "hub/")
    expect(page.locator(".next li").first).to_contain_text("Brinner")
    page.keyboard.press("n")
    expect(page).to_have_url(f"/t/{desk.key}/tickets/{desk.card(urgent).number}/")
    expect(page.locator(".t-facts")).to_contain_text("Ann Ek")
    assert desk.card(urgent).assignee == desk.people["ann"]


def test_the_figures_renew_themselves_when_a_promise_breaks(desk: Firm, visit: Visits) -> None:
    page = visit(desk, "lea", "hub/")
    mark(page)
    figure = page.locator("a.figure", has_text="Breached now")
    expect(figure.locator(".big")).to_have_text("0")
    expect(page.get_by_text("Queue looks stable")).to_be_visible()
    left = dt.timedelta(seconds=1)
    desk.open("Vattnet stiger", type="drama", ago=PROMISED - left)
    expect(figure.locator(".big")).to_have_text("1", timeout=15_000)
    expect(figure).to_have_class("figure critical")
    expect(page.locator(".next li").first).to_contain_text("Vattnet stiger")
    assert counted(page, figure.get_attribute("href") or "") == 1
    assert is_marked(page)


def test_my_queue_is_what_i_have_by_what_it_needs(desk: Firm, visit: Visits) -> None:
    late = desk.open("Försenad", ago=dt.timedelta(hours=2))
    soon, waits, done, other = (desk.open(f"Sak {k}") for k in range(4))
    for id_ in (late, soon, waits, done):
        tickets.assign(ticket_id=id_, person=desk.people["ann"], by=desk.lea)
    tickets.pause(ticket_id=waits, reason="Väntar", by=desk.ann)
    tickets.resolve(ticket_id=done, by=desk.ann)
    page = visit(desk, "ann", "queue/")
    for group, id_ in (("now", late), ("soon", soon), ("waiting", waits), ("done", done)):
        rows = page.locator(f"section[aria-labelledby=g-{group}] .row")
        expect(rows).to_have_count(1)
        expect(rows).to_have_attribute("data-id", str(id_))
    unowned = page.get_by_role("link", name="One ticket has no owner")
    assert counted(page, unowned.get_attribute("href") or "") == 1
    tickets.assign(ticket_id=other, person=desk.people["ann"], by=desk.lea)
    expect(page.locator("section[aria-labelledby=g-soon] .row")).to_have_count(2)


def test_a_list_says_what_is_asked_for_and_lets_it_be_taken_away(full: Full, visit: Visits) -> None:
    page = visit(full.firm, "ann", "tickets/?which=active&priority=P2&words=porten")
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_label("Remove P2 High").click()
    expect(page).to_have_url(re.compile("words=porten"))
    assert "P2" not in page.url
    page.get_by_label("Remove “porten”").click()
    expect(page.locator(".asked .tag")).to_have_count(0)
    count = page.locator("[data-count]").get_attribute("data-count")
    expect(page.locator(".row")).to_have_count(int(count or 0))
    page.keyboard.press("/")
    page.keyboard.type("Hissen")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("words=Hissen"))
