"""Files for spreadsheets, all of them from here: lines of cells that no spreadsheet runs."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# It says UTF-8: spreadsheets take a file for something else without.
MARK = "\ufeff"
# What a formula begins with, at the beginning of a cell and wherever a reader with other separators
# or quotes would begin a cell.
_FORMULA = re.compile(r"(?:^|(?<=[,;|\t\r\n\"]))([ \u00a0]*)(?=[=+\-@\uff0b\uff0d\uff1d\uff20])")
_FIRST = ("\t", "\r", "\n")


def safe(value: object) -> object:
    """Return a cell that no spreadsheet runs: an apostrophe stands before what begins a formula.

    Numbers stay numbers.
    """
    if not isinstance(value, str):
        return value
    found = _FORMULA.sub(r"\1'", value)
    return f"'{found}" if found.startswith(_FIRST) else found


def lines(found: Iterable[Sequence[object]]) -> str:
    """Return lines of cells as the text of a file."""
    text = io.StringIO()
    csv.writer(text).writerows([[safe(one) for one in line] for line in found])
    return text.getvalue()
