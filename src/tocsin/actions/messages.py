"""What is said on a ticket, as rows; and the words it can be found by."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tocsin.actions.work import Work
from tocsin.queries.access import Actor
from tocsin.records import context, rows

# A ticket's words must stay below a megabyte, whatever is pasted into it.
_MOST_TEXT = 50_000
_MOST_WORDS = 600_000


def said(work: Work, seq: int, by: Actor, body: str, *, public: bool) -> dict[str, Any]:
    """Return the row of a message that the fact number `seq` tells of."""
    return {
        "seq": seq,
        "side": by.side.value,
        "public": public,
        "person_id": by.person,
        "contact_id": by.contact,
        "private_to_id": None,
        "body": body,
        "said_at": work.now,
    }


def write_fields(work: Work, fields: Mapping[str, str]) -> None:
    """Write fields that a company added itself, for looking up."""
    found = [
        {"tenant_id": work.tenant, "ticket_id": work.id, "name": name, "value": value.strip()}
        for name, value in fields.items()
    ]
    rows.upsert(
        "ticket_field",
        [row for row in found if row["value"]],
        ("tenant_id", "ticket_id", "name"),
    )
    cleared = [row["name"] for row in found if not row["value"]]
    if cleared:
        rows.run(
            "DELETE FROM ticket_field WHERE tenant_id = %s AND ticket_id = %s AND name = ANY(%s)",
            [work.tenant, work.id, cleared],
        )


def write_words(work: Work, text: str) -> None:
    """Let the ticket be found by these words too, until there are as many as an index can hold."""
    rows.run(
        "INSERT INTO search_text AS s (tenant_id, ticket_id, words)"
        " VALUES (%s, %s, to_tsvector('simple', %s))"
        " ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET words = s.words || EXCLUDED.words"
        " WHERE octet_length(s.words::text) < %s",
        [work.tenant, work.id, text[:_MOST_TEXT], _MOST_WORDS],
    )


def target(by: Actor, ticket_id: int) -> int:
    """Return the ticket that goes on in the place of one that was merged, or the same."""
    with transaction.atomic(), context.tenant(by.tenant):
        found = rows.query(
            "WITH RECURSIVE way AS (SELECT id, merged_into_id FROM ticket"
            " WHERE tenant_id = %s AND id = %s UNION SELECT t.id, t.merged_into_id FROM ticket t"
            " JOIN way ON t.id = way.merged_into_id WHERE t.tenant_id = %s)"
            " SELECT id FROM way WHERE merged_into_id IS NULL",
            [by.tenant, ticket_id, by.tenant],
        )
    return int(found[0][0]) if found else ticket_id
