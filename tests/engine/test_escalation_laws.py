"""Laws of escalation paths: whatever happens, each step is taken once and at its plan."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.stories.story import ALWAYS

from tocsin.engine import decide, escalating, replay
from tocsin.engine.decide import Snapshot
from tocsin.engine.effect import Deed, Effect, Escalate, Key
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.path import EscalationPath
from tocsin.engine.schedule import MICROSECOND
from tocsin.engine.ticket import Ticket
from tocsin.engine.version import Versions

BEGIN = dt.datetime(2026, 1, 12, 8, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
BASE = Versions.from_dict(
    {
        "tocsin": 1,
        "calendars": {"always": ALWAYS},
        "policies": [
            {
                "key": "standard",
                "rank": 1,
                "calendar": "always",
                "clocks": [{"clock": "resolution", "targets": {"*": "30m"}}],
            }
        ],
    }
)
TRIGGERS = st.sampled_from(
    [
        {"on": "priority", "is": ["P1"]},
        {"on": "clock", "clock": "resolution"},
        {"on": "clock", "clock": "resolution", "before": "10m"},
        {"on": "time", "for": "20m"},
        {"on": "status", "was": ["resolved"]},
    ]
)


@st.composite
def paths(draw: st.DrawFn) -> EscalationPath:
    levels = [
        {
            "name": f"L{k}",
            "wait": f"{draw(st.integers(0, 40))}m",
            "in": draw(st.sampled_from(["wall", "business"])),
            "branch": draw(st.sampled_from(["", "", "legal"])),
            "notify": ["lead"],
        }
        for k in range(1, draw(st.integers(1, 4)) + 1)
    ]
    data: dict[str, Any] = {"triggers": [draw(TRIGGERS)], "levels": levels, "calendar": "always"}
    if draw(st.booleans()):
        data["acknowledge_within"] = f"{draw(st.integers(5, 60))}m"
    if draw(st.booleans()):
        data["repeat"] = {"every": f"{draw(st.integers(5, 30))}m", "times": draw(st.integers(1, 3))}
    return EscalationPath.from_dict("ladder", data, "path")


What = tuple[Kind, Side, dict[str, Any]]
_HAPPENS: list[What] = [
    (Kind.ACKNOWLEDGEMENT, Side.AGENT, {}),
    (Kind.NOTE, Side.AGENT, {}),
    (Kind.NOTE, Side.AGENT, {"outside": True}),
    (Kind.CUSTOMER_MESSAGE, Side.CUSTOMER, {}),
    (Kind.AGENT_MESSAGE, Side.AGENT, {}),
    (Kind.PRIORITY, Side.AGENT, {"to": "P1"}),
    (Kind.PRIORITY, Side.AGENT, {"to": "P3"}),
    (Kind.STATUS, Side.AGENT, {"to": "resolved"}),
    (Kind.STATUS, Side.AGENT, {"to": "open"}),
]
HAPPENS = st.sampled_from(_HAPPENS)


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    found = [_fact(0, 0, (Kind.CREATED, Side.CUSTOMER, {"priority": "P3", "status": "new"}))]
    at = 0
    for k in range(1, draw(st.integers(0, 8)) + 1):
        at += draw(st.integers(1, 45))
        found.append(_fact(k, at, draw(HAPPENS)))
    return found


def _fact(number: int, minutes: int, what: What) -> Event:
    kind, side, payload = what
    at = BEGIN + minutes * MINUTE
    return Event("T", kind, at, f"fact {number}", payload, side, source_seq=number)


class Desk:
    """A ticket under a pulse that beats when it is told to: what is decided becomes facts."""

    def __init__(self, versions: Versions) -> None:
        self.versions = versions
        self.state = Ticket("T")
        self.log: list[Event] = []
        self.done: frozenset[Key] = frozenset()
        self.taken: list[tuple[dt.datetime, Effect]] = []

    def learns(self, fact: Event) -> None:
        self.state = replay.learn(self.state, self.log, fact, self.versions)
        self.log.append(fact)

    def beat(self, now: dt.datetime) -> dt.datetime | None:
        """Decide until nothing more is decided; return when to wake."""
        for _ in range(50):
            decision = decide.decide(Snapshot(self.state, self.done, self.versions), now=now)
            if not decision.effects:
                return decision.wake_at
            for effect in decision.effects:
                assert effect.key not in self.done, "an effect happens once"
                self.done |= {effect.key}
                self.taken.append((now, effect))
                told = decide.began(effect)
                if told is not None:
                    key = "/".join(effect.key)
                    self.learns(Event("T", Kind.ESCALATION, now, key, told, Side.AUTOMATION))
        raise AssertionError("it never settles")

    def runs(self, log: list[Event], until: dt.datetime, *, lazy: int = 0) -> None:
        """Live through a log, waking at each planned instant, or that many minutes late."""
        wake: dt.datetime | None = None
        for k, fact in enumerate(log):
            while wake is not None and wake + lazy * MINUTE < fact.effective_at:
                wake = self.beat(wake + lazy * MINUTE)
            if k:
                self.beat(fact.effective_at)
            self.learns(fact)
            wake = self.beat(fact.effective_at)
        while wake is not None and wake + lazy * MINUTE <= until:
            wake = self.beat(wake + lazy * MINUTE)

    def steps(self) -> list[Escalate]:
        found = [e for _, e in self.taken if isinstance(e, Escalate)]
        return [e for e in found if not e.superseded]


def desk(path: EscalationPath) -> Desk:
    return Desk(replace(BASE, paths=(path,)))


UNTIL = BEGIN + dt.timedelta(hours=24)


@given(path=paths(), log=logs())
def test_a_punctual_pulse_takes_each_step_at_its_plan_and_once(
    path: EscalationPath, log: list[Event]
) -> None:
    living = desk(path)
    living.runs(log, UNTIL)
    for now, effect in living.taken:
        if isinstance(effect, Escalate):
            # A breach, and what begins by it, exists an instant after the due.
            assert effect.planned_at <= now <= effect.planned_at + MICROSECOND
            assert effect.late == now - effect.planned_at
    keys = [effect.key for _, effect in living.taken]
    assert len(keys) == len(set(keys))


@given(path=paths(), log=logs())
def test_what_runs_is_what_the_facts_say_in_whatever_order_they_come(
    path: EscalationPath, log: list[Event]
) -> None:
    living = desk(path)
    living.runs(log, UNTIL)
    replayed = replay.fold("T", sorted(living.log, key=lambda fact: fact.order), living.versions)
    assert replayed == living.state


@given(path=paths(), log=logs(), late=st.integers(1, 90))
def test_a_late_pulse_never_takes_what_a_punctual_one_would_not(
    path: EscalationPath, log: list[Event], late: int
) -> None:
    living = desk(path)
    living.runs(log, UNTIL, lazy=late)
    for now, effect in living.taken:
        if isinstance(effect, Escalate):
            assert effect.planned_at <= now
            assert effect.late == now - effect.planned_at


@given(path=paths(), log=logs())
def test_one_path_runs_once_at_a_time_and_steps_come_in_their_order(
    path: EscalationPath, log: list[Event]
) -> None:
    living = desk(path)
    living.runs(log, UNTIL)
    known = living.state.escalations
    for before, after in pairwise(known):
        assert before.ended_at is not None
        assert before.ended_at <= after.begun_at
    order = [step.name for step in path.steps]
    for one in known:
        for branch in path.branches():
            taken = [
                (now, order.index(e.step.name), e.key.which)
                for now, e in living.taken
                if isinstance(e, Escalate) and (e.escalation, e.step.branch) == (one.number, branch)
            ]
            assert [now for now, _, _ in taken] == sorted(now for now, _, _ in taken)
            first = [k for _, k, which in taken if " call " not in which and " round " not in which]
            assert first == sorted(first)


@given(path=paths(), log=logs())
def test_nothing_is_taken_once_it_has_ended(path: EscalationPath, log: list[Event]) -> None:
    living = desk(path)
    living.runs(log, UNTIL)
    ended = {one.number: one.ended_at for one in living.state.escalations}
    for now, effect in living.taken:
        if isinstance(effect, Escalate) and ended[effect.escalation] is not None:
            assert now <= ended[effect.escalation]  # type: ignore[operator]  # an instant


@given(path=paths(), log=logs())
def test_deciding_again_decides_nothing(path: EscalationPath, log: list[Event]) -> None:
    living = desk(path)
    living.runs(log, UNTIL)
    count = len(living.taken)
    living.beat(UNTIL)
    living.beat(UNTIL)
    assert [e for _, e in living.taken[count:] if e.key.deed is not Deed.ESCALATE] == []
    assert escalating.ahead(living.state, None, UNTIL) == escalating.NOTHING
