"""What must hold after any fault, counted by SQL as a superuser who sees everything."""

from collections import Counter

from bench.crowd import POLICY, Crowd

from chaos.faults import Mailbox

# For each timer: a breach and an escalation, each told to one person over two channels.
_EFFECTS = 3  # the breach, the level, the message that tells of both
_ALERTS = 4


def company(made: Crowd) -> int:
    """Make a tenant with a manager, an administrator, two teams and the one policy."""
    from tocsin.actions import people, sla, tenants
    from tocsin.queries import access

    tenant = tenants.create(key="chaos", name="Chaos")
    by = access.operator(tenant)
    mia = people.add_person(name="Mia", email="mia@x.example", role="manager", by=by)
    people.add_person(name="Ada", email="ada@x.example", role="administrator", by=by)
    for team in ("Service desk", "Second line"):
        people.add_team(name=team, lead=mia, manager=mia, by=by)
    sla.publish(config=POLICY, by=by, always=True)
    return tenant


def spoil(made: Crowd, tenant: int) -> int:
    """Make one of the tickets impossible to decide, and return its id."""
    found = made.run(f"SELECT max(id) FROM ticket WHERE tenant_id = {tenant} AND number <= 500")
    ticket = int(found[0][0])
    made.run(
        "ALTER TABLE event DISABLE TRIGGER event_for_good;"
        f" UPDATE event SET kind = 'policy attached', payload = '{{}}' WHERE stream_id = {ticket}"
        " AND stream_kind = 'ticket'; ALTER TABLE event ENABLE TRIGGER event_for_good"
    )
    return ticket


def drained(made: Crowd, bad: int) -> bool:
    """Say whether nothing is due, unsent or unsequenced any more, the bad ticket aside."""
    due = f"SELECT 1 FROM ticket WHERE wake_at < clock_timestamp() AND id <> {bad} LIMIT 1"
    unsent = "SELECT 1 FROM outbox WHERE state IN ('pending', 'sending') LIMIT 1"
    held = f"SELECT 1 FROM ticket WHERE id = {bad} AND held_until IS NULL"
    return not any(
        made.run(query) for query in (due, unsent, held, "SELECT 1 FROM unsequenced LIMIT 1")
    )


def left(made: Crowd) -> str:
    """Return what is not drained."""
    counts = {
        "due": "SELECT count(*) FROM ticket WHERE wake_at < clock_timestamp()",
        "unsent": "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')",
        "unsequenced": "SELECT count(*) FROM unsequenced",
    }
    return ", ".join(f"{name} {made.run(query)[0][0]}" for name, query in counts.items())


def broken(made: Crowd, tenant: int, timers: int, bad: int) -> dict[str, str]:
    """Return the promises that do not hold, and what was found instead."""
    good = timers - 1
    expected = {
        "every breach once": ("SELECT count(*) FROM violation", good),
        "each of another ticket": ("SELECT count(DISTINCT ticket_id) FROM violation", good),
        "breaches at their true instant": (
            "SELECT count(*) FROM violation v JOIN ticket t ON t.id = v.ticket_id"
            " WHERE v.breached_at = t.opened_at + interval '1 hour' AND v.due_at = v.breached_at",
            good,
        ),
        "every effect once": ("SELECT count(*) FROM event WHERE kind = 'effect'", good * _EFFECTS),
        "every alert once": (
            f"SELECT count(*) FROM alert WHERE ticket_id <> {bad}",
            good * _ALERTS,
        ),
        "no alert twice": (
            "SELECT count(*) FROM (SELECT DISTINCT ticket_id, deed, clock, which, mark,"
            f" recipient_id, channel FROM alert WHERE ticket_id <> {bad}) x",
            good * _ALERTS,
        ),
        "every notification once": (
            f"SELECT count(*) FROM notification WHERE ticket_id <> {bad}",
            good,
        ),
        "every letter sent": (
            f"SELECT count(*) FROM outbox WHERE state IN ('sent', 'unsure') AND ticket_id <> {bad}",
            good,
        ),
        "the level's team owns each": (
            "SELECT count(*) FROM ticket t JOIN team m ON m.id = t.team_id"
            " WHERE m.key = 'second line'",
            good,
        ),
        "streams without gaps": (
            "SELECT count(*) FROM (SELECT FROM event WHERE stream_kind = 'ticket' GROUP BY"
            " stream_id HAVING max(stream_seq) <> count(*)) x",
            0,
        ),
        "one order without gaps": (
            "SELECT max(position) - count(*) FROM position",
            0,
        ),
        "the bad ticket is held": (
            f"SELECT count(*) FROM ticket WHERE id = {bad} AND held_until IS NOT NULL",
            1,
        ),
        "nobody else is held": (
            f"SELECT count(*) FROM ticket WHERE id <> {bad} AND held_until IS NOT NULL",
            0,
        ),
    }
    found = {name: (made.run(query)[0][0], wanted) for name, (query, wanted) in expected.items()}
    told = {
        name: f"{got} instead of {wanted}" for name, (got, wanted) in found.items() if got != wanted
    }
    return {**told, **_audited(tenant, bad)}


def _audited(tenant: int, bad: int) -> dict[str, str]:
    """Recompute every clock from the log; the bad ticket's cannot be."""
    from django.db import connection

    from tocsin.queries import access, reckoning

    connection.close()  # its server has been killed since
    found = reckoning.reckon(by=access.operator(tenant), leave_out=(bad,))
    differences = [one for batch in found for one in batch.differences]
    return {"self-audit": f"{len(differences)}: {differences[:3]}"} if differences else {}


def figures(made: Crowd, mailbox: Mailbox) -> dict[str, str]:
    """Return what a reader wants to know of a run that held."""
    late = made.run(
        "SELECT percentile_cont(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM"
        " detected_at - breached_at)) FROM violation"
    )[0][0]
    twice = [count for count in Counter(mailbox.ids).values() if count > 1]
    return {
        "recomputed from the log": "no difference",
        "breaches": str(made.run("SELECT count(*) FROM violation")[0][0]),
        "detected after (p50, p99, most)": ", ".join(f"{one:.2f} s" for one in late or []),
        "letters that arrived": f"{len(mailbox.ids)}, {len(set(mailbox.ids))} different",
        "letters that arrived again": f"{len(twice)}, each with its own Message-ID",
        "said to have been sent perhaps twice": str(
            made.run("SELECT count(*) FROM outbox WHERE maybe_sent")[0][0]
        ),
    }
