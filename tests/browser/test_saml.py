"""Signing in by SAML in a real browser, which keeps cookies from other sites' forms."""

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Request, expect
from tests.browser.conftest import Visits
from tests.browser.firm import Firm
from tests.browser.place import Place
from tests.loopback import Asked, Told, loopback
from tests.web.saml_idp import ISSUER, KEYS, SamlProvider

from tocsin.actions import identity_providers
from tocsin.actions.identity_providers import TypedSaml

pytestmark = pytest.mark.long("a browser of its own, and a provider")


class Named(Place):
    """Pages that know their own address, and the streams to them."""

    def _environment(self, name: str) -> dict[str, str]:
        return {**super()._environment(name), "TOCSIN_URL": self.address}


@pytest.fixture
def named(place: Place, _playing: None, tmp_path: Path) -> Iterator[Place]:
    made = Named(place.database, tmp_path)
    try:
        made.begin("web", "live")
        yield made
    finally:
        made.end()


@pytest.mark.promise("P34", "A43")
def test_the_browser_that_began_is_signed_in_though_the_form_brings_no_cookies(
    desk: Firm, named: Place, visit: Visits
) -> None:
    provider = SamlProvider(attributes={"email": [desk.address("ann")]})

    def answer(asked: Asked) -> Told:
        form = provider.browse(asked.path)
        place = provider.asked(asked.path).get("AssertionConsumerServiceURL")
        page = (
            f'<!doctype html><html lang="en"><title>Provider</title><link rel="icon" href="data:,">'
            f'<form method="post" action="{html.escape(place)}">'
            f'<input type="hidden" name="SAMLResponse" value="{form["SAMLResponse"]}">'
            "<button>Go back</button></form></html>"
        )
        return Told(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

    with loopback(answer) as there:
        # Another site than ours: localhost is none of 127.0.0.1.
        typed = TypedSaml(
            name="Work account",
            issuer=ISSUER,
            address=f"http://localhost:{there.port}/?organisation=7",
            certificates=KEYS[0].certificate,
            by_email=True,
            checked=True,
        )
        made = identity_providers.add(key="staff", typed=typed, by=desk.by)
        identity_providers.switch(provider=made, on=True, by=desk.by)
        page = visit.context().new_page()
        sent: list[Request] = []
        page.on("request", lambda asked: sent.append(asked))  # noqa: PLW0108  # it marks the function
        page.goto(f"{named.address}/t/{desk.key}/sign-in/")
        page.get_by_role("button", name="Sign in with Work account").click()
        page.get_by_role("button", name="Go back").click()
        expect(page).to_have_url(f"{named.address}/t/{desk.key}/hub/")
    brought = [one for one in sent if one.url.endswith("/answer/")]
    fetched = [one for one in sent if "/done/?request=" in one.url]
    assert [(one.method, has_session(one)) for one in brought] == [("POST", False)]
    assert [(one.method, has_session(one)) for one in fetched] == [("GET", True)]


def has_session(asked: Request) -> bool:
    return "tocsin_session" in asked.all_headers().get("cookie", "")
