"""How each ticket came to stand where it stands: steps at instants, reckoned back from now.

Pure: the same company, seed and `now` give the same stories.
"""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tocsin.cli.demonstration.cast import (
    ANSWERS,
    ASKS,
    NOTES,
    SOLVES,
    THANKS,
    Client,
    Company,
    Talk,
)
from tocsin.cli.demonstration.promises import Book
from tocsin.engine.calendar import Calendar

DAYS = 21
# What a whole demo has of tickets that are over, by company, beside those around now.
DONE = {"granvik": 140, "cais-sereno": 80}
_MINUTE = dt.timedelta(minutes=1)
_HOUR = dt.timedelta(hours=1)
_CHANNELS = (("mail", 45), ("portal", 30), ("phone", 15), ("chat", 10))
_PRIORITIES = (("P1", 4), ("P2", 18), ("P3", 58), ("P4", 20))
_CLOSED_AFTER = dt.timedelta(days=3)
_TRIES = 200
# How many of the promises of answers and solutions were not kept. Of all nine in ten were: stages
# are left in time.
_MISSED = 0.13


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody does to a ticket at an instant; `who` is a person or a contact by key."""

    at: dt.datetime
    deed: str
    who: str = ""
    words: str = ""


@dataclass(slots=True)
class Story:
    """A ticket: how it is opened, the steps after that, and in which turn of the talk it ends."""

    key: str
    talk: Talk
    client: Client
    number: int
    priority: str
    channel: str
    team: str
    owner: str
    opened_at: dt.datetime
    steps: list[Step] = field(default_factory=list)
    turn: int | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What policies look at."""
        return {
            "pipeline": self.talk.pipeline,
            "plan": self.client.plan,
            "priority": self.priority,
            "type": self.talk.about,
            "status": "new",
        }

    def add(self, at: dt.datetime, deed: str, who: str = "", words: str = "") -> None:
        """Add a step."""
        self.steps.append(Step(at, deed, who, words))

    def says(self, at: dt.datetime, turn: int, who: str) -> None:
        """Have somebody say their line of the talk."""
        deed = {NOTES: "note", ANSWERS: "answer", THANKS: "answer"}.get(turn, "reply")
        self.add(at, deed, who, self.talk.line(turn, self.number))


@dataclass(frozen=True, slots=True)
class Mould:
    """A kind of ticket around now: how many, whose, and how much of which promise is used."""

    name: str
    count: int
    plans: tuple[str, ...] = ("Enterprise",)
    clock: str = "first response"
    used: tuple[float, float] = (0.1, 0.5)
    priorities: tuple[str, ...] = ("P3", "P4")
    pipeline: str = "support"


_ANY = ("Enterprise", "Business", "Basic")
_OFFICE = ("Business", "Basic")
_RES = "resolution"
# Looks that must be there at any hour are of Enterprise accounts, whose clocks never rest. What is
# "imminent" has four minutes left at the most, whatever its target: it is shared out below.
MOULDS = (
    Mould("new", 5),
    Mould("new", 5, plans=_OFFICE, priorities=("P2", "P3", "P4")),
    Mould("new", 2, used=(0.79, 0.86)),
    Mould("new", 2, used=(0.94, 0.97), priorities=("P3",)),
    Mould("new", 2, used=(1.2, 2.0), priorities=("P3",)),
    Mould("open", 6, clock=_RES, used=(0.1, 0.6), priorities=("P2", "P3", "P3", "P4")),
    Mould("open", 7, plans=_OFFICE, clock=_RES, priorities=("P2", "P3", "P4")),
    Mould("open", 3, clock=_RES, used=(0.78, 0.9), priorities=("P2", "P3")),
    Mould("open", 2, clock=_RES, used=(0.9915, 0.997), priorities=("P2",)),
    Mould("open", 3, clock=_RES, used=(1.05, 1.4), priorities=("P2", "P3")),
    Mould("replied", 4, clock="next response", used=(0.1, 0.9), priorities=("P2", "P3")),
    Mould("waiting", 6, plans=_ANY, clock=_RES, used=(0.1, 0.5), priorities=("P2", "P3", "P4")),
    Mould("vendor", 4, plans=_ANY, clock=_RES, used=(0.2, 0.6), priorities=("P3", "P4")),
    Mould("new", 1, plans=_ANY, clock=_RES, used=(0.02, 0.2), pipeline="changes"),
    Mould("open", 1, plans=_ANY, clock=_RES, used=(0.2, 0.5), pipeline="changes"),
    Mould("new", 1, plans=_ANY, used=(0.1, 0.5), pipeline="other"),
    Mould("vendor", 1, plans=_ANY, clock=_RES, used=(0.1, 0.3), pipeline="other"),
)


class Plot:
    """Makes the stories of one company."""

    def __init__(self, company: Company, book: Book, *, seed: int, now: dt.datetime) -> None:
        self._company, self._book, self._now, self._seed = company, book, now, seed
        self._clients, self._talks = company.clients(), company.talks()
        self._second = company.agents(company.teams(2)[0])

    def stories(self, size: float) -> list[Story]:
        """Return all stories: those around now, and `size` times those that are over."""
        share = 1 if self._company.key == "granvik" else 3
        made = []
        for k, mould in enumerate(MOULDS):
            count = math.ceil(mould.count / share * min(1.0, size))
            for j in range(count):
                rng = self._random(f"now/{k}/{j}")
                key, used = f"now/{k}/{j}", _within(mould.used, (j + 0.5) / count)
                made.append(self._standing(rng, key, mould, used))
        lately = math.ceil(6 / share * min(1.0, size))
        for j in range(max(2, lately) if size else 0):
            # The first was late, so that there is always one that was missed.
            rng, until = self._random(f"today/{j}"), self._now - 5 * _MINUTE
            made.append(self._over(rng, f"today/{j}", 20 * _HOUR, until, late=j == 0))
        for j in range(round(DONE[self._company.key] * size)):
            rng, until = self._random(f"over/{j}"), self._now - _HOUR
            made.append(self._over(rng, f"over/{j}", dt.timedelta(days=DAYS), until))
        return made

    def _random(self, key: str) -> Random:
        return Random(f"{self._seed}/{self._company.key}/{key}")

    # ------------------------------------------------------------------------------- around now

    def _standing(self, rng: Random, key: str, mould: Mould, used: float) -> Story:
        clients = [one for one in self._clients if one.plan in mould.plans]
        talks = [one for one in self._talks if _fits(one, mould.pipeline)]
        story = self._begun(rng, key, rng.choice(clients), rng.choice(talks), self._now)
        story.priority = rng.choice(mould.priorities)
        calendar, length = self._promised(mould.clock, story, self._now - _HOUR)
        begun = _back(calendar, self._now, length * used)
        story.opened_at = begun
        if mould.name == "new":
            story.turn = ASKS
            if used > 1:
                story.add(self._now - (self._now - begun) * 0.1, "note", *self._excuse(story))
            return story
        if mould.name == "replied":
            story.opened_at = begun - rng.uniform(2, 6) * _HOUR
        answered = self._answered(rng, story, begun if mould.name == "replied" else self._now)
        self._taken(rng, story, answered - _MINUTE)
        story.says(answered, ASKS, story.owner)
        story.turn = SOLVES
        if mould.name in ("waiting", "replied"):
            story.add(answered, "pause", story.owner, "waiting customer")
            story.turn = ANSWERS
        if mould.name == "replied":
            story.says(begun, ANSWERS, story.client.key)
            story.turn = SOLVES
        if mould.name == "vendor":
            story.says(answered + _MINUTE, NOTES, story.owner)
            story.add(answered + 2 * _MINUTE, "pause", story.owner, "waiting internal")
        if mould.name == "open":
            self._worked(rng, story, answered, late=used > 1)
        return story

    def _excuse(self, story: Story) -> tuple[str, str]:
        return self._company.data["sign_in"]["lead"], story.talk.line(NOTES, story.number)

    def _answered(self, rng: Random, story: Story, before: dt.datetime) -> dt.datetime:
        """Return when the first answer came: in time, and before something else."""
        found = self._book.promised("first response", story.facts, story.opened_at)
        share = rng.uniform(0.1, 0.6)
        latest = story.opened_at + (before - story.opened_at) * 0.6
        if found is None:
            return latest
        calendar, length = found
        return min(_ahead(calendar, story.opened_at, length * share), latest)

    def _worked(self, rng: Random, story: Story, answered: dt.datetime, *, late: bool) -> None:
        left = self._now - answered
        story.says(answered + left * 0.2, NOTES, story.owner)
        if story.talk.pipeline == "support" and rng.random() < 0.7:
            story.add(answered + left * 0.25, "move", story.owner, "work")
        if late and rng.random() < 0.5:
            # Escalation has taken it from whoever had it; somebody of the next level took it up.
            story.add(self._now - left * 0.02, "assign", rng.choice(self._second))

    def _promised(self, clock: str, story: Story, at: dt.datetime) -> tuple[Calendar, dt.timedelta]:
        found = self._book.promised(clock, story.facts, at)
        found = found or self._book.promised("resolution", story.facts, at)
        assert found is not None  # each policy promises a resolution
        return found

    # ------------------------------------------------------------------------------ what is over

    def _over(
        self, rng: Random, key: str, ago: dt.timedelta, until: dt.datetime, *, late: bool = False
    ) -> Story:
        """Return a ticket that is solved before `until`; how long ago it came is drawn."""
        for _ in range(_TRIES):
            story = self._come(rng, key, self._now - ago * rng.random() ** 0.8)
            end = self._solved(rng, story, late=late)
            if end < until:
                if end + _CLOSED_AFTER < until and rng.random() < 0.5:
                    story.add(end + _CLOSED_AFTER, "close")
                return story
        raise RuntimeError(f"{self._company.key}: no story {key} ends in time")

    def _come(self, rng: Random, key: str, at: dt.datetime) -> Story:
        """Begin a story at an hour at which people write; Enterprise writes at night as well."""
        client = rng.choice(self._clients)
        talk = rng.choice(self._talks)
        story = self._begun(rng, key, client, talk, at)
        calendar, _ = self._promised("resolution", story, at)
        if rng.random() < 0.8 and talk.pipeline != "changes":
            at = calendar.subtract(at, _MINUTE) or at
        story.opened_at = at
        return story

    def _solved(self, rng: Random, story: Story, *, late: bool) -> dt.datetime:
        """Write the steps to the end and return when it was."""
        opened, end_share = story.opened_at, rng.triangular(0.15, 0.9, 0.4)
        if late or rng.random() < _MISSED:
            end_share = rng.uniform(1.05, 1.45)
        first = self._promised("first response", story, opened)
        share = rng.uniform(1.1, 1.7) if late or rng.random() < _MISSED else rng.uniform(0.05, 0.75)
        answered = _ahead(first[0], opened, first[1] * share)
        calendar, length = self._promised("resolution", story, opened)
        self._taken(rng, story, answered - _MINUTE)
        # Most is solved by the first answer; else something has to be asked.
        asked, begin = rng.random() < 0.35, answered
        story.says(answered, ASKS if asked else SOLVES, story.owner)
        if asked:
            story.add(answered, "pause", story.owner, "waiting customer")
            begin = answered + rng.uniform(0.2, 3) * _HOUR
            story.says(begin, ANSWERS, story.client.key)
        used = calendar.between(opened, answered)
        end = _ahead(calendar, begin, max(length * end_share - used, 12 * _MINUTE))
        solver = story.owner
        if end_share > 1 and story.talk.pipeline == "support":
            solver = rng.choice(self._second)
            due = _ahead(calendar, begin, max(length - used, _MINUTE))
            story.add(due + (end - due) * 0.6, "assign", solver)
        self._ended(rng, story, begin if asked else None, end, solver)
        return end

    def _ended(
        self, rng: Random, story: Story, told: dt.datetime | None, end: dt.datetime, solver: str
    ) -> None:
        """Write the last third: what came of what the customer `told`, thanks, and resolved."""
        if told is not None:
            reply = end - 6 * _MINUTE
            found = self._book.promised("next response", story.facts, told)
            if found is not None:
                limit = rng.uniform(0.1, 0.8) if rng.random() > _MISSED else 1.1
                reply = min(reply, _ahead(found[0], told, found[1] * limit))
            story.says(told + (reply - told) * 0.5, NOTES, solver)
            story.says(max(reply, told + _MINUTE), SOLVES, solver)
        if rng.random() < 0.3:
            story.says(end - 2 * _MINUTE, THANKS, story.client.key)
        story.add(end, "resolve", solver)

    # ----------------------------------------------------------------------------------- both

    def _begun(self, rng: Random, key: str, client: Client, talk: Talk, at: dt.datetime) -> Story:
        team = self._company.team
        others = self._company.teams(1)[1:]
        if talk.pipeline == "changes":
            team = self._company.teams(2)[0]
        elif others and (talk.pipeline == "onboarding" or rng.random() < 0.15):
            team = others[0]
        return Story(
            key=key,
            talk=talk,
            client=client,
            number=rng.randint(2, 9),
            priority="P2" if talk.about == "complaint" else _drawn(rng, _PRIORITIES),
            channel=_drawn(rng, _CHANNELS),
            team=team,
            owner=rng.choice(self._company.agents(team)),
            opened_at=at,
        )

    def _taken(self, rng: Random, story: Story, at: dt.datetime) -> None:
        """Have the owner take the ticket, or their lead give it to them."""
        lead = self._company.data["sign_in"]["lead"]
        who = lead if rng.random() < 0.4 else story.owner
        at = max(at, story.opened_at + (at + _MINUTE - story.opened_at) * 0.5)
        story.add(at, "assign", story.owner, who)


def _fits(talk: Talk, pipeline: str) -> bool:
    if pipeline == "other":
        return talk.pipeline not in ("support", "changes")
    return talk.pipeline == pipeline


def _within(bounds: tuple[float, float], share: float) -> float:
    return bounds[0] + (bounds[1] - bounds[0]) * share


def _drawn(rng: Random, among: Sequence[tuple[str, int]]) -> str:
    return rng.choices([name for name, _ in among], [weight for _, weight in among])[0]


def _ahead(calendar: Calendar, at: dt.datetime, length: dt.timedelta) -> dt.datetime:
    found = calendar.add(at, length)
    assert found is not None  # none of our calendars ends
    return found


def _back(calendar: Calendar, at: dt.datetime, length: dt.timedelta) -> dt.datetime:
    found = calendar.subtract(at, length)
    assert found is not None
    return found


def in_order(stories: Sequence[Story]) -> Iterator[tuple[Story, Step | None]]:
    """Yield what happens in all stories in the order of time; an opening has no step."""
    listed: list[tuple[dt.datetime, int, int, Story, Step | None]] = []
    for k, story in enumerate(stories):
        listed.append((story.opened_at, k, -1, story, None))
        listed += [
            (step.at, k, j, story, step)
            for j, step in enumerate(sorted(story.steps, key=lambda step: step.at))
        ]
    for _, _, _, story, step in sorted(listed, key=lambda item: item[:3]):
        yield story, step
