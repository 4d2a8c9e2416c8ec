"""What a calendar refuses, each time naming the field and saying what to do in a sentence."""

import datetime as dt
from typing import Any

import pytest

from tocsin.engine.calendar import Calendar
from tocsin.kit.invalid import Invalid

UTC_NOON = dt.datetime(2026, 1, 9, 12, tzinfo=dt.UTC)
NAIVE = dt.datetime(2026, 1, 9, 12)
HOUR = dt.timedelta(hours=1)


def office(**changes: Any) -> dict[str, Any]:
    """Return a calendar that is right, but for the changes."""
    return {"zone": "Europe/Stockholm", "week": {"mon": ["09:00-17:00"]}} | changes


def week(*spans: object, day: str = "mon") -> dict[str, Any]:
    return office(week={"fri": ["09:00-17:00"], day: list(spans)})


def dates(exceptions: object) -> dict[str, Any]:
    return office(exceptions=exceptions)


def holidays(**changes: Any) -> dict[str, Any]:
    return office(holidays=[{"days": {"2026-12-24": "Christmas Eve"}} | changes])


REFUSALS: list[tuple[str, object, str, str]] = [
    # what it is, data, path, words of the reason
    ("nothing", None, "calendar", "expected a mapping, got nothing"),
    ("a list", [], "calendar", "expected a mapping, got []"),
    ("a text", "24x7", "calendar", "expected a mapping, got '24x7'"),
    ("empty", {}, "", "needs `zone`"),
    ("no zone", {"week": {"mon": ["09:00-17:00"]}}, "", "needs `zone`"),
    ("no week", {"zone": "UTC"}, "", "needs `week`"),
    ("an unknown field", office(exeptions={}), "exeptions", "did you mean exceptions?"),
    ("a key that is no text", office() | {7: []}, "calendar", "the key 7 must be text"),
    # zones
    ("an unknown zone", office(zone="Europe/Stokholm"), "zone", "did you mean Europe/Stockholm?"),
    ("no zone at all", office(zone="Nowhere"), "zone", "write a name such as Europe/Stockholm"),
    ("a zone by its offset", office(zone="+01:00"), "zone", "unknown time zone '+01:00'"),
    ("a path", office(zone="../zones"), "zone", "unknown time zone"),
    (
        "a zone in small letters",
        office(zone="europe/stockholm"),
        "zone",
        "did you mean Europe/Stockholm?",
    ),
    ("an empty zone", office(zone=""), "zone", "unknown time zone ''"),
    ("no name", office(zone=None), "zone", "expected a mapping, got nothing"),
    ("a number for a zone", office(zone=1), "zone", "expected a mapping, got 1"),
    (
        "a zone without its digest",
        office(zone={"name": "X", "first_offset": 0, "transitions": []}),
        "zone.digest",
        "does not belong to these transitions",
    ),
    # the week
    ("no hours", office(week={}), "week", "no open hours at all"),
    ("only empty days", office(week={"mon": [], "tue": []}), "week", "no open hours at all"),
    (
        "only closed dates",
        office(week={}, exceptions={"2026-01-12": []}),
        "week",
        "no open hours at all",
    ),
    ("a week as a list", office(week=["09:00-17:00"]), "week", "expected a mapping"),
    (
        "an unknown day",
        office(week={"monday": ["09:00-17:00"]}),
        "week.monday",
        "did you mean mon?",
    ),
    ("a day in capitals", office(week={"Tue": ["09:00-17:00"]}), "week.Tue", "did you mean tue?"),
    ("a day that is a number", office(week={1: ["09:00-17:00"]}), "week", "the key 1 must be text"),
    ("a day without a list", office(week={"mon": "09:00-17:00"}), "week.mon", "expected a list"),
    ("a day with nothing", office(week={"mon": None}), "week.mon", "expected a list, got nothing"),
    # spans
    (
        "overlapping spans",
        week("09:00-12:00", "11:59-17:00"),
        "week.mon",
        "09:00-12:00 and 11:59-17:00 overlap",
    ),
    (
        "overlapping out of order",
        week("11:00-17:00", "09:00-12:00"),
        "week.mon",
        "09:00-12:00 and 11:00-17:00 overlap",
    ),
    ("a span twice", week("09:00-12:00", "09:00-12:00"), "week.mon", "overlap"),
    ("a span inside another", week("22:00-30:00", "23:00-24:00"), "week.mon", "overlap"),
    ("a reversed span", week("17:00-09:00"), "week.mon[0]", "ends before it starts"),
    (
        "a night the short way",
        week("09:00-10:00", "22:00-06:00"),
        "week.mon[1]",
        "as in 22:00-30:00",
    ),
    ("an empty span", week("09:00-09:00"), "week.mon[0]", "is empty"),
    ("beyond 48:00", week("22:00-48:01"), "week.mon[0]", "goes beyond 48:00"),
    ("a second beyond 48:00", week("22:00-48:00:01"), "week.mon[0]", "goes beyond 48:00"),
    ("far beyond 48:00", week("50:00-51:00"), "week.mon[0]", "goes beyond 48:00"),
    ("minutes beyond 59", week("09:60-17:00"), "week.mon[0]", "minutes or seconds beyond 59"),
    (
        "closing minutes beyond 59",
        week("09:00-16:75"),
        "week.mon[0]",
        "minutes or seconds beyond 59",
    ),
    ("seconds beyond 59", week("09:00:60-17:00"), "week.mon[0]", "minutes or seconds beyond 59"),
    (
        "one digit",
        week("9:00-17:00"),
        "week.mon[0]",
        "'9:00-17:00' is not a span; write it like 09:00-17:00",
    ),
    ("hours alone", week("09-17"), "week.mon[0]", "is not a span"),
    ("no closing", week("09:00"), "week.mon[0]", "is not a span"),
    ("a word", week("closed"), "week.mon[0]", "is not a span"),
    ("a long dash", week("09:00–17:00"), "week.mon[0]", "is not a span"),
    ("fractions of a second", week("09:00:00.5-17:00"), "week.mon[0]", "is not a span"),
    ("a span and more", week("09:00-17:00 CET"), "week.mon[0]", "is not a span"),
    ("a line break", week("09:00-17:00\n"), "week.mon[0]", "is not a span"),
    ("a minus", week("-09:00-17:00"), "week.mon[0]", "is not a span"),
    ("a number", week(540), "week.mon[0]", "540 is not a span"),
    ("nothing as a span", week(None), "week.mon[0]", "nothing is not a span"),
    ("a list in a list", week(["09:00", "17:00"]), "week.mon[0]", "is not a span"),
    ("digits of another script", week("٠٩:٠٠-١٧:٠٠"), "week.mon[0]", "is not a span"),
    (
        "the third span",
        week("09:00-10:00", "11:00-12:00", "x", day="sun"),
        "week.sun[2]",
        "is not a span",
    ),
    # exceptions
    (
        "exceptions as a list",
        dates(["2026-12-24"]),
        "exceptions",
        "expected dates with their spans",
    ),
    (
        "exceptions as nothing",
        dates(None),
        "exceptions",
        "expected dates with their spans, got nothing",
    ),
    (
        "a date the other way",
        dates({"24.12.2026": []}),
        "exceptions",
        "'24.12.2026' is not a date; write it like 2026-12-24",
    ),
    ("a date without zeros", dates({"2026-1-2": []}), "exceptions", "is not a date"),
    ("a date that is none", dates({"2026-02-29": []}), "exceptions", "'2026-02-29' is not a date"),
    ("a date in one piece", dates({"20261224": []}), "exceptions", "is not a date"),
    ("a week and a day", dates({"2026-W52-4": []}), "exceptions", "'2026-W52-4' is not a date"),
    ("a date and a time", dates({dt.datetime(2026, 12, 24): []}), "exceptions", "is not a date"),
    ("a year", dates({2026: []}), "exceptions", "2026 is not a date"),
    (
        "a date twice",
        dates({dt.date(2026, 12, 24): [], "2026-12-24": []}),
        "exceptions.2026-12-24",
        "named twice",
    ),
    (
        "a bad span on a date",
        dates({"2026-12-24": ["09:00-25:61"]}),
        "exceptions.2026-12-24[0]",
        "beyond 59",
    ),
    (
        "overlap on a date",
        dates({"2026-12-24": ["09:00-12:00", "10:00-11:00"]}),
        "exceptions.2026-12-24",
        "overlap",
    ),
    (
        "a closed date as nothing",
        dates({"2026-12-24": None}),
        "exceptions.2026-12-24",
        "expected a list",
    ),
    # holiday sets
    ("holidays as a mapping", office(holidays={"country": "SE"}), "holidays", "expected a list"),
    ("a country alone", office(holidays=[{"country": "SE"}]), "holidays[0]", "has no days"),
    ("a set that is a text", office(holidays=["SE"]), "holidays[0]", "expected a mapping"),
    ("an unknown field of a set", holidays(dayz={}), "holidays[0].dayz", "did you mean days?"),
    (
        "days as a list",
        holidays(days=["2026-12-24"]),
        "holidays[0].days",
        "expected days with their names",
    ),
    (
        "a bad date in a set",
        holidays(days={"12-24": "x"}),
        "holidays[0].days",
        "'12-24' is not a date",
    ),
    (
        "a date twice in a set",
        holidays(days={dt.date(2026, 1, 1): "a", "2026-01-01": "b"}),
        "holidays[0].days.2026-01-01",
        "named twice",
    ),
    (
        "a yearly day without years",
        holidays(yearly={"12-24": "x"}),
        "holidays[0].years",
        "as in [2026, 2030]",
    ),
    (
        "years the wrong way",
        holidays(yearly={"12-24": "x"}, years=[2030, 2026]),
        "holidays[0].years",
        "the first and the last year",
    ),
    (
        "one year",
        holidays(yearly={"12-24": "x"}, years=[2026]),
        "holidays[0].years",
        "the first and the last year",
    ),
    (
        "years as text",
        holidays(yearly={"12-24": "x"}, years=["2026", "2027"]),
        "holidays[0].years",
        "the first and the last year",
    ),
    (
        "year 0",
        holidays(yearly={"12-24": "x"}, years=[0, 2027]),
        "holidays[0].years",
        "the first and the last year",
    ),
    (
        "year 10000",
        holidays(yearly={"12-24": "x"}, years=[2026, 10_000]),
        "holidays[0].years",
        "the first and the last year",
    ),
    (
        "a month and day the other way",
        holidays(yearly={"24-12": "x"}, years=[2026, 2030]),
        "holidays[0].yearly",
        "'24-12' is not a month and day; write it like '12-24'",
    ),
    (
        "30 February",
        holidays(yearly={"02-30": "x"}, years=[2026, 2030]),
        "holidays[0].yearly",
        "is not a month and day",
    ),
    (
        "a date for a yearly day",
        holidays(yearly={"2026-12-24": "x"}, years=[2026, 2030]),
        "holidays[0].yearly",
        "is not a month and day",
    ),
    (
        "an unknown leap day rule",
        holidays(leap_day="march"),
        "holidays[0].leap_day",
        "is not one of: skip, 28 february",
    ),
    (
        "a bad half day",
        holidays(hours=["12:00-09:00"]),
        "holidays[0].hours[0]",
        "ends before it starts",
    ),
    (
        "a bad day to keep",
        holidays(keep=["2026-12-24", "soon"]),
        "holidays[0].keep[1]",
        "'soon' is not a date",
    ),
    ("days to keep as a text", holidays(keep="2026-12-24"), "holidays[0].keep", "expected a list"),
    ("a country that is no text", holidays(country=False), "holidays[0].country", "expected text"),
    (
        "categories that are no texts",
        holidays(categories=["public", 3]),
        "holidays[0].categories[1]",
        "expected text",
    ),
    (
        "a source that is a date",
        holidays(source=dt.date(2026, 1, 1)),
        "holidays[0].source",
        "expected text",
    ),
    (
        "the second set",
        office(holidays=[{"days": {}}, {"days": 7}]),
        "holidays[1].days",
        "expected days with their names",
    ),
    # unions and intersections
    ("a union of one", {"union": [office()]}, "union", "at least two"),
    ("an empty intersection", {"intersection": []}, "intersection", "at least two"),
    ("a union as a mapping", {"union": {"a": office(), "b": office()}}, "union", "expected a list"),
    (
        "a union with a zone",
        {"union": [office(), office()], "zone": "UTC"},
        "zone",
        "unknown field",
    ),
    (
        "a union and an intersection",
        {"union": [office()] * 2, "intersection": [office()] * 2},
        "intersection",
        "unknown field",
    ),
    (
        "a bad span in a union",
        {"union": [office(), week("x")]},
        "union[1].week.mon[0]",
        "is not a span",
    ),
    (
        "a part that is nothing",
        {"union": [office(), None]},
        "union[1]",
        "expected a mapping, got nothing",
    ),
    ("a part without a zone", {"union": [office(), {"week": {}}]}, "union[1]", "needs `zone`"),
    (
        "a part without hours",
        {"intersection": [office(week={}), office()]},
        "intersection[0].week",
        "no open hours",
    ),
    (
        "an unknown field in a part",
        {"union": [office(), office(wek={})]},
        "union[1].wek",
        "did you mean week?",
    ),
    (
        "a zone two levels down",
        {"union": [office(), {"intersection": [office(), office(zone="Mars/Olympus")]}]},
        "union[1].intersection[1].zone",
        "unknown time zone 'Mars/Olympus'",
    ),
    (
        "a holiday two levels down",
        {"intersection": [{"union": [office(), holidays(hours=["x"])]}, office()]},
        "intersection[0].union[1].holidays[0].hours[0]",
        "is not a span",
    ),
    (
        "a date two levels down",
        {"union": [office(), {"union": [office(), dates({"2026-12-24": ["x"]})]}]},
        "union[1].union[1].exceptions.2026-12-24[0]",
        "is not a span",
    ),
]


@pytest.mark.parametrize(
    ("data", "path", "words"), [pytest.param(*row[1:], id=row[0]) for row in REFUSALS]
)
def test_mistakes_are_refused_by_field(data: object, path: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        Calendar.from_dict(data)
    assert refused.value.path == path
    assert words in refused.value.reason
    assert str(refused.value) == (
        f"{path}: {refused.value.reason}" if path else refused.value.reason
    )


def test_the_path_begins_where_the_caller_says() -> None:
    for data, path in (
        (week("x"), "calendars.office.week.mon[0]"),
        (office(zone="X"), "calendars.office.zone"),
        (office(wek={}), "calendars.office.wek"),
        ({"union": [office(), dates([])]}, "calendars.office.union[1].exceptions"),
        ({"zone": "UTC"}, "calendars.office"),
    ):
        with pytest.raises(Invalid) as refused:
            Calendar.from_dict(data, "calendars.office")
        assert refused.value.path == path


@pytest.mark.parametrize(
    "data",
    [
        week("09:00-12:00", "12:00-17:00"),
        week("13:00-17:00", "09:00-12:00"),
        week("00:00-48:00"),
        week("24:00-26:00"),
        week("09:00:30-17:00:59"),
        week(" 09:00 - 17:00 "),
        office(week={"mon": ("09:00-17:00",)}),
        office(week={}, exceptions={"2026-12-24": ["09:00-12:00"]}),
        dates({dt.date(2026, 12, 24): []}),
        office(week={}, holidays=[{"days": {"2026-12-24": "x"}, "hours": ["09:00-12:00"]}]),
    ],
)
def test_what_is_unusual_but_right_is_taken(data: dict[str, Any]) -> None:
    calendar = Calendar.from_dict(data)
    assert Calendar.from_dict(calendar.to_dict()) == calendar


QUESTIONS = {
    "add": lambda calendar, t: calendar.add(t, HOUR),
    "add zero": lambda calendar, t: calendar.add(t, HOUR * 0),
    "subtract": lambda calendar, t: calendar.subtract(t, HOUR),
    "subtract zero": lambda calendar, t: calendar.subtract(t, HOUR * 0),
    "between from": lambda calendar, t: calendar.between(t, UTC_NOON),
    "between to": lambda calendar, t: calendar.between(UTC_NOON, t),
    "next_open": lambda calendar, t: calendar.next_open(t),
    "is_open": lambda calendar, t: calendar.is_open(t),
    "openings from": lambda calendar, t: calendar.openings(t, UTC_NOON),
    "openings to": lambda calendar, t: calendar.openings(UTC_NOON, t),
    "local_date": lambda calendar, t: calendar.local_date(t),
    "opens_within": lambda calendar, t: calendar.opens_within(t),
    "check_savable": lambda calendar, t: calendar.check_savable(now=t),
}


class Undecided(dt.tzinfo):
    """A time zone that does not know its offset: the datetime is naive in all but name."""

    def utcoffset(self, moment: dt.datetime | None, /) -> None:
        return None

    def dst(self, moment: dt.datetime | None, /) -> None:
        return None

    def tzname(self, moment: dt.datetime | None, /) -> None:
        return None


@pytest.mark.parametrize("asked_before", [False, True])
@pytest.mark.parametrize("question", QUESTIONS)
def test_naive_datetimes_are_refused(question: str, asked_before: bool) -> None:
    calendar = Calendar.from_dict(office())
    if asked_before:
        calendar.add(UTC_NOON, HOUR)
    for naive in (NAIVE, NAIVE.replace(tzinfo=Undecided())):
        with pytest.raises(ValueError, match="2026-01-09 12:00:00 is a naive datetime"):
            QUESTIONS[question](calendar, naive)


@pytest.mark.parametrize("value", [None, "2026-01-09", dt.date(2026, 1, 9), 1_767_960_000])
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_no_datetime_is_refused(question: str, value: object) -> None:
    with pytest.raises(TypeError, match="expected an aware datetime, got"):
        QUESTIONS[question](Calendar.from_dict(office()), value)


@pytest.mark.parametrize(
    "length", [dt.timedelta(microseconds=-1), dt.timedelta(days=-1), dt.timedelta.min]
)
def test_negative_lengths_are_refused(length: dt.timedelta) -> None:
    calendar = Calendar.from_dict(office())
    for ask in (calendar.add, calendar.subtract):
        with pytest.raises(ValueError, match="must not be negative"):
            ask(UTC_NOON, length)
