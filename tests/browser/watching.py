"""What tests look at in a page: cards, and what happens to them without anybody's doing."""

from playwright.sync_api import Locator, Page

# Notes each look that a clock takes on while it stays the same element, so by the browser's own
# reckoning, and when by the computer's clock.
_NOTE = """(pill) => {
  window.looks = [[pill.dataset.look, Date.now()]];
  new MutationObserver(() => window.looks.push([pill.dataset.look, Date.now()]))
    .observe(pill, { attributes: true, attributeFilter: ["data-look"] });
}"""
# Notes when a card has come to a stage.
_ARRIVAL = """([id, stage]) => {
  window.arrived = 0;
  const look = () => {
    const found = document.querySelector(`.col[data-stage="${stage}"] .card[data-id="${id}"]`);
    if (found && !window.arrived) window.arrived = Date.now();
  };
  look();
  new MutationObserver(look).observe(
    document.querySelector(".board"), { childList: true, subtree: true }
  );
}"""


def card(page: Page, id_: int) -> Locator:
    return page.locator(f'.card[data-id="{id_}"]')


def in_stage(page: Page, id_: int, stage: str) -> Locator:
    return page.locator(f'.col[data-stage="{stage}"] .card[data-id="{id_}"]')


def mark(page: Page) -> None:
    """Mark the page: one that was loaded anew has no mark."""
    page.evaluate("() => { window.marked = true; }")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("() => window.marked === true"))


def note_looks(pill: Locator) -> None:
    pill.evaluate(_NOTE)


def noted_looks(page: Page) -> list[tuple[str, int]]:
    return [(look, at) for look, at in page.evaluate("() => window.looks")]


def note_arrival(page: Page, id_: int, stage: str) -> None:
    page.evaluate(_ARRIVAL, [id_, stage])


def arrived(page: Page) -> int:
    """Wait until the card has come; return when, in milliseconds of the computer's clock."""
    return int(page.wait_for_function("() => window.arrived").json_value())
