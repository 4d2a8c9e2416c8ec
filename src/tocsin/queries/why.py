"""Why a clock is due when it is: the one value that pages, programs and the terminal show."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tocsin.engine import choice, explain, replay
from tocsin.engine.choice import Candidate
from tocsin.engine.clock import Clock, State
from tocsin.engine.condition import ALWAYS, AllOf, AnyOf, Condition, Not, Test
from tocsin.engine.event import Event, Kind
from tocsin.engine.explain import Strip
from tocsin.engine.policy import Agreement, Terms
from tocsin.engine.recall import Slot
from tocsin.engine.ticket import Ticket
from tocsin.engine.version import Versions
from tocsin.queries import access, desk, facts, reach, sentences, strips, timeline
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.strips import Piece, Stretch
from tocsin.records import rows

# Instead of the name of a row that tells of what somebody does not read.
_UNNAMED = "…"

__all__ = ["Explained", "Piece", "Stretch", "Why", "explained", "why"]


@dataclass(frozen=True, slots=True)
class Why:
    """A clock explained at `now`; lengths are open time.

    `candidates` are the policies that promise such a clock, in the order in which they are asked;
    `sentences` is what to say to the customer, by language, empty for a promise among ourselves.
    """

    clock: Clock
    now: dt.datetime
    stretches: tuple[Stretch, ...]
    pieces: tuple[Piece, ...]
    candidates: tuple[Candidate, ...]
    sentences: Mapping[str, str]
    used: dt.timedelta
    left: dt.timedelta | None
    over: dt.timedelta
    due: dt.datetime | None
    next_open: dt.datetime | None

    @property
    def start(self) -> dt.datetime:
        """Where the drawing begins."""
        return self.pieces[0].start if self.pieces else self.clock.started_at

    @property
    def end(self) -> dt.datetime:
        """Where the drawing ends: at the due, or now if that is later."""
        return self.pieces[-1].end if self.pieces else self.now

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; instants in UTC, lengths in seconds of open time."""
        clock = self.clock
        return {
            **explain.explanation(clock, now=self.now),
            "versions": {
                "policy": clock.terms.policy,
                "policy_version": clock.terms.version,
                "row": clock.terms.row.label,
                "calendar": clock.calendar.key,
                "calendar_version": clock.calendar.version,
            },
            "segments": [one.to_dict() for one in self.stretches],
            "candidates": [one.to_dict() for one in self.candidates],
            "sentences": dict(self.sentences),
        }


@dataclass(frozen=True, slots=True)
class Explained:
    """All clocks of a ticket, as they stood at `now` by what was known at `as_of`."""

    number: int
    now: dt.datetime
    as_of: dt.datetime | None
    clocks: tuple[Why, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; instants in UTC, lengths in seconds of open time."""
        return {
            "ticket": f"T-{self.number}",
            "at": _instant(self.now),
            "as_of": None if self.as_of is None else _instant(self.as_of),
            "clocks": [one.to_dict() for one in self.clocks],
        }


@access.needs(Right.READ_TICKETS)
def why(*, ticket_id: int, clock: str, by: Actor, now: dt.datetime | None = None) -> Why:
    """Explain a clock of a ticket, such as ``SLA/first response#1``."""
    found = _found(by, "id", ticket_id, now, slot=_slot(clock))
    one = next((one for one in found.state.clocks if one.id == clock), None)
    if one is None:
        raise access.missing()
    return found.explained(one)


@access.needs(Right.READ_TICKETS)
def explained(
    *,
    number: int,
    by: Actor,
    clock: str = "",
    now: dt.datetime | None = None,
    as_of: dt.datetime | None = None,
) -> Explained:
    """Explain the clocks of a ticket by what took effect up to `now` and was known at `as_of`.

    `clock` names one by its id, ``SLA/first response#1``, or all of a kind, ``first response``.
    """
    found = _found(by, "number", number, now, as_of=as_of, slot=_slot(clock))
    wanted = [one for one in found.state.clocks if clock in ("", one.id, one.terms.definition.key)]
    if clock and not wanted:
        raise access.missing()
    return Explained(number, found.now, as_of, tuple(found.explained(one) for one in wanted))


@dataclass(frozen=True, slots=True)
class _Found:
    """A ticket folded once: its facts, in their order and by their keys, and its state."""

    at_work: Desk
    now: dt.datetime
    state: Ticket
    log: tuple[Event, ...]
    by_key: Mapping[str, Event]
    names: Mapping[str, str]
    # The fields that whoever asks does not read.
    hidden: frozenset[str]

    def explained(self, clock: Clock) -> Why:
        """Return a clock of it explained."""
        clock, now = self._unlabelled(clock), self.now
        end, due = clock.stopped_at or now, clock.present_due()
        calendar = clock.calendar.calendar
        closed = clock.live and not calendar.is_open(now)
        strip = explain.strips(clock, now=end)
        return Why(
            clock=clock,
            now=now,
            stretches=self._stretches(strip),
            pieces=strips.pieces(clock, due, end),
            candidates=tuple(self._shown(one, clock) for one in self._candidates(clock)),
            sentences=sentences.sentences(clock, now=now),
            used=clock.used_at(end),
            left=clock.remaining_at(end),
            over=clock.overrun_at(now)[0],
            due=due,
            next_open=calendar.next_open(now) if closed else None,
        )

    def _unlabelled(self, clock: Clock) -> Clock:
        """Return a clock whose rows have no name where that would tell of a hidden field."""
        if not self.hidden:
            return clock
        segments = tuple(replace(one, terms=self._unnamed(one.terms)) for one in clock.segments)
        breaches = tuple(replace(one, terms=self._unnamed(one.terms)) for one in clock.breaches)
        own = self._unnamed(clock.terms)
        return replace(clock, terms=own, segments=segments, breaches=breaches)

    def _unnamed(self, terms: Terms) -> Terms:
        if not self._rows_tell(terms.policy, terms.version, terms.definition.key):
            return terms
        return replace(terms, row=replace(terms.row, label=_UNNAMED, when=ALWAYS))

    def _rows_tell(self, policy: str, version: int, definition: str) -> bool:
        """Say whether some row of a clock's targets asks for a hidden field.

        Then the names of all of them tell of it: "any other" says what it is not.
        """
        return any(
            self._tells(row.when)
            for known in self.at_work.versions.policies
            if (known.key, known.version) == (policy, version)
            for plan in known.plans
            if plan.definition.key == definition
            for row in plan.rows
        )

    def _tells(self, condition: Condition) -> bool:
        match condition:
            case Test(name, _, _):
                return name in self.hidden
            case Not(part):
                return self._tells(part)
            case AllOf(several) | AnyOf(several):
                return any(self._tells(part) for part in several)

    def _stretches(self, found: Iterable[Strip]) -> tuple[Stretch, ...]:
        made = strips.stretches(found, self.by_key, self.at_work, self.names)
        return tuple(
            replace(one, told="") if self._hides(self.by_key.get(one.strip.event)) else one
            for one in made
        )

    def _hides(self, fact: Event | None) -> bool:
        if fact is None:
            return False
        name = fact.payload.get("name") if fact.kind is Kind.FIELD else fact.kind.value
        return name in self.hidden

    def _shown(self, one: Candidate, clock: Clock) -> Candidate:
        """Return a candidate without what was wanted of hidden fields, and what these are."""
        if not self.hidden:
            return one
        parts = tuple(part for part in one.parts if part.name not in self.hidden)
        tells = self._rows_tell(one.policy, one.version, clock.terms.definition.key)
        named = len(parts) == len(one.parts) and not tells
        return replace(one, parts=parts, row=one.row if named else "")

    def _candidates(self, clock: Clock) -> tuple[Candidate, ...]:
        """Return the policies that were asked when the clock last got its terms."""
        fields, last, pinned = dict[str, Any](), None, dict[str, int]()
        for fact in self.log:
            if not _still(clock, fact, self.now):
                break
            if fact.kind is Kind.EFFECT:
                continue
            fields.update(fact.changes())
            last = fact
            if fact.kind is Kind.POLICY_ATTACHED:
                key, version = str(fact.payload["policy"]), int(fact.payload["version"])
                pinned[key] = max(version, pinned.get(key, 0))
        if last is None:
            return ()
        changed = last.payload.get("name") if last.kind is Kind.FIELD else last.kind.value
        own = {"event": last.kind.value, "side": last.side.value, "changed": changed}
        return choice.candidates(
            self.at_work.versions,
            (clock.terms.agreement, clock.terms.definition.key),
            {**fields, **own},
            at=clock.started_at,
            pinned=pinned,
            now=last.effective_at,
        )


def _still(clock: Clock, fact: Event, now: dt.datetime) -> bool:
    """Say whether a fact came while the clock was still given its terms."""
    if clock.live:
        return fact.effective_at <= now
    last = clock.segments[-1]
    ended = clock.stopped_at or last.end or last.start
    # What took its terms away has chosen others.
    taken = clock.state in (State.CANCELLED, State.REPLACED)
    return fact.effective_at < ended or (fact.effective_at == ended and not taken)


def _slot(clock: str) -> Slot | None:
    """Return which clock an id is of: ``SLA/first response#1``; None for what is no id."""
    agreement, _, rest = clock.partition("/")
    key, _, cycle = rest.rpartition("#")
    return (Agreement(agreement), key) if cycle and agreement in set(Agreement) else None


def _only(versions: Versions, slot: Slot) -> Versions:
    """Return the configuration with one clock: clocks do not touch each other.

    Folding a long ticket for one of its clocks need not move all the others.
    """
    policies = tuple(
        replace(
            policy,
            plans=tuple(
                plan for plan in policy.plans if (policy.agreement, plan.definition.key) == slot
            ),
        )
        for policy in versions.policies
    )
    return replace(versions, policies=policies)


def _found(
    by: Actor,
    column: str,
    value: int,
    now: dt.datetime | None,
    *,
    as_of: dt.datetime | None = None,
    slot: Slot | None = None,
) -> _Found:
    """Return the ticket whose `column` is `value`, folded; refuse a contact and a missing one.

    With a `slot` only the clocks of that.
    """
    with reach.reading(by):
        at_work, clock_now = desk.at_work(by.tenant)
        seen, given = reach.condition(by)
        known = rows.query(
            f"SELECT t.id FROM ticket t WHERE t.tenant_id = %s AND t.{column} = %s AND {seen}",
            [by.tenant, value, *given],
        )
        # What is promised inside is not for the customer.
        if not known or by.contact is not None:
            raise access.missing()
        id_ = int(known[0][0])
        own = _known_at(facts.of_tickets(by.tenant, [id_])[id_], as_of)
        names = timeline.contacts(by.tenant, {fact.actor for fact in own})
    at = now or clock_now
    log = facts.with_calendars(own, _known_at(at_work.calendar_facts, as_of))
    versions = at_work.versions if slot is None else _only(at_work.versions, slot)
    state = replay.at(replay.fold(str(id_), log, versions, until=at), at)
    by_key = {fact.key: fact for fact in log}
    return _Found(at_work, at, state, tuple(log), by_key, names, by.hidden)


def _known_at(log: Iterable[Event], as_of: dt.datetime | None) -> list[Event]:
    """Return the facts that had been recorded by an instant; all of them without one."""
    return [
        fact
        for fact in log
        if as_of is None or fact.recorded_at is None or fact.recorded_at <= as_of
    ]


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()
