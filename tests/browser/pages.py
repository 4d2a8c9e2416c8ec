"""All pages in all their states, and what must hold of each of them."""

from collections.abc import Callable, Iterator, Mapping

from playwright.sync_api import Page, expect
from tests.browser.conftest import Full

Prepare = Callable[[Page], None]


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


def open_all(page: Page) -> None:
    page.locator("main details").evaluate_all("(all) => all.forEach((one) => { one.open = true })")


def open_preferences(page: Page) -> None:
    page.get_by_label("Lea Ek: preferences").click()
    expect(page.get_by_label("Time zone")).to_be_visible()


def open_table(page: Page) -> None:
    page.get_by_text("Show as a table").click()


def refuse(page: Page) -> None:
    page.get_by_label("E-mail address").fill("nobody@full.example")
    page.get_by_label("Password").fill("nothing of the kind")
    page.get_by_role("button", name="Sign in", exact=True).click()
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
    "ticket, more": ("tickets/{breached}/more/", open_all),
    "compliance": ("reports/compliance/?days=28", open_table),
    "violations": ("reports/violations/", open_all),
    "pauses": ("reports/pauses/", open_all),
    "punctuality": ("reports/punctuality/", open_all),
    # For those who may read the rules and not write them.
    "policies": ("settings/policies/", nothing),
    "policy": ("settings/policies/grund/", open_all),
    "calendars": ("settings/calendars/", nothing),
    "calendar versions": ("settings/calendars/natt/versions/", open_all),
    "pipelines": ("settings/pipelines/", nothing),
    "pipeline": ("settings/pipelines/arenden/", open_all),
    "notifications": ("notifications/", nothing),
    "preferences": ("queue/", open_preferences),
    "missing": ("tickets/999999/", nothing),
    "told": ("tickets/?which=nonsense", nothing),
}
# For those who write the rules: in the company of ruled.py.
RULES: dict[str, tuple[str, Prepare]] = {
    "policies": ("settings/policies/", open_all),
    "policy, a draft": ("settings/policies/grund/", open_all),
    "policy, told": ("settings/policies/trasig/", open_all),
    "policy, new": ("settings/new-policy/", open_all),
    "policy, history": ("settings/history/policy/grund/", open_all),
    "calendars": ("settings/calendars/", open_all),
    "calendar": ("settings/calendars/natt/", open_all),
    "calendar, a draft": ("settings/calendars/kontor/", open_all),
    "calendar, new": ("settings/new-calendar/", open_all),
    "pipelines": ("settings/pipelines/", open_all),
    "pipeline": ("settings/pipelines/arenden/", open_all),
    "pipeline, new": ("settings/new-pipeline/", open_all),
    "paths": ("settings/paths/", open_all),
    "path": ("settings/paths/sakerhet/", open_all),
    "path, written": ("settings/paths/sakerhet/write/", open_all),
    "path, told": ("settings/paths/trasig/write/", open_all),
    "path, new": ("settings/new-path/", open_all),
    "path, history": ("settings/history/path/sakerhet/", open_all),
    "preview of a path": ("settings/preview/path/sakerhet/", open_all),
    "escalation matrix": ("settings/escalation-matrix/", open_all),
    "responsibilities": ("settings/responsibilities/", open_all),
    "ticket that escalates": ("tickets/{paused}/", open_all),
    "priorities": ("settings/priorities/", open_all),
    "contracts": ("settings/contracts/", open_all),
    "contract": ("settings/contracts/ramavtal/", open_all),
    "contract, new": ("settings/new-contract/", open_all),
    "drafts": ("settings/drafts/", open_all),
    "preview": ("settings/preview/policy/grund/", open_all),
    "preview, restating": ("settings/preview/policy/grund/?basis=restate", open_all),
    "preview of a calendar": ("settings/preview/calendar/kontor/", open_all),
    "preview, refused": ("settings/preview/policy/trasig/", open_all),
    "activated": ("settings/activated/policy/grund/", open_all),
    "audit": ("settings/audit/", open_all),
    "violations": ("reports/violations/", open_all),
    "restatements": ("reports/restatements/", open_all),
    "pauses": ("reports/pauses/", open_all),
    "punctuality": ("reports/punctuality/", open_all),
    "ticket, more": ("tickets/{paused}/more/", open_all),
}
# Where there is nothing yet.
EMPTY: dict[str, tuple[str, Prepare]] = {
    "hub": ("hub/", nothing),
    "board": ("board/", nothing),
    "queue": ("queue/", nothing),
    "tickets": ("tickets/", nothing),
    "compliance": ("reports/compliance/", nothing),
    "violations": ("reports/violations/", nothing),
    "restatements": ("reports/restatements/", nothing),
    "pauses": ("reports/pauses/", nothing),
    "punctuality": ("reports/punctuality/", nothing),
    "policies": ("settings/policies/", nothing),
    "calendars": ("settings/calendars/", nothing),
    "pipelines": ("settings/pipelines/", nothing),
    "paths": ("settings/paths/", nothing),
    "escalation matrix": ("settings/escalation-matrix/", nothing),
    "responsibilities": ("settings/responsibilities/", nothing),
    "priorities": ("settings/priorities/", nothing),
    "contracts": ("settings/contracts/", nothing),
    "notifications": ("notifications/", nothing),
}
# Nor any rules, for those who would write them.
NO_RULES: dict[str, tuple[str, Prepare]] = {
    "policies": ("settings/policies/", nothing),
    "contracts": ("settings/contracts/", nothing),
    "drafts": ("settings/drafts/", nothing),
    "audit": ("settings/audit/", nothing),
}
OUTSIDE: dict[str, tuple[str, Prepare]] = {
    "sign in": ("/t/{key}/sign-in/", nothing),
    "sign in, refused": ("/t/{key}/sign-in/", refuse),
    "front": ("/", nothing),
    "front, unknown": ("/?desk=nobody", nothing),
}


def address(full: Full, path: str) -> str:
    numbers = {look: full.firm.card(id_).number for look, id_ in full.looks.items()}
    for look, number in numbers.items():
        path = path.replace("{" + look + "}", str(number))
    return path


# What makes a page wider than the screen; scrollers of their own may hold what they like.
_TOO_WIDE = """() => {
  const wide = document.scrollingElement.scrollWidth;
  if (wide <= innerWidth) return "";
  const out = [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .filter((one) => !one.closest(".board, .scroll, .tabs-place"))
    .slice(0, 6).map((one) => one.outerHTML.slice(0, 120));
  return `${wide} > ${innerWidth}: ${out.join(" | ")}`;
}"""


def visited(page: Page, full: Full, states: Mapping[str, tuple[str, Prepare]]) -> Iterator[str]:
    """Bring a page into one state after the other; gives their names."""
    for name, (path, prepare) in states.items():
        page.goto(f"/t/{full.firm.key}/{address(full, path)}")
        if prepare is not nothing and page.locator("#live").count():
            page.wait_for_selector("#live[data-s=on]", state="attached")
        prepare(page)
        yield name


def too_wide(page: Page) -> str:
    """Make the page as narrow as telephones are; return what sticks out."""
    size = page.viewport_size
    assert size is not None
    found = ""
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 740})
        found = found or page.evaluate(_TOO_WIDE)
    page.set_viewport_size(size)
    return found
