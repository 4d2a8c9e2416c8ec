"""What pages show of settings and fields to whoever has some rights and not others."""

import re

import pytest
from tests.desk import Database
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import access_rules, passwords, people, permission_sets
from tocsin.queries.access import Actor, Right

pytestmark = pytest.mark.long("every page, with narrow eyes")

_LINKS = re.compile(r'<nav class="(?:tabs|parts-nav)".*?</nav>', re.DOTALL)
_P1 = re.compile(r"\bP1\b")


@pytest.fixture
def dora(pages: Pages) -> Actor:
    return pages.made.person("dora", "administrator")


def limited(pages: Pages, dora: Actor, *rights: Right) -> None:
    """Add Eve, who has these rights and no others."""
    eve = people.add_person(name="Eve", email="eve@acme.example", role="limited", by=dora)
    pages.made.people["eve"] = eve
    passwords.give(person=eve, password=PASSWORD, by=dora)
    if rights:
        named = [one.value for one in rights]
        permission_sets.save(key="own", name="Own", rights=named, by=dora)
        permission_sets.grant(person=eve, key="own", by=dora)


# ----------------------------------------------------------------------------------- the settings


@pytest.mark.promise("P28")
@pytest.mark.parametrize(
    ("rights", "first", "parts"),
    [
        ((), None, ()),
        ((Right.READ_TICKETS, Right.EXPORT), None, ()),
        ((Right.READ_AUDIT,), "settings/access/", ("Security",)),
        ((Right.READ_CONFIGURATION,), "settings/policies/", ("Promises", "Escalation")),
        (
            (Right.READ_AUDIT, Right.ADMINISTER),
            "settings/providers/",
            ("Senders", "People", "Security"),
        ),
    ],
    ids=["nothing", "tickets", "audit", "configuration", "administration"],
)
def test_the_settings_are_those_that_one_may_see(
    pages: Pages, dora: Actor, rights: tuple[Right, ...], first: str | None, parts: tuple[str, ...]
) -> None:
    limited(pages, dora, *rights)
    client = pages.client("eve")
    hub = client.get(f"{pages.prefix}/hub/").content.decode()
    assert (f'href="{pages.prefix}/settings/"' in hub) == (first is not None)
    answer = client.get(f"{pages.prefix}/settings/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{pages.prefix}/{first or 'hub/'}"
    if first is None:
        return
    page = client.get(answer.headers["Location"]).content.decode()
    tabs = _LINKS.findall(page)[0]
    assert tuple(re.findall(r">([^<>]+)</a>", tabs)) == parts


@pytest.mark.promise("P28")
@pytest.mark.parametrize("name", ["ann", "lea", "dora"])
def test_every_page_that_the_settings_lead_to_is_there(pages: Pages, name: str) -> None:
    client = pages.client(name)
    seen, wanted = set[str](), {client.get(f"{pages.prefix}/settings/").headers["Location"]}
    while wanted - seen:
        address = (wanted - seen).pop()
        seen.add(address)
        answer = client.get(address)
        # What is grave asks for a proof before it is shown.
        assert answer.status_code in (200, 302), address
        for links in _LINKS.findall(answer.content.decode()):
            wanted |= set(re.findall(r'href="([^"]+)"', links))
    assert len(seen) == (22 if name == "dora" else 7)


# ------------------------------------------------------------------------------------- the fields


@pytest.mark.promise("P27", "P28")
def test_pages_show_no_field_that_one_does_not_read(pages: Pages, dora: Actor) -> None:
    pages.made.open(priority="P1", type="payroll", team="Service desk")
    for name in ("priority", "type"):
        access_rules.save_field(name=name, readers=["lead"], writers=["lead"], by=dora)
    ann, lea = pages.client("ann"), pages.client("lea")
    for path in ("hub/", "queue/", "board/", "tickets/", "tickets/1/", "tickets/?words=broken"):
        mine = ann.get(f"{pages.prefix}/{path}").content.decode()
        theirs = lea.get(f"{pages.prefix}/{path}").content.decode()
        # A word of its own: a form's token is of chance, and may hold any two letters.
        assert not _P1.search(mine), path
        assert "payroll" not in mine, path
        # Of a queue there is what one has oneself.
        assert _P1.search(theirs) or path == "queue/", path
    assert "urgent active" in lea.get(f"{pages.prefix}/hub/").content.decode()
    assert "urgent active" not in ann.get(f"{pages.prefix}/hub/").content.decode()


@pytest.mark.promise("P27", "A28")
def test_a_hidden_field_answers_as_one_that_there_is_not(pages: Pages, dora: Actor) -> None:
    pages.made.open(priority="P1")
    pages.made.open(priority="P3", type="payroll")
    for name in ("priority", "type"):
        access_rules.save_field(name=name, readers=["lead"], writers=["lead"], by=dora)

    def answer(name: str, query: str, value: str) -> tuple[int, list[str], str]:
        found = pages.client(name).get(f"{pages.prefix}/tickets/?{query}={value}")
        page = found.content.decode()
        told = re.findall(r'<p class="told".*?</p>', page, re.DOTALL)
        return (
            found.status_code,
            re.findall(r'data-row data-id="(\d+)"', page),
            "".join(told).replace(value, "…"),
        )

    none = answer("ann", "colour", "blue")
    assert len(none[1]) == 2
    assert answer("ann", "priority", "P1") == answer("ann", "type", "payroll") == none
    assert answer("ann", "which", "urgent") == answer("ann", "which", "purple")
    assert answer("ann", "dimension", "priority") == answer("ann", "dimension", "colour")
    assert len(answer("lea", "priority", "P1")[1]) == 1
    assert answer("lea", "which", "urgent")[0] == 200


# --------------------------------------------------------------------------------------- lock-out


@pytest.mark.promise("P28", "A53")
def test_an_administrator_does_not_shut_themselves_out_by_what_they_take(
    database: Database, pages: Pages, dora: Actor
) -> None:
    permission_sets.save(key="site", name="Site", rights=[Right.READ_TICKETS.value], by=dora)
    access_rules.add_network(holder="site", network="10.20.0.0/16", by=pages.made.operator)
    client, me = pages.client("dora"), pages.made.people["dora"]
    address = f"{pages.prefix}/settings/people/{me}/grant/"
    refused = client.post(address, {"set": "site"})
    assert refused.status_code == 422
    assert "127.0.0.1" in refused.content.decode()
    assert database.one("SELECT count(*) FROM permission_grant") == 0
    # Others may hold it: they come from where they work.
    client.post(
        f"{pages.prefix}/settings/people/{pages.made.people['ann']}/grant/", {"set": "site"}
    )
    assert database.one("SELECT count(*) FROM permission_grant") == 1
    access_rules.add_network(holder="site", network="127.0.0.0/8", by=pages.made.operator)
    assert client.post(address, {"set": "site"}).status_code == 302
    assert client.get(f"{pages.prefix}/hub/").status_code == 200
