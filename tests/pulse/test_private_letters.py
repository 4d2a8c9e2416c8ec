"""Letters that hold a key, and a worker that cannot open what they are sealed with."""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from tests.desk import Company, Database, company
from tests.mailbox import Provider, eventually, provider
from tests.pulse.test_deliveries import all_are, states, working

from tocsin.actions import invitations, outbox, providers
from tocsin.channels import registry

OLD, NEW = "the key of last year, " * 3, "the key of this year, " * 3
OURS = "https://desk.example.com"


@pytest.fixture
def there() -> Iterator[Provider]:
    with provider() as made:
        yield made


def invited(made: Company, name: str, key: str) -> None:
    with override_settings(SECRET_KEY=key, SECRET_KEY_FALLBACKS=[], SMTP_URL="smtp://there"):
        assert invitations.invite(person=made.people[name], by=made.operator) == ""


@pytest.mark.promise("P33")
@pytest.mark.parametrize("own", [False, True], ids=["the installation's", "the desk's own"])
def test_a_link_that_cannot_be_opened_holds_up_no_other_letter(
    database: Database, there: Provider, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    monkeypatch.setenv("TOCSIN_URL", OURS)
    monkeypatch.setenv("TOCSIN_EGRESS_ALLOW", "127.0.0.0/8")
    made = company()
    address = there.address()
    if own:
        typed = {"host": address.host, "port": str(address.port), "security": "none"}
        with override_settings(SECRET_KEY=NEW):
            providers.add(
                carrier=registry.CARRIERS["mail"],
                name="Own",
                typed={**typed, "sender": address.sender},
                by=made.operator,
            )
    invited(made, "ann", OLD)
    invited(made, "lea", NEW)
    with (
        override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]),
        working(database, None if own else address, count=2),
    ):
        eventually(lambda: states(database) == {"sent": 1, "dead": 1})
    [told] = database.rows("SELECT told FROM outbox WHERE state = 'dead'")
    assert told == ("its link is sealed with a key that is not here; have another one sent",)
    assert [to for to, _ in there.received] == ["lea@acme.example"]
    # With the key back it leaves when somebody says so.
    dead = database.one("SELECT id FROM outbox WHERE state = 'dead'")
    database.play("app")
    outbox.replay(dead, by=made.operator)
    with (
        override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]),
        working(database, None if own else address),
    ):
        eventually(lambda: all_are(database, "sent"))
