"""The installation's key, and those before it: from the environment, or from the data directory.

The file has a key a line: that of today first, behind it those that still open what they sealed.
"""

import os
import secrets
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from tocsin.kit.invalid import Invalid

KEY = "TOCSIN_SECRET_KEY"
OLD = "TOCSIN_OLD_SECRET_KEYS"
NAME = "secret_key"


def environment(place: Path) -> dict[str, str]:
    """Return the variables with the keys; the first start of a data directory makes one there."""
    if os.environ.get(KEY):
        return {KEY: os.environ[KEY]}
    return _variables(read(place) or [_begun(place)], os.environ)


def take(place: Path, into: MutableMapping[str, str]) -> None:
    """Put the keys of a data directory into an environment that names none; makes no key."""
    found = [] if into.get(KEY) else read(place)
    if found:
        into.update(_variables(found, into))


def read(place: Path) -> list[str]:
    """Return the keys of a data directory, that of today first; none where there is no file."""
    path = place / NAME
    try:
        return path.read_text(encoding="ascii").split() if path.exists() else []
    except (OSError, UnicodeError) as error:
        raise Invalid(str(path), f"cannot be used: {error}") from None


def write(place: Path, keys: list[str]) -> None:
    """Write the keys, whole or not at all; only their owner may read them."""
    path, fresh = place / NAME, place / f"{NAME}.{os.getpid()}"
    if any("," in key for key in keys[1:]):
        # Processes are told of them in one variable, separated by commas.
        raise Invalid(str(path), "has a key with a comma, which cannot become an old one")
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text("\n".join(keys), encoding="ascii")
        fresh.rename(path)
    except OSError as error:
        raise Invalid(str(path), f"cannot be used: {error}") from None


def made() -> str:
    """Return a key that nobody has had."""
    return secrets.token_urlsafe(48)


def _begun(place: Path) -> str:
    write(place, [made()])
    return read(place)[0]


def _variables(keys: list[str], around: Mapping[str, str]) -> dict[str, str]:
    named = [key for key in around.get(OLD, "").split(",") if key]
    old = [*keys[1:], *named]
    return {KEY: keys[0], **({OLD: ",".join(old)} if old else {})}
