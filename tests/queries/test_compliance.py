"""How many promises were kept, and by whom."""

import datetime as dt
from collections import Counter

import pytest
from tests.desk import Company, Database, at, company

from tocsin.actions import tickets
from tocsin.engine.compliance import Figures
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, compliance

MONDAY = at("2026-03-02 08:00")
HOUR = dt.timedelta(hours=1)


def busy() -> Company:
    """Return a desk where ann kept a promise in March, lea missed one in April, one is open."""
    made = company(now=MONDAY)
    ann, lea = made.person("ann"), made.person("lea", "lead")
    kept = made.open(priority="P1", type="outage", team="service desk", now=MONDAY)
    tickets.assign(ticket_id=kept, person=made.people["ann"], by=ann, now=MONDAY + HOUR / 6)
    tickets.reply(ticket_id=kept, body="Done", by=ann, now=MONDAY + HOUR / 5)
    tickets.resolve(ticket_id=kept, by=ann, now=MONDAY + HOUR)
    late = at("2026-04-01 08:00")
    missed = made.open(priority="P1", type="outage", team="second line", now=late)
    tickets.assign(ticket_id=missed, person=made.people["lea"], by=lea, now=late + HOUR / 6)
    tickets.reply(ticket_id=missed, body="On it", by=lea, now=late + HOUR / 5)
    tickets.resolve(ticket_id=missed, by=lea, now=late + 5 * HOUR)
    made.open(type="question", now=late + 6 * HOUR)
    return made


def test_promises_are_counted_in_all_and_by_each_dimension(database: Database) -> None:
    made = busy()
    found = compliance.compliance(
        by=made.operator, dimensions=compliance.DIMENSIONS, definition="resolution"
    )
    assert found.total == Figures(met=1, breached=1, open=1)
    assert found.by["owner"] == {
        "Ann": Figures(met=1),
        "Lea": Figures(breached=1),
        "(none)": Figures(open=1),
    }
    assert found.by["team"]["Service desk"] == Figures(met=1)
    assert found.by["type"] == {"outage": Figures(1, 1), "question": Figures(open=1)}
    # What is open is decided in no month.
    assert found.by["month"] == {"2026-03": Figures(met=1), "2026-04": Figures(breached=1)}
    assert sum(f.decided for f in found.by["stage"].values()) == 2
    assert found.by["priority"]["P1"] == Figures(1, 1)


def test_the_figures_are_those_of_the_clocks_one_by_one(database: Database) -> None:
    made = busy()
    found = compliance.compliance(by=made.operator)
    counts = Counter(verdict for (verdict,) in database.rows("SELECT verdict FROM clock"))
    assert found.total == Figures(counts["met"], counts["breached"], counts["open"])
    for name in ("owner", "stage", "type"):
        values = found.by[name].values()
        assert sum(f.met for f in values) == counts["met"]
        assert sum(f.breached for f in values) == counts["breached"]
        assert sum(f.open for f in values) == counts["open"]


def test_a_period_holds_what_was_decided_in_it(database: Database) -> None:
    made = busy()
    by, april = made.operator, at("2026-04-01 00:00")
    first = compliance.compliance(by=by, definition="resolution", until=april)
    assert first.total == Figures(met=1)
    then = compliance.compliance(by=by, definition="resolution", since=april)
    assert then.total == Figures(breached=1)


def test_people_of_one_name_are_told_apart(database: Database) -> None:
    made = busy()
    database.rows("UPDATE person SET name = 'Kim' WHERE name IN ('Ann', 'Lea')")
    database.rows("UPDATE tenant SET config_version = config_version + 1")
    found = compliance.compliance(by=made.operator, dimensions=("owner",), definition="resolution")
    ids = (made.people["ann"], made.people["lea"])
    assert set(found.by["owner"]) == {*(f"Kim ({id_})" for id_ in ids), "(none)"}


def test_before_the_first_ticket_there_is_nothing(database: Database) -> None:
    made = company()
    found = compliance.compliance(by=made.operator, dimensions=())
    assert found.total == Figures()
    assert found.total.rate is None
    assert compliance.agreement(by=made.operator) == compliance.Agreement(0, 0, 0)


def test_another_tenant_has_its_own_figures(database: Database) -> None:
    busy()
    other = company("other")
    assert compliance.compliance(by=other.operator).total == Figures()


def test_agents_and_customers_have_no_reports(database: Database) -> None:
    made = company()
    for by in (made.person("ann"), access.contact(made.tenant, 1)):
        with pytest.raises(access.NotFound):
            compliance.compliance(by=by)
        with pytest.raises(access.NotFound):
            compliance.agreement(by=by)


def test_a_dimension_that_there_is_not_is_refused(database: Database) -> None:
    made = company()
    with pytest.raises(Invalid, match="did you mean owner"):
        compliance.compliance(by=made.operator, dimensions=("ownr",))
