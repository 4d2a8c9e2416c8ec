"""A tenant's world does not depend on another one's: nothing that happens there is seen here."""

import pytest
from tests.desk import POLICIES, Database, at
from tests.records.worlds import tables
from tests.trust.ground import Divided, divided
from tests.trust.looking import differing, frozen, snapshot, staying
from tests.trust.test_walls_alone import stir
from tests.web import routes
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import config_versions, passwords, people, sla, tickets
from tocsin.queries import stream
from tocsin.records.tenancy import WithinTenant


def a_desk(database: Database, key: str) -> Divided:
    """Make a desk with tickets, and a row in each of its pages."""
    found = divided(database, key)
    made = found.made
    first = made.open(subject="nectar", team="Service desk", now=at("2026-03-02 09:00"))
    lea = made.person("lea", "lead")
    tickets.reply(ticket_id=first, body="we look", by=lea, now=at("2026-03-02 12:00"))
    made.open(subject="nectar too", team="Second line", now=at("2026-03-09 08:00"))
    routes.prepare(made)
    return found


def rows_of(database: Database, tenant: int) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: database.rows(
            f"SELECT t::text FROM {table} t WHERE tenant_id = %s ORDER BY 1", tenant
        )
        for table in tables(database)
    }


def placed(database: Database, tenant: int) -> list[stream.Placed]:
    """Return what streams are told of a tenant, as the process that tells them reads it."""
    database.play("live")
    try:
        return stream.since({tenant: 0}, 10_000)[tenant]
    finally:
        database.play("app")


@pytest.mark.long("looks at every page of a tenant twice as its administrator")
@pytest.mark.promise("P26")
@pytest.mark.asvs("8.4.1")
@pytest.mark.parametrize("filtered", [True, False], ids=["both walls", "policies alone"])
def test_nothing_that_happens_in_one_tenant_is_seen_in_another(
    database: Database, monkeypatch: pytest.MonkeyPatch, filtered: bool
) -> None:
    frozen(database, "2026-03-09 09:00")
    here, there = a_desk(database, "acme"), a_desk(database, "bolt")
    database.rows("SELECT sequence_events(100000)")
    dora = here.made.people["dora"]
    passwords.give(person=dora, password=PASSWORD, by=here.made.operator)
    client = Pages(here.made, "acme").client("dora")
    staying(database, monkeypatch)
    if not filtered:
        monkeypatch.setattr(
            WithinTenant, "get_queryset", lambda self: super(WithinTenant, self).get_queryset()
        )
    database.rows("SELECT sequence_events(100000)")
    # The page of who reads tells of our own looking: that has begun before.
    client.get("/t/acme/tickets/1/")
    before = snapshot(client, "/t/acme")
    assert sum(status == 200 for status, _ in before.values()) > 100
    own, told = rows_of(database, here.tenant), placed(database, here.tenant)
    _everything(database, there)
    assert differing(before, snapshot(client, "/t/acme")) == {}
    after = rows_of(database, here.tenant)
    # Looking signs in, and is remembered to have looked; all else is as it was.
    for table in ("sign_in", "read_mark"):
        own.pop(table, None), after.pop(table, None)
    assert own == after
    assert placed(database, here.tenant) == told


def _everything(database: Database, there: Divided) -> None:
    """Change, add and delete in a tenant: by actions, and then the very rows."""
    stir(there)
    made = there.made
    rota = {"zone": "UTC", "layers": [{"people": ["ann@bolt.example"], "begins": "2026-01-05"}]}
    config_versions.publish(kind="on-call", key="another", data=rota, by=made.operator)
    changed = {**POLICIES, "policies": [{**POLICIES["policies"][0], "rank": 7}]}
    sla.publish(config=changed, by=made.operator)
    people.add_person(name="New", email="new@bolt.example", by=made.operator)
    database.rows("SELECT sequence_events(100000)")
    for table in tables(database):
        # Whatever a superuser does to the rows of one tenant.
        database.rows(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    for table in tables(database):
        if table != "person":
            database.rows(f"DELETE FROM {table} WHERE tenant_id = %s", there.tenant)
    for table in tables(database):
        database.rows(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
