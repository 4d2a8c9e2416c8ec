"""My alerts: found good by axe, narrow enough, in light and dark, wrong and right."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Full, Visits
from tests.browser.test_accessible import wrong

pytestmark = pytest.mark.long("a browser through many pages")


def test_my_alerts_can_be_used_by_anybody(full: Full, visit: Visits) -> None:
    visit.forgive("status of 422")
    page = visit(full.firm, "lea", "my-alerts/")
    assert wrong(page) == []
    page.get_by_label("Address", exact=True).fill("my phone")
    page.get_by_role("button", name="Add an address").click()
    field = page.get_by_label("Address", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("my phone")
    assert wrong(page) == []
