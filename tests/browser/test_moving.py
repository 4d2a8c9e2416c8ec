"""Cards move by keys, by mouse and by touch; what is not taken goes back, and says why."""

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import Visits
from tests.browser.firm import Firm
from tests.browser.place import Place
from tests.browser.watching import card, in_stage

from tocsin.actions import tickets

pytestmark = pytest.mark.long("a browser moves cards in many ways")


@pytest.fixture
def tickets_(desk: Firm) -> list[int]:
    return [desk.open(f"Sak {k}") for k in range(3)]


@pytest.fixture
def board(desk: Firm, visit: Visits, tickets_: list[int]) -> Page:
    return visit(desk, "ann", "board/arenden/")


def focus(page: Page, id_: int) -> None:
    card(page, id_).locator("h3 a").focus()


def focused(page: Page, id_: int) -> None:
    expect(card(page, id_).locator("h3 a")).to_be_focused()


def stage_of(desk: Firm, id_: int) -> str:
    return desk.card(id_).stage


def middle(found: Locator) -> tuple[float, float]:
    """Return where it is once nothing moves any more."""
    found.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished))")
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 120)


# ------------------------------------------------------------------------------------------- keys


def test_shift_and_an_arrow_move_the_card_and_the_focus_goes_along(
    desk: Firm, board: Page, tickets_: list[int]
) -> None:
    focus(board, tickets_[1])
    board.keyboard.press("Shift+ArrowRight")
    expect(board.locator("#said")).to_have_text("T-2 moved to Arbete")
    expect(in_stage(board, tickets_[1], "arbete")).to_be_visible()
    focused(board, tickets_[1])
    assert stage_of(desk, tickets_[1]) == "arbete"
    expect(board.locator('.col[data-stage="arbete"] header .n')).to_have_text("1")
    board.keyboard.press("Shift+ArrowLeft")
    expect(board.locator("#said")).to_have_text("T-2 moved to Inkorg")
    expect(in_stage(board, tickets_[1], "inkorg")).to_be_visible()
    focused(board, tickets_[1])


def test_m_asks_where_to_and_offers_only_what_is_allowed(
    desk: Firm, board: Page, tickets_: list[int]
) -> None:
    focus(board, tickets_[0])
    board.keyboard.press("m")
    sheet = board.locator("#move-to")
    expect(sheet.get_by_role("heading")).to_have_text("Move T-1 to")
    expect(sheet.locator(".choices button")).to_have_text(["Arbete", "Vila", "Klart", "Arkiv"])
    board.keyboard.press("Tab")
    board.keyboard.press("Enter")
    expect(sheet).to_be_hidden()
    expect(board.locator("#said")).to_have_text("T-1 moved to Vila")
    expect(in_stage(board, tickets_[0], "vila")).to_be_visible()
    assert stage_of(desk, tickets_[0]) == "vila"
    focus(board, tickets_[0])
    board.keyboard.press("m")
    expect(sheet.locator(".choices button")).to_have_text(["Arbete"])


def test_j_k_h_and_l_walk_enter_opens_and_escape_gives_the_focus_back(
    desk: Firm, board: Page, tickets_: list[int]
) -> None:
    tickets.move(ticket_id=tickets_[2], to="klart", by=desk.bo)
    expect(in_stage(board, tickets_[2], "klart")).to_be_visible()
    order = [int(one.get_attribute("data-id") or 0) for one in board.locator(".card").all()]
    for key, at in (("j", 0), ("j", 1), ("j", 1), ("k", 0), ("l", 2), ("h", 0)):
        board.keyboard.press(key)
        focused(board, order[at])
    board.keyboard.press("Enter")
    pane = board.locator("#pane")
    expect(pane.locator("h2")).to_be_focused()
    expect(pane.locator(".ticket")).to_have_attribute("data-id", str(order[0]))
    board.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    focused(board, order[0])


def test_single_keys_can_be_switched_off(desk: Firm, board: Page, tickets_: list[int]) -> None:
    board.get_by_label("Ann Ek: preferences").click()
    board.get_by_label("Single-key shortcuts").uncheck()
    board.get_by_role("button", name="Save").click()
    board.wait_for_selector("html[data-keys=off]")
    board.wait_for_selector("#live[data-s=on]")
    focus(board, tickets_[0])
    for key in ("m", "?", "j", "/"):
        board.keyboard.press(key)
    focused(board, tickets_[0])
    expect(board.locator("dialog[open]")).to_have_count(0)
    # What needs a second key goes on.
    board.keyboard.press("Shift+ArrowRight")
    expect(in_stage(board, tickets_[0], "arbete")).to_be_visible()


def test_the_list_of_keys_opens_by_a_question_mark(board: Page) -> None:
    board.keyboard.press("?")
    expect(board.get_by_role("dialog", name="Keyboard")).to_be_visible()
    board.keyboard.press("Escape")
    expect(board.get_by_role("dialog", name="Keyboard")).to_be_hidden()


# ------------------------------------------------------------------------------------------ mouse


def drag(page: Page, id_: int, to: str) -> None:
    """Take a card and hold it over a column."""
    page.mouse.move(*middle(card(page, id_)))
    page.mouse.down()
    x, y = middle(page.locator(f'.col[data-stage="{to}"]'))
    page.mouse.move(x, y, steps=8)
    expect(page.locator("body")).to_have_class("on-board dragging")


def test_the_mouse_drags_a_card_and_does_not_open_it(
    desk: Firm, board: Page, tickets_: list[int]
) -> None:
    drag(board, tickets_[0], "klart")
    expect(board.locator(".card.lifted")).to_have_count(1)
    expect(board.locator(".col.target")).to_have_attribute("data-stage", "klart")
    board.mouse.up()
    expect(board.locator("#said")).to_have_text("T-1 moved to Klart")
    expect(in_stage(board, tickets_[0], "klart")).to_be_visible()
    expect(board.locator(".card.lifted")).to_have_count(0)
    expect(board.locator("#pane")).to_be_hidden()
    assert stage_of(desk, tickets_[0]) == "klart"


def test_escape_gives_up_dragging(desk: Firm, board: Page, tickets_: list[int]) -> None:
    drag(board, tickets_[0], "klart")
    board.keyboard.press("Escape")
    expect(board.locator(".card.lifted")).to_have_count(0)
    board.mouse.up()
    expect(in_stage(board, tickets_[0], "inkorg")).to_be_visible()
    expect(board.locator("#pane")).to_be_hidden()
    # It is as it was: the next click opens it.
    card(board, tickets_[0]).locator("h3 a").click()
    expect(board.locator("#pane")).to_be_visible()
    assert stage_of(desk, tickets_[0]) == "inkorg"


def test_a_forbidden_move_does_not_happen_and_says_so(
    desk: Firm, board: Page, tickets_: list[int]
) -> None:
    tickets.move(ticket_id=tickets_[0], to="vila", by=desk.bo)
    expect(in_stage(board, tickets_[0], "vila")).to_be_visible()
    drag(board, tickets_[0], "klart")
    expect(board.locator(".col.barred")).to_have_count(3)
    board.mouse.up()
    expect(board.locator(".toast")).to_contain_text("The pipeline does not allow that move.")
    expect(in_stage(board, tickets_[0], "vila")).to_be_visible()
    focus(board, tickets_[0])
    board.keyboard.press("Shift+ArrowRight")
    expect(board.locator(".toast")).to_have_count(2)
    assert stage_of(desk, tickets_[0]) == "vila"


def test_a_stale_move_goes_back_and_says_why(
    desk: Firm, board: Page, tickets_: list[int], visit: Visits, place: Place
) -> None:
    visit.forgive("status of 409")
    # While the streams stand still, what the page shows grows old.
    with place.frozen("live"):
        tickets.move(ticket_id=tickets_[0], to="klart", by=desk.bo)
        focus(board, tickets_[0])
        board.keyboard.press("Shift+ArrowRight")
        toast = board.locator(".toast")
        expect(toast).to_contain_text("since you looked")
        # It lies where it truly is.
        expect(in_stage(board, tickets_[0], "klart")).to_be_visible()
    assert stage_of(desk, tickets_[0]) == "klart"
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)


# ------------------------------------------------------------------------------------------ touch


_SCROLLED = """(board) => new Promise((done) => {
  const look = () => board.scrollLeft > 100 ? done() : requestAnimationFrame(look);
  look();
})"""


class Finger:
    """A finger on the screen, by the browser's own way of touching."""

    def __init__(self, page: Page) -> None:
        self._page, self._way = page, page.context.new_cdp_session(page)

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        touched = [{"x": x, "y": y} for x, y in points]
        self._way.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})

    def down(self, at: tuple[float, float]) -> None:
        self._send("touchStart", at)

    def glide(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        for k in range(1, 9):
            share = k / 8
            self._send(
                "touchMove",
                (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share),
            )

    def up(self) -> None:
        self._send("touchEnd")


@pytest.fixture
def tablet(desk: Firm, visit: Visits, tickets_: list[int]) -> Page:
    size = {"width": 1180, "height": 820}
    return visit(desk, "ann", "board/arenden/", has_touch=True, viewport=size)


def test_a_finger_that_rests_lifts_the_card_and_carries_it(
    desk: Firm, tablet: Page, tickets_: list[int]
) -> None:
    finger = Finger(tablet)
    start = middle(card(tablet, tickets_[0]))
    finger.down(start)
    expect(tablet.locator(".card.lifted")).to_have_count(1)
    end = middle(tablet.locator('.col[data-stage="arbete"]'))
    finger.glide(start, end)
    expect(tablet.locator(".col.target")).to_have_attribute("data-stage", "arbete")
    finger.up()
    expect(tablet.locator("#said")).to_have_text("T-1 moved to Arbete")
    expect(in_stage(tablet, tickets_[0], "arbete")).to_be_visible()
    expect(tablet.locator("#pane")).to_be_hidden()
    assert stage_of(desk, tickets_[0]) == "arbete"


def test_a_finger_that_wipes_scrolls_and_carries_nothing(
    desk: Firm, tablet: Page, tickets_: list[int]
) -> None:
    finger = Finger(tablet)
    board = tablet.locator(".board")
    start = middle(card(tablet, tickets_[0]))
    finger.down(start)
    finger.glide(start, (start[0] - 200, start[1]))
    finger.up()
    board.evaluate(_SCROLLED)
    expect(tablet.locator(".card.lifted")).to_have_count(0)
    card(tablet, tickets_[0]).locator("h3 a").tap()
    expect(tablet.locator("#pane")).to_be_visible()
    assert stage_of(desk, tickets_[0]) == "inkorg"
