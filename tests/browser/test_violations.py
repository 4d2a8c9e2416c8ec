"""The register of violations before real eyes: filtered, seen to, taken along, looked at by axe."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser import pages
from tests.browser.conftest import Visits
from tests.browser.firm import Firm, hours
from tests.browser.test_accessible import wrong

from tocsin.actions import ledger, tickets

pytestmark = pytest.mark.long("a browser through many pages")

PLACE = "reports/violations/"


@pytest.fixture
def late(desk: Firm) -> Firm:
    """Give a company that has missed promises of two teams, and has paused one."""
    for subject, team in (("Hissen stannade", "Alfa"), ("Porten hänger sig", "Beta")):
        id_ = desk.open(subject, team=team, ago=hours(2.5))
        with ledger.change(id_, by=desk.by):
            pass
    waits = desk.open("Lampan flimrar", ago=hours(0.5))
    tickets.pause(ticket_id=waits, reason="Väntar på svar", by=desk.ann)
    return desk


def rows(page: Page) -> int:
    return page.locator('tr[id^="v-"]').count()


def test_filtering_seeing_to_it_and_taking_it_along(
    late: Firm, visit: Visits, tmp_path: Path
) -> None:
    page = visit(late, "lea", "reports/compliance/", live=False)
    page.get_by_role("link", name="Violations").click()
    expect(page).to_have_url(re.compile(PLACE))
    assert rows(page) == 2
    page.get_by_label("Team then").select_option("alfa")
    page.get_by_label("Clock").select_option("first response")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="One violation")).to_be_visible()
    assert rows(page) == 1
    line = page.locator('tr[id^="v-"]')
    expect(line).to_contain_text("Hissen stannade")
    line.locator("summary").press("Enter")
    line.get_by_label("Note").fill("=Ingen var här")
    line.get_by_role("button", name="Acknowledge").click()
    expect(line).to_contain_text("Lea Ek")
    expect(line).to_contain_text("“=Ingen var här”")
    # Still what was asked for.
    expect(page.get_by_label("Team then")).to_have_value("alfa")
    with page.expect_download() as found:
        page.get_by_role("button", name="CSV").click()
    found.value.save_as(tmp_path / "violations.csv")
    text = (tmp_path / "violations.csv").read_text("utf-8-sig")
    told = list(csv.DictReader(io.StringIO(text)))
    assert [(one["subject"], one["note"]) for one in told] == [
        ("Hissen stannade", "'=Ingen var här")
    ]
    line.get_by_role("link", name="Why?").click()
    expect(page.locator(".strip")).to_be_visible()


@pytest.mark.parametrize("path", [PLACE, "reports/restatements/", "reports/pauses/"])
def test_axe_finds_nothing_and_it_fits_a_telephone(late: Firm, visit: Visits, path: str) -> None:
    page = visit(late, "lea", path, live=False)
    for one in page.locator("main details").all():
        one.evaluate("(details) => { details.open = true; }")
    assert wrong(page) == []
    page.set_viewport_size({"width": 320, "height": 740})
    assert pages.too_wide(page) == ""


def test_without_scripts_it_is_read_filtered_and_seen_to(late: Firm, visit: Visits) -> None:
    page = visit(late, "lea", PLACE, live=False, java_script_enabled=False)
    page.get_by_label("Clock").select_option("first response")
    page.get_by_role("button", name="Show", exact=True).click()
    assert rows(page) == 2
    page.locator('tr[id^="v-"] summary').first.click()
    page.locator('tr[id^="v-"]').first.get_by_role("button", name="Acknowledge").click()
    expect(page.locator('tr[id^="v-"]').first).to_contain_text("Lea Ek")
