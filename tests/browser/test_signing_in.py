"""Who gets in, how far, and how they get out again."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Full, Visits
from tests.browser.firm import PASSWORD, Firm

from tocsin.actions import passwords

pytestmark = pytest.mark.long("a browser signs in again and again")


@pytest.fixture
def door(desk: Firm, visit: Visits) -> Page:
    """Give a browser of somebody who is not signed in."""
    desk.let_in("ann")
    return visit.context().new_page()


def sign_in(page: Page, address: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_wrong_password_is_told_and_the_address_stays(
    desk: Firm, door: Page, visit: Visits
) -> None:
    visit.forgive("status of 422")
    door.goto(f"/t/{desk.key}/sign-in/")
    sign_in(door, desk.address("ann"), "nothing of the kind")
    expect(door.get_by_role("alert")).to_contain_text("do not go together")
    expect(door.get_by_label("E-mail address")).to_have_value(desk.address("ann"))
    expect(door.get_by_label("Password")).to_have_value("")
    assert door.context.cookies()[0]["name"] != "tocsin_session"


def test_the_right_one_leads_to_the_page_that_was_asked_for(desk: Firm, door: Page) -> None:
    number = desk.card(desk.open("Dörren kärvar")).number
    door.goto(f"/t/{desk.key}/tickets/{number}/?from=mail")
    expect(door).to_have_title("Sign in · Tocsin")
    sign_in(door, desk.address("ann"))
    expect(door).to_have_url(f"/t/{desk.key}/tickets/{number}/?from=mail")
    expect(door.get_by_role("heading", name="Dörren kärvar")).to_be_visible()


def test_nobody_is_led_to_another_desk_or_site(desk: Firm, door: Page) -> None:
    for onward in ("https://example.org/", "//example.org/", "/t/other/hub/"):
        # Away first: a page that finds itself signed out goes to the door by itself.
        door.goto("about:blank")
        door.context.clear_cookies()
        door.goto(f"/t/{desk.key}/sign-in/?next={onward}")
        sign_in(door, desk.address("ann"))
        expect(door).to_have_url(f"/t/{desk.key}/hub/")


def test_whoever_signs_out_is_out(desk: Firm, door: Page) -> None:
    door.goto(f"/t/{desk.key}/")
    sign_in(door, desk.address("ann"))
    before = door.context.cookies()
    door.get_by_label("Ann Ek: preferences").click()
    door.get_by_role("button", name="Sign out").click()
    expect(door.get_by_role("heading", name="Sign in")).to_be_visible()
    # Also with the cookie of before.
    door.context.add_cookies(before)  # type: ignore[arg-type]  # what is given may be given back
    door.goto(f"/t/{desk.key}/board/")
    expect(door.get_by_role("heading", name="Sign in")).to_be_visible()


def test_without_signing_in_there_is_no_page(full: Full, visit: Visits) -> None:
    page = visit.context().new_page()
    for path in (
        *("hub/", "board/", "board/arenden/", "queue/", "tickets/", "tickets/1/"),
        *("reports/compliance/", "settings/policies/", "notifications/"),
    ):
        page.goto(f"/t/{full.firm.key}/{path}")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert "Porten" not in page.content()


def test_the_session_of_another_desk_is_worth_nothing(
    desk: Firm, empty: Firm, visit: Visits
) -> None:
    context = visit.context()
    visit.sign_in(context, desk, "dora")
    cookie = context.cookies()[0]
    context.add_cookies([{**cookie, "path": "/"}])  # type: ignore[typeddict-item]  # the same
    page = context.new_page()
    page.goto(f"/t/{empty.key}/hub/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"/t/{desk.key}/hub/")
    expect(page.get_by_role("heading", name="SLA hub")).to_be_visible()


def test_whoever_has_left_is_led_out_by_itself(desk: Firm, visit: Visits) -> None:
    visit.forgive("status of 401|EventSource")
    page = visit(desk, "ann", "board/")
    desk.database.rows("UPDATE person SET is_active = false WHERE id = %s", desk.people["ann"])
    # The stream ends within five seconds, and the page asks where it stands.
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=20_000)


def test_a_new_password_ends_the_sessions_of_the_old_one(desk: Firm, visit: Visits) -> None:
    desk.let_in("ann")
    page = visit(desk, "ann", "hub/")
    passwords.give(person=desk.people["ann"], password="en helt annan fras", by=desk.by)
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
