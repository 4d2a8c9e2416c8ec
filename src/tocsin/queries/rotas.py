"""On-call schedules, overrides and absences as a desk keeps them. Call it inside the tenant."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from tocsin.engine import rota
from tocsin.engine.on_call import Absence, OnCall, Override, Schedule
from tocsin.engine.rota import Calendars, Who
from tocsin.records import rows


def on_call(tenant: int, addresses: Mapping[str, int], calendars: Calendars) -> OnCall:
    """Return what says who is there; `addresses` are those of people, in lower case."""
    return OnCall(_schedules(tenant, whom(addresses), calendars), _absences(tenant))


def whom(addresses: Mapping[str, int]) -> Who:
    """Return how people are found; an address that is nobody's any more has a number below zero."""
    strangers: dict[str, int] = {}

    def who(address: str) -> int:
        key = address.strip().casefold()
        found = addresses.get(key)
        return strangers.setdefault(key, -1 - len(strangers)) if found is None else found

    return who


def _schedules(
    tenant: int, who: Who, calendars: Calendars
) -> dict[str, tuple[tuple[dt.datetime, Schedule], ...]]:
    overrides = _overrides(tenant)
    found: dict[str, tuple[tuple[dt.datetime, Schedule], ...]] = {}
    for key, data, since in rows.query(
        "SELECT key, data, valid_from FROM config_version"
        " WHERE tenant_id = %s AND kind = 'on-call' ORDER BY key, version",
        [tenant],
    ):
        made = rota.schedule_from(key, json.loads(data), who=who, calendars=calendars)
        made = replace(made, overrides=overrides.get(key, ()))
        found[key] = (*found.get(key, ()), (since, made))
    return found


def _overrides(tenant: int) -> dict[str, tuple[Override, ...]]:
    found: dict[str, tuple[Override, ...]] = {}
    for schedule, *one in rows.query(
        "SELECT schedule, person_id, begins_at, ends_at, id FROM on_call_override"
        " WHERE tenant_id = %s ORDER BY id",
        [tenant],
    ):
        found[schedule] = (*found.get(schedule, ()), Override(*one))
    return found


def _absences(tenant: int) -> dict[int, list[Absence]]:
    found: dict[int, list[Absence]] = defaultdict(list)
    for person, *one in rows.query(
        "SELECT person_id, begins_at, ends_at, substitute_id, id FROM absence"
        " WHERE tenant_id = %s ORDER BY id",
        [tenant],
    ):
        found[person].append(Absence(person, *one))
    return dict(found)
