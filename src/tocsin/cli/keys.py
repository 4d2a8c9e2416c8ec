"""The installation's key, and those before it: from the environment, or from the data directory.

The file has a key a line: that of today first, behind it those that still open what they sealed.
"""

import os
import secrets
from collections.abc import Iterable, Mapping, MutableMapping
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


def check_part() -> None:
    """Refuse to start a part while something is sealed with a key that it does not have.

    A database that is away, or has no tables yet, says nothing of it: the part waits for it.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.site.settings")
    import django  # noqa: PLC0415  # it takes a while, and few commands need it
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415  # the same
    from django.db import DatabaseError, connections  # noqa: PLC0415  # the same

    django.setup()
    from tocsin.actions import secrets as sealed  # noqa: PLC0415  # it reads the settings

    try:
        missing = sealed.look().missing
    except (DatabaseError, ImproperlyConfigured):
        return
    finally:
        # The part opens its own, some in processes of their own.
        connections.close_all()
    if missing:
        raise Invalid(KEY, lacking(missing))


def lacking(missing: Iterable[str]) -> str:
    """Return the sentence about keys that lack, which names them and says what to do."""
    named = sorted(missing)
    which = f"the key {named[0]} is" if len(named) == 1 else f"the keys {', '.join(named)} are"
    return (
        f"{which} not here, and something is sealed with it: put it into {OLD}, or give up "
        f"what it has sealed with `tocsin secrets forget {named[0]}`"
    )


def _begun(place: Path) -> str:
    write(place, [made()])
    return read(place)[0]


def _variables(keys: list[str], around: Mapping[str, str]) -> dict[str, str]:
    named = [key for key in around.get(OLD, "").split(",") if key]
    old = [*keys[1:], *named]
    return {KEY: keys[0], **({OLD: ",".join(old)} if old else {})}
