"""Changing the installation's key: all is sealed anew while it is used, and nothing is lost."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings
from tests.desk import Company, Database, company

from tocsin.actions import (
    factors,
    identity_providers,
    invitations,
    ledger,
    one_time_codes,
    providers,
    secrets,
    strongbox,
)
from tocsin.channels import registry

PAGERDUTY = registry.CARRIERS["pagerduty"]
OLD, NEW = "the key of last year, " * 3, "the key of this year, " * 3
ROUTING = "R0123456789ABCDEFabcdef012345678"


def add(desk: Company, name: str, key: str = ROUTING) -> int:
    typed = {"routing_key": key, "webhook_secret": f"canary of {name}, long enough"}
    return providers.add(carrier=PAGERDUTY, name=name, typed=typed, by=desk.operator)


def kept(desk: Company) -> dict[str, dict[str, str]]:
    return {one.name: providers.opened(one) for one in providers.of_tenant(desk.tenant)}


@pytest.fixture
def desks(database: Database) -> Iterator[tuple[Company, Company]]:
    with override_settings(SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=[]):
        found = company("acme"), company("beta")
        for k in range(60):  # more than one batch
            add(found[0], f"service {k}")
        add(found[1], "service")
        yield found


@pytest.mark.promise("P33", "F32")
@pytest.mark.asvs("11.2.2")
def test_everything_is_sealed_anew_in_every_tenant_and_opens_by_the_new_key_alone(
    desks: tuple[Company, Company],
) -> None:
    before = [kept(desk) for desk in desks]
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert not secrets.look().missing
        done = list(secrets.renew())
        assert [(one.desk, one.looked_at, one.changed) for one in done] == [
            ("acme", 60, 60),
            ("beta", 1, 1),
        ]
        # A second time there is nothing to do.
        assert [one.changed for one in secrets.renew()] == [0, 0]
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert [kept(desk) for desk in desks] == before
        found = secrets.look()
        assert found.counted == {("providers", found.today): 122}


@pytest.mark.promise("P33", "F32")
def test_what_was_stopped_in_the_middle_goes_on_where_it_was(
    desks: tuple[Company, Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(desks[0])
    seal, sealed = strongbox.renewed, []

    def dies(text: str, *, for_: str) -> str:
        sealed.append(for_)
        if len(sealed) > 110:  # in the second batch
            raise KeyboardInterrupt
        return seal(text, for_=for_)

    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        monkeypatch.setattr(strongbox, "renewed", dies)
        with pytest.raises(KeyboardInterrupt):
            list(secrets.renew())
        # Whole rows, and of whole batches: some by the one key, some by the other, all open.
        assert len({key for _, key in secrets.look().counted}) == 2
        assert kept(desks[0]) == before
        monkeypatch.undo()
        assert [one.changed for one in secrets.renew()] == [10, 1]
        assert kept(desks[0]) == before


@pytest.mark.promise("P33", "F32")
@pytest.mark.asvs("11.2.2")
def test_nobody_who_uses_them_meanwhile_fails(
    desks: tuple[Company, Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "_MOST", 4)  # many transactions, so that readers come between
    before, ended, failed, reads = kept(desks[0]), threading.Event(), [], [0]

    def use() -> None:
        try:
            while not ended.is_set():
                assert kept(desks[0]) == before
                reads[0] += 1
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        users = [threading.Thread(target=use) for _ in range(3)]
        for one in users:
            one.start()
        try:
            changing = providers.of_tenant(desks[1].tenant)[0].id
            done = secrets.renew()
            assert next(done).changed == 60
            # An administrator changes a provider before its turn comes: by the key of today.
            providers.change(
                provider=changing,
                carrier=PAGERDUTY,
                name="service",
                typed={},
                by=desks[1].operator,
            )
            assert [one.changed for one in done] == [0]
        finally:
            ended.set()
            for one in users:
                one.join()
    assert not failed
    assert reads[0] > 0


@pytest.mark.promise("P33")
def test_a_key_that_is_gone_is_named_and_what_it_sealed_can_be_given_up(
    desks: tuple[Company, Company], database: Database
) -> None:
    acme = desks[0]
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        fresh = add(acme, "fresh")
        found = secrets.look()
        (lost,) = found.missing
        with pytest.raises(strongbox.Locked, match="another TOCSIN_SECRET_KEY"):
            kept(acme)
        with pytest.raises(strongbox.Locked, match="is here"):
            list(secrets.forget(found.today))
        assert [one.changed for one in secrets.forget(lost)] == [60, 1]
        assert not secrets.look().missing
        after = kept(acme)
        assert after.pop("fresh")["routing_key"] == ROUTING
        assert set(map(len, after.values())) == {0}
        assert database.one("SELECT secret <> '' FROM provider WHERE id = %s", fresh)


SEALING = {
    "tocsin.actions.providers",
    "tocsin.actions.identity_providers",
    "tocsin.actions.factors",
    "tocsin.actions.private_letters",
}
# What they seal lives in a session for minutes, and no longer than the page that asked for it.
PASSING = {"tocsin.web.factor_stages"}


def test_whoever_seals_something_is_known_here() -> None:
    src = Path(secrets.__file__).parents[2]
    found = {
        ".".join(path.relative_to(src).with_suffix("").parts)
        for path in src.rglob("*.py")
        if "strongbox.seal(" in path.read_text(encoding="utf-8")
    }
    assert found - PASSING == SEALING
    assert len(secrets.KINDS) == len(SEALING)


def test_every_kind_of_secret_is_renewed_and_opens_for_whom_it_was_sealed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_URL", "https://desk.example")
    at_ = ledger.clock()
    with override_settings(SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=[], SMTP_URL="smtp://mail"):
        desk = company()
        add(desk, "service")
        typed = identity_providers.Typed("Corp", "https://id.example", "tocsin", "a client secret")
        identity_providers.add(key="corp", typed=typed, by=desk.operator)
        ann = desk.person("ann")
        begun = factors.begin_app(by=ann)
        secret, _ = factors.shown_app(sealed=begun, issuer="Tocsin", account="ann", by=ann)
        step = int(at_.timestamp()) // 30
        factors.add_app(sealed=begun, code=one_time_codes.code(secret, step), by=ann, now=at_)
        assert invitations.invite(person=desk.people["mia"], by=desk.operator) == ""
        letter = [
            row for row in database.rows("SELECT key, parts FROM outbox") if "private" in row[0]
        ]
        (place, parts) = letter[0]
        url = strongbox.open_(json.loads(parts)["sealed"], for_=f"{desk.tenant}/letter/{place}")
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert {kind for kind, _ in secrets.look().counted} == {kind.name for kind in secrets.KINDS}
        assert {one.kind: one.changed for one in secrets.renew()} == {
            kind.name: 1 for kind in secrets.KINDS
        }
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert not secrets.look().missing
        parts = database.one("SELECT parts FROM outbox WHERE key = %s", place)
        sealed = json.loads(parts)["sealed"]
        assert strongbox.open_(sealed, for_=f"{desk.tenant}/letter/{place}") == url
        later = at_ + dt.timedelta(minutes=2)
        code = one_time_codes.code(secret, int(later.timestamp()) // 30)
        assert (
            factors.check_code(desk.tenant, desk.people["ann"], code, now=later) == factors.BY_APP
        )
        row = database.rows("SELECT id, secret FROM identity_provider")[0]
        kept_ = strongbox.open_(row[1], for_=f"identity provider/{desk.tenant}/{row[0]}")
        assert kept_ == "a client secret"


@pytest.mark.promise("P33")
def test_the_log_says_that_it_was_done_and_holds_no_secret(
    desks: tuple[Company, Company], database: Database
) -> None:
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        list(secrets.renew())
        today = strongbox.key_names()[0]
    told = [
        row[0]
        for row in database.rows(
            "SELECT payload::text FROM event WHERE stream_kind = 'installation' ORDER BY id"
        )
    ]
    assert len(told) == 3
    assert all("secrets sealed anew" in one and today in one for one in told)
    assert not any("canary" in one or ROUTING in one for one in told)
