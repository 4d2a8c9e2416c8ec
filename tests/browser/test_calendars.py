"""The calendar page in a browser: painted by mouse and by keyboard, reckoned while one types."""

from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect
from tests.browser.conftest import Visits
from tests.browser.firm import Firm
from tests.browser.test_accessible import wrong

from tocsin.actions import drafts as acts
from tocsin.kit import holiday_dates
from tocsin.queries import drafts

pytestmark = pytest.mark.long("a browser through many pages")

WEEK = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
EDIT = "settings/calendars/kontor/"


def keep(desk: Firm, **more: Any) -> None:
    days = holiday_dates.dates(
        "SE", subdivision=None, categories=["public", "de_facto"], years=range(2026, 2028)
    )
    named = {str(day): name for day, name in days.items()}
    a_set = {"country": "SE", "categories": ["public", "de_facto"], "days": named}
    data = {"zone": "Europe/Stockholm", "week": WEEK, "holidays": [a_set], **more}
    acts.save(kind="calendar", key="kontor", data=data, by=desk.by)


def kept(desk: Firm, key: str = "kontor") -> Any:
    found = drafts.draft(kind="calendar", key=key, by=desk.by)
    assert found is not None
    return found.data


def cell(page: Page, day: int, hour: float) -> Locator:
    return page.locator(f'[data-at="{day} {int(hour * 2)}"]')


def save(page: Page) -> None:
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".notice")).to_contain_text("The draft is kept.")


@pytest.fixture
def page(desk: Firm, visit: Visits) -> Page:
    keep(desk)
    page = visit(desk, "dora", EDIT, viewport={"width": 1400, "height": 1000})
    expect(page.get_by_role("grid")).to_be_visible()
    return page


def drag(page: Page, start: Locator, end: Locator) -> None:
    start.scroll_into_view_if_needed()
    start.hover()
    page.mouse.down()
    box = end.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()


def test_the_week_is_painted_with_a_mouse_and_taken_back(desk: Firm, page: Page) -> None:
    texts = page.locator("[data-day]")
    drag(page, cell(page, 5, 9), cell(page, 6, 11.5))
    expect(texts.nth(5)).to_have_value("09:00-12:00")
    expect(texts.nth(6)).to_have_value("09:00-12:00")
    expect(page.locator("#said")).to_have_text("Saturday: 09:00-12:00")
    # What is open is closed by painting over it; between two spans it joins them.
    drag(page, cell(page, 0, 8), cell(page, 0, 9.5))
    expect(texts.nth(0)).to_have_value("10:00-12:00, 13:00-17:00")
    cell(page, 0, 12).click()
    cell(page, 0, 12.5).click()
    expect(texts.nth(0)).to_have_value("10:00-17:00")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(texts.nth(0)).to_have_value("08:00-12:00, 13:00-17:00")
    # What it does to the weeks ahead follows.
    expect(page.locator(".fortnight")).to_contain_text("09:00–12:00")
    save(page)
    assert kept(desk)["week"]["sun"] == ["09:00-12:00"]


def test_the_week_is_painted_with_the_keyboard_alone(desk: Firm, page: Page) -> None:
    texts = page.locator("[data-day]")
    cell(page, 0, 9).focus()
    press = page.keyboard.press
    for _ in range(5):
        press("ArrowDown")
    press("Space")
    expect(texts.nth(5)).to_have_value("09:00-09:30")
    for _ in range(5):
        press("Shift+ArrowRight")
    press("Shift+ArrowDown")
    expect(texts.nth(5)).to_have_value("09:00-12:00")
    expect(texts.nth(6)).to_have_value("09:00-12:00")
    press("Shift+ArrowUp")
    expect(texts.nth(6)).to_have_value("")
    expect(cell(page, 5, 11.5)).to_have_attribute("aria-selected", "true")
    expect(cell(page, 5, 11.5)).to_be_focused()
    # Enter leads to the text of the day, where a quarter of an hour can be typed.
    press("Enter")
    expect(texts.nth(5)).to_be_focused()
    page.keyboard.type("22-30:15")
    expect(cell(page, 6, 6)).to_have_attribute("aria-selected", "true")
    cell(page, 6, 5).focus()
    press("Space")
    expect(texts.nth(5)).to_have_value("22:00-29:00, 29:30-30:15")
    press("Control+z")
    expect(texts.nth(5)).to_have_value("22-30:15")
    save(page)
    assert kept(desk)["week"]["sat"] == ["22:00-30:15"]


def test_a_wrong_span_is_told_while_typing_and_kept_when_saved(desk: Firm, page: Page) -> None:
    tuesday = page.locator("[data-day]").nth(1)
    tuesday.fill("09:00-8")
    expect(page.locator('[id="e-week.tue"]')).to_contain_text("ends before it starts")
    expect(tuesday).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#ahead")).to_contain_text("The preview comes back")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".notice")).to_contain_text("One mistake keeps it from being activated")
    assert kept(desk)["week"]["tue"] == ["09:00-08:00"]
    tuesday = page.locator("[data-day]").nth(1)
    expect(tuesday).to_have_value("09:00-08:00")
    expect(tuesday).to_be_focused()
    tuesday.fill("09:00-18:00")
    expect(page.locator("#mistakes")).to_be_empty()
    expect(page.locator(".fortnight")).to_contain_text("09:00–18:00")


def test_holidays_are_chosen_and_one_is_kept_as_a_working_day(desk: Firm, page: Page) -> None:
    page.locator(".set summary").click()
    page.get_by_label("Fri 1 Jan Nyårsdagen", exact=True).uncheck()
    expect(page.locator(".odds")).not_to_contain_text("1 Jan 2027")
    page.get_by_label("Country").select_option("DE")
    region = page.get_by_label("Region")
    expect(region).to_be_focused()
    region.select_option("BY")
    page.get_by_label("Catholic").check()
    page.get_by_role("button", name="Add these holidays").click()
    expect(page.locator(".set summary").nth(1)).to_contain_text("Germany, Bayern")
    # What was unticked in the first set outlives that the form was made anew.
    expect(page.locator('[name="close.0"][value="2027-01-01"]')).not_to_be_checked()
    save(page)
    first, second = kept(desk)["holidays"]
    assert first["keep"] == ["2027-01-01"]
    assert second["subdivision"] == "BY"
    assert "catholic" in second["categories"]


def test_two_calendars_are_compared(page: Page) -> None:
    page.get_by_label("Compare with").select_option("jämt")
    expect(
        page.get_by_role("heading", name="Open in jämt, closed in this calendar")
    ).to_be_visible()
    expect(page.locator(".holes")).to_contain_text("Saturday")
    expect(page.locator("#ahead")).to_contain_text("Never: it is covered at all times.")


def test_whoever_leaves_with_something_typed_is_asked(desk: Firm, page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("[data-day]").nth(6).fill("10-11")
    page.locator(".crumb a").click()
    # The click waits until the question is answered.
    assert asked == ["beforeunload"]
    assert page.url.endswith(EDIT)
    save(page)
    page.locator(".crumb a").click()
    expect(page.locator(".begun")).to_contain_text("kontor")
    assert asked == ["beforeunload"]


def test_a_calendar_is_written_without_scripts(desk: Firm, visit: Visits) -> None:
    context = visit.context(java_script_enabled=False)
    visit.sign_in(context, desk, "dora")
    page = context.new_page()
    page.goto(f"/t/{desk.key}/settings/new-calendar/")
    expect(page.locator("#painter")).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("butiken")
    page.get_by_label("Zone", exact=True).fill("Europe/Stockholm")
    page.get_by_label("Saturday").fill("10-14")
    page.get_by_label("Country").select_option("SE")
    page.locator("#choose-country").click()
    page.get_by_label("Days off by custom").check()
    page.get_by_role("button", name="Add these holidays").click()
    expect(page.get_by_label("Saturday")).to_have_value("10:00-14:00")
    page.get_by_role("button", name="Update the preview").last.click()
    expect(page.locator(".fortnight")).to_contain_text("10:00–14:00")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".notice")).to_contain_text("The draft is kept.")
    made = kept(desk, "butiken")
    assert made["week"]["sat"] == ["10:00-14:00"]
    assert made["holidays"][0]["country"] == "SE"


def test_axe_finds_nothing_and_it_fits_a_telephone(desk: Firm, visit: Visits) -> None:
    keep(desk)
    acts.save(
        kind="calendar",
        key="fel",
        data={"zone": "nowhere", "week": {"mon": ["soon"]}},
        by=desk.by,
    )
    both = {"union": [{"zone": "UTC", "week": WEEK}, {"zone": "Asia/Tokyo", "week": WEEK}]}
    acts.save(kind="calendar", key="båda", data=both, by=desk.by)
    page = visit(desk, "dora", EDIT)
    page.locator(".set summary").click()
    page.locator(".join summary").click()
    page.get_by_label("Compare with").select_option("jämt")
    expect(page.locator(".holes")).to_be_visible()
    found = {"edit": wrong(page)}
    for path in (
        "calendars/fel/?saved=1",
        "calendars/båda/",
        "new-calendar/",
        "calendars/",
        "calendars/jämt/versions/",
    ):
        page.goto(f"/t/{desk.key}/settings/{path}")
        found[path] = wrong(page)
    assert {path: told for path, told in found.items() if told} == {}
