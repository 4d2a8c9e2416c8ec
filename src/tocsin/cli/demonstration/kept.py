"""What the demo keeps beside its database: who plays, the password, and where the script is."""

import datetime as dt
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

NAME = "demo.json"
READY = "ready"
# The digest of the tables' form with which the database was made.
SCHEMA = "schema"
# How many tickets of the script a company may have open beside those it began with.
_ROOM = 8


@dataclass(slots=True)
class Kept:
    """The file as a value; `script` is what the script remembers, as plain data."""

    password: str
    made_at: dt.datetime
    casts: dict[str, Any]
    script: dict[str, Any]

    @classmethod
    def new(
        cls, made: Mapping[str, Mapping[str, Any]], *, password: str, now: dt.datetime
    ) -> "Kept":
        """Return what is kept of companies that were just built."""
        waiting = {key: one["waiting"] for key, one in made.items()}
        script = {
            "born": secrets.token_hex(4),
            "limits": {key: len(one) + _ROOM for key, one in waiting.items()},
            "opened": [ticket for one in waiting.values() for ticket in one],
            "stage": [],
            "rounds": 0,
            "dramas": 0,
            "next_round_at": None,
            "next_drama_at": {},
        }
        casts = {key: one["cast"] for key, one in made.items()}
        return cls(password, now, casts, script)

    def tenants(self) -> dict[str, int]:
        """Return the ids of the tenants by key."""
        return {key: int(one["tenant"]) for key, one in self.casts.items()}


def read(place: Path) -> Kept | None:
    """Return what is kept in a data directory; None where nothing is."""
    try:
        data = json.loads((place / NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return Kept(**{**data, "made_at": dt.datetime.fromisoformat(data["made_at"])})


def write(place: Path, kept: Kept) -> None:
    """Write it whole or not at all; only its owner may read it."""
    fresh = place / f"{NAME}.{os.getpid()}"
    fresh.touch(mode=0o600)
    data = {
        "password": kept.password,
        "made_at": kept.made_at.isoformat(),
        "casts": kept.casts,
        "script": kept.script,
    }
    fresh.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    fresh.rename(place / NAME)


def note_schema(place: Path) -> None:
    """Write down with which tables the database was made."""
    (place / SCHEMA).write_text(f"{schema()}\n", encoding="ascii")


def schema() -> str:
    """Return the digest of the form that tables have in this version."""
    text = (resources.files("tocsin.records") / "schema.sql").read_bytes()
    return hashlib.sha256(text).hexdigest()


def is_of_this_version(place: Path) -> bool:
    """Say whether the database of a data directory was made with the tables of this version."""
    path = place / SCHEMA
    return path.exists() and path.read_text(encoding="ascii").strip() == schema()
