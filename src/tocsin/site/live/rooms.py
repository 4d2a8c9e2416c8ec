"""Those who watch one tenant, and what happened there last. In memory, nothing waits here."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from tocsin.queries.stream import Placed, Watcher
from tocsin.site.live import wire
from tocsin.site.live.line import Line
from tocsin.site.live.request import Request

# What a browser that comes back is told; after more it had better fetch its page again.
MOST_REPLAYED = 1000
# Pieces that wait for a browser which does not take them, and for how long.
MOST_WAITING = 64
_LONGEST_WAIT_S = 20.0
# While a flood lasts, pages are told this often to fetch themselves again.
_FLOOD_S = 10.0

Lost = Callable[["Client"], None]


@dataclass(slots=True, eq=False)
class Client:
    """One stream. `watcher` is who it is, as of the last look; None until the first."""

    line: Line
    request: Request
    watcher: Watcher | None = None
    gone: bool = False
    unread: int = -1
    waiting: deque[bytes] | None = None
    stuck_at: float = 0.0

    def tell(self, body: bytes, steady: float) -> bool:
        """Send, or keep what cannot go yet; False when the client is too slow to be kept."""
        if not self.waiting:
            if self.line.write(body):
                return True
            self.waiting, self.stuck_at = deque(), steady
        self.waiting.append(body)
        return len(self.waiting) <= MOST_WAITING

    def catch_up(self, steady: float) -> bool:
        """Send what waits, as far as it goes; False when nothing has gone for long."""
        while self.waiting and self.line.write(self.waiting[0]):
            self.waiting.popleft()
            self.stuck_at = steady
        if not self.waiting:
            self.waiting = None
            return True
        return steady - self.stuck_at < _LONGEST_WAIT_S


@dataclass(slots=True)
class Room:
    """The clients of a tenant. `at` is the place of the last event that they have been told of."""

    tenant: int
    at: int
    clients: set[Client] = field(default_factory=set)
    # The last events and their bytes, without gaps up to `at`. Encoded once: all clients are sent
    # the same bytes.
    recent: deque[tuple[Placed, bytes]] = field(default_factory=deque)
    flooded_at: float | None = None

    @property
    def first(self) -> int:
        """The first place that can be told again."""
        return self.recent[0][0].place if self.recent else self.at + 1

    def remember(self, earlier: Sequence[Placed]) -> None:
        """Take in what was before the first, so that it can be told again."""
        for told in reversed(earlier):
            if told.place == self.first - 1:
                self.recent.appendleft((told, wire.placed(told)))

    def happened(self, news: Sequence[Placed], steady: float, lost: Lost) -> None:
        """Tell everybody what they may hear of the news, in one piece each."""
        added = [(told, wire.placed(told)) for told in news]
        self.recent.extend(added)
        while len(self.recent) > MOST_REPLAYED:
            self.recent.popleft()
        self.at = added[-1][0].place
        pieces: dict[Hashable, bytes] = {}
        for client in tuple(self.clients):
            watcher = client.watcher
            assert watcher is not None  # nobody is in a room before
            piece = pieces.get(watcher.eyes)
            if piece is None:
                piece = pieces[watcher.eyes] = _seen(watcher, added)
            if piece and not client.tell(piece, steady):
                lost(client)

    def skip(self, head: int, steady: float) -> None:
        """Leave out what is too much to tell, or was never so: the database is another one."""
        self.recent.clear()
        self.at = head
        if self.flooded_at is None:
            self.flooded_at = steady

    def settle(self, flooded: bool, steady: float, lost: Lost) -> None:
        """After a flood, and every ten seconds while it lasts, have the pages fetched again."""
        if self.flooded_at is None or (flooded and steady - self.flooded_at < _FLOOD_S):
            return
        self.flooded_at = None
        for client in tuple(self.clients):
            if not client.tell(wire.reload(self.at), steady):
                lost(client)

    def replay(self, watcher: Watcher, after: int | None) -> bytes:
        """Return what somebody who was here before has missed."""
        if after is None or after == self.at:
            return b""
        if after > self.at or after < self.first - 1:
            return wire.reload(self.at)
        return _seen(watcher, (known for known in self.recent if known[0].place > after))


def _seen(watcher: Watcher, events: Iterable[tuple[Placed, bytes]]) -> bytes:
    return b"".join(body for told, body in events if watcher.sees(told))
