"""A promise breaks before somebody's eyes, and the desk does what it said it would."""

import datetime as dt

from playwright.sync_api import expect
from tests.browser.conftest import Visits
from tests.browser.firm import PROMISED, Firm
from tests.browser.place import Place
from tests.browser.watching import card, is_marked, mark, note_looks, noted_looks

from tocsin.actions import tickets

# So much of the promise is left when the ticket comes; below ten seconds that is at risk.
LEFT = dt.timedelta(seconds=9)


def test_a_breach_happens_by_itself_and_escalates_without_a_reload(
    desk: Firm, visit: Visits, place: Place
) -> None:
    page = visit(desk, "lea", "board/arenden/")
    mark(page)
    bell = page.locator("#bell .count")
    expect(bell).to_be_hidden()
    # While the pulse stands still the browser has nobody to ask.
    with place.frozen("pulse"):
        id_ = desk.open("Vattnet stiger", type="drama", ago=PROMISED - LEFT)
        due = desk.card(id_).due_at
        assert due is not None
        shown = card(page, id_)
        pill = shown.locator("[data-clock]").first
        expect(shown).to_have_attribute("data-look", "at risk")
        note_looks(pill)
        left = pill.locator(".pill-left")
        expect(left).not_to_have_text(left.inner_text())
        expect(shown).to_have_attribute("data-look", "breached", timeout=15_000)
        looks = noted_looks(page)
        assert [look for look, _ in looks] == ["at risk", "imminent", "breached"]
        assert 0 <= looks[-1][1] / 1000 - due.timestamp() < 1.5
        expect(left).to_contain_text("over")
        expect(pill.locator(".look")).to_have_text("breached")
        expect(shown.locator(".level")).to_have_count(0)
    expect(shown.locator(".level")).to_have_text("L2", timeout=15_000)
    expect(bell).to_be_visible()
    expect(page.locator("#bell")).to_have_attribute(
        "aria-label", f"Notifications, {bell.inner_text()}"
    )
    assert desk.card(id_).team == "Beta"
    assert is_marked(page)


def test_an_answer_in_time_ends_the_drama(desk: Firm, visit: Visits) -> None:
    id_ = desk.open("Vattnet stiger", type="drama")
    page = visit(desk, "lea", "board/arenden/")
    first = card(page, id_).locator("[data-clock]", has_text="First response")
    expect(first).to_have_attribute("data-look", "on track")
    tickets.reply(ticket_id=id_, body="Vi är på väg", by=desk.ann)
    short = card(page, id_).locator("[data-clock]", has_text="FR")
    expect(short).to_have_attribute("data-look", "met")


def test_a_wrong_clock_in_the_computer_changes_nothing(desk: Firm, visit: Visits) -> None:
    id_ = desk.open(ago=dt.timedelta(minutes=50))
    context = visit.context(timezone_id="Pacific/Auckland")
    context.clock.install(time=dt.datetime(2031, 5, 5, 5, 5))
    visit.sign_in(context, desk, "ann")
    page = context.new_page()
    page.goto(f"/t/{desk.key}/board/arenden/")
    pill = card(page, id_).locator("[data-clock]").first
    expect(pill).to_have_attribute("data-look", "at risk")
    wrote = pill.locator(".pill-left").inner_text()
    context.clock.run_for(2000)
    expect(pill.locator(".pill-left")).not_to_have_text(wrote)
    assert pill.locator(".pill-left").inner_text().startswith(("9:", "10:"))
