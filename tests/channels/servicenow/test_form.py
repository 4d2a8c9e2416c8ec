"""The form of a log: dates in their zone, columns by name, and the `log` section of a policy."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.channels.servicenow.form import CUSTOM, FIELDS, REQUIRED, Form
from tocsin.engine.zone import named
from tocsin.kit.invalid import Invalid

UTC = Form()
STOCKHOLM = Form(zone=named("Europe/Stockholm"))
HEADER = list(REQUIRED)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


# ------------------------------------------------------------------------------------------ dates


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("29/2/2016 01:16", "2016-02-29 01:16"),
        ("1/2/2016 03:04", "2016-02-01 03:04"),  # the day comes first
        ("01/02/2016 3:04", "2016-02-01 03:04"),
        ("1/2/2016 03:04:05", "2016-02-01 03:04:05"),
        ("2016-02-29 01:16", "2016-02-29 01:16"),
        ("2016-02-29 01:16:59", "2016-02-29 01:16:59"),
        ("2016-02-29T01:16:59", "2016-02-29 01:16:59"),
        ("31/12/2016 23:59:60", "2017-01-01 00:00"),  # a leap second is the next second
        ("30/6/2015 23:59:60", "2015-07-01 00:00"),
    ],
)
def test_dates_are_read_day_first_or_year_first(text: str, instant: str) -> None:
    assert UTC.instant(text) == utc(instant)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1/7/2016 12:00", "2016-07-01 10:00"),
        ("1/1/2016 00:30", "2015-12-31 23:30"),
        ("27/3/2016 01:59:59", "2016-03-27 00:59:59"),
        ("27/3/2016 02:30", "2016-03-27 01:00"),  # skipped: the instant that skipped it
        ("2016-03-27 03:00", "2016-03-27 01:00"),
        ("30/10/2016 02:30", "2016-10-30 00:30"),  # shown twice: the first time
        ("30/10/2016 03:00", "2016-10-30 02:00"),
    ],
)
def test_dates_are_local_to_the_zone_of_the_log(text: str, instant: str) -> None:
    assert STOCKHOLM.instant(text) == utc(instant)


@pytest.mark.parametrize(
    "text",
    [
        *("", "?", "yesterday", "29/2/2016", "29/2/16 01:16", "29.2.2016 01:16", " 1/2/2016 01:16"),
        *("30/2/2016 01:16", "29/2/2015 01:16", "0/1/2016 01:16", "1/13/2016 01:16"),
        *("1/1/2016 24:00", "1/1/2016 10:60", "1/1/2016 23:59:61", "1/1/0000 00:00"),
        *("2016-02-29T01:16:00Z", "2016-02-29 01:16:00+01:00", "2016-2-29 01:16"),
    ],
)
def test_what_is_no_date_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        UTC.instant(text)
    assert repr(text) in refused.value.reason


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "31/12/9999 23:59:60"),
        ("Etc/GMT+6", "31/12/9999 18:00"),
        ("Europe/Stockholm", "1/1/0001 00:00"),
    ],
)
def test_a_date_outside_of_all_time_is_refused_like_any_other(zone: str, text: str) -> None:
    with pytest.raises(Invalid, match="is no date: outside the years 1 to 9999"):
        Form(zone=named(zone)).instant(text)


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)))
def test_any_second_written_either_way_reads_back(local: dt.datetime) -> None:
    local = local.replace(microsecond=0)
    wanted = local.replace(tzinfo=dt.UTC)
    day_first = f"{local.day}/{local.month}/{local.year} {local:%H:%M:%S}"
    assert UTC.instant(day_first) == UTC.instant(local.isoformat(sep=" ")) == wanted


@given(st.datetimes(dt.datetime(1980, 1, 1), dt.datetime(2037, 1, 1)))
def test_local_times_agree_with_the_standard_library(moment: dt.datetime) -> None:
    zone = ZoneInfo("Europe/Stockholm")
    local = moment.replace(microsecond=0, tzinfo=dt.UTC).astimezone(zone)
    read = STOCKHOLM.instant(f"{local:%Y-%m-%d %H:%M:%S}")
    # `fold=0` is the first of two instants that showed this time.
    assert read == local.replace(fold=0).astimezone(dt.UTC)


# ---------------------------------------------------------------------------------------- columns


def test_columns_are_found_by_name_in_any_order() -> None:
    header = list(reversed(HEADER))
    assert UTC.columns(header, "log.csv") == {name: k for k, name in enumerate(header)}


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ([], "log.csv, line 1: the column 'number' is missing"),
        ([n for n in HEADER if n != "closed_at"], "line 1: the column 'closed_at' is missing"),
        ([*HEADER, "number"], "line 1: the column 'number' is there twice"),
        ([*HEADER, "u_plan", "u_plan"], "line 1: the column 'u_plan' is there twice"),
        ([*HEADER, "asigned_to"], "'asigned_to' (did you mean assigned_to?)"),
        ([*HEADER, "Made_SLA"], "unknown column 'Made_SLA'"),
        ([*HEADER, "wibble"], "name it under log: ignore_columns: in the policy file"),
        ([*HEADER, ""], "line 1: unknown column ''"),
    ],
)
def test_a_header_with_a_mistake_is_refused_on_line_1(header: list[str], sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        UTC.columns(header, "log.csv")
    assert refused.value.path == "log.csv, line 1"
    assert sentence in str(refused.value)


def test_an_ignored_column_is_nowhere_even_if_it_is_known() -> None:
    form = Form.from_dict({"ignore_columns": ["wibble", "category"]})
    columns = form.columns([*HEADER, "wibble", "category", "u_plan"], "log.csv")
    assert columns["u_plan"] == len(HEADER) + 2
    assert set(columns) == {*HEADER, "u_plan"}
    assert set(form.fields(columns)) == {"priority", "u_plan"}


def test_columns_become_fields_under_the_names_of_policies() -> None:
    columns = UTC.columns([*HEADER, *(c for c in FIELDS if c not in HEADER)], "log.csv")
    assert set(UTC.fields(columns)) == set(FIELDS.values())
    assert UTC.fields(columns)["team"] == columns["assignment_group"]


@pytest.mark.parametrize("prefix", CUSTOM)
def test_a_companys_own_columns_become_fields_by_their_own_name(prefix: str) -> None:
    name = f"{prefix}symptom"
    assert name in UTC.fields(UTC.columns([*HEADER, name], "log.csv"))


# ---------------------------------------------------------------------------- the section `log:`


def test_the_section_is_read_whole() -> None:
    form = Form.from_dict(
        {
            "zone": "Europe/Stockholm",
            "compare": "first response",
            "states": {"Parked": "waiting internal", "Active": "new"},
            "ignore_columns": ["wibble"],
        }
    )
    assert form.zone.name == "Europe/Stockholm"
    assert form.compare == "first response"
    assert form.states["Parked"] == "waiting internal"
    assert form.states["Active"] == "new"
    assert form.states["Closed"] == "closed"  # those not named stay as they are
    assert form.ignore == {"wibble"}


def test_without_a_section_dates_are_utc_and_resolution_is_compared() -> None:
    form = Form.from_dict({})
    assert (form.zone.name, form.compare, form.ignore) == ("UTC", "resolution", frozenset())


@pytest.mark.parametrize(
    ("section", "path", "reason"),
    [
        ([], "log", "expected a mapping"),
        ({"zome": "UTC"}, "log.zome", "did you mean zone?"),
        ({"zone": "Europe/Stokholm"}, "log.zone", "did you mean Europe/Stockholm?"),
        ({"states": ["New"]}, "log.states", "expected a mapping"),
        ({"states": {-100: "new"}}, "log.states", "put it in quotes"),
        ({"states": {"Parked": "waiting"}}, "log.states.Parked", "is not one of: new, open"),
        ({"compare": 3}, "log.compare", "expected text, got 3"),
        ({"ignore_columns": "wibble"}, "log.ignore_columns", "expected a list"),
        ({"ignore_columns": ["a", 3]}, "log.ignore_columns[1]", "expected text, got 3"),
    ],
)
def test_a_section_with_a_mistake_is_refused_by_field(section: Any, path: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        Form.from_dict(section)
    assert refused.value.path == path
    assert reason in refused.value.reason


@pytest.mark.parametrize("column", REQUIRED)
def test_a_column_that_is_needed_cannot_be_ignored(column: str) -> None:
    with pytest.raises(Invalid, match=f"the column '{column}' is needed") as refused:
        Form.from_dict({"ignore_columns": ["wibble", column]})
    assert refused.value.path == "log.ignore_columns[1]"
