"""The tenant that a transaction works for: both walls, the filter and the database's, read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import InternalError, connection

_current: ContextVar[int | None] = ContextVar("tenant", default=None)


class NoTenant(RuntimeError):
    """A tenant's rows were asked for outside any tenant: a mistake in our code, never an answer."""


class OtherTenant(RuntimeError):
    """A tenant was entered inside another one."""


def current() -> int:
    """Return the id of the tenant that this transaction works for; raise `NoTenant` without."""
    found = _current.get()
    if found is None:
        raise NoTenant("no tenant has been entered: wrap the call in `with tenant(...)`")
    return found


@contextmanager
def tenant(id_: int) -> Iterator[None]:
    """Work for one tenant until the end of the block, inside a transaction.

    The setting in the database lasts until COMMIT, since deferred triggers read it; so a second
    tenant in the same transaction is refused even after the block.
    """
    if not connection.in_atomic_block:
        raise NoTenant("a tenant can be entered in a transaction only: the setting ends with it")
    if _current.get() not in (None, id_):
        raise OtherTenant(f"tenant {id_} inside of tenant {_current.get()}")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT enter_tenant(%s)", [id_])
    except InternalError as error:
        raise OtherTenant(str(error).splitlines()[0]) from None
    token = _current.set(id_)
    try:
        yield
    finally:
        _current.reset(token)
