"""Providers of a tenant: what is typed is checked, what is secret is sealed and stays so."""

import datetime as dt
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import override_settings
from tests.desk import Company, Database, company

from tocsin.actions import carriers, providers, strongbox
from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.actions.letters import FailedForNow, Lease, Outcome, Sent
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries import providers as shown
from tocsin.queries.access import NotFound

SECRET = "xoxb-canary-4711"


@dataclass
class Fake:
    """A channel whose provider answers as it is told to; it keeps what it was handed."""

    answer: Outcome
    handed: list[tuple[Lease, Mapping[str, str]]]

    def carrier(self) -> Carrier[Mapping[str, str]]:
        def send(lease: Lease, settings: Mapping[str, str]) -> Outcome:
            self.handed.append((lease, settings))
            return self.answer

        def address(text: str) -> str:
            if not text.startswith("@"):
                raise Invalid("address", "must begin with @")
            return text

        return Carrier(
            channel="pigeon",
            title="Pigeon",
            fields=(
                Field("token", "Token", "secret"),
                Field("before", "Token before", "secret", required=False),
                Field("url", "Address", "url", required=False),
                Field("loft", "Loft", required=False),
                Field("kind", "Kind", "choice", required=False, choices=("fast", "slow")),
                Field("room", "Room", "number", required=False),
            ),
            read=dict,
            send=send,
            address=address,
            limits=Limits(5.0),
        )


@pytest.fixture
def fake() -> Fake:
    return Fake(Sent("r1"), [])


@pytest.fixture
def desk(database: Database) -> Company:
    return company()


def add(desk: Company, fake: Fake, name: str = "Main", **typed: str) -> int:
    return providers.add(
        carrier=fake.carrier(), name=name, typed={"token": SECRET, **typed}, by=desk.operator
    )


def change(desk: Company, fake: Fake, id_: int, forget: Any = (), **typed: str) -> None:
    providers.change(
        provider=id_,
        carrier=fake.carrier(),
        name=typed.pop("name", "Main"),
        typed=typed,
        forget=forget,
        by=desk.operator,
    )


def kept(desk: Company, id_: int) -> dict[str, str]:
    found = next(one for one in providers.of_tenant(desk.tenant) if one.id == id_)
    return providers.opened(found)


# ------------------------------------------------------------------------------------- the settings


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ({"token": ""}, "token"),
        ({"token": "t", "url": "ftp://x"}, "url"),
        ({"token": "t", "kind": "other"}, "kind"),
        ({"token": "t", "room": "-1"}, "room"),
        ({"token": "t", "room": "½"}, "room"),
        ({"token": "t", "loft": "a\nb"}, "loft"),
        ({"token": "t", "loft": "x" * 5000}, "loft"),
        ({"token": "t", "nothing": "x"}, "nothing"),
    ],
)
def test_what_cannot_be_taken_names_its_field(
    desk: Company, fake: Fake, typed: dict[str, str], path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        providers.add(carrier=fake.carrier(), name="A", typed=typed, by=desk.operator)
    assert refused.value.path == path
    assert shown.listed(by=desk.operator) == []


def test_a_name_stands_once_in_a_channel(desk: Company, fake: Fake) -> None:
    add(desk, fake)
    second = add(desk, fake, "Second")
    with pytest.raises(Invalid, match="already"):
        add(desk, fake)
    with pytest.raises(Invalid, match="already"):
        change(desk, fake, second, name="Main")


@pytest.mark.promise("P33")
@pytest.mark.asvs("11.3.2")
def test_a_secret_is_nowhere_to_be_read(
    desk: Company, fake: Fake, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        id_ = add(desk, fake, loft="north", before="canary-before-4711")
        change(desk, fake, id_, loft="south", token="canary-new-4711")
        providers.try_out(provider=id_, carrier=fake.carrier(), address="@me", by=desk.operator)
    tables = database.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        " AND table_type = 'BASE TABLE'"
    )
    for (table,) in tables:
        told = database.one(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        assert "canary" not in told, table
    assert "canary" not in caplog.text
    (one,) = shown.listed(by=desk.operator)
    assert "canary" not in repr(one)
    assert one.secrets == {"token", "before"}
    assert one.settings == {"loft": "south"}
    assert "canary" not in repr(providers.of_tenant(desk.tenant))
    # And whoever has the key reads them.
    assert kept(desk, id_) == {
        "token": "canary-new-4711",
        "before": "canary-before-4711",
        "loft": "south",
    }


def test_an_empty_secret_stays_until_it_is_forgotten(desk: Company, fake: Fake) -> None:
    id_ = add(desk, fake, before="old")
    change(desk, fake, id_, loft="south")
    assert kept(desk, id_) == {"token": SECRET, "before": "old", "loft": "south"}
    change(desk, fake, id_, forget=["before"])
    assert kept(desk, id_) == {"token": SECRET}
    with pytest.raises(Invalid, match="token: is missing"):
        change(desk, fake, id_, forget=["token"])
    assert kept(desk, id_) == {"token": SECRET}


def test_the_facts_name_what_was_set_and_never_the_values(
    desk: Company, fake: Fake, database: Database
) -> None:
    id_ = add(desk, fake, loft="north", url="https://hooks.example/secret-path")
    change(desk, fake, id_, loft="south", url="https://hooks.example/secret-path", token="new")
    change(desk, fake, id_, loft="south")
    facts = [
        json.loads(row[0])
        for row in database.rows(
            "SELECT payload FROM event WHERE stream_kind = 'provider' ORDER BY stream_seq"
        )
    ]
    assert [fact["did"] for fact in facts] == ["added", "changed", "changed"]
    assert facts[0]["set"] == ["loft", "token", "url"]
    assert [fact["changed"] for fact in facts[1:]] == [["loft", "token"], ["url"]]
    assert "secret-path" not in json.dumps(facts)


# ------------------------------------------------------------------------------------------ the key


@pytest.mark.promise("P33")
def test_a_secret_opens_for_its_own_provider_only(
    desk: Company, fake: Fake, database: Database
) -> None:
    one, two = add(desk, fake), add(desk, fake, "Second", before="x")
    sealed = database.one("SELECT secret FROM provider WHERE id = %s", one)
    database.rows("UPDATE provider SET secret = %s WHERE id = %s", sealed, two)
    with pytest.raises(strongbox.Locked, match="belongs to something else"):
        kept(desk, two)


@pytest.mark.promise("P33")
def test_two_keys_open_while_one_is_changed_for_the_other() -> None:
    with override_settings(SECRET_KEY="the first"):
        sealed = strongbox.seal("word", for_="a")
        assert strongbox.is_current(sealed)
        assert strongbox.seal("word", for_="a") != sealed
    with override_settings(SECRET_KEY="the second", SECRET_KEY_FALLBACKS=["the first"]):
        assert strongbox.open_(sealed, for_="a") == "word"
        assert not strongbox.is_current(sealed)
    with (
        override_settings(SECRET_KEY="the second", SECRET_KEY_FALLBACKS=[]),
        pytest.raises(strongbox.Locked, match="another TOCSIN_SECRET_KEY"),
    ):
        strongbox.open_(sealed, for_="a")


@pytest.mark.parametrize("spoiled", ["", "1", "2:abc:def", "1:x:", "plain"])
def test_what_is_no_seal_stays_shut(spoiled: str) -> None:
    with pytest.raises(strongbox.Locked):
        strongbox.open_(spoiled, for_="a")


@pytest.mark.asvs("11.3.3")
def test_a_seal_that_was_changed_stays_shut() -> None:
    sealed = strongbox.seal("word", for_="a")
    for k in range(11, len(sealed)):
        other = "A" if sealed[k] != "A" else "B"
        with pytest.raises(strongbox.Locked):
            strongbox.open_(sealed[:k] + other + sealed[k + 1 :], for_="a")


# ----------------------------------------------------------------------------------- order, on, off


def test_the_first_that_is_on_is_used(desk: Company, fake: Fake) -> None:
    ids = [add(desk, fake, name) for name in ("A", "B", "C")]

    def used() -> list[tuple[int, bool]]:
        return [(one.id, one.used) for one in shown.listed(by=desk.operator)]

    assert used() == [(ids[0], True), (ids[1], False), (ids[2], False)]
    providers.put_first(provider=ids[2], by=desk.operator)
    assert used() == [(ids[2], True), (ids[0], False), (ids[1], False)]
    providers.switch(provider=ids[2], on=False, by=desk.operator)
    assert used() == [(ids[2], False), (ids[0], True), (ids[1], False)]
    assert [one.id for one in providers.of_tenant(desk.tenant)] == [ids[2], ids[0], ids[1]]


def test_another_tenant_and_who_may_not_find_nothing(
    desk: Company, fake: Fake, database: Database
) -> None:
    id_, other = add(desk, fake), company("other")
    for by in (other.operator, access.person(desk.tenant, desk.people["ann"], "agent")):
        with pytest.raises(NotFound):
            providers.switch(provider=id_, on=False, by=by)
        with pytest.raises(NotFound):
            providers.put_first(provider=id_, by=by)
        with pytest.raises(NotFound):
            shown.one(id_, by=by)
        with pytest.raises(NotFound):
            providers.try_out(provider=id_, carrier=fake.carrier(), address="", by=by)
    assert fake.handed == []
    assert shown.one(id_, by=desk.operator).enabled


# ---------------------------------------------------------------------------------------- trying it


def test_a_test_goes_past_the_queue_to_whoever_is_named(desk: Company, fake: Fake) -> None:
    id_ = add(desk, fake)
    tried = providers.try_out(
        provider=id_,
        carrier=fake.carrier(),
        address=" @ann ",
        by=desk.person("dora", "administrator"),
    )
    assert tried == providers.Tried(True, "")
    ((lease, settings),) = fake.handed
    assert (lease.address, lease.provider, lease.channel) == ("@ann", id_, "pigeon")
    assert lease.recipient is not None
    assert lease.recipient.name
    assert settings["token"] == SECRET
    assert shown.one(id_, by=desk.operator).tested_at is not None
    with pytest.raises(Invalid, match="address: must begin with @"):
        providers.try_out(provider=id_, carrier=fake.carrier(), address="ann", by=desk.operator)


def test_what_the_provider_answers_is_kept(desk: Company, fake: Fake) -> None:
    id_ = add(desk, fake)
    fake.answer = FailedForNow("Pigeon does not know the token: enter it again")
    tried = providers.try_out(
        provider=id_, carrier=fake.carrier(), address="@ann", by=desk.operator
    )
    assert not tried.taken
    assert shown.one(id_, by=desk.operator).told == tried.told == fake.answer.reason
    with override_settings(SECRET_KEY="somebody else's"):
        locked = providers.try_out(
            provider=id_, carrier=fake.carrier(), address="@ann", by=desk.operator
        )
    assert "enter it again" in locked.told
    assert len(fake.handed) == 1


# ------------------------------------------------------------------------------------ asked to wait


def test_how_long_a_provider_asks_to_wait() -> None:
    at = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    told: Iterator[tuple[str, int | None]] = iter(
        [
            ("30", 30),
            ("1.5", None),
            ("999999999", 86400),
            ("", None),
            ("soon", None),
            ("-5", None),
            ("Mon, 02 Mar 2026 09:01:00 GMT", 60),
            ("Mon, 02 Mar 2026 08:00:00 GMT", 0),
        ]
    )
    for text, seconds in told:
        found = carriers.retry_after({"retry-after": text}, at)
        if text == "1.5":
            assert found == dt.timedelta(seconds=1.5)
        else:
            assert found == (None if seconds is None else dt.timedelta(seconds=seconds)), text
