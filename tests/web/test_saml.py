"""Signing in by SAML: a provider that signs real XML, and what can be wrong with its answers."""

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client, override_settings
from tests.desk import Database
from tests.web import saml_idp
from tests.web.conftest import Pages
from tests.web.saml_idp import EMAIL, ISSUER, KEYS, NAMES, SIGN_IN, SamlProvider, etree, minutes
from tests.web.test_factors import with_app

from tocsin.actions import identity_providers, people
from tocsin.actions.identity_providers import Group, TypedSaml
from tocsin.web import identity, saml, saml_sign_in

pytestmark = pytest.mark.long("providers, and every way to be wrong")

URL = "https://desk.example.com"
REFUSED = "could not be asked, or its answer proves nothing"
USED = "was used, or is too old"


@pytest.fixture(autouse=True)
def _ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_URL", URL)
    monkeypatch.setattr(identity, "_MOST", 1000)
    monkeypatch.setattr(saml_sign_in, "_MOST", 1000)


def provider() -> SamlProvider:
    return SamlProvider(attributes={"email": ["ann@acme.example"], "name": ["Ann Other"]})


@pytest.fixture
def there() -> SamlProvider:
    return provider()


def typed(**given: Any) -> TypedSaml:
    own: dict[str, Any] = {
        "name": "Work account",
        "issuer": ISSUER,
        "address": SIGN_IN,
        "certificates": KEYS[0].certificate,
        "person": "name",
        "by_email": True,
        "checked": True,
    }
    return TypedSaml(**{**own, **given})


def set_up(pages: Pages, key: str = "staff", **given: Any) -> int:
    by = pages.made.operator
    made = identity_providers.add(key=key, typed=typed(**given), by=by)
    identity_providers.switch(provider=made, on=True, by=by)
    return made


def begin(pages: Pages, client: Client, key: str = "staff", **form: str) -> str:
    """Begin, and return the address at the provider that the page leads to."""
    answer = client.post(f"{pages.prefix}/sign-in/with/{key}/", form)
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r'content="0;url=([^"]+)"', answer.content.decode())
    assert found
    return html.unescape(found[1])


def bring(pages: Pages, form: dict[str, str], key: str = "staff") -> Any:
    """Bring an answer as a browser does from another site: without any of our cookies."""
    stranger = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    return stranger.post(f"{pages.prefix}/sign-in/with/{key}/answer/", form)


def follow(client: Client, answer: Any) -> Any:
    """Go where an answer sends the browser on to, with its cookies."""
    assert answer.status_code == 303, answer.content.decode()
    return client.get(answer.headers["Location"])


def sign_in(pages: Pages, there: SamlProvider, key: str = "staff") -> tuple[Client, Any]:
    client = pages.anybody()
    answer = bring(pages, there.browse(begin(pages, client, key)), key)
    return client, follow(client, answer) if answer.status_code == 303 else answer


def is_in(pages: Pages, client: Client) -> bool:
    return client.get(f"{pages.prefix}/hub/").status_code == 200


def who(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


def links_of(database: Database) -> list[tuple[Any, ...]]:
    return database.rows("SELECT user_id, provider, uid FROM socialaccount_socialaccount")


# --------------------------------------------------------------------------------------- the way in


@pytest.mark.promise("P34", "A43")
@pytest.mark.asvs("6.8.1")
def test_somebody_is_known_by_their_address_once_and_by_the_subject_ever_after(
    pages: Pages, there: SamlProvider, database: Database
) -> None:
    set_up(pages)
    client, answer = sign_in(pages, there)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/t/acme/hub/")
    assert is_in(pages, client)
    tenant, ann = pages.made.tenant, pages.made.people["ann"]
    assert links_of(database) == [(ann, f"{tenant}-staff", "4711")]
    # Another address, even that of somebody else: the subject says who it is.
    there.attributes["email"] = ["dora@acme.example"]
    client, _ = sign_in(pages, there)
    assert who(client) == str(ann)
    # The same subject at another provider is somebody else.
    set_up(pages, "second", issuer="https://second.example.com", by_email=False)
    there.says = {
        "Issuer": "https://second.example.com",
        "Assertion.Issuer": "https://second.example.com",
    }
    client, answer = sign_in(pages, there, "second")
    assert (answer.status_code, is_in(pages, client)) == (403, False)
    assert len(links_of(database)) == 1


def test_the_request_is_one_that_providers_take_and_names_us_by_the_configured_address(
    pages: Pages, there: SamlProvider
) -> None:
    set_up(pages)
    client = pages.anybody()
    asked = [there.asked(begin(pages, client)) for _ in range(2)]
    one, two = asked
    assert one.get("ID") != two.get("ID")
    assert one.get("Destination") == SIGN_IN
    base = f"{URL}/t/acme/sign-in/with/staff"
    assert one.get("AssertionConsumerServiceURL") == f"{base}/answer/"
    assert one.findtext("a:Issuer", namespaces=NAMES) == f"{base}/metadata/"
    assert one.get("ForceAuthn") is None
    # Whatever the request says.
    forwarded = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "http"}
    answer = client.post(f"{pages.prefix}/sign-in/with/staff/", headers=forwarded)
    assert "evil.example" not in answer.content.decode()


@pytest.mark.promise("P34")
def test_without_an_address_of_the_configuration_nobody_is_sent_anywhere(
    pages: Pages, there: SamlProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(pages)
    form = there.browse(begin(pages, pages.anybody()))
    monkeypatch.delenv("TOCSIN_URL")
    answer = pages.anybody().post(f"{pages.prefix}/sign-in/with/staff/")
    assert (answer.status_code, REFUSED in answer.content.decode()) == (403, True)
    assert bring(pages, form).status_code == 403


def test_our_metadata_say_where_answers_go_and_that_assertions_are_signed(pages: Pages) -> None:
    made = set_up(pages)
    answer = pages.anybody().get(f"{pages.prefix}/sign-in/with/staff/metadata/")
    assert answer.headers["Content-Type"] == "application/samlmetadata+xml"
    root = etree.fromstring(answer.content)
    base = f"{URL}/t/acme/sign-in/with/staff"
    assert root.get("entityID") == f"{base}/metadata/"
    assert root[0].get("WantAssertionsSigned") == "true"
    assert root[0][1].get("Location") == f"{base}/answer/"
    identity_providers.switch(provider=made, on=False, by=pages.made.operator)
    assert pages.anybody().get(f"{pages.prefix}/sign-in/with/staff/metadata/").status_code == 404


def test_groups_place_people_and_who_is_in_none_stays_outside(
    pages: Pages, there: SamlProvider, database: Database
) -> None:
    set_up(pages, groups=[Group("desk-agents", "agent"), Group("desk-leads", "lead")])
    there.attributes |= {"email": ["new@acme.example"], "groups": ["desk-agents", "desk-leads"]}
    client, _ = sign_in(pages, there)
    assert is_in(pages, client)
    found = "SELECT role, name FROM person WHERE email = 'new@acme.example'"
    assert database.rows(found) == [("lead", "Ann Other")]
    there.attributes["groups"] = ["others"]
    assert not is_in(pages, sign_in(pages, there)[0])
    assert database.rows(found) == [("limited", "Ann Other")]


@pytest.mark.promise("A43")
@pytest.mark.asvs("6.8.1")
def test_an_address_finds_nobody_where_the_provider_may_not_vouch_for_it(
    pages: Pages, there: SamlProvider, database: Database
) -> None:
    made = set_up(pages, checked=False)
    by = pages.made.operator
    assert not is_in(pages, sign_in(pages, there)[0])
    identity_providers.change(provider=made, typed=typed(by_email=False), by=by)
    assert not is_in(pages, sign_in(pages, there)[0])
    # Two addresses are none.
    identity_providers.change(provider=made, typed=typed(), by=by)
    there.attributes["email"] = ["ann@acme.example", "dora@acme.example"]
    assert not is_in(pages, sign_in(pages, there)[0])
    assert links_of(database) == []


def test_people_may_be_named_by_their_address_where_that_was_agreed(
    pages: Pages, there: SamlProvider
) -> None:
    set_up(pages, subject="email", email="")
    there.format, there.subject, there.attributes = EMAIL, "ann@acme.example", {}
    client, _ = sign_in(pages, there)
    assert who(client) == str(pages.made.people["ann"])
    there.format = saml_idp.PERSISTENT
    assert not is_in(pages, sign_in(pages, there)[0])


@pytest.mark.promise("P34")
def test_second_factors_and_leaving_hold_for_this_way_in_too(
    pages: Pages, there: SamlProvider
) -> None:
    set_up(pages)
    assert is_in(pages, sign_in(pages, there)[0])
    ann = pages.made.people["ann"]
    with_app(pages.made.person("ann"))
    client, answer = sign_in(pages, there)
    assert answer.headers["Location"] == "/t/acme/sign-in/second-factor/"
    assert not is_in(pages, client)
    people.deactivate(person=ann, by=pages.made.operator)
    client, answer = sign_in(pages, there)
    assert (answer.status_code, is_in(pages, client)) == (403, False)


@pytest.mark.promise("P34", "A41")
def test_who_proves_anew_is_asked_anew_and_must_be_the_same(
    pages: Pages, there: SamlProvider
) -> None:
    set_up(pages)
    client, _ = sign_in(pages, there)
    session = client.session
    session["proved_at"] = 0
    session.save()

    def prove() -> Any:
        address = begin(pages, client, prove="1")
        assert there.asked(address).get("ForceAuthn") == "true"
        return follow(client, bring(pages, there.browse(address)))

    there.says = {"AuthnInstant": minutes(-30)}
    assert prove().status_code == 403
    assert client.session["proved_at"] == 0
    there.says = {}
    assert prove().status_code == 302
    assert client.session["proved_at"] > 0


# ----------------------------------------------------------------------------- whose answer it is


@pytest.mark.promise("A43")
@pytest.mark.asvs("6.8.3")
def test_an_assertion_is_taken_once(pages: Pages, there: SamlProvider) -> None:
    set_up(pages)
    client = pages.anybody()
    form = there.browse(begin(pages, client))
    assert follow(client, bring(pages, form)).status_code == 302
    again = bring(pages, form)
    assert (again.status_code, USED in again.content.decode()) == (403, True)


@pytest.mark.promise("A43")
@pytest.mark.asvs("6.8.3")
def test_without_that_guard_it_is_taken_again(
    pages: Pages, there: SamlProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(pages)
    monkeypatch.setattr(saml, "is_first", lambda found, said: True)
    form = there.browse(begin(pages, pages.anybody()))
    assert [bring(pages, form).status_code for _ in range(2)] == [303, 303]


@pytest.mark.promise("A43")
@pytest.mark.asvs("6.8.3")
def test_an_answer_signs_in_the_browser_that_had_asked_and_no_other(
    pages: Pages, there: SamlProvider
) -> None:
    set_up(pages)
    set_up(pages, "second", name="Second")
    client, victim = pages.anybody(), pages.anybody()
    answer = bring(pages, there.browse(begin(pages, client)))
    # Another browser, which has begun something too.
    begin(pages, victim)
    assert follow(victim, answer).status_code == 403
    assert not is_in(pages, victim)
    # Another provider of the same desk.
    other = answer.headers["Location"].replace("/staff/", "/second/")
    assert client.get(other).status_code == 403
    assert follow(client, answer).status_code == 302
    client.post(f"{pages.prefix}/sign-out/")
    assert follow(client, answer).status_code == 403
    assert not is_in(pages, client)


@pytest.mark.promise("A43")
def test_without_that_guard_a_stranger_is_signed_in_as_somebody_else(
    pages: Pages, there: SamlProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(pages)
    monkeypatch.setattr(saml, "take_state", lambda request, found: {"next": "/t/acme/hub/"})
    answer = bring(pages, there.browse(begin(pages, pages.anybody())))
    victim = pages.anybody()
    assert follow(victim, answer).status_code == 302
    assert is_in(pages, victim)


@pytest.mark.promise("A43")
def test_a_request_of_eleven_minutes_ago_is_none(pages: Pages, there: SamlProvider) -> None:
    set_up(pages)
    client = pages.anybody()
    answer = bring(pages, there.browse(begin(pages, client)))
    session = client.session
    session["socialaccount_states"] = {
        name: [state, begun - 660, provider]
        for name, (state, begun, provider) in session["socialaccount_states"].items()
    }
    session.save()
    assert follow(client, answer).status_code == 403
    assert not is_in(pages, client)


@pytest.mark.promise("A43")
def test_what_a_provider_sends_unasked_is_refused(pages: Pages, there: SamlProvider) -> None:
    set_up(pages)
    client = pages.anybody()
    begin(pages, client)
    # In answer to a request that nobody made it is put aside, and no browser can fetch it.
    there.says = {"InResponseTo": "_made-up", "Confirmation.InResponseTo": "_made-up"}
    form = there.browse(begin(pages, client))
    assert follow(client, bring(pages, form)).status_code == 403
    assert not is_in(pages, client)
    assert client.get(f"{pages.prefix}/sign-in/with/staff/done/").status_code == 403


# ------------------------------------------------------------------------------------------- routes


@pytest.mark.promise("P34", "A43")
@pytest.mark.asvs("6.8.2")
def test_what_proves_nothing_lets_nobody_in(
    pages: Pages, there: SamlProvider, database: Database
) -> None:
    set_up(pages)
    there.signs = ()
    client, answer = sign_in(pages, there)
    assert (answer.status_code, REFUSED in answer.content.decode()) == (403, True)
    assert not is_in(pages, client)
    assert bring(pages, {}).status_code == 403
    assert links_of(database) == []


@pytest.mark.promise("A43")
def test_an_answer_that_is_too_long_is_not_looked_at(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(pages)
    seen: list[str] = []
    monkeypatch.setattr(saml, "answered", lambda found, answer, now: seen.append(answer))
    answer = bring(pages, {"SAMLResponse": "A" * 400_000})
    assert (answer.status_code, seen) == (413, [])


def test_nothing_begins_or_ends_by_looking(pages: Pages) -> None:
    set_up(pages)
    nobody = pages.anybody()
    assert nobody.get(f"{pages.prefix}/sign-in/with/staff/answer/").status_code == 405
    assert nobody.post(f"{pages.prefix}/sign-in/with/staff/done/").status_code == 405


@pytest.mark.promise("A43")
def test_a_provider_of_another_desk_or_kind_is_not_there(
    pages: Pages, there: SamlProvider, other: Callable[[], Pages]
) -> None:
    set_up(pages)
    bolt = other()
    form = there.browse(begin(pages, pages.anybody()))
    assert bring(bolt, form).status_code == 404
    assert bring(pages, form, "none").status_code == 404
    nobody = pages.anybody()
    assert nobody.get(f"{pages.prefix}/sign-in/with/staff/back/?code=1&state=2").status_code == 404
    for rest in ("metadata/", "done/?request=_1"):
        assert nobody.get(f"{bolt.prefix}/sign-in/with/staff/{rest}").status_code == 404
    # An answer for the one desk is worth nothing in another one with the same provider.
    set_up(bolt)
    assert bring(bolt, form).status_code == 403


@pytest.mark.promise("P34")
def test_answers_are_counted_and_nobody_has_signatures_checked_without_end(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(pages)
    monkeypatch.setattr(saml_sign_in, "_MOST", 2)
    monkeypatch.setattr(saml_sign_in, "_EACH", dt.timedelta(hours=1))
    found = [bring(pages, {"SAMLResponse": "x"}).status_code for _ in range(4)]
    assert found == [403, 403, 429, 429]


def test_a_host_of_its_own_is_named_with_the_scheme_and_port_of_the_configuration(
    pages: Pages, there: SamlProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(pages)
    monkeypatch.setenv("TOCSIN_URL", "https://desk.example.com:8443")
    client = Client(headers={"host": "acme.desk.example.com:99"})
    with override_settings(DOMAIN="desk.example.com", ALLOWED_HOSTS=[".desk.example.com"]):
        answer = client.post("/sign-in/with/staff/")
    found = re.search(r'content="0;url=([^"]+)"', answer.content.decode())
    assert found
    place = there.asked(html.unescape(found[1])).get("AssertionConsumerServiceURL")
    assert place == "https://acme.desk.example.com:8443/sign-in/with/staff/answer/"
    assert urlsplit(place).port == 8443
