"""Ways in: the last one is not shut, one proves oneself by how one came, nothing is left behind."""

import json
from typing import Any

import pytest
from django.test import override_settings
from tests.desk import Company, Database, company
from tests.web.conftest import PASSWORD, Pages
from tests.web.oidc import OpenIdProvider
from tests.web.test_identity import _allowed, back, begin, set_up, sign_in, there
from tests.web.test_sessions import HUB

from tocsin.actions import factors, people, security, sign_ins
from tocsin.kit.invalid import Invalid
from tocsin.queries import security as known
from tocsin.queries.access import NotAllowed
from tocsin.queries.security import Rules
from tocsin.web import entry

__all__ = ["_allowed", "there"]
SHUT = "no administrator could sign in any more"


def provider(database: Database, made: Company, **own: Any) -> None:
    usual = {"groups": "{}", "enabled": True, "by_email": False}
    given = {**usual, **own}
    database.rows("DELETE FROM identity_provider")
    database.rows(
        "INSERT INTO identity_provider (tenant_id, key, name, kind, settings, secret, groups,"
        " enabled, by_email, changed_at) VALUES (%s, 'idp', 'Idp', 'oidc', '{}', '', %s, %s, %s,"
        " now())",
        *(made.tenant, given["groups"], given["enabled"], given["by_email"]),
    )


def link(database: Database, made: Company, name: str, key: str = "idp") -> None:
    database.rows(
        "INSERT INTO socialaccount_socialaccount (user_id, provider, uid, last_login, date_joined,"
        " extra_data) VALUES (%s, %s, 'sub', now(), now(), '{}')",
        *(made.people[name], f"{made.tenant}-{key}"),
    )


def passkey(database: Database, person: int) -> int:
    data = {"name": "Key", "credential": "Y3I=", "public": "cHU=", "handle": "aGE="}
    return int(
        database.one(
            "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
            " VALUES (%s, 'webauthn', %s, now()) RETURNING id",
            *(person, json.dumps(data)),
        )
    )


@pytest.mark.promise("P34")
def test_what_lets_an_administrator_in_without_a_password(database: Database) -> None:
    made = company("acme")
    tenant, group = made.tenant, '{"staff": {"role": "%s"}}'

    def opens(**own: Any) -> bool:
        provider(database, made, **own)
        return known.other_way_in(tenant)

    assert not known.other_way_in(tenant)
    assert not opens()
    assert opens(by_email=True)
    assert not opens(by_email=True, enabled=False)
    assert not opens(groups=group % "agent")
    assert opens(groups=group % "administrator")
    link(database, made, "ann")
    assert not opens()
    link(database, made, "dora", "elsewhere")
    # Who is known elsewhere is found by no address.
    assert not opens(by_email=True)
    database.rows("DELETE FROM socialaccount_socialaccount")
    link(database, made, "dora")
    assert opens()
    assert not opens(enabled=False)
    assert not known.other_way_in(company("bolt").tenant)
    passkey(database, made.people["ann"])
    assert not known.other_way_in(tenant)
    passkey(database, made.people["dora"])
    assert known.other_way_in(tenant)
    database.rows("DELETE FROM mfa_authenticator")
    with override_settings(HEADER_SSO_FROM=("192.0.2.0/24",), HEADER_SSO_SECRET="x"):
        assert known.other_way_in(tenant)


@pytest.mark.promise("P34")
def test_the_last_way_in_is_shut_from_no_side(database: Database) -> None:
    made = company("acme")
    dora = made.person("dora", "administrator")
    off = Rules(passwords=False)
    with pytest.raises(Invalid, match="the only way in"):
        security.set_rules(rules=off, by=made.operator)
    key = passkey(database, made.people["dora"])
    security.set_rules(rules=off, by=made.operator)
    second = people.add_person(
        name="Eva", email="eva@acme.example", role="administrator", by=made.operator
    )
    for shut in (
        lambda: factors.remove(factor=key, by=dora),
        lambda: factors.reset(person=made.people["dora"], by=made.operator),
        lambda: people.deactivate(person=made.people["dora"], by=made.operator),
        lambda: people.edit(person=made.people["dora"], role="agent", by=made.operator),
    ):
        with pytest.raises(NotAllowed, match=SHUT):
            shut()
    assert known.other_way_in(made.tenant)
    passkey(database, second)
    factors.remove(factor=key, by=dora)
    security.set_rules(rules=Rules(), by=made.operator)
    people.deactivate(person=second, by=made.operator)


@pytest.mark.promise("P34", "A41")
def test_whoever_is_known_by_a_provider_may_prove_themselves_by_it(
    pages: Pages, there: OpenIdProvider, database: Database
) -> None:
    set_up(pages, there)
    prove = f"{pages.prefix}/prove/"
    lea = pages.client("lea")
    assert "Prove it with" not in lea.get(prove).content.decode()
    ann, _ = sign_in(pages, there)
    page = ann.get(prove).content.decode()
    # Beside the password, which ann has too.
    assert "Prove it with Work account" in page
    assert 'name="password"' in page
    session = ann.session
    session["proved_at"] = 0
    session.save()
    back(ann, there.browse(begin(pages, ann, prove="1")))
    assert ann.session["proved_at"] > 0
    # Where passwords are switched off they prove nothing any more.
    database.rows(
        "INSERT INTO security (tenant_id, passwords, changed_at) VALUES (%s, false, now())",
        pages.made.tenant,
    )
    page = ann.get(prove).content.decode()
    assert "Prove it with Work account" in page
    assert 'name="password"' not in page
    assert not sign_ins.prove(password=PASSWORD, by=pages.made.person("ann"))
    assert 'name="current"' not in ann.get(f"{pages.prefix}/my-security/").content.decode()


@pytest.mark.promise("P33", "A41")
def test_of_what_a_provider_said_nothing_waits_in_a_session(
    pages: Pages, there: OpenIdProvider, database: Database
) -> None:
    set_up(pages, there)
    sign_in(pages, there)
    database.rows(
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
        " VALUES (%s, 'totp', '{}', now())",
        pages.made.people["ann"],
    )
    client, answer = sign_in(pages, there)
    assert answer.headers["Location"] == "/t/acme/sign-in/second-factor/"
    kept = client.session
    said = json.dumps(dict(kept.items()))
    for secret in ("Ann Other", "ann@acme.example", "Work account", "id_token", "access_token"):
        assert secret not in said
    # The person, what is still to be passed, and by which provider it was proved.
    login = kept["account_login"]
    told = {name for name, value in login.items() if value}
    assert told == {"user_pk", "email_verification", "redirect_url", "state", "initiated_at"}
    [proved] = kept["account_authentication_methods"]
    assert set(proved) == {"method", "at", "provider"}
    assert set(kept.keys()) <= {
        *("account_login", "account_authentication_methods", "socialaccount_states"),
        "account_authentication_methods_user",
        "_session_expiry",
    }
    assert kept.get("socialaccount_states", {}) == {}


@pytest.mark.promise("P34", "A42")
def test_nobody_is_led_up_and_out_of_their_desk(pages: Pages) -> None:
    client = pages.client("ann")
    for away in (
        "/t/acme/../bolt/hub/",
        "/t/acme/%2e%2E/bolt/hub/",
        "/t/acme/..\\bolt/hub/",
        "/t/acme/.%2e/bolt/",
    ):
        answer = client.post("/t/acme/prove/", {"password": PASSWORD, "next": away})
        assert answer.headers["Location"] == HUB, away
    kept = "/t/acme/tickets/?q=../x"
    answer = client.post("/t/acme/prove/", {"password": PASSWORD, "next": kept})
    assert answer.headers["Location"] == kept


@pytest.mark.promise("P34")
def test_a_session_outlives_the_key_it_was_signed_with_while_that_one_is_known(
    pages: Pages,
) -> None:
    with override_settings(SECRET_KEY="of last year", SECRET_KEY_FALLBACKS=[]):
        client = pages.client("ann")
        assert client.get(HUB).status_code == 200
    entry.look_again()
    with override_settings(SECRET_KEY="of this year", SECRET_KEY_FALLBACKS=["of last year"]):
        assert client.get(HUB).status_code == 200
    with override_settings(SECRET_KEY="of this year", SECRET_KEY_FALLBACKS=[]):
        assert client.get(HUB).status_code == 302
