"""Writing what became of a ticket's escalations, and who takes part in it by now."""

from collections.abc import Sequence

from tocsin.actions.work import Work
from tocsin.queries import running
from tocsin.records import rows


def write(works: Sequence[Work]) -> None:
    """Write the escalations of tickets, and those whom a path has taken in."""
    for work in works:
        found = running.rows_of(work.state, work.log, work.desk.versions, now=work.now)
        own = {"tenant_id": work.tenant, "ticket_id": work.id}
        rows.upsert(
            "escalation",
            [{**own, **row} for row in found],
            ("tenant_id", "ticket_id", "number"),
        )
        rows.add_missing(
            "participant",
            [
                {**own, "person_id": person, "added_at": work.now}
                for person in sorted(work.participants)
            ],
            ("tenant_id", "ticket_id", "person_id"),
        )
