"""Providers with weather: each at its own pace, nothing lost, nobody held up by another."""

import datetime as dt
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.desk import Company, Database, company
from tests.mailbox import eventually, provider, write_letter

from tocsin.actions import carriers, letters, outbox, providers
from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.actions.letters import FailedForGood, FailedForNow, Lease, Outcome, Sent, Unsure
from tocsin.channels import outgoing
from tocsin.channels.email.send import Smtp
from tocsin.kit import machine_clock
from tocsin.pulse.deliveries import Deliveries, Pace
from tocsin.pulse.pacing import Provider as Paced

pytestmark = pytest.mark.long("hours of providers that fail")

HURRY = Pace(
    pause=dt.timedelta(milliseconds=200),
    unready=dt.timedelta(milliseconds=200),
    crowded=dt.timedelta(0),
    beat_s=0.05,
    drain_s=5.0,
)
SECOND = dt.timedelta(seconds=1)


# ---------------------------------------------------------------- a provider that speaks HTTP


class _Talk(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        loft = self.server.loft
        key = self.rfile.read(int(self.headers["content-length"])).decode()
        with loft.lock:
            loft.asked.append(key)
        weather = loft.weather
        if weather == "hang":
            loft.thaw.wait(60)
            return
        if weather == "half open":
            self.wfile.write(b"HTTP/1.1 2")
            loft.thaw.wait(60)
            return
        status = int(weather)
        if status == 200:
            with loft.lock:
                loft.taken.append(key)
        body = json.dumps({"id": f"id of {key}"}).encode()
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", loft.retry_after)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    loft: "Loft"


@dataclass
class Loft:
    """A provider's server: what it was asked, what it took."""

    weather: str = "200"
    retry_after: str = "1"
    asked: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    thaw: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@contextmanager
def loft(weather: str = "200") -> Iterator[Loft]:
    made = Loft(weather)
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.loft = made
        made.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.thaw.set()
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")


def send(lease: Lease, settings: Mapping[str, str]) -> Outcome:
    try:
        answer = outgoing.post(
            settings["url"], content=lease.key.encode(), headers={}, timeout_s=5.0
        )
    except outgoing.Refused as error:
        return FailedForGood(str(error))
    except outgoing.NotSent as error:
        return FailedForNow(str(error))
    except outgoing.Lost as error:
        return Unsure(str(error))
    if answer.status == 200:
        return Sent(json.loads(answer.body)["id"])
    if answer.status == 410:
        return FailedForGood("the endpoint is gone (410): enter its new address")
    return FailedForNow(f"it said {answer.status}", carriers.retry_after(answer.headers))


def carrier(channel: str = "pigeon", limits: Limits | None = None) -> Carrier[Mapping[str, str]]:
    return Carrier(
        channel=channel,
        title=channel,
        fields=(Field("url", "Address", "url"), Field("token", "Token", "secret", required=False)),
        read=dict,
        send=send,
        limits=limits or Limits(1000.0, 4),
    )


@contextmanager
def working(
    database: Database, *known: Carrier[Any], smtp: Smtp | None = None, **given: Any
) -> Iterator[Deliveries]:
    database.play("worker")
    stop = threading.Event()
    listed = {one.channel: one for one in known or (carrier(),)}
    usual: dict[str, Any] = {"url": database.url, "pace": HURRY, "carriers": listed, **given}
    made = Deliveries(smtp, stop, name="worker", **usual)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


def add(desk: Company, there: Loft, name: str = "Main", **given: Any) -> int:
    return providers.add(
        carrier=given.pop("carrier", None) or carrier(),
        name=name,
        typed={"url": there.url, **given},
        by=desk.operator,
    )


def states(database: Database) -> Counter[str]:
    return Counter(dict(database.rows("SELECT state, count(*)::int FROM outbox GROUP BY 1")))


def all_are(database: Database, state: str) -> bool:
    return set(states(database)) == {state}


def ripe(database: Database) -> None:
    database.rows("UPDATE outbox SET next_at = clock_timestamp() WHERE state = 'pending'")


def way(
    database: Database, desk: Company, channel: str, position: int, person: str = "ann"
) -> None:
    database.rows(
        "INSERT INTO contact_method (tenant_id, person_id, channel, address, position,"
        " critical_only, added_at) VALUES (%s, %s, %s, %s, %s, true, clock_timestamp())",
        *(desk.tenant, desk.people[person], channel, f"{person}'s {channel}", position),
    )


# ---------------------------------------------------------------- who carries


def test_the_first_provider_carries_and_a_change_is_heard_at_once(database: Database) -> None:
    desk = company()
    with loft() as one, loft() as two:
        first, second = add(desk, one), add(desk, two, "Second")
        with working(database):
            write_letter(database, desk, "a", channel="pigeon")
            eventually(lambda: one.taken == ["a"] and all_are(database, "sent"))
            database.play("app")
            providers.put_first(provider=second, by=desk.operator)
            write_letter(database, desk, "b", channel="pigeon")
            eventually(lambda: two.taken == ["b"])
            providers.switch(provider=second, on=False, by=desk.operator)
            write_letter(database, desk, "c", channel="pigeon")
            eventually(lambda: one.taken == ["a", "c"] and all_are(database, "sent"))
    assert database.rows("SELECT key, provider_id, reference FROM outbox ORDER BY key") == [
        ("a", first, "id of a"),
        ("b", second, "id of b"),
        ("c", first, "id of c"),
    ]
    assert (
        database.rows("SELECT attempt, outcome, told FROM delivery_attempt")
        == [(1, "sent", "")] * 3
    )


def test_each_tenant_has_its_own(database: Database) -> None:
    desks = [company(), company("other")]
    with loft() as one, loft() as two:
        for desk, there in zip(desks, (one, two), strict=True):
            add(desk, there)
        for k in range(10):
            write_letter(database, desks[k % 2], f"{k}", channel="pigeon")
        with working(database):
            eventually(lambda: all_are(database, "sent"))
        assert sorted(one.taken) == ["0", "2", "4", "6", "8"]
        assert sorted(two.taken) == ["1", "3", "5", "7", "9"]


def test_a_letter_may_name_its_provider(database: Database) -> None:
    desk = company()
    with loft() as one, loft() as two:
        add(desk, one)
        second = add(desk, two, "Second")
        id_ = write_letter(database, desk, "a", channel="pigeon")
        database.rows("UPDATE outbox SET provider_id = %s WHERE id = %s", second, id_)
        providers.switch(provider=second, on=False, by=desk.operator)
        told = "SELECT told FROM outbox"
        with working(database):
            eventually(lambda: database.one(told) == "Second is switched off")
            database.play("app")
            providers.switch(provider=second, on=True, by=desk.operator)
            eventually(lambda: two.taken == ["a"])
        assert one.taken == []


@pytest.mark.promise("P33")
def test_without_the_key_letters_wait_and_say_so(
    database: Database, settings_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = company()
    with loft() as there:
        add(desk, there, token="word")
        write_letter(database, desk, "a", channel="pigeon")
        from django.conf import settings

        monkeypatch.setattr(settings, "SECRET_KEY", "another")
        with working(database):
            eventually(lambda: "enter it again" in database.one("SELECT told FROM outbox"))
        assert states(database) == {"pending": 1}
        assert there.asked == []


@pytest.fixture
def settings_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "SECRET_KEY", "the key of tests")


def test_gone_is_said_of_the_provider_and_switches_nothing_off(database: Database) -> None:
    desk = company()
    with loft("410") as there:
        add(desk, there)
        write_letter(database, desk, "a", channel="pigeon")
        with working(database):
            eventually(lambda: all_are(database, "dead"))
            assert database.rows("SELECT enabled, told FROM provider") == [
                (True, "the endpoint is gone (410): enter its new address")
            ]
            there.weather = "200"
            write_letter(database, desk, "b", channel="pigeon")
            eventually(lambda: states(database)["sent"] == 1)
        assert database.one("SELECT told FROM provider") == ""


# ---------------------------------------------------------------- weather


@pytest.mark.promise("P11")
def test_a_provider_that_hangs_delays_neither_mail_nor_its_neighbour(database: Database) -> None:
    desk, other = company(), company("other")
    with loft("hang") as dead, loft() as good, provider() as mail:
        add(desk, dead)
        add(other, good)
        for k in range(40):
            write_letter(database, desk, f"dead {k}", channel="pigeon", age="1 h", urgent=True)
        for k in range(20):
            write_letter(database, desk, f"mail {k}")
            write_letter(database, other, f"good {k}", channel="pigeon")
        with working(database, smtp=mail.address()):
            eventually(lambda: states(database)["sent"] == 40, seconds=30)
            assert len(dead.asked) <= 8
            dead.thaw.set()
        assert len(mail.received) == len(good.taken) == 20


@pytest.mark.promise("P11")
def test_a_provider_that_asks_to_wait_is_not_asked_meanwhile(database: Database) -> None:
    desk = company()
    with loft("429") as there:
        there.retry_after = "3600"
        add(desk, there)
        for k in range(30):
            write_letter(database, desk, f"{k}", channel="pigeon")
        with working(database) as worker:
            eventually(
                lambda: database.one(
                    "SELECT bool_and(next_at > clock_timestamp() + interval '5 min') FROM outbox"
                )
            )
            # Those on their way together, and nobody after them.
            assert 1 <= len(there.asked) <= 4
            (paced,) = worker.routes.all()
            assert paced.paused()
            assert not paced.is_down()
            said = "SELECT count(*) FROM outbox WHERE told LIKE '%%asked us to wait%%'"
            assert database.one(said) == 30 - len(there.asked)


@pytest.mark.promise("P11")
def test_a_half_open_socket_is_tried_twice_and_no_more(database: Database) -> None:
    desk = company()

    def quick(lease: Lease, settings: Mapping[str, str]) -> Outcome:
        try:
            outgoing.post(settings["url"], content=lease.key.encode(), headers={}, timeout_s=1)
        except outgoing.Lost as error:
            return Unsure(str(error))
        raise AssertionError

    pigeon = carrier()
    hasty = Carrier("pigeon", "pigeon", pigeon.fields, dict, quick, limits=pigeon.limits)
    with loft("half open") as there:
        add(desk, there)
        write_letter(database, desk, "a", channel="pigeon")
        with working(database, hasty):

            def done() -> bool:
                ripe(database)
                return all_are(database, "unsure")

            eventually(done)
        assert there.asked == ["a", "a"]
    assert database.rows("SELECT attempt, outcome FROM delivery_attempt ORDER BY id") == [
        (1, "unsure"),
        (2, "unsure"),
    ]


@pytest.mark.promise("P11")
def test_nobody_listens_is_a_failure_for_now(database: Database) -> None:
    desk = company()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    add(desk, Loft(url=f"http://127.0.0.1:{port}/"))
    write_letter(database, desk, "a", channel="pigeon")
    with working(database):
        eventually(lambda: "refused" in database.one("SELECT told FROM outbox"))
    assert states(database) == {"pending": 1}


class Hours:
    """Simulated time: letters are moved back instead of waiting, and our steady clock goes on."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database, self.steady = database, 1000.0
        monkeypatch.setattr(machine_clock, "steady", lambda: self.steady)

    def pass_(self, length: dt.timedelta) -> None:
        self.steady += length.total_seconds()
        self.database.rows(
            "UPDATE outbox SET next_at = next_at - %s, created_at = created_at - %s"
            " WHERE state = 'pending'",
            length,
            length,
        )


def one_turn(worker: Deliveries) -> None:
    """Do what a worker does until nothing more is to be done at this instant."""
    while worker._claim() or any(one.away or one.waiting for one in worker.routes.all()):
        worker._hand_over()
        eventually(lambda: worker._done.qsize() == sum(one.away for one in worker.routes.all()))
        worker._collect()


@pytest.mark.promise("P11", "F9")
@pytest.mark.asvs("16.5.2")
def test_six_hours_without_a_provider_lose_nothing_and_bring_no_storm(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = company()
    step, hours = dt.timedelta(seconds=60), dt.timedelta(hours=6)
    with loft("503") as there, provider() as mail:
        add(desk, there)
        for k in range(100):
            write_letter(database, desk, f"{k}", channel="pigeon")
        database.play("worker")
        worker = Deliveries(
            mail.address(),
            threading.Event(),
            url=database.url,
            pace=Pace(crowded=dt.timedelta(0)),
            carriers={"pigeon": carrier()},
        )
        time = Hours(database, monkeypatch)
        asked = []
        for k in range(hours // step):
            before = len(there.asked)
            if k % 60 == 0:
                write_letter(database, desk, f"mail {k}")
            one_turn(worker)
            asked.append(len(there.asked) - before)
            # Mail leaves at once, whatever becomes of the other.
            assert len(mail.received) == k // 60 + 1
            time.pass_(step)
        assert there.taken == []
        assert states(database)["pending"] == 100
        there.weather = "200"
        for _ in range(240):
            one_turn(worker)
            if states(database)["pending"] == 0:
                break
            time.pass_(step)
        assert sorted(there.taken, key=int) == [str(k) for k in range(100)]
        assert states(database) == {"sent": 106}
    # What P11 allows is five a second. After the first minute it is one letter every five minutes.
    assert max(asked) <= 5 * step.total_seconds()
    assert sum(asked) <= 8 + 6 * 60 // 4


# ---------------------------------------------------------------- the pace


def test_a_pace_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(machine_clock, "steady", lambda: now[0])
    paced = Paced("one", lambda _: Sent(), Pace(), limits=Limits(2.0, at_once=50))
    lease: Any = object()
    sent = 0
    for _ in range(1000):
        while paced.room() > 0:
            paced.took(lease)
            sent += 1
        now[0] += 0.01
    # Ten seconds at two a second, and the two that were saved up at first.
    assert 20 <= sent <= 22
    paced.waiting.append(lease)
    ready = paced.ready_in()
    assert ready is not None
    assert 0 <= ready <= 0.5


def test_who_stays_away_is_left_alone_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(machine_clock, "steady", lambda: now[0])
    paced = Paced("one", lambda _: Sent(), Pace())
    # Those that were on their way together open it once.
    for _ in range(8):
        paced.learn(FailedForNow("no"))
    pauses = []
    for _ in range(6):
        assert paced.paused_until is not None
        pauses.append(paced.paused_until - now[0])
        now[0] = paced.paused_until
        assert paced.room() == 1
        paced.learn(FailedForNow("still no"))
    assert pauses == [30, 60, 120, 240, 300, 300]
    paced.learn(Sent())
    assert (paced.room(), paced.openings) == (4, 0)


def test_a_slow_provider_takes_few_letters_in_hand() -> None:
    slow = Paced("slow", lambda _: Sent(), Pace(), limits=Limits(1 / 6, at_once=1))
    assert slow.most() == 5
    assert Paced("fast", lambda _: Sent(), Pace(), limits=Limits(80.0)).most() == 40


def test_asking_to_wait_opens_no_breaker_and_mail_asks_for_one_recipient() -> None:
    paced = Paced("one", lambda _: Sent(), Pace(), limits=Limits(5.0))
    for _ in range(9):
        paced.learn(FailedForNow("slow down", SECOND * 30))
    assert (paced.paused(), paced.is_down(), paced.failures) == (True, False, 0)
    mail = Paced("mail", lambda _: Sent(), Pace())
    mail.learn(FailedForNow("greylisted", SECOND * 300))
    assert not mail.paused()


def test_a_limited_provider_is_never_asked_faster(database: Database) -> None:
    desk = company()
    with loft() as there:
        slow = carrier(limits=Limits(10.0, at_once=4))
        add(desk, there, carrier=slow)
        for k in range(25):
            write_letter(database, desk, f"{k}", channel="pigeon")
        begun = machine_clock.steady()
        with working(database, slow):
            eventually(lambda: len(there.taken) == 25)
        # Ten at once, the other fifteen at ten a second.
        assert machine_clock.steady() - begun >= 1.4


# ---------------------------------------------------------------- by another way


def keys(database: Database) -> dict[str, tuple[str, str]]:
    return {
        row[0]: (row[1], row[2])
        for row in database.rows("SELECT key, channel, address FROM outbox ORDER BY id")
    }


def fail(database: Database, times: int, channel: str = "pigeon") -> None:
    """Have every letter of a channel fail so often; the others are put off."""
    database.play("worker")
    for _ in range(times):
        ripe(database)
        for lease in outbox.claim():
            if lease.channel == channel:
                outbox.complete(lease, FailedForNow("it said 503"))
            else:
                outbox.postpone(lease, "", dt.timedelta(0))


@pytest.mark.promise("P11")
@pytest.mark.parametrize("urgent", [True, False])
def test_what_killed_two_workers_is_given_up_and_if_urgent_leaves_by_the_next_way(
    database: Database, urgent: bool
) -> None:
    desk = company()
    way(database, desk, "pigeon", 0)
    way(database, desk, "smoke", 1)
    write_letter(database, desk, "effect/7/pigeon", channel="pigeon", urgent=urgent)
    database.play("worker")
    for _ in range(2):
        (lease,) = outbox.claim()
        assert outbox.begin(lease)  # and then the process is gone
        database.rows("UPDATE outbox SET next_at = now(), lease_until = now()")
    (lease,) = outbox.claim()
    assert not outbox.begin(lease)
    left = {"effect/7/pigeon", *(["effect/7/pigeon/next/smoke"] if urgent else [])}
    assert set(keys(database)) == left
    assert database.one("SELECT state FROM outbox WHERE channel = 'pigeon'") == "unsure"


@pytest.mark.promise("P11")
def test_an_urgent_letter_leaves_by_the_next_way_after_two_failures(database: Database) -> None:
    desk = company()
    way(database, desk, "pigeon", 0)
    way(database, desk, "smoke", 1)
    way(database, desk, "drum", 2)
    write_letter(database, desk, "effect/7/pigeon", channel="pigeon", urgent=True)
    fail(database, 1)
    assert set(keys(database)) == {"effect/7/pigeon"}
    fail(database, 1)
    assert keys(database)["effect/7/pigeon/next/smoke"] == ("smoke", "ann's smoke")
    fail(database, 3)
    assert set(keys(database)) == {"effect/7/pigeon", "effect/7/pigeon/next/smoke"}
    fail(database, 2, "smoke")
    assert keys(database)["effect/7/pigeon/next/drum"] == ("drum", "ann's drum")
    fail(database, 4, "drum")
    assert len(keys(database)) == 3
    same = database.rows("SELECT DISTINCT parts, urgent, person_id, ticket_id FROM outbox")
    assert len(same) == 1


@pytest.mark.promise("P11")
def test_a_way_that_was_used_from_the_start_is_not_used_twice(database: Database) -> None:
    desk = company()
    way(database, desk, "smoke", 0)
    way(database, desk, "drum", 1)
    write_letter(database, desk, "effect/7/mail", urgent=True)
    write_letter(database, desk, "effect/7/smoke", channel="smoke", urgent=True)
    fail(database, 2, "mail")
    assert set(keys(database)) == {"effect/7/mail", "effect/7/smoke", "effect/7/mail/next/drum"}


def test_what_is_not_urgent_waits_for_its_own_way(database: Database) -> None:
    desk = company()
    way(database, desk, "smoke", 0)
    write_letter(database, desk, "effect/7/pigeon", channel="pigeon")
    fail(database, 4)
    assert len(keys(database)) == 1


@pytest.mark.promise("P11")
@pytest.mark.parametrize("outcome", [FailedForGood("no such member"), Unsure("no answer")])
def test_what_never_arrives_leaves_by_another_way_at_once(
    database: Database, outcome: letters.Outcome
) -> None:
    desk = company()
    way(database, desk, "smoke", 0)
    write_letter(database, desk, "effect/7/pigeon", channel="pigeon", urgent=True)
    database.play("worker")
    for _ in range(1 if isinstance(outcome, FailedForGood) else 2):
        (lease,) = outbox.claim()
        outbox.complete(lease, outcome)
        ripe(database)
    assert "effect/7/pigeon/next/smoke" in keys(database)


@pytest.mark.promise("P11")
def test_an_urgent_letter_does_not_wait_for_a_breaker(database: Database) -> None:
    desk = company()
    way(database, desk, "smoke", 0)
    with loft("503") as dead, loft() as good:
        add(desk, dead)
        add(desk, good, carrier=carrier("smoke"))
        for k in range(8):
            write_letter(database, desk, f"n{k}/pigeon", channel="pigeon", age="1 h")
        with working(database, carrier(), carrier("smoke"), pace=Pace()) as worker:
            eventually(lambda: any(one.is_down() for one in worker.routes.all()))
            write_letter(database, desk, "u/pigeon", channel="pigeon", urgent=True)
            eventually(lambda: good.taken == ["u/pigeon/next/smoke"])


@pytest.mark.promise("P11")
def test_an_urgent_letter_that_nothing_sends_leaves_by_another_way(database: Database) -> None:
    desk = company()
    way(database, desk, "pigeon", 0)
    with loft() as good:
        add(desk, good)
        write_letter(database, desk, "u/mail", urgent=True)
        with working(database):
            eventually(lambda: good.taken == ["u/mail/next/pigeon"])


# ---------------------------------------------------------------- call-backs


def test_a_call_back_says_that_it_arrived_the_first_time_counts(database: Database) -> None:
    desk, other = company(), company("other")
    write_letter(database, desk, "a", channel="pigeon")
    database.play("worker")
    (lease,) = outbox.claim()
    outbox.complete(lease, Sent("r 1"))
    at = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    assert outbox.delivered(desk.tenant, "pigeon", "r 1", at)
    assert outbox.delivered(desk.tenant, "pigeon", "r 1", at + SECOND)
    assert database.one("SELECT delivered_at FROM outbox") == at
    assert not outbox.delivered(desk.tenant, "smoke", "r 1", at)
    assert not outbox.delivered(other.tenant, "pigeon", "r 1", at)
    assert not outbox.delivered(desk.tenant, "pigeon", "", at)
