"""Random desks for property tests: policies of every mode, and logs that cut clocks anywhere."""

import datetime as dt
import functools
import json
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from tests.stories.story import ALWAYS, DAYS, NEW_YORK, OFFICE

from tocsin.engine.calendar import Calendar
from tocsin.engine.event import Event, Kind, Side
from tocsin.engine.policy import instant_from
from tocsin.engine.version import CalendarVersion, Versions

Data = dict[str, Any]

QUARTER = dt.timedelta(minutes=15)
MICROSECOND = dt.timedelta(microseconds=1)
# A fortnight without a change of offset, and one that the clocks of Stockholm change in.
PLAIN = dt.datetime(2026, 1, 7, 23, tzinfo=dt.UTC)
SPRING = dt.datetime(2026, 3, 24, 23, tzinfo=dt.UTC)
STRETCH = 14 * 96  # quarters of an hour

LUNCH: Data = {**OFFICE, "week": {day: ["09:00-12:00", "13:00-17:00"] for day in DAYS[:5]}}
NIGHT: Data = {**OFFICE, "week": {day: ["22:00-30:00"] for day in DAYS[:6]}}
CALENDARS = {
    "office": OFFICE,
    "always": ALWAYS,
    "lunch": LUNCH,
    "night": NIGHT,
    "new york": NEW_YORK,
}
COUNTED: list[Data] = [
    {"business_days": 1, "at": "close"},
    {"business_days": 2, "at": "same time"},
    {"calendar_days": 2},
]


def versions_of(data: Data) -> Versions:
    """Read a configuration, with calendars that are compiled once for all examples."""
    bare = Versions.from_dict({**data, "calendars": dict.fromkeys(data["calendars"], BARE)})
    calendars = {
        key: tuple(
            _version(key, k + 1, json.dumps(item))
            for k, item in enumerate(found if isinstance(found, list) else [found])
        )
        for key, found in data["calendars"].items()
    }
    return replace(bare, calendars=calendars)


BARE: Data = {"zone": "UTC", "week": {"mon": ["09:00-17:00"]}}


@functools.lru_cache(maxsize=500)
def _version(key: str, version: int, text: str) -> CalendarVersion:
    data = json.loads(text)
    begins = data.pop("valid_from", None)
    valid_from = instant_from(begins, "valid_from") if begins else None
    return CalendarVersion(key, version, Calendar.from_dict(data), valid_from)


@dataclass(frozen=True, repr=False)
class Desk:
    """A desk's configuration, and one ticket's facts in the order in which they count."""

    data: Data
    versions: Versions
    facts: tuple[Event, ...]
    begins: dt.datetime

    def __repr__(self) -> str:
        edited = {key: c[1] for key, c in self.data["calendars"].items() if isinstance(c, list)}
        shown = [json.dumps(clock) for p in self.data["policies"] for clock in p["clocks"]]
        shown += [f"{key} v2: {found}" for key, found in edited.items()]
        shown += [f"{f.effective_at} {f.key}: {f.kind} {dict(f.payload)}" for f in self.facts]
        return "\n".join(["Desk(", *shown, ")"])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    @property
    def ends(self) -> dt.datetime:
        return self.begins + (STRETCH + 96) * QUARTER


@st.composite
def instants(draw: st.DrawFn, begins: dt.datetime) -> dt.datetime:
    """On a quarter of an hour, where calendars open, close and dues fall, or a microsecond off."""
    return begins + draw(st.integers(0, STRETCH)) * QUARTER + draw(nudges)


nudges = st.sampled_from([0, 0, 0, 0, 1, -1]).map(lambda number: number * MICROSECOND)


lengths = st.one_of(
    st.integers(1, 24).map(lambda hour: f"{hour}h"),
    st.integers(1, 200).map(lambda quarter: f"{quarter * 15}m"),
    st.sampled_from(["8h", "16h"]),
)


@st.composite
def rows(draw: st.DrawFn, *, counted: bool) -> list[Data]:
    """A row for each of three priorities: targets and calendars differ."""
    targets = st.one_of(lengths, st.sampled_from(COUNTED)) if counted else lengths
    return [
        {
            "label": name,
            "when": {"priority": name} if name != "P3" else {},
            "target": draw(targets),
            "calendar": draw(st.sampled_from(sorted(CALENDARS))),
        }
        for name in ("P1", "P2", "P3")
    ]


alerts = st.lists(
    st.sampled_from(
        [
            {"at": "50%"},
            {"at": "75%"},
            {"at": "150%"},
            {"before": "1h"},
            {"before": "12h"},
            {"before": "3h", "in": "wall"},
            {"after": "2h"},
            {"after": "4h", "in": "wall"},
        ]
    ),
    max_size=4,
    unique_by=str,
)


def modes(*, plain: bool) -> st.SearchStrategy[Data]:
    """How clocks carry, reopen and reset: in every way, or only so that no time is thrown away."""
    if plain:
        return st.just({})
    change = st.sampled_from(["carry", "restart", "keep"])
    reopen = ["resume", "restart", "new cycle", "from creation", "never"]
    return st.fixed_dictionaries(
        {},
        optional={
            "on_priority": change,
            "on_policy": change,
            "carry": st.sampled_from(["piecewise", "retroactive"]),
            "on_reopen": st.sampled_from(reopen),
            "on_reset": st.sampled_from(["restart", "new cycle"]),
            "judge": st.sampled_from(["worst", "final"]),
        },
    )


@st.composite
def clocks(draw: st.DrawFn, key: str, *, plain: bool) -> Data:
    made: Data = {
        "clock": key,
        "targets": draw(rows(counted=not plain)),
        "alerts": draw(alerts),
        **draw(modes(plain=plain)),
    }
    if key == "resolution":
        made["pause"] = {"status": ["waiting customer", "waiting vendor"]}
        made["resume"] = {"status": {"not_in": ["waiting customer", "waiting vendor"]}}
    if draw(st.booleans()):
        made["path"] = "standard"
    return made


PATHS: Data = {
    "standard": {
        "levels": [
            {"name": "L1", "wait": "0m", "team": "desk"},
            {"name": "L2", "wait": "2h", "team": "second line"},
            {"name": "L3", "wait": "6h", "in": "wall", "team": "managers"},
        ]
    }
}
KEYS = ("resolution", "next response", "messaging window", "periodic update", "first response")


@st.composite
def configurations(draw: st.DrawFn, begins: dt.datetime, *, plain: bool, fixed: bool) -> Data:
    """A policy for each of two teams and, unless `fixed`, second versions of calendars."""
    keys = (
        ["resolution"] if plain else draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
    )
    policies = [
        {
            "key": f"for {team}",
            "rank": k + 1,
            "when": {"team": team} if team == "a" else {},
            "clocks": [draw(clocks(key, plain=plain)) for key in keys],
        }
        for k, team in enumerate(["a", "b"])
    ]
    calendars: Data = dict(CALENDARS)
    if not fixed:
        for key in draw(st.sets(st.sampled_from(sorted(CALENDARS)), max_size=2)):
            days = draw(st.sets(st.integers(0, STRETCH // 96), min_size=1, max_size=3))
            closed = [(begins.date() + dt.timedelta(days=day)).isoformat() for day in days]
            calendars[key] = [
                CALENDARS[key],
                {
                    **CALENDARS[key],
                    "exceptions": {date: [] for date in closed},
                    "valid_from": draw(instants(begins)).isoformat(),
                },
            ]
    return {"tocsin": 1, "calendars": calendars, "paths": PATHS, "policies": policies}


CHANGES: list[tuple[Kind, Side, Data]] = [
    *[
        (Kind.STATUS, Side.AGENT, {"to": to})
        for to in ("open", "waiting customer", "waiting vendor", "resolved", "in progress")
    ],
    *[(Kind.PRIORITY, Side.AGENT, {"to": to}) for to in ("P1", "P2", "P3")],
    *[(Kind.TEAM, Side.AGENT, {"to": to}) for to in ("a", "b")],
    (Kind.CUSTOMER_MESSAGE, Side.CUSTOMER, {}),
    (Kind.AGENT_MESSAGE, Side.AGENT, {}),
    (Kind.NOTE, Side.AGENT, {}),
    (Kind.ACKNOWLEDGEMENT, Side.AGENT, {}),
]


@st.composite
def desks(
    draw: st.DrawFn, *, plain: bool = False, fixed: bool = False, without: tuple[Kind, ...] = ()
) -> Desk:
    """A desk and a log. Several facts may share an instant; the source's sequence orders them.

    `plain` keeps to the one clock and the modes that throw no time away, so that a slow oracle can
    follow; `fixed` to weeks that are all alike.
    """
    begins = PLAIN if fixed else draw(st.sampled_from([PLAIN, SPRING]))
    data = draw(configurations(begins, plain=plain, fixed=fixed))
    opened = draw(instants(begins))
    what = st.sampled_from([change for change in CHANGES if change[0] not in without])
    told: list[tuple[dt.datetime, Kind, Side, Data]] = [
        (opened, Kind.CREATED, Side.CUSTOMER, {"priority": "P2", "team": "a", "status": "open"})
    ]
    for _ in range(draw(st.integers(0, 12))):
        when = max(opened, draw(st.one_of(instants(begins), st.sampled_from([t[0] for t in told]))))
        told.append((when, *draw(what)))
    told += [
        (max(opened, dt.datetime.fromisoformat(found[1]["valid_from"])), *_published(key))
        for key, found in data["calendars"].items()
        if isinstance(found, list)
    ]
    facts = [
        Event("T-1", kind, when, f"fact {k}", payload, side, source_seq=k)
        for k, (when, kind, side, payload) in enumerate(told)
    ]
    facts.sort(key=lambda event: event.order)
    return Desk(data, versions_of(data), tuple(facts), begins)


def _published(calendar: str) -> tuple[Kind, Side, Data]:
    return Kind.CALENDAR_VERSION, Side.AGENT, {"calendar": calendar, "version": 2}
