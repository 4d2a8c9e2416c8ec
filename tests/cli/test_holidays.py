"""`tocsin holidays`: a country's days as a holiday set that a calendar takes as it is."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from tests.channels.servicenow import log_file
from tests.cli.command import CONTRACT, output, refusal_within

from tocsin.engine.calendar import Calendar
from tocsin.engine.holiday import HolidaySet
from tocsin.kit import yaml_file

pytestmark = pytest.mark.long("starts the command again and again")

MIDSUMMER_EVE = dt.date(2026, 6, 19)


def read(folder: Path, text: str) -> list[Any]:
    path = folder / "holidays.yaml"
    path.write_text(text, encoding="utf-8")
    data: list[Any] = yaml_file.load(path).data
    return data


def test_swedens_eves_are_in_its_de_facto_days(tmp_path: Path) -> None:
    said = output("holidays", "SE", "--categories", "public,de_facto", "--years", "2026")
    (found,) = read(tmp_path, said)
    days = HolidaySet.from_dict(found).days
    assert days[MIDSUMMER_EVE] == "Midsommarafton"
    assert days[dt.date(2026, 12, 24)] == "Julafton"
    assert days[dt.date(2026, 6, 6)] == "Nationaldagen"
    assert {day.year for day in days} == {2026}
    assert found["country"] == "SE"
    assert list(found["categories"]) == ["public", "de_facto"]
    assert found["source"].startswith("holidays 0.")


def test_without_being_asked_only_public_days_come(tmp_path: Path) -> None:
    (found,) = read(tmp_path, output("holidays", "SE", "--years", "2026-2027"))
    days = HolidaySet.from_dict(found).days
    assert MIDSUMMER_EVE not in days
    assert {day.year for day in days} == {2026, 2027}


def test_a_part_of_a_country_and_a_language_are_taken(tmp_path: Path) -> None:
    bavaria = ("holidays", "DE", "--subdivision", "BY", "--years", "2026")
    (found,) = read(tmp_path, output(*bavaria, "--language", "en_US"))
    assert found["subdivision"] == "BY"
    assert HolidaySet.from_dict(found).days[dt.date(2026, 1, 6)] == "Epiphany"
    (whole,) = read(tmp_path, output("holidays", "DE", "--years", "2026"))
    assert dt.date(2026, 1, 6) not in HolidaySet.from_dict(whole).days


def test_names_do_not_follow_the_language_of_the_machine() -> None:
    asked = ("holidays", "SE", "--years", "2026")
    german = output(*asked, LANGUAGE="de", LANG="de_DE.UTF-8", LC_ALL="C.UTF-8")
    assert german == output(*asked, PYTHONIOENCODING="ascii")
    assert "Midsommardagen" in german
    assert "Påskdagen" in german


def test_the_output_pasted_into_a_calendar_closes_its_days(tmp_path: Path) -> None:
    pasted = output("holidays", "SE", "--categories", "public,de_facto", "--years", "2026")
    office = "calendars:\n  office:\n"
    text = CONTRACT.read_text().replace("zone: Etc/GMT+6", "zone: Europe/Stockholm")
    indented = "".join(f"      {line}\n" for line in pasted.splitlines())
    assert office in text
    policy = tmp_path / "policy.yaml"
    policy.write_text(text.replace(office, f"{office}    holidays:\n{indented}"), encoding="utf-8")
    calendar = Calendar.from_dict(yaml_file.load(policy).data["calendars"]["office"])
    eve = dt.datetime.combine(MIDSUMMER_EVE, dt.time(10), dt.UTC)
    assert not calendar.is_open(eve)
    assert calendar.is_open(eve - dt.timedelta(days=1))
    log = log_file.write(tmp_path, [log_file.row()])
    assert "1 incidents from 1 rows" in output("replay", log, "--policy", policy)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Sweden"], "country: 'Sweden' is not a known ISO 3166-1 code such as SE"),
        (["se"], "country: 'se' is not a known"),
        ([""], "country: '' is not a known"),
        (["DE", "--subdivision", "XX"], "subdivision: DE has no subdivision 'XX'; it has: "),
        (["SE", "--categories", "publik"], "category: SE has no category 'publik'; it has: "),
        (["SE", "--categories", "public,catholic"], "category: SE has no category 'catholic'"),
        (["SE", "--categories", ","], "--categories: name at least one, such as public"),
        (["SE", "--language", "tlh"], "language: SE has no language 'tlh'; it has: "),
        (["SE", "--years", "soon"], "--years: 'soon' is not a year or a range such as 2026-2028"),
        (["SE", "--years", "26"], "--years: '26' is not a year"),
        (["SE", "--years", "2026-"], "--years: '2026-' is not a year"),
        (["SE", "--years", "2026-2027-2028"], "--years: '2026-2027-2028' is not a year"),
        (["SE", "--years", "9" * 5_000], "--years: a str is not a year"),
        (["SE", "--years", "2028-2026"], "--years: '2028-2026' must be 1 to 30 years"),
        (["SE", "--years", "2000-2030"], "--years: '2000-2030' must be 1 to 30 years"),
        (["SE", "--years", "1500"], "--years: no days of SE are known for 1500"),
    ],
)
def test_what_is_not_known_is_refused_by_name(arguments: list[str], sentence: str) -> None:
    years = [] if "--years" in arguments else ["--years", "2026"]
    assert refusal_within("holidays", *arguments, *years).startswith(sentence)
