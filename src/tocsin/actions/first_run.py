"""The first run: an installation that has no tenant gets one, and its first administrator.

Whoever does it has read the code in the server's own log. The processes know the hash of it only.
"""

import datetime as dt
import hashlib
import os
import secrets

from django.db import transaction

from tocsin.actions import given, limits, passwords, people, tenants
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.records import rows

CODE_HASH = "TOCSIN_FIRST_RUN"
_BYTES = 16


@access.operates
def new_code() -> str:
    """Return a code of 128 bits, and have this process and those that it starts know its hash."""
    code = secrets.token_hex(_BYTES)
    os.environ[CODE_HASH] = hashlib.sha256(code.encode()).hexdigest()
    return code


@access.operates
def is_open() -> bool:
    """Say whether the installation waits for its first run: it has no tenant at all."""
    return not tenants.everyone()


@access.operates
def begin(
    *,
    code: str,
    network: str,
    key: str,
    name: str,
    person: str,
    email: str,
    password: str,
    zone: str = "UTC",
    language: str = "en",
) -> int:
    """Make the first tenant and its first administrator, and return the tenant's id."""
    _check(code, network)
    name, person = given.text(name, "name"), given.text(person, "person", kind="name")
    passwords.checked(password, name=person, email=email, desk=(key, name))
    with transaction.atomic():
        # Of two at once the second waits, and finds that it is not the first.
        rows.run("SELECT pg_advisory_xact_lock(hashtext('tocsin first run'), 0)", [])
        if not is_open():
            raise access.missing()
        tenant = tenants.create(key=key, name=name, zone=zone, language=language)
        by = access.operator(tenant)
        id_ = people.add_person(
            name=person, email=email, role="administrator", language=language, zone=zone, by=by
        )
        passwords.give(person=id_, password=password, by=by)
    return tenant


def _check(code: str, network: str) -> None:
    minute = dt.timedelta(minutes=1)
    allowed = [
        limits.take("first run", network, most=5, each=minute),
        limits.take("first run, all", "", most=20, each=minute),
    ]
    if any(wait is not None for wait in allowed):
        raise Invalid("code", "was wrong too often; wait a few minutes")
    expected = os.environ.get(CODE_HASH, "")
    found = hashlib.sha256(code.strip().casefold().encode()).hexdigest()
    if not expected or not secrets.compare_digest(found, expected):
        raise Invalid("code", "is not the one in the server's log")
