"""The board: a pipeline as columns of cards, each column in the order of work."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, filters, listing, showing
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk, Pipeline, Stage
from tocsin.queries.filters import Wanted, Where, Which
from tocsin.queries.listing import Page
from tocsin.queries.showing import Card
from tocsin.records import context, rows

_MOST = 200
# What was done stays on the board this long, so that it can be seen to have arrived.
DONE_FOR = dt.timedelta(hours=24)
_DONE = ("resolved", "closed")


@dataclass(frozen=True, slots=True)
class Column:
    """A stage and its tickets. `count` and `breached` are of all of them, `cards` the first.

    `limit` is how long a ticket may stay, by `calendar`, empty without one. `moves` are the stages
    that it may be left for, None for any. `gone` says that the pipeline has the stage no more: what
    stands there stays until it is moved. `after` leads to the next cards, None when all are there.
    """

    stage: str
    name: str
    status: str
    limit: str
    calendar: str
    moves: tuple[str, ...] | None
    count: int
    breached: int
    cards: tuple[Card, ...]
    after: str | None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A pipeline's columns in their order; `pipelines` are all there are.

    On a desk without a pipeline there is none, and no column.
    """

    pipeline: Pipeline | None
    pipelines: tuple[Pipeline, ...]
    columns: tuple[Column, ...]


@access.needs(Right.READ_TICKETS)
def board(
    *,
    by: Actor,
    pipeline: str | None = None,
    only: Which = Which.ACTIVE,
    team: str | None = None,
    most: int = 50,
    now: dt.datetime | None = None,
) -> Board:
    """Return a board, of the first pipeline unless one is named, with `most` cards a column.

    `only` and `team` choose among its tickets as they do for lists; `most` of 0 gives the counts
    alone. Stages of what is done show the last 24 hours of all, or of one's own. Boards are for
    people who work here: to a contact there are none.
    """
    if by.contact is not None:
        raise access.missing()
    if shape.whole(most, "most", least=0) > _MOST:
        raise Invalid("most", f"is {most}; {_MOST} are the most")
    with transaction.atomic(), context.tenant(by.tenant):
        at_work, clock = desk.at_work(by.tenant)
        listed = tuple(at_work.pipelines.values())
        chosen = _pipeline(at_work, pipeline)
        if chosen is None:
            return Board(None, (), ())
        at = now or clock
        columns = _columns(at_work, by, chosen, (Wanted(only, team=team), most), at)
        if only in (Which.ACTIVE, Which.MINE):
            person = by.person if only is Which.MINE else None
            done = Wanted(Which.DONE, since=at - DONE_FOR, team=team, person=person)
            lately = _columns(at_work, by, chosen, (done, most), at)
            columns = tuple(
                of if of.status not in _DONE else replace(new, after=None)
                for of, new in zip(columns, _in_line(lately, columns), strict=True)
            )
        return Board(chosen, listed, columns)


@access.needs(Right.READ_TICKETS)
def column(
    *,
    by: Actor,
    pipeline: str,
    stage: str,
    after: str | None = None,
    only: Which = Which.ACTIVE,
    team: str | None = None,
    most: int = 50,
    now: dt.datetime | None = None,
) -> Page:
    """Return further cards of a column, after those that are there."""
    if by.contact is not None:
        raise access.missing()
    wanted = Wanted(only, pipeline=pipeline, stage=stage, team=team)
    return listing.tickets(by=by, wanted=wanted, after=after, most=most, now=now)


def _in_line(found: Sequence[Column], columns: Sequence[Column]) -> list[Column]:
    """Return what was found for each column, in their order; a column itself when nothing was."""
    by_stage = {column.stage: column for column in found}
    return [by_stage.get(column.stage, column) for column in columns]


def _pipeline(at_work: Desk, key: str | None) -> Pipeline | None:
    if key is None:
        return next(iter(at_work.pipelines.values()), None)
    shape.one_of(key, "pipeline", at_work.pipelines)
    return at_work.pipelines[key]


def _columns(
    at_work: Desk, by: Actor, pipeline: Pipeline, wanted: tuple[Wanted, int], now: dt.datetime
) -> tuple[Column, ...]:
    asked, most = wanted
    where = filters.conditions(at_work, by, asked, now)
    # Not by the pipeline: the index knows the stages.
    own = [id_ for (of, _), id_ in at_work.stage_ids.items() if of == pipeline.id]
    counts = {
        row[0]: (row[1], row[2])
        for row in rows.query(
            "SELECT t.stage_id, count(*), count(*) FILTER (WHERE t.due_at < %s)"
            f" FROM ticket t WHERE {where.sql} AND t.stage_id = ANY(%s) GROUP BY 1",
            [now, *where.given, own],
        )
    }
    found = _first(where, asked.which, sorted(counts), most)
    ids = [row[0] for of in found.values() for row in of[:most]]
    made = {card.id: card for card in showing.cards(at_work, by, ids, now=now)}
    return tuple(
        replace(
            _column(pipeline, stage, found.get(stage.id, []), made, most),
            count=counts.get(stage.id, (0, 0))[0],
            breached=counts.get(stage.id, (0, 0))[1],
        )
        for stage in (*pipeline.stages, *_gone(at_work, pipeline, counts))
    )


def _first(
    where: Where, which: Which, stages: Sequence[int], most: int
) -> dict[int, list[tuple[Any, ...]]]:
    """Return the first tickets of each stage, each with its place, and one more if there is."""
    column, newest = filters.order(which)
    down = " DESC" if newest else ""
    found: dict[int, list[tuple[Any, ...]]] = {stage: [] for stage in stages}
    for stage, *row in rows.query(
        "SELECT s.id, f.* FROM unnest(%s::bigint[]) s (id) CROSS JOIN LATERAL"
        f" (SELECT t.id, {column} FROM ticket t WHERE t.stage_id = s.id AND {where.sql}"
        f" ORDER BY {column}{down}, t.id{down} LIMIT %s) f",
        [list(stages), *where.given, most + 1],
    ):
        found[stage].append(tuple(row))
    return found


def _gone(at_work: Desk, pipeline: Pipeline, counts: Mapping[int, object]) -> list[Stage]:
    """Return the stages that the pipeline has no more and in which tickets still stand."""
    known = {stage.id for stage in pipeline.stages}
    left = {
        id_: key
        for (of, key), id_ in at_work.stage_ids.items()
        if of == pipeline.id and id_ in counts and id_ not in known
    }
    return [Stage(id_, key, key, "", -1, "", None) for id_, key in sorted(left.items())]


def _column(
    pipeline: Pipeline,
    stage: Stage,
    found: Sequence[tuple[Any, ...]],
    made: Mapping[int, Card],
    most: int,
) -> Column:
    shown = found[:most]
    return Column(
        stage=stage.key,
        name=stage.name,
        status=stage.status,
        limit=stage.limit,
        calendar=pipeline.calendar if stage.limit else "",
        moves=stage.moves,
        count=0,
        breached=0,
        cards=tuple(made[row[0]] for row in shown),
        after=filters.token(shown[-1][1], shown[-1][0]) if shown and len(found) > most else None,
        gone=stage.position < 0,
    )
