"""The tenant that a transaction works for: both walls, the filter and the database's, read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import InternalError, connection

_current: ContextVar[int | None] = ContextVar("tenant", default=None)


@dataclass(frozen=True, slots=True)
class Within:
    """Whose eyes a transaction reads with: a third wall, inside the tenant.

    `teams` are those whose private notes it may read. `reach` holds the tickets that it sees as
    ``team/type`` with ``*`` for any, None for all of them; beside these it sees what `person` has
    or takes part in.
    """

    person: int
    teams: tuple[int, ...] = ()
    reach: tuple[str, ...] | None = None


_narrowed: ContextVar[Within | None] = ContextVar("narrowed", default=None)


class NoTenant(RuntimeError):
    """A tenant's rows were asked for outside any tenant: a mistake in our code, never an answer."""


class OtherTenant(RuntimeError):
    """A tenant was entered inside another one."""


def narrowed() -> Within | None:
    """Return whose narrow eyes this transaction reads with; None when it may see every ticket."""
    return _narrowed.get()


def current() -> int:
    """Return the id of the tenant that this transaction works for; raise `NoTenant` without."""
    found = _current.get()
    if found is None:
        raise NoTenant("no tenant has been entered: wrap the call in `with tenant(...)`")
    return found


@contextmanager
def tenant(id_: int, within: Within | None = None) -> Iterator[None]:
    """Work for one tenant until the end of the block, inside a transaction.

    The setting in the database lasts until COMMIT, since deferred triggers read it; so a second
    tenant in the same transaction is refused even after the block. With a `within` that has a
    reach the block reads as a role of the database that sees nothing else, and cannot write.
    """
    if not connection.in_atomic_block:
        raise NoTenant("a tenant can be entered in a transaction only: the setting ends with it")
    if _current.get() not in (None, id_):
        raise OtherTenant(f"tenant {id_} inside of tenant {_current.get()}")
    # What is narrow already stays as it is, whoever is named inside.
    if _narrowed.get() is not None:
        within = None
    narrow = within is not None and within.reach is not None
    try:
        with connection.cursor() as cursor:
            _enter(cursor, id_, within)
            if narrow:
                cursor.execute("SET LOCAL ROLE tocsin_within")
    except InternalError as error:
        raise OtherTenant(str(error).splitlines()[0]) from None
    token = _current.set(id_)
    eyes = _narrowed.set(within if narrow else _narrowed.get())
    try:
        yield
        if narrow:
            # After an error the savepoint, or the end of the transaction, takes it back.
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")
    finally:
        _current.reset(token)
        _narrowed.reset(eyes)


def _enter(cursor: Any, id_: int, within: Within | None) -> None:
    if within is None:
        cursor.execute("SELECT enter_tenant(%s)", [id_])
        return
    cursor.execute(
        "SELECT enter_tenant(%s), enter_reach(%s::bigint[], %s::text[], %s)",
        # A reach of nothing is an empty list, and not none.
        [
            id_,
            list(within.teams),
            None if within.reach is None else list(within.reach),
            within.person,
        ],
    )
