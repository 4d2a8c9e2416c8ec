"""Answering: nothing that somebody types is lost, and nobody answers what they have not seen."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import Visits
from tests.browser.firm import Firm
from tests.browser.place import Place
from tests.browser.watching import card, is_marked, mark

from tocsin.actions import tickets

pytestmark = pytest.mark.long("a browser through many pages")


def opened(page: Page, id_: int) -> Locator:
    """Open a ticket from the board by the keyboard; return its pane."""
    card(page, id_).locator("h3 a").focus()
    page.keyboard.press("Enter")
    pane = page.locator("#pane")
    expect(pane.locator(".ticket")).to_have_attribute("data-id", str(id_))
    return pane


@pytest.fixture
def board(desk: Firm, visit: Visits) -> Page:
    desk.open("En annan sak")
    return visit(desk, "ann", "board/arenden/")


def test_an_answer_from_the_board_stops_the_first_response(desk: Firm, board: Page) -> None:
    id_ = desk.open("Porten står öppen")
    mark(board)
    pane = opened(board, id_)
    clock = pane.locator(".t-clock", has_text="First response").locator("[data-clock]")
    expect(clock).to_have_attribute("data-look", "on track")
    expect(pane.get_by_text("Replying stops First response")).to_be_visible()
    board.keyboard.press("r")
    expect(pane.get_by_label("Text")).to_be_focused()
    board.keyboard.type("Vi kommer <b>genast</b> & 'strax'")
    board.keyboard.press("Control+Enter")
    expect(clock).to_have_attribute("data-look", "met")
    expect(pane.get_by_label("Text")).to_have_value("")
    expect(pane.locator(".said.ours .body")).to_have_text("Vi kommer <b>genast</b> & 'strax'")
    expect(pane.locator(".told")).to_have_count(0)
    # The card behind it has heard of it as well.
    expect(card(board, id_).locator("[data-clock]", has_text="FR")).to_have_attribute(
        "data-look", "met"
    )
    board.keyboard.press("Escape")
    board.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    assert is_marked(board)


def test_a_note_is_for_colleagues_and_stops_nothing(desk: Firm, board: Page) -> None:
    pane = opened(board, desk.open("Porten står öppen"))
    board.keyboard.press("i")
    expect(pane.get_by_label("Internal note")).to_be_checked()
    board.keyboard.type("Ring vakten")
    pane.get_by_role("button", name=re.compile("^Send Ctrl")).click()
    expect(pane.locator(".said.note .body")).to_have_text("Ring vakten")
    clock = pane.locator(".t-clock", has_text="First response").locator("[data-clock]")
    expect(clock).to_have_attribute("data-look", "on track")


def test_send_and_wait_pauses_the_resolution(desk: Firm, board: Page) -> None:
    id_ = desk.open("Porten står öppen")
    pane = opened(board, id_)
    pane.get_by_label("Text").fill("Vilken port?")
    pane.get_by_role("button", name="Send and wait").click()
    clock = pane.locator(".t-clock", has_text="Resolution").locator("[data-clock]")
    expect(clock).to_have_attribute("data-look", "paused")
    assert desk.card(id_).status == "waiting customer"


def test_a_draft_survives_a_reload_and_goes_when_it_is_sent(desk: Firm, visit: Visits) -> None:
    number = desk.card(desk.open("Porten står öppen")).number
    page = visit(desk, "ann", f"tickets/{number}/")
    page.get_by_label("Text").fill("Halva svaret, och")
    page.reload()
    expect(page.get_by_label("Text")).to_have_value("Halva svaret, och")
    page.get_by_label("Text").press("Control+Enter")
    expect(page.locator(".said.ours .body")).to_have_text("Halva svaret, och")
    page.reload()
    expect(page.get_by_label("Text")).to_have_value("")


def test_an_answer_to_what_has_changed_is_held_back_once(
    desk: Firm, board: Page, visit: Visits
) -> None:
    visit.forgive("status of 409")
    id_ = desk.open("Porten står öppen")
    pane = opened(board, id_)
    pane.get_by_label("Text").fill("Den är stängd nu")
    tickets.reply(ticket_id=id_, body="Det gäller den andra porten!", by=desk.customer)
    # What the customer wrote comes by itself; what is being written stays.
    expect(pane.locator(".said .body", has_text="den andra porten")).to_be_visible()
    expect(pane.get_by_label("Text")).to_have_value("Den är stängd nu")
    pane.get_by_label("Text").press("Control+Enter")
    expect(pane.get_by_role("alert")).to_be_visible()
    expect(pane.get_by_label("Text")).to_have_value("Den är stängd nu")
    expect(pane.locator(".said.ours")).to_have_count(0)
    pane.get_by_label("Text").fill("Då stänger vi den också")
    pane.get_by_label("Text").press("Control+Enter")
    expect(pane.locator(".said.ours .body")).to_have_text("Då stänger vi den också")
    expect(pane.get_by_role("alert")).to_have_count(0)


def test_when_the_desk_is_away_it_says_what_to_do_and_nothing_typed_is_lost(
    desk: Firm, board: Page, visit: Visits, place: Place
) -> None:
    visit.forgive("Failed to load resource")
    id_ = desk.open("Porten står öppen")
    pane = opened(board, id_)
    pane.get_by_label("Text").fill("Vi kommer")
    place.kill("web")
    pane.get_by_label("Text").press("Control+Enter")
    expect(pane.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(pane.get_by_role("alert")).to_contain_text("Try again")
    expect(pane.get_by_label("Text")).to_have_value("Vi kommer")
    place.begin("web")
    pane.get_by_label("Text").press("Control+Enter")
    expect(pane.locator(".said.ours .body")).to_have_text("Vi kommer")
    expect(pane.get_by_role("alert")).to_have_count(0)


def test_whoever_was_signed_out_finds_the_draft_again(
    desk: Firm, board: Page, visit: Visits
) -> None:
    visit.forgive("status of 401")
    id_ = desk.open("Porten står öppen")
    pane = opened(board, id_)
    pane.get_by_label("Text").fill("Vi kommer")
    desk.database.rows("DELETE FROM django_session")
    pane.get_by_label("Text").press("Control+Enter")
    expect(board.get_by_role("heading", name="Sign in")).to_be_visible()
    visit.sign_in(board.context, desk, "ann")
    board.goto(f"/t/{desk.key}/tickets/{desk.card(id_).number}/")
    expect(board.get_by_label("Text")).to_have_value("Vi kommer")


def test_what_can_be_done_to_a_ticket_is_done_from_its_menus(desk: Firm, visit: Visits) -> None:
    id_ = desk.open("Porten står öppen")
    page = visit(desk, "ann", f"tickets/{desk.card(id_).number}/")
    page.get_by_text("Assign", exact=True).click()
    page.get_by_role("button", name="Assign to me").click()
    expect(page.locator(".t-facts")).to_contain_text("Ann Ek")
    page.locator("summary", has_text="Priority").click()
    page.get_by_role("button", name="P1 Critical").click()
    expect(page.locator(".t-line .prio")).to_have_text("P1")
    page.locator("summary", has_text="Wait").click()
    page.get_by_label("Reason").fill("Delar är beställda")
    page.locator(".menu-body").get_by_role("button", name="Wait").click()
    expect(page.locator(".t-line .tag").first).to_have_text("Waiting for customer")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".t-line .tag").first).to_have_text("New")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".t-line .tag").first).to_have_text("Resolved")
    found = desk.card(id_)
    assert (found.assignee_name, found.priority, found.status) == ("Ann Ek", "P1", "resolved")


def test_what_was_chosen_for_what_has_changed_is_told_and_not_done(
    desk: Firm, visit: Visits, place: Place
) -> None:
    visit.forgive("status of 409")
    id_ = desk.open("Porten står öppen")
    page = visit(desk, "ann", f"tickets/{desk.card(id_).number}/")
    with place.frozen("live"):
        tickets.set_priority(ticket_id=id_, to="P1", by=desk.bo)
        page.locator("summary", has_text="Priority").click()
        page.get_by_role("button", name="P4 Low").click()
        expect(page.locator(".toast")).to_contain_text("since you looked")
        expect(page.locator(".t-line .prio")).to_have_text("P1")
    assert desk.card(id_).priority == "P1"
