"""Where the database is, and as which role a process speaks to it.

One address serves all: it names a login that owns nothing. A process says which role it plays, and
its connections start as that role, so even RESET ROLE gives it no more.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tocsin.kit.invalid import Invalid

ADDRESS = "DATABASE_URL"
ROLE = "TOCSIN_ROLE"
PREFIX = "tocsin_"
ROLES = ("migrate", "app", "pulse", "live", "worker", "sequencer", "watchman", "audit")


@dataclass(frozen=True, slots=True)
class _Limits:
    """How long a statement may take, a lock be waited for, and a transaction sit idle.

    A pulse that is frozen in its work must not hold tickets for long; and whoever changes a table
    must not stand in line for it for long, since all others stand behind.
    """

    statement: str = "10s"
    lock: str = "8s"
    idle: str = "60s"


_LIMITS: Mapping[str, _Limits] = {
    "migrate": _Limits("0", "3s", "0"),
    "app": _Limits(),
    "pulse": _Limits("30s", "5s", "5s"),
    "worker": _Limits("30s", "5s", "10s"),
    "watchman": _Limits("30s", "5s", "10s"),
    # Reports and audits: they only read, and reckon between two statements.
    "audit": _Limits("120s", "5s", "600s"),
}
_USUAL = _Limits()


def address() -> str:
    """Return the address from the environment; refuse to go on without one."""
    found = os.environ.get(ADDRESS, "")
    if not found:
        raise Invalid(
            ADDRESS,
            "is not set; `tocsin up` starts a database of its own and prints its address",
        )
    return found


def parameters(url: str, role: str) -> dict[str, str]:
    """Return what libpq needs to connect to `url` in the given role.

    Raises `Invalid` for an address that is none, or a role that there is not.
    """
    if role not in ROLES:
        raise Invalid(ROLE, f"{role!r} is no role; there are: {', '.join(ROLES)}")
    try:
        found = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError as error:
        raise Invalid(ADDRESS, f"is no address of a database: {str(error).strip()}") from None
    limits = _LIMITS.get(role, _USUAL)
    options = {
        "role": PREFIX + role,
        "timezone": "UTC",
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle,
        "client_min_messages": "warning",
    }
    said = " ".join(f"-c {name}={value}" for name, value in options.items())
    found["options"] = f"{found.get('options', '')} {said}".strip()
    found.setdefault("application_name", f"tocsin {role}")
    found.setdefault("connect_timeout", "5")
    return found
