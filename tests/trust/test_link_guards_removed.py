"""Attacks by links, forms and addresses, each refused and then, once its guard is gone, let in."""

import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.middleware.csrf import CsrfViewMiddleware
from django.test import Client, override_settings
from tests.desk import Database
from tests.web.conftest import PASSWORD, Pages
from tests.web.test_links import letters

from tocsin.actions import invitations, leaving, links, one_time_links, people, sign_ins
from tocsin.kit import machine_clock
from tocsin.queries.access import NotFound
from tocsin.web import entry, proving
from tocsin.web import links as pages_of_links

SIGN_IN, HUB, ADDRESS = "/t/acme/sign-in/", "/t/acme/hub/", "/t/acme/my-security/address/"
NEW = "another long word, not known"
OURS, THEIRS = "https://desk.example.com", "evil.example"
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have mail leave and our address be known, and nothing be known of other tests' sessions."""
    monkeypatch.setenv("TOCSIN_URL", OURS)
    entry.look_again()
    with override_settings(SMTP_URL="smtp://127.0.0.1:2525?from=desk@example.com"):
        yield
    entry.look_again()


# ------------------------------------------------------------------------ invitations that live on


def invited(pages: Pages) -> str:
    """Invite ann, and return the token of the link."""
    with override_settings(SMTP_URL=""):
        url = invitations.invite(person=pages.made.people["ann"], by=pages.made.operator)
    return str(url).split("/")[-2]


def takes(pages: Pages, token: str, *, now: dt.datetime | None = None) -> bool:
    """Say whether a link gives somebody a password."""
    try:
        invitations.accept(pages.made.tenant, token, NEW, now=now)
    except NotFound:
        return False
    return True


@pytest.mark.promise("A37", "P34")
def test_a_link_is_used_up_by_what_it_did_and_by_the_new_password_each_for_itself(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice() -> tuple[bool, bool]:
        token = invited(pages)
        return takes(pages, token), takes(pages, token)

    assert twice() == (True, False)
    for module, name in ((one_time_links, "use"), (one_time_links, "end")):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(module, name, lambda *_given, **_more: None)
            assert twice() == (True, False), name
    monkeypatch.setattr(one_time_links, "use", lambda *_given, **_more: None)
    monkeypatch.setattr(one_time_links, "end", lambda *_given, **_more: None)
    assert twice() == (True, True)


@pytest.mark.promise("A37")
def test_without_an_end_a_link_of_long_ago_is_taken(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = database.one("SELECT clock_timestamp()") + 25 * HOUR
    assert not takes(pages, invited(pages), now=later)
    monkeypatch.setitem(one_time_links.LASTS, one_time_links.INVITATION, dt.timedelta(days=999))
    assert takes(pages, invited(pages), now=later)


class Something(str):
    """A text that counts as one, even when it is empty."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True


@pytest.mark.promise("A37")
def test_a_link_without_a_token_is_none_even_if_a_row_had_none(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What others had: people who were never invited, whose token is empty like that of a thief.
    empty = SimpleNamespace(token_urlsafe=lambda _: "")
    monkeypatch.setattr(one_time_links, "secrets", empty)
    invitations.invite(person=pages.made.people["ann"], by=pages.made.operator)
    assert not takes(pages, "")
    assert takes(pages, Something())


@pytest.mark.promise("A37")
@pytest.mark.parametrize("change", ["role", "address"])
def test_without_its_guard_a_link_outlives_what_it_was_for(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    ann, by = pages.made.people["ann"], pages.made.operator
    before: dict[str, Any] = {"role": "agent"} if change == "role" else {"email": "a@b.example"}
    after: dict[str, Any] = {"role": "manager"} if change == "role" else {"email": "c@d.example"}

    def outlives() -> bool:
        people.edit(person=ann, by=by, **before)
        token = invited(pages)
        people.edit(person=ann, by=by, **after)
        return takes(pages, token)

    assert not outlives()
    if change == "role":
        monkeypatch.setattr(
            invitations,
            "_found",
            lambda tenant, token, at: one_time_links.find(tenant, token, "invitation", now=at),
        )
    else:
        monkeypatch.setattr(leaving, "end_links", lambda *_given: 0)
    assert outlives()


@pytest.mark.promise("A37", "P33")
def test_without_a_hash_whoever_reads_the_database_follows_every_link(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stolen() -> str:
        kept = bytes(database.one("SELECT token_hash FROM one_time_link ORDER BY id DESC LIMIT 1"))
        # As it stands there, or in letters.
        return kept.decode("ascii") if kept.isascii() else kept.hex()

    invited(pages)
    assert not takes(pages, stolen())
    monkeypatch.setattr(one_time_links, "_hash", lambda token: token.encode())
    invited(pages)
    assert takes(pages, stolen())


# ------------------------------------------------------- what is grave, without proving who one is


def stale(client: Client) -> None:
    """Have the last proof be too old."""
    session = client.session
    session[proving.PROVED_AT] = machine_clock.wall().timestamp() - 601
    session.save()


@pytest.mark.promise("A41", "P34")
def test_without_a_fresh_proof_a_browser_that_was_left_open_gives_away_the_account(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_open = pages.client("ann")
    stale(left_open)
    assert left_open.post(ADDRESS, {"email": "thief@evil.example"}).status_code == 403
    assert letters(database) == []
    monkeypatch.setattr(proving, "is_fresh", lambda _request: True)
    assert left_open.post(ADDRESS, {"email": "thief@evil.example"}).status_code == 302
    assert {to for to, _, _ in letters(database)} == {"ann@acme.example", "thief@evil.example"}


@pytest.mark.promise("A41", "P34")
def test_a_password_is_changed_by_whoever_proved_it_lately_and_knows_the_one_before(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(current: str, *, old: bool) -> bool:
        client = pages.client("ann")
        if old:
            stale(client)
        form = {"current": current, "password": NEW, "again": NEW}
        return client.post("/t/acme/my-security/password/", form).status_code == 302

    # Each wall alone.
    assert not changed("wrong", old=True)
    assert not changed(PASSWORD, old=True)
    assert not changed("wrong", old=False)
    monkeypatch.setattr(sign_ins, "prove", lambda **_given: True)
    assert not changed("wrong", old=True)
    monkeypatch.setattr(proving, "is_fresh", lambda _request: True)
    assert changed("wrong", old=True)


@pytest.mark.promise("A41")
def test_a_new_address_counts_once_its_link_was_followed_and_not_before(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, asked = pages.made.people["ann"], "SELECT email FROM person WHERE id = %s"
    client = pages.client("ann")
    client.post(ADDRESS, {"email": "not.mine@acme.example"})
    assert database.one(asked, ann) == "ann@acme.example"
    # One who guesses the link of it has nothing, unless every link is good.
    guessed = f"/t/acme/email/{'A' * 43}/"
    assert pages.anybody().post(guessed).status_code == 404
    monkeypatch.setattr(one_time_links, "_hash", lambda _token: b"\0" * 32)
    client.post(ADDRESS, {"email": "not.mine@acme.example"})
    assert pages.anybody().post(guessed).status_code == 302
    assert database.one(asked, ann) == "not.mine@acme.example"


# --------------------------------------------------------- hosts, ways elsewhere, forms, cookies


@pytest.mark.promise("A42")
def test_a_poisoned_host_is_refused_and_unread_each_for_itself(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []
    real = entry._named

    def overheard(request: Any) -> Any:
        named.append(request.get_host())
        return real(request)

    def ask(who: str) -> tuple[int, str]:
        form = {"login": f"{who}@acme.example"}
        answer = pages.anybody().post("/t/acme/forgotten/", form, headers={"host": THEIRS})
        pages_of_links.settled()
        return answer.status_code, "".join(body for _, _, body in letters(database))

    def naive() -> str:
        return f"https://{named[-1]}"

    assert ask("ann") == (400, "")
    with override_settings(ALLOWED_HOSTS=["*"]):
        status, letter = ask("ann")
        assert status == 200
        assert OURS in letter
        assert THEIRS not in letter
    # One that builds its links from what a browser calls it, as those did that were hit.
    monkeypatch.setattr(entry, "_named", overheard)
    monkeypatch.setattr(links, "address", naive)
    assert ask("lea") == (400, "")
    with override_settings(ALLOWED_HOSTS=["*"]):
        assert f"https://{THEIRS}/t/acme/password/" in ask("lea")[1]


def led_to(client: Client, path: str, onward: str) -> str:
    form = {"login": "ann@acme.example", "password": PASSWORD, "next": onward}
    return str(client.post(path, form).headers["Location"])


@pytest.mark.promise("A42")
def test_without_a_look_at_the_host_signing_in_leads_away(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"DOMAIN": "desk.example", "ALLOWED_HOSTS": [".desk.example"]}
    away = f"//{THEIRS}/"
    with override_settings(**own):
        # On a host of its own each address begins as a desk's do.
        assert led_to(Client(headers={"host": "acme.desk.example"}), "/sign-in/", away) == "/hub/"
        monkeypatch.setattr(
            proving, "url_has_allowed_host_and_scheme", lambda *_given, **_more: True
        )
        assert led_to(Client(headers={"host": "acme.desk.example"}), "/sign-in/", away) == away
    # Below a path the other wall stands still.
    assert led_to(pages.anybody(), SIGN_IN, away) == HUB


@pytest.mark.promise("A42")
def test_without_a_look_at_the_prefix_signing_in_leads_into_another_desk(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = "/t/bolt/hub/"
    assert led_to(pages.anybody(), SIGN_IN, there) == HUB
    monkeypatch.setattr(proving, "inside", lambda _request, wanted, otherwise: wanted or otherwise)
    assert led_to(pages.anybody(), SIGN_IN, there) == there


@pytest.mark.promise("A42")
@pytest.mark.parametrize("path", ["/t/acme/my-security/sessions/", "/t/acme/sign-out/"])
def test_without_the_token_of_a_form_another_page_acts_for_whoever_looks_at_it(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    cookies = pages.client("ann").cookies

    def status(**headers: str) -> int:
        victim = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
        victim.cookies = cookies
        return int(victim.post(path, headers=headers).status_code)

    assert status(Origin=f"https://{THEIRS}") == status() == 403
    monkeypatch.setattr(CsrfViewMiddleware, "process_view", lambda *_given: None)
    assert status(Origin=f"https://{THEIRS}") == 302


@pytest.mark.promise("A42")
def test_without_its_check_the_interface_takes_a_forged_note_with_a_session(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.made.open()
    victim = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    victim.cookies = pages.client("ann").cookies
    note = "/t/acme/api/v1/tickets/1/notes"

    def forged() -> int:
        kind = "application/json"
        return int(victim.post(note, {"body": "forged"}, content_type=kind).status_code)

    assert forged() == 403
    monkeypatch.setattr(CsrfViewMiddleware, "process_view", lambda *_given: None)
    assert forged() == 201


@pytest.mark.promise("A42", "A40")
def test_without_the_name_that_binds_it_a_cookie_of_another_host_is_read(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"DOMAIN": "desk.example", "ALLOWED_HOSTS": [".desk.example"]}
    with override_settings(**own, SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True):
        thief = Client(headers={"host": "acme.desk.example"})
        form = {"login": "lea@acme.example", "password": PASSWORD}
        session = thief.post("/sign-in/", form, secure=True).cookies["__Host-tocsin_session"].value

        def led_astray() -> bool:
            """Say whether a browser acts as the thief who set its cookie from bolt.desk.example."""
            victim = Client(headers={"host": "acme.desk.example"})
            victim.cookies["tocsin_session"] = session
            return victim.get("/hub/", secure=True).status_code == 200

        assert not led_astray()
        monkeypatch.setattr(entry, "_unbind", lambda _request: None)
        assert led_astray()


@pytest.mark.promise("A42", "A40")
@pytest.mark.parametrize(
    ("setting", "open_", "attribute", "closed"),
    [
        ("SESSION_COOKIE_SECURE", False, "secure", True),
        ("SESSION_COOKIE_HTTPONLY", False, "httponly", True),
        ("SESSION_COOKIE_SAMESITE", "None", "samesite", "Lax"),
    ],
)
def test_the_marks_of_a_cookie_are_those_of_the_settings(
    pages: Pages, setting: str, open_: Any, attribute: str, closed: Any
) -> None:
    def mark() -> object:
        client = pages.anybody()
        form = {"login": "ann@acme.example", "password": PASSWORD}
        return client.post(SIGN_IN, form, secure=True).cookies["tocsin_session"][attribute]

    with override_settings(SESSION_COOKIE_SECURE=True):
        assert mark() == closed
        with override_settings(**{setting: open_}):
            assert mark() != closed
