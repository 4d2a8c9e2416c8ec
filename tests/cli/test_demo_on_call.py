"""The companies of the demonstration have somebody on call at every instant."""

import datetime as dt

import pytest
from tests.desk import Database, at

from tocsin.cli.demonstration import cast, founding
from tocsin.queries import access, shifts

pytestmark = pytest.mark.long("weeks of two companies")


@pytest.mark.parametrize(("company", "people"), [("granvik", 3), ("cais-sereno", 3)])
def test_the_schedules_of_the_demonstration_have_no_gap(
    company: str, people: int, database: Database
) -> None:
    one = cast.company(company)
    now = at("2026-03-11 12:00")
    made = founding.found(one, now=now)
    by = access.operator(made.tenant)
    [listed] = shifts.schedules(by=by, now=now)
    assert len(listed.now) == 1
    assert listed.gap is None
    ends = now + dt.timedelta(days=28)
    plan = shifts.plan(key=listed.key, by=by, begins=now, ends=ends, now=now)
    assert plan is not None
    assert plan.gaps == ()
    assert len({name for bar in plan.line.bars for name in bar.people}) == people
