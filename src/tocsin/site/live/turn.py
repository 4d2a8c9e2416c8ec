"""One turn: all that the database is asked for everybody at once, in the one thread that asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin.queries import stream
from tocsin.queries.stream import OF_WATCHERS, Placed, Watcher
from tocsin.site.live.rooms import MOST_REPLAYED, Client

# More than this at once is a flood: pages that fetch themselves again are better off.
MOST_AT_ONCE = 250

Look = Callable[[], tuple[bool, dict[str, Any]]]
Person = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be asked. `rooms` are the tenants watched: the last place, and the first known."""

    steady: float
    entering: Sequence[Client]
    watching: Sequence[Client]
    rooms: Mapping[int, tuple[int, int]]
    # Whether everybody is looked at again, whose bells are due, whether the health is.
    check: bool
    bells: frozenset[int] | None
    look: bool


@dataclass(slots=True)
class Found:
    """What the database said; `admitted` and `checked` are in the order of the work's clients."""

    admitted: list[Watcher | None] = field(default_factory=list)
    checked: list[Watcher | None] | None = None
    news: dict[int, list[Placed]] = field(default_factory=dict)
    earlier: dict[int, list[Placed]] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    unread: dict[Person, int] = field(default_factory=dict)
    health: tuple[bool, dict[str, Any]] | None = None


# Tenants never go and keep their keys.
Keys = dict[str, int]


def take(work: Work, keys: Keys, look: Look) -> Found:
    """Ask, in this order: who may hear comes before what there is to hear."""
    found = Found()
    if work.look:
        found.health = look()
    unknown = {client.request.tenant for client in work.entering} - keys.keys()
    if unknown:
        keys.update(stream.tenants(unknown))
    wanted = [(keys.get(c.request.tenant, 0), c.request.session) for c in work.entering]
    found.admitted = _here(work.entering, stream.watchers(wanted))
    if work.check:
        found.checked = _checked(work)
        # Lower than what was told: somebody has put an older database in its place.
        heads = stream.heads(work.rooms)
        found.heads = {t: head for t, head in heads.items() if head < work.rooms[t][0]}
    found.news = stream.since({t: at for t, (at, _) in work.rooms.items()}, MOST_AT_ONCE + 1)
    if found.checked is None and any(
        placed.stream in OF_WATCHERS for news in found.news.values() for placed in news
    ):
        # Whoever was dismissed in this moment is not told of it, nor of what comes after.
        found.checked = _checked(work)
    _positions(work, found)
    found.unread = stream.unread(_bells(work, found))
    return found


def _checked(work: Work) -> list[Watcher | None]:
    known = [(c.watcher.tenant if c.watcher else 0, c.request.session) for c in work.watching]
    return _here(work.watching, stream.watchers(known))


def _here(clients: Sequence[Client], watchers: Sequence[Watcher | None]) -> list[Watcher | None]:
    """Leave out whoever may not come from where they are: they are as good as signed out."""
    return [
        watcher if watcher and watcher.comes_from(client.request.address) else None
        for client, watcher in zip(clients, watchers, strict=True)
    ]


def _positions(work: Work, found: Found) -> None:
    """Find where new rooms begin and floods end, and what those who come back have missed."""
    entered = {watcher.tenant for watcher in found.admitted if watcher}
    flooded = {tenant for tenant, news in found.news.items() if len(news) > MOST_AT_ONCE}
    asked = flooded | (entered - work.rooms.keys())
    if asked:
        found.heads |= stream.heads(asked)
    wanted: dict[int, int] = {}
    first: dict[int, int] = {}
    for client, watcher in zip(work.entering, found.admitted, strict=True):
        after = client.request.after
        if watcher is None or after is None:
            continue
        tenant = watcher.tenant
        head = found.heads.get(tenant)
        at, first[tenant] = work.rooms[tenant] if head is None else (head, head + 1)
        if at - MOST_REPLAYED <= after < first[tenant] - 1:
            wanted[tenant] = min(after, wanted.get(tenant, after))
    found.earlier = {
        tenant: [placed for placed in known if placed.place < first[tenant]]
        for tenant, known in stream.since(wanted, MOST_REPLAYED).items()
    }


def _bells(work: Work, found: Found) -> list[Watcher]:
    """Return those whose bell is to be looked at, as they now are."""
    people = [watcher for watcher in found.admitted if watcher]
    if work.bells is None:
        return people
    # Whoever is let go is told nothing more, and needs no count.
    known = found.checked or [client.watcher for client in work.watching]
    due = work.bells | found.news.keys()
    return people + [one for one in known if one and (work.check or one.tenant in due)]
