"""What is said on a ticket, as rows; and the words it can be found by."""

from collections.abc import Mapping
from typing import Any

from tocsin.actions.work import Work
from tocsin.queries.access import Actor
from tocsin.records import rows


def said(work: Work, seq: int, by: Actor, body: str, *, public: bool) -> dict[str, Any]:
    """Return the row of a message that the fact number `seq` tells of."""
    return {
        "seq": seq,
        "side": by.side.value,
        "public": public,
        "person_id": by.person,
        "contact_id": by.contact,
        "body": body,
        "said_at": work.now,
    }


def write_fields(work: Work, fields: Mapping[str, str]) -> None:
    """Write fields that a company added itself, for looking up."""
    found = [
        {"tenant_id": work.tenant, "ticket_id": work.id, "name": name, "value": value.strip()}
        for name, value in fields.items()
    ]
    rows.upsert("ticket_field", found, ("tenant_id", "ticket_id", "name"))


def write_words(work: Work, text: str) -> None:
    """Let the ticket be found by these words too."""
    rows.run(
        "INSERT INTO search_text AS s (tenant_id, ticket_id, words)"
        " VALUES (%s, %s, to_tsvector('simple', %s))"
        " ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET words = s.words || EXCLUDED.words",
        [work.tenant, work.id, text],
    )
