"""Writing what became of a ticket's escalations, and who takes part in it by now."""

from collections.abc import Sequence

from tocsin.actions.work import Row, Work
from tocsin.queries import running
from tocsin.records import rows


def write(works: Sequence[Work]) -> None:
    """Write the escalations of tickets, and those whom a path has taken in."""
    found, people = list[Row](), list[Row]()
    for work in works:
        own = {"tenant_id": work.tenant, "ticket_id": work.id}
        made = running.rows_of(work.state, work.log, work.desk.versions, now=work.now)
        found += [{**own, **row} for row in made]
        people += [
            {**own, "person_id": person, "added_at": work.now}
            for person in sorted(work.participants)
        ]
    rows.upsert("escalation", found, ("tenant_id", "ticket_id", "number"))
    rows.add_missing("participant", people, ("tenant_id", "ticket_id", "person_id"))
