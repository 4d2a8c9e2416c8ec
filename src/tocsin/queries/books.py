"""Contracts, whose calendar is whose, and how to choose among policies: in all their versions."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tocsin.engine.books import Books, Choose, Contract, choice_from
from tocsin.engine.policy import instant_from
from tocsin.records import rows


def books(tenant: int) -> Books:
    """Return what clocks are decided by beside calendars and policies."""
    contracts: list[Contract] = []
    hours: dict[tuple[str, str], list[tuple[dt.datetime | None, str]]] = defaultdict(list)
    choices: list[tuple[dt.datetime | None, Any]] = []
    for kind, key, version, data, valid_from in rows.query(
        "SELECT kind, key, version, data, valid_from FROM config_version WHERE tenant_id = %s"
        " AND kind IN ('contract', 'hours', 'options') ORDER BY kind, key, version",
        [tenant],
    ):
        told: Mapping[str, Any] = json.loads(data)
        if kind == "contract":
            contracts.append(_contract(key, version, told, valid_from))
        elif kind == "hours":
            whose, _, who = key.partition(":")
            named = {"person": "assignee"}.get(whose, whose)
            hours[named, who].append((valid_from, str(told.get("calendar") or "")))
        else:
            chosen = told.get("choose", Choose.FIRST_MATCH.value)
            choices.append((valid_from, choice_from(chosen)))
    listed = {who: tuple(since) for who, since in hours.items()}
    return Books(tuple(contracts), listed, tuple(choices))


def _contract(key: str, version: int, told: Mapping[str, Any], known_at: dt.datetime) -> Contract:
    from_, until = (
        instant_from(told[name], name) if told.get(name) else None
        for name in ("valid_from", "valid_until")
    )
    return Contract(
        key=key,
        version=version,
        account=str(told["account"]),
        policies=frozenset(told.get("policies", ())),
        calendar=str(told.get("calendar") or ""),
        known_at=known_at,
        valid_from=from_,
        valid_until=until,
    )
