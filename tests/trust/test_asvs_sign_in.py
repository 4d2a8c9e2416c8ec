"""Passwords, sessions and tokens: what holds of them whatever the way in."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from tests.desk import Database, inside
from tests.trust.test_static_rules import trees
from tests.web import oidc
from tests.web.conftest import PASSWORD, Pages
from tests.web.test_identity import back, begin, is_in, set_up

import tocsin
from tocsin.actions import factors, one_time_codes, one_time_links, passwords
from tocsin.channels import outgoing
from tocsin.kit import machine_clock

STATIC = Path(tocsin.__file__).parent / "web" / "static" / "tocsin"
SIGN_IN = "/t/acme/sign-in/"
HUB = "/t/acme/hub/"
LONG = "a Passphrase of Eighty signs and more, with ÅÄÖ, a 🔔, (brackets) and \\ signs, for 2031"


class Fields(HTMLParser):
    """The fields of a page, by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.found.append({name: value or "" for name, value in attrs})


def comes_in(pages: Pages, password: str, name: str = "ann") -> bool:
    form = {"login": f"{name}@acme.example", "password": password}
    return pages.anybody().post(SIGN_IN, form).status_code == 302


# ---------------------------------------------------------------------------------------- passwords


@pytest.mark.asvs("6.2.6", "6.2.7")
def test_fields_for_passwords_hide_them_and_can_be_filled_in(pages: Pages) -> None:
    client, found = pages.client("ann"), 0
    for path in ("my-security/", "prove/"):
        for field in Fields(client.get(f"/t/acme/{path}").content.decode()).found:
            if field.get("name") in ("password", "current", "again"):
                found += 1
                assert field["type"] == "password", (path, field)
                assert field["autocomplete"] in ("current-password", "new-password"), path
    for field in Fields(pages.anybody().get(SIGN_IN).content.decode()).found:
        if field.get("name") == "password":
            found += 1
            assert (field["type"], field["autocomplete"]) == ("password", "current-password")
    assert found >= 5
    # No script is told of what is pasted, so none can hold it up.
    for path_ in STATIC.rglob("*.js"):
        assert not re.search(r"[\"'](paste|beforeinput)[\"']|onpaste", path_.read_text()), (
            path_.name
        )


@pytest.mark.asvs("6.2.5", "6.2.8", "6.2.9")
def test_a_password_is_the_one_that_was_typed_to_the_last_sign(
    pages: Pages, database: Database
) -> None:
    ann, by = pages.made.people["ann"], pages.made.operator
    assert len(LONG) > 64
    for chosen, others in (
        (LONG, (LONG[:-1], LONG.lower(), LONG[:72])),
        ("  two spaces around it  ", ("two spaces around it", "  two spaces around it")),
        ("x" * 1023 + "y", ("x" * 1023 + "z", "x" * 1023)),
    ):
        passwords.give(person=ann, password=chosen, by=by)
        for other in others:
            assert not comes_in(pages, other)
        database.rows("DELETE FROM rate_limit")
        assert comes_in(pages, chosen)


@pytest.mark.asvs("6.2.10")
def test_a_password_of_years_ago_is_as_good_as_one_of_today(
    pages: Pages, database: Database
) -> None:
    pages.client("ann")
    moments = database.rows(
        "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'person'"
        " AND data_type LIKE 'timestamp%%' AND is_generated = 'NEVER'"
    )
    for (name,) in moments:
        database.rows(f'UPDATE person SET "{name}" = "{name}" - interval \'6 years\'')
    answer = pages.anybody().post(SIGN_IN, {"login": "ann@acme.example", "password": PASSWORD})
    # To the desk, and not to a page that wants another one.
    assert answer.headers["Location"] == HUB


@pytest.mark.asvs("6.4.2")
def test_there_are_no_hints_and_no_questions(database: Database) -> None:
    columns = database.rows(
        "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public'"
    )
    assert [c for (c,) in columns if re.search("hint|question|reminder|mothers", c)] == []


@pytest.mark.asvs("6.4.3")
def test_a_new_password_by_a_link_asks_for_the_second_factor_all_the_same(
    pages: Pages,
) -> None:
    ann = pages.made.person("ann")
    now = machine_clock.wall()
    sealed = factors.begin_app(by=ann)
    secret, _ = factors.shown_app(sealed=sealed, issuer="Tocsin", account="ann", by=ann)
    step = int(now.timestamp()) // one_time_codes.STEP_S
    factors.add_app(sealed=sealed, code=one_time_codes.code(secret, step), by=ann, now=now)
    with inside(pages.made.tenant):
        token = one_time_links.make(
            pages.made.tenant, ann.person or 0, one_time_links.PASSWORD, now=now
        )
    passwords.reset(pages.made.tenant, token, LONG, now=now)
    browser = pages.anybody()
    answer = browser.post(SIGN_IN, {"login": "ann@acme.example", "password": LONG})
    assert answer.headers["Location"].endswith("/sign-in/second-factor/")
    assert browser.get(HUB).status_code == 302


# ----------------------------------------------------------------------------------------- sessions


@pytest.mark.promise("A40")
@pytest.mark.asvs("7.2.1", "7.4.1")
def test_a_session_that_was_signed_out_of_is_nobodys(pages: Pages) -> None:
    client = pages.client("ann")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    thief = pages.anybody()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    assert thief.get(HUB).status_code == 200
    page = client.get(HUB)
    # The button back asks anew, since nothing was kept.
    assert "no-store" in page.headers["Cache-Control"]
    client.post("/t/acme/sign-out/")
    assert thief.get(HUB).status_code == 302
    # One that nobody began is none, however it looks.
    for made_up in ("a" * 32, "", "0", key.upper(), key + "x"):
        thief.cookies[settings.SESSION_COOKIE_NAME] = made_up
        assert thief.get(HUB).status_code == 302


@pytest.mark.asvs("11.5.1")
def test_what_must_not_be_guessed_is_long_and_of_chance(pages: Pages) -> None:
    session = pages.client("ann").cookies[settings.SESSION_COOKIE_NAME].value
    assert len(session) * 5.17 >= 128
    weak = {
        where
        for where, tree in trees()
        if not where.startswith("tocsin/cli/demonstration/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("secrets.token_urlsafe", "secrets.token_hex")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and int(str(node.args[0].value)) < 16
    }
    assert weak == set()


# ----------------------------------------------------------------------------- identity providers


@pytest.mark.promise("A24")
@pytest.mark.asvs("10.1.1", "11.5.1")
def test_tokens_of_a_provider_stay_between_it_and_the_server(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    says = {"email": "ann@acme.example", "email_verified": True, "name": "Ann"}
    with oidc.provider(**says) as there:
        given: list[str] = []
        real = there.id_token

        def kept(nonce: str) -> str:
            given.append(real(nonce))
            return given[-1]

        there.id_token = kept  # type: ignore[method-assign]  # to know what was given
        set_up(pages, there)
        client = pages.anybody()
        address = begin(pages, client)
        state = re.search(r"state=([^&]+)", address)
        assert state
        # Six bits a letter.
        assert len(state[1]) * 6 >= 128, state[1]
        answer = back(client, there.browse(address))
        assert is_in(pages, client)
    told = str(answer.headers) + answer.content.decode() + str(dict(client.session.items()))
    rows = str(database.rows("SELECT t::text FROM sign_in t UNION ALL SELECT t::text FROM event t"))
    assert len(given) == 1
    for token in (given[0], given[0].rpartition(".")[2], "an access token"):
        assert token not in told
        assert token not in rows


# ------------------------------------------------------------------------------------ the ways in


@pytest.mark.promise("P34")
@pytest.mark.asvs("6.1.3", "6.3.4")
def test_every_way_in_is_written_down_and_ends_in_the_one_login() -> None:
    assert settings.AUTHENTICATION_BACKENDS == ["tocsin.web.sign_in.Backend"]
    begins = {"perform_login", "perform_password_login", "flows.perform_login", "complete_login"}
    found = {
        where
        for where, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in begins
    }
    known = {
        "tocsin/web/sign_in.py": ("Password", "Proxy"),
        "tocsin/web/identity.py": ("Identity provider",),
        "tocsin/web/saml.py": ("Identity provider",),
        "tocsin/web/factor_stages.py": ("Passkey",),
    }
    assert found <= known.keys()
    docs = Path(tocsin.__file__).parents[2] / "docs" / "operate" / "protection.md"
    table = docs.read_text(encoding="utf-8").partition("## Ways in")[2].partition("\n## ")[0]
    for where in found:
        for word in known[where]:
            assert f"\n| {word}" in table, (where, word)
    # Nobody begins a session beside it.
    beside = {
        where
        for where, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "django.contrib.auth"
        and any(one.name == "login" for one in node.names)
    }
    assert beside == set()
