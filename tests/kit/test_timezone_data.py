"""The pinned zone data: whole, and nothing outside of it can be read through it."""

import importlib.metadata

import pytest

from tocsin.kit import timezone_data


def test_every_listed_zone_can_be_read() -> None:
    names = timezone_data.names()
    assert {"UTC", "Etc/GMT+6", "Europe/Stockholm", "America/Indiana/Knox"} <= names
    assert len(names) > 500
    for name in names:
        assert timezone_data.read(name)[:4] == b"TZif", name


@pytest.mark.parametrize(
    "name",
    [
        *("Mars/Olympus", "", " ", "europe/stockholm", "Europe", "Europe/", "Europe/Stockholm "),
        *("../../etc/passwd", "/etc/passwd", "../zones", "Europe/../UTC", "./UTC", "/UTC"),
        *("__init__.py", "tzdata.zi", "Europe\\Stockholm", "UTC\0", "Europe/Stockholm\n"),
    ],
)
def test_no_other_name_reads_anything(name: str) -> None:
    with pytest.raises(KeyError):
        timezone_data.read(name)


def test_the_version_is_that_of_the_database_in_the_package() -> None:
    year, release = timezone_data.VERSION[:4], timezone_data.VERSION[4:]
    package = importlib.metadata.version("tzdata")
    assert package == f"{year}.{ord(release) - ord('a') + 1}"
