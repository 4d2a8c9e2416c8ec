"""Who writes next: a customer who never stops, colleagues who answer, and the drama.

The drama is a ticket whose first response is promised within seconds and not given: before whoever
watches a warning comes, the promise breaks, and the ticket goes to the second line by itself. Only
the customer and the colleagues are played here; what breaks is decided by the pulse.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from random import Random
from typing import Any

from tocsin.actions import tickets
from tocsin.cli.demonstration import cast
from tocsin.cli.demonstration.cast import ANSWERS, ASKS, ENDS, OPENS, SOLVES, THANKS, Cast, Talk
from tocsin.kit.invalid import Invalid
from tocsin.queries.access import Refused

_SHARES = {"granvik": 3, "cais-sereno": 1}
_COLLEAGUES = (ASKS, SOLVES, ENDS)
# How long a customer waits for a colleague, in minutes: long enough to be quicker oneself.
_PATIENCE = {ASKS: (4, 25), SOLVES: (5, 30), ENDS: (1, 3)}
_AT_ONCE = 2  # answers of colleagues in a round, twice what customers write
_LATEST = 8  # customers answer what was asked first
_PRIORITIES = ("P2", "P3", "P3", "P3", "P4")
_CHANNELS = ("mail", "portal", "chat", "phone")

# What happens in a drama, seconds after it begins: due after 40, with the second line after 48.
_TAKEN, _RESCUED, _OVER = range(3)
_BEATS = (6, 110, 170)


@dataclass(slots=True)
class Open:
    """A ticket that the script keeps in mind, and whose turn it is on it."""

    company: str
    ticket: int
    talk: str
    number: int
    contact: str
    owner: str
    turn: int
    act_at: dt.datetime


@dataclass(slots=True)
class Drama:
    """A drama on stage: when it began, and which of its beats comes next."""

    company: str
    ticket: int
    talk: str
    number: int
    began_at: dt.datetime
    beat: int = 0

    @property
    def next_at(self) -> dt.datetime:
        """When the next beat comes."""
        return self.began_at + dt.timedelta(seconds=_BEATS[self.beat])


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things happen, and how many tickets a company may have open beside the first."""

    least: dt.timedelta = dt.timedelta(seconds=20)
    most: dt.timedelta = dt.timedelta(seconds=60)
    # A first drama of each company, and how long until its next one.
    dramas: Mapping[str, tuple[dt.timedelta, dt.timedelta]] = field(
        default_factory=lambda: {
            "granvik": (dt.timedelta(0), dt.timedelta(minutes=3)),
            "cais-sereno": (dt.timedelta(seconds=90), dt.timedelta(minutes=9)),
        }
    )


@dataclass(slots=True)
class State:
    """All that the script remembers. `born` names it in idempotency keys: what was done is done."""

    born: str
    limits: dict[str, int]
    opened: list[Open] = field(default_factory=list)
    stage: list[Drama] = field(default_factory=list)
    rounds: int = 0
    dramas: int = 0
    next_round_at: dt.datetime | None = None
    next_drama_at: dict[str, dt.datetime] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        found: dict[str, Any] = plain(asdict(self))
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "State":
        """Read what `to_dict` returned."""
        at = data["next_round_at"]
        return cls(
            **{
                **data,
                "opened": [_read(Open, one) for one in data["opened"]],
                "stage": [_read(Drama, one) for one in data["stage"]],
                "next_round_at": None if at is None else dt.datetime.fromisoformat(at),
                "next_drama_at": {
                    key: dt.datetime.fromisoformat(one)
                    for key, one in data["next_drama_at"].items()
                },
            }
        )


def plain(value: Any) -> Any:
    """Return plain data for JSON: instants as text."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _read(kind: Any, data: Mapping[str, Any]) -> Any:
    instants = {one.name for one in fields(kind) if one.type is dt.datetime}
    return kind(
        **{
            key: dt.datetime.fromisoformat(value) if key in instants else value
            for key, value in data.items()
        }
    )


@dataclass(slots=True)
class Script:
    """Plays what is due. `keep` writes the state after each deed, `begun` hears of each drama."""

    casts: Mapping[str, Cast]
    state: State
    keep: Callable[[State], None]
    begun: Callable[[Drama], None] = lambda drama: None
    pace: Pace = field(default_factory=Pace)

    def greet(self, now: dt.datetime) -> None:
        """Raise the first curtain at once, unless it is up: somebody has just come to look."""
        for company, (first, _) in self.pace.dramas.items():
            if not first and all(one.company != company for one in self.state.stage):
                self.state.next_drama_at[company] = now

    def step(self, now: dt.datetime) -> dt.datetime:
        """Do what is due by `now` and return when there is something to do again.

        After a pause it goes on as if there had been none: what was missed is not made up for.
        """
        for company, (first, _) in self.pace.dramas.items():
            self.state.next_drama_at.setdefault(company, now + first)
        while self.state.stage and min(self._beats()) <= now:
            self._beat(min(self.state.stage, key=lambda one: one.next_at), now)
        for company, at in self.state.next_drama_at.items():
            if at <= now:
                self._raise_curtain(company, now)
        if self.state.next_round_at is None or self.state.next_round_at <= now:
            self._round(now)
        return min(self._coming())

    def _beats(self) -> list[dt.datetime]:
        return [one.next_at for one in self.state.stage]

    def _coming(self) -> list[dt.datetime]:
        assert self.state.next_round_at is not None
        return [self.state.next_round_at, *self.state.next_drama_at.values(), *self._beats()]

    def _random(self, what: str) -> Random:
        return Random(f"{self.state.born}/{what}")

    # --------------------------------------------------------------------------------- the drama

    def _raise_curtain(self, company: str, now: dt.datetime) -> None:
        state, one, rng = self.state, cast.company(company), self._random(f"d{self.state.dramas}")
        talk, number = rng.choice(cast.talks_in(one.data["watch"]["talk"])), rng.randint(2, 9)
        by = self.casts[company].contact(one.clients()[0].key)
        ticket = tickets.open_(
            subject=talk.title(number),
            body=talk.line(OPENS, number),
            priority="P1",
            type=talk.about,
            channel="phone",
            team=one.data["watch"]["team"],
            by=by,
            key=f"demo/{state.born}/drama/{state.dramas}",
            now=now,
        )
        drama = Drama(company, ticket, talk.key, number, now)
        state.dramas += 1
        state.stage.append(drama)
        state.next_drama_at[company] = now + self.pace.dramas[company][1]
        self.keep(state)
        self.begun(drama)

    def _beat(self, drama: Drama, now: dt.datetime) -> None:
        cast_, watch = self.casts[drama.company], cast.company(drama.company).data["watch"]
        talk, id_ = cast.talk(drama.talk), drama.ticket
        rescue, person = cast_.person(watch["rescue"]), cast_.people
        try:
            if drama.beat == _TAKEN:
                by, owner = cast_.person(watch["lead"]), person[watch["owner"]]
                tickets.assign(ticket_id=id_, person=owner, by=by, now=now)
            elif drama.beat == _RESCUED:
                tickets.assign(ticket_id=id_, person=person[watch["rescue"]], by=rescue, now=now)
                self._say(drama, talk, ASKS, rescue, now)
            else:
                self._say(drama, talk, SOLVES, rescue, now)
                tickets.resolve(ticket_id=id_, by=rescue, now=now)
        except (Refused, Invalid):
            drama.beat = _OVER  # whoever watches has played along: closed it, say
        drama.beat += 1
        if drama.beat == len(_BEATS):
            self.state.stage.remove(drama)
        self.keep(self.state)

    def _say(self, on: Open | Drama, talk: Talk, turn: int, by: Any, now: dt.datetime) -> None:
        tickets.reply(
            ticket_id=on.ticket,
            body=talk.line(turn, on.number),
            # Thanks ask for nothing, and so they open nothing again.
            question=False if turn == THANKS else None,
            by=by,
            key=f"demo/{self.state.born}/{turn}",
            now=now,
        )

    # -------------------------------------------------------------------------------- every round

    def _round(self, now: dt.datetime) -> None:
        """Have colleagues answer what has waited long enough, and a customer write."""
        state, rng = self.state, self._random(f"r{self.state.rounds}")
        late = [one for one in state.opened if one.turn in _COLLEAGUES and one.act_at <= now]
        for one in sorted(late, key=lambda one: (one.act_at, one.ticket))[:_AT_ONCE]:
            self._advance(one, rng, now)
        company = rng.choices(list(_SHARES), list(_SHARES.values()))[0]
        mine = [one for one in state.opened if one.company == company]
        waiting = [one for one in mine if one.turn in (ANSWERS, THANKS)]
        if len(mine) < state.limits[company] and (not waiting or rng.random() < 0.5):
            state.opened.append(self._come(company, rng, now))
        elif waiting:
            self._advance(rng.choice(waiting[:_LATEST]), rng, now)
        state.rounds += 1
        state.next_round_at = (
            now + self.pace.least + (self.pace.most - self.pace.least) * (rng.random())
        )
        self.keep(state)

    def _come(self, company: str, rng: Random, now: dt.datetime) -> Open:
        one = cast.company(company)
        client, number = rng.choice(one.clients()), rng.randint(2, 9)
        talk = rng.choice([talk for talk in one.talks() if talk.pipeline == "support"])
        ticket = tickets.open_(
            subject=talk.title(number),
            body=talk.line(OPENS, number),
            priority=rng.choice(_PRIORITIES),
            type=talk.about,
            channel=rng.choice(_CHANNELS),
            team=one.team,
            by=self.casts[company].contact(client.key),
            key=f"demo/{self.state.born}/round/{self.state.rounds}",
            now=now,
        )
        owner = rng.choice(one.agents(one.team))
        at = self._later(ASKS, rng, now)
        return Open(company, ticket, talk.key, number, client.key, owner, ASKS, at)

    def _advance(self, one: Open, rng: Random, now: dt.datetime) -> None:
        """Have whoever's turn it is speak; a ticket that somebody else ended is forgotten."""
        try:
            self._speak(one, now)
        except (Refused, Invalid):
            one.turn = ENDS
        if one.turn == ENDS:
            self.state.opened.remove(one)
            return
        following = {ASKS: ANSWERS, ANSWERS: SOLVES, SOLVES: THANKS, THANKS: ENDS}
        one.turn = following[one.turn]
        one.act_at = self._later(one.turn, rng, now)

    def _speak(self, one: Open, now: dt.datetime) -> None:
        cast_, talk, id_ = self.casts[one.company], cast.talk(one.talk), one.ticket
        if one.turn in (ANSWERS, THANKS):
            self._say(one, talk, one.turn, cast_.contact(one.contact), now)
            return
        by = cast_.person(one.owner)
        if one.turn == ENDS:
            tickets.resolve(ticket_id=id_, by=by, now=now)
            return
        # First what is refused when somebody has solved it meanwhile: then nothing is said.
        tickets.pause(ticket_id=id_, reason="Question asked", by=by, now=now)
        if one.turn == ASKS:
            tickets.assign(ticket_id=id_, person=cast_.people[one.owner], by=by, now=now)
        self._say(one, talk, one.turn, by, now)

    def _later(self, turn: int, rng: Random, now: dt.datetime) -> dt.datetime:
        least, most = _PATIENCE.get(turn, (0, 0))
        return now + dt.timedelta(minutes=rng.uniform(least, most))
