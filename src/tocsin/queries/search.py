"""Finding tickets by the words that were said on them."""

import re

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, reach
from tocsin.queries.access import Actor, Right
from tocsin.records import rows

_MOST = 1000
_ALL = 2**31 - 1
# A minus that excludes nothing. PostgreSQL keeps them on a small stack, and fails when it is full.
_IDLE_MINUS = re.compile(r'-(?![\w"])')


@access.needs(Right.READ_TICKETS)
def tickets(*, words: str, by: Actor, most: int = 50) -> list[int]:
    """Return the ids of the tickets that hold all the words, the newest first.

    As people know it: "a phrase", this or that, -without. A contact finds only their own.
    """
    if "\0" in words:
        raise Invalid("words", "holds a NUL character, which no text has")
    if shape.whole(most, "most", least=1) > _MOST:
        raise Invalid("most", f"is {most}; {_MOST} are the most")
    words = _IDLE_MINUS.sub(" ", words)
    if not words.strip():
        return []
    with reach.reading(by):
        seen, given = reach.condition(by)
        if seen == "true":
            found = rows.query("SELECT ticket_id FROM search_tickets(%s, %s)", [words, most])
        else:
            # Cut off only after others' tickets are gone, or the own ones could be among the rest.
            found = rows.query(
                "SELECT f.ticket_id FROM search_tickets(%s, %s) f JOIN ticket t"
                f" ON t.id = f.ticket_id WHERE t.tenant_id = %s AND {seen}"
                " ORDER BY f.ticket_id DESC LIMIT %s",
                [words, _ALL, by.tenant, *given, most],
            )
    return [int(row[0]) for row in found]
