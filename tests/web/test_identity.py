"""Signing in by an identity provider: a real one on loopback, and what can go wrong with it."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, override_settings
from tests.desk import Database
from tests.web import oidc
from tests.web.conftest import Pages
from tests.web.oidc import CLIENT, SECRET, OpenIdProvider

from tocsin.actions import identity_providers, people
from tocsin.actions.identity_providers import Group, Typed
from tocsin.channels import outgoing
from tocsin.queries import readers
from tocsin.web import identity

pytestmark = pytest.mark.long("providers, and every way to be wrong")

REFUSED = "could not be asked, or its answer proves nothing"


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    monkeypatch.delenv("TOCSIN_URL", raising=False)


@pytest.fixture
def there() -> Iterator[OpenIdProvider]:
    says = {"email": "ann@acme.example", "email_verified": True, "name": "Ann Other"}
    with oidc.provider(**says) as found:
        yield found


def typed(there: OpenIdProvider, **given: Any) -> Typed:
    own: dict[str, Any] = {"by_email": True, "client": CLIENT, "secret": SECRET}
    return Typed(**{"name": "Work account", "issuer": there.issuer, **own, **given})


def set_up(pages: Pages, there: OpenIdProvider, key: str = "staff", **given: Any) -> int:
    by = pages.made.operator
    made = identity_providers.add(key=key, typed=typed(there, **given), by=by)
    identity_providers.switch(provider=made, on=True, by=by)
    return made


def begin(pages: Pages, client: Client, key: str = "staff", **form: str) -> str:
    """Begin, and return the address at the provider that the page leads to."""
    answer = client.post(f"{pages.prefix}/sign-in/with/{key}/", form)
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r'content="0;url=([^"]+)"', answer.content.decode())
    assert found
    return html.unescape(found[1])


def back(client: Client, address: str) -> Any:
    """Go where the provider sends the browser."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def sign_in(pages: Pages, there: OpenIdProvider, key: str = "staff") -> tuple[Client, Any]:
    client = pages.anybody()
    return client, back(client, there.browse(begin(pages, client, key)))


def is_in(pages: Pages, client: Client) -> bool:
    return client.get(f"{pages.prefix}/hub/").status_code == 200


def links_of(database: Database) -> list[tuple[Any, ...]]:
    return database.rows(
        "SELECT user_id, provider, uid, extra_data FROM socialaccount_socialaccount ORDER BY id"
    )


# --------------------------------------------------------------------------------------- the way in


@pytest.mark.promise("A24", "A43")
@pytest.mark.asvs("10.5.2")
def test_somebody_is_known_by_their_address_once_and_by_the_subject_ever_after(
    pages: Pages, there: OpenIdProvider, database: Database
) -> None:
    set_up(pages, there)
    client, answer = sign_in(pages, there)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/t/acme/hub/")
    assert is_in(pages, client)
    tenant, ann = pages.made.tenant, pages.made.people["ann"]
    assert links_of(database) == [(ann, f"{tenant}-staff", "subject-1", {})]
    # Another address, even that of somebody else: the subject says who it is.
    there.says["email"] = "dora@acme.example"
    client, _ = sign_in(pages, there)
    assert is_in(pages, client)
    assert client.session["_auth_user_id"] == str(ann)
    assert len(links_of(database)) == 1
    assert database.one("SELECT count(*) FROM socialaccount_socialtoken") == 0


@pytest.mark.asvs("10.2.1")
def test_the_request_has_a_challenge_a_state_and_a_nonce_and_asks_for_a_code(
    pages: Pages, there: OpenIdProvider
) -> None:
    set_up(pages, there, scopes="groups")
    client = pages.anybody()
    asked = [parse_qs(urlsplit(begin(pages, client)).query) for _ in range(2)]
    one, two = asked
    assert one["response_type"] == ["code"]
    assert one["code_challenge_method"] == ["S256"]
    assert one["scope"] == ["openid profile email groups"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name][0]) >= 16, name
        assert one[name] != two[name], name


@pytest.mark.asvs("3.7.2")
def test_after_it_one_is_where_one_wanted_to_be_if_that_is_here(
    pages: Pages, there: OpenIdProvider
) -> None:
    set_up(pages, there)
    for wanted, found in (
        ("/t/acme/queue/", "/t/acme/queue/"),
        ("https://evil.example/", "/t/acme/hub/"),
        ("//evil.example/", "/t/acme/hub/"),
        ("/t/bolt/hub/", "/t/acme/hub/"),
    ):
        client = pages.anybody()
        answer = back(client, there.browse(begin(pages, client, next=wanted)))
        assert answer.headers["Location"] == found


@pytest.mark.promise("A24")
def test_the_way_back_has_the_configured_host_whatever_a_request_says(
    pages: Pages, there: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(pages, there)
    monkeypatch.setenv("TOCSIN_URL", "https://desk.example.com")
    client = pages.anybody()
    address = begin(pages, client, redirect_uri="https://evil.example/")
    wanted = "https://desk.example.com/t/acme/sign-in/with/staff/back/"
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == [wanted]
    evil = client.post(f"{pages.prefix}/sign-in/with/staff/", headers={"host": "evil.example"})
    assert evil.status_code == 400
    forwarded = {"x-forwarded-host": "evil.example"}
    answer = client.post(f"{pages.prefix}/sign-in/with/staff/", headers=forwarded)
    assert "evil.example" not in answer.content.decode()


@pytest.mark.promise("A24")
def test_without_a_host_of_the_configuration_nobody_is_sent_anywhere(
    pages: Pages, there: OpenIdProvider
) -> None:
    set_up(pages, there)
    with override_settings(ALLOWED_HOSTS=["*"]):
        answer = pages.anybody().post(f"{pages.prefix}/sign-in/with/staff/")
    assert (answer.status_code, REFUSED in answer.content.decode()) == (403, True)


# -------------------------------------------------------------------------------------------- state


@pytest.mark.promise("A24")
@pytest.mark.asvs("10.1.2", "10.2.1")
def test_a_state_is_good_once_in_one_browser_for_one_provider_for_ten_minutes(
    pages: Pages, there: OpenIdProvider
) -> None:
    set_up(pages, there)
    set_up(pages, there, key="second", name="Second")
    client = pages.anybody()
    address = there.browse(begin(pages, client))
    # Another browser, which has begun something too.
    other = pages.anybody()
    begin(pages, other)
    assert back(other, address).status_code == 403
    assert not is_in(pages, other)
    # Another provider of the same desk.
    assert back(client, address.replace("/staff/", "/second/")).status_code == 403
    assert back(client, address).status_code == 302
    client.post(f"{pages.prefix}/sign-out/")
    assert back(client, address).status_code == 403
    assert not is_in(pages, client)


@pytest.mark.promise("A24")
def test_a_state_of_eleven_minutes_ago_is_none(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    client = pages.anybody()
    address = there.browse(begin(pages, client))
    session = client.session
    states = session["socialaccount_states"]
    session["socialaccount_states"] = {
        name: [state, begun - 660, provider] for name, (state, begun, provider) in states.items()
    }
    session.save()
    answer = back(client, address)
    assert (answer.status_code, "too old" in answer.content.decode()) == (403, True)
    assert not is_in(pages, client)


def test_a_way_back_without_any_state_is_refused(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    client = pages.anybody()
    for query in ("", "?code=1", "?code=1&state=", "?code=1&state=made-up"):
        answer = client.get(f"{pages.prefix}/sign-in/with/staff/back/{query}")
        assert answer.status_code == 403
    assert there.asked("/token") == []


@pytest.mark.promise("A32")
@pytest.mark.asvs("7.6.2")
def test_nothing_begins_by_looking(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    assert pages.anybody().get(f"{pages.prefix}/sign-in/with/staff/").status_code == 405
    assert Session.objects.count() == 0
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    assert strict.post(f"{pages.prefix}/sign-in/with/staff/").status_code == 403


def test_a_provider_of_nobody_or_of_another_desk_is_not_there(
    pages: Pages, there: OpenIdProvider, other: Callable[[], Pages]
) -> None:
    set_up(pages, there)
    bolt = other()
    nobody = pages.anybody()
    for prefix in ("/t/acme/sign-in/with/none/", f"{bolt.prefix}/sign-in/with/staff/"):
        assert nobody.post(prefix).status_code == 404
        assert nobody.get(f"{prefix}back/?code=1&state=2").status_code == 404


# -------------------------------------------------------------------------- what a token must prove


WRONG: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "invalid_grant": ("invalid_grant", {}, {}),
    "alg none": ("alg none", {}, {}),
    "hs256 with the public key": ("hs256", {}, {}),
    "the key of somebody else": ("foreign key", {}, {}),
    "without a signature": ("unsigned", {}, {}),
    "another nonce": ("", {"nonce": "another"}, {}),
    "no nonce": ("", {"nonce": None}, {}),
    "another audience": ("", {"aud": "another-client"}, {}),
    "many audiences and no party": ("", {"aud": [CLIENT, "another-client"]}, {}),
    "another party": ("", {"azp": "another-client"}, {}),
    "another issuer": ("", {"iss": "https://evil.example"}, {}),
    "expired": ("", {"exp": 1_700_000_000}, {}),
    "never expires": ("", {"exp": None}, {}),
    "of the future": ("", {"iat": 4_000_000_000, "exp": 4_000_000_300}, {}),
    "old": ("", {"iat": 1_700_000_000}, {}),
    "an expiry that is no number": ("", {"exp": True}, {}),
    "nobody": ("", {"sub": None}, {}),
    "an empty subject": ("", {"sub": ""}, {}),
    "a subject that is no text": ("", {"sub": 7}, {}),
    "an unknown key": ("", {}, {"kid": "unknown"}),
    "a header that must be known": ("", {}, {"crit": ["exp"], "exp": 1}),
}


@pytest.mark.promise("A24")
@pytest.mark.asvs("6.8.2", "9.1.1", "9.1.2", "9.2.1", "9.2.3", "10.5.1", "10.5.4")
def test_a_token_that_proves_nothing_lets_nobody_in(
    pages: Pages, there: OpenIdProvider, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_MOST", 1000)
    set_up(pages, there)
    for name, (twist, claims, header) in WRONG.items():
        there.twist, there.claims, there.header = twist, claims, header
        client, answer = sign_in(pages, there)
        assert (answer.status_code, REFUSED in answer.content.decode()) == (403, True), name
        assert not is_in(pages, client), name
    assert links_of(database) == []
    # The same way with nothing wrong.
    there.twist, there.claims, there.header = "", {}, {}
    assert is_in(pages, sign_in(pages, there)[0])


def test_a_key_that_is_new_since_yesterday_is_taken(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    assert is_in(pages, sign_in(pages, there)[0])
    there.rotate()
    assert is_in(pages, sign_in(pages, there)[0])


@pytest.mark.asvs("10.2.2")
def test_an_answer_of_another_issuer_is_refused(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    client = pages.anybody()
    address = there.browse(begin(pages, client))
    assert back(client, f"{address}&iss=https://evil.example").status_code == 403
    assert there.asked("/token") == []


def test_user_info_of_somebody_else_is_refused(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    there.twist = "other user"
    client, answer = sign_in(pages, there)
    assert answer.status_code == 403
    assert not is_in(pages, client)


def test_who_says_no_over_there_is_back_at_the_door(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    there.twist = "denied"
    client, answer = sign_in(pages, there)
    assert answer.headers["Location"] == "/t/acme/sign-in/"
    assert not is_in(pages, client)


def test_a_provider_in_bad_weather_is_told_plainly(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    for weather in ("cut", "noise", "500", "404"):
        client = pages.anybody()
        there.there.weather = "ok"
        address = there.browse(begin(pages, client))
        there.there.weather = weather
        answer = back(client, address)
        assert (answer.status_code, REFUSED in answer.content.decode()) == (403, True), weather


def test_a_provider_that_never_answers_is_given_up(
    pages: Pages, there: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.web.outgoing_session.TIMEOUT_S", 0.3)
    set_up(pages, there)
    there.there.weather = "hang"
    answer = pages.anybody().post(f"{pages.prefix}/sign-in/with/staff/")
    assert (answer.status_code, REFUSED in answer.content.decode()) == (403, True)


def test_a_discovery_that_is_huge_or_elsewhere_is_refused(
    pages: Pages, there: OpenIdProvider
) -> None:
    set_up(pages, there)
    for twist in ("huge", "moved"):
        there.twist = twist
        assert pages.anybody().post(f"{pages.prefix}/sign-in/with/staff/").status_code == 403
    assert there.asked("/other") == []


@pytest.mark.asvs("16.2.5")
def test_no_log_holds_the_secret_or_the_code(
    pages: Pages, there: OpenIdProvider, caplog: pytest.LogCaptureFixture
) -> None:
    set_up(pages, there)
    there.twist = "invalid_grant"
    client = pages.anybody()
    address = there.browse(begin(pages, client))
    back(client, address)
    code = parse_qs(urlsplit(address).query)["code"][0]
    assert "gave no token" in caplog.text
    assert SECRET not in caplog.text
    assert code not in caplog.text


# ------------------------------------------------------------------------------------------- people


@pytest.mark.promise("A43")
@pytest.mark.asvs("6.8.1")
def test_two_providers_that_name_one_address_are_two_people(
    pages: Pages, there: OpenIdProvider, database: Database
) -> None:
    set_up(pages, there)
    assert is_in(pages, sign_in(pages, there)[0])
    with oidc.provider(**there.says) as second:
        set_up(pages, second, key="second", name="Second")
        client, answer = sign_in(pages, second, "second")
    assert answer.status_code == 403
    assert not is_in(pages, client)
    assert len(links_of(database)) == 1
    # The same provider with the address under another subject: that is somebody else.
    there.says["sub"] = "subject-2"
    client, answer = sign_in(pages, there)
    assert answer.status_code == 403
    assert not is_in(pages, client)


@pytest.mark.promise("A43")
def test_an_address_that_nobody_has_checked_finds_nobody(
    pages: Pages, there: OpenIdProvider, database: Database
) -> None:
    set_up(pages, there)
    for verified in (False, None, "no", 1, "absent"):
        there.says["email_verified"] = verified
        if verified == "absent":
            del there.says["email_verified"]
        client, answer = sign_in(pages, there)
        assert answer.status_code == 403
        assert not is_in(pages, client)
    assert links_of(database) == []


@pytest.mark.promise("A43")
def test_an_address_finds_somebody_only_where_that_is_allowed(
    pages: Pages, there: OpenIdProvider, database: Database
) -> None:
    set_up(pages, there, by_email=False)
    assert sign_in(pages, there)[1].status_code == 403
    assert links_of(database) == []


def test_a_provider_that_is_known_to_check_need_not_say_so(
    pages: Pages, there: OpenIdProvider
) -> None:
    set_up(pages, there, checked=True)
    there.says["email_verified"] = False
    assert sign_in(pages, there)[1].status_code == 403
    del there.says["email_verified"]
    assert is_in(pages, sign_in(pages, there)[0])


@pytest.mark.promise("A40")
def test_who_has_left_stays_out(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    assert is_in(pages, sign_in(pages, there)[0])
    people.deactivate(person=pages.made.people["ann"], by=pages.made.operator)
    client, answer = sign_in(pages, there)
    assert answer.status_code == 403
    assert not is_in(pages, client)


def team(database: Database, key: str) -> int:
    return int(database.one("SELECT id FROM team WHERE key = %s", key))


@pytest.mark.promise("A50")
def test_who_is_new_is_added_by_their_groups_and_follows_them(
    pages: Pages, there: OpenIdProvider, database: Database
) -> None:
    second = team(database, "second line")
    groups = (Group("desk", "agent", (second,)), Group("desk leads", "lead", (second,)))
    set_up(pages, there, groups=groups)
    there.says |= {"email": "nia@acme.example", "name": "Nia", "groups": ["other"]}
    assert sign_in(pages, there)[1].status_code == 403
    assert database.one("SELECT count(*) FROM person WHERE email_key = 'nia@acme.example'") == 0
    there.says["groups"] = ["desk", "desk leads"]
    client, _ = sign_in(pages, there)
    assert is_in(pages, client)
    asked = "SELECT id, role, name FROM person WHERE email_key = 'nia@acme.example'"
    person, role, name = database.rows(asked)[0]
    assert (role, name) == ("lead", "Nia")
    members = "SELECT team_id FROM membership WHERE person_id = %s"
    assert database.rows(members, person) == [(second,)]
    # A group less, a role less; no group, nothing.
    there.says["groups"] = ["desk"]
    assert is_in(pages, sign_in(pages, there)[0])
    assert database.rows(asked)[0][1] == "agent"
    there.says["groups"] = []
    assert sign_in(pages, there)[1].status_code == 403
    assert database.rows(asked)[0][1] == "limited"
    assert database.rows(members, person) == []
    facts = database.rows(
        "SELECT payload FROM event WHERE stream_kind = 'person' AND stream_id = %s"
        " AND payload LIKE '%%placed%%' ORDER BY stream_seq",
        person,
    )
    assert len(facts) == 3
    # The session of before has no more than that either.
    reader = readers.reader(pages.made.tenant, person)
    assert reader is not None
    assert len(reader.actor.rights) == 1


def test_a_provider_that_says_nothing_of_groups_takes_nothing_away(
    pages: Pages, there: OpenIdProvider, database: Database
) -> None:
    set_up(pages, there, groups=(Group("desk", "lead"),))
    there.says["groups"] = ["desk"]
    assert is_in(pages, sign_in(pages, there)[0])
    del there.says["groups"]
    assert sign_in(pages, there)[1].status_code == 403
    assert database.one("SELECT role FROM person WHERE email_key = 'ann@acme.example'") == "lead"


@pytest.mark.promise("A45")
def test_the_last_administrator_stays_one(
    pages: Pages, there: OpenIdProvider, database: Database
) -> None:
    set_up(pages, there, groups=(Group("desk", "agent"),))
    there.says |= {"email": "dora@acme.example", "groups": ["desk"]}
    assert is_in(pages, sign_in(pages, there)[0])
    asked = "SELECT role FROM person WHERE email_key = 'dora@acme.example'"
    assert database.one(asked) == "administrator"
    people.add_person(
        name="Eva", email="eva@acme.example", role="administrator", by=pages.made.operator
    )
    assert is_in(pages, sign_in(pages, there)[0])
    assert database.one(asked) == "agent"


# ---------------------------------------------------------------------------------- proving it anew


@pytest.mark.promise("A41")
@pytest.mark.asvs("6.8.4")
def test_who_they_are_can_be_proved_anew_by_the_provider(
    pages: Pages, there: OpenIdProvider
) -> None:
    set_up(pages, there)
    client, _ = sign_in(pages, there)

    def age() -> None:
        session = client.session
        session["proved_at"] = 0
        session.save()

    age()
    address = begin(pages, client, prove="1", next="/t/acme/preferences/")
    asked = parse_qs(urlsplit(address).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    there.claims = {"auth_time": 1_700_000_000}
    assert back(client, there.browse(address)).status_code == 403
    assert client.session["proved_at"] == 0
    there.claims = {"sub": "somebody else"}
    address = begin(pages, client, prove="1")
    assert back(client, there.browse(address)).status_code == 403
    assert client.session["proved_at"] == 0
    there.claims = {}
    address = begin(pages, client, prove="1", next="/t/acme/preferences/")
    answer = back(client, there.browse(address))
    assert answer.headers["Location"] == "/t/acme/preferences/"
    assert client.session["proved_at"] > 0


def test_twenty_tries_of_one_address_are_enough(pages: Pages, there: OpenIdProvider) -> None:
    set_up(pages, there)
    client = pages.anybody()
    found = [client.post(f"{pages.prefix}/sign-in/with/staff/").status_code for _ in range(22)]
    assert found == [200] * 20 + [429] * 2
