"""The board: columns of a pipeline, their counts and their cards."""

import copy
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from tests.desk import SUPPORT, Company, Database, at, company
from tests.queries.random_queue import MINUTE, MONDAY, crowded

from tocsin.actions import customers, pipelines, tickets
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, board, listing
from tocsin.queries.access import Actor
from tocsin.queries.board import Board
from tocsin.queries.listing import Wanted, Which

HOUR = dt.timedelta(hours=1)


def column(found: Board, stage: str) -> board.Column:
    [one] = [column for column in found.columns if column.stage == stage]
    return one


def test_a_board_has_a_column_for_each_stage_of_its_pipeline(database: Database) -> None:
    made = company(now=MONDAY)
    found = board.board(by=made.person("ann"), now=MONDAY)
    assert found.pipeline is not None
    assert (found.pipeline.key, found.pipeline.name) == ("support", "Support")
    assert [p.key for p in found.pipelines] == ["support"]
    assert [(c.stage, c.name, c.status) for c in found.columns] == [
        ("triage", "Triage", "new"),
        ("work", "In work", "open"),
        ("waiting", "Waiting", "waiting customer"),
        ("done", "Done", "resolved"),
        ("closed", "Closed", "closed"),
    ]
    triage, work, waiting = found.columns[:3]
    assert (triage.limit, triage.calendar, triage.moves) == ("2h", "always", None)
    assert (work.limit, work.calendar) == ("", "")
    assert waiting.moves == ("work",)
    assert {(c.count, c.breached, c.cards, c.after, c.gone) for c in found.columns} == {
        (0, 0, (), None, False)
    }


def behind(only: Which, one: board.Column, by: Actor, now: dt.datetime) -> Wanted:
    """Return the list that a column's number stands for."""
    wanted = Wanted(only, pipeline="support", stage=one.stage)
    if only in (Which.ACTIVE, Which.MINE) and one.status in ("resolved", "closed"):
        mine = by.person if only is Which.MINE else None
        return replace(wanted, which=Which.DONE, since=now - board.DONE_FOR, person=mine)
    return wanted


@pytest.mark.long("counts by hand")
def test_each_number_of_a_column_opens_exactly_its_tickets(database: Database) -> None:
    made, now = crowded()
    by = made.person("ann")
    for only in Which:
        found = board.board(by=by, only=only, most=3, now=now)
        for one in found.columns:
            wanted = behind(only, one, by, now)
            assert one.count == listing.count(by=by, wanted=wanted, now=now), (only, one.stage)
            ids = [card.id for card in one.cards]
            if wanted.which is not only:
                # What was done lately is to be seen, not worked through.
                assert (len(ids), one.after) == (min(one.count, 3), None)
                continue
            after = one.after
            while after is not None:
                page = board.column(
                    by=by,
                    pipeline="support",
                    stage=one.stage,
                    only=only,
                    after=after,
                    most=3,
                    now=now,
                )
                ids += [card.id for card in page.cards]
                after = page.after
            assert len(ids) == len(set(ids)) == one.count
            if only is Which.ACTIVE:
                late = Wanted(Which.BREACHED, pipeline="support", stage=one.stage)
                assert one.breached == listing.count(by=by, wanted=late, now=now)
        if only is Which.ACTIVE:
            assert [one.count > 0 for one in found.columns[:3]] == [True, True, True]
            assert sum(one.breached for one in found.columns) > 0


def test_cards_stand_in_the_order_of_work(database: Database) -> None:
    made, now = crowded()
    for one in board.board(by=made.operator, now=now).columns[:3]:
        ranks = [(card.rank_at, card.id) for card in one.cards]
        assert ranks == sorted(ranks)
        assert {card.stage for card in one.cards} <= {one.stage}


def test_what_was_done_stays_to_be_seen_for_a_day(database: Database) -> None:
    made = company(now=MONDAY)
    ann, lea = made.person("ann"), made.person("lea")
    done = made.open(now=MONDAY)
    tickets.assign(ticket_id=done, person=ann.person, by=ann, now=MONDAY)
    tickets.resolve(ticket_id=done, by=ann, now=MONDAY)
    day = dt.timedelta(days=1)
    for now, count in ((MONDAY, 1), (MONDAY + day, 1), (MONDAY + day + MINUTE, 0)):
        assert column(board.board(by=lea, now=now), "done").count == count
    for by, count in ((ann, 1), (lea, 0)):
        found = board.board(by=by, only=Which.MINE, now=MONDAY)
        assert len(column(found, "done").cards) == count


def test_a_breach_by_time_alone_is_counted_at_its_instant(database: Database) -> None:
    made = company(now=MONDAY)
    made.open(priority="P3", now=MONDAY)
    instant = dt.timedelta(microseconds=1)
    for now, late in ((MONDAY + HOUR, 0), (MONDAY + HOUR + instant, 1)):
        triage = column(board.board(by=made.operator, now=now), "triage")
        assert (triage.count, triage.breached) == (1, late)


def test_a_team_sees_its_own(database: Database) -> None:
    made, now = crowded()
    found = board.board(by=made.operator, team="second line", now=now)
    assert {card.team for one in found.columns for card in one.cards} == {"Second line"}
    active = [one.count for one in found.columns if one.status not in ("resolved", "closed")]
    wanted = Wanted(team="second line", pipeline="support")
    assert sum(active) == listing.count(by=made.operator, wanted=wanted, now=now)


def test_counts_alone_need_no_cards(database: Database) -> None:
    made, now = crowded(count=10)
    bare, full = (board.board(by=made.operator, most=most, now=now) for most in (0, 50))
    assert [one.count for one in bare.columns] == [one.count for one in full.columns]
    assert all(one.cards == () and one.after is None for one in bare.columns)


def test_what_stands_in_a_stage_that_is_gone_is_shown_until_it_is_moved(
    database: Database,
) -> None:
    made = company(now=MONDAY)
    ticket = made.open(now=MONDAY)
    config: dict[str, Any] = copy.deepcopy(SUPPORT)
    del config["stages"][0]
    pipelines.publish(key="support", config=config, by=made.operator, now=MONDAY + MINUTE)
    found = board.board(by=made.operator, now=MONDAY + HOUR)
    assert [one.stage for one in found.columns] == ["work", "waiting", "done", "closed", "triage"]
    gone = found.columns[-1]
    assert (gone.gone, gone.count, [card.id for card in gone.cards]) == (True, 1, [ticket])
    tickets.move(ticket_id=ticket, to="work", by=made.person("ann"), now=MONDAY + HOUR)
    found = board.board(by=made.operator, now=MONDAY + HOUR)
    assert [one.stage for one in found.columns] == ["work", "waiting", "done", "closed"]


def test_a_board_of_another_pipeline(database: Database) -> None:
    made = company(now=MONDAY)
    pipelines.publish(
        key="repairs", config={**SUPPORT, "name": "Repairs"}, by=made.operator, now=MONDAY
    )
    made.open(pipeline="repairs", now=MONDAY)
    assert column(board.board(by=made.operator, now=MONDAY), "triage").count == 0
    found = board.board(by=made.operator, pipeline="repairs", now=MONDAY)
    assert column(found, "triage").count == 1
    assert [p.key for p in found.pipelines] == ["support", "repairs"]
    with pytest.raises(Invalid, match="did you mean repairs"):
        board.board(by=made.operator, pipeline="repair")


def test_a_desk_without_a_pipeline_has_no_columns(database: Database) -> None:
    from tocsin.actions import tenants

    by = access.operator(tenants.create(key="bare", name="Bare"))
    assert board.board(by=by) == Board(None, (), ())


def test_to_a_contact_there_is_no_board(database: Database) -> None:
    made: Company = company(now=at("2026-03-01 08:00"))
    contact = customers.add_contact(name="Cara", by=made.operator)
    by = access.contact(made.tenant, contact)
    made.open(contact=contact, now=MONDAY)
    with pytest.raises(access.NotFound):
        board.board(by=by)
    with pytest.raises(access.NotFound):
        board.column(by=by, pipeline="support", stage="triage")


def test_another_tenant_is_invisible(database: Database) -> None:
    made = company(now=MONDAY)
    made.open(now=MONDAY)
    other = company("other", now=MONDAY)
    found = board.board(by=other.operator, now=MONDAY)
    assert sum(one.count for one in found.columns) == 0


@pytest.mark.parametrize("most", [-1, 201])
def test_a_column_has_a_sensible_length(database: Database, most: int) -> None:
    made = company(now=MONDAY)
    with pytest.raises(Invalid, match="most"):
        board.board(by=made.operator, most=most)
