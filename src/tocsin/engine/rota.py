"""On-call schedules as data: reading what a file, a form or a table has of one.

>>> schedule = schedule_from(
...     "primary",
...     {
...         "zone": "Europe/Stockholm",
...         "layers": [
...             {"people": ["ann", "bo"], "every": "week", "hand_over": "09:00",
...              "weekday": "mon", "begins": "2026-03-23"},
...         ],
...     },
...     who={"ann": 1, "bo": 2}.get,
... )
>>> schedule.next_change(dt.datetime(2026, 3, 23, 12, tzinfo=dt.UTC)).isoformat()
'2026-03-30T07:00:00+00:00'
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tocsin.engine.calendar import Calendar
from tocsin.engine.holiday import date_of
from tocsin.engine.hours import WEEKDAYS, Hours
from tocsin.engine.on_call import Schedule
from tocsin.engine.rotation import Days, Every, Layer, OnDays, closed_days
from tocsin.engine.span import HOUR_S
from tocsin.engine.zone import Zone, named
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid

FIELDS = ("name", "zone", "layers")
LAYER = (
    *("name", "people", "every", "length", "hand_over", "weekday", "begins"),
    *("zone", "only", "holidays", "beside"),
)
# The longest turn of each unit: about a year.
LONGEST = {Every.HOURS: 366 * 24, Every.DAY: 366, Every.WEEK: 52}
MOST_LAYERS, MOST_TURNS = 20, 200
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)

_UTC = named("UTC")

# A person of that address, or None.
Who = Callable[[str], int | None]
Calendars = Mapping[str, Calendar]


def schedule_from(
    key: str, value: object, path: str = "", *, who: Who, calendars: Calendars | None = None
) -> Schedule:
    """Read a schedule; `who` finds a person by address, `calendars` those of holidays.

    ``{zone: Europe/Stockholm, layers: [{people: [ann@acme.example, [bo@…, cy@…]], every: week,
    length: 1, hand_over: "09:00", weekday: mon, begins: 2026-01-05}, …]}``. A layer may have a
    `zone` of its own, be on duty `only` in ``{mon: ["08:00-17:00"], …}``, do something about
    `holidays` ``{calendar: KEY, days: skip | only}``, and stand `beside` the others.
    """
    data = shape.mapping(value, path)
    shape.only(data, path, FIELDS)
    prefix = f"{path}." if path else ""
    zone = Zone.from_dict(shape.text(data.get("zone"), f"{prefix}zone"), f"{prefix}zone")
    listed = layers_of(data.get("layers"), f"{prefix}layers")
    layers = tuple(
        layer_from(one, f"{prefix}layers[{k}]", zone, who=who, calendars=calendars or {})
        for k, one in enumerate(listed)
    )
    name = shape.text(data.get("name", key), f"{prefix}name")
    return Schedule(key, name, zone.name, layers)


def layers_of(value: object, path: str) -> list[Any]:
    """Return the layers as they are written; refuse none, and too many."""
    listed = shape.listing(value, path)
    if not 1 <= len(listed) <= MOST_LAYERS:
        raise Invalid(path, f"a schedule has 1 to {MOST_LAYERS} layers")
    return listed


def layer_from(value: object, path: str, zone: Zone, *, who: Who, calendars: Calendars) -> Layer:
    """Read one layer; `zone` is that of the schedule."""
    data = shape.mapping(value, path)
    shape.only(data, path, LAYER)
    own = _own_zone(data, path, zone)
    parts = _parts(data, path, own, who, calendars)
    return Layer(zone=own, **{name: read() for name, read in parts.items()})


def _own_zone(data: Mapping[str, Any], path: str, zone: Zone) -> Zone:
    if "zone" not in data:
        return zone
    place = f"{path}.zone" if path else "zone"
    return Zone.from_dict(shape.text(data["zone"], place), place)


def _parts(
    data: Mapping[str, Any], path: str, zone: Zone, who: Who, calendars: Calendars
) -> dict[str, Callable[[], Any]]:
    """Return how each field of a layer is read; what one refuses says nothing of the others."""
    every = data.get("every", Every.WEEK)
    unit = Every(every) if every in list(Every) else Every.WEEK
    begins = data.get("begins")
    found: dict[str, Callable[[], Any]] = {
        "turns": lambda: _turns(data.get("people"), f"{path}.people", who),
        "every": lambda: Every(shape.one_of(every, f"{path}.every", Every)),
        "begins": lambda: _begins(begins, f"{path}.begins"),
        "length": lambda: _length(data.get("length", 1), f"{path}.length", unit),
        "hand_over": lambda: _time(data.get("hand_over", "09:00"), f"{path}.hand_over"),
        "weekday": lambda: _weekday(data, f"{path}.weekday", unit),
        "beside": lambda: shape.flag(data.get("beside", False), f"{path}.beside"),
        "name": lambda: shape.text(data["name"], f"{path}.name") if "name" in data else "",
    }
    if "only" in data:
        found["only"] = lambda: _windows(data["only"], f"{path}.only", zone)
    if "holidays" in data:
        found["days"] = lambda: _days(data["holidays"], f"{path}.holidays", calendars)
    return found


def _begins(value: object, path: str) -> dt.date:
    if value is None:
        raise Invalid(path, "a layer begins on a date")
    return date_of(value, path)


def _turns(value: object, path: str, who: Who) -> tuple[tuple[int, ...], ...]:
    listed = shape.listing(value, path)
    if not 1 <= len(listed) <= MOST_TURNS:
        raise Invalid(path, f"a layer has 1 to {MOST_TURNS} turns; name who takes them")
    return tuple(_turn(one, f"{path}[{k}]", who) for k, one in enumerate(listed))


def _turn(value: object, path: str, who: Who) -> tuple[int, ...]:
    """Read who has a turn: one address, or several."""
    if not isinstance(value, list | tuple):
        return (_person(value, path, who),)
    found = tuple(_person(one, f"{path}[{k}]", who) for k, one in enumerate(value))
    if not found or len(set(found)) != len(found):
        raise Invalid(path, "somebody is named twice" if found else "nobody has this turn")
    return found


def _person(value: object, path: str, who: Who) -> int:
    address = shape.text(value, path)
    found = who(address)
    if found is None:
        raise Invalid(path, f"there is nobody with the address {address!r}")
    return found


def _length(value: object, path: str, every: Every) -> int:
    length = shape.whole(value, path, least=1)
    if length > LONGEST[every]:
        raise Invalid(path, f"must be at most {LONGEST[every]}")
    return length


def _time(value: object, path: str) -> int:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Invalid(path, f"{shape.describe(value)} is not a time of day; write it like 09:00")
    return int(found[1]) * HOUR_S + int(found[2]) * 60


def _weekday(data: Mapping[str, Any], path: str, unit: Every) -> int:
    """Read the weekday of weekly turns; unless it is said, that on which the layer begins."""
    if "weekday" not in data:
        begins = data.get("begins")
        return date_of(begins, path).weekday() if _is_date(begins) else 0
    if unit is not Every.WEEK:
        raise Invalid(path, "only weekly turns change hands on a weekday")
    return WEEKDAYS.index(shape.one_of(data["weekday"], path, WEEKDAYS))


def _is_date(value: object) -> bool:
    try:
        date_of(value, "")
    except Invalid:
        return False
    return True


def _windows(value: object, path: str, zone: Zone) -> Hours:
    try:
        return Hours.from_dict({"zone": zone.name, "week": value}, "")
    except Invalid as error:
        # It is read as the week of a calendar; here it is the field itself.
        place, reason = error.path.removeprefix("week"), error.reason
        if not place and isinstance(value, Mapping) and not any(value.values()):
            reason = "has no hours at all; leave it out for all the time"
        raise Invalid(f"{path}{place}", reason) from None


def _days(value: object, path: str, calendars: Calendars) -> Days:
    data = shape.mapping(value, path)
    shape.only(data, path, ("calendar", "days"))
    key = shape.one_of(data.get("calendar"), f"{path}.calendar", calendars)
    how = OnDays(shape.one_of(data.get("days", "skip"), f"{path}.days", OnDays))
    return Days(key, how, closed_days(calendars[key]))


def checks(
    data: Mapping[str, Any], *, who: Who, calendars: Calendars
) -> Iterator[Callable[[], object]]:
    """Yield one check for each field of a schedule: what is wrong with it is its refusal."""
    yield lambda: shape.only(data, "", FIELDS)
    yield lambda: shape.text(data.get("name", "-"), "name")
    yield lambda: _own_zone({"zone": data.get("zone")}, "", _UTC)
    yield lambda: layers_of(data.get("layers"), "layers")
    listed = data.get("layers")
    for k, one in enumerate(listed[:MOST_LAYERS] if isinstance(listed, list | tuple) else ()):
        path = f"layers[{k}]"
        yield partial(shape.mapping, one, path)
        if isinstance(one, Mapping):
            yield partial(shape.only, one, path, LAYER)
            yield partial(_own_zone, one, path, _UTC)
            yield from _parts(one, path, _UTC, who, calendars).values()
