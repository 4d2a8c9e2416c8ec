"""`tocsin holidays`: writes the public holidays of a country as a set to paste into a calendar."""

import argparse
import re
import sys
from typing import Any

from ruamel.yaml import YAML

from tocsin.engine.holiday import HolidaySet
from tocsin.kit import holiday_dates, shape
from tocsin.kit.invalid import Invalid

_MOST_YEARS = 30
_YEARS = re.compile(r"\d{4}(-\d{4})?")


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "holidays",
        help="print a country's holidays as a holiday set for a calendar",
        description="Print a country's holidays as YAML, to be put under `holidays:` of a calendar "
        "and edited there day by day. Clocks use the dates in the file, never a live list.",
    )
    parser.add_argument("country", help="ISO 3166-1 code, such as SE")
    parser.add_argument("--subdivision", help="ISO 3166-2 part, such as BY for Bavaria in DE")
    parser.add_argument(
        "--categories",
        default="public",
        help="comma-separated; Sweden's eves, for example, are in public,de_facto",
    )
    parser.add_argument("--years", required=True, help="one year or a range: 2026 or 2026-2028")
    parser.add_argument("--language", help="language of the names, such as en_US")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Print the set; refuse what the `holidays` package does not know."""
    categories = [name.strip() for name in given.categories.split(",") if name.strip()]
    if not categories:
        raise Invalid("--categories", "name at least one, such as public")
    days = holiday_dates.dates(
        given.country,
        subdivision=given.subdivision,
        categories=categories,
        years=_years(given.years),
        language=given.language,
    )
    if not days:
        raise Invalid("--years", f"no days of {given.country} are known for {given.years}")
    origin: dict[str, Any] = {"country": given.country, "categories": categories}
    if given.subdivision:
        origin["subdivision"] = given.subdivision
    origin["source"] = holiday_dates.source()
    writer = YAML()
    writer.dump([HolidaySet(days=days, origin=origin).to_dict()], sys.stdout)
    return 0


def _years(text: str) -> range:
    if not _YEARS.fullmatch(text):
        raise Invalid(
            "--years", f"{shape.describe(text)} is not a year or a range such as 2026-2028"
        )
    first, _, last = text.partition("-")
    years = range(int(first), int(last or first) + 1)
    if not years or len(years) > _MOST_YEARS:
        raise Invalid("--years", f"{text!r} must be 1 to {_MOST_YEARS} years, the first one first")
    return years
