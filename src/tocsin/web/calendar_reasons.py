"""What is wrong with a calendar that somebody is writing: every field, in the reader's language."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from tocsin.engine import zone
from tocsin.engine.calendar import Calendar
from tocsin.engine.holiday import HolidaySet, date_of
from tocsin.engine.hours import WEEKDAYS
from tocsin.engine.span import spans_of_date
from tocsin.kit.invalid import Invalid

# The engine's words, and how they are said on a page; what stands in brackets goes into the gaps.
_SAID = (
    (r"(.+) is not a span; .*", _("%(a)s is not a span; write it like 09:00-17:00")),
    (r"(.+) has minutes or seconds beyond 59", _("%(a)s has minutes or seconds beyond 59")),
    (r"(.+) goes beyond 48:00", _("%(a)s goes beyond 48:00")),
    (
        r"(.+) ends before it starts or is empty; .*",
        _("%(a)s ends before it starts; a night shift counts on past 24:00, as in 22:00-30:00"),
    ),
    (r"(\S+) and (\S+) overlap", _("%(a)s and %(b)s overlap")),
    (r"(.*) is not a date; .*", _("%(a)s is not a date; write it like 2026-12-24")),
    (r"(.*) is not a month and day; .*", _("%(a)s is not a month and day; write it like 12-24")),
    (
        r"unknown time zone '(.*?)' \(did you mean (.*)\?\).*",
        _("there is no zone %(a)s; did you mean %(b)s?"),
    ),
    (
        r"unknown time zone (.*?);.*",
        _("there is no zone %(a)s; write a name such as Europe/Stockholm"),
    ),
    (r"(expected text, got .*|zone missing)", _("choose a zone, such as Europe/Stockholm")),
    (r"the date is named twice", _("the date is named twice")),
    (r"the calendar has no open hours at all", _("no hour is open: paint at least one")),
    (
        r"the calendar has no open hour in the next 366 days",
        _("no hour is open in the next 366 days; a clock on it would never be due"),
    ),
    (r"yearly days need .*", _("yearly days need a first and a last year, such as 2026 and 2030")),
    (r"needs at least two calendars", _("choose at least two calendars")),
    (r"is not a year", _("is not a year")),
    (r"must be one to ten years, .*", _("must be one to ten years, the first one first")),
    (r"no holidays are known for these years", _("no holidays are known for these years")),
    (r".* is not a known ISO 3166-1 code .*", _("choose a country from the list")),
    (r"\S+ has no .*; it has: .*", _("choose a region and kinds of days from the list")),
    (r"there is a calendar of this name already", _("there is a calendar of this name already")),
    (r"is empty", _("is empty")),
)
_NO_ZONE = Invalid("zone", "zone missing")


@dataclass(frozen=True, slots=True)
class Mistake:
    """A field by its path, and what is wrong with it in a sentence."""

    path: str
    reason: str


def said(reason: str) -> str:
    """Return a refusal in the reader's language."""
    for pattern, text in _SAID:
        found = re.fullmatch(pattern, reason, re.DOTALL)
        if found is not None:
            told = dict(zip("ab", found.groups(), strict=False))
            words = gettext(text) % told if told else gettext(text)
            end = "" if words.endswith("?") else "."
            return f"{words[:1].upper()}{words[1:]}{end}"
    return reason


def mistakes(data: Mapping[str, Any], *, now: dt.datetime) -> tuple[Mistake, ...]:
    """Return the first mistake of each field; only where there is none, those of the whole."""
    found = [Mistake(error.path, said(error.reason)) for error in _fields(data)]
    if not found:
        found = [Mistake(error.path, said(error.reason)) for error in _whole(data, now)]
    return tuple(found)


def _whole(data: Mapping[str, Any], now: dt.datetime) -> Iterator[Invalid]:
    yield from _refused(lambda: Calendar.from_dict(data).check_savable(now=now))


def _fields(data: Mapping[str, Any]) -> Iterator[Invalid]:
    if "union" in data or "intersection" in data:
        return
    named = str(data.get("zone") or "")
    yield from _refused(lambda: zone.named(named, "zone")) if named else [_NO_ZONE]
    week = data.get("week")
    if isinstance(week, Mapping):
        for day in WEEKDAYS:
            yield from _refused(lambda day=day: spans_of_date(week.get(day, []), f"week.{day}"))  # type: ignore[misc]  # a lambda cannot say what its arguments are
    exceptions = data.get("exceptions")
    if isinstance(exceptions, Mapping):
        for key, spans in exceptions.items():
            yield from _refused(lambda key=key, spans=spans: _exception(key, spans))  # type: ignore[misc]  # as above
    sets = data.get("holidays")
    if isinstance(sets, list):
        for k, item in enumerate(sets):
            yield from _refused(
                lambda k=k, item=item: HolidaySet.from_dict(item, f"holidays[{k}]")  # type: ignore[misc]  # as above
            )


def _exception(key: str, spans: object) -> None:
    path = f"exceptions.{key}"
    if key != key.rstrip():
        raise Invalid(path, "the date is named twice")
    date_of(key, path)
    spans_of_date(spans, path)


def _refused(attempt: Callable[[], object]) -> Iterator[Invalid]:
    try:
        attempt()
    except Invalid as error:
        yield error
