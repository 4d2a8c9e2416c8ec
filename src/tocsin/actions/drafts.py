"""Drafts: a change of the configuration that is being written, kept even while it is wrong."""

import datetime as dt
import json
from typing import Any

from django.db import transaction

from tocsin.actions import ledger
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import context, rows
from tocsin.records.configuration import KINDS

_LONGEST_KEY = 200
_LARGEST = 2_000_000  # characters of JSON: a calendar with ten years of holidays has 50,000


@access.needs(Right.CONFIGURE)
def save(
    *,
    kind: str,
    key: str,
    data: Any,
    by: Actor,
    base: int = 0,
    now: dt.datetime | None = None,
) -> None:
    """Keep a draft of a thing in place of the one there was. Nothing of it holds anywhere yet.

    `data` is kept as it was typed, mistakes included; `base` is the version that it began from, 0
    for something new.
    """
    shape.one_of(kind, "kind", KINDS)
    shape.whole(base, "base", least=0)
    key = shape.text(key, "key").strip()
    if len(key) > _LONGEST_KEY:
        raise Invalid("key", f"has {len(key)} characters; {_LONGEST_KEY} are the most")
    row = {
        "tenant_id": by.tenant,
        "kind": kind,
        "key": key,
        "data": _written(data),
        "base": base,
        "author_id": by.person,
    }
    with transaction.atomic(), context.tenant(by.tenant):
        at = now or ledger.clock()
        rows.upsert("draft", [{**row, "changed_at": at}], ("tenant_id", "kind", "key"))


def _written(data: Any) -> str:
    try:
        found = json.dumps(data, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid("data", f"cannot be kept as JSON: {error}") from None
    if "\\u0000" in found:
        raise Invalid("data", "holds a NUL character, which no text has")
    if len(found) > _LARGEST:
        raise Invalid("data", f"has {len(found):,} characters; {_LARGEST:,} are the most")
    return found


@access.needs(Right.CONFIGURE)
def discard(*, kind: str, key: str, by: Actor) -> None:
    """Throw a draft away; it is no mistake if there is none."""
    with transaction.atomic(), context.tenant(by.tenant):
        rows.run(
            "DELETE FROM draft WHERE tenant_id = %s AND kind = %s AND key = %s",
            [by.tenant, kind, key],
        )
