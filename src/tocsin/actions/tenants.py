"""Tenants, and the first one that a fresh installation has."""

from django.db import connection, transaction

from tocsin.actions import configuration, ledger
from tocsin.engine.zone import Zone
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.records import context, rows

FIRST = "global"


@access.operates
def create(*, key: str, name: str, zone: str = "UTC", language: str = "en") -> int:
    """Make a tenant and return its id; refuse a key that is taken."""
    Zone.from_dict(zone, "zone")
    if (
        not (key.isascii() and key.replace("-", "").isalnum())
        or key != key.casefold()
        or len(key) > 63
    ):
        raise Invalid("key", f"{key!r} is no key: small letters, digits and hyphens, up to 63")
    if find(key) is not None:
        raise Invalid("key", f"there is a tenant {key!r} already")
    with transaction.atomic():
        id_ = rows.ids("tenant", 1)[0]
        with context.tenant(id_):
            now = ledger.clock()
            rows.insert(
                "tenant",
                [
                    {
                        "id": id_,
                        "key": key,
                        "name": name,
                        "zone": zone,
                        "language": language,
                        "config_version": 1,
                        "created_at": now,
                    }
                ],
            )
            rows.insert("counter", [{"tenant_id": id_, "name": "ticket", "last": 0}])
            by = access.operator(id_)
            configuration.record(by, "tenant", id_, "created", {"key": key, "zone": zone}, now=now)
    return id_


@access.operates
def find(key: str) -> int | None:
    """Return the id of the tenant of that key, or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_by_key(%s)", [key])
        row = cursor.fetchone()
    return None if row is None or row[0] is None else int(row[0])


@access.operates
def everyone() -> list[tuple[int, str, str]]:
    """Return id, key and name of every tenant."""
    return [(row[0], row[1], row[2]) for row in rows.query("SELECT * FROM tenant_list()", [])]


@access.operates
def first() -> int:
    """Return the tenant that a fresh installation has, made if it is not there."""
    found = find(FIRST)
    return found if found is not None else create(key=FIRST, name="Global")
