"""The live process dies and comes back: the page says so, goes on, and misses nothing."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visits
from tests.browser.firm import Firm
from tests.browser.place import Place
from tests.browser.watching import card, in_stage, is_marked, mark

from tocsin.actions import tickets

pytestmark = pytest.mark.long("parts that a browser waits for are killed")


def test_missed_changes_arrive_when_the_stream_is_back(
    desk: Firm, visit: Visits, place: Place
) -> None:
    visit.forgive("Failed to load resource: net::|ERR_INCOMPLETE_CHUNKED")
    ids = [desk.open(f"Sak {k}") for k in range(3)]
    page = visit(desk, "lea", "board/arenden/")
    mark(page)
    live = page.locator("#live")
    place.kill("live")
    expect(live).to_have_attribute("data-s", "wait")
    expect(live).to_have_text("Reconnecting…")
    tickets.move(ticket_id=ids[0], to="arbete", by=desk.bo)
    tickets.move(ticket_id=ids[0], to="klart", by=desk.bo)
    tickets.set_priority(ticket_id=ids[1], to="P1", by=desk.bo)
    tickets.reply(ticket_id=ids[2], body="Nu", by=desk.bo)
    opened = desk.open("Sak 4")
    # Clocks go on by themselves.
    pill = card(page, ids[1]).locator(".pill-left").first
    expect(pill).not_to_have_text(pill.inner_text())
    expect(in_stage(page, ids[0], "inkorg")).to_be_visible()
    place.begin("live")
    expect(live).to_have_attribute("data-s", "on", timeout=15_000)
    expect(live).to_have_text("Live")
    expect(in_stage(page, ids[0], "klart")).to_be_visible()
    expect(card(page, ids[1]).locator(".prio")).to_have_text("P1")
    expect(in_stage(page, ids[2], "arbete")).to_be_visible()
    expect(in_stage(page, opened, "inkorg")).to_be_visible()
    assert is_marked(page)
