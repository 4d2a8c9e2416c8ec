"""Tickets as cards with their clocks, inside a tenant, for queries that have checked a right."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tocsin.engine.score import Reason
from tocsin.queries import access, faces, reach
from tocsin.queries.access import Actor
from tocsin.queries.desk import Desk
from tocsin.queries.faces import Face
from tocsin.queries.stages import Pipeline
from tocsin.records import rows

_HOUR = dt.timedelta(hours=1)
_COLUMNS = (
    "t.id, t.number, t.last_seq, t.subject, t.priority, t.type, t.channel, t.status, t.pipeline_id,"
    " t.stage_id, a.name, a.plan, a.vip, c.name, t.team_id, t.assignee_id, t.opened_at, t.last_at,"
    " t.due_at, t.escalates_at, t.held_until, t.reasons::json, t.rank_at"
)
_FROM = (
    "FROM ticket t"
    " LEFT JOIN account a ON a.tenant_id = t.tenant_id AND a.id = t.account_id"
    " LEFT JOIN contact c ON c.tenant_id = t.tenant_id AND c.id = t.contact_id"
)


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket at an instant, with its clocks and why it stands where it stands.

    `version` is the number of its newest event, `level` that of its team (0 without one), `plan`
    and `vip` are those of its account as they now are. Empty texts stand for what there is not,
    or is not for whoever asks.
    """

    id: int
    number: int
    ref: str
    version: int
    subject: str
    priority: str
    type: str
    channel: str
    status: str
    pipeline: str
    stage: str
    stage_name: str
    account: str
    plan: str
    vip: bool
    contact: str
    team: str
    level: int
    assignee: int | None
    assignee_name: str
    opened_at: dt.datetime
    last_at: dt.datetime
    due_at: dt.datetime | None
    escalates_at: dt.datetime | None
    held: bool
    faces: tuple[Face, ...]
    reasons: tuple[Reason, ...]
    rank_at: dt.datetime


def cards(at_work: Desk, by: Actor, ids: Sequence[int], *, now: dt.datetime) -> list[Card]:
    """Return cards in the order of `ids`; what is not there, or not theirs, is left out."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    own, given = reach.condition(by)
    source = f"{_FROM} WHERE t.tenant_id = %s AND t.id = ANY(%s) AND {own}"
    found = {row[0]: row for row in _read(_COLUMNS, source, [at_work.tenant, wanted, *given])}
    shown = clocks(at_work, list(found), now=now)
    pipelines = {pipeline.id: pipeline for pipeline in at_work.pipelines.values()}
    stages = {id_: (pipelines[p], key) for (p, key), id_ in at_work.stage_ids.items()}
    made = [_card(at_work, stages, found[id_], shown[id_], now) for id_ in wanted if id_ in found]
    if by.contact is not None:
        return [_outside(card) for card in made]
    return [_read_by(by, card) for card in made] if by.hidden else made


def _card(
    at_work: Desk,
    stages: dict[int, tuple[Pipeline, str]],
    row: Sequence[Any],
    shown: list[Face],
    now: dt.datetime,
) -> Card:
    pipeline, key = stages.get(row[9], (None, ""))
    stage = pipeline.stage(key) if pipeline else None
    team, person = at_work.team_by_id(row[14]), at_work.people.get(row[15])
    return Card(
        id=row[0],
        number=row[1],
        ref=f"T-{row[1]}",
        version=row[2],
        subject=row[3],
        priority=row[4],
        type=row[5],
        channel=row[6],
        status=row[7],
        pipeline=pipeline.key if pipeline else "",
        stage=key,  # one that the pipeline has no more keeps its key for a name
        stage_name=stage.name if stage else key,
        account=row[10] or "",
        plan=row[11] or "",
        vip=bool(row[12]),
        contact=row[13] or "",
        team=team.name if team else "",
        level=team.level if team else 0,
        assignee=row[15],
        assignee_name=person.name if person else "",
        opened_at=dt.datetime.fromisoformat(row[16]),
        last_at=dt.datetime.fromisoformat(row[17]),
        due_at=_instant(row[18]),
        escalates_at=_instant(row[19]),
        held=row[20] is not None and dt.datetime.fromisoformat(row[20]) > now,
        faces=tuple(shown),
        reasons=tuple(Reason(*one) for one in row[21]),
        rank_at=dt.datetime.fromisoformat(row[22]),
    )


def _outside(card: Card) -> Card:
    """Return a card as the customer may see it."""
    promised = tuple(face for face in card.faces if face.agreement == "SLA")
    return replace(card, faces=promised, reasons=(), escalates_at=None, due_at=None, held=False)


def _read_by(by: Actor, card: Card) -> Card:
    """Return a card without the fields that the actor does not read, nor what tells of them."""
    if not access.reads(by, "type"):
        card = replace(card, type="")
    if access.reads(by, "priority"):
        return card
    told = [one for one in card.reasons if one.key == "priority"]
    return replace(
        card,
        priority="",
        reasons=tuple(one for one in card.reasons if one not in told),
        # The head start would say which it is.
        rank_at=card.rank_at + sum(one.hours for one in told) * _HOUR,
    )


def clocks(at_work: Desk, tickets: Sequence[int], *, now: dt.datetime) -> dict[int, list[Face]]:
    """Return the faces of tickets, worst first; those of clocks that ended for nothing are not."""
    found = _read(
        ", ".join(faces.COLUMNS),
        "FROM clock WHERE tenant_id = %s AND ticket_id = ANY(%s)"
        " AND state IN ('running', 'paused', 'stopped')",
        [at_work.tenant, list(tickets)],
    )
    for row in found:
        for k in faces.INSTANTS:
            row[k] = _instant(row[k])
    made: dict[int, list[Face]] = {ticket: [] for ticket in tickets}
    for ticket, face in faces.shown(found, at_work, now=now):
        made[ticket].append(face)
    for own in made.values():
        own.sort(key=faces.badness)
    return made


def _read(columns: str, source: str, given: Sequence[Any]) -> list[list[Any]]:
    """Return rows by way of one JSON text: a screen has thousands of values.

    The driver would look at each; instants come as text.
    """
    found = rows.query(
        f"SELECT coalesce(json_agg(json_build_array({columns})), '[]')::text {source}", given
    )
    made: list[list[Any]] = json.loads(found[0][0])
    return made


def _instant(told: str | None) -> dt.datetime | None:
    return None if told is None else dt.datetime.fromisoformat(told)
