"""The yearly rule at the end of a time zone: POSIX text like ``CET-1CEST,M3.5.0,M10.5.0/3``."""

import calendar
import datetime as dt
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.kit.invalid import Invalid

_NAME = r"(?:<[^>]+>|[A-Za-z]{3,})"
_MINUTES = r"(?::[0-5]\d(?::[0-5]\d)?)?"
_OFFSET = rf"[+-]?(?:[01]?\d|2[0-4]){_MINUTES}"
_TIME = rf"[+-]?(?:\d{{1,2}}|1[0-5]\d|16[0-7]){_MINUTES}"
_TO_365 = r"(?:[0-2]?\d?\d|3[0-5]\d|36[0-5])"
_DATE = rf"M(?:0?[1-9]|1[0-2])\.[1-5]\.[0-6]|J(?!0+\b){_TO_365}|{_TO_365}"
_RULE = re.compile(
    rf"{_NAME}(?P<std>{_OFFSET})(?:{_NAME}(?P<dst>{_OFFSET})?"
    rf",(?P<start>{_DATE})(?:/(?P<start_time>{_TIME}))?,(?P<end>{_DATE})(?:/(?P<end_time>{_TIME}))?)?"
)
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
_DAY_S = 86_400
_TWO_O_CLOCK = 7_200


def _seconds(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = (*(int(part) for part in text.lstrip("+-").split(":")), 0, 0)[:3]
    return sign * (hours * 3600 + minutes * 60 + seconds)


@functools.lru_cache(maxsize=8192)
def _day(rule: str, year: int) -> int:
    """Return the day that `rule` names in `year`, as days since 1970-01-01."""
    if rule.startswith("M"):
        month, week, weekday = (int(part) for part in rule[1:].split("."))
        first = dt.date(year, month, 1)
        day = 1 + (weekday - first.isoweekday()) % 7 + 7 * (week - 1)
        # The fifth week means the last one.
        while day > calendar.monthrange(year, month)[1]:
            day -= 7
        return first.toordinal() + day - 1 - _EPOCH_DAY
    january = dt.date(year, 1, 1).toordinal() - _EPOCH_DAY
    if rule.startswith("J"):
        # Julian day 1-365: 29 February is never counted.
        number = int(rule[1:])
        return january + number - 1 + (calendar.isleap(year) and number >= 60)
    return january + int(rule)


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """Standard offset, and between `start` and `end` of each year the summer offset (s east)."""

    std: int
    dst: int | None
    start: str
    start_time: int
    end: str
    end_time: int

    @classmethod
    def parse(cls, text: str) -> "ZoneRule":
        """Read a POSIX TZ rule; refuse what is not one."""
        found = _RULE.fullmatch(text)
        if found is None:
            raise Invalid("rule", f"{text!r} is not a POSIX time zone rule")
        std = -_seconds(found["std"])
        if found["start"] is None:
            return cls(std, None, "", 0, "", 0)
        dst = -_seconds(found["dst"]) if found["dst"] else std + 3600
        start_time = _seconds(found["start_time"]) if found["start_time"] else _TWO_O_CLOCK
        end_time = _seconds(found["end_time"]) if found["end_time"] else _TWO_O_CLOCK
        return cls(std, dst, found["start"], start_time, found["end"], end_time)

    def settings(self, lo: int, hi: int) -> Iterator[tuple[int, int]]:
        """Yield (UTC second, offset from then on) with ``lo <= second < hi``, in order."""
        if self.dst is None:
            return
        years = range(_year(lo) - 1, _year(hi) + 2)
        pairs = sorted(
            pair for year in years if 1 <= year <= dt.MAXYEAR for pair in self._year(year)
        )
        yield from (pair for pair in pairs if lo <= pair[0] < hi)

    def _year(self, year: int) -> Iterator[tuple[int, int]]:
        assert self.dst is not None
        yield _day(self.start, year) * _DAY_S + self.start_time - self.std, self.dst
        yield _day(self.end, year) * _DAY_S + self.end_time - self.dst, self.std


def _year(second: int) -> int:
    """Return about which year a UTC second is in; a year off at the edges is allowed for."""
    return 1970 + second // 31_556_952
