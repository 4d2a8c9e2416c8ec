"""Passkeys in a real browser: made, used as a second factor's better, and of no use elsewhere."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Page, expect
from tests.browser.conftest import Visits
from tests.browser.firm import PASSWORD, Firm
from tests.browser.place import Place

_PATIENCE_MS = 40_000
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def address(place: Place, desk: Firm, path: str) -> str:
    # A browser has passkeys for names, not for numbers.
    return f"http://localhost:{place.ports['web']}/t/{desk.key}/{path}"


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    """Plug a make-believe authenticator into the browser; returns it and its name.

    It is there as long as the session that is returned.
    """
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    told = session.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})
    return session, str(told["authenticatorId"])


def patient(visit: Visits) -> Page:
    page = visit.context().new_page()
    # A passkey is three requests and two signatures.
    page.set_default_timeout(_PATIENCE_MS)
    return page


def sign_in(page: Page, place: Place, desk: Firm) -> None:
    page.goto(address(place, desk, "sign-in/"))
    page.get_by_label("E-mail address").fill(desk.address("ann"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def forget(page: Page) -> None:
    """Be somebody whom the desk does not know; no page is left that would notice and go away."""
    page.goto("about:blank")
    page.context.clear_cookies()


def accessible(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert [one["id"] for one in found.response["violations"]] == []


def refused(session: CDPSession, authenticator: str, **changes: Any) -> None:
    """Have what is plugged in answer without having looked who holds it."""
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, **changes})


@pytest.mark.promise("P34")
@pytest.mark.asvs("6.3.3")
@pytest.mark.long("a real browser signs in five times")
def test_a_passkey_is_made_and_signs_in_without_a_password(
    desk: Firm, place: Place, visit: Visits
) -> None:
    desk.let_in("ann")
    visit.forgive("status of 40[134]")  # what is refused on purpose
    page = patient(visit)
    session, authenticator = with_authenticator(page)
    sign_in(page, place, desk)
    page.wait_for_url(f"**/t/{desk.key}/hub/")
    page.goto(address(place, desk, "my-security/factors/"))
    accessible(page)
    page.get_by_label("Name of the passkey").fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()
    # The first factor brings recovery codes.
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible(timeout=_PATIENCE_MS)
    expect(page.locator(".codes code")).to_have_count(10)
    accessible(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("cell", name="My laptop", exact=True)).to_be_visible(
        timeout=_PATIENCE_MS
    )
    accessible(page)
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    [own] = kept["credentials"]
    assert own["rpId"] == "localhost"
    # What it calls its person says nothing of them.
    assert desk.address("ann") not in own["userHandle"]

    # Signed out, it is enough by itself.
    forget(page)
    page.goto(address(place, desk, "sign-in/?next=" + f"/t/{desk.key}/queue/"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"**/t/{desk.key}/queue/")

    # After a password it is asked for.
    forget(page)
    sign_in(page, place, desk)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible(timeout=_PATIENCE_MS)
    accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"**/t/{desk.key}/hub/")

    # A lost one, found by somebody whom it does not know, opens nothing.
    forget(page)
    refused(session, authenticator, isUserVerified=False)
    page.goto(address(place, desk, "sign-in/"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible(timeout=_PATIENCE_MS)
    assert page.url.endswith("/sign-in/")
