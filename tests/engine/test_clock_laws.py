"""The laws of clocks, over random desks: what must hold whatever happens to a ticket, and when."""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.engine.random_desks import (
    CALENDARS,
    MICROSECOND,
    PLAIN,
    SPRING,
    Desk,
    desks,
    instants,
    lengths,
    versions_of,
)
from tests.stories.story import Story, policy, promise

from tocsin.engine import decide, replay, verdict
from tocsin.engine import event as events
from tocsin.engine.calendar import Calendar
from tocsin.engine.clock import NOTHING, Clock, State
from tocsin.engine.decide import Decision, Snapshot
from tocsin.engine.effect import Breached, Effect, Key, Notify, Restate, Warn
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.target import Form, Target
from tocsin.engine.ticket import Ticket
from tocsin.queries import projection

WEEK = dt.timedelta(days=7)
READ = {key: Calendar.from_dict(data) for key, data in CALENDARS.items()}
calendar_keys = st.sampled_from(sorted(CALENDARS))
starts = st.sampled_from([PLAIN, SPRING]).flatmap(instants)

FORMS: list[Any] = [
    *["15m", "8h", "24h", "200h"],
    {"business_days": 1, "at": "close"},
    {"business_days": 3, "at": "close"},
    {"business_days": 2, "at": "same time"},
    {"calendar_days": 1},
    {"calendar_weeks": 8},
]
forms = st.one_of(lengths, st.sampled_from(FORMS)).map(Target.from_dict)


# --------------------------------------------------------------------------------- one clock alone


@given(calendar_keys, forms, starts, starts)
def test_a_later_start_never_gives_an_earlier_due(
    key: str, target: Target, one: dt.datetime, other: dt.datetime
) -> None:
    # In weeks without an hour that comes twice: there "the same local time" runs backwards.
    early, late = sorted([one, other])
    first, second = target.due(early, READ[key]), target.due(late, READ[key])
    assert first is not None
    assert second is not None
    assert first <= second


@given(calendar_keys, starts, starts, st.integers(1, 6))
def test_a_later_date_never_gives_an_earlier_date_months_on(
    key: str, one: dt.datetime, other: dt.datetime, months: int
) -> None:
    target, calendar = Target(Form.CALENDAR_MONTHS, count=months), READ[key]
    dues = [target.due(start, calendar) for start in sorted([one, other])]
    dates = [calendar.local_date(due) for due in dues if due is not None]
    assert dates == sorted(dates)
    assert len(dates) == 2


@given(calendar_keys, starts, st.lists(st.integers(1, 10_000), min_size=2, max_size=2).map(sorted))
def test_a_longer_target_is_never_due_earlier(
    key: str, start: dt.datetime, amounts: list[int]
) -> None:
    calendar = READ[key]
    for many in (
        [Target(Form.LENGTH, length=dt.timedelta(minutes=n)) for n in amounts],
        [Target(Form.CLOSE_OF_BUSINESS, count=n % 60 + 1) for n in sorted(n % 60 for n in amounts)],
        [Target(Form.CALENDAR_DAYS, count=n) for n in amounts],
        [Target(Form.CALENDAR_MONTHS, count=n % 90 + 1) for n in sorted(n % 90 for n in amounts)],
    ):
        dues = [target.due(start, calendar) for target in many]
        assert dues[0] is not None
        assert dues[1] is not None
        assert dues[0] <= dues[1]


def story_of(target: Any, calendar: str, facts: Sequence[tuple[dt.datetime, str]]) -> Ticket:
    """Return the ticket of a log of statuses; the first creates it."""
    pause = {"status": ["waiting customer", "waiting vendor"]}
    resume = {"status": {"not_in": ["waiting customer", "waiting vendor"]}}
    clock = promise("resolution", target, calendar=calendar, pause=pause, resume=resume)
    versions = versions_of({"tocsin": 1, "calendars": CALENDARS, "policies": [policy(clock)]})
    log = [
        Event(
            "T-1",
            Kind.STATUS if k else Kind.CREATED,
            when,
            f"fact {k}",
            {"to": status} if k else {"status": status},
            source_seq=k,
        )
        for k, (when, status) in enumerate(facts)
    ]
    return replay.replay("T-1", log, versions, now=max(when for when, _ in facts))


@given(
    calendar_keys,
    st.one_of(lengths, st.sampled_from(FORMS)),
    st.sampled_from([PLAIN, SPRING]).flatmap(
        lambda begins: st.lists(instants(begins), min_size=4, max_size=4).map(sorted)
    ),
    st.booleans(),
)
def test_splitting_a_pause_changes_nothing(
    key: str, target: Any, when: list[dt.datetime], resumes: bool
) -> None:
    opened, paused, split, resumed = when
    whole = [(opened, "open"), (paused, "waiting customer"), (resumed, "open")]
    seam = [(split, "open")] if resumes else [(split, "waiting vendor")]
    parts = [*whole[:2], *seam, (split, "waiting customer"), whole[2]]
    one, other = (story_of(target, key, facts) for facts in (whole, parts))
    assert summaries(one, resumed) == summaries(other, resumed)


def summary(clock: Clock, now: dt.datetime) -> tuple[object, ...]:
    """Return what a clock promises and has missed, without how it came there."""
    breaches = [(b.due, b.breached_at, b.cause) for b in clock.standing]
    used = clock.used_at(now)
    return (clock.id, clock.state, clock.due, used, clock.anchor, breaches, clock.outcome)


def summaries(ticket: Ticket, now: dt.datetime) -> list[tuple[object, ...]]:
    return [summary(clock, now) for clock in ticket.clocks]


@given(
    calendar_keys,
    st.one_of(lengths, st.sampled_from([f for f in FORMS if isinstance(f, dict)])),
    st.sampled_from([PLAIN, SPRING]).flatmap(
        lambda begins: st.lists(instants(begins), min_size=3, max_size=3).map(sorted)
    ),
)
def test_a_pause_shifts_the_due_by_its_open_time_exactly(
    key: str, target: Any, when: list[dt.datetime]
) -> None:
    opened, paused, resumed = when
    calendar = READ[key]
    [before] = story_of(target, key, [(opened, "open")]).clocks
    facts = [(opened, "open"), (paused, "waiting customer"), (resumed, "open")]
    [after] = story_of(target, key, facts).clocks
    assert before.due is not None
    assert after.due is not None
    if before.due < paused:
        assert after.due == before.due, "it was missed before; a pause mends nothing"
        assert len(after.standing) == 1
    else:
        assert calendar.between(before.due, after.due) == calendar.between(paused, resumed)
        assert not after.standing


@given(calendar_keys, lengths, starts, st.integers(0, 10))
def test_sixty_short_pauses_are_the_sum_of_their_parts(
    key: str, target: str, opened: dt.datetime, gap: int
) -> None:
    step = gap * MICROSECOND
    facts, at, paused = [(opened, "open")], opened, NOTHING
    for k in range(60):
        begin, at = at + step, at + step + k * MICROSECOND
        facts += [(begin, "waiting customer"), (at, "open")]
        paused += READ[key].between(begin, at)
    [clock] = story_of(target, key, facts).clocks
    assert clock.used + paused == READ[key].between(opened, at)


# ------------------------------------------------------------------------- any sequence of changes


@dataclass
class Oracle:
    """A slow reading of a plain desk's log: stretch by stretch, from nothing but the facts."""

    desk: Desk
    pieces: list[tuple[dt.datetime, dt.datetime, Calendar]]
    missed: bool = False
    due: dt.datetime | None = None
    used: dt.timedelta = NOTHING

    @classmethod
    def read(cls, desk: Desk) -> "Oracle":
        found = cls(desk, [])
        fields: dict[str, Any] = {}
        for fact, after in itertools.pairwise([*desk.facts, None]):
            assert fact is not None
            fields |= fact.changes()
            end = desk.ends if after is None else after.effective_at
            found._stretch(fields, fact.effective_at, end)
        return found

    def _row(self, fields: dict[str, Any]) -> Any:
        [policy] = [p for p in self.desk.versions.policies if p.key == f"for {fields['team']}"]
        return policy.plans[0].row_for(fields)

    def _stretch(self, fields: dict[str, Any], start: dt.datetime, end: dt.datetime) -> None:
        row = self._row(fields)
        calendar = self.desk.versions.calendar_at(row.calendar, start).calendar
        runs = fields["status"] in ("open", "in progress")
        if runs:
            self.pieces.append((start, end, calendar))
        target = row.target.length
        self.used = sum((c.between(a, b) for a, b, c in self.pieces), NOTHING)
        # A waiting clock misses a target that shrinks to one that was due before the wait began.
        waiting = fields["status"].startswith("waiting")
        self.due = self._reached(target)
        if self.due is not None and (runs or (waiting and self.due < self.pieces[-1][1])):
            self.missed |= self.due < end

    def _reached(self, target: dt.timedelta) -> dt.datetime | None:
        """Return the earliest instant at which the target is used up, in or after the pieces."""
        left = target
        for k, (start, end, calendar) in enumerate(self.pieces):
            last = k + 1 == len(self.pieces)
            at = calendar.add(start, left)
            goes_on = not last and self.pieces[k + 1][0] == end
            if at is not None and (last or at < end or (at == end and goes_on)):
                return at
            left -= calendar.between(start, end)
        return None


@given(desks(plain=True))
def test_no_second_is_lost_or_counted_twice(desk: Desk) -> None:
    expected = Oracle.read(desk)
    ticket = replay.replay("T-1", desk.facts, desk.versions, now=desk.ends)
    clock = ticket.clocks[-1]
    assert clock.used_at(desk.ends) == expected.used
    assert any(c.standing for c in ticket.clocks) is expected.missed
    if clock.state is State.RUNNING:
        assert clock.due == expected.due


@given(desks())
def test_segments_follow_each_other_and_add_up(desk: Desk) -> None:
    for clock in replay.replay("T-1", desk.facts, desk.versions, now=desk.ends).clocks:
        for one, other in itertools.pairwise(clock.segments):
            assert one.end == other.start
        for segment in clock.segments:
            if segment.end is not None:
                ran = segment.state is State.RUNNING
                open_time = segment.calendar.calendar.between(segment.start, segment.end)
                assert segment.used == (open_time if ran else NOTHING)
        counted = [s.used for s in clock.segments if s.start >= clock.anchor]
        assert sum(counted, NOTHING) == clock.used
        assert (clock.segments[-1].end is None) is clock.live


@given(desks())
def test_a_due_is_missed_once(desk: Desk) -> None:
    for clock in replay.replay("T-1", desk.facts, desk.versions, now=desk.ends).clocks:
        dues = [breach.due for breach in clock.standing]
        assert len(dues) == len(set(dues))
        for breach in clock.standing:
            assert clock.started_at <= breach.breached_at
            assert breach.due <= breach.breached_at <= desk.ends


@given(desks())
def test_a_clock_that_follows_answers_for_its_own_policy_only(desk: Desk) -> None:
    ticket = replay.replay("T-1", desk.facts, desk.versions, now=desk.ends)
    ended: dict[object, dt.datetime] = {}
    for clock in ticket.clocks:
        slot = (clock.terms.agreement, clock.terms.definition.key, clock.cycle)
        begun = ended.get(slot, clock.started_at)
        # What another version had shown to be missed stays on record where it was.
        for breach in clock.standing:
            assert breach.breached_at >= begun
            assert breach.terms.same_policy == clock.terms.same_policy
        if clock.state is State.REPLACED:
            assert clock.stopped_at is not None
            ended[slot] = clock.stopped_at


@given(desks(), st.data())
def test_a_version_with_the_same_hours_changes_nothing(desk: Desk, data: st.DataObject) -> None:
    key = data.draw(calendar_keys)
    assume(not isinstance(desk.data["calendars"][key], list))
    same = {**desk.data["calendars"], key: [CALENDARS[key], dict(CALENDARS[key])]}
    versions = desk.with_calendars(same)
    payload = {"calendar": key, "version": 2}
    when = data.draw(st.one_of(instants(desk.begins), st.sampled_from(dues(desk) or [desk.begins])))
    cut = Event("T-1", Kind.CALENDAR_VERSION, when, "cut", payload, source_seq=99)
    before, after = (
        replay.replay("T-1", facts, chosen, now=desk.ends)
        for facts, chosen in ((desk.facts, desk.versions), ([*desk.facts, cut], versions))
    )
    assert summaries(before, desk.ends) == summaries(after, desk.ends)


def dues(desk: Desk) -> list[dt.datetime]:
    ticket = replay.replay("T-1", desk.facts, desk.versions, now=desk.ends)
    return [clock.due for clock in ticket.clocks if clock.due is not None]


@given(desks(plain=True), st.data())
def test_a_priority_that_flips_and_flips_back_changes_nothing(
    desk: Desk, data: st.DataObject
) -> None:
    last = desk.facts[-1].effective_at
    before = replay.replay("T-1", desk.facts, desk.versions, now=last)
    due = before.clocks[-1].due or last
    at = max(last, data.draw(st.one_of(instants(desk.begins), st.just(due))))
    was = str(before.fields["priority"])
    longer = max(("P1", "P2", "P3"), key=lambda name: target_of(desk, before, name))
    assume(longer != was)
    # A target that is missed already when it comes is a breach of its own.
    clock = before.clocks[-1]
    in_time = clock.due is not None and at <= clock.due
    assume(in_time or clock.used_at(at) < target_of(desk, before, longer))
    facts = [
        Event("T-1", Kind.PRIORITY, at, f"flip {k}", {"to": to}, source_seq=90 + k)
        for k, to in enumerate([longer, was] * 3)
    ]
    after = replay.replay("T-1", [*desk.facts, *facts], desk.versions, now=desk.ends)
    before = replay.at(before, desk.ends)
    assert summaries(before, desk.ends) == summaries(after, desk.ends)


def target_of(desk: Desk, ticket: Ticket, priority: str) -> dt.timedelta:
    [policy] = [p for p in desk.versions.policies if p.key == f"for {ticket.fields['team']}"]
    row = policy.plans[0].row_for({**ticket.fields, "priority": priority})
    assert row is not None
    return row.target.length


# ---------------------------------------------------------------------------- order and repetition


@given(desks(), st.data())
def test_any_order_of_arrival_gives_the_same_ticket(desk: Desk, data: st.DataObject) -> None:
    now = desk.ends
    expected = replay.replay("T-1", desk.facts, desk.versions, now=now)
    arrival = data.draw(st.permutations(desk.facts))
    assert replay.replay("T-1", arrival, desk.versions, now=now) == expected
    learned, known = Ticket("T-1"), list[Event]()
    for fact in arrival:
        learned = replay.learn(learned, known, fact, desk.versions)
        known.append(fact)
        learned = replay.learn(learned, known, fact, desk.versions)  # a redelivery
    assert replay.at(learned, now) == expected
    assert repr(replay.at(learned, now)) == repr(expected)


@given(desks())
def test_taking_facts_one_by_one_equals_replay_at_every_step(desk: Desk) -> None:
    state = Ticket("T-1")
    for k, (fact, after) in enumerate(itertools.pairwise([*desk.facts, None])):
        assert fact is not None
        state = replay.learn(state, desk.facts[:k], fact, desk.versions)
        now = desk.ends if after is None else after.effective_at
        whole = replay.replay("T-1", desk.facts[: k + 1], desk.versions, now=now)
        assert replay.at(state, now) == whole
        # What falls due by itself may be put on record at any time.
        assert replay.at(replay.at(state, fact.effective_at), now) == whole
        # So a state may be kept from any fact on, once it has been folded as a whole.
        kept = replay.fold("T-1", desk.facts[: k + 1], desk.versions)
        assert replay.at(kept, now) == whole


@given(desks(), st.data())
def test_what_time_alone_does_is_done_once_and_in_any_steps(
    desk: Desk, data: st.DataObject
) -> None:
    some = data.draw(st.integers(1, len(desk.facts)))
    state = replay.fold("T-1", desk.facts[:some], desk.versions)
    begun = desk.facts[some - 1].effective_at
    later = data.draw(st.lists(instants(begun), min_size=1, max_size=3).map(sorted))
    stepped = state
    for now in later:
        stepped = replay.at(stepped, now)
        assert replay.at(stepped, now) is stepped
        assert stepped == replay.at(state, now)


@given(desks(), st.data())
def test_the_rows_of_a_ticket_are_those_of_its_replay_at_any_instant(
    desk: Desk, data: st.DataObject
) -> None:
    now = data.draw(instants(desk.begins))
    known, state = list[Event](), Ticket("T-1")
    for fact in data.draw(st.permutations([f for f in desk.facts if f.effective_at <= now])):
        state = replay.learn(state, known, fact, desk.versions)
        known.append(fact)
    if not known:
        return
    log = events.in_order(known)
    whole = replay.replay("T-1", log, desk.versions, now=now)
    rows = projection.clocks(whole, log, now=now)
    assert projection.clocks(state, log, now=now) == rows
    row = projection.ticket(whole, log, rows)
    assert projection.ticket(replay.at(state, now), log, rows) == row


@given(desks(fixed=True, without=(Kind.ACKNOWLEDGEMENT,)))
def test_a_week_later_everything_is_a_week_later(desk: Desk) -> None:
    later = [replace(f, effective_at=f.effective_at + WEEK) for f in desk.facts]
    one = decide.rehearse("T-1", desk.facts, desk.versions, now=desk.ends)
    other = decide.rehearse("T-1", later, desk.versions, now=desk.ends + WEEK)
    assert [shifted(clock, WEEK) for clock in one.ticket.clocks] == [
        shifted(clock, NOTHING) for clock in other.ticket.clocks
    ]
    assert [(at + WEEK, word(effect)) for at, effect in one.effects] == [
        (at, word(effect)) for at, effect in other.effects
    ]


def shifted(clock: Clock, by: dt.timedelta) -> tuple[object, ...]:
    return (
        clock.id,
        clock.state,
        clock.used,
        clock.due and clock.due + by,
        clock.anchor + by,
        [(s.state, s.start + by, s.end and s.end + by, s.used, s.reason) for s in clock.segments],
        [(b.due + by, b.breached_at + by, b.cause) for b in clock.breaches],
    )


def word(effect: Effect) -> tuple[object, ...]:
    which = effect.key.which if not isinstance(effect, Notify) else len(effect.items)
    return (effect.key.deed, effect.key.clock, which, getattr(effect, "superseded", None))


# -------------------------------------------------------------------------------------- decisions


@dataclass(frozen=True, repr=False)
class Life:
    """A desk as it was lived: facts arrive when they please, the pulse beats when it can."""

    desk: Desk
    moments: tuple[tuple[dt.datetime, Event | None], ...]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        shown = [f"{when} {fact.key if fact else 'pulse'}" for when, fact in self.moments]
        printer.text("\n".join([repr(self.desk), *shown]))

    def decisions(self) -> Iterator[tuple[dt.datetime, Snapshot, Decision]]:
        """Yield each decision with what it was made on; its effects are carried out at once."""
        state, known, done = Ticket("T-1"), list[Event](), frozenset[Key]()
        for now, fact in self.moments:
            if fact is not None:
                state = replay.learn(state, known, fact, self.desk.versions)
                known.append(fact)
                continue
            snapshot = Snapshot(state, done)
            decision = decide.decide(snapshot, now=now)
            done |= {effect.key for effect in decision.effects}
            yield now, snapshot, decision


@st.composite
def lives(draw: st.DrawFn, *, late: bool = True) -> Life:
    desk = draw(desks())
    moments: list[tuple[dt.datetime, int, Event | None]] = []
    for fact in desk.facts:
        lag = draw(st.integers(0, 72)) if late and draw(st.booleans()) else 0
        moments.append((fact.effective_at + dt.timedelta(hours=lag), 0, fact))
    begun = min(when for when, _, _ in moments)
    for when in draw(st.lists(instants(desk.begins), max_size=6)):
        moments.append((max(when, begun), 1, None))
    if draw(st.booleans()):
        moments += [(when, 1, None) for when, _, fact in moments if fact is not None]
    moments.append((desk.ends + dt.timedelta(days=3), 1, None))
    moments.sort(key=lambda moment: moment[:2])
    return Life(desk, tuple((when, fact) for when, _, fact in moments))


@given(lives())
def test_nothing_is_done_twice_in_any_life(life: Life) -> None:
    keys = [effect.key for _, _, made in life.decisions() for effect in made.effects]
    assert len(keys) == len(set(keys))


@given(lives())
def test_deciding_again_decides_nothing(life: Life) -> None:
    for now, snapshot, decision in life.decisions():
        done = snapshot.done | {effect.key for effect in decision.effects}
        again = decide.decide(Snapshot(snapshot.ticket, done), now=now)
        assert again == Decision((), decision.wake_at)


@given(lives())
def test_it_wakes_later_and_not_too_late(life: Life) -> None:
    for now, snapshot, decision in life.decisions():
        done = snapshot.done | {effect.key for effect in decision.effects}
        ahead = [
            clock.due
            for clock in snapshot.ticket.clocks
            if clock.state is State.RUNNING and clock.due is not None and clock.due >= now
        ]
        if ahead:
            assert decision.wake_at is not None
            assert decision.wake_at <= min(ahead) + MICROSECOND
        wake = decision.wake_at or now + dt.timedelta(days=60)
        assert wake > now
        asleep = decide.decide(Snapshot(snapshot.ticket, done), now=wake - MICROSECOND)
        assert asleep.effects == ()


@given(lives())
def test_what_is_on_record_is_what_is_true(life: Life) -> None:
    recorded: dict[Key, tuple[object, ...]] = {}
    lived = list(life.decisions())
    for now, _, decision in lived:
        for effect in decision.effects:
            if isinstance(effect, Restate):
                del recorded[effect.withdrawn]
            elif isinstance(effect, Breached):
                breach = effect.breach
                recorded[effect.key] = (effect.key.clock, breach.due, breach.breached_at)
                assert effect.detected_at == now >= breach.breached_at
    now, snapshot, _ = lived[-1]
    truth = [
        (clock.id, breach.due, breach.breached_at)
        for clock in replay.at(snapshot.ticket, now).clocks
        for breach in clock.standing
    ]
    assert sorted(map(repr, recorded.values())) == sorted(map(repr, truth))


@given(lives(late=False))
def test_a_pulse_that_sleeps_records_what_an_unfailing_one_does(life: Life) -> None:
    desk, end = life.desk, life.moments[-1][0]
    unfailing = [e for _, e in decide.rehearse("T-1", desk.facts, desk.versions, now=end).effects]
    sleeping = [e for _, _, made in life.decisions() for e in made.effects]
    assert violations(sleeping) == violations(unfailing)


def violations(effects: list[Effect]) -> set[tuple[object, ...]]:
    withdrawn = {e.withdrawn for e in effects if isinstance(e, Restate)}
    return {
        (e.key.clock, e.breach.due, e.breach.breached_at, e.breach.cause)
        for e in effects
        if isinstance(e, Breached) and e.key not in withdrawn
    }


@given(lives())
def test_one_warning_of_a_clock_at_a_time_and_none_before_its_due_after_it(life: Life) -> None:
    for now, _, decision in life.decisions():
        sent = [e for e in decision.effects if isinstance(e, Warn) and not e.superseded]
        clocks = [warning.key.clock for warning in sent]
        assert len(clocks) == len(set(clocks))
        for warning in sent:
            assert warning.planned_at <= now
            assert warning.late == now - warning.planned_at
            assert not warning.alert.before or now <= warning.due


@given(lives())
def test_nothing_that_was_recorded_is_undone_by_a_clock_that_jumps_back(life: Life) -> None:
    for now, snapshot, decision in life.decisions():
        done = snapshot.done | {effect.key for effect in decision.effects}
        for back in (MICROSECOND, dt.timedelta(hours=3), dt.timedelta(days=4)):
            earlier = decide.decide(Snapshot(snapshot.ticket, done), now=now - back)
            assert not any(isinstance(effect, Restate) for effect in earlier.effects)


@given(desks())
def test_a_verdict_once_given_does_not_depend_on_when_one_looks(desk: Desk) -> None:
    ticket = replay.replay("T-1", desk.facts, desk.versions, now=desk.ends)
    for clock in ticket.clocks:
        found = verdict.of(clock, now=desk.ends)
        if not clock.live:
            assert verdict.of(clock, now=desk.ends + WEEK) == found
        placed = verdict.decided_at(clock, now=desk.ends)
        assert (placed is not None) is (found in ("met", "breached"))


@pytest.mark.parametrize("side", list(Side))
def test_what_a_person_answers_counts_and_nothing_else(side: Side) -> None:
    story = Story(promise("first response", "4h"))
    story.opened("Mon 09:00")
    story.fact("Mon 10:00", Kind.AGENT_MESSAGE, side)
    assert story.clock("first response").live is (side is not Side.AGENT)
