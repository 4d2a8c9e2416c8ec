"""The past, played again: every step at its instant by the product's own actions, in order.

What falls due in between is decided at its own instant as well, as a pulse would have done, so that
warnings, breaches and escalations are facts of their true times. What the past had to send is put
down as sent: nobody is written to.
"""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random
from types import TracebackType
from typing import Any

import psycopg

from tocsin.actions import bell, digests, due, outbox, tickets
from tocsin.actions.due import Attempts
from tocsin.actions.outbox import Sent
from tocsin.cli.demonstration import cast, escalating, founding, plot, script
from tocsin.cli.demonstration.cast import Cast, Company
from tocsin.cli.demonstration.plot import Plot, Step, Story
from tocsin.cli.demonstration.promises import Book
from tocsin.cli.demonstration.script import Open
from tocsin.kit import database
from tocsin.kit.invalid import Invalid
from tocsin.pulse.doorbell import Doorbell
from tocsin.pulse.sequencer import Sequencer
from tocsin.queries import access
from tocsin.queries import bell as bell_lines

# Founded a week before the first ticket.
_BEFORE = dt.timedelta(days=plot.DAYS + 7)
_REASONS = {"waiting customer": "Question asked", "waiting internal": "Ordered from a supplier"}

_WAKE = (
    "SELECT (SELECT min(GREATEST(wake_at, held_until)) FROM ticket WHERE wake_at IS NOT NULL),"
    " (SELECT min(GREATEST(wake_at, held_until)) FROM schedule WHERE kind IN ('digest', 'quiet'))"
)
_LETTERS = 500
# What people were told in the last hours stays unread; of that there is less than this.
_UNREAD = dt.timedelta(hours=3)
_TOLD = 200
_SENDING = dt.timedelta(seconds=2)
# Escalation paths hold from so long before the demo begins: what they begin at once is decided.
_MOMENT = dt.timedelta(milliseconds=1)

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What building a company came to: who plays, and the tickets that still wait for somebody."""

    cast: Cast
    waiting: list[Open]
    tickets: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        waiting = [script.plain(asdict(one)) for one in self.waiting]
        return {"cast": self.cast.to_dict(), "waiting": waiting, "tickets": self.tickets}


class Past:
    """Takes the decisions of a tenant's past at their instants; this process plays the pulse.

    The pulse's own look is at all tenants, each at another instant of the past here: so this one
    looks at its own alone, behind the database's wall.
    """

    def __init__(self, url: str, tenant: int) -> None:
        self._bell, self._tenant = Doorbell(url, "pulse"), tenant
        self._attempts = Attempts(self._bell.connection)
        self._bell.connection.execute(
            "SELECT set_config('tocsin.tenant', %s, false)", [str(tenant)]
        )

    def __enter__(self) -> "Past":
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._bell.connection.close()

    def until(self, at: dt.datetime) -> None:
        """Decide all that falls due before `at`, each at its own instant."""
        while True:
            wake, timer = self._next()
            first = min((one for one in (wake, timer) if one is not None), default=None)
            if first is None or first >= at:
                return
            if first == timer:
                digests.take(now=timer)
                continue
            # The first tenant after the one before ours: ours, which has something due.
            found = due.take(self._attempts, after=self._tenant - 1, now=wake)
            if found is None or found.tenant != self._tenant:
                raise Invalid("database", "something else decides in it; stop that first")
            if not found.tickets:
                raise Invalid("demo", f"a ticket could not be decided at {first.isoformat()}")

    def _next(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """Return when the first ticket wakes, and the first timer of a person."""
        found = self._bell.connection.execute(_WAKE).fetchone()
        assert found is not None
        return found[0], found[1]


def build(
    url: str,
    one: Company,
    *,
    seed: int,
    now: dt.datetime,
    size: float = 1.0,
    told: Told = lambda done, of: None,
) -> Made:
    """Make a company with its history up to `now`; as role `pulse`, while no pulse runs."""
    cast_ = founding.found(one, now=now - _BEFORE)
    stories = Plot(one, Book.of(one.data, now), seed=seed, now=now).stories(size)
    with Past(url, cast_.tenant) as past:
        ids = _play(cast_, stories, past, told)
        waiting = _waiting(one, stories, ids, seed, now)
        past.until(now - _MOMENT)
        escalating.begin(one, cast_, waiting, now - _MOMENT)
        # A pulse that starts now finds nothing that was due before.
        past.until(now)
    _read_bells(cast_, now - _UNREAD)
    return Made(cast_, waiting, len(stories))


def _read_bells(cast_: Cast, before: dt.datetime) -> None:
    """Have everybody read what they were told before: nobody comes back to a hundred lines."""
    for who in cast_.people:
        by = cast_.person(who)
        for line in bell_lines.lines(by=by, most=_TOLD):
            if line.at < before:
                bell.read(by=by, up_to=line.id, now=before)
                break


def settle_letters() -> int:
    """Put down what the past had to send as sent at its time; as role `worker`.

    Nothing leaves: a mail server would be handed hundreds of letters to nobody at once.
    """
    count = 0
    while found := outbox.claim(most=_LETTERS):
        for lease in found:
            outbox.complete(lease, Sent(), now=lease.created_at + _SENDING)
        count += len(found)
    return count


def order_events(url: str) -> int:
    """Place all events that wait, as role `sequencer`; returns how many."""
    sequencer, count = Sequencer(url, threading.Event()), 0
    parameters = database.parameters(url, "sequencer")
    with psycopg.connect(**parameters, autocommit=True) as connection:  # type: ignore[arg-type]  # all are texts
        while placed := sequencer.place(connection):
            count += placed
    return count


def _play(cast_: Cast, stories: Sequence[Story], past: Past, told: Told) -> dict[str, int]:
    listed = list(plot.in_order(stories))
    ids: dict[str, int] = {}
    for k, (story, step) in enumerate(listed):
        past.until(story.opened_at if step is None else step.at)
        if step is None:
            ids[story.key] = _open(cast_, story)
        else:
            _take(cast_, ids[story.key], step)
        told(k + 1, len(listed))
    return ids


def _waiting(
    one: Company, stories: Sequence[Story], ids: dict[str, int], seed: int, now: dt.datetime
) -> list[Open]:
    """Return what is still open, each with the instant at which a colleague would act on it."""
    rng = Random(f"{seed}/{one.key}/waiting")
    return [
        Open(
            company=one.key,
            ticket=ids[story.key],
            talk=story.talk.key,
            number=story.number,
            contact=story.client.key,
            owner=story.owner,
            turn=story.turn,
            act_at=now + dt.timedelta(minutes=rng.uniform(3, 120)),
        )
        for story in stories
        if story.turn is not None
    ]


def _open(cast_: Cast, story: Story) -> int:
    return tickets.open_(
        subject=story.talk.title(story.number),
        body=story.talk.line(cast.OPENS, story.number),
        pipeline=story.talk.pipeline,
        priority=story.priority,
        type=story.talk.about,
        channel=story.channel,
        team=story.team,
        by=cast_.contact(story.client.key),
        now=story.opened_at,
    )


def _take(cast_: Cast, ticket: int, step: Step) -> None:
    at = step.at
    match step.deed:
        case "assign":
            by = cast_.person(step.words or step.who)
            tickets.assign(ticket_id=ticket, person=cast_.people[step.who], by=by, now=at)
        case "reply":
            tickets.reply(ticket_id=ticket, body=step.words, by=cast_.person(step.who), now=at)
        case "answer":
            tickets.reply(ticket_id=ticket, body=step.words, by=cast_.contact(step.who), now=at)
        case "note":
            tickets.note(ticket_id=ticket, body=step.words, by=cast_.person(step.who), now=at)
        case "move":
            tickets.move(ticket_id=ticket, to=step.words, by=cast_.person(step.who), now=at)
        case "pause":
            tickets.pause(
                ticket_id=ticket,
                status=step.words,
                reason=_REASONS[step.words],
                by=cast_.person(step.who),
                now=at,
            )
        case "resolve":
            tickets.resolve(ticket_id=ticket, by=cast_.person(step.who), now=at)
        case "close":
            tickets.close(ticket_id=ticket, by=access.automation(cast_.tenant), now=at)
        case _:
            raise ValueError(step.deed)
