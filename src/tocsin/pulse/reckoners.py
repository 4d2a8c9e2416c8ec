"""The self-audit on several cores: processes that each reckon a span of tickets at a time.

They are started anew and not forked: a fork would share our connection. Each has one of its own,
in a role that can only read.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tocsin.kit import database
from tocsin.kit.processes import die_with_parent
from tocsin.queries import access, reckoning
from tocsin.queries.reckoning import BATCH, Reckoning

Span = tuple[int, int | None]


def cores() -> int:
    """Return how many processes can work at once on this machine."""
    return len(os.sched_getaffinity(0))


def reckon(tenant: int, *, url: str, processes: int, batch: int = BATCH) -> Iterator[Reckoning]:
    """Yield what each part of a tenant's tickets comes to, in the order of their ids.

    `url` is the address for Tocsin's processes. One process, or tickets for one only, are reckoned
    in this one. What comes out is the same, whatever the number of processes.
    """
    by = access.operator(tenant)
    spans = reckoning.spans(by=by, batch=batch)
    workers = min(processes, len(spans))
    if workers <= 1:
        yield from reckoning.reckon(by=by, batch=batch)
        return
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(url, os.getpid()),
    )
    try:
        asked = [pool.submit(_reckoned, tenant, span, batch) for span in spans]
        for part in asked:
            yield part.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(url: str, parent: int) -> None:
    """Make a process ready: it ends with its parent, and speaks to the database by itself."""
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us when it is interrupted
    os.environ.update({database.ADDRESS: url, database.ROLE: "audit"})
    # By name: the pulse does not know the site.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.site.settings")
    import django  # noqa: PLC0415  # only now it is known where the database is

    django.setup()


def _reckoned(tenant: int, span: Span, batch: int) -> Reckoning:
    total = Reckoning()
    for part in reckoning.reckon(by=access.operator(tenant), batch=batch, span=span):
        total.add(part)
    return total
