"""The form of a ServiceNow incident event log: its columns, states and dates, and what may vary."""

import datetime as dt
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.engine.hours import day_number
from tocsin.engine.instant import EPOCH
from tocsin.engine.zone import DAY_S, Zone, named
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

REQUIRED = (
    *("number", "incident_state", "sys_mod_count", "opened_at", "sys_updated_at"),
    *("priority", "closed_at"),
)
# Columns that become fields of the ticket, under the name that policies use.
FIELDS: Mapping[str, str] = {
    "priority": "priority",
    "assignment_group": "team",
    "assigned_to": "assignee",
    "category": "category",
    "subcategory": "subcategory",
    "impact": "impact",
    "urgency": "urgency",
    "contact_type": "contact_type",
    "location": "location",
    "caller_id": "contact",
    "cmdb_ci": "cmdb_ci",
    "vendor": "vendor",
}
# Columns that are known and say nothing that a clock could turn on.
OTHERS = (
    *("active", "reassignment_count", "reopen_count", "made_sla", "opened_by"),
    *("sys_created_by", "sys_created_at", "sys_updated_by", "knowledge", "notify"),
    *("problem_id", "rfc", "caused_by", "closed_code", "resolved_by", "resolved_at"),
)
# ServiceNow marks columns that a company added itself so; they become fields by their own name.
CUSTOM = ("u_", "x_")
STATES: Mapping[str, str] = {
    "New": "new",
    "Active": "open",
    "In Progress": "open",
    "On Hold": "waiting internal",
    "Awaiting User Info": "waiting customer",
    "Awaiting Caller": "waiting customer",
    "Awaiting Vendor": "waiting internal",
    "Awaiting Problem": "waiting internal",
    "Awaiting Change": "waiting internal",
    "Awaiting Evidence": "waiting internal",
    "Resolved": "resolved",
    "Closed": "closed",
    "Canceled": "closed",
}
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?")
_SHOWN = 60
_STATUSES = ("new", "open", "waiting customer", "waiting internal", "resolved", "closed")


@dataclass(frozen=True, slots=True)
class Form:
    """How to read one log: the zone of its dates, its states, and the clock it has verdicts on.

    `ignore` names columns that are neither ServiceNow's nor marked as the company's own and that
    may be passed over; any other unknown column is refused, since a misspelt one would silently
    be no column at all.
    """

    zone: Zone = field(default_factory=lambda: named("UTC"))
    states: Mapping[str, str] = field(default_factory=lambda: STATES)
    compare: str = "resolution"
    ignore: frozenset[str] = frozenset()

    @classmethod
    def from_dict(cls, value: object, path: str = "log") -> "Form":
        """Read the `log` section of a policy file; refuse mistakes by field."""
        data = shape.mapping(value, path)
        shape.only(data, path, ("zone", "states", "compare", "ignore_columns"))
        states = dict(STATES)
        for state, status in shape.mapping(data.get("states", {}), f"{path}.states").items():
            states[state] = shape.one_of(status, f"{path}.states.{state}", _STATUSES)
        ignored = f"{path}.ignore_columns"
        ignore = [
            shape.text(name, f"{ignored}[{k}]")
            for k, name in enumerate(shape.listing(data.get("ignore_columns", []), ignored))
        ]
        for k, name in enumerate(ignore):
            if name in REQUIRED:
                raise Invalid(f"{ignored}[{k}]", f"the column {name!r} is needed")
        return cls(
            zone=Zone.from_dict(data.get("zone", "UTC"), f"{path}.zone"),
            states=states,
            compare=shape.text(data.get("compare", "resolution"), f"{path}.compare"),
            ignore=frozenset(ignore),
        )

    def columns(self, header: list[str], name: str) -> dict[str, int]:
        """Return the place of each column; refuse one that is missing, unknown or there twice."""
        place = f"{name}, line 1"
        known = (*REQUIRED, *FIELDS, *OTHERS)
        for column in header:
            if column in known or column in self.ignore or column.startswith(CUSTOM):
                continue
            near = shape.hint(column, known)
            raise Invalid(
                place,
                f"unknown column {column!r}{near}; if it may be passed over, "
                "name it under log: ignore_columns: in the policy file",
            )
        for column in header:
            if header.count(column) > 1:
                raise Invalid(place, f"the column {column!r} is there twice")
        for column in REQUIRED:
            if column not in header:
                raise Invalid(place, f"the column {column!r} is missing")
        return {column: k for k, column in enumerate(header) if column not in self.ignore}

    def fields(self, columns: Mapping[str, int]) -> dict[str, int]:
        """Return the place of each field of the ticket, by the name that policies use."""
        found = {field: columns[column] for column, field in FIELDS.items() if column in columns}
        found.update({c: k for c, k in columns.items() if c.startswith(CUSTOM)})
        return found

    def instant(self, text: str) -> dt.datetime:
        """Read a date of the log, ``29/2/2016 01:16`` or ``2016-02-29 01:16:00``, into UTC.

        A local time that clocks showed twice is taken as the first, one that they skipped as the
        instant they skipped it.
        """
        return _instant(self.zone, text)


def short(text: str) -> str:
    """Return a cell as a remark shows it: in quotes, a long one cut."""
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}…"


@functools.lru_cache(maxsize=100_000)
def _instant(zone: Zone, text: str) -> dt.datetime:
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    else:
        raise Invalid(
            "", f"{short(text)} is not a date like 29/2/2016 01:16 or 2016-02-29 01:16:00"
        )
    try:
        date, time = dt.date(year, month, day), dt.time(hour, minute, min(second, 59))
    except ValueError as error:
        raise Invalid("", f"{text!r} is no date: {error}") from None
    seconds = time.hour * 3600 + time.minute * 60 + time.second
    # A leap second, 23:59:60, is the next second.
    local = day_number(date) * DAY_S + seconds + (second == 60)
    if second > 60:
        raise Invalid("", f"{text!r} is no date: second must be in 0..60")
    try:
        return EPOCH + dt.timedelta(seconds=zone.first(local))
    except OverflowError:
        raise Invalid("", f"{text!r} is no date: outside the years 1 to 9999 in UTC") from None
