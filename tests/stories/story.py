"""A small language for stories: what happened to one ticket when, and what its clocks made of it.

Times are local to Stockholm. "Mon 09:00" is in the week of Monday 12 January 2026, "last Fri 16:00"
in the week before, "next Tue 10:00" in the week after; any other day is written with its date, as
in "Sun 29 Mar 03:00", and the weekday must be right.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.engine import event as events
from tocsin.engine import replay, verdict
from tocsin.engine.clock import Clock
from tocsin.engine.decide import Decision, Snapshot, decide
from tocsin.engine.effect import Breached, Effect, Escalate, Key, Notify, Warn
from tocsin.engine.event import MERGED, Event, Kind, Side
from tocsin.engine.ticket import Ticket
from tocsin.engine.version import Versions

Data = dict[str, Any]

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONDAY = dt.date(2026, 1, 12)
NOTHING = dt.timedelta(0)

OFFICE: Data = {
    "zone": "Europe/Stockholm",
    "week": {day: ["09:00-17:00"] for day in DAYS[:5]},
}
ALWAYS: Data = {"zone": "Europe/Stockholm", "week": {day: ["00:00-24:00"] for day in DAYS}}
NEW_YORK: Data = {**OFFICE, "zone": "America/New_York"}


def at(text: str) -> dt.datetime:
    """Return the instant that a story means by "Mon 09:00" or "Sun 29 Mar 03:00"."""
    *words, clock = text.split()
    time = dt.time.fromisoformat(clock)
    if words[-1] in MONTHS:
        weekday, day, month = words
        date = dt.date(2026, MONTHS.index(month) + 1, int(day))
        assert DAYS[date.weekday()] == weekday.lower(), f"{date} is no {weekday}"
    else:
        week = {"last": -1, "next": 1}[words[0]] if len(words) == 2 else 0
        date = MONDAY + dt.timedelta(days=DAYS.index(words[-1].lower()), weeks=week)
    return dt.datetime.combine(date, time, STOCKHOLM).astimezone(dt.UTC)


def hours(number: float) -> dt.timedelta:
    return dt.timedelta(hours=number)


def minutes(number: float) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def closed_on(calendar: Data, *dates: str, **fields: Any) -> Data:
    """Return the calendar with those dates closed."""
    return {**calendar, "exceptions": {date: [] for date in dates}, **fields}


def promise(clock: str, target: Any, **fields: Any) -> Data:
    """Return a clock of a policy: one target for all, or one by priority."""
    by_priority = isinstance(target, dict) and not ({*target} & COUNTED)
    return {"clock": clock, "targets": target if by_priority else {"*": target}, **fields}


COUNTED = {"business_days", "calendar_days", "calendar_weeks", "calendar_months"}


def policy(*clocks: Data, **fields: Any) -> Data:
    return {"key": "standard", "rank": 1, "calendar": "office", "clocks": [*clocks], **fields}


class Story:
    """One ticket. Facts are told as they arrive, each with the time at which it took effect."""

    def __init__(
        self,
        *clocks: Data,
        calendars: Mapping[str, Any] | None = None,
        policies: Iterable[Data] = (),
        **fields: Any,
    ) -> None:
        top: Data = {name: fields.pop(name) for name in ("paths", "choose") if name in fields}
        contracts, whose = fields.pop("contracts", ()), fields.pop("whose", {})
        own = [policy(*clocks, **fields)] if clocks else []
        known = {"office": OFFICE, "always": ALWAYS, "new york": NEW_YORK, **(calendars or {})}
        self.versions = Versions.from_dict(
            {"tocsin": 1, "calendars": known, "policies": [*own, *policies], **top}
        )
        books = replace(self.versions.books, contracts=tuple(contracts), hours=whose)
        self.versions = replace(self.versions, books=books)
        self.facts: list[Event] = []
        self.state = Ticket("T-1")
        self.done: frozenset[Key] = frozenset()
        self.decisions: list[tuple[dt.datetime, Decision]] = []
        self._numbers = itertools.count(1)

    # What happens.

    def fact(self, when: str, kind: Kind, side: Side = Side.AGENT, **given: Any) -> Event:
        """Tell a fact that has arrived; it may have taken effect long before."""
        number = next(self._numbers)
        names = ("imported", "source", "source_seq", "key")
        own = {name: given.pop(name) for name in names if name in given}
        own = {"source_seq": number, "key": f"fact {number}", **own}
        event = Event("T-1", kind, at(when), payload=given, side=side, **own)
        self.state = replay.learn(self.state, self.facts, event, self.versions)
        self.facts.append(event)
        return event

    def opened(self, when: str, by: Side = Side.CUSTOMER, **fields: Any) -> Event:
        return self.fact(when, Kind.CREATED, by, **fields)

    def customer_writes(self, when: str, **payload: Any) -> Event:
        return self.fact(when, Kind.CUSTOMER_MESSAGE, Side.CUSTOMER, **payload)

    def agent_writes(self, when: str) -> Event:
        return self.fact(when, Kind.AGENT_MESSAGE)

    def status(self, when: str, to: str, by: Side = Side.AGENT, **payload: Any) -> Event:
        return self.fact(when, Kind.STATUS, by, to=to, **payload)

    def priority(self, when: str, to: str) -> Event:
        return self.fact(when, Kind.PRIORITY, to=to)

    def team(self, when: str, to: str) -> Event:
        return self.fact(when, Kind.TEAM, to=to)

    def acknowledged(self, when: str) -> Event:
        return self.fact(when, Kind.ACKNOWLEDGEMENT)

    def calendar_changes(self, when: str, calendar: str, version: int, **payload: Any) -> Event:
        return self.fact(when, Kind.CALENDAR_VERSION, calendar=calendar, version=version, **payload)

    def field(self, when: str, name: str, to: Any) -> Event:
        return self.fact(when, Kind.FIELD, name=name, to=to)

    def stage(self, when: str, to: str) -> Event:
        return self.fact(when, Kind.STAGE, to=to)

    def assigned(self, when: str, to: str | None) -> Event:
        return self.fact(when, Kind.ASSIGNEE, to=to)

    def came_over(self, when: str, kind: Kind, side: Side) -> Event:
        """Tell a word of a ticket that was merged into this one."""
        return self.fact(when, kind, side, source=MERGED)

    def merged_away(self, when: str, *carried: str) -> Event:
        """Tell that this ticket went into another, which answers for the clocks `carried`."""
        return self.fact(when, Kind.MERGE, into="T-9", carried=list(carried))

    def spam(self, when: str) -> Event:
        return self.fact(when, Kind.SPAM)

    def restored(self, when: str, to: str = "open") -> Event:
        return self.fact(when, Kind.RESTORE, to=to)

    def overridden(self, when: str, clock: str, **told: Any) -> Event:
        """Tell that somebody decided about a clock: ``due="Mon 15:00"`` or ``do="stop"``."""
        if "due" in told:
            told["due"] = at(told["due"]).isoformat()
        return self.fact(when, Kind.OVERRIDE, clock=clock, reason="agreed by phone", **told)

    def callback_promised(self, when: str, by: str) -> Event:
        return self.fact(when, Kind.CALLBACK_PROMISED, promised_at=at(by).isoformat())

    def policy_changes(self, when: str, version: int, basis: str, key: str = "standard") -> Event:
        """Tell that clocks that there are go over to a version of a policy."""
        told: Data = {"policy": key, "version": version, "basis": basis}
        told["reason"] = "a clerical error"
        return self.fact(when, Kind.POLICY_ATTACHED, **told)

    # What the clocks make of it.

    def ticket(self, now: str | None = None) -> Ticket:
        """Return the ticket as its facts make it: replayed, and the same as taken in one by one."""
        instant = at(now) if now else max(fact.effective_at for fact in self.facts)
        whole = replay.replay("T-1", self.facts, self.versions, now=instant)
        if all(fact.effective_at <= instant for fact in self.facts):
            assert whole == replay.at(self.state, instant)
        return whole

    def clocks(self, key: str, now: str | None = None) -> list[Clock]:
        return [c for c in self.ticket(now).clocks if c.terms.definition.key == key]

    def clock(self, key: str, now: str | None = None) -> Clock:
        """Return the newest clock of that key."""
        return self.clocks(key, now)[-1]

    def due(self, key: str, now: str | None = None) -> dt.datetime | None:
        return self.clock(key, now).due

    def verdict(self, key: str, now: str | None = None) -> str:
        instant = at(now) if now else max(fact.effective_at for fact in self.facts)
        return verdict.of(self.clock(key, now), now=instant).value

    # What is done about it.

    def pulse(self, now: str) -> list[Effect]:
        """Decide at that instant on the facts that have arrived; carry the effects out."""
        decision = decide(Snapshot(self.state, self.done), now=at(now))
        assert self.done.isdisjoint(effect.key for effect in decision.effects)
        self.done |= {effect.key for effect in decision.effects}
        self.decisions.append((at(now), decision))
        again = decide(Snapshot(self.state, self.done), now=at(now))
        assert again == Decision((), decision.wake_at)
        return list(decision.effects)

    def wakes_at(self) -> dt.datetime | None:
        return self.decisions[-1][1].wake_at

    def runs_until(self, now: str) -> list[tuple[dt.datetime, Effect]]:
        """Let an unfailing pulse wake at the newest fact, and then whenever it asked to."""
        woken: dt.datetime | None = max(
            [fact.effective_at for fact in self.facts] + [when for when, _ in self.decisions]
        )
        found: list[tuple[dt.datetime, Effect]] = []
        while woken is not None and woken <= at(now):
            decision = decide(Snapshot(self.state, self.done), now=woken)
            self.done |= {effect.key for effect in decision.effects}
            self.decisions.append((woken, decision))
            found += [(woken, effect) for effect in decision.effects]
            woken = decision.wake_at
        return found


def replayed(story: Story, facts: Iterable[Event], now: str) -> Ticket:
    """Return what the facts make of the ticket when they arrive in that order."""
    state, known = Ticket("T-1"), list[Event]()
    for fact in facts:
        state = replay.learn(state, known, fact, story.versions)
        known.append(fact)
    assert {f.key for f in events.in_order(known)} == {f.key for f in known}
    return replay.at(state, at(now))


def words(effects: Iterable[Effect]) -> list[str]:
    """Return effects in short words, messages left out: "warn 75 %", "breach", "escalate L1"."""
    return [_word(effect) for effect in effects if not isinstance(effect, Notify)]


def _word(effect: Effect) -> str:
    match effect:
        case Warn():
            shown = f"warn {effect.alert.name}"
            shown += ", compressed" if effect.compressed else ""
        case Escalate():
            shown = f"escalate {effect.step.name}"
        case Breached():
            shown = f"breach {effect.key.clock.partition('/')[2].partition('#')[0]}"
        case _:
            shown = effect.key.deed.value
    return shown + (", superseded" if getattr(effect, "superseded", False) else "")


def messages(effects: Iterable[Effect]) -> list[Notify]:
    return [effect for effect in effects if isinstance(effect, Notify)]


def timeline(found: Iterable[tuple[dt.datetime, Effect]]) -> list[tuple[str, str]]:
    """Return effects with their local times, messages left out: ("Mon 12 10:00", "warn 75 %")."""
    return [
        (f"{when.astimezone(STOCKHOLM):%a %-d %H:%M}", _word(effect))
        for when, effect in found
        if not isinstance(effect, Notify)
    ]
