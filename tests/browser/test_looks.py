"""Every look has its shape and its word, and the browser writes what the server wrote."""

import datetime as dt

import pytest
from django.utils import translation
from playwright.sync_api import Page, expect
from tests.browser.conftest import Full, Visits

from tocsin.web import moments

pytestmark = pytest.mark.long("every look of a clock, in both themes")

LOOKS = (*("on track", "at risk", "imminent", "breached", "paused", "off hours", "met", "missed"),)
# The script's own functions, found beside the one that the page names: file names are hashed.
_IMPORT = """async (lengths) => {
  const { length } = await import([...performance.getEntriesByType("resource")]
    .map((one) => one.name).find((name) => /\\/clock\\.[^/]*js$/.test(name)));
  return lengths.map(length);
}"""
_LOOK_OF = """async (cases) => {
  const { lookOf, along } = await import([...performance.getEntriesByType("resource")]
    .map((one) => one.name).find((name) => /\\/clock\\.[^/]*js$/.test(name)));
  const line = [[0, 0], [100, 100], [200, 100], [300, 200]];
  return [cases.map((one) => lookOf(...one)), [0, 50, 150, 250, 400].map((at) => along(line, at))];
}"""
SECONDS = [
    *(0, 1, 59, 60, 61, 599, 600, 3599, 3600, 3601, 3659, 3660, 7199, 7200, 35_999, 36_000),
    *(86_399, 86_400, 90_061, 359_999, 360_000, 1_000_000),
]


def test_there_is_a_ticket_of_each_look(full: Full) -> None:
    assert set(full.looks) == set(LOOKS)


def test_a_look_has_a_shape_a_word_and_colours_the_card(full: Full, visit: Visits) -> None:
    page = visit(full.firm, "lea", "board/arenden/")
    for look in LOOKS:
        card = page.locator(f'.card[data-id="{full.looks[look]}"]')
        expect(card).to_have_attribute("data-look", look)
        pill = card.locator("[data-clock]").first
        expect(pill).to_have_attribute("data-look", look)
        expect(pill.locator(".look")).to_have_text(look)
        shape = f"#i-{look.replace(' ', '-')}"
        expect(pill.locator("use")).to_have_attribute("href", shape)
        expect(pill.locator(".icon")).to_be_visible()
        assert page.evaluate("(name) => document.querySelector(name).innerHTML.length", shape) > 20


def test_no_two_looks_have_the_same_shape(full: Full, visit: Visits) -> None:
    page = visit(full.firm, "lea", "board/arenden/")
    names = [f"#i-{look.replace(' ', '-')}" for look in LOOKS]
    shapes = page.evaluate(
        "(names) => names.map((name) => document.querySelector(name).innerHTML)", names
    )
    assert len(set(shapes)) == len(LOOKS)


@pytest.mark.parametrize(("who", "language"), [("lea", "en"), ("mia", "sv")])
def test_the_browser_writes_lengths_as_the_server_does(
    full: Full, visit: Visits, who: str, language: str
) -> None:
    page = visit(full.firm, who, "board/arenden/")
    wrote = page.evaluate(_IMPORT, [s * 1000 for s in SECONDS] + [-s * 1000 - 1 for s in SECONDS])
    with translation.override(language):
        told = [moments.length(dt.timedelta(seconds=s)) for s in SECONDS]
    assert wrote == told * 2


def test_what_the_browser_paints_is_what_the_server_wrote(full: Full, visit: Visits) -> None:
    """The same instant, once without scripts and once with: they may differ by a tick."""
    context = visit.context(java_script_enabled=False)
    visit.sign_in(context, full.firm, "lea")
    still = context.new_page()
    still.goto(f"/t/{full.firm.key}/board/arenden/")
    painted = visit(full.firm, "lea", "board/arenden/")
    for look in ("on track", "off hours", "paused", "met", "missed"):
        wrote, paints = (
            one.locator(f'.card[data-id="{full.looks[look]}"] .pill-left').first.inner_text()
            for one in (still, painted)
        )
        assert _minutes(wrote) == pytest.approx(_minutes(paints), abs=1), look
        assert _words(wrote) == _words(paints)


def _minutes(text: str) -> float:
    digits = [int(part) for part in "".join(c if c.isdigit() else " " for c in text).split()]
    return digits[0] * 60 + digits[1] if " h " in text else digits[0] + digits[1] / 60


def _words(text: str) -> list[str]:
    return [word for word in text.split() if word.isalpha()]


def test_the_browser_reckons_looks_by_the_promises_of_the_policy(full: Full, visit: Visits) -> None:
    page: Page = visit(full.firm, "lea", "hub/")
    cases = [
        ([-1, True, 10, 5], "breached"),
        ([-1, False, 10, 5], "breached"),
        ([3, False, 10, 5], "off hours"),
        ([5, True, 10, 5], "imminent"),
        ([6, True, 10, 5], "at risk"),
        ([10, True, 10, 5], "at risk"),
        ([11, True, 10, 5], "on track"),
    ]
    looks, places = page.evaluate(_LOOK_OF, [case for case, _ in cases])
    assert looks == [look for _, look in cases]
    # Half-way, in a pause, and beyond the end, where nothing runs any more.
    assert places == [[0, True], [50, True], [100, False], [150, True], [200, False]]
