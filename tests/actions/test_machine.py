"""A desk lives at random on a real database: whatever happens, the tables are what the log says."""

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from tests.actions.life import BEGIN, OPENED, beat, differences
from tests.actions.test_imports import Told, bring_in, fact
from tests.desk import ALWAYS, POLICIES, Company, Database, company

from tocsin.actions import callbacks, config_versions, escalations, merging, sla, tickets
from tocsin.actions import clocks as deeds
from tocsin.engine.event import Event, Kind, Side
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, NotAllowed, NotFound

PICK = st.integers(0, 5)
BASES = st.sampled_from(["new tickets", "future time", "restate"])
REFUSED = (Invalid, NotAllowed, NotFound)


class DeskLives(RuleBasedStateMachine):
    """Rules are what people, sources and time may do. `make` gives an empty database."""

    make: Callable[[], Database]

    def __init__(self) -> None:
        super().__init__()
        self.database = type(self).make()
        self.now = OPENED
        self.desk: Company = company(f"desk{id(self)}", now=BEGIN)
        config = copy.deepcopy(POLICIES)
        config["policies"][0]["clocks"] += [
            {"clock": "next response", "targets": {"*": "2h"}},
            {"clock": "callback", "targets": {"*": "3h"}},
            {"clock": "team ownership", "targets": {"*": "5h"}},
        ]
        config["policies"][0]["clocks"][1]["pauses"] = {"budget": "3h"}
        self.config = config
        sla.publish(config=config, by=self.desk.operator, now=BEGIN)
        self.agent = self.desk.person("lea", "administrator")
        self.customer = Actor(
            self.desk.tenant, "customer", access.RIGHTS["operator"], Side.CUSTOMER
        )
        self.tickets: list[int] = []
        self.told: dict[str, list[Event]] = {}

    def ticket(self, which: int) -> int:
        return self.tickets[which % len(self.tickets)]

    def do(self, deed: Callable[..., Any], **given: Any) -> Any:
        """Do it unless it is refused; a refusal leaves nothing behind."""
        try:
            return deed(**{"by": self.agent, "now": self.now, **given})
        except REFUSED:
            return None

    @rule(minutes=st.sampled_from([0, 1, 14, 15, 30, 60, 119, 240, 1_000]), beats=st.booleans())
    def time_passes(self, minutes: int, beats: bool) -> None:
        self.now += dt.timedelta(minutes=minutes, microseconds=1)
        if beats:
            beat(self.database, now=self.now)

    @rule(priority=st.sampled_from(["P1", "P3"]), agents=st.booleans())
    def open(self, priority: str, agents: bool) -> None:
        by = self.agent if agents else self.customer
        self.tickets.append(self.desk.open(priority=priority, by=by, now=self.now))

    @precondition(lambda self: self.tickets)
    @rule(which=PICK, ours=st.booleans(), question=st.sampled_from([None, False]))
    def say(self, which: int, ours: bool, question: bool | None) -> None:
        by = self.agent if ours else self.customer
        given = {"ticket_id": self.ticket(which), "body": "Word", "question": question}
        self.do(tickets.reply, **given, by=by)

    @precondition(lambda self: self.tickets)
    @rule(
        which=PICK,
        deed=st.sampled_from(
            [
                *(tickets.resume, tickets.resolve, tickets.reopen, tickets.close),
                *(deeds.spam, deeds.restore, callbacks.request),
            ]
        ),
    )
    def act(self, which: int, deed: Callable[..., None]) -> None:
        self.do(deed, ticket_id=self.ticket(which))

    @precondition(lambda self: self.tickets)
    @rule(which=PICK, status=st.sampled_from(["waiting customer", "waiting internal"]))
    def pause(self, which: int, status: str) -> None:
        self.do(tickets.pause, ticket_id=self.ticket(which), reason="They know", status=status)

    @precondition(lambda self: self.tickets)
    @rule(which=PICK, to=st.sampled_from(["P1", "P2", "P4"]))
    def prioritise(self, which: int, to: str) -> None:
        self.do(tickets.set_priority, ticket_id=self.ticket(which), to=to)

    @precondition(lambda self: self.tickets)
    @rule(which=PICK, team=st.sampled_from(["Service desk", "Second line", None]))
    def assign(self, which: int, team: str | None) -> None:
        person = None if team else self.desk.people["ann"]
        self.do(tickets.assign, ticket_id=self.ticket(which), team=team, person=person)

    @precondition(lambda self: len(self.tickets) > 1)
    @rule(which=PICK, into=PICK)
    def merge(self, which: int, into: int) -> None:
        self.do(merging.merge, ticket_id=self.ticket(which), into=self.ticket(into))

    @precondition(lambda self: self.tickets)
    @rule(which=PICK, start=st.sampled_from(["message", "now"]))
    def split(self, which: int, start: str) -> None:
        found = self.database.rows(
            "SELECT ticket_id, id FROM message WHERE ticket_id = %s ORDER BY id", self.ticket(which)
        )
        for ticket, message in found[:1]:
            given = {"ticket_id": ticket, "message": message, "subject": "Part", "start": start}
            if (new := self.do(merging.split, **given)) and new not in self.tickets:
                self.tickets.append(new)

    @precondition(lambda self: self.tickets)
    @rule(
        which=PICK,
        key=st.sampled_from(["resolution#1", "first response#1", "next response#1"]),
        do=st.sampled_from(["stop", "cancel", ""]),
        minutes=st.integers(1, 600),
    )
    def override(self, which: int, key: str, do: str, minutes: int) -> None:
        due = None if do else self.now + dt.timedelta(minutes=minutes)
        given = {"ticket_id": self.ticket(which), "clock": f"SLA/{key}", "reason": "Agreed"}
        self.do(deeds.override, **given, due=due, do=do)

    @rule(closed=st.sets(st.integers(0, 3), max_size=2), basis=BASES)
    def publish_calendar(self, closed: set[int], basis: str) -> None:
        days: dict[str, Any] = {
            (OPENED.date() + dt.timedelta(days=day)).isoformat(): [] for day in closed
        }
        config = {**self.config, "calendars": {"always": {**ALWAYS, "exceptions": days}}}
        self._publish(config, basis)

    @rule(first=st.sampled_from(["10m", "1h", "3h"]), last=st.sampled_from(["2h", "24h"]), b=BASES)
    def publish_policy(self, first: str, last: str, b: str) -> None:
        config = copy.deepcopy(self.config)
        for clock, target in zip(config["policies"][0]["clocks"], (first, last), strict=False):
            clock["targets"] = {"P1": "15m", "*": target}
        self._publish(config, b)

    def _publish(self, config: dict[str, Any], basis: str) -> None:
        self.now += dt.timedelta(microseconds=1)
        self.config = config
        given: dict[str, Any] = {
            "by": self.desk.operator,
            "basis": basis,
            "reason": "As it was meant",
        }
        sla.publish(config=config, **given, now=self.now)

    @rule(
        trigger=st.sampled_from(
            [
                {"on": "clock", "clock": "first response"},
                {"on": "clock", "clock": "resolution", "at": "50%"},
                {"on": "time", "stage": "triage", "for": "30m"},
                {"on": "priority", "is": ["P1"]},
                {"on": "status", "was": ["resolved"]},
            ]
        ),
        stop=st.sampled_from([["acknowledged"], ["answered", "moved"], ["resolved"]]),
        more=st.sampled_from(
            [{}, {"acknowledge_within": "15m"}, {"repeat": {"every": "1h", "times": 2}}]
        ),
        nobody=st.booleans(),
    )
    def publish_path(
        self, trigger: dict[str, Any], stop: list[str], more: dict[str, Any], nobody: bool
    ) -> None:
        self.now += dt.timedelta(microseconds=1)
        levels: list[dict[str, Any]] = [
            {"name": "L1", "notify": ["account manager" if nobody else "lead"]},
            {"name": "L2", "wait": "20m", "in": "wall", "team": "Second line", "priority": "P1"},
            {"name": "Legal", "branch": "legal", "wait": "10m", "in": "wall", "assign": "level 2"},
        ]
        data = {"triggers": [trigger, {"on": "manual"}], "stop": stop, "levels": levels, **more}
        config_versions.publish(
            kind="path", key="ladder", data=data, by=self.desk.operator, now=self.now
        )

    @precondition(lambda self: self.tickets)
    @rule(which=PICK)
    def acknowledge(self, which: int) -> None:
        self.do(escalations.acknowledge, ticket_id=self.ticket(which))

    @precondition(lambda self: self.tickets)
    @rule(which=PICK, deed=st.sampled_from(["start", "stop", "upgrade"]))
    def escalate(self, which: int, deed: str) -> None:
        given: dict[str, Any] = {"ticket_id": self.ticket(which)}
        if deed != "start":
            given["number"] = 1
        if deed != "upgrade":
            given["reason"] = "It burns"
        if deed == "start":
            given["path"] = "ladder"
        self.do(getattr(escalations, deed), **given)

    @rule(
        number=st.sampled_from(["OLD1", "OLD2"]),
        ago=st.integers(0, 600),
        what=st.sampled_from(
            [
                *[(Kind.STATUS, to) for to in ("open", "waiting customer", "resolved")],
                *[(Kind.PRIORITY, to) for to in ("P1", "P3")],
                (Kind.AGENT_MESSAGE, ""),
            ]
        ),
    )
    def bring_in(self, number: str, ago: int, what: tuple[Kind, str]) -> None:
        """A source tells of something that has happened: in order, late, or once more."""
        known = self.told.setdefault(number, [])
        if not known:
            born = {"status": "new", "priority": "P3"}
            known.append(fact(number, 0, Kind.CREATED, self.now - dt.timedelta(hours=11), **born))
        kind, to = what
        payload = {"to": to} if to else {}
        when = max(known[0].effective_at, self.now - dt.timedelta(minutes=ago))
        known.append(fact(number, len(known), kind, when, **payload))
        told = Told(number, list(known), known[0].effective_at)
        bring_in(self.desk.operator, [told], now=self.now)

    # What must hold after each of them.

    @invariant()
    def the_audit_finds_no_difference(self) -> None:
        assert differences(self.desk) == []

    @invariant()
    def every_breach_has_its_fact(self) -> None:
        lone = self.database.rows(
            "SELECT v.id FROM violation v LEFT JOIN event e ON e.id = v.event_id"
            " WHERE e.kind IS DISTINCT FROM 'effect'"
            " OR e.payload::json->>'deed' IS DISTINCT FROM 'breach'"
        )
        assert lone == []

    @invariant()
    def every_change_of_a_decided_verdict_is_explained(self) -> None:
        found = {
            (ticket, clock): verdict
            for ticket, clock, verdict in self.database.rows(
                "SELECT ticket_id, key, verdict FROM clock"
            )
        }
        told = {
            (ticket, clock): now
            for ticket, clock, now in self.database.rows(
                "SELECT ticket_id, clock, now FROM restatement ORDER BY id"
            )
        }
        known: dict[tuple[int, str], str] = getattr(self, "_verdicts", {})
        for clock, was in known.items():
            now = found.get(clock, "none")
            if was in ("met", "breached") and now != was:
                assert told.get(clock) == now, f"{clock}: {was} became {now} without a word"
        self._verdicts = found


def lived(database: Database, *, examples: int, steps: int) -> None:
    DeskLives.make = staticmethod(lambda: database)
    kept = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    run(DeskLives, settings=kept)


def test_a_desk_that_lives_at_random_is_what_its_log_says(database: Database) -> None:
    lived(database, examples=3, steps=12)


@pytest.mark.long("many lives of a whole desk")
def test_many_desks_that_live_at_random_are_what_their_logs_say(database: Database) -> None:
    lived(database, examples=40, steps=30)
