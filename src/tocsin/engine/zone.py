"""Time zones as values: the instants at which an offset changes, and the rule that goes on after.

A published calendar carries its `Zone`, so replay needs no installed time zone database.
Formats: TZif and its POSIX rule as in RFC 9636.
"""

import bisect
import functools
import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine.zone_rule import ZoneRule
from tocsin.kit import shape, timezone_data
from tocsin.kit.invalid import Invalid

DAY_S = 86_400
_FURTHEST = 2**40  # seconds: longer than any date of ours is from 1970


@dataclass(frozen=True, slots=True)
class Change:
    """One change of offset: at the UTC second `at`, from `before` to `after` seconds east."""

    at: int
    before: int
    after: int

    def skips(self, local: int) -> bool:
        """Say whether the local second `local` never happened because of this change."""
        return self.at + self.before <= local < self.at + self.after

    def skips_date(self, midnight: int) -> bool:
        """Say whether the civil date that starts at local second `midnight` never happened."""
        return self.skips(midnight) and midnight + DAY_S <= self.at + self.after


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: `first_offset` until `instants[0]`, then `offsets[k]` from `instants[k]` on.

    Instants are UTC seconds, offsets seconds east of UTC. After the last instant `rule` (a POSIX
    TZ rule) goes on for ever; when it is empty the last offset stays.
    """

    name: str
    first_offset: int
    instants: tuple[int, ...]
    offsets: tuple[int, ...]
    rule: str
    tail: ZoneRule | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tail", ZoneRule.parse(self.rule) if self.rule else None)

    @property
    def digest(self) -> str:
        """SHA-256 of the transitions and the rule, hex: equal digests give equal local times."""
        facts = [self.first_offset, self.instants, self.offsets, self.rule]
        return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()

    @property
    def regular_from(self) -> int:
        """The UTC second after which only the yearly rule (or a fixed offset) is at work."""
        return self.instants[-1] + 1 if self.instants else -_FURTHEST

    def changes(self, lo: int, hi: int) -> list[Change]:
        """Return the changes of offset with ``lo <= at < hi``, in order."""
        first = bisect.bisect_left(self.instants, lo)
        last = bisect.bisect_left(self.instants, hi)
        found = [
            Change(
                self.instants[k], self.offsets[k - 1] if k else self.first_offset, self.offsets[k]
            )
            for k in range(first, last)
        ]
        if self.tail is not None and hi > self.regular_from:
            found += self._ruled_changes(max(lo, self.regular_from), hi)
        return found

    def _ruled_changes(self, lo: int, hi: int) -> list[Change]:
        assert self.tail is not None
        offset = self.offsets[-1] if self.offsets else self.first_offset
        found: list[Change] = []
        # A year earlier than `lo` settles which of the two offsets is in force at `lo`.
        for at, after in self.tail.settings(max(lo - 2 * 366 * DAY_S, self.regular_from), hi):
            if after != offset and lo <= at:
                found.append(Change(at, offset, after))
            offset = after
        return found

    def offset_at(self, instant: int) -> int:
        """Return the offset in seconds east of UTC that is in force at the UTC second."""
        if self.tail is not None and instant >= self.regular_from:
            last = [
                after
                for at, after in self.tail.settings(instant - 2 * 366 * DAY_S, instant + 1)
                if at >= self.regular_from
            ]
            if last:
                return last[-1]
        k = bisect.bisect_right(self.instants, instant) - 1
        return self.offsets[k] if k >= 0 else self.first_offset

    def first(self, local: int) -> int:
        """Return the first UTC second at which local clocks show `local`; in a gap, its end."""
        return self._shown(local)[0]

    def last(self, local: int) -> int:
        """Return the last UTC second at which local clocks show `local`; in a gap, the gap."""
        return self._shown(local)[-1]

    def _shown(self, local: int) -> list[int]:
        """Return all UTC seconds at which clocks show `local`, or the one change that skips it."""
        changes = self.changes(local - 2 * DAY_S, local + 2 * DAY_S)
        offset = changes[0].before if changes else self.offset_at(local)
        found: list[int] = []
        since = local - 3 * DAY_S
        for change in changes:
            if since <= local - offset < change.at:
                found.append(local - offset)
            since, offset = change.at, change.after
        if since <= local - offset:
            found.append(local - offset)
        return found or [change.at for change in changes if change.skips(local)][:1]

    def to_dict(self) -> dict[str, Any]:
        """Return the data form that a published calendar carries, with its digest."""
        return {
            "name": self.name,
            "first_offset": self.first_offset,
            "transitions": [list(pair) for pair in zip(self.instants, self.offsets, strict=True)],
            "rule": self.rule,
            "digest": self.digest,
        }

    @classmethod
    def from_dict(cls, value: object, path: str = "zone") -> "Zone":
        """Read a zone: a name of the database, or the data form with transitions and digest."""
        if isinstance(value, str):
            return named(value, path)
        data = shape.mapping(value, path)
        shape.only(data, path, ("name", "first_offset", "transitions", "rule", "digest"))
        zone = _from_transitions(data, path)
        if data.get("digest") != zone.digest:
            raise Invalid(f"{path}.digest", "does not belong to these transitions")
        return zone


def _from_transitions(data: Mapping[str, Any], path: str) -> Zone:
    pairs = shape.listing(data.get("transitions"), f"{path}.transitions")
    for k, pair in enumerate(pairs):
        place = f"{path}.transitions[{k}]"
        if len(shape.listing(pair, place)) != 2 or not all(type(x) is int for x in pair):
            raise Invalid(place, "expected [UTC second, offset in seconds]")
        if abs(pair[0]) > _FURTHEST or abs(pair[1]) >= DAY_S:
            raise Invalid(place, "is out of range")
        if k and pair[0] <= pairs[k - 1][0]:
            raise Invalid(place, "transitions must be in order")
    first_offset = data.get("first_offset")
    if type(first_offset) is not int or abs(first_offset) >= DAY_S:
        raise Invalid(f"{path}.first_offset", "expected whole seconds east of UTC, within a day")
    name = shape.text(data.get("name"), f"{path}.name")
    rule = data.get("rule", "")
    if not isinstance(rule, str):
        raise Invalid(f"{path}.rule", "expected a POSIX rule as text")
    try:
        return Zone(
            name=name,
            first_offset=first_offset,
            instants=tuple(pair[0] for pair in pairs),
            offsets=tuple(pair[1] for pair in pairs),
            rule=rule,
        )
    except Invalid as error:
        raise Invalid(f"{path}.rule", error.reason) from None


@functools.lru_cache(maxsize=1024)
def named(name: str, path: str = "zone") -> Zone:
    """Return the zone of that name from the pinned database; refuse an unknown one."""
    try:
        return parse(name, timezone_data.read(name))
    except KeyError:
        near = shape.hint(name, timezone_data.names())
        raise Invalid(
            path, f"unknown time zone {name!r}{near}; write a name such as Europe/Stockholm"
        ) from None


def parse(name: str, data: bytes) -> Zone:
    """Read a TZif file of version 2 or later; refuse anything else."""
    if data[:4] != b"TZif" or data[4:5] < b"2":
        raise Invalid("zone", f"the file of {name!r} is not a TZif file of version 2 or later")
    second = 44 + _block_length(data, 0, 4)
    times, types = _counts(data, second)[3:5]
    body = second + 44
    instants = struct.unpack_from(f">{times}q", data, body)
    indices = data[body + 8 * times : body + 9 * times]
    infos = [struct.unpack_from(">ibb", data, body + 9 * times + 6 * k) for k in range(types)]
    footer = data[second + 44 + _block_length(data, second, 8) :]
    moves: list[tuple[int, int]] = []
    offset = infos[0][0]
    for at, index in zip(instants, indices, strict=True):
        # Changes of name or of the "is summer time" flag alone are of no interest here, but the
        # last one is: the rule takes over from there and not earlier.
        if infos[index][0] != offset or at == instants[-1]:
            offset = infos[index][0]
            moves.append((at, offset))
    return Zone(
        name=name,
        first_offset=infos[0][0],
        instants=tuple(at for at, _ in moves),
        offsets=tuple(after for _, after in moves),
        rule=footer.strip(b"\n").decode("ascii"),
    )


def _counts(data: bytes, at: int) -> tuple[int, ...]:
    return struct.unpack_from(">6I", data, at + 20)


def _block_length(data: bytes, at: int, time_size: int) -> int:
    is_ut, is_std, leaps, times, types, chars = _counts(data, at)
    return times * (time_size + 1) + types * 6 + chars + leaps * (time_size + 4) + is_std + is_ut
