"""A page that is left alone: what it asks by itself says so, and keeps nobody signed in."""

import pytest
from playwright.sync_api import Request, expect
from tests.browser.conftest import Visits
from tests.browser.firm import Firm
from tests.browser.watching import card

from tocsin.actions import tickets

pytestmark = pytest.mark.long("a browser is left alone")


@pytest.mark.promise("P34")
def test_what_a_page_asks_by_itself_is_marked_and_a_click_is_not(desk: Firm, visit: Visits) -> None:
    id_ = desk.open("Sak 1")
    page = visit(desk, "ann", "board/arenden/")
    asked: list[tuple[str, bool]] = []

    def heard(request: Request) -> None:
        if request.resource_type in ("fetch", "xhr"):
            asked.append((request.url, "x-automatic" in request.headers))

    page.on("request", heard)
    tickets.set_priority(ticket_id=id_, to="P1", by=desk.bo)
    expect(card(page, id_).locator(".prio")).to_have_text("P1")
    assert asked
    assert all(automatic for _, automatic in asked), asked
    asked.clear()
    card(page, id_).locator("h3 a").click()
    expect(page.locator("#pane .ticket")).to_be_visible()
    assert ("tickets/" in asked[0][0], asked[0][1]) == (True, False), asked
    asked.clear()
    # The open ticket is fetched anew, and so is its card.
    tickets.note(ticket_id=id_, body="Jag tittar", by=desk.bo)
    expect(page.get_by_text("Jag tittar")).to_be_visible()
    assert asked
    assert all(automatic for _, automatic in asked), asked
    # Loaded again by itself the page says it by a cookie, which is gone soon after.
    sent: list[Request] = []
    page.on("request", lambda one: sent.append(one))  # noqa: PLW0108  # it marks the function
    with page.expect_navigation():
        page.evaluate("async () => (await import('/static/tocsin/js/page.js')).reload()")
    [loaded] = [one for one in sent if one.is_navigation_request()]
    assert "tocsin_automatic=1" in loaded.all_headers().get("cookie", "")
    page.wait_for_function("() => !document.cookie.includes('tocsin_automatic')")
