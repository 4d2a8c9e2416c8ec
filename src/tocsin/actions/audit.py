"""Appending to the event log: the only writer of it."""

from collections.abc import Mapping, Sequence
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
    # The team that the content is for, when it is not for all who see the rest.
    private_to: int | None = None


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
                "private_to_id": entry.private_to,
            }
            for entry in entries
            if entry.content is not None
        ],
    )


def _row(tenant: int, entry: Entry) -> dict[str, Any]:
    event = entry.event
    assert event.recorded_at is not None  # whoever makes an entry says when it was learned
    row: dict[str, Any] = {
        "id": entry.id,
        "tenant_id": tenant,
        "stream_kind": entry.stream[0],
        "stream_id": entry.stream[1],
        "stream_seq": entry.seq,
        "kind": event.kind.value,
        "effective_at": instant(event.effective_at),
        "recorded_at": instant(event.recorded_at),
        "side": event.side.value,
        "actor": event.actor,
        "source": event.source,
        "source_rank": event.source_rank,
        "source_seq": event.source_seq,
        "imported": event.imported,
        "key": event.key,
        "payload": canonical.encoded(dict(event.payload)).decode(),
    }
    return {**row, "leaf_hash": canonical.leaf(sealed(row))}


def sealed(row: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of an entry, RFC 8785, from its columns.

    Its names are always the same, so they are written in their order here; `payload` is canonical
    already, and instants are as `instant` writes them.
    """
    quoted = canonical.quoted
    return (
        f'{{"actor":{quoted(row["actor"])},"effective_at":{quoted(row["effective_at"])},'
        f'"imported":{"true" if row["imported"] else "false"},"key":{quoted(row["key"])},'
        f'"kind":{quoted(row["kind"])},"payload":{row["payload"]},'
        f'"recorded_at":{quoted(row["recorded_at"])},"side":{quoted(row["side"])},'
        f'"source":{quoted(row["source"])},"source_rank":{row["source_rank"]},'
        f'"source_seq":{row["source_seq"]},"stream_id":{row["stream_id"]},'
        f'"stream_kind":{quoted(row["stream_kind"])},"stream_seq":{row["stream_seq"]},'
        f'"tenant":{row["tenant_id"]}}}'
    ).encode()
