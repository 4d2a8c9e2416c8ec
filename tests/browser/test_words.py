"""Pages in Swedish hold no English sentence, and say in which language they are."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Page, expect
from tests.browser import pages
from tests.browser.conftest import Full, Visits
from tests.browser.pages import RULES, STATES, Prepare, nothing, open_all, open_pane, open_why

from tocsin import web

pytestmark = pytest.mark.long("every page, word by word")

_PO = Path(web.__file__).parent / "words" / "sv.po"
# What is said by a single word, where it can be seen on a page.
_SINGLE = {
    *("Board", "Tickets", "Reports", "Settings", "Notifications", "Search", "Assign", "Move"),
    *("Priority", "Wait", "Resolve", "Reopen", "Resume", "Reply", "Send", "Text", "Owner", "Team"),
    *("Account", "Contact", "Channel", "Type", "Opened", "Unassigned", "Breached", "Mine", "Done"),
    *("Lanes", "Lane", "Backlog", "Clock", "Targets", "Alerts", "Path", "Policies", "Calendars"),
    *("Pipelines", "Compliance", "Met", "Share", "Keyboard", "Preferences", "Language", "Theme"),
    *("Customer", "Resolved", "Closed", "Waiting", "Critical", "High", "Normal", "Low", "Nobody"),
    *("breached", "imminent", "paused", "missed", "left", "over", "Day", "Stage", "unread"),
    *("Violations", "Restatements", "Pauses", "Drafts", "Contracts", "Priorities", "Stages"),
    *("Acknowledge", "Acknowledged", "Cause", "Overrun", "Field", "Value", "Limit", "Order", "Due"),
}
# The others are opened by English labels.
SWEDISH = {
    name: (path, prepare)
    for name, (path, prepare) in STATES.items()
    if prepare in (nothing, open_all, open_pane, open_why)
}
# The text that can be read, and what is said of elements to those who do not see them.
# What is there in another language on purpose says so: it is to be sent to a customer.
_READ = """() => {
  let read = document.body.innerText;
  for (const one of document.querySelectorAll("body [lang]"))
    if (one.lang !== document.documentElement.lang) read = read.replace(one.innerText, "");
  const said = [document.title, read];
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    for (const one of document.querySelectorAll(`[${name}]`)) said.push(one.getAttribute(name));
  for (const one of document.querySelectorAll(".sr, option, [data-on], [data-off], [data-word]"))
    said.push(one.textContent, ...Object.values(one.dataset));
  return said.join("\\n");
}"""
_PLACE = re.compile(r"%\(\w+\)s|%[a-z]")


def sentinels() -> dict[str, re.Pattern[str]]:
    """Return patterns of the English texts that a Swedish reader must never see, by text."""
    with _PO.open("rb") as file:
        catalogue = read_po(file, locale="sv")
    found = {}
    for message in catalogue:
        # With a plural they are several.
        ids: list[str] = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = message.string
        told = [strings] if isinstance(strings, str) else list(strings or ())
        for text in ids:
            words = _PLACE.sub(" ", text).split()
            letters = [word for word in words if any(sign.isalpha() for sign in word)]
            if text in told or not (len(letters) >= 2 or text in _SINGLE):
                continue
            parts = [re.escape(part) for part in _PLACE.split(text)]
            # At least the longest piece between what is filled in is a text of its own.
            found[text] = re.compile(r"(?<!\w)" + r"[^\n]{0,80}?".join(parts) + r"(?!\w)")
    return found


def read(page: Page) -> str:
    """Return what a page says, to those who see it and to those who do not."""
    return str(page.evaluate(_READ))


def test_there_are_sentinels_and_they_find_what_they_are_for() -> None:
    found = sentinels()
    assert len(found) > 250
    assert found["Search tickets"].search("x\nSearch tickets\ny")
    assert not found["Board"].search("Boarding")


@pytest.mark.parametrize(
    ("company", "who", "states"), [("full", "mia", SWEDISH), ("ruled", "siv", RULES)]
)
def test_a_page_in_swedish_holds_nothing_in_english_and_fits_a_telephone(
    request: pytest.FixtureRequest,
    visit: Visits,
    company: str,
    who: str,
    states: Mapping[str, tuple[str, Prepare]],
) -> None:
    at: Full = request.getfixturevalue(company)
    visit.forgive("status of 4(04|22)")
    known = sentinels()
    page = visit(at.firm, who, "hub/")
    english: dict[str, list[str]] = {}
    wide: dict[str, str] = {}
    for state in pages.visited(page, at, states):
        expect(page.locator("html")).to_have_attribute("lang", "sv")
        said = read(page)
        english[state] = [text for text, pattern in known.items() if pattern.search(said)]
        wide[state] = pages.too_wide(page)
    assert {state: seen for state, seen in english.items() if seen} == {}
    # Words of another language are longer.
    assert {state: seen for state, seen in wide.items() if seen} == {}


def test_the_same_page_in_english_is_full_of_them(full: Full, visit: Visits) -> None:
    """So the test above looks at the right thing."""
    known = sentinels()
    page = visit(full.firm, "lea", "hub/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    said = read(page)
    assert sum(bool(pattern.search(said)) for pattern in known.values()) > 40


def test_each_reads_in_their_own_zone(full: Full, visit: Visits) -> None:
    number = full.firm.card(full.looks["breached"]).number
    page = visit(full.firm, "mia", f"tickets/{number}/")
    expect(page.locator(".t-facts")).to_contain_text("Europe/Stockholm")
    swedish = page.locator(".t-facts time").inner_text()
    page = visit(full.firm, "lea", f"tickets/{number}/")
    expect(page.locator(".t-facts")).to_contain_text("America/New_York")
    assert page.locator(".t-facts time").inner_text() != swedish


def test_who_changes_the_language_reads_in_it_at_once(full: Full, visit: Visits) -> None:
    page = visit(full.firm, "bo", "queue/")
    page.get_by_label("Bo Ek: preferences").click()
    page.get_by_label("Language").select_option("sv")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("html[lang=sv]")
    page.locator("details.me summary").click()
    page.locator("select[name=language]").select_option("en")
    page.locator("details.me form button").first.click()
    page.wait_for_selector("html[lang=en]")
