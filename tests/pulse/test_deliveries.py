"""Workers, a real database and a mail provider with weather."""

import datetime as dt
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import connections
from tests.desk import Database, company
from tests.mailbox import Provider, eventually, provider, write_letter

from tocsin.actions import outbox
from tocsin.actions.outbox import FailedForNow, Lease, Outcome, Sent
from tocsin.channels.email.send import Smtp
from tocsin.kit import machine_clock
from tocsin.pulse.deliveries import Deliveries, Pace
from tocsin.pulse.deliveries import Provider as Paced

pytestmark = pytest.mark.long("processes that deliver, and die of it")

HURRY = Pace(
    pause=dt.timedelta(milliseconds=200), crowded=dt.timedelta(0), beat_s=0.05, drain_s=5.0
)


@contextmanager
def working(
    database: Database, smtp: Smtp | None, *, count: int = 1, **given: Any
) -> Iterator[list[Deliveries]]:
    database.play("worker")
    stop = threading.Event()
    usual: dict[str, Any] = {"url": database.url, "pace": HURRY, **given}
    made = [Deliveries(smtp, stop, name=f"worker {k}", **usual) for k in range(count)]
    threads = [threading.Thread(target=one.run, daemon=True) for one in made]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def states(database: Database) -> Counter[str]:
    return Counter(dict(database.rows("SELECT state, count(*)::int FROM outbox GROUP BY 1")))


def ripe(database: Database) -> None:
    """Let the time pass that letters wait for."""
    database.rows("UPDATE outbox SET next_at = clock_timestamp() WHERE state = 'pending'")


def all_are(database: Database, state: str) -> bool:
    found = states(database)
    return set(found) == {state}


@pytest.fixture
def there() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.mark.promise("P2")
def test_two_workers_send_every_letter_once(database: Database, there: Provider) -> None:
    desks = [company(), company("other")]
    for k in range(60):
        write_letter(database, desks[k % 2], f"letter {k}", urgent=k % 7 == 0)
    with working(database, there.address(), count=2):
        eventually(lambda: all_are(database, "sent"))
    assert len(there.received) == len(set(there.ids())) == 60
    assert Counter(to for to, _ in there.received) == {
        "ann@acme.example": 30,
        "ann@other.example": 30,
    }
    assert database.one("SELECT bool_and(NOT maybe_sent AND attempts = 1) FROM outbox")


def test_the_bell_wakes_a_worker(database: Database, there: Provider) -> None:
    desk = company()
    with working(database, there.address()):
        eventually(lambda: database.one("SELECT count(*) FROM beat WHERE kind = 'worker'") == 1)
        # Without the bell the worker would look once a second: five in a row would take five.
        begun = machine_clock.steady()
        for k in range(5):
            write_letter(database, desk, f"{k}")
            database.rows("SELECT pg_notify('tocsin', '')")
            eventually(lambda: len(there.received) == k + 1)  # noqa: B023  # called at once
        assert machine_clock.steady() - begun < 4


def test_urgent_letters_leave_first(database: Database, there: Provider) -> None:
    desk = company()
    for k in range(15):
        write_letter(
            database, desk, f"{k}", age="1 h", urgent=k >= 12, person="mia" if k >= 12 else "ann"
        )
    with working(database, there.address()):
        eventually(lambda: all_are(database, "sent"))
    # Four at once, so the order among the first four is open.
    first = [to for to, _ in there.received[:4]]
    assert first.count("mia@acme.example") >= 2


@pytest.mark.promise("P11")
def test_a_provider_that_was_away_loses_nothing(database: Database, there: Provider) -> None:
    desk = company()
    for k in range(40):
        write_letter(database, desk, f"letter {k}")
    there.weather = "421"
    with working(database, there.address()):
        eventually(lambda: there.connections >= 8)
        assert states(database)["sent"] == 0
        there.weather = "ok"

        def done() -> bool:
            ripe(database)
            return all_are(database, "sent")

        eventually(done)
    assert len(there.received) == len(set(there.ids())) == 40


@pytest.mark.promise("P11")
def test_a_provider_that_fails_is_left_alone(database: Database, there: Provider) -> None:
    desk = company()
    for k in range(40):
        write_letter(database, desk, f"letter {k}")
    there.weather = "421"
    pace = Pace(pause=dt.timedelta(hours=1))
    with working(database, there.address(), pace=pace):
        eventually(lambda: database.one("SELECT bool_and(next_at > clock_timestamp()) FROM outbox"))
    # Five in a row open the breaker; three more were on their way by then.
    assert 5 <= there.connections <= 8
    left = "SELECT count(*) FROM outbox WHERE told LIKE '%%left alone%%' AND attempts = 0"
    assert database.one(left) == 40 - there.connections


@pytest.mark.promise("P11")
def test_a_provider_that_hangs_delays_no_other(database: Database) -> None:
    desk = company()
    for k in range(30):
        write_letter(database, desk, f"mail {k}", age="1 h", urgent=True)
        write_letter(database, desk, f"chat {k}", channel="chat")
    chatted: list[str] = []

    def chat(lease: Lease) -> Outcome:
        chatted.append(lease.key)
        return Sent()

    with provider("hang") as there:
        with working(database, there.address(timeout_s=30.0)) as (worker,):
            worker.add("chat", chat)
            # Sent, and put down as sent, while all mail hangs.
            eventually(lambda: len(chatted) == 30 and states(database)["sent"] == 30)
            there.thaw.set()
        assert len(set(chatted)) == 30


@pytest.mark.promise("P11")
def test_a_letter_whose_answer_is_lost_is_seen_twice_at_most(
    database: Database, there: Provider
) -> None:
    desk = company()
    write_letter(database, desk, "one")
    there.weather = "cut"
    with working(database, there.address()):

        def done() -> bool:
            ripe(database)
            return all_are(database, "unsure")

        eventually(done)
    assert len(there.received) == 2
    assert len(set(there.ids())) == 1
    assert database.one("SELECT maybe_sent FROM outbox")


@pytest.mark.promise("P2")
def test_what_a_dead_worker_had_is_sent_again_under_the_same_id(
    database: Database, there: Provider
) -> None:
    desk = company()
    write_letter(database, desk, "one")
    database.play("worker")
    # One worker that dies after it has handed the letter over, before it could write so.
    (lease,) = outbox.claim()
    assert outbox.begin(lease)
    from tocsin.channels.email import letters, send

    assert send.send(letters.letter(lease), there.address()) == Sent()
    database.rows("UPDATE outbox SET lease_until = clock_timestamp()")
    with working(database, there.address()):
        eventually(lambda: all_are(database, "sent"))
    assert len(there.received) == 2
    assert len(set(there.ids())) == 1
    assert database.one("SELECT maybe_sent FROM outbox")
    database.play("worker")
    with pytest.raises(outbox.LeaseLost):
        outbox.complete(lease, Sent())


@pytest.mark.promise("P3")
def test_a_letter_whose_lease_is_lost_is_not_sent(database: Database) -> None:
    desk = company()
    write_letter(database, desk, "one")
    sent: list[str] = []
    stop = threading.Event()
    database.play("worker")
    worker = Deliveries(None, stop, url=database.url, pace=HURRY)

    def sender(lease: Lease) -> Outcome:
        sent.append(lease.key)
        return Sent()

    worker.add("mail", sender)
    assert worker._claim()
    # Frozen here; meanwhile another one takes the letter over and sends it.
    database.rows("UPDATE outbox SET lease_until = clock_timestamp()")
    (taken,) = outbox.claim()
    outbox.complete(taken, Sent())
    worker._hand_over()
    stop.set()
    worker.run()
    assert sent == []
    assert all_are(database, "sent")


def test_without_a_mail_server_letters_wait_and_say_why(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    desk = company()
    for k in range(3):
        write_letter(database, desk, f"{k}", age="60 h")
    with caplog.at_level(logging.WARNING), working(database, None):
        eventually(lambda: database.one("SELECT bool_and(next_at > clock_timestamp()) FROM outbox"))
    assert database.rows("SELECT DISTINCT state, attempts, told FROM outbox") == [
        ("pending", 0, "nothing is configured that sends mail")
    ]
    assert caplog.text.count("TOCSIN_SMTP_URL") == 1


def test_a_letter_that_cannot_be_worded_stops_nobody(database: Database, there: Provider) -> None:
    desk = company()
    poison = write_letter(database, desk, "poison", parts="{]", age="1 h")
    write_letter(database, desk, "good")
    with working(database, there.address()):
        eventually(lambda: not {"pending", "sending"} & set(states(database)))
    assert database.one("SELECT state FROM outbox WHERE id = %s", poison) == "dead"
    assert states(database) == {"dead": 1, "sent": 1}


def test_a_database_that_was_away_is_waited_for(database: Database, there: Provider) -> None:
    desk = company()
    with working(database, there.address()):
        write_letter(database, desk, "before")
        eventually(lambda: all_are(database, "sent"))
        database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        write_letter(database, desk, "after")
        eventually(lambda: states(database)["sent"] == 2)
    assert len(there.received) == 2
    with suppress(Exception):
        connections.close_all()  # the test's own was ended as well


def test_a_worker_that_is_stopped_gives_back_what_it_has_not_begun(database: Database) -> None:
    desk = company()
    for k in range(20):
        write_letter(database, desk, f"{k}")
    gate, begun = threading.Event(), threading.Semaphore(0)

    def slow(_: Lease) -> Outcome:
        begun.release()
        gate.wait(60)
        return Sent()

    with working(database, None) as (worker,):
        worker.add("mail", slow)
        ripe(database)
        for _ in range(4):
            assert begun.acquire(timeout=60)
        worker.stop.set()
        eventually(lambda: states(database)["pending"] == 16)
        gate.set()
    assert states(database) == {"pending": 16, "sent": 4}
    assert database.one("SELECT max(attempts) FROM outbox WHERE state = 'pending'") == 0


def test_a_worker_beats(database: Database, there: Provider) -> None:
    company()
    with working(database, there.address()):
        eventually(
            lambda: bool(
                database.rows("SELECT 1 FROM beat WHERE kind = 'worker' AND beat_at > started_at")
            )
        )
    assert database.rows("SELECT process FROM beat") == [("worker 0",)]


def test_one_letter_shows_whether_a_provider_is_back() -> None:
    paced = Paced("mail", lambda _: Sent(), Pace(pause=dt.timedelta(0)))
    for _ in range(4):
        paced.learn(FailedForNow("no"))
    assert (paced.paused_until, paced.room()) == (None, 4)
    paced.learn(FailedForNow("no"))
    assert paced.room() == 1
    paced.away = 1
    assert paced.room() == 0
    paced.away = 0
    paced.learn(Sent())
    assert (paced.failures, paced.room()) == (0, 4)
