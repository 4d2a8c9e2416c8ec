"""Acknowledging by a link in a mail, under the bell and on the ticket; one's own alerts."""

import datetime as dt
import re

import pytest
from tests.desk import ALWAYS, Database
from tests.web.conftest import Pages

from tocsin.actions import ledger, links, people, sla
from tocsin.actions.links import Named, Worthless

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def now(database: Database) -> dt.datetime:
    found: dt.datetime = database.one("SELECT clock_timestamp()")
    return found


@pytest.fixture
def warned(pages: Pages, now: dt.datetime, database: Database) -> int:
    """Return the number of a ticket whose clocks have warned, after an hour and a half."""
    clock = {"clock": "resolution", "targets": {"*": "2h"}, "alerts": [{"at": "50%"}]}
    policy = {"key": "old", "rank": 0, "when": {"type": "old"}, "calendar": "always"}
    config = {
        "tocsin": 1,
        "calendars": {"always": ALWAYS},
        "policies": [{**policy, "clocks": [clock]}],
    }
    made = pages.made
    sla.publish(config=config, by=made.operator, always=True)
    ticket = made.open(type="old", team="Service desk", now=now - 1.5 * HOUR)
    with ledger.change(ticket, by=made.operator, now=now - HOUR / 2 + dt.timedelta(seconds=5)):
        pass
    number: int = database.one("SELECT number FROM ticket WHERE id = %s", ticket)
    return number


def link(pages: Pages, number: int, now: dt.datetime, name: str = "lea") -> str:
    named = Named(pages.made.tenant, pages.made.people[name], number)
    return f"{pages.prefix}/acknowledge/{links.signed(named, now=now)}/"


def acknowledged(database: Database) -> list[tuple[str, str]]:
    return database.rows(
        "SELECT actor, payload::json->>'via' FROM event WHERE kind = 'acknowledgement'"
    )


# ----------------------------------------------------------------------------- by a signed link


def test_looking_at_a_link_acknowledges_nothing_and_its_button_does(
    pages: Pages, database: Database, warned: int, now: dt.datetime
) -> None:
    nobody, address = pages.anybody(), link(pages, warned, now)
    for _ in range(2):
        page = nobody.get(address)
        assert page.status_code == 200
        assert f"T-{warned}" in page.content.decode()
        assert nobody.head(address).status_code == 200
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert acknowledged(database) == []
    done = nobody.post(address)
    assert done.status_code == 200
    lea = pages.made.people["lea"]
    assert acknowledged(database) == [(f"person:{lea}", "mail")]
    # Again it changes nothing more, and says so.
    assert "nothing left" in nobody.post(address).content.decode()
    assert len(acknowledged(database)) == 1


def test_a_link_signs_nobody_in(pages: Pages, warned: int, now: dt.datetime) -> None:
    nobody = pages.anybody()
    nobody.post(link(pages, warned, now))
    assert nobody.get(f"{pages.prefix}/tickets/{warned}/").status_code == 302
    assert nobody.post(f"{pages.prefix}/tickets/{warned}/acknowledge/").status_code == 401


@pytest.mark.asvs("9.1.1", "9.2.1")
def test_a_link_that_is_wrong_expired_or_of_somebody_gone_does_nothing(
    pages: Pages, database: Database, warned: int, now: dt.datetime
) -> None:
    nobody, good = pages.anybody(), link(pages, warned, now)
    old = link(pages, warned, now - links.LASTS - dt.timedelta(seconds=1))
    cut = good[:-2] + ("AA" if good[-3:-1] != "AA" else "BB") + "/"
    stranger = link(pages, warned, now).replace("/t/acme/", "/t/bolt/")
    for address, status in (
        (old, 410),
        (cut, 404),
        (link(pages, 999, now), 404),
        (f"{pages.prefix}/acknowledge/{'x' * 5000}/", 404),
        (stranger, 404),
    ):
        for answer in (nobody.get(address), nobody.post(address)):
            assert answer.status_code == status, address[:80]
    assert "expired" in nobody.get(old).content.decode()
    assert "does not work" in nobody.get(cut).content.decode()
    database.rows("UPDATE person SET is_active = false WHERE id = %s", pages.made.people["lea"])
    assert nobody.post(good).status_code == 404
    assert acknowledged(database) == []


def test_a_link_allows_no_more_than_its_person_may(
    pages: Pages, database: Database, warned: int, now: dt.datetime
) -> None:
    ada = people.add_person(
        name="Ada", email="ada@acme.example", role="auditor", by=pages.made.operator
    )
    pages.made.people["ada"] = ada
    assert pages.anybody().post(link(pages, warned, now, "ada")).status_code == 404
    assert acknowledged(database) == []


def test_what_is_signed_is_read_back_until_it_ends(database: Database, now: dt.datetime) -> None:
    token = links.signed(Named(3, 4, 5), now=now)
    assert links.opened(token, now=now + dt.timedelta(days=6)) == Named(3, 4, 5)
    for odd in ("", "x", token[:-1], token.swapcase(), f"{token}:x", "é"):
        with pytest.raises(Worthless):
            links.opened(odd, now=now)
    with pytest.raises(Worthless) as refused:
        links.opened(token, now=now + dt.timedelta(days=7, seconds=1))
    assert refused.value.expired


def test_without_an_address_of_the_installation_there_are_no_links(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(links.ADDRESS, raising=False)
    assert links.ticket("acme", 7) == ""
    monkeypatch.setenv(links.ADDRESS, "https://desk.example.com/")
    assert links.ticket("acme", 7) == "https://desk.example.com/t/acme/tickets/7/"
    monkeypatch.setenv(links.ADDRESS, "javascript:alert(1)")
    assert links.ticket("acme", 7) == ""


# ------------------------------------------------------------------------------- in the product


def test_the_bell_and_the_ticket_offer_to_acknowledge_and_to_snooze(
    pages: Pages, database: Database, warned: int
) -> None:
    client = pages.client("lea")
    act = f"{pages.prefix}/tickets/{warned}/"
    for page in (f"{pages.prefix}/notifications/", act):
        shown = client.get(page).content.decode()
        assert f'action="{act}acknowledge/"' in shown
        assert f'action="{act}snooze/"' in shown
    assert client.post(f"{act}acknowledge/").status_code == 302
    assert [who for who, _ in acknowledged(database)] == [f"person:{pages.made.people['lea']}"]


def test_a_snooze_is_shown_and_can_be_ended(pages: Pages, database: Database, warned: int) -> None:
    client = pages.client("lea")
    act = f"{pages.prefix}/tickets/{warned}/"
    assert client.post(f"{act}snooze/", {"minutes": "30"}).status_code == 302
    assert "Snoozed until" in client.get(act).content.decode()
    assert f"T-{warned}" in client.get(f"{pages.prefix}/my-alerts/").content.decode()
    # It is hers alone.
    assert "Snoozed until" not in pages.client("ann").get(act).content.decode()
    client.post(f"{act}snooze/", {"minutes": "0"})
    assert "Snoozed until" not in client.get(act).content.decode()
    for odd in ("99999", "-5", "x", ""):
        assert client.post(f"{act}snooze/", {"minutes": odd}).status_code == 422
    assert database.one("SELECT count(*) FROM snooze") == 0


# ------------------------------------------------------------------------------------ my alerts


def test_one_chooses_how_one_is_reached(pages: Pages, database: Database) -> None:
    client, own = pages.client("ann"), f"{pages.prefix}/my-alerts/"
    for address in ("+46 70 123 45 67", "+46701234568"):
        form = {"channel": "sms", "address": address}
        assert client.post(f"{own}add/", form).status_code == 302, address
    page = client.get(own).content.decode()
    assert page.index("+46701234567") < page.index("+46701234568")
    ids = re.findall(r'name="method" value="(\d+)"', page)
    client.post(f"{own}first/", {"method": ids[-1]})
    page = client.get(own).content.decode()
    assert page.index("+46701234568") < page.index("+46701234567")
    client.post(f"{own}remove/", {"method": ids[-1]})
    assert "+46701234568" not in client.get(own).content.decode()
    # Of others one takes nothing away.
    assert pages.client("lea").post(f"{own}remove/", {"method": ids[0]}).status_code == 404
    # The log says that, and does not say the number.
    told = database.rows(
        "SELECT payload FROM event WHERE stream_kind = 'person' AND payload LIKE '%%contact m%%'"
    )
    assert len(told) == 4
    assert "4670" not in str(told)


@pytest.mark.parametrize(
    ("deed", "form", "field"),
    [
        ("add", {"channel": "sms", "address": "my phone"}, "address"),
        ("add", {"channel": "sms", "address": ""}, "address"),
        ("add", {"channel": "pigeon", "address": "x"}, "channel"),
        ("add", {"channel": "mail", "address": "x@y.example"}, "channel"),
        ("quiet", {"quiet_from": "22:00", "quiet_until": ""}, "quiet_until"),
        ("quiet", {"quiet_from": "25:00", "quiet_until": "07:00"}, "quiet_from"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(
    pages: Pages, database: Database, deed: str, form: dict[str, str], field: str
) -> None:
    answer = pages.client("ann").post(f"{pages.prefix}/my-alerts/{deed}/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="e-{deed}-{field}"' in page
    kept = form.get(field, "")
    assert field == "channel" or f'value="{kept}"' in page
    assert database.one("SELECT count(*) FROM contact_method") == 0


def test_quiet_hours_are_kept(pages: Pages, database: Database) -> None:
    client = pages.client("ann")
    form = {"quiet_from": "22:00", "quiet_until": "07:00"}
    assert client.post(f"{pages.prefix}/my-alerts/quiet/", form).status_code == 302
    assert 'value="22:00"' in client.get(f"{pages.prefix}/my-alerts/").content.decode()
    client.post(f"{pages.prefix}/my-alerts/quiet/", {"quiet_from": "", "quiet_until": ""})
    assert database.rows("SELECT DISTINCT quiet_from FROM person") == [("",)]
