"""Links that work once: invitations, new passwords, new addresses; sent by mail, built by us."""

import datetime as dt
import json
import logging
import re
from collections.abc import Iterator

import pytest
from django.test import override_settings
from tests.desk import Database
from tests.mailbox import provider
from tests.web.conftest import PASSWORD, Pages, desk_of

from tocsin.actions import invitations, outbox, passwords, people
from tocsin.channels.email.letters import letter
from tocsin.channels.email.send import send
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import NotFound
from tocsin.web import entry, links

pytestmark = pytest.mark.long("signs in again and again")

NEW = "another long word, not known"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(hours=24)
OURS = "https://desk.example.com"


@pytest.fixture(autouse=True)
def _mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have mail leave, and our own address be known."""
    monkeypatch.setenv("TOCSIN_URL", OURS)
    entry.look_again()
    with override_settings(SMTP_URL="smtp://127.0.0.1:2525?from=desk@example.com"):
        yield


def letters(database: Database) -> list[tuple[str, str, str]]:
    """Return the letters that wait: to whom, subject and text."""
    database.play("worker")
    found = [letter(lease) for lease in outbox.claim(100)]
    database.play("app")
    return [(one.to, one.subject, one.body) for one in found]


def path_in(body: str) -> str:
    found = re.search(rf"{OURS}(/t/acme/\S+)", body)
    assert found is not None, body
    return found[1]


def invited(pages: Pages, database: Database) -> str:
    made = pages.made
    assert invitations.invite(person=made.people["ann"], by=made.operator) == ""
    [(to, subject, body)] = letters(database)
    assert (to, subject) == ("ann@acme.example", "Your way into Acme")
    return path_in(body)


@pytest.mark.promise("P34", "A37")
@pytest.mark.asvs("6.4.1")
def test_an_invitation_works_once(pages: Pages, database: Database) -> None:
    path = invited(pages, database)
    browser = pages.anybody()
    # Programs that look at every link use it up neither.
    for _ in range(2):
        page = browser.get(path)
        assert page.status_code == 200
        # Of the address nobody hears more than whose it is.
        assert page.headers["Referrer-Policy"] == "strict-origin"
        assert page.headers["Cache-Control"] == "no-store"
    wrong = browser.post(path, {"password": "short", "again": "short"})
    assert wrong.status_code == 422
    assert "12 to 1024" in wrong.content.decode()
    done = browser.post(path, {"password": NEW, "again": NEW})
    assert done.headers["Location"] == "/t/acme/sign-in/?saved=invitation"
    assert "tocsin_session" not in done.cookies
    login = {"login": "ann@acme.example", "password": NEW}
    assert browser.post("/t/acme/sign-in/", login).status_code == 302
    assert pages.anybody().get(path).status_code == 404
    assert pages.anybody().post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 404


@pytest.mark.promise("A37")
@pytest.mark.asvs("6.4.1")
def test_what_invites_nobody_is_one_answer(pages: Pages, database: Database) -> None:
    made = pages.made
    path = invited(pages, database)
    token = path.split("/")[-2]
    nobody = pages.anybody()
    nothing = nobody.get("/t/acme/invitation/worthless/")
    assert nothing.status_code == 404
    empty = nobody.get("/t/acme/invitation//")
    assert empty.status_code == 404
    # For another purpose, in another tenant, with a letter changed.
    other = desk_of_bolt()
    for wrong in (
        f"/t/acme/password/{token}/",
        f"/t/acme/email/{token}/",
        f"/t/bolt/invitation/{token}/",
        f"/t/acme/invitation/{token[:-1]}/",
        f"/t/acme/invitation/{token}x/",
    ):
        answer = nobody.post(wrong, {"password": NEW, "again": NEW})
        assert answer.status_code == 404, wrong
    assert nobody.get("/t/acme/invitation/%00/").status_code == 404
    tenant = made.tenant
    now = database.one("SELECT clock_timestamp()")
    assert invitations.meant(tenant, token, now=now) is not None
    assert invitations.meant(tenant, token, now=now + DAY) is None
    assert invitations.meant(tenant, token, now=now - HOUR) is None
    assert invitations.meant(other.made.tenant, token, now=now) is None
    assert invitations.meant(tenant, "", now=now) is None
    with pytest.raises(NotFound):
        invitations.accept(tenant, "", NEW)
    with pytest.raises(NotFound):
        invitations.accept(tenant, token, NEW, now=now + DAY)
    # A newer one replaces it.
    invited(pages, database)
    assert nobody.get(path).content == nobody.get("/t/acme/invitation/worthless/").content
    assert nobody.get(path).status_code == 404


def desk_of_bolt() -> Pages:
    from tests.desk import company

    return desk_of(company("bolt"), "bolt")


@pytest.mark.promise("A37")
@pytest.mark.parametrize("change", ["role", "leaving"])
def test_an_invitation_dies_with_the_role_that_it_was_for_and_with_leaving(
    pages: Pages, database: Database, change: str
) -> None:
    path = invited(pages, database)
    assert pages.anybody().get(path).status_code == 200
    ann, by = pages.made.people["ann"], pages.made.operator
    if change == "role":
        people.edit(person=ann, role="administrator", by=by)
    else:
        people.deactivate(person=ann, by=by)
        with pytest.raises(Invalid, match="not active"):
            invitations.invite(person=ann, by=by)
    assert pages.anybody().get(path).status_code == 404
    answer = pages.anybody().post(path, {"password": NEW, "again": NEW})
    assert answer.status_code == 404


@pytest.mark.promise("A37", "P33")
@pytest.mark.asvs("16.2.5")
def test_neither_the_database_nor_the_log_holds_what_a_link_needs(
    pages: Pages, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        token = invited(pages, database).split("/")[-2]
        pages.anybody().get(f"/t/acme/invitation/{token}/")
        pages.anybody().get(f"/t/bolt/invitation/{token}/")
    assert len(token) >= 43
    kept = database.rows(
        "SELECT t::text FROM one_time_link t UNION ALL SELECT t::text FROM outbox t"
        " UNION ALL SELECT t::text FROM event t UNION ALL SELECT t::text FROM event_content t"
    )
    assert not any(token in row[0] for row in kept)
    assert token not in caplog.text
    # Sealed for this letter: in another one it opens for nobody.
    row = json.loads(database.one("SELECT parts FROM outbox"))
    assert row["sealed"].startswith("1:")


@pytest.mark.promise("A42")
def test_links_are_built_from_our_own_address_whatever_host_was_asked(
    pages: Pages, database: Database
) -> None:
    browser = pages.anybody()
    form = {"login": "ann@acme.example"}
    with override_settings(ALLOWED_HOSTS=["*"]):
        spoofed = {"host": "evil.example", "X-Forwarded-Host": "evil.example"}
        assert browser.post("/t/acme/forgotten/", form, headers=spoofed).status_code == 200
    links.settled()
    [(_, _, body)] = letters(database)
    assert "evil" not in body
    assert path_in(body).startswith("/t/acme/password/")


@pytest.mark.promise("P34", "A38")
@pytest.mark.asvs("6.4.3", "7.4.3")
def test_a_new_password_by_a_link_ends_every_session(pages: Pages, database: Database) -> None:
    client = pages.client("ann")
    pages.anybody().post("/t/acme/forgotten/", {"login": " ANN@acme.example "})
    links.settled()
    [(to, subject, body)] = letters(database)
    assert (to, subject) == ("ann@acme.example", "A new password for Acme")
    path = path_in(body)
    assert client.get("/t/acme/hub/").status_code == 200
    token, tenant = path.split("/")[-2], pages.made.tenant
    now = database.one("SELECT clock_timestamp()")
    assert passwords.meant(tenant, token, now=now + HOUR) is None
    answer = pages.anybody().post(path, {"password": NEW, "again": NEW})
    assert answer.status_code == 302
    assert client.get("/t/acme/hub/").status_code == 302
    assert pages.anybody().get(path).status_code == 404
    login = {"login": "ann@acme.example", "password": NEW}
    assert pages.anybody().post("/t/acme/sign-in/", login).status_code == 302
    # It is no sign-in: a second factor stays a second factor.
    assert "tocsin_session" not in answer.cookies


@pytest.mark.promise("A38")
@pytest.mark.asvs("2.4.1", "6.3.8")
def test_asking_for_a_password_says_nothing_of_who_is_there_and_floods_nobody(
    pages: Pages, database: Database
) -> None:
    def ask(email: str) -> bytes:
        answer = pages.anybody().post("/t/acme/forgotten/", {"login": email})
        assert answer.status_code == 200
        return bytes(answer.content)

    first = ask("ann@acme.example")
    assert first == ask("nobody@acme.example")
    for _ in range(5):
        assert ask("ann@acme.example") == first
    links.settled()
    # Three of an hour were sent, and of these the last one counts.
    sent = letters(database)
    assert [to for to, _, _ in sent] == ["ann@acme.example"] * 3
    good = [pages.anybody().get(path_in(body)).status_code for _, _, body in sent]
    assert sorted(good) == [200, 404, 404]
    database.rows("UPDATE person SET is_active = false WHERE id = %s", pages.made.people["lea"])
    assert ask("lea@acme.example") == first
    links.settled()
    assert letters(database) == []


@pytest.mark.promise("A41", "P34")
@pytest.mark.asvs("6.3.7")
def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(
    pages: Pages, database: Database
) -> None:
    client = pages.client("ann")
    taken = client.post("/t/acme/my-security/address/", {"email": "LEA@acme.example"})
    assert taken.status_code == 422
    none = client.post("/t/acme/my-security/address/", {"email": "no address"})
    assert none.status_code == 422
    assert 'value="no address"' in none.content.decode()
    answer = client.post("/t/acme/my-security/address/", {"email": "ann.new@acme.example"})
    assert answer.status_code == 302
    sent = {to: body for to, _, body in letters(database)}
    assert set(sent) == {"ann@acme.example", "ann.new@acme.example"}
    assert OURS not in sent["ann@acme.example"]
    path = path_in(sent["ann.new@acme.example"])
    mail = "SELECT email FROM person WHERE id = %s"
    assert pages.anybody().get(path).status_code == 200
    assert database.one(mail, pages.made.people["ann"]) == "ann@acme.example"
    assert pages.anybody().post(path).status_code == 302
    assert database.one(mail, pages.made.people["ann"]) == "ann.new@acme.example"
    assert pages.anybody().post(path).status_code == 404


@pytest.mark.promise("A37")
def test_where_no_mail_leaves_whoever_invites_gets_the_link_this_once(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pages.made
    with override_settings(SMTP_URL=""):
        url = invitations.invite(person=made.people["ann"], by=made.operator)
        assert url.startswith(f"{OURS}/t/acme/invitation/")
        monkeypatch.delenv("TOCSIN_URL")
        path = invitations.invite(person=made.people["ann"], by=made.operator)
    assert path.startswith("/t/acme/invitation/")
    assert letters(database) == []
    assert pages.anybody().get(path).status_code == 200
    assert pages.anybody().get(url.removeprefix(OURS)).status_code == 404


def test_a_letter_with_a_link_goes_over_the_line(pages: Pages, database: Database) -> None:
    invitations.invite(person=pages.made.people["ann"], by=pages.made.operator)
    database.play("worker")
    [lease] = outbox.claim()
    with provider() as there:
        send(letter(lease), there.address())
        [(to, message)] = there.received
    database.play("app")
    assert to == "ann@acme.example"
    assert f"{OURS}/t/acme/invitation/" in message.get_content()
