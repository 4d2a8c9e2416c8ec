"""Who signs out leaves nothing behind in the browser."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visits
from tests.browser.firm import Firm

pytestmark = pytest.mark.long("a browser signs out of many pages")


@pytest.mark.promise("P34")
@pytest.mark.asvs("7.4.1", "14.3.1")
def test_after_signing_out_there_is_neither_a_draft_nor_a_page_to_go_back_to(
    desk: Firm, visit: Visits
) -> None:
    number = desk.card(desk.open("Porten")).number
    page = visit(desk, "ann", f"tickets/{number}/")
    page.locator("form[data-words] textarea").first.fill("a draft of what was never sent")
    assert "never sent" in page.evaluate("Object.values(sessionStorage).join()")
    page.get_by_label("Ann Ek: preferences").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    kept = "[...Object.values(sessionStorage), ...Object.values(localStorage)].join()"
    assert "never sent" not in page.evaluate(kept)
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Porten" not in page.content()
