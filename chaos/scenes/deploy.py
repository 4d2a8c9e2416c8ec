"""F17: everything is restarted in turn, five times, as a deployment does, amid work."""

import argparse
import contextlib
import http.client
import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator

from chaos import promises
from chaos.faults import DRAIN_S, Parts
from chaos.promises import Played
from chaos.providers import Loop, Mail
from chaos.stage import Stage

TOLD = "pulses, workers and web processes restarted in turn while deadlines and requests come"
TICKETS, SECONDS = 600, 20.0
ROUNDS = 5
CLIENTS = 4
SESSION = "chaos-session"


def play(stage: Stage, chance: random.Random, given: argparse.Namespace) -> Played:
    """Restart all parts round by round; nothing is lost, no request is answered with a fault."""
    del chance, given
    stage.company()
    stage.tickets(TICKETS, seconds=8, apart_s=SECONDS / TICKETS)
    _sign_in(stage)
    played, mail, ports = Played(), Mail(delay_s=0.05), (_free_port(), _free_port())
    with Loop() as loop:
        loop.serve(mail)
        address = f"smtp://127.0.0.1:{mail.port}?from={promises.SENDER}"
        with Parts(stage.made, {"TOCSIN_SMTP_URL": address}) as parts:
            for name in ("pulse 1", "pulse 2", "worker 1", "worker 2"):
                parts.start(name)
            for k, port in enumerate(ports, 1):
                parts.start(f"web {k}", "--port", str(port))
            parts.ready()
            parts.wait(lambda: all(map(_answers, ports)), 60)
            with _asking(ports) as answers:
                slowest = _rounds(parts, ports)
            played.drained(parts.drain(stage))
            if played.broken:
                played.figures["logs"] = parts.logs()
    played.most("the slowest end of a process", slowest, DRAIN_S)
    played.hold("requests answered with a fault", {k for k in answers if k != 200}, set())
    played.figures["requests"] = f"{answers[200]:,}"
    played.count(stage, promises.breaches(stage, TICKETS))
    promises.sound(played, stage)
    promises.letters(played, stage, mail)
    played.hold("letters that may have been sent twice", len(mail.received) - TICKETS, 0)
    played.figures["detected after (p50, p99, most)"] = promises.lateness(stage)
    return played


def _rounds(parts: Parts, ports: tuple[int, int]) -> float:
    """Restart each part when the one before is back; returns the longest that one took to end."""
    slowest = 0.0
    for _ in range(ROUNDS):
        for name, port in (
            *(("pulse 1", 0), ("worker 1", 0), ("web 1", ports[0])),
            *(("pulse 2", 0), ("worker 2", 0), ("web 2", ports[1])),
        ):
            slowest = max(slowest, parts.end(name))
            parts.revive()
            if port:
                parts.wait(lambda port=port: _answers(port), 60)  # type: ignore[misc]
    parts.ready()
    return slowest


def _sign_in(stage: Stage) -> None:
    """Have Mia be signed in, as whoever holds her session's key."""
    from django.contrib.sessions.backends.db import SessionStore

    from tocsin.records.people import Person

    own = {"_auth_user_id": str(stage.people[1]), "tenant": stage.tenant}
    own["_auth_user_backend"] = "tocsin.web.sign_in.Backend"
    own["_auth_user_hash"] = Person(password="").get_session_auth_hash()
    stage.run(
        "INSERT INTO django_session VALUES (%(key)s, %(data)s, now() + interval '1 day')",
        {"key": SESSION, "data": SessionStore().encode(own)},
    )
    stage.run(
        "INSERT INTO sign_in (tenant_id, person_id, session_key, means, address, agent, begun_at,"
        " seen_at, proved_at) VALUES (%(tenant)s, %(id)s, %(key)s, 'password', '', '', now(),"
        " now(), now())",
        {"tenant": stage.tenant, "id": stage.people[1], "key": SESSION},
    )
    stage.run(
        "UPDATE person SET password = '' WHERE id = %(id)s",
        {"id": stage.people[1]},
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return _ask(port) == 200
    return False


def _ask(port: int) -> int:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        asked.request("GET", "/t/chaos/queue/", headers={"Cookie": f"tocsin_session={SESSION}"})
        answer = asked.getresponse()
        answer.read()
        return answer.status
    finally:
        asked.close()


@contextlib.contextmanager
def _asking(ports: tuple[int, int]) -> Iterator[Counter[int]]:
    """Ask for a page again and again; whoever is not there is gone round, as a balancer does."""
    answers: Counter[int] = Counter()
    stop = threading.Event()

    def ask(first: int) -> None:
        while not stop.wait(0.1):
            for port in (ports[first], ports[1 - first]):
                try:
                    answers[_ask(port)] += 1
                except ConnectionRefusedError:
                    continue
                except (OSError, http.client.HTTPException):
                    answers[-1] += 1  # broken off in the midst
                break
            else:
                answers[0] += 1  # nobody was there

    threads = [threading.Thread(target=ask, args=(k % 2,), daemon=True) for k in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
