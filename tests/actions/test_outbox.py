"""Letters on a real database: leases, fencing, the retry schedule, giving up and going again."""

import datetime as dt
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import Company, Database, company
from tests.mailbox import write_letter

from tocsin.actions import outbox
from tocsin.actions.outbox import FailedForGood, FailedForNow, LeaseLost, Sent, Unsure
from tocsin.queries.access import NotFound

MINUTE = dt.timedelta(minutes=1)
SCHEDULE = [5, 30, 120, 600, 1800, 3600, 3600]
OUTCOMES = [Sent(), FailedForNow("later"), FailedForGood("never"), Unsure("who knows")]


def start(database: Database) -> Company:
    made = company()
    database.play("worker")
    return made


def row(database: Database, id_: int) -> dict[str, Any]:
    names = ("state", "attempts", "maybe_sent", "told", "lease_token", "sent_at")
    found = database.rows(f"SELECT {', '.join(names)} FROM outbox WHERE id = %s", id_)[0]
    return dict(zip(names, found, strict=True))


def ripe(database: Database) -> None:
    """Let all time pass that anybody waits for."""
    database.rows(
        "UPDATE outbox SET next_at = LEAST(next_at, clock_timestamp()),"
        " lease_until = CASE WHEN lease_until IS NULL THEN NULL ELSE clock_timestamp() END"
    )


def only() -> outbox.Lease:
    found = outbox.claim()
    assert len(found) == 1
    return found[0]


# ----------------------------------------------------------------------------------- the schedule


@pytest.mark.promise("P11")
@given(st.text(), st.integers(min_value=1, max_value=200))
def test_a_delay_is_the_usual_one_give_or_take_a_fifth(key: str, attempts: int) -> None:
    usual = SCHEDULE[min(attempts, len(SCHEDULE)) - 1]
    found = outbox.delay(key, attempts).total_seconds()
    assert 0.8 * usual <= found <= 1.2 * usual
    assert outbox.delay(key, attempts).total_seconds() == found


def test_letters_that_failed_together_come_back_apart() -> None:
    found = sorted(outbox.delay(f"effect/{k}", 6).total_seconds() for k in range(500))
    assert found[0] < 0.85 * 3600
    assert found[-1] > 1.15 * 3600
    # Nobody gets more than a tenth of them in one twentieth of the time.
    buckets = [sum(low <= x < low + 72 for x in found) for low in range(2880, 4320, 72)]
    assert max(buckets) < 50


@pytest.mark.promise("P11")
def test_what_fails_for_now_is_tried_for_48_hours_and_then_dead(database: Database) -> None:
    id_ = write_letter(database, start(database), "one")
    begun = now = database.one("SELECT created_at FROM outbox")
    attempts = 0
    while row(database, id_)["state"] != "dead":
        ripe(database)
        lease = only()
        attempts += 1
        assert lease.attempts == attempts
        outbox.complete(lease, FailedForNow("451 later"), now=now)
        if row(database, id_)["state"] == "pending":
            next_at = database.one("SELECT next_at FROM outbox")
            usual = SCHEDULE[min(attempts, len(SCHEDULE)) - 1]
            assert 0.8 * usual <= (next_at - now).total_seconds() <= 1.2 * usual
            now = next_at
    assert dt.timedelta(hours=46) < now - begun <= dt.timedelta(hours=48)
    assert attempts > 40
    assert row(database, id_)["told"] == "451 later (given up after 48 hours)"
    ripe(database)
    assert outbox.claim() == []


@pytest.mark.promise("P11")
@pytest.mark.parametrize(("asked", "waits"), [(2, 5), (3600, 3600), (None, 5)])
def test_what_the_provider_asks_for_is_honoured(
    database: Database, asked: int | None, waits: int
) -> None:
    write_letter(database, start(database), "one")
    now = outbox.look()[0]
    retry_after = None if asked is None else dt.timedelta(seconds=asked)
    outbox.complete(only(), FailedForNow("later", retry_after), now=now)
    next_at = database.one("SELECT next_at FROM outbox")
    assert 0.8 * waits <= (next_at - now).total_seconds() <= 1.2 * waits


def test_to_wait_beyond_48_hours_is_to_give_up(database: Database) -> None:
    id_ = write_letter(database, start(database), "one")
    outbox.complete(only(), FailedForNow("busy", dt.timedelta(hours=49)))
    assert row(database, id_)["state"] == "dead"


# --------------------------------------------------------------------------------- leases, fencing


def test_a_letter_is_read_whole_and_urgent_ones_come_first(database: Database) -> None:
    acme, other = company(), company("other")
    late = write_letter(database, acme, "late", age="1 h")
    urgent = write_letter(database, other, "urgent", urgent=True, person="mia")
    database.play("worker")
    found = outbox.claim(most=5)
    assert [lease.id for lease in found] == [urgent, late]
    assert found[0].recipient == outbox.Recipient("Mia", "mia@other.example", "en", "UTC")
    assert (found[0].tenant, found[0].about) == (other.tenant, None)
    assert outbox.claim() == []


def test_somebody_who_left_has_no_address(database: Database) -> None:
    desk = start(database)
    write_letter(database, desk, "one")
    database.rows("UPDATE person SET is_active = false WHERE id = %s", desk.people["ann"])
    found = only().recipient
    assert found is not None
    assert found.address == ""


def test_sent_is_sent(database: Database) -> None:
    id_ = write_letter(database, start(database), "one")
    lease = only()
    assert outbox.begin(lease)
    assert outbox.complete(lease, Sent()) == "sent"
    found = row(database, id_)
    assert (found["state"], found["maybe_sent"], found["told"]) == ("sent", False, "")
    assert found["sent_at"] is not None
    assert found["lease_token"] is None


def test_failed_for_good_is_dead_at_once(database: Database) -> None:
    id_ = write_letter(database, start(database), "one")
    outbox.complete(only(), FailedForGood("550 no\x00such\r\nuser"))
    assert (row(database, id_)["state"], row(database, id_)["told"]) == ("dead", "550 no such user")


@pytest.mark.promise("P3")
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("since", ["claimed", "sent", "given back"])
def test_a_zombie_changes_nothing(
    database: Database, caplog: pytest.LogCaptureFixture, outcome: outbox.Outcome, since: str
) -> None:
    write_letter(database, start(database), "one")
    zombie = only()
    ripe(database)
    taken = only()
    assert taken.token != zombie.token
    if since == "sent":
        outbox.complete(taken, Sent())
    elif since == "given back":
        outbox.postpone(taken, "not now", MINUTE)
    before = database.rows("SELECT * FROM outbox")
    for act in (
        lambda: outbox.complete(zombie, outcome),
        lambda: outbox.begin(zombie),
        lambda: outbox.postpone(zombie, "no", MINUTE),
    ):
        caplog.clear()
        with pytest.raises(LeaseLost), caplog.at_level(logging.WARNING):
            act()
        assert "LeaseLost" in caplog.text
    assert database.rows("SELECT * FROM outbox") == before


@pytest.mark.promise("P3")
def test_a_lease_of_another_tenant_is_none(database: Database) -> None:
    desk, other = start(database), company("other")
    write_letter(database, desk, "one")
    lease = only()
    stolen = outbox.Lease(
        **{
            name: getattr(lease, name)
            for name in outbox.Lease.__dataclass_fields__
            if name != "tenant"
        },
        tenant=other.tenant,
    )
    with pytest.raises(LeaseLost):
        outbox.complete(stolen, Sent())


def test_a_lease_that_ended_unnoticed_still_counts(database: Database) -> None:
    id_ = write_letter(database, start(database), "one")
    lease = only()
    ripe(database)
    outbox.complete(lease, Sent())
    assert row(database, id_)["state"] == "sent"


# ------------------------------------------------------------------------ what may have been sent


@pytest.mark.promise("P2")
@pytest.mark.scenario("E40")
def test_a_lease_that_ran_out_comes_back_as_maybe_sent_with_the_same_key(
    database: Database,
) -> None:
    id_ = write_letter(database, start(database), "one")
    first = only()
    assert outbox.begin(first)
    ripe(database)
    again = only()
    assert (again.key, again.maybe_sent, again.handed) == (first.key, True, True)
    assert outbox.begin(again)
    outbox.complete(again, Sent())
    assert (row(database, id_)["state"], row(database, id_)["maybe_sent"]) == ("sent", True)


@pytest.mark.promise("P2")
def test_two_deaths_while_sending_end_it(database: Database) -> None:
    id_ = write_letter(database, start(database), "one")
    for _ in range(2):
        assert outbox.begin(only())
        ripe(database)
    assert not outbox.begin(only())
    assert row(database, id_)["state"] == "unsure"
    ripe(database)
    assert outbox.claim() == []


def test_dying_with_letters_that_were_not_begun_costs_them_nothing(database: Database) -> None:
    id_ = write_letter(database, start(database), "one")
    for _ in range(5):
        only()
        ripe(database)
    lease = only()
    assert outbox.begin(lease)
    outbox.complete(lease, Sent())
    assert row(database, id_)["maybe_sent"] is False


@pytest.mark.promise("P2")
@pytest.mark.parametrize("between", [None, FailedForNow("451")])
def test_unsure_is_tried_once_more_and_no_further(
    database: Database, between: outbox.Outcome | None
) -> None:
    id_ = write_letter(database, start(database), "one")
    lease = only()
    assert outbox.begin(lease)
    assert outbox.complete(lease, Unsure("cut")) == "pending"
    assert row(database, id_)["maybe_sent"] is True
    for outcome in [between] if between else []:
        ripe(database)
        lease = only()
        assert outbox.begin(lease)
        # It was surely not taken this time, so one more copy is still the second at most.
        assert outbox.complete(lease, outcome) == "pending"
    ripe(database)
    lease = only()
    assert outbox.begin(lease)
    assert outbox.complete(lease, Unsure("cut again")) == "unsure"
    assert row(database, id_)["told"] == "may have been sent twice: cut again"


def test_giving_back_forgets_nothing_of_what_may_have_been_sent(database: Database) -> None:
    write_letter(database, start(database), "one")
    for _ in range(2):
        assert outbox.begin(only())
        ripe(database)
    outbox.postpone(only(), "the provider is away", dt.timedelta(0))
    assert not outbox.begin(only())


# ------------------------------------------------------------------ giving back, and dead letters


def test_giving_back_is_no_attempt(database: Database) -> None:
    id_ = write_letter(database, start(database), "one")
    now = outbox.look()[0]
    outbox.postpone(only(), "the provider is away", MINUTE, now=now)
    found = row(database, id_)
    assert (found["state"], found["attempts"]) == ("pending", 0)
    assert found["told"] == "the provider is away"
    assert database.one("SELECT next_at FROM outbox") == now + MINUTE


@pytest.mark.parametrize(("expires", "state"), [(True, "dead"), (False, "pending")])
def test_what_waits_for_a_provider_expires_and_what_waits_for_set_up_does_not(
    database: Database, expires: bool, state: str
) -> None:
    id_ = write_letter(database, start(database), "one", age="49 h")
    outbox.postpone(only(), "away", MINUTE, expires=expires)
    assert row(database, id_)["state"] == state


@pytest.mark.promise("P11")
def test_a_dead_letter_is_listed_and_goes_again(database: Database) -> None:
    desk = start(database)
    id_ = write_letter(database, desk, "one", age="50 h", urgent=True)
    outbox.complete(only(), FailedForNow("451 later"))
    database.play("app")
    dora = desk.person("dora", "administrator")
    (dead,) = outbox.dead_letters(by=dora)
    assert (dead.id, dead.state, dead.person, dead.urgent) == (id_, "dead", "Ann", True)
    assert dead.reason == "451 later (given up after 48 hours)"
    outbox.replay(id_, by=dora)
    assert outbox.dead_letters(by=dora) == []
    told = "SELECT payload, actor FROM event WHERE payload LIKE '%%letter replayed%%'"
    assert database.rows(told) == [('{"did":"letter replayed","letter":"one"}', dora.name)]
    database.play("worker")
    lease = only()
    assert (lease.key, lease.attempts) == ("one", 1)
    # Its 48 hours began anew.
    assert outbox.complete(lease, FailedForNow("451 still")) == "pending"


def test_only_dead_letters_of_ones_own_desk_go_again(database: Database) -> None:
    desk, other = start(database), company("other")
    pending = write_letter(database, desk, "one")
    with pytest.raises(NotFound):
        outbox.replay(pending, by=desk.operator)
    outbox.complete(only(), FailedForGood("550"))
    for by in (other.operator, desk.person("ann")):
        with pytest.raises(NotFound):
            outbox.replay(pending, by=by)
    assert outbox.dead_letters(by=other.operator) == []
    assert row(database, pending)["state"] == "dead"


def test_a_worker_tells_that_it_is_alive(database: Database) -> None:
    start(database)
    outbox.beat("me", {"sent": 1})
    outbox.beat("me", {"sent": 2})
    assert database.rows("SELECT process, kind, told FROM beat") == [
        ("me", "worker", '{"sent": 2}')
    ]


@pytest.mark.promise("P10")
@pytest.mark.parametrize("outcome", [FailedForGood("no such mailbox"), Unsure("cut off")])
def test_an_administrator_hears_once_of_a_letter_that_was_given_up(
    database: Database, outcome: FailedForGood | Unsure
) -> None:
    desk = start(database)
    write_letter(database, desk, "one")
    # The one that is unsure is tried once more before.
    for _ in range(2):
        ripe(database)
        for lease in outbox.claim():
            outbox.begin(lease)
            outbox.complete(lease, outcome)
    told = database.rows("SELECT person_id, parts FROM notification")
    assert [person for person, _ in told] == [desk.people["dora"]]
    assert str(outcome.reason) in told[0][1]
    # Not by the way that has just failed.
    assert database.one("SELECT count(*) FROM outbox") == 1
