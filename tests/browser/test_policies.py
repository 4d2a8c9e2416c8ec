"""A policy is written by keyboard, previewed and activated; also without scripts, and on phones."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser import pages
from tests.browser.conftest import Visits
from tests.browser.firm import Firm

from tocsin.queries import configuration, drafts

pytestmark = pytest.mark.long("a browser through many pages")

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """Return what axe finds in light and in dark, and whether anything is too wide."""
    run = {"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]}
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        told = Axe().run(page, options=run).response["violations"]
        found += [f"{scheme} {one['id']}: {n['html'][:160]}" for one in told for n in one["nodes"]]
    wide = pages.too_wide(page)
    return [*found, wide] if wide else found


def test_a_policy_is_built_by_keyboard_previewed_and_activated(desk: Firm, visit: Visits) -> None:
    desk.open("Kvarnen brinner", priority="P1")
    desk.open("Kvarnen brummar", priority="P4")
    page = visit(desk, "dora", "settings/new-policy/")
    page.get_by_label("Name").focus()
    page.keyboard.type("brand")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="brand")).to_be_visible()
    page.get_by_role("button", name="Add condition").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Field")
    # What was added has the focus.
    expect(field).to_be_focused()
    field.select_option("priority")
    box = page.get_by_role("checkbox", name="Critical")
    expect(box).to_be_visible()
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("#matching .big-count")).to_contain_text("1 of 2 open tickets match")
    expect(page.locator("#matching")).to_contain_text("Kvarnen brinner")
    page.get_by_label("Resolution, P1").fill("45m")
    page.get_by_label("Order", exact=True).fill("0")
    assert violations(page) == []
    page.get_by_role("button", name="Save and preview").press("Enter")
    expect(page.get_by_role("heading", name="Preview of brand")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Future time only")).press("Enter")
    expect(page.locator(".moved")).to_contain_text("Resolution")
    assert violations(page) == []
    page.get_by_role("button", name="Activate for future time").press("Enter")
    expect(page.get_by_role("heading", name="brand is in force, version 1")).to_be_visible()
    known = configuration.thing(kind="policy", key="brand", by=desk.by)
    assert known is not None
    assert known.data["when"] == {"priority": "P1"}
    assert known.data["clocks"][1]["targets"]["P1"] == "45m"


def test_without_scripts_the_same_buttons_send_the_form(desk: Firm, visit: Visits) -> None:
    context = visit.context(java_script_enabled=False)
    visit.sign_in(context, desk, "dora")
    page = context.new_page()
    page.goto(f"/t/{desk.key}/settings/policies/grund/")
    page.get_by_role("button", name="Add condition").click()
    page.get_by_label("Field").select_option("impact")
    page.get_by_role("button", name="Update the page").click()
    page.get_by_label("Values").fill("high, low")
    page.locator("#clock-0 summary").first.click()
    page.locator("#clock-0").get_by_role("button", name="Add alert").click()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Alerts")
    found = drafts.draft(kind="policy", key="grund", by=desk.by)
    assert found is not None
    assert found.data["when"] == {"impact": ["high", "low"]}
    assert len(found.data["clocks"][0]["alerts"]) == 2


def test_stages_are_put_in_order_by_buttons_and_by_dragging(desk: Firm, visit: Visits) -> None:
    page = visit(
        desk, "dora", "settings/pipelines/arenden/", viewport={"width": 1280, "height": 1400}
    )
    names = page.locator(".stage-form > header h2")
    page.get_by_role("button", name="Move Arbete down").press("Enter")
    expect(names.nth(1)).to_contain_text("Vila")
    # The button went along, so that one may go on.
    expect(page.get_by_role("button", name="Move Arbete down")).to_be_focused()
    page.locator("#stage-2 [data-grip]").drag_to(page.locator("#stage-1 header h2"))
    expect(names.nth(1)).to_contain_text("Arbete")
    assert violations(page) == []


def test_setup_pages_fit_a_narrow_screen(desk: Firm, visit: Visits) -> None:
    page = visit(desk, "dora", "hub/", viewport={"width": 320, "height": 640})
    for path in ("policies/grund", "pipelines/arenden", "priorities", "contracts", "drafts"):
        page.goto(f"/t/{desk.key}/settings/{path}/")
        page.evaluate("document.querySelectorAll('main details').forEach((d) => d.open = true)")
        assert violations(page) == [], path
