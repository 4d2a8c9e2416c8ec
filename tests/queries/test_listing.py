"""Lists: what each holds, in which order, page by page; and each figure's own list."""

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from tests.desk import Company, Database, at, company
from tests.queries.random_queue import MINUTE, MONDAY, beat, crowded

from tocsin.actions import customers, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, compliance, listing
from tocsin.queries.listing import Drill, Wanted, Which

HOUR = dt.timedelta(hours=1)
Row = dict[str, Any]
ACTIVE = {"new", "open", "waiting customer", "waiting internal"}


def rows(database: Database) -> list[Row]:
    names = [
        *("id", "status", "priority", "type", "assignee_id", "team_id", "account_id", "due_at"),
        *("warn_at", "respond_at", "escalates_at", "opened_at", "done_at", "rank_at", "stage_id"),
    ]
    found = database.rows(f"SELECT {', '.join(names)} FROM ticket ORDER BY rank_at, id")
    return [dict(zip(names, row, strict=True)) for row in found]


def whole(made: Company, wanted: Wanted, now: dt.datetime, most: int = 7) -> list[int]:
    """Return the ids of all pages of a list."""
    found: list[int] = []
    after: str | None = None
    while True:
        page = listing.tickets(by=made.operator, wanted=wanted, after=after, most=most, now=now)
        assert len(page.cards) <= most
        found += [card.id for card in page.cards]
        after = page.after
        if after is None:
            return found


def asks_of(now: dt.datetime, me: int | None) -> dict[Which, Callable[[Row], bool]]:
    """Return what each named list of active tickets asks, in words of its own."""
    soon = now + dt.timedelta(minutes=30)

    def breached(row: Row) -> bool:
        return row["due_at"] is not None and row["due_at"] < now

    def escalating(row: Row) -> bool:
        return row["escalates_at"] is not None and row["escalates_at"] <= soon

    return {
        Which.ACTIVE: lambda row: True,
        Which.MINE: lambda row: me is not None and row["assignee_id"] == me,
        Which.UNASSIGNED: lambda row: row["assignee_id"] is None,
        Which.URGENT: lambda row: row["priority"] in ("P1", "P2"),
        Which.URGENT_BREACHED: lambda row: row["priority"] in ("P1", "P2") and breached(row),
        Which.BREACHED: breached,
        Which.AT_RISK: lambda row: (
            row["due_at"] is not None and row["warn_at"] <= now and not breached(row)
        ),
        Which.ESCALATION_DUE: escalating,
        Which.FIRST_RESPONSE: lambda row: row["respond_at"] is not None,
        Which.WAITING_CUSTOMER: lambda row: row["status"] == "waiting customer",
        Which.WAITING_INTERNAL: lambda row: row["status"] == "waiting internal",
        Which.CONTROLLED: lambda row: not breached(row) and not escalating(row),
    }


@pytest.mark.long("counts by hand")
def test_each_list_of_work_holds_just_its_tickets_in_the_order_of_work(
    database: Database,
) -> None:
    made, now = crowded()
    kept = [row for row in rows(database) if row["status"] in ACTIVE]
    for at_ in (now - 30 * HOUR, now, now + 5 * HOUR):
        for which, test in asks_of(at_, None).items():
            wanted = Wanted(which)
            expected = [row["id"] for row in kept if test(row)]
            assert whole(made, wanted, at_) == expected, which
            assert listing.count(by=made.operator, wanted=wanted, now=at_) == len(expected), which
    sizes = {which: sum(map(test, kept)) for which, test in asks_of(now, None).items()}
    assert all(count for which, count in sizes.items() if which is not Which.MINE), sizes
    ann = made.person("ann")
    mine = [card.id for card in listing.tickets(by=ann, wanted=Wanted(Which.MINE), now=now).cards]
    assert mine == [row["id"] for row in kept if row["assignee_id"] == ann.person]
    assert len(mine) > 5


def test_what_was_comes_newest_first_and_in_its_period(database: Database) -> None:
    made, now = crowded()
    since, until = MONDAY + 40 * HOUR, MONDAY + 90 * HOUR
    for which, column in (
        (Which.CREATED, "opened_at"),
        (Which.ALL, "opened_at"),
        (Which.RESOLVED, "done_at"),
        (Which.DONE, "done_at"),
    ):
        there = [row for row in rows(database) if row[column] is not None]
        there.sort(key=lambda row: (row[column], row["id"]), reverse=True)
        assert whole(made, Wanted(which), now) == [row["id"] for row in there]
        some = [row["id"] for row in there if since <= row[column] < until]
        wanted = Wanted(which, since=since, until=until)
        assert whole(made, wanted, now) == some
        assert listing.count(by=made.operator, wanted=wanted, now=now) == len(some) > 0


def test_values_narrow_a_list(database: Database) -> None:
    made, now = crowded()
    kept = [row for row in rows(database) if row["status"] in ACTIVE]
    team = database.one("SELECT id FROM team WHERE key = 'second line'")
    account = database.one("SELECT min(id) FROM account")
    stage = database.one("SELECT id FROM stage WHERE key = 'triage'")
    ann = made.people["ann"]
    asked: tuple[tuple[Wanted, Callable[[Row], bool]], ...] = (
        (Wanted(team="Second line"), lambda row: row["team_id"] == team),
        (Wanted(person=ann), lambda row: row["assignee_id"] == ann),
        (Wanted(account=account), lambda row: row["account_id"] == account),
        (Wanted(priority="P3"), lambda row: row["priority"] == "P3"),
        (Wanted(type="outage"), lambda row: row["type"] == "outage"),
        (Wanted(stage="triage"), lambda row: row["stage_id"] == stage),
        (Wanted(pipeline="support", stage="triage"), lambda row: row["stage_id"] == stage),
        (
            Wanted(team="second line", priority="P1"),
            lambda row: row["team_id"] == team and row["priority"] == "P1",
        ),
    )
    for wanted, test in asked:
        expected = [row["id"] for row in kept if test(row)]
        assert whole(made, wanted, now) == expected, wanted
        assert expected, wanted


def test_words_are_searched_within_a_list(database: Database) -> None:
    made, now = crowded()
    printers = {row[0] for row in database.rows("SELECT id FROM ticket WHERE subject ~ 'printer'")}
    found = whole(made, Wanted(words="printer"), now)
    kept = [row["id"] for row in rows(database) if row["status"] in ACTIVE]
    assert found == [id_ for id_ in kept if id_ in printers]
    assert set(whole(made, Wanted(Which.ALL, words="printer -server"), now)) == printers
    assert whole(made, Wanted(words="nowhere"), now) == []
    with pytest.raises(Invalid, match="NUL"):
        listing.count(by=made.operator, wanted=Wanted(words="a\0"))


def test_pages_neither_repeat_nor_leave_out_while_the_desk_goes_on(database: Database) -> None:
    made, now = crowded()
    before = whole(made, Wanted(), now)
    first = listing.tickets(by=made.operator, most=10, now=now)
    # What stood on the first page is done meanwhile, and something new comes to the top.
    tickets.resolve(ticket_id=first.cards[0].id, by=made.person("ann"), now=now)
    new = made.open(priority="P1", now=now)
    rest = listing.tickets(by=made.operator, after=first.after, most=200, now=now)
    seen = [card.id for card in (*first.cards, *rest.cards)]
    assert len(seen) == len(set(seen))
    assert set(before) <= {*seen, first.cards[0].id}
    rank_at = {row["id"]: row["rank_at"] for row in rows(database)}
    assert (new in seen) == (rank_at[new] > first.cards[-1].rank_at)


def test_many_of_one_place_are_paged_by_their_ids(database: Database) -> None:
    made = company(now=MONDAY)
    ids = [made.open(now=MONDAY) for _ in range(9)]
    assert whole(made, Wanted(), MONDAY, most=2) == ids
    assert whole(made, Wanted(Which.ALL), MONDAY, most=2) == ids[::-1]


# ------------------------------------------------------------------------------------ drill


@pytest.mark.long("counts by hand")
def test_each_figure_of_a_report_opens_exactly_its_clocks(database: Database) -> None:
    made, now = crowded()
    assert beat(now, database)
    for since, until, definition in (
        (None, None, None),
        (None, None, "resolution"),
        (MONDAY + 30 * HOUR, MONDAY + 120 * HOUR, None),
    ):
        report = compliance.compliance(
            by=made.operator,
            dimensions=compliance.DIMENSIONS,
            definition=definition,
            since=since,
            until=until,
        )
        named = [
            (None, "", report.total),
            *((of, value, f) for of, values in report.by.items() for value, f in values.items()),
        ]
        for (dimension, value, figures), verdict in itertools.product(
            named, ("met", "breached", "open")
        ):
            drill = Drill(definition, verdict, dimension, value)
            wanted = Wanted(since=since, until=until, drill=drill)
            count = getattr(figures, verdict)
            assert listing.count(by=made.operator, wanted=wanted, now=now) == count, drill
            assert len(whole(made, wanted, now, most=50)) == count, drill
        assert report.total.met
        assert report.total.breached


def test_a_drill_names_the_clock_of_each_line(database: Database) -> None:
    made, now = crowded()
    beat(now, database)
    page = listing.tickets(
        by=made.operator, wanted=Wanted(drill=Drill(verdict="breached")), now=now
    )
    assert len(page.clocks) == len(page.cards) > 0
    for card, key in zip(page.cards, page.clocks, strict=True):
        [face] = [face for face in card.faces if face.key == key]
        assert face.verdict == "breached"


# ------------------------------------------------------------------------------------ refusals


def test_another_tenant_is_invisible(database: Database) -> None:
    crowded(count=5)
    other = company("other", now=MONDAY)
    for which in Which:
        assert listing.tickets(by=other.operator, wanted=Wanted(which)).cards == ()
        assert listing.count(by=other.operator, wanted=Wanted(which)) == 0
    drill = Wanted(drill=Drill())
    assert listing.count(by=other.operator, wanted=drill) == 0


def test_a_contact_lists_their_own(database: Database) -> None:
    made = company(now=MONDAY)
    cara, carl = (customers.add_contact(name=name, by=made.operator) for name in ("Cara", "Carl"))
    own = made.open(contact=cara, now=MONDAY)
    made.open(contact=carl, now=MONDAY)
    by = access.contact(made.tenant, cara)
    for wanted in (Wanted(), Wanted(Which.ALL), Wanted(words="broken")):
        page = listing.tickets(by=by, wanted=wanted, now=MONDAY)
        assert [card.id for card in page.cards] == [own]
        assert listing.count(by=by, wanted=wanted, now=MONDAY) == 1
    clocks = listing.tickets(by=by, wanted=Wanted(drill=Drill()), now=MONDAY).cards
    assert {card.id for card in clocks} == {own}


@pytest.mark.parametrize(
    "after", ["", ".", "1", "1.", ".1", "a.b", "1.2.3", "9" * 18 + ".1", "-1.-1", "٣.1x"]
)
def test_what_is_not_where_a_page_ended_is_refused(database: Database, after: str) -> None:
    made = company(now=MONDAY)
    with pytest.raises(Invalid, match="after"):
        listing.tickets(by=made.operator, after=after)


def test_what_there_is_not_is_refused_by_name(database: Database) -> None:
    made = company(now=MONDAY)
    for wanted, name in (
        (Wanted(pipeline="suport"), "pipeline"),
        (Wanted(stage="triag"), "stage"),
        (Wanted(team="nobody"), "team"),
        (Wanted(drill=Drill(verdict="lost")), "verdict"),
        (Wanted(drill=Drill(dimension="colour")), "dimension"),
    ):
        with pytest.raises(Invalid, match=name):
            listing.count(by=made.operator, wanted=wanted)
    for most in (0, 201):
        with pytest.raises(Invalid, match="most"):
            listing.tickets(by=made.operator, most=most)


def test_at_the_instant_of_a_due_nothing_is_late_yet(database: Database) -> None:
    made = company(now=MONDAY)
    made.open(priority="P3", now=MONDAY)
    due, instant = MONDAY + HOUR, dt.timedelta(microseconds=1)
    for now, late in ((due, 0), (due + instant, 1)):
        assert listing.count(by=made.operator, wanted=Wanted(Which.BREACHED), now=now) == late
    risk = MONDAY + 45 * MINUTE
    for now, near in ((risk - instant, 0), (risk, 1), (due, 1), (due + instant, 0)):
        assert listing.count(by=made.operator, wanted=Wanted(Which.AT_RISK), now=now) == near


def test_without_an_instant_it_is_the_databases(database: Database) -> None:
    made = company(now=at("2026-01-01 00:00"))
    made.open(now=at("2026-01-02 00:00"))
    assert listing.count(by=made.operator, wanted=Wanted(Which.BREACHED)) == 1
