"""What a ticket is born with."""

import json
from collections.abc import Mapping
from typing import Any

from tocsin.actions import given
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor
from tocsin.queries.desk import Desk
from tocsin.records import rows
from tocsin.records.tickets import PRIORITIES

USUAL = "P3"
# The fields that a priority follows from, where there is a matrix of them.
RATED = ("impact", "urgency")


def opened_by(at_work: Desk, key: str) -> int | None:
    """Return the ticket that an idempotency key opened before, or None.

    Of several at once with one key the others wait here until the first has committed.
    """
    rows.run(
        "SELECT pg_advisory_xact_lock(hashtext('tocsin key'), hashtext(%s))",
        [f"{at_work.tenant}/{key}"],
    )
    found = rows.query(
        "SELECT stream_id FROM event WHERE tenant_id = %s AND key = %s",
        [at_work.tenant, key],
    )
    return int(found[0][0]) if found else None


def born(
    at_work: Desk, pipeline: str | None, priority: str, account: int | None, contact: int | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the facts that a ticket begins with, and what its row keeps beside them."""
    payload: dict[str, Any] = {"status": "new", "priority": priority}
    if pipeline is None:
        chosen = next(iter(at_work.pipelines.values()), None)
    else:
        chosen = given.pipeline(at_work, pipeline)
    if chosen is not None:
        first = chosen.stages[0]
        payload |= {"pipeline": chosen.key, "stage": first.key, "status": first.status}
    row: dict[str, Any] = {"account_id": account, "contact_id": contact}
    if contact is not None:
        found = rows.query(
            "SELECT account_id FROM contact WHERE tenant_id = %s AND id = %s",
            [at_work.tenant, contact],
        )
        if not found:
            raise Invalid("contact", f"there is no contact {contact}")
        account = account if account is not None else found[0][0]
        payload["contact"] = str(contact)
        row["account_id"] = account
    if account is not None:
        found = rows.query(
            "SELECT key, plan, vip, high_value, account_manager_id FROM account"
            " WHERE tenant_id = %s AND id = %s",
            [at_work.tenant, account],
        )
        if not found:
            raise Invalid("account", f"there is no account {account}")
        names = ("account", "plan", "vip", "high_value")
        payload |= dict(zip(names, found[0][:4], strict=True))
        row["account_manager_id"] = found[0][4]
    return payload, row


def chosen(at_work: Desk, team: str | None, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what was chosen for a ticket beside that: its team, and the company's own fields."""
    found: dict[str, Any] = {} if team is None else {"team": given.team(at_work, team)}
    return found | {name: given.own_field(name, value) for name, value in fields.items()}


def priority(at_work: Desk, by: Actor, wanted: str | None, fields: Mapping[str, Any]) -> str:
    """Return the priority that a ticket is born with: the one wanted, that of the matrix, or P3."""
    if wanted is not None:
        shape.one_of(wanted, "priority", PRIORITIES)
    found = rated(at_work, fields)
    if found is not None and wanted is None:
        check_rated(by, USUAL, found)
    return wanted or found or USUAL


def check_rated(by: Actor, before: object, rated: str) -> None:
    """Refuse what has the matrix make another priority of it, where that may not be changed.

    Whoever does not read it is refused in any case, or the refusal would tell which it is.
    """
    if before != rated or not access.reads(by, "priority"):
        access.check_field(by, "priority")


def rated(at_work: Desk, fields: Mapping[str, Any]) -> str | None:
    """Return the priority of an impact and an urgency, None where either or a matrix is missing.

    Where there is a matrix, a word that it does not know is refused.
    """
    words = [str(fields.get(name) or "") for name in RATED]
    if not any(words):
        return None
    found = rows.query(
        "SELECT data FROM config_version WHERE tenant_id = %s AND kind = 'priorities'"
        " ORDER BY version DESC LIMIT 1",
        [at_work.tenant],
    )
    if not found:
        return None
    known = json.loads(found[0][0])
    for name, word, words_of in zip(RATED, words, ("impacts", "urgencies"), strict=True):
        if word:
            shape.one_of(word, name, known[words_of])
    return str(known["matrix"][words[0]][words[1]]) if all(words) else None
