"""The screens of access and of signing in: for those who do not see them, on telephones, in words.

One company in which all of it has happened; its names are as long as names get.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.shortcuts import render
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page, expect
from tests.browser import pages
from tests.browser.conftest import Full, Visits
from tests.browser.firm import PASSWORD, Firm
from tests.browser.guarded import code, guarded
from tests.browser.pages import Prepare, nothing, open_all
from tests.browser.place import Place
from tests.browser.test_accessible import wrong
from tests.browser.test_words import read, sentinels

from tocsin.actions import limits
from tocsin.web import addresses

_PATIENCE_MS = 40_000
# {ann} and the like stand for what `guarded` returns.
SCREENS: dict[str, tuple[str, Prepare]] = {
    "prove": ("prove/?next=/hub/", nothing),
    "my security": ("my-security/", nothing),
    "factors": ("my-security/factors/", open_all),
    "an app": ("my-security/factors/app/", nothing),
    "my tokens": ("my-security/tokens/", open_all),
    "all tokens": ("settings/tokens/", open_all),
    "identity providers": ("settings/identity-providers/", nothing),
    "identity provider": ("settings/identity-providers/{provider}/", open_all),
    "identity provider, new": ("settings/new-identity-provider/", open_all),
    "people": ("settings/people/", nothing),
    "people, none": ("settings/people/?words=finnsinte", nothing),
    "person": ("settings/people/{ann}/", open_all),
    "person, long": ("settings/people/{long}/", open_all),
    "person, gone": ("settings/people/{gone}/", open_all),
    "person, changed": ("settings/people/{long}/edit/", nothing),
    "person, new": ("settings/new-person/", nothing),
    "leaving": ("settings/people/{ann}/leave/", nothing),
    "teams": ("settings/teams/", nothing),
    "team": ("settings/teams/{team}/", nothing),
    "permission sets": ("settings/permission-sets/", nothing),
    "permission set": ("settings/permission-sets/fakturor/", open_all),
    "permission set, new": ("settings/new-permission-set/", nothing),
    "fields": ("settings/fields/", open_all),
    "networks": ("settings/networks/", nothing),
    "security": ("settings/security/", nothing),
    "who may do what": ("settings/access/", nothing),
    "changes": ("settings/access/changes/", nothing),
    "reading": ("settings/access/reading/", nothing),
    "exports": ("reports/exports/", nothing),
    "export, asked": ("reports/exports/ask/?what=violations", nothing),
    "missing": ("settings/people/999999/", nothing),
}
# Where nothing of it has happened yet.
EMPTY: dict[str, tuple[str, Prepare]] = {
    name: SCREENS[name]
    for name in (
        *("my security", "factors", "my tokens", "all tokens", "identity providers", "teams"),
        *("permission sets", "fields", "networks", "who may do what", "changes", "reading"),
        "exports",
    )
}


@pytest.fixture
def company(place: Place, _playing: None, _kept: dict[str, Any]) -> tuple[Firm, dict[str, str]]:
    """Give the company of these screens, and what stands for the names in their addresses."""
    if "guarded" not in _kept:
        _kept["guarded"] = guarded(place.database, "guarded")
    made, names = _kept["guarded"]
    # Proofs and sessions last some minutes only.
    made.database.rows("DELETE FROM django_session WHERE session_key LIKE %s", "session-guarded-%")
    return made, names


def at(names: Mapping[str, str]) -> dict[str, tuple[str, Prepare]]:
    return {
        name: (path.format(**names), prepare) for name, (path, prepare) in SCREENS.items()
    }  # fmt: skip


def patient(visit: Visits, made: Firm, who: str = "", **options: Any) -> Page:
    """Open a page, as somebody or as nobody; it waits for a machine that has much to do."""
    context = visit.context(**options)
    context.set_default_timeout(_PATIENCE_MS)
    if who:
        visit.sign_in(context, made, who)
    return context.new_page()


def reads(made: Firm, language: str) -> None:
    made.database.rows(
        "UPDATE person SET language = %s WHERE tenant_id = %s AND name = 'Dora Ek'",
        language,
        made.tenant,
    )


@pytest.mark.long("thirty screens, each looked at in both themes and on a telephone")
@pytest.mark.parametrize("turn", range(2))
def test_axe_finds_nothing_and_nothing_is_wider_than_a_telephone(
    company: tuple[Firm, dict[str, str]], empty: Firm, visit: Visits, turn: int
) -> None:
    made, names = company
    reads(made, "en")
    visit.forgive("status of 404")
    found = {}
    for where, states in ((made, at(names)), (empty, EMPTY)):
        page = patient(visit, where, "dora")
        listed = {name: states[name] for name in list(states)[turn::2]}
        for name in pages.visited(page, Full(where, {}), listed):
            assert "/prove/" not in page.url or name == "prove"
            found[f"{name} of {where.key}"] = wrong(page)
    assert len(found) > 20
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.long("thirty screens in another language")
@pytest.mark.parametrize("language", ["sv", "pt-br"])
def test_no_screen_says_anything_in_english_to_who_reads_another_language(
    company: tuple[Firm, dict[str, str]], visit: Visits, language: str
) -> None:
    made, names = company
    reads(made, language)
    visit.forgive("status of 404")
    known = sentinels()
    page = patient(visit, made, "dora")
    english: dict[str, list[str]] = {}
    wide: dict[str, str] = {}
    for name in pages.visited(page, Full(made, {}), at(names)):
        said = read(page) if language == "sv" else ""
        assert "/prove/" not in page.url or name == "prove"
        english[name] = [text for text, pattern in known.items() if pattern.search(said)]
        wide[name] = pages.too_wide(page)
    reads(made, "en")
    assert {name: seen for name, seen in english.items() if seen} == {}
    assert {name: seen for name, seen in wide.items() if seen} == {}


# ------------------------------------------------------------------------------ before the desk


def sign_in(page: Page, made: Firm, who: str, password: str = PASSWORD) -> None:
    page.goto(f"/t/{made.key}/sign-in/")
    page.locator("[name=login]").fill(made.address(who))
    page.locator("[name=password]").fill(password)
    page.locator("form:has([name=password]) button.primary").click()


def doors(page: Page, made: Firm, names: Mapping[str, str]) -> Iterator[str]:
    """Bring a page before one door after the other, as somebody who is not signed in."""
    for path in (
        *("sign-in/", "forgotten/", "invitation/{invitation}/", "password/{password}/"),
        *("email/{email}/", "invitation/nothing/", "nothing/"),
    ):
        page.goto(f"/t/{made.key}/{path.format(**names)}")
        yield path
    sign_in(page, made, "ann", "fel lösenord")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "sign-in/, refused"
    _first_run(page)
    yield "first-run/"
    sign_in(page, made, "bo")
    page.wait_for_url("**/second-factor/**")
    yield "second factor"
    page.locator("[name=code]").fill("000000")
    page.locator("button.primary").click()
    expect(page.locator("[name=code]")).to_have_attribute(
        "aria-invalid", "true", timeout=_PATIENCE_MS
    )
    yield "second factor, wrong"
    page.context.clear_cookies()
    sign_in(page, made, "ann")
    page.wait_for_url("**/set-up/**")
    yield "set up"


def _first_run(page: Page) -> None:
    """Show it although there are desks: as it is rendered, at an address of its own."""
    shown = {"typed": {"key": "x", "name": "X" * 200, "zone": "UTC"}, "wrong": {"code": "!"}}
    language = page.locator("html").get_attribute("lang") or "en"
    with translation.override(language):
        html = render(RequestFactory().get("/"), "front/first_run.html", shown).content.decode()
    page.route(
        "**/shown-first-run/", lambda route: route.fulfill(body=html, content_type="text/html")
    )
    page.goto("/shown-first-run/")


@pytest.mark.promise("P34")
@pytest.mark.long("a dozen doors, in both themes and on a telephone")
@pytest.mark.parametrize("language", ["en", "sv"])
def test_so_it_is_before_the_desk(
    company: tuple[Firm, dict[str, str]], visit: Visits, language: str
) -> None:
    made, names = company
    visit.forgive("status of 4(04|22|29)")
    known = sentinels() if language == "sv" else {}
    page = patient(visit, made, locale=language)
    found = {}
    for name in doors(page, made, names):
        # What says who they are is in their own language.
        own = name in ("set up", "second factor", "second factor, wrong")
        said = "" if own or "{" in name else read(page)
        found[name] = wrong(page) + [text for text, one in known.items() if one.search(said)]
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.long("a browser signs in with a new factor")
def test_recovery_codes_can_be_kept_by_everybody(
    company: tuple[Firm, dict[str, str]], visit: Visits
) -> None:
    made, _ = company
    page = patient(visit, made)
    sign_in(page, made, "ann")
    page.wait_for_url("**/set-up/**")
    secret = page.locator(".key").inner_text().replace(" ", "")
    page.get_by_label("Code of the app").fill(code(secret, made.now()))
    page.get_by_role("button", name="Add the app").click()
    expect(page.locator(".codes code")).to_have_count(10, timeout=_PATIENCE_MS)
    assert wrong(page) == []
    made.database.rows(
        "DELETE FROM mfa_authenticator WHERE user_id = %s", made.people["ann"]
    )  # fmt: skip


@pytest.mark.promise("P35")
@pytest.mark.long("a browser of its own")
def test_who_is_stopped_is_told_what_to_do(
    company: tuple[Firm, dict[str, str]], visit: Visits
) -> None:
    made, names = company
    visit.forgive("status of 429")
    page = patient(visit, made, "lea")
    page.goto(f"/t/{made.key}/tickets/{names['unread']}/")
    expect(page.get_by_role("link", name="Prove who you are")).to_be_visible()
    assert wrong(page) == []
    # So many others have tried from here that nobody may for a while.
    limit, network = "sign-in network", addresses.network("127.0.0.1")
    while not limits.take(limit, network, most=30, each=dt.timedelta(hours=1), tenant=made.tenant):
        pass
    try:
        page = patient(visit, made)
        sign_in(page, made, "ann")
        expect(page.get_by_role("alert")).to_contain_text("Wait a minute")
        expect(page.get_by_label("E-mail address")).to_have_value(made.address("ann"))
        assert wrong(page) == []
    finally:
        limits.forget(limit, network, tenant=made.tenant)
