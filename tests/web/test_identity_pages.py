"""The pages on which administrators set identity providers up."""

import re
from typing import Any

import pytest
from tests.desk import Database
from tests.web import oidc
from tests.web.conftest import Pages
from tests.web.oidc import SECRET

from tocsin.actions import identity_providers, permission_sets
from tocsin.channels import outgoing

pytestmark = pytest.mark.long("providers, and every way to be wrong")

FORM = {
    "key": "staff",
    "name": "Work account",
    "issuer": "https://id.example.com",
    "client": "desk",
    "secret": SECRET,
    "claim": "groups",
}


def address(pages: Pages, rest: str) -> str:
    return f"{pages.prefix}/settings/{rest}"


def added(pages: Pages, client: Any, **more: Any) -> str:
    answer = client.post(address(pages, "new-identity-provider/"), {**FORM, **more})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


@pytest.mark.promise("A24")
def test_a_provider_is_added_shown_and_its_secret_never_again(
    pages: Pages, database: Database
) -> None:
    client = pages.client("dora")
    where = added(pages, client)
    page = client.get(where).content.decode()
    assert "http://localhost/t/acme/sign-in/with/staff/back/" in page
    assert SECRET not in page
    assert SECRET not in str(database.rows("SELECT * FROM identity_provider"))
    facts = "SELECT payload FROM event WHERE stream_kind = 'identity provider'"
    content = "SELECT content FROM event_content"
    assert SECRET not in str(database.rows(facts)) + str(database.rows(content))
    assert len(database.rows(facts)) == 1
    # Nobody comes in by it before it is switched on.
    assert "Work account" not in pages.anybody().get(f"{pages.prefix}/sign-in/").content.decode()
    assert identity_providers.opened(pages.made.tenant, "staff") is None
    client.post(f"{where}on/")
    found = identity_providers.opened(pages.made.tenant, "staff")
    assert found is not None
    assert found.secret == SECRET
    # What is left empty stays.
    client.post(where, {**FORM, "secret": "", "name": "Other name"})
    found = identity_providers.opened(pages.made.tenant, "staff")
    assert found is not None
    assert (found.secret, found.name) == (SECRET, "Other name")


def test_what_cannot_be_taken_is_said_beside_its_field_and_stays(pages: Pages) -> None:
    client = pages.client("dora")
    for name, value in (
        ("key", "Work!"),
        ("key", ""),
        ("name", ""),
        ("issuer", "id.example.com"),
        ("client", ""),
        ("secret", ""),
        ("claim", "a claim"),
        ("scopes", "a\x7fb"),
    ):
        answer = client.post(address(pages, "new-identity-provider/"), {**FORM, name: value})
        page = answer.content.decode()
        assert (answer.status_code, f'id="e-{name}"' in page) == (422, True), name
        assert ("Work account" in page) == (name != "name")
        assert SECRET not in page


def test_groups_are_rows_that_come_and_go_without_a_script(
    pages: Pages, database: Database
) -> None:
    by = pages.made.operator
    permission_sets.save(key="reports", name="Reports", rights=["read reports"], by=by)
    client = pages.client("dora")
    team = database.one("SELECT id FROM team WHERE key = 'second line'")
    page = client.post(
        address(pages, "new-identity-provider/"), {**FORM, "do": "add row"}
    ).content.decode()
    assert 'name="groups.0.group"' in page
    rows = {
        "groups.0.group": "desk",
        "groups.0.role": "agent",
        "groups.0.teams": [str(team)],
        "groups.1.group": "leads",
        "groups.1.role": "lead",
        "groups.1.sets": ["reports"],
    }
    page = client.post(
        address(pages, "new-identity-provider/"), {**FORM, **rows, "do": "remove row 0"}
    ).content.decode()
    assert re.search(r'name="groups.0.group"[^>]*value="leads"', page)
    assert "groups.1.group" not in page
    where = added(pages, client, **rows)
    page = client.get(where).content.decode()
    assert re.search(r'name="groups.0.group"[^>]*value="desk"', page)
    assert f'name="groups.0.teams" value="{team}" checked' in page
    assert 'name="groups.1.sets" value="reports" checked' in page
    for name, value in (
        ("groups.1.group", "desk"),
        ("groups.1.role", "operator"),
        ("groups.0.teams", "999"),
        ("groups.1.sets", "nothing"),
    ):
        answer = client.post(where, {**FORM, **rows, name: value})
        assert (answer.status_code, f'id="e-{name}"' in answer.content.decode()) == (422, True)


def test_a_test_asks_the_provider_and_says_what_is_wrong(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    client = pages.client("dora")
    where = address(pages, "new-identity-provider/")
    with oidc.provider() as there:
        form = {**FORM, "issuer": there.issuer, "do": "test"}
        monkeypatch.delenv(outgoing.VARIABLE, raising=False)
        assert "It does not work" in client.post(where, form).content.decode()
        assert there.there.asked == []
        monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
        assert "It answers, and its keys" in client.post(where, form).content.decode()
        there.document = {"issuer": "https://evil.example"}
        page = client.post(where, form).content.decode()
        assert "issuer is another one" in page
        assert SECRET not in page
    assert database.one("SELECT count(*) FROM identity_provider") == 0


@pytest.mark.promise("A43")
def test_where_a_provider_is_stays_while_people_are_known_by_it(
    pages: Pages, database: Database
) -> None:
    client = pages.client("dora")
    where = added(pages, client)
    client.post(f"{where}on/")
    # As signing in by it once would leave it.
    database.rows(
        "INSERT INTO socialaccount_socialaccount (user_id, provider, uid, last_login, date_joined,"
        " extra_data) VALUES (%s, %s, 'x', now(), now(), '{}')",
        pages.made.people["ann"],
        f"{pages.made.tenant}-staff",
    )
    other = {**FORM, "issuer": "https://other.example.com"}
    answer = client.post(where, other)
    assert (answer.status_code, 'id="e-issuer"' in answer.content.decode()) == (422, True)
    assert client.post(f"{where}forget/").status_code == 422
    client.post(f"{where}off/")
    client.post(f"{where}forget/")
    assert database.one("SELECT count(*) FROM socialaccount_socialaccount") == 0
    assert client.post(where, other).status_code == 302


@pytest.mark.promise("A41", "P27")
def test_only_administrators_who_have_just_proved_it_change_providers(pages: Pages) -> None:
    client = pages.client("dora")
    where = added(pages, client)
    for name in ("ann", "lea", "mia"):
        other = pages.client(name)
        assert other.get(where).status_code == 404
        assert other.post(where, FORM).status_code == 404
        assert other.post(f"{where}on/").status_code == 404
    session = client.session
    session["proved_at"] = 0
    session.save()
    assert client.get(where).status_code == 302
    client.post(f"{where}on/")
    assert identity_providers.opened(pages.made.tenant, "staff") is None
