"""The board: a pipeline as columns of cards, each column in the order of work."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, desk, filters, listing, reach, showing, tally
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.filters import Wanted, Where, Which
from tocsin.queries.listing import Page
from tocsin.queries.showing import Card
from tocsin.queries.stages import Pipeline, Stage
from tocsin.records import rows

_MOST = 200
# What was done stays on the board this long, so that it can be seen to have arrived.
DONE_FOR = dt.timedelta(hours=24)
_DONE = ("resolved", "closed")


@dataclass(frozen=True, slots=True)
class Column:
    """A stage and its tickets. `count` and `breached` are of all of them, `cards` the first.

    `limit` is how long a ticket may stay, by `calendar`, empty without one; `wip` how many should
    be in it at once, None for any number. `moves` are the stages that it may be left for, None for
    any. `gone` says that the pipeline has the stage no more: what stands there stays until it is
    moved. `after` leads to the next cards, None when all are there.
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
    wip: int | None = None


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
    with reach.reading(by):
        at_work, clock = desk.at_work(by.tenant)
        listed = tuple(at_work.pipelines.values())
        chosen = _pipeline(at_work, pipeline)
        if chosen is None:
            return Board(None, (), ())
        look = _Look(at_work, by, chosen, clock, now)
        parts = list(_parts(look, only, team))
        found = {id_: of for part in parts for id_, of in _first(part, most).items()}
        ids = [row[0] for of in found.values() for row in of[:most]]
        made = {card.id: card for card in showing.cards(at_work, by, ids, now=look.at)}
        counts = {id_: of for part in parts for id_, of in part.counts.items()}
        columns = tuple(
            _column(chosen, stage, counts.get(stage.id, (0, 0)), found.get(stage.id, []), made)
            for stage in (*chosen.stages, *_gone(at_work, chosen, counts))
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


def _pipeline(at_work: Desk, key: str | None) -> Pipeline | None:
    if key is None:
        return next(iter(at_work.pipelines.values()), None)
    shape.one_of(key, "pipeline", at_work.pipelines)
    return at_work.pipelines[key]


@dataclass(frozen=True, slots=True)
class _Look:
    """Who looks at which pipeline and when; `now` is None for the present."""

    at_work: Desk
    by: Actor
    pipeline: Pipeline
    clock: dt.datetime
    now: dt.datetime | None

    @property
    def at(self) -> dt.datetime:
        """The instant that is shown."""
        return self.now or self.clock


@dataclass(frozen=True, slots=True)
class _Part:
    """Some stages, what is wanted of their tickets, and how many those are, how many breached."""

    wanted: Wanted
    where: Where
    counts: Mapping[int, tuple[int, int]]

    @property
    def goes_on(self) -> bool:
        """Whether there is more to see than the first: what was done lately is not gone through."""
        return self.wanted.since is None


def _parts(look: _Look, only: Which, team: str | None) -> Iterator[_Part]:
    """Yield the stages of work, then those of what was done lately if they are another list."""
    ended = {stage.id for stage in look.pipeline.stages if stage.status in _DONE}
    # Not by the pipeline: the index knows the stages.
    own = {id_ for (of, _), id_ in look.at_work.stage_ids.items() if of == look.pipeline.id}
    if only not in (Which.ACTIVE, Which.MINE):
        yield _part(look, Wanted(only, team=team), own)
        return
    yield _part(look, Wanted(only, team=team), own - ended)
    person = look.by.person if only is Which.MINE else None
    done = Wanted(Which.DONE, since=look.at - DONE_FOR, team=team, person=person)
    if only is Which.ACTIVE or person is not None:
        yield _part(look, done, ended)


def _part(look: _Look, wanted: Wanted, stages: AbstractSet[int]) -> _Part:
    where = filters.conditions(look.at_work, look.by, wanted, look.at)
    where.add("t.stage_id = ANY(%s)", sorted(stages))

    def count() -> dict[int, tuple[int, int]]:
        found = rows.query(
            "SELECT t.stage_id, count(*), count(*) FILTER (WHERE t.due_at < %s)"
            f" FROM ticket t WHERE {where.sql} GROUP BY 1",
            [look.at, *where.given],
        )
        return {stage: (all_, late) for stage, all_, late in found}

    if look.now is not None:
        return _Part(wanted, where, count())
    person = look.by.person if wanted.which is Which.MINE else wanted.person
    what = ("board", look.at_work.config_version, frozenset(stages), wanted.which, wanted.team)
    return _Part(wanted, where, tally.kept(look.at_work, (*what, person), look.clock, count))


def _first(part: _Part, most: int) -> dict[int, list[tuple[Any, ...]]]:
    """Return the first tickets of each stage, each with its place, and one more if there is."""
    column, newest = filters.order(part.wanted.which)
    down = " DESC" if newest else ""
    found: dict[int, list[tuple[Any, ...]]] = {stage: [] for stage in part.counts}
    if not most or not found:
        return found
    for stage, *row in rows.query(
        "SELECT s.id, f.* FROM unnest(%s::bigint[]) s (id) CROSS JOIN LATERAL"
        f" (SELECT t.id, {column} FROM ticket t WHERE t.stage_id = s.id AND {part.where.sql}"
        f" ORDER BY {column}{down}, t.id{down} LIMIT %s) f",
        [list(found), *part.where.given, most + part.goes_on],
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
    counted: tuple[int, int],
    found: Sequence[tuple[Any, ...]],
    made: Mapping[int, Card],
) -> Column:
    shown = [row for row in found if row[0] in made]
    return Column(
        stage=stage.key,
        name=stage.name,
        status=stage.status,
        limit=stage.limit,
        calendar=pipeline.calendar if stage.limit else "",
        moves=stage.moves,
        count=counted[0],
        breached=counted[1],
        cards=tuple(made[row[0]] for row in shown),
        after=filters.token(shown[-1][1], shown[-1][0]) if len(found) > len(shown) else None,
        gone=stage.position < 0,
        wip=stage.wip,
    )
