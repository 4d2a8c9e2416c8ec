"""F6: everything was stopped for an hour; afterwards all is recorded and nobody is flooded."""

import argparse
import random
import time

from chaos import promises
from chaos.faults import Parts
from chaos.promises import Played
from chaos.providers import Loop, Mail
from chaos.stage import LEVELS, Stage, policy

TOLD = "stopped for an hour with 2,000 tickets, three levels each, for 40 people"
TICKETS, PEOPLE = 2_000, 40
WITHIN_S = 30.0
SINGLES, DIGESTS = 5, 1
WAIT_S = 600


def play(stage: Stage, chance: random.Random, given: argparse.Namespace) -> Played:
    """Start a desk whose deadlines of an hour have passed, and count what each person gets."""
    del chance, given
    stage.company(policy((None, f"{WAIT_S}s", f"{WAIT_S}s")))
    _crowd(stage)
    # The last of them ran to its end a minute before the desk comes back.
    last = 60 + 2 * WAIT_S
    stage.tickets(TICKETS, seconds=-3600, apart_s=(3600 - last) / TICKETS)
    _scatter(stage)
    played, mail = Played(), Mail()
    with Loop() as loop:
        loop.serve(mail)
        address = f"smtp://127.0.0.1:{mail.port}?from={promises.SENDER}"
        with Parts(stage.made, {"TOCSIN_SMTP_URL": address}) as parts:
            for name in ("pulse 1", "pulse 2", "worker 1"):
                parts.start(name)
            began = time.monotonic()
            due = "SELECT 1 FROM ticket WHERE wake_at < clock_timestamp() LIMIT 1"
            parts.wait(lambda: not stage.run(due), 120)
            took = time.monotonic() - began
            played.drained(parts.drain(stage))
            if played.broken:
                played.figures["logs"] = parts.logs()
    played.most("all recorded after their start", took, WITHIN_S)
    _count(played, stage)
    promises.sound(played, stage)
    promises.letters(played, stage, mail)
    return played


def _crowd(stage: Stage) -> None:
    """Have forty people lead twenty lines of teams: a team of each level for each two of them."""
    from tocsin.actions import people
    from tocsin.queries import access

    by = access.operator(stage.tenant)
    for k in range(PEOPLE):
        people.add_person(name=f"P{k}", email=f"p{k}@x.example", role="lead", by=by)


def _scatter(stage: Stage) -> None:
    """Give each ticket one of the forty as its owner: they are told of its breach."""
    owners = "ARRAY(SELECT id FROM person WHERE email LIKE 'p%@x.example' ORDER BY id)"
    mine = f"({owners})[1 + t.number % {PEOPLE}]"
    stage.run(f"UPDATE ticket t SET assignee_id = {mine} WHERE tenant_id = {stage.tenant}")
    stage.run(
        "ALTER TABLE event DISABLE TRIGGER event_for_good;"
        " UPDATE event e SET payload = replace(payload, '{\"priority\"',"
        f' \'{{"assignee":"\' || {mine} || \'","priority"\') FROM ticket t'
        " WHERE t.id = e.stream_id AND e.stream_kind = 'ticket';"
        " ALTER TABLE event ENABLE TRIGGER event_for_good"
    )


def _count(played: Played, stage: Stage) -> None:
    planned = "extract(epoch FROM a.planned_at - t.opened_at)::int - 3600"
    played.count(
        stage,
        {
            "every breach once": ("SELECT count(*) FROM violation", TICKETS),
            "breaches at their true instant": (
                "SELECT count(*) FROM violation v JOIN ticket t ON t.id = v.ticket_id"
                " WHERE v.breached_at = t.opened_at + interval '1 hour'"
                " AND v.detected_at > v.breached_at + interval '10 minutes'",
                TICKETS,
            ),
            "levels at their true instants": (
                "SELECT count(DISTINCT (a.ticket_id, a.planned_at)) FROM alert a"
                " JOIN ticket t ON t.id = a.ticket_id WHERE a.deed = 'escalate'"
                f" AND {planned} IN (0, {WAIT_S}, {2 * WAIT_S})",
                TICKETS * len(LEVELS),
            ),
            "levels that were overtaken and are told to nobody": (
                "SELECT count(DISTINCT (ticket_id, which, mark, planned_at)) FROM alert"
                " WHERE deed = 'escalate' AND state = 'superseded'",
                TICKETS * (len(LEVELS) - 1),
            ),
            "alerts written twice": (
                "SELECT count(*) - count(DISTINCT (ticket_id, deed, clock, which, mark,"
                " recipient_id, channel)) FROM alert",
                0,
            ),
        },
    )
    for what, query in (
        ("messages of a person under the bell, most", "SELECT count(*) n FROM notification"),
        ("letters to a person, most", "SELECT count(*) n FROM outbox"),
    ):
        most = stage.one(f"SELECT max(n) FROM ({query} GROUP BY person_id) x")
        played.most(what, float(most or 0), SINGLES + DIGESTS, "")
    told = stage.one("SELECT count(DISTINCT person_id) FROM notification")
    played.figures["people who were told"] = str(told)
    if told < PEOPLE:
        played.broken["people who were told"] = f"{told} instead of {PEOPLE} and the teams' own"
