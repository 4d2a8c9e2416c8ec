"""Wording: the facts of a letter in the reader's language and local time."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.actions.outbox import Lease
from tocsin.engine import zone as zones
from tocsin.kit.invalid import Invalid

# What is told this much after its instant says so.
_LATE = dt.timedelta(seconds=60)
_LONGEST_SUBJECT = 120
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Most pressing first; what is not listed comes last.
_ORDER = ("breach", "escalate", "held", "letter", "alarm", "warn")
_USUAL = "en"

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "breach": "BREACHED: {clock}, at {at}{late}",
        "warn": "Warning ({which}): {clock}, at {at}{late}",
        "escalate": "Escalated to {which}: {clock}, at {at}{late}",
        "alarm": "Needs an administrator: {clock} {which}, at {at}{late}",
        "letter": "A message was given up: {which}, at {at}{late}",
        "held": "Held, its deadlines are not watched: {which}, at {at}{late}",
        "other": "{deed} {which}: {clock}, at {at}{late}",
        "late": " (told {length} late)",
        "cycle": "{name}, round {cycle}",
        "subject breach": "Breached: {clock}",
        "subject warn": "Warning: {clock}",
        "subject escalate": "Escalated to {which}",
        "subject alarm": "Needs an administrator",
        "subject letter": "A message was given up",
        "subject held": "Held: {which}",
        "subject other": "News",
        "and more": "{subject} (+{count})",
        "ticket": "Ticket {number}",
        "several": "{count} alerts, told late",
        "more": "… and {count} more.",
        "footer": "Tocsin sent this by itself; answers are not read.",
    },
    "sv": {
        "breach": "ÖVERSKRIDEN: {clock}, {at}{late}",
        "warn": "Varning ({which}): {clock}, {at}{late}",
        "escalate": "Eskalerat till {which}: {clock}, {at}{late}",
        "alarm": "Kräver en administratör: {clock} {which}, {at}{late}",
        "letter": "Ett meddelande gavs upp: {which}, {at}{late}",
        "held": "Stoppat, tidsgränserna bevakas inte: {which}, {at}{late}",
        "other": "{deed} {which}: {clock}, {at}{late}",
        "late": " (meddelat {length} för sent)",
        "cycle": "{name}, omgång {cycle}",
        "subject breach": "Överskriden: {clock}",
        "subject warn": "Varning: {clock}",
        "subject escalate": "Eskalerat till {which}",
        "subject alarm": "Kräver en administratör",
        "subject letter": "Ett meddelande gavs upp",
        "subject held": "Stoppat: {which}",
        "subject other": "Nyheter",
        "and more": "{subject} (+{count})",
        "ticket": "Ärende {number}",
        "several": "{count} larm, meddelade för sent",
        "more": "… och {count} till.",
        "footer": "Tocsin skickade detta automatiskt; svar läses inte.",
    },
}


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words: `short` is one line of 160 characters at most, for what has no room."""

    language: str
    subject: str
    body: str
    short: str
    lines: tuple[str, ...]


_SHORT = 160


def of(lease: Lease) -> Words:
    """Return what a leased message says, in the reader's language and zone."""
    reader = lease.recipient
    language = _language(reader.language if reader else _USUAL)
    text = TEXTS[language]
    zone = reader.zone if reader else "UTC"
    parts = json.loads(lease.parts)
    digest = "digest" in parts
    found = _sorted(parts["digest" if digest else "lines"])
    lines = [_line(one, text, zone, lease.at) for one in found]
    if parts.get("more"):
        lines.append(text["more"].format(count=parts["more"]))
    body = [*lines, "", "-- ", text["footer"]]
    about = ""
    if lease.about is not None:
        about = f"{_ticket(lease.about.number, text)}: {_plain(lease.about.subject)}"
        body = [about, "", *body]
    if digest:
        count = len(found) + int(parts.get("more") or 0)
        subject = text["several"].format(count=count)
    else:
        subject = _subject(found, text)
    if lease.about is not None:
        subject = f"[{_ticket(lease.about.number, text)}] {subject}"
    subject = _plain(subject)[:_LONGEST_SUBJECT]
    short = " ".join(part for part in (subject, about.partition(": ")[2]) if part)[:_SHORT]
    return Words(language, subject, "\n".join(body) + "\n", short, tuple(lines))


def _language(wanted: str) -> str:
    return wanted if wanted in TEXTS else _USUAL


def _sorted(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    def rank(line: Mapping[str, Any]) -> tuple[int, str]:
        deed = line["deed"]
        return _ORDER.index(deed) if deed in _ORDER else len(_ORDER), line["planned_at"]

    return sorted(lines, key=rank)


def _subject(lines: Sequence[Mapping[str, Any]], text: Mapping[str, str]) -> str:
    if not lines:
        return text["subject other"]
    first = lines[0]
    pattern = text.get(f"subject {first['deed']}", text["subject other"])
    subject = pattern.format(clock=clock_name(first["clock"], text), which=_which(first))
    if len(lines) == 1:
        return subject
    return text["and more"].format(subject=subject, count=len(lines) - 1)


def _line(line: Mapping[str, Any], text: Mapping[str, str], zone: str, now: dt.datetime) -> str:
    planned_at = dt.datetime.fromisoformat(line["planned_at"])
    late = now - planned_at
    said = text.get(line["deed"], text["other"]).format(
        deed=line["deed"],
        which=_which(line),
        clock=clock_name(line["clock"], text),
        at=local(planned_at, zone),
        late=text["late"].format(length=length(late)) if late > _LATE else "",
    )
    if "ticket" in line:
        said = f"{_ticket(line['ticket'], text)}: {said}"
    return _plain(said)


def _ticket(number: int, text: Mapping[str, str]) -> str:
    return text["ticket"].format(number=number)


def clock_name(key: str, text: Mapping[str, str]) -> str:
    """Return what people call a clock: ``SLA/first response#2`` is *first response, round 2*."""
    name, _, cycle = key.rpartition("/")[2].partition("#")
    return name if cycle in ("", "1") else text["cycle"].format(name=name, cycle=cycle)


def _which(line: Mapping[str, Any]) -> str:
    """Return an alert's or level's own name: ``75%/0`` is *75%*, ``standard v1/L2`` is *L2*."""
    which = re.sub(r"( again)+$", "", str(line["which"]))
    if line["deed"] == "warn":
        return which.rpartition("/")[0] or which
    return which.rpartition("/")[2] if line["deed"] == "escalate" else which


def local(instant: dt.datetime, zone: str) -> str:
    """Return an instant as the reader's clock shows it, the zone named.

    >>> local(dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC), "Europe/Stockholm")
    '2026-03-02 10:15 (Europe/Stockholm, UTC+01:00)'
    """
    try:
        found = zones.named(zone)
    except Invalid:
        zone, found = "UTC", zones.named("UTC")
    offset = found.offset_at((instant - _EPOCH) // dt.timedelta(seconds=1))
    shown = instant.astimezone(dt.timezone(dt.timedelta(seconds=offset)))
    # The offset as well: one hour each autumn is shown twice.
    sign, minutes = "-" if offset < 0 else "+", abs(offset) // 60
    ahead = "" if zone == "UTC" else f", UTC{sign}{minutes // 60:02}:{minutes % 60:02}"
    return f"{shown:%Y-%m-%d %H:%M} ({zone}{ahead})"


def length(late: dt.timedelta) -> str:
    """Return a length in its two largest units.

    >>> length(dt.timedelta(minutes=125)), length(dt.timedelta(days=3, hours=2, minutes=5))
    ('2 h 5 min', '3 d 2 h')
    """
    minutes = late // dt.timedelta(minutes=1)
    units = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    first = next((k for k, (count, _) in enumerate(units) if count), 2)
    return " ".join(f"{count} {unit}" for count, unit in units[first : first + 2] if count)


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
