"""Appending to the event log: the only writer of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.engine.event import Event
from tocsin.kit import canonical
from tocsin.queries.audit import instant
from tocsin.records import rows


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact on its way into the log: its stream, its place there, and what erasure may take."""

    id: int
    stream: tuple[str, int]
    seq: int
    event: Event
    content: str | None = None
    salt: bytes = b""


def append(tenant: int, entries: Sequence[Entry]) -> None:
    """Write entries to the log, and what they say that may be erased beside it."""
    rows.insert("event", [_row(tenant, entry) for entry in entries])
    rows.insert(
        "event_content",
        [
            {
                "tenant_id": tenant,
                "event_id": entry.id,
                "salt": entry.salt,
                "content": entry.content,
            }
            for entry in entries
            if entry.content is not None
        ],
    )


def _row(tenant: int, entry: Entry) -> dict[str, Any]:
    event = entry.event
    recorded_at = event.recorded_at
    assert recorded_at is not None  # whoever makes an entry says when it was learned
    facts = {
        "stream_kind": entry.stream[0],
        "stream_id": entry.stream[1],
        "stream_seq": entry.seq,
        "kind": event.kind.value,
        "side": event.side.value,
        "actor": event.actor,
        "source": event.source,
        "source_rank": event.source_rank,
        "source_seq": event.source_seq,
        "imported": event.imported,
        "key": event.key,
    }
    payload = canonical.encoded(dict(event.payload)).decode()
    told: dict[str, Any] = {
        **facts,
        "tenant": tenant,
        "effective_at": instant(event.effective_at),
        "recorded_at": instant(recorded_at),
    }
    return {
        "id": entry.id,
        "tenant_id": tenant,
        **facts,
        "effective_at": event.effective_at,
        "recorded_at": recorded_at,
        "payload": payload,
        "leaf_hash": canonical.leaf(sealed(told, payload)),
    }


def sealed(told: dict[str, Any], payload: str) -> bytes:
    """Return the canonical bytes of an entry: its columns, and its payload as canonical JSON."""
    # `payload` is canonical already; only its place among the columns is to be found.
    before = {name: value for name, value in told.items() if name < "payload"}
    after = {name: value for name, value in told.items() if name > "payload"}
    start, end = canonical.encoded(before)[:-1], canonical.encoded(after)[1:]
    return b"".join((start, b',"payload":', payload.encode(), b",", end))
