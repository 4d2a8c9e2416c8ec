"""Every page in every state: for those who do not see it as drawn, and on narrow screens."""

from collections.abc import Mapping
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser import pages
from tests.browser.conftest import Full, Visits
from tests.browser.firm import Firm
from tests.browser.pages import EMPTY, NO_RULES, OUTSIDE, RULES, STATES, Prepare, open_pane

pytestmark = pytest.mark.long("every page state, in both themes")

_TAGS = (
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"),
    "best-practice",
)
# What another theme can break; all else is the same in both.
_COLOURS = ("color-contrast", "link-in-text-block")


def violations(page: Page, run: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options={"runOnly": run, "resultTypes": ["violations"]})
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def wrong(page: Page) -> list[str]:
    """Have axe look at the page in light and in dark; then see whether it fits telephones."""
    # What slides or fades in is not looked at half-way.
    page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished))")
    page.emulate_media(color_scheme="light")
    found = violations(page, {"type": "tag", "values": _TAGS})
    page.emulate_media(color_scheme="dark")
    found += violations(page, {"type": "rule", "values": _COLOURS})
    wide = pages.too_wide(page)
    return [*found, wide] if wide else found


@pytest.fixture
def looked(visit: Visits) -> Visits:
    visit.forgive("status of 4(04|22)")
    return visit


def _every(states: Mapping[str, tuple[str, Prepare]], turn: int) -> dict[str, tuple[str, Prepare]]:
    return {name: states[name] for name in list(states)[turn::3]}


@pytest.mark.parametrize("turn", range(3))
def test_axe_finds_nothing_and_nothing_is_wider_than_a_telephone(
    full: Full, looked: Visits, turn: int
) -> None:
    page = looked(full.firm, "lea", "hub/")
    found = {}
    for name in pages.visited(page, full, _every(STATES, turn)):
        found[name] = wrong(page)
    assert len(found) >= 9
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("turn", range(3))
def test_nor_where_rules_are_written(ruled: Full, visit: Visits, turn: int) -> None:
    page = visit(ruled.firm, "dora", "hub/")
    found = {}
    for name in pages.visited(page, ruled, _every(RULES, turn)):
        found[name] = wrong(page)
    assert len(found) >= 9
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize(("who", "states"), [("lea", EMPTY), ("dora", NO_RULES)])
def test_nor_where_there_is_nothing_yet(
    empty: Firm, looked: Visits, who: str, states: Mapping[str, tuple[str, Prepare]]
) -> None:
    page = looked(empty, who, "hub/")
    found = {}
    for name in pages.visited(page, Full(empty, {}), states):
        found[name] = wrong(page)
    assert {name: told for name, told in found.items() if told} == {}


def test_nor_outside(full: Full, looked: Visits) -> None:
    page = looked.context().new_page()
    found = {}
    for name, (path, prepare) in OUTSIDE.items():
        page.goto(path.replace("{key}", full.firm.key))
        prepare(page)
        found[name] = wrong(page)
    assert {name: told for name, told in found.items() if told} == {}


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
