"""Connections that are kept: how many, how long, and what a broken one costs."""

import dataclasses
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from tests.channels.email.test_send import LETTER

from tocsin.actions.letters import FailedForNow, Outcome, Sent, Unsure
from tocsin.channels.email.pool import AT_MOST, IDLE_S, LETTERS, Pool
from tocsin.channels.email.send import POOL, Letter, Smtp, send

# ------------------------------------------------------------------------------ the pool by itself


@dataclass(eq=False)
class Kept:
    letters: int = 1
    parted: int = 0

    def part(self) -> None:
        self.parted += 1


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_few_are_kept_for_each_server_and_the_last_one_is_used_first() -> None:
    pool: Pool[Kept] = Pool(Clock())
    made = [Kept() for _ in range(AT_MOST + 1)]
    for one in made:
        pool.give("here", one)
    assert [one.parted for one in made] == [0] * AT_MOST + [1]
    assert pool.take("there") is None
    assert pool.take("here") is made[AT_MOST - 1]
    pool.empty()
    assert pool.size() == 0
    assert Counter(one.parted for one in made) == {1: AT_MOST, 0: 1}


def test_nothing_is_kept_for_longer_than_half_a_minute() -> None:
    clock = Clock()
    pool: Pool[Kept] = Pool(clock)
    old, young = Kept(), Kept()
    pool.give("here", old)
    clock.now += IDLE_S - 1
    pool.give("here", young)
    clock.now += 1
    pool.sweep()
    assert (old.parted, young.parted) == (1, 0)
    clock.now += IDLE_S
    assert pool.take("here") is None
    assert young.parted == 1
    pool.empty()


def test_a_connection_has_carried_enough_one_day() -> None:
    pool: Pool[Kept] = Pool(Clock())
    tired = Kept(letters=LETTERS)
    pool.give("here", tired)
    assert (tired.parted, pool.size()) == (1, 0)


# --------------------------------------------------------------------------- with a real connection


@dataclass
class Script:
    """What a server does on its first connection, from its second letter on.

    closes: it hangs up between letters. 421: it says goodbye when it is asked for more. deaf: it
    answers nothing more. cut before 354, cut at DATA, cut after the dot: it hangs up there.
    """

    second: str = "ok"
    connections: int = 0
    verbs: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    thaw: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def smtp(self, **given: float) -> Smtp:
        given = {"timeout_s": 10.0, "total_s": 45.0, **given}
        to = Smtp(host="127.0.0.1", port=self.port, sender="desk@example.com")
        return dataclasses.replace(to, timeout_s=given["timeout_s"], total_s=given["total_s"])


class _Talk(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        script = self.server.script
        script.connections += 1
        first, letters = script.connections == 1, 0
        self._say("220 here")
        while line := self.rfile.readline():
            verb = line[:4].decode().strip().upper()
            script.verbs.append(verb)
            odd = script.second if first and letters else "ok"
            if verb == "RSET" and odd == "421":
                self._say("421 4.4.2 idle for too long")
                return
            if verb == "RSET" and odd == "deaf":
                script.thaw.wait(60)
                return
            if verb != "DATA":
                self._say("221 bye" if verb == "QUIT" else "250 ok")
                continue
            if odd == "cut before 354":
                return
            self._say("354 go on")
            if odd == "cut at DATA":
                return
            text = b"".join(iter(self.rfile.readline, b".\r\n"))
            script.received.append(text)
            if odd == "cut after the dot":
                return
            self._say("250 taken")
            letters += 1
            if first and script.second == "closes":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    script: Script


@contextmanager
def scripted(second: str = "ok") -> Iterator[Script]:
    script = Script(second)
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.script, script.port = script, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield script
        finally:
            script.thaw.set()
            POOL.empty()
            server.shutdown()
            thread.join()


def letters(count: int) -> list[Letter]:
    return [dataclasses.replace(LETTER, key=f"letter {k}") for k in range(count)]


def sent(script: Script, count: int, **given: float) -> list[Outcome]:
    return [send(one, script.smtp(**given)) for one in letters(count)]


def test_letters_to_one_server_share_a_connection() -> None:
    with scripted() as script:
        assert sent(script, 5) == [Sent()] * 5
        assert script.connections == 1
        assert len(set(script.received)) == 5
        # Whatever was left of the letter before is forgotten first.
        assert Counter(script.verbs) == {"EHLO": 1, "MAIL": 5, "RCPT": 5, "DATA": 5, "RSET": 4}


def test_other_credentials_are_another_connection() -> None:
    with scripted() as script:
        send(LETTER, script.smtp())
        send(LETTER, dataclasses.replace(script.smtp(), sender="other@example.com"))
        assert script.connections == 2


def test_a_hundred_letters_are_enough_for_a_connection() -> None:
    with scripted() as script:
        assert sent(script, LETTERS + 1) == [Sent()] * (LETTERS + 1)
        assert script.connections == 2
        assert script.verbs.count("QUIT") == 1


@pytest.mark.promise("P11")
@pytest.mark.parametrize("second", ["closes", "421", "deaf"])
def test_a_kept_connection_that_is_broken_costs_no_letter(second: str) -> None:
    with scripted(second) as script:
        assert sent(script, 2, timeout_s=0.5) == [Sent()] * 2
        assert script.connections == 2
        assert len(script.received) == 2


@pytest.mark.promise("P11")
def test_after_data_nothing_is_said_twice() -> None:
    with scripted("cut at DATA") as script:
        first, second = sent(script, 2)
        assert first == Sent()
        # A body that fits into the buffers has been sent by the time the server cuts.
        assert isinstance(second, FailedForNow | Unsure)
        assert script.connections == 1
    with scripted("cut before 354") as script:
        first, second = sent(script, 2)
        assert isinstance(second, FailedForNow)
        assert script.connections == 1
    with scripted("cut after the dot") as script:
        first, second = sent(script, 2)
        assert isinstance(second, Unsure)
        assert (script.connections, len(script.received)) == (1, 2)


def test_all_of_it_together_takes_no_longer_than_one_letter_may() -> None:
    with scripted("deaf") as script:
        # Only the second has little time: a busy machine may be slow with the first.
        assert send(LETTER, script.smtp(timeout_s=5.0)) == Sent()
        found = send(LETTER, script.smtp(timeout_s=5.0, total_s=0.5))
        assert found == FailedForNow(f"127.0.0.1:{script.port}: not done after 0.5 s")


def test_threads_at_once_have_a_connection_each() -> None:
    with scripted() as script:
        found: list[Outcome] = []
        threads = [
            threading.Thread(target=lambda one=one: found.append(send(one, script.smtp())))
            for one in letters(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert found == [Sent()] * 12
        assert len(script.received) == 12
        assert POOL.size() <= AT_MOST
