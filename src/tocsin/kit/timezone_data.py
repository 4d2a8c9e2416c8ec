"""The pinned time zone database: the compiled zone files that the `tzdata` package ships.

The machine's own zone files are never read: the same pin must give the same due dates everywhere.
"""

import functools
import importlib.resources

import tzdata

VERSION: str = tzdata.IANA_VERSION


@functools.cache
def names() -> frozenset[str]:
    """Return the names of all zones in the database, links included."""
    listing = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="ascii")
    return frozenset(listing.split())


def read(name: str) -> bytes:
    """Return the zone file (TZif, RFC 9636) of `name`; KeyError when there is no such zone."""
    if name not in names():
        raise KeyError(name)
    place = importlib.resources.files("tzdata").joinpath("zoneinfo").joinpath(*name.split("/"))
    return place.read_bytes()
