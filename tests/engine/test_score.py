"""The order of work: laws that hold for every ticket, and the examples that people argue with."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.engine import score as scores
from tocsin.engine.score import PRIORITY, Reason, Subject, score

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR

instants = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))
subjects = st.builds(
    Subject,
    opened_at=instants,
    due_at=st.none() | instants,
    priority=st.sampled_from(["", "P1", "P2", "P3", "P4", "other"]),
    plan=st.sampled_from(["", "Enterprise", "gold", "unheard of"]),
    vip=st.booleans(),
    high_value=st.booleans(),
    waiting_since=st.none() | instants,
    aside=st.booleans(),
    missed=st.booleans(),
)


def before(one: Subject, other: Subject) -> bool:
    return score(one).rank_at < score(other).rank_at


# ------------------------------------------------------------------------------------ examples


@pytest.mark.parametrize("over", [dt.timedelta(0), HOUR, DAY, 3 * DAY])
def test_a_server_that_died_goes_above_yesterdays_question_though_that_is_late(
    over: dt.timedelta,
) -> None:
    server = Subject(NOON, NOON + HOUR, "P1", "Enterprise", waiting_since=NOON)
    question = Subject(NOON - DAY, NOON - over, "P3", waiting_since=NOON - DAY, missed=bool(over))
    assert before(server, question)


def test_what_is_overdue_for_long_comes_before_any_new_outage() -> None:
    outage = Subject(NOON, NOON + HOUR, "P1", "Enterprise", vip=True, high_value=True)
    assert before(Subject(NOON - 9 * DAY, NOON - 8 * DAY, "P4"), outage)


def test_it_is_not_first_in_first_out() -> None:
    early, late = Subject(NOON - DAY, NOON + 8 * HOUR, "P3"), Subject(NOON, NOON + HOUR, "P3")
    assert before(late, early)


def test_without_a_due_a_ticket_still_has_its_turn() -> None:
    forgotten = Subject(NOON - 3 * DAY, None, "P3")
    assert before(forgotten, Subject(NOON, NOON + 8 * HOUR, "P3"))


@given(subjects, subjects)
def test_nothing_that_waits_for_the_customer_stands_above_what_we_owe(
    one: Subject, owed: Subject
) -> None:
    one, owed = replace(one, aside=True, due_at=None), replace(owed, aside=False)
    assert before(owed, one)


def test_every_head_start_says_so() -> None:
    subject = Subject(
        NOON,
        NOON + HOUR,
        "P1",
        "Enterprise",
        vip=True,
        high_value=True,
        waiting_since=NOON,
        missed=True,
    )
    found = score(subject)
    assert found.reasons == (
        Reason("due", "2026-03-02T13:00:00+00:00"),
        Reason("priority", "P1", 96),
        Reason("plan", "Enterprise", 10),
        Reason("vip", "", 6),
        Reason("high value", "", 4),
        Reason("breached", "", 4),
        Reason("customer waiting", "2026-03-02T12:00:00+00:00", 3),
    )
    assert found.rank_at == NOON + HOUR - 123 * HOUR
    assert score(Subject(NOON)).reasons == (Reason("no due", "2026-03-02T12:00:00+00:00"),)
    assert score(Subject(NOON, aside=True)).reasons == (Reason("waiting customer"),)


# ------------------------------------------------------------------------------------ laws


@given(subjects, instants, instants)
def test_an_earlier_due_never_ranks_later(one: Subject, a: dt.datetime, b: dt.datetime) -> None:
    early, late = sorted((a, b))
    first, second = (score(replace(one, due_at=due)).rank_at for due in (early, late))
    assert second - first == late - early


@given(subjects)
def test_a_higher_priority_never_ranks_later(one: Subject) -> None:
    ranks = [score(replace(one, priority=p)).rank_at for p in ("P1", "P2", "P3", "P4")]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 4


@given(subjects)
def test_what_makes_a_ticket_matter_more_never_ranks_it_later(one: Subject) -> None:
    base = replace(one, plan="", vip=False, high_value=False, waiting_since=None, missed=False)
    for more in (
        replace(base, plan="Enterprise"),
        replace(base, vip=True),
        replace(base, high_value=True),
        replace(base, waiting_since=NOON),
        replace(base, missed=True),
    ):
        assert before(more, base), more


@given(subjects)
def test_a_place_is_what_its_reasons_add_up_to(one: Subject) -> None:
    found, again = score(one), score(replace(one))
    assert found == again
    base = {
        "due": one.due_at,
        "no due": one.opened_at + scores.PATIENCE,
        "waiting customer": one.opened_at + scores.ASIDE,
    }[found.reasons[0].key]
    assert base is not None
    assert found.rank_at == base - sum(reason.hours for reason in found.reasons) * HOUR
    assert found.reasons[0].hours == 0


@given(subjects, subjects, st.timedeltas(dt.timedelta(0), 20 * DAY))
def test_time_alone_changes_no_order(one: Subject, other: Subject, later: dt.timedelta) -> None:
    def moved(subject: Subject) -> Subject:
        due = subject.due_at
        return replace(subject, opened_at=subject.opened_at + later, due_at=due and due + later)

    assert before(one, other) == before(moved(one), moved(other))


def test_no_flag_outweighs_a_level_of_priority_and_all_of_them_not_p1_over_p3() -> None:
    steps = [PRIORITY[a] - PRIORITY[b] for a, b in (("P1", "P2"), ("P2", "P3"), ("P3", "P4"))]
    flags = [
        *(max(scores.PLAN.values()), scores.VIP, scores.HIGH_VALUE),
        *(scores.WAITING, scores.MISSED),
    ]
    assert min(steps) > max(flags)
    assert PRIORITY["P1"] - PRIORITY["P3"] > sum(flags)


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_time_are_no_error(year: int) -> None:
    far = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    for subject in (
        Subject(far, None, "P1"),
        Subject(far, far, "P1"),
        Subject(far, None, "P1", aside=True),
    ):
        assert score(subject).rank_at.tzinfo is dt.UTC
