"""The auditor's pages: who may do what, what changed, who read in bulk, who was refused."""

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from tests.desk import Database, inside
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import (
    access_rules,
    api_tokens,
    identity_providers,
    passwords,
    people,
    permission_sets,
    security,
)
from tocsin.actions.identity_providers import Typed
from tocsin.queries.access import Right
from tocsin.queries.security import Rules
from tocsin.records import rows

pytestmark = pytest.mark.long("a whole desk is told")

_CALLED = re.compile(r'<span class="line2">(.*?)</span>')


def auditor(pages: Pages) -> None:
    person = people.add_person(
        name="Ada", email="ada@acme.example", role="auditor", by=pages.made.operator
    )
    passwords.give(person=person, password=PASSWORD, by=pages.made.operator)


def give_set(pages: Pages, name: str, right: Right) -> None:
    """Have somebody hold a permission set for the tickets of their own teams."""
    made = pages.made
    with inside(made.tenant):
        row = {
            "tenant_id": made.tenant,
            "key": "extra",
            "name": "Extra",
            "reach": "own",
            "teams": "[]",
        }
        row |= {
            "types": "[]",
            "rights": json.dumps([right.value]),
            "changed_at": "2026-01-01T00:00Z",
        }
        rows.insert("permission_set", [row])
        own = {"tenant_id": made.tenant, "person_id": made.people[name]}
        own |= {"permission_set_id": rows.query("SELECT max(id) FROM permission_set")[0][0]}
        rows.insert("permission_grant", [{**own, "granted_at": "2026-01-01T00:00Z"}])


@pytest.mark.promise("P27", "A53")
def test_an_auditor_sees_who_may_do_what_and_takes_it_along(
    pages: Pages, database: Database
) -> None:
    auditor(pages)
    give_set(pages, "ann", Right.ACKNOWLEDGE)
    client = pages.client("ada")
    here = f"{pages.prefix}/settings/access/"
    page = client.get(here).content.decode()
    for told in ("Extra", "for tickets of the holder", "Acknowledge violations"):
        assert told in page, told
    assert "5 people" in page
    only = client.get(f"{here}?words=lea").content.decode()
    assert 'data-person="' in only
    assert "One person" in only
    sent = client.post(f"{pages.prefix}/settings/access.csv")
    lines = list(csv.DictReader(io.StringIO(sent.getvalue().decode("utf-8-sig"))))
    mine = {one["right"]: one["only_for"] for one in lines if one["person"] == "Ann"}
    assert mine["acknowledge violations"] == "Major incident, Second line, Service desk"
    assert mine["read tickets"] == ""
    assert "override clocks" not in mine
    assert database.rows("SELECT what, rows FROM export") == [("access", len(lines))]


@pytest.mark.promise("P19", "A53")
def test_an_auditor_sees_what_changed_by_whom_and_about_whom(pages: Pages) -> None:
    auditor(pages)
    dora = pages.client("dora")
    form = {"read_budget": "12", "session_hours": "8", "idle_minutes": "30"}
    answer = dora.post(f"{pages.prefix}/settings/security/", {**form, "passwords": "1"})
    assert answer.status_code == 302
    client = pages.client("ada")
    here = f"{pages.prefix}/settings/access/changes/"
    page = client.get(here).content.decode()
    assert "Tickets in an hour: 300 → 12" in page
    assert "Minutes without use: 120 → 30" in page
    lea = pages.made.people["lea"]
    about = client.get(f"{here}?person={lea}").content.decode()
    assert "Tickets in an hour" not in about
    by = client.get(f"{here}?person={pages.made.people['dora']}&kind=security").content.decode()
    assert "Tickets in an hour" in by
    older = [number for number in range(60) if people.add_team(**_team(number, pages))]
    assert older
    newest = client.get(f"{here}?kind=team").content.decode()
    assert "Team 59" in newest
    assert "Team 2<" not in newest
    link = newest.split('href="?')[-1].split('"')[0].replace("&amp;", "&")
    rest = client.get(f"{here}?{link}").content.decode()
    assert "Team 2<" in rest
    assert "Team 59" not in rest
    for wrong in ("kind=ticket", "days=5", "person=x", "after=-1"):
        assert client.get(f"{here}?{wrong}").status_code == 422


@pytest.mark.promise("A53")
def test_what_changed_is_called_by_its_name_and_one_that_is_gone_by_what_is_known(
    pages: Pages,
) -> None:
    auditor(pages)
    dora = pages.made.person("dora", "administrator")
    permission_sets.save(
        key="night", name="Night watch", rights=["acknowledge violations"], by=dora
    )
    permission_sets.save(key="gone", name="Gone by now", rights=["acknowledge violations"], by=dora)
    permission_sets.remove(key="gone", by=dora)
    api_tokens.make(name="Weather station", scopes=["tickets:read"], by=dora)
    rule = access_rules.add_network(holder="auditor", network="10.7.0.0/16", by=dora)
    access_rules.remove_network(rule=rule, by=dora)
    identity_providers.add(
        key="works",
        typed=Typed(
            name="The works", issuer="https://id.example", client="tocsin", secret="of the works"
        ),
        by=dora,
    )
    client = pages.client("ada")
    page = client.get(f"{pages.prefix}/settings/access/changes/").content.decode()
    called = [html.unescape(one) for one in _CALLED.findall(page)]
    for name in ("Night watch", "gone", "Weather station · Dora", "10.7.0.0/16", "The works"):
        assert name in called, name
    # Nothing of these is told by a number.
    assert not [one for one in called if one.isdecimal()]


def _team(number: int, pages: Pages) -> dict[str, Any]:
    lea = pages.made.people["lea"]
    own = {"name": f"Team {number}", "level": 1, "lead": lea, "manager": lea, "members": ()}
    return {**own, "by": pages.made.operator}


@pytest.mark.promise("P35", "A53")
def test_an_auditor_sees_who_reads_in_bulk_and_who_was_refused(pages: Pages) -> None:
    auditor(pages)
    for _ in range(11):
        pages.made.open()
    security.set_rules(rules=Rules(read_budget=10), by=pages.made.operator)
    ann = pages.client("ann")
    for number in range(1, 12):
        ann.get(f"{pages.prefix}/tickets/{number}/")
    wrong = {"login": "ann@acme.example", "password": "wrong"}
    pages.anybody().post(f"{pages.prefix}/sign-in/", wrong)
    page = pages.client("ada").get(f"{pages.prefix}/settings/access/reading/").content.decode()
    row = page.split(f'data-reader="{pages.made.people["ann"]}"')[1].split("</tr>")[0]
    assert '<td class="num" data-label="Tickets">10</td>' in row
    assert "#i-breached" in row
    refused = page.split('id="h-refused"')[1]
    assert "Ann" in refused
    assert "127.0.0.1" in refused


@pytest.mark.promise("P27", "A29")
def test_only_an_administrator_sets_the_rules_and_mistakes_keep_what_was_typed(
    pages: Pages,
) -> None:
    here = f"{pages.prefix}/settings/security/"
    assert pages.client("mia").get(here).status_code == 404
    assert pages.client("lea").get(f"{pages.prefix}/settings/access/").status_code == 404
    client = pages.client("dora")
    form = {"read_budget": "9", "session_hours": "x", "idle_minutes": "30", "passwords": "1"}
    for typed, sentence in (
        ({**form, "session_hours": "8"}, "must be between 10 and 100000"),
        (form, "must be a whole number"),
        ({**form, "read_budget": "10", "session_hours": "8", "passwords": ""}, "the only way in"),
    ):
        answer = client.post(here, typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert sentence in page
        assert f'value="{typed["read_budget"]}"' in page
    session = client.session
    session["proved_at"] = 0
    session.save()
    assert client.get(here).headers["Location"].startswith(f"{pages.prefix}/prove/")
