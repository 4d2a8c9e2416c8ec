"""Second factors: codes of apps, recovery codes, what a role needs, and no way around them."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.desk import Database, at
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import factors as acts
from tocsin.actions import one_time_codes
from tocsin.kit import machine_clock
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, factors
from tocsin.queries.access import Actor, NotAllowed, NotFound

pytestmark = pytest.mark.long("signs in again and again")

NOW = at("2026-03-02 09:00")
HALF_MINUTE = dt.timedelta(seconds=30)


def shown(secret: str, when: dt.datetime | float) -> str:
    """Return what an app shows: RFC 6238, written once more."""
    seconds = when.timestamp() if isinstance(when, dt.datetime) else when
    digest = hmac.new(
        base64.b32decode(secret), int(seconds // 30).to_bytes(8, "big"), hashlib.sha1
    ).digest()
    place = digest[19] & 15
    number = int.from_bytes(digest[place : place + 4], "big") % 2**31
    return str(number % 1_000_000).zfill(6)


def with_app(by: Actor, now: dt.datetime = NOW) -> tuple[str, list[str]]:
    """Give somebody an app; returns its secret and their recovery codes."""
    sealed = acts.begin_app(by=by)
    secret, _ = acts.shown_app(sealed=sealed, issuer="Acme", account="a@b.example", by=by)
    return secret, acts.add_app(sealed=sealed, code=shown(secret, now), by=by, now=now)


def demand(database: Database, pages: Pages, *roles: str) -> None:
    """Have roles need a second factor."""
    database.rows(
        "INSERT INTO security (tenant_id, second_factor, changed_at) VALUES (%s, %s, now())"
        " ON CONFLICT (tenant_id) DO UPDATE SET second_factor = excluded.second_factor",
        pages.made.tenant,
        json.dumps(roles),
    )


def by_password(pages: Pages, name: str) -> tuple[Client, Any]:
    found = pages.anybody()
    form = {"login": f"{name}@{pages.key}.example", "password": PASSWORD}
    return found, found.post(f"{pages.prefix}/sign-in/", form)


def is_in(pages: Pages, client: Client) -> bool:
    return client.get(f"{pages.prefix}/queue/").status_code == 200


def told(database: Database, person: int) -> list[str]:
    return [
        str(row[0])
        for row in database.rows(
            "SELECT payload::jsonb ->> 'did' FROM event WHERE stream_kind = 'sign-in'"
            " AND stream_id = %s ORDER BY stream_seq",
            person,
        )
    ]


# --------------------------------------------------------------------------------- codes of an app


@pytest.mark.promise("P34")
def test_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B: the last six digits.
    secret = base64.b32encode(b"12345678901234567890").decode()
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert one_time_codes.code(secret, seconds // 30) == code == shown(secret, seconds)


@pytest.mark.promise("P34", "A39")
@pytest.mark.asvs("6.5.1")
def test_a_code_is_taken_once_and_not_long(pages: Pages) -> None:
    ann = pages.made.person("ann")
    secret, _ = with_app(ann)
    check = acts.check_code

    def tried(code: str, now: dt.datetime) -> str:
        return check(ann.tenant, ann.person or 0, code, now=now)

    # The code by which the app was added is used up already.
    assert tried(shown(secret, NOW), NOW) == ""
    later = NOW + 10 * HALF_MINUTE
    assert tried(shown(secret, later - 2 * HALF_MINUTE), later) == ""
    assert tried(shown(secret, later + 2 * HALF_MINUTE), later) == ""
    # A clock may be wrong by one step.
    assert tried(shown(secret, later - HALF_MINUTE), later) == acts.BY_APP
    code = shown(secret, later)
    assert tried(f" {code[:3]} {code[3:]} ", later) == acts.BY_APP
    assert tried(code, later) == ""
    assert tried(code, later + HALF_MINUTE) == ""
    assert tried(shown(secret, later - HALF_MINUTE), later) == ""
    for nonsense in ("", "000", "a" * 64, "１２３４５６", code[:5]):
        assert tried(nonsense, later + 5 * HALF_MINUTE) == ""


@pytest.mark.promise("P34")
@pytest.mark.asvs("6.5.1", "6.5.2")
def test_a_recovery_code_is_taken_once(pages: Pages, database: Database) -> None:
    ann = pages.made.person("ann")
    _, codes = with_app(ann)
    assert len(set(codes)) == 10
    person = ann.person or 0
    assert acts.check_code(ann.tenant, person, codes[3].upper(), now=NOW) == acts.BY_RECOVERY
    assert acts.check_code(ann.tenant, person, codes[3], now=NOW) == ""
    assert factors.mine(by=ann).codes == 9
    fresh = acts.renew_codes(by=ann, now=NOW)
    assert acts.check_code(ann.tenant, person, codes[4], now=NOW) == ""
    spelled = fresh[4].replace("-", " ")
    assert acts.check_code(ann.tenant, person, spelled, now=NOW) == acts.BY_RECOVERY
    assert told(database, person) == [
        *("factor added", "recovery code used", "recovery codes made", "recovery code used")
    ]


@pytest.mark.promise("P33", "P34")
@pytest.mark.asvs("13.3.1")
def test_nothing_secret_lies_in_the_database(pages: Pages, database: Database) -> None:
    ann = pages.made.person("ann")
    secret, codes = with_app(ann)
    everything = str(
        database.rows(
            "SELECT data::text FROM mfa_authenticator UNION ALL SELECT payload::text FROM event"
            " UNION ALL SELECT content FROM event_content UNION ALL SELECT parts FROM outbox"
        )
    )
    assert secret not in everything
    assert base64.b32decode(secret).hex() not in everything
    for code in codes:
        assert code not in everything
        assert code.replace("-", "") not in everything
    # A row of somebody else's opens for nobody but them.
    bo = pages.made.person("lea")
    with_app(bo)
    database.rows(
        "UPDATE mfa_authenticator m SET data = o.data FROM mfa_authenticator o"
        " WHERE m.type = 'totp' AND o.type = 'totp' AND m.user_id = %s AND o.user_id = %s",
        bo.person,
        ann.person,
    )
    with pytest.raises(ValueError, match="belongs to something else"):
        acts.check_code(bo.tenant, bo.person or 0, shown(secret, NOW), now=NOW)


def test_an_app_must_show_the_right_code_and_there_is_one(pages: Pages) -> None:
    ann, lea = pages.made.person("ann"), pages.made.person("lea")
    sealed = acts.begin_app(by=ann)
    with pytest.raises(Invalid, match="code"):
        acts.add_app(sealed=sealed, code="000000x", by=ann, now=NOW)
    assert factors.mine(by=ann).own == ()
    # What waits for one person is nobody else's.
    with pytest.raises(ValueError, match="belongs to something else"):
        acts.shown_app(sealed=sealed, issuer="x", account="x", by=lea)
    with_app(ann)
    with pytest.raises(Invalid, match="already"):
        with_app(ann)


@pytest.mark.promise("P26")
def test_no_factor_is_reached_from_another_tenant(pages: Pages, other: Any) -> None:
    ann = pages.made.person("ann")
    secret, codes = with_app(ann)
    there = other().made
    id_ = factors.mine(by=ann).own[0].id
    later = NOW + 10 * HALF_MINUTE
    assert acts.check_code(there.tenant, ann.person or 0, shown(secret, later), now=later) == ""
    assert acts.check_code(there.tenant, ann.person or 0, codes[0], now=later) == ""
    assert factors.of_person(there.tenant, ann.person or 0).own == ()
    assert factors.holders(by=there.operator) == frozenset()
    listed: list[Callable[[], object]] = [
        lambda: acts.reset(person=ann.person or 0, by=there.operator, now=NOW),
        lambda: acts.remove(factor=id_, by=there.person("ann"), now=NOW),
        lambda: acts.remove(factor=id_, by=pages.made.person("lea"), now=NOW),
    ]
    for refused in listed:
        with pytest.raises(NotFound):
            refused()
    assert factors.mine(by=ann).app is not None
    assert factors.holders(by=pages.made.operator) == {ann.person}


# -------------------------------------------------------------------------------------- signing in


@pytest.mark.promise("P34")
@pytest.mark.asvs("6.3.3")
def test_after_the_password_comes_the_second_factor(pages: Pages, database: Database) -> None:
    ann = pages.made.person("ann")
    secret, _ = with_app(ann)
    client, answer = by_password(pages, "ann")
    assert answer.headers["Location"] == "/t/acme/sign-in/second-factor/"
    assert not is_in(pages, client)
    page = client.get("/t/acme/sign-in/second-factor/")
    assert page.status_code == 200
    assert "one-time-code" in page.content.decode()
    wrong = client.post("/t/acme/sign-in/second-factor/", {"code": "000000x"})
    assert wrong.status_code == 422
    assert not is_in(pages, client)
    code = shown(secret, machine_clock.wall().timestamp())
    passed = client.post("/t/acme/sign-in/second-factor/", {"code": code})
    assert passed.headers["Location"] == "/t/acme/hub/"
    assert is_in(pages, client)
    means = database.one("SELECT means FROM sign_in ORDER BY id DESC LIMIT 1")
    assert means == "password totp"
    # The same code lets nobody in a second time.
    thief, _ = by_password(pages, "ann")
    again = thief.post("/t/acme/sign-in/second-factor/", {"code": code})
    assert again.status_code == 422
    assert not is_in(pages, thief)


@pytest.mark.promise("P34", "A39")
@pytest.mark.asvs("6.3.1")
def test_five_wrong_codes_end_the_attempt_and_a_thousand_get_nowhere(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = pages.made.person("ann")
    with_app(ann)
    looked_at: list[str] = []
    real = acts.check_code

    def counted(tenant: int, person: int, typed: str) -> str:
        looked_at.append(typed)
        return real(tenant, person, typed)

    monkeypatch.setattr(acts, "check_code", counted)
    client, _ = by_password(pages, "ann")
    where = "/t/acme/sign-in/second-factor/"
    answers = [client.post(where, {"code": f"{n:06}x"}).status_code for n in range(6)]
    assert answers == [422] * 5 + [302]
    assert client.get(where).headers["Location"] == "/t/acme/sign-in/"
    # Another attempt has five more; after ten nobody looks at what is typed.
    second, _ = by_password(pages, "ann")
    for n in range(5):
        second.post(where, {"code": f"{n:06}x"})
    third, _ = by_password(pages, "ann")
    for n in range(5):
        third.post(where, {"code": f"{n:06}x"})
    assert len(looked_at) == 10
    assert all(acts.may_try(ann.tenant, ann.person or 0) for _ in range(1000))
    # Nobody else is kept out.
    assert acts.may_try(ann.tenant, pages.made.people["lea"]) is None


@pytest.mark.promise("P34", "A40")
@pytest.mark.asvs("2.3.1")
def test_a_half_signed_in_session_is_worth_nothing_anywhere(pages: Pages, other: Any) -> None:
    with_app(pages.made.person("ann"))
    there = other()
    client, _ = by_password(pages, "ann")
    for page in ("hub/", "my-security/factors/", "settings/", "api/tickets/1/clocks"):
        assert client.get(f"/t/acme/{page}").status_code in (302, 401, 404), page
    # In another tenant there is no such person, whoever sends the cookie along.
    thief = there.anybody()
    thief.cookies["tocsin_session"] = client.cookies["tocsin_session"].value
    answer = thief.get(f"{there.prefix}/sign-in/second-factor/")
    assert answer.headers["Location"] == f"{there.prefix}/sign-in/"


# ---------------------------------------------------------------------------------- what is needed


@pytest.mark.promise("P34")
@pytest.mark.asvs("6.3.3")
def test_whose_role_needs_one_sets_it_up_before_coming_in(pages: Pages, database: Database) -> None:
    demand(database, pages, "agent")
    client, answer = by_password(pages, "ann")
    where = "/t/acme/sign-in/set-up/"
    assert answer.headers["Location"] == where
    assert not is_in(pages, client)
    page = client.get(where).content.decode()
    assert 'class="qr"' in page
    secret = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page)
    assert secret
    plain = secret[1].replace(" ", "")
    # A page that is loaded again shows the same.
    assert secret[1] in client.get(where).content.decode()
    assert client.post(where, {"code": "x"}).status_code == 422
    # Nor does anything but a factor lead in.
    assert client.post(where, {}).status_code == 422
    codes = client.post(where, {"code": shown(plain, machine_clock.wall().timestamp())})
    assert codes.status_code == 200
    text = codes.content.decode()
    assert len(re.findall(r"<code>[a-z2-9-]{27}</code>", text)) == 10
    assert 'download="tocsin-recovery-codes.txt"' in text
    assert not is_in(pages, client)
    assert client.post(where, {}).headers["Location"] == "/t/acme/hub/"
    assert is_in(pages, client)
    # Of another role nobody asks.
    assert by_password(pages, "lea")[1].headers["Location"] == "/t/acme/hub/"


@pytest.mark.promise("P34", "A41")
@pytest.mark.asvs("6.5.6")
def test_the_last_factor_stays_while_it_is_needed(pages: Pages, database: Database) -> None:
    ann = pages.made.person("ann")
    with_app(ann)
    demand(database, pages, "agent")
    [own] = factors.mine(by=ann).own
    with pytest.raises(NotAllowed, match="needs a second factor"):
        acts.remove(factor=own.id, by=ann, now=NOW)
    demand(database, pages, "lead")
    acts.remove(factor=own.id, by=ann, now=NOW)
    # Recovery codes stand in for a factor: without one they go.
    assert factors.mine(by=ann) == factors.Factors()
    assert database.one("SELECT count(*) FROM mfa_authenticator") == 0
    with pytest.raises(NotAllowed):
        acts.renew_codes(by=ann, now=NOW)


# -------------------------------------------------------------------------- changing, and its marks


@pytest.mark.promise("P34", "A41")
@pytest.mark.asvs("7.5.1")
def test_changing_factors_asks_for_a_fresh_proof(pages: Pages) -> None:
    client = pages.client("ann")
    assert client.get("/t/acme/my-security/factors/").status_code == 200
    session = client.session
    session["proved_at"] = machine_clock.wall().timestamp() - 601
    session.save()
    for page in ("", "app/"):
        answer = client.get(f"/t/acme/my-security/factors/{page}")
        assert answer.headers["Location"].startswith("/t/acme/prove/")
    for deed in ("app/", "passkey/", "passkey/new/", "remove/", "codes/"):
        assert client.post(f"/t/acme/my-security/factors/{deed}").status_code == 403, deed


@pytest.mark.promise("P34", "A40")
@pytest.mark.asvs("6.3.7", "7.4.3")
def test_a_new_factor_ends_other_sessions_and_its_person_is_told(
    pages: Pages, database: Database
) -> None:
    here, elsewhere = pages.client("ann"), pages.client("ann")
    page = here.get("/t/acme/my-security/factors/app/").content.decode()
    found = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page)
    assert found
    secret = found[1].replace(" ", "")
    where = "/t/acme/my-security/factors/app/"
    assert here.post(where, {"code": "x"}).status_code == 422
    answer = here.post(where, {"code": shown(secret, machine_clock.wall().timestamp())})
    assert answer.status_code == 200
    assert is_in(pages, here)
    assert not is_in(pages, elsewhere)
    assert "factor added" in told(database, pages.made.people["ann"])
    bell = here.get("/t/acme/notifications/").content.decode()
    assert "A second factor, or recovery codes, were added to your sign-in" in bell
    mail = database.rows("SELECT channel, urgent FROM outbox WHERE key LIKE 'sign-in/%%'")
    assert mail == [("mail", True)]
    shown_now = here.get("/t/acme/my-security/factors/").content.decode()
    assert "There are 10 codes left." in shown_now
    assert secret not in shown_now


@pytest.mark.promise("P34")
@pytest.mark.asvs("6.4.4")
def test_an_administrator_resets_what_somebody_has_lost_and_sees_nothing(
    pages: Pages, database: Database
) -> None:
    ann = pages.made.person("ann")
    client = pages.client("ann")
    with_app(ann)
    where = f"/t/acme/settings/people/{ann.person}/factors/"
    assert pages.client("lea").post(where).status_code == 404
    assert factors.mine(by=ann).app is not None
    assert pages.client("dora").post(where).status_code == 302
    assert factors.mine(by=ann).own == ()
    assert not is_in(pages, client)
    assert told(database, ann.person or 0)[-1] == "factors reset"
    assert by_password(pages, "ann")[1].headers["Location"] == "/t/acme/hub/"


@pytest.mark.promise("P34")
def test_answers_of_passkeys_that_are_none_are_refused(pages: Pages) -> None:
    client = pages.anybody()
    where = "/t/acme/sign-in/passkey/"
    question = client.post(f"{where}question/")
    assert question.status_code == 200
    asked = question.json()["publicKey"]
    assert asked["rpId"] == "localhost"
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials")
    response = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}
    for answer in (
        *("", "{", "[]", "null", "1", '"x"', "{}", "x" * 30_000),
        json.dumps({"rawId": "AA", "response": {"userHandle": "AA"}}),
        json.dumps(
            {"rawId": "AA", "type": "public-key", "response": {**response, "userHandle": "AA"}}
        ),
    ):
        client.post(f"{where}question/")
        refused = client.post(where, {"credential": answer})
        assert refused.headers["Location"] == "/t/acme/sign-in/?passkey=no", answer
    assert not is_in(pages, client)
    own = pages.client("ann")
    for answer in ("", "{}", json.dumps({"rawId": "AA", "response": response})):
        made = own.post("/t/acme/my-security/factors/passkey/new/").json()["publicKey"]
        assert made["rp"] == {"id": "localhost", "name": "Acme"}
        assert made["user"]["name"] == "ann@acme.example"
        form = {"credential": answer, "name": "x"}
        assert own.post("/t/acme/my-security/factors/passkey/", form).status_code == 422
    assert factors.mine(by=pages.made.person("ann")).own == ()


def test_who_is_nobody_has_no_factors(pages: Pages) -> None:
    nobody = Actor(pages.made.tenant, "x", access.RIGHTS["agent"])
    listed: list[Callable[[], object]] = [
        lambda: factors.mine(by=nobody),
        lambda: acts.begin_app(by=nobody),
        lambda: acts.renew_codes(by=nobody, now=NOW),
    ]
    for refused in listed:
        with pytest.raises(NotFound):
            refused()
