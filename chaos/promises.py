"""What must hold after any fault, counted by SQL as a superuser who sees everything."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from chaos.providers import Mail
from chaos.stage import Stage

SENDER = "desk@tocsin.example"


@dataclass(slots=True)
class Played:
    """What a scene showed: promises that did not hold, and figures for the reader."""

    broken: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)

    def hold(self, name: str, found: object, wanted: object) -> None:
        """Note that a promise is broken if what was found is not what was wanted."""
        if found != wanted:
            self.broken[name] = f"{found} instead of {wanted}"
        else:
            self.figures[name] = str(found)

    def drained(self, left: str) -> None:
        """Note what is left when nothing moves any more."""
        if left:
            self.broken["drained"] = left

    def most(self, name: str, found: float, limit: float, unit: str = "s") -> None:
        """Note a figure that must not be more than a limit."""
        told = f"{found:,.2f} {unit} (at most {limit:g})"
        (self.broken if found > limit else self.figures)[name] = told

    def aim(self, name: str, found: float, goal: float) -> None:
        """Note a figure beside its goal. A slow machine breaks no promise by being slow."""
        reached = "reached" if found <= goal else "NOT REACHED"
        self.figures[name] = f"{found:,.2f} s (goal {goal:g}: {reached})"

    def count(self, stage: Stage, expected: Mapping[str, tuple[str, object]]) -> None:
        """Run queries that each give one value, and compare."""
        for name, (query, wanted) in expected.items():
            self.hold(name, stage.one(query), wanted)


def breaches(stage: Stage, good: int) -> dict[str, tuple[str, object]]:
    """Return what must be found of so many tickets whose clock breached and path ran to its end."""
    planned = "a.planned_at - t.opened_at - interval '1 hour'"
    return {
        "every breach once": ("SELECT count(*) FROM violation", good),
        "each of another ticket": ("SELECT count(DISTINCT ticket_id) FROM violation", good),
        "breaches at their true instant": (
            "SELECT count(*) FROM violation v JOIN ticket t ON t.id = v.ticket_id"
            " WHERE v.breached_at = t.opened_at + interval '1 hour' AND v.due_at = v.breached_at"
            " AND v.detected_at >= v.due_at",
            good,
        ),
        # A breach for Lea and Mia, Mia's by mail as well; three levels for Lea.
        "alerts": (
            "SELECT count(*) FROM alert a JOIN violation USING (tenant_id, ticket_id)",
            good * 6,
        ),
        "alerts, different ones": (
            "SELECT count(*) FROM (SELECT DISTINCT a.ticket_id, deed, a.clock, which, a.mark,"
            " recipient_id, channel FROM alert a JOIN violation USING (tenant_id, ticket_id)) x",
            good * 6,
        ),
        "levels at their true instants": (
            "SELECT count(*) FROM alert a JOIN ticket t ON t.id = a.ticket_id"
            f" WHERE a.deed = 'escalate' AND {planned} IN"
            " (interval '0 s', interval '5 s', interval '10 s')",
            good * 3,
        ),
        "the last level's team owns each": (
            "SELECT count(*) FROM ticket t JOIN team m ON m.id = t.team_id"
            f" WHERE m.key = 'major incident' AND t.tenant_id = {stage.tenant}",
            good,
        ),
    }


# What administrators are told of the desk itself has other keys.
_LINES = (
    "SELECT coalesce(sum(coalesce(jsonb_array_length(parts::jsonb->'lines'),"
    " jsonb_array_length(parts::jsonb->'digest') + (parts::jsonb->>'more')::int)), 0)"
    " FROM notification WHERE key LIKE 'effect/%' OR key LIKE 'digest/%'"
)
_TOLD = (
    "SELECT count(*) FROM alert WHERE channel = 'product'"
    " AND state NOT IN ('superseded', 'digest', 'quiet')"
)
SOUND: Mapping[str, tuple[str, object]] = {
    "alerts that nobody was told of": (
        f"SELECT ({_TOLD}) - ({_LINES}) + (SELECT count(*) FROM alert WHERE state = 'digest')",
        0,
    ),
    "streams with gaps": (
        "SELECT count(*) FROM (SELECT FROM event WHERE stream_kind = 'ticket' GROUP BY"
        " stream_id HAVING max(stream_seq) <> count(*)) x",
        0,
    ),
    "gaps in the one order": ("SELECT coalesce(max(position) - count(*), 0) FROM position", 0),
    "what was begun and left": ("SELECT count(*) FROM batch", 0),
}


def sound(played: Played, stage: Stage, held: Collection[int] = ()) -> None:
    """Count what must hold whatever happened; `held` are the tickets that cannot be decided."""
    played.count(stage, SOUND)
    found = {row[0] for row in stage.run("SELECT id FROM ticket WHERE held_until IS NOT NULL")}
    played.hold("tickets that are held", found, set(held))
    _audited(played, stage, held)


def drained(stage: Stage, held: Collection[int] = ()) -> bool:
    """Say whether nothing is due, unsent or unsequenced any more, the held tickets aside."""
    apart = f"AND id <> ALL (ARRAY[{', '.join(map(str, held))}]::bigint[])"
    queries = (
        f"SELECT 1 FROM ticket WHERE wake_at < clock_timestamp() {apart} LIMIT 1",
        "SELECT 1 FROM schedule WHERE kind IN ('digest', 'quiet') LIMIT 1",
        "SELECT 1 FROM outbox WHERE state IN ('pending', 'sending') LIMIT 1",
        "SELECT 1 FROM unsequenced LIMIT 1",
    )
    return not any(stage.run(query) for query in queries) and all(
        stage.one("SELECT held_until IS NOT NULL FROM ticket WHERE id = %(id)s", {"id": one})
        for one in held
    )


def left(stage: Stage) -> str:
    """Return what is not drained."""
    counts = {
        "due": "SELECT count(*) FROM ticket WHERE wake_at < clock_timestamp()",
        "timers": "SELECT count(*) FROM schedule",
        "unsent": "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')",
        "unsequenced": "SELECT count(*) FROM unsequenced",
    }
    return ", ".join(f"{name} {stage.one(query)}" for name, query in counts.items())


def _audited(played: Played, stage: Stage, held: Collection[int]) -> None:
    """Recompute every clock from the log; those of tickets that are held cannot be."""
    from django.db import connection

    from tocsin.queries import access, reckoning

    connection.close()  # its server may have been killed since
    found = reckoning.reckon(by=access.operator(stage.tenant), leave_out=tuple(held))
    differences = [one for batch in found for one in batch.differences]
    told = f"{len(differences)} differences {differences[:3] or ''}".strip()
    (played.broken if differences else played.figures)["recomputed from the log"] = told


def letters(played: Played, stage: Stage, mail: Mail, *, told: str = "letters") -> None:
    """Compare what the mail server got with what is said of the letters."""
    keys = {
        _message_id(stage.tenant, key): state
        for key, state in stage.run("SELECT key, state FROM outbox WHERE channel = 'mail'")
    }
    arrived = Counter(mail.received)
    sent = {id_ for id_, state in keys.items() if state == "sent"}
    played.hold(f"{told} said to be sent that never arrived", len(sent - set(arrived)), 0)
    played.hold(f"{told} that nobody wrote", len(set(arrived) - set(keys)), 0)
    # Given up, and an administrator knows: two processes died over it.
    unsure = sum(state == "unsure" for state in keys.values())
    again = sum(n > 1 for n in arrived.values())
    more = f"{again} again under the same Message-ID, {unsure} said to be unsure"
    played.figures[f"{told} that arrived"] = f"{len(arrived)} of {len(keys)}; {more}"
    alarms = "SELECT count(DISTINCT split_part(key, '/', 2)) FROM notification"
    known = stage.one(f"{alarms} WHERE key LIKE 'letter/%'")
    played.hold(f"{told} that are unsure and no administrator knows", max(0, unsure - known), 0)
    played.hold(f"{told} left", len(keys) - len(sent) - unsure, 0)
    played.hold(f"{told} more than twice", sum(n > 2 for n in arrived.values()), 0)


def _message_id(tenant: int, key: str) -> str:
    name = hashlib.sha256(f"{tenant}/{key}".encode()).hexdigest()[:32]
    return f"<{name}@{SENDER.rpartition('@')[2]}>"


def lateness(stage: Stage) -> str:
    """Return how late breaches were detected."""
    late = stage.one(
        "SELECT percentile_cont(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM"
        " detected_at - breached_at)) FROM violation"
    )
    return ", ".join(f"{one:.2f} s" for one in late or [])
