"""Every page in every state: for those who do not see it as drawn, and on narrow screens."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser.conftest import Full, Visits
from tests.browser.firm import Firm

Prepare = Callable[[Page], None]
_TAGS = (
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"),
    "best-practice",
)
# What another theme can break; all else is the same in both.
_COLOURS = ("color-contrast", "link-in-text-block")


def nothing(page: Page) -> None:
    del page


def open_pane(page: Page) -> None:
    page.locator(".card h3 a").first.click()
    expect(page.locator("#pane .ticket")).to_be_visible()


def open_move(page: Page) -> None:
    page.locator(".card .tool").first.click()
    expect(page.locator("#move-to")).to_be_visible()


def open_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()


def open_why(page: Page) -> None:
    page.locator(".t-clock summary").first.click()
    expect(page.locator(".strip")).to_be_visible()


def open_menus(page: Page) -> None:
    for menu in page.locator("main details.menu").all():
        menu.evaluate("(menu) => { menu.open = true; }")


def open_preferences(page: Page) -> None:
    page.get_by_label("Lea Ek: preferences").click()
    expect(page.get_by_label("Time zone")).to_be_visible()


def open_table(page: Page) -> None:
    page.get_by_text("Show as a table").click()


def refuse(page: Page) -> None:
    page.get_by_label("E-mail address").fill("nobody@full.example")
    page.get_by_label("Password").fill("nothing of the kind")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


# {breached} and the like stand for the number of the ticket with that look.
STATES: dict[str, tuple[str, Prepare]] = {
    "hub": ("hub/", nothing),
    "hub of a team": ("hub/?team=alfa", nothing),
    "board": ("board/arenden/", nothing),
    "board with a pane": ("board/arenden/", open_pane),
    "board, moving": ("board/arenden/", open_move),
    "keys": ("board/arenden/?only=mine", open_keys),
    "ticket": ("tickets/{breached}/", nothing),
    "ticket with its menus": ("tickets/{paused}/", open_menus),
    "ticket with a why": ("tickets/{missed}/", open_why),
    "why as a page": ("tickets/{breached}/why/?clock=SLA/first response%231", nothing),
    "queue": ("queue/", nothing),
    "tickets": ("tickets/?which=active&priority=P3", nothing),
    "no ticket": ("tickets/?words=finnsinte", nothing),
    "compliance": ("reports/compliance/?days=28", open_table),
    "policies": ("settings/policies/", nothing),
    "calendars": ("settings/calendars/", nothing),
    "pipelines": ("settings/pipelines/", nothing),
    "notifications": ("notifications/", nothing),
    "preferences": ("queue/", open_preferences),
    "missing": ("tickets/999999/", nothing),
    "told": ("tickets/?which=nonsense", nothing),
}
# Where there is nothing yet.
EMPTY: dict[str, tuple[str, Prepare]] = {
    "hub": ("hub/", nothing),
    "board": ("board/", nothing),
    "queue": ("queue/", nothing),
    "tickets": ("tickets/", nothing),
    "compliance": ("reports/compliance/", nothing),
    "policies": ("settings/policies/", nothing),
    "notifications": ("notifications/", nothing),
}
OUTSIDE: dict[str, tuple[str, Prepare]] = {
    "sign in": ("/t/full/sign-in/", nothing),
    "sign in, refused": ("/t/full/sign-in/", refuse),
    "front": ("/", nothing),
    "front, unknown": ("/?desk=nobody", nothing),
}
_ALONE = ("missing", "told")


def address(full: Full, path: str) -> str:
    numbers = {look: full.firm.card(id_).number for look, id_ in full.looks.items()}
    for look, number in numbers.items():
        path = path.replace("{" + look + "}", str(number))
    return path


def violations(page: Page, run: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options={"runOnly": run, "resultTypes": ["violations"]})
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def look_over(page: Page) -> None:
    """Have axe look at the page, in light and in dark."""
    # What slides or fades in is not looked at half-way.
    page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished))")
    assert violations(page, {"type": "tag", "values": _TAGS}) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, {"type": "rule", "values": _COLOURS}) == []


@pytest.fixture
def looked(visit: Visits) -> Visits:
    visit.forgive("status of 4(04|22)")
    return visit


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(full: Full, looked: Visits, state: str) -> None:
    path, prepare = STATES[state]
    page = looked(full.firm, "lea", address(full, path), live=state not in _ALONE)
    prepare(page)
    look_over(page)


@pytest.mark.parametrize("state", EMPTY)
def test_axe_finds_nothing_where_there_is_nothing(empty: Firm, looked: Visits, state: str) -> None:
    path, prepare = EMPTY[state]
    page = looked(empty, "lea", path)
    prepare(page)
    look_over(page)


@pytest.mark.parametrize("state", OUTSIDE)
def test_axe_finds_nothing_outside(full: Full, looked: Visits, state: str) -> None:
    del full
    path, prepare = OUTSIDE[state]
    page = looked.context().new_page()
    page.goto(path)
    prepare(page)
    look_over(page)


# ----------------------------------------------------------------------------------------- narrow

_TOO_WIDE = """() => {
  const wide = document.scrollingElement.scrollWidth;
  if (wide <= innerWidth) return "";
  const out = [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .filter((one) => !one.closest(".board, .scroll, .tabs-place"))
    .slice(0, 6).map((one) => one.outerHTML.slice(0, 120));
  return `${wide} > ${innerWidth}: ${out.join(" | ")}`;
}"""


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("who", ["lea", "mia"])
def test_nothing_is_wider_than_a_narrow_screen(
    full: Full, looked: Visits, width: int, who: str
) -> None:
    """In both languages: words of another one are longer."""
    context = looked.context(viewport={"width": width, "height": 740})
    looked.sign_in(context, full.firm, who)
    page = context.new_page()
    wide = {}
    for state, (path, prepare) in STATES.items():
        page.goto(f"/t/full/{address(full, path)}")
        if prepare in (open_pane, open_why):
            page.wait_for_selector("#live[data-s=on]", state="attached")
            prepare(page)
        if found := page.evaluate(_TOO_WIDE):
            wide[state] = found
    assert wide == {}


def test_outside_nothing_is_wider_either(full: Full, looked: Visits) -> None:
    del full
    page = looked.context(viewport={"width": 320, "height": 740}).new_page()
    for path, _prepare in OUTSIDE.values():
        page.goto(path)
        assert page.evaluate(_TOO_WIDE) == ""


# ---------------------------------------------------------------------------- as somebody wants it

_LINE = "() => getComputedStyle(document.body).getPropertyValue('--line')"


def test_in_forced_colours_every_look_keeps_its_shape_and_word(full: Full, visit: Visits) -> None:
    page = visit(full.firm, "lea", "board/arenden/", forced_colors="active")
    for look in full.looks:
        pill = page.locator(f'.card[data-look="{look}"] [data-clock]').first
        expect(pill.locator("use")).to_have_attribute("href", f"#i-{look.replace(' ', '-')}")
        # The system's colours draw it: nothing of ours is left, and there is an edge.
        style = pill.evaluate("(p) => [getComputedStyle(p).color, getComputedStyle(p).borderStyle]")
        assert style[1] != "none", look
        expect(pill.locator(".icon")).to_be_visible()


def test_whoever_wants_no_motion_gets_none(full: Full, visit: Visits) -> None:
    page = visit(full.firm, "lea", "board/arenden/", reduced_motion="reduce")
    open_pane(page)
    assert page.evaluate("() => document.getAnimations().length") == 0


def test_whoever_wants_contrast_gets_more_of_it(full: Full, visit: Visits) -> None:
    lines = []
    for contrast in ("no-preference", "more"):
        page = visit(full.firm, "lea", "queue/", contrast=contrast)
        lines.append(page.evaluate(_LINE))
    assert lines[0] != lines[1]
