"""A calendar's form: what was typed becomes its data form, mistakes and all, and nothing is lost.

The texts are the truth: the painter of the week writes into them, and so can anybody without it.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from tocsin.engine.holiday import HolidaySet, date_of
from tocsin.engine.hours import WEEKDAYS
from tocsin.kit import holiday_dates
from tocsin.kit.invalid import Invalid

Data = dict[str, Any]
# Rows of a form: a year has about fifteen holidays, a country with its Sundays seventy.
MOST_ROWS = 400
MOST_YEARS = 10
_CLOSED = ("-", "–", "closed")
_SPLIT = re.compile(r"[,;\n]")
_HOUR = r"(\d{1,2})(?:[:.](\d{2}))?(:\d{2})?"
_SPAN = re.compile(rf"{_HOUR}\s*[-–—]\s*{_HOUR}", re.ASCII)
_LINE = re.compile(r"(\S+)\s*(.*)")
_MONTH_DAY = re.compile(r"\d{2}-\d{2}", re.ASCII)


def spans(text: str) -> list[str]:
    """Return the spans of a text such as ``9-12, 13:00-17:00``; what is none stays as typed."""
    pieces = [piece.strip() for piece in _SPLIT.split(text)]
    if text.strip().lower() in (*_CLOSED, gettext("closed").lower()):
        return []
    return [_tidy(piece) for piece in pieces if piece]


def _tidy(piece: str) -> str:
    found = _SPAN.fullmatch(piece)
    if found is None:
        return piece
    hour, minute, second, to_hour, to_minute, to_second = found.groups(default="")
    opens = f"{hour:0>2}:{minute or '00'}{second}"
    return f"{opens}-{to_hour:0>2}:{to_minute or '00'}{to_second}"


def read(post: QueryDict) -> Data:
    """Return the data that a form holds; mistakes stay in it, to be shown where they were made."""
    how = post.get("how", "own")
    if how in ("union", "intersection"):
        return {how: [part for text in post.getlist("part") if (part := _json(text))]}
    exceptions: dict[str, list[str]] = {}
    for date, hours in zip(post.getlist("x.date"), post.getlist("x.hours"), strict=False):
        if date.strip() or hours.strip():
            _put(exceptions, date.strip(), spans(hours))
    sets = []
    for k in range(len([name for name in post if name.startswith("set.")])):
        base = _json(post.get(f"set.{k}", ""))
        sets.append(_country(post, k, base) if base.get("country") else _own(post, k, base))
        for name in post:
            if name.startswith(f"day.{k}.") and (text := str(post[name]).strip()):
                _put(exceptions, name.removeprefix(f"day.{k}."), spans(text))
    week = {day: spans(post.get(f"week.{day}", "")) for day in WEEKDAYS}
    data: Data = {
        "zone": post.get("zone", "").strip(),
        "week": {day: found for day, found in week.items() if found},
        "exceptions": exceptions,
    }
    if sets:
        data["holidays"] = sets
    return data


def _put(into: dict[str, Any], key: str, value: Any) -> None:
    """Add an entry; a key that is there already is kept twice, so that it can be refused."""
    while key in into:
        key += " "
    into[key] = value


def _json(text: str) -> Data:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _hours(post: QueryDict, k: int, into: Data) -> Data:
    into.pop("hours", None)
    found = spans(post.get(f"hours.{k}", ""))
    return {**into, "hours": found} if found else into


def _country(post: QueryDict, k: int, base: Data) -> Data:
    """Return a country's set: of the days that were shown, those that are not ticked are kept."""
    made = _hours(post, k, dict(base))
    since, ticked = post.get(f"since.{k}", ""), set(post.getlist(f"close.{k}"))
    kept = {str(day) for day in listed(base.get("keep")) if str(day) < since}
    kept |= {day for day in dates(base) if day >= since and day not in ticked}
    made.pop("keep", None)
    return {**made, "keep": sorted(kept)} if kept else made


def _own(post: QueryDict, k: int, base: Data) -> Data:
    """Return a set of one's own days out of its lines: a date, or a month and day, and a name."""
    days: dict[str, str] = {}
    yearly: dict[str, str] = {}
    for line in post.get(f"lines.{k}", "").splitlines():
        found = _LINE.fullmatch(line.strip())
        if found is not None:
            _put(yearly if _MONTH_DAY.fullmatch(found[1]) else days, found[1], found[2].strip())
    made = _hours(post, k, {name: base[name] for name in ("keep", "source") if name in base})
    made["days"] = days
    if yearly:
        years = [post.get(f"years.{k}.{end}", "").strip() for end in ("first", "last")]
        made["yearly"] = yearly
        made["years"] = [int(year) if _is_number(year) else year for year in years]
        made["leap_day"] = "28 february" if post.get(f"leap.{k}") else "skip"
    return made


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4


def dates(a_set: Mapping[str, Any]) -> dict[str, str]:
    """Return all dates of a set with their names, the kept ones included; {} of a wrong one."""
    try:
        found = HolidaySet.from_dict({**a_set, "keep": []}).dates()
    except Invalid:
        named = a_set.get("days")
        found_ = named if isinstance(named, Mapping) else {}
        return {str(day): str(name) for day, name in sorted(found_.items())}
    return {str(day): name for day, name in found.items()}


def listed(value: object) -> list[Any]:
    """Return a value as a list; one that is none is empty."""
    return value if isinstance(value, list) else []


def date(text: str) -> dt.date | None:
    """Return the date that a text is, if it is one."""
    try:
        return date_of(text, "")
    except Invalid:
        return None


# ---------------------------------------------------------------------------------- changes of it


def of_country(post: QueryDict) -> Data:
    """Return the set that was chosen; refuse, by field, what the country does not have."""
    country = post.get("add.country", "")
    years = _years(post.get("add.first", ""), post.get("add.last", ""))
    categories = post.getlist("add.category") or [holiday_dates.offer(country).usual]
    part = post.get("add.part", "") or None
    days = holiday_dates.dates(country, subdivision=part, categories=categories, years=years)
    if not days:
        raise Invalid("add.first", "no holidays are known for these years")
    origin: Data = {"country": country}
    if part:
        origin["subdivision"] = part
    origin |= {"categories": categories, "source": holiday_dates.source()}
    return {**origin, "days": {str(day): name for day, name in days.items()}}


def _years(first: str, last: str) -> range:
    if not _is_number(first):
        raise Invalid("add.first", "is not a year")
    if not _is_number(last):
        raise Invalid("add.last", "is not a year")
    found = range(int(first), int(last) + 1)
    if not found or len(found) > MOST_YEARS:
        raise Invalid("add.last", "must be one to ten years, the first one first")
    return found


def longer(a_set: Data, *, until: str) -> Data:
    """Return a country's set with the years that follow its last one; choices are kept."""
    known = [found.year for day in dates(a_set) if (found := date(day))]
    days = holiday_dates.dates(
        str(a_set.get("country", "")),
        subdivision=a_set.get("subdivision"),
        categories=listed(a_set.get("categories")),
        years=_years(str(max(known, default=0) + 1), until),
    )
    more = {str(day): name for day, name in days.items()}
    return {**a_set, "source": holiday_dates.source(), "days": {**more, **a_set["days"]}}


def copied(data: Data, day: str, to: Iterable[str]) -> Data:
    """Return the data with the spans of one weekday on others, too."""
    week = dict(data["week"])
    for other in to:
        week.pop(other, None)
        if day in week:
            week[other] = week[day]
    return {**data, "week": week}
