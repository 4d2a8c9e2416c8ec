"""A calendar as its form shows it: what is in each field, and what is wrong with it."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tocsin.engine.hours import WEEKDAYS
from tocsin.kit import holiday_dates
from tocsin.kit.invalid import Invalid
from tocsin.web import calendar_forms, calendar_names
from tocsin.web.calendar_forms import Data
from tocsin.web.calendar_reasons import Mistake


@dataclass(frozen=True, slots=True)
class Field:
    """A text field: its name in the form, what it is called, its text and what is wrong with it."""

    name: str
    label: str
    text: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A day of a country's set: whether it closes, and its own hours if they differ."""

    date: dt.date
    name: str
    closes: bool
    hours: Field


@dataclass(frozen=True, slots=True)
class Single:
    """A date of one's own and its hours."""

    date: Field
    hours: Field


@dataclass(frozen=True, slots=True)
class Set:
    """A set of holidays. `years` has its days by year; `earlier` days are kept but not shown."""

    number: int
    title: str
    under: str
    kept: str
    own: bool
    hours: Field
    since: str
    earlier: int
    years: tuple[tuple[int, tuple[Row, ...]], ...]
    until: int
    lines: Field | None = None
    first: Field | None = None
    last: Field | None = None
    leap: bool = False

    @property
    def closing(self) -> int:
        """How many of the shown days close."""
        return sum(row.closes for _, rows in self.years for row in rows)

    @property
    def days(self) -> int:
        """How many days are shown."""
        return sum(len(rows) for _, rows in self.years)


@dataclass(frozen=True, slots=True)
class Part:
    """A calendar within a combined one."""

    kept: str
    title: str
    hours: str


@dataclass(frozen=True, slots=True)
class Told:
    """A mistake with the field that it is in."""

    field: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Editor:
    """The whole form."""

    how: str
    zone: Field
    week: tuple[Field, ...]
    exceptions: tuple[Single, ...]
    sets: tuple[Set, ...]
    parts: tuple[Part, ...]
    mistakes: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is being chosen for a set to come, and what there is to choose from."""

    country: str
    part: str
    categories: tuple[str, ...]
    first: str
    last: str
    countries: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    wrong: Mapping[str, str]


def editor(data: Data, mistakes: Iterable[Mistake], *, today: dt.date) -> Editor:
    """Return the form for some data, whatever state it is in."""
    wrong: dict[str, str] = {}
    for mistake in mistakes:
        wrong.setdefault(_place(mistake.path), mistake.reason)
    exceptions = {str(key): text(value) for key, value in mapping(data.get("exceptions")).items()}
    listed = data.get("holidays")
    sets = []
    for k, item in enumerate(listed if isinstance(listed, list) else []):
        sets.append(_set(k, mapping(item), exceptions, wrong, today))
    how = next((how for how in ("union", "intersection") if how in data), "own")
    parts = data.get(how) if how != "own" else []
    rows = [_exception(k, *item, wrong) for k, item in enumerate(sorted(exceptions.items()))]
    empty = _exception(len(rows), "", "", wrong)
    made = Editor(
        how,
        Field("zone", _("Time zone"), str(data.get("zone") or ""), wrong.get("zone", "")),
        tuple(_weekday(k, day, data, wrong) for k, day in enumerate(WEEKDAYS)),
        (*rows, empty),
        tuple(sets),
        tuple(part_of(mapping(part)) for part in (parts if isinstance(parts, list) else [])),
        (),
    )
    return _told(made, wrong)


def _told(made: Editor, wrong: Mapping[str, str]) -> Editor:
    """Add the mistakes, each with the field that shows it, in the order of the form."""
    told = [
        Told(one.name, one.label, one.error)
        for one in _all_fields(made)
        if one is not None and one.error
    ]
    shown = {one.reason for one in told}
    told += [Told(place, "", reason) for place, reason in wrong.items() if reason not in shown]
    return Editor(
        made.how,
        made.zone,
        made.week,
        made.exceptions,
        made.sets,
        made.parts,
        tuple(told),
    )


def _all_fields(made: Editor) -> Iterable[Field | None]:
    yield made.zone
    yield from made.week
    for a_set in made.sets:
        yield from (a_set.hours, a_set.lines, a_set.first)
        for _year, rows in a_set.years:
            yield from (row.hours for row in rows)
    for row in made.exceptions:
        yield from (row.date, row.hours)


_PLACES = (
    (re.compile(r"week\.(\w{3})(\[.*)?"), r"week.\1"),
    (re.compile(r"week"), r"week.mon"),
    (re.compile(r"exceptions\.([^\[]*).*"), r"x.\1"),
    (re.compile(r"holidays\[(\d+)\]\.hours.*"), r"hours.\1"),
    (re.compile(r"holidays\[(\d+)\]\.years.*"), r"years.\1.first"),
    (re.compile(r"holidays\[(\d+)\].*"), r"lines.\1"),
)


def _place(path: str) -> str:
    """Return the field in which a path of the data is typed."""
    for pattern, field in _PLACES:
        found = pattern.fullmatch(path)
        if found is not None:
            return found.expand(field)
    return path


def _weekday(k: int, day: str, data: Data, wrong: Mapping[str, str]) -> Field:
    name = f"week.{day}"
    return Field(
        name,
        calendar_names.weekdays()[k],
        text(mapping(data.get("week")).get(day)),
        wrong.get(name, ""),
    )


def _exception(k: int, date: str, hours: str, wrong: Mapping[str, str]) -> Single:
    error = wrong.get(f"x.{date}", "") if date or hours else ""
    sound = calendar_forms.date(date) is not None
    of_date, of_hours = ("", error) if sound else (error, "")
    label = _("Exception %(date)s") % {"date": date.strip() or k + 1}
    shown = _("closed") if date and not hours else hours
    return Single(
        Field(f"x.date.{k}", label, date.strip(), of_date),
        Field(f"x.hours.{k}", label, shown, of_hours),
    )


def _set(
    k: int, item: Data, exceptions: dict[str, str], wrong: Mapping[str, str], today: dt.date
) -> Set:
    hours = Field(
        f"hours.{k}",
        _("Hours on these days"),
        text(item.get("hours")),
        wrong.get(f"hours.{k}", ""),
    )
    if not item.get("country"):
        return _own(k, item, hours, wrong)
    known = calendar_forms.dates(item)
    since = max([f"{today.year - 1}-01-01", *sorted(known)[-calendar_forms.MOST_ROWS :][:1]])
    kept = {str(day) for day in calendar_forms.listed(item.get("keep"))}
    years: dict[int, list[Row]] = {}
    for day, name in known.items():
        date = calendar_forms.date(day)
        if date is not None and day >= since:
            hours_of_day = _hours_of(f"day.{k}.{day}", f"{name} {day}", exceptions, wrong)
            row = Row(date, name, day not in kept, hours_of_day)
            years.setdefault(date.year, []).append(row)
    return Set(
        number=k,
        title=calendar_names.title(item),
        under=", ".join(
            calendar_names.category(str(one))
            for one in calendar_forms.listed(item.get("categories"))
        ),
        kept=_json(item),
        own=False,
        hours=hours,
        since=since,
        earlier=sum(day < since for day in known),
        years=tuple((year, tuple(rows)) for year, rows in years.items()),
        until=max(years, default=today.year) + 1,
    )


def _hours_of(field: str, day: str, exceptions: dict[str, str], wrong: Mapping[str, str]) -> Field:
    """Return the hours of a day of a set: the exception of its date, which is taken out."""
    date = field.rpartition(".")[2]
    hours = exceptions.pop(date, None)
    label = _("Hours on %(day)s") % {"day": day}
    shown = _("closed") if hours == "" else hours or ""
    return Field(field, label, shown, wrong.get(f"x.{date}", ""))


def _own(k: int, item: Data, hours: Field, wrong: Mapping[str, str]) -> Set:
    lines = [
        f"{day.rstrip()} {name}".rstrip()
        for part in ("days", "yearly")
        for day, name in sorted(mapping(item.get(part)).items(), key=lambda entry: str(entry[0]))
    ]
    years = item.get("years")
    first, last = years if isinstance(years, list) and len(years) == 2 else ("", "")
    error = wrong.get(f"years.{k}.first", "")
    return Set(
        number=k,
        title=_("Days of our own"),
        under="",
        kept=_json({name: item[name] for name in ("keep", "source") if name in item}),
        own=True,
        hours=hours,
        since="",
        earlier=0,
        years=(),
        until=0,
        lines=Field(f"lines.{k}", _("Days"), "\n".join(lines), wrong.get(f"lines.{k}", "")),
        first=Field(f"years.{k}.first", _("From year"), str(first), error),
        last=Field(f"years.{k}.last", _("To year"), str(last)),
        leap=item.get("leap_day") == "28 february",
    )


def part_of(item: Data) -> Part:
    """Return a calendar within a combined one."""
    title = str(item.get("zone") or " + ".join(k for k in ("union", "intersection") if k in item))
    week = mapping(item.get("week"))
    told = [
        f"{name} {text(week[day])}"
        for day, name in zip(WEEKDAYS, calendar_names.weekdays("abbreviated"), strict=True)
        if week.get(day)
    ]
    return Part(_json(item), title, "; ".join(told))


def chosen(given: Mapping[str, Any], *, today: dt.date, wrong: Invalid | None = None) -> Chosen:
    """Return the fields for a set to come, as far as somebody has chosen."""
    country, listed = str(given.get("country") or ""), calendar_names.countries()
    offer = None
    if country in dict(listed):
        offer = holiday_dates.offer(country)
    picked = tuple(c for c in given.get("categories") or () if offer and c in offer.categories)
    parts = sorted((offer.parts if offer else {}).items(), key=lambda item: item[1])
    return Chosen(
        country=country,
        part=str(given.get("part") or ""),
        categories=picked or ((offer.usual,) if offer else ()),
        first=str(given.get("first") or today.year),
        last=str(given.get("last") or today.year + 2),
        countries=listed,
        parts=tuple(parts),
        kinds=tuple(
            (one, calendar_names.category(one)) for one in (offer.categories if offer else ())
        ),
        wrong={wrong.path: wrong.reason} if wrong else {},
    )


def mapping(value: object) -> Data:
    """Return a value as a mapping; one that is none is empty."""
    return dict(value) if isinstance(value, Mapping) else {}


def text(value: object) -> str:
    """Return spans as they are typed."""
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else ""


def _json(value: Data) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
