"""Server-sent events as bytes: ids and versions, never a word that anybody wrote."""

import json
from typing import Any

from tocsin.queries.stream import TICKET, Placed

# Milliseconds after which a browser connects again by itself.
RETRY = b"retry: 2000\n\n"


def event(name: str, data: dict[str, Any], place: int | None = None) -> bytes:
    """Return one event; a browser that comes back names the place of the last one that had one."""
    head = "" if place is None else f"id: {place}\n"
    return f"{head}event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def placed(told: Placed) -> bytes:
    """Return what a browser hears of an event of the log."""
    if told.stream != TICKET:
        return event("config", {"k": told.stream}, told.place)
    data = {"t": told.stream_id, "v": told.seq, "k": told.kind, "by": told.actor}
    if told.deed is not None:
        data["d"] = told.deed
    return event("ticket", data, told.place)


def reload(place: int) -> bytes:
    """Return the event that says: too much has happened, fetch the page again."""
    return event("reload", {}, place)
