"""Random desks for property tests: policies of every mode, and logs that cut clocks anywhere."""

import datetime as dt
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st
from tests.stories.story import ALWAYS, DAYS, NEW_YORK, OFFICE

from tocsin.engine.books import Books, Choose, Contract
from tocsin.engine.calendar import Calendar
from tocsin.engine.event import MERGED, Event, Kind, Side
from tocsin.engine.policy import instant_from
from tocsin.engine.preset import PRESETS
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


# Whose calendar is whose: one had another before, one has none.
HOURS: dict[tuple[str, str], Any] = {
    ("team", "a"): ((None, "lunch"),),
    ("team", "b"): ((None, "office"), (PLAIN + dt.timedelta(days=5), "night")),
    ("account", "7"): ((None, "new york"),),
    ("assignee", "1"): ((None, "always"),),
}
SOURCES: list[Any] = [
    *[{"source": whose, "else": "office"} for whose in ("team", "account", "assignee", "contract")],
    {"union": ["office", {"source": "team", "else": "always"}]},
    {"intersection": [{"source": "account", "else": "lunch"}, "office"]},
]


def versions_of(data: Data, books: Books | None = None) -> Versions:
    """Read a configuration, with calendars that are compiled once for all examples."""
    bare = Versions.from_dict({**data, "calendars": dict.fromkeys(data["calendars"], BARE)})
    calendars = {
        key: tuple(
            _version(key, k + 1, json.dumps(item))
            for k, item in enumerate(found if isinstance(found, list) else [found])
        )
        for key, found in data["calendars"].items()
    }
    return replace(bare, calendars=calendars, books=books or bare.books)


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

    def with_calendars(self, calendars: Data) -> Versions:
        """Return the configuration with other versions of its calendars."""
        return versions_of({**self.data, "calendars": calendars}, self.versions.books)

    def __repr__(self) -> str:
        edited = {key: c[1] for key, c in self.data["calendars"].items() if isinstance(c, list)}
        shown = [json.dumps(policy) for policy in self.data["policies"]]
        shown += [f"{key} v2: {found}" for key, found in edited.items()]
        shown += [str(contract) for contract in self.versions.books.contracts]
        shown += [
            f"{f.effective_at} {f.source}{f.key}: {f.kind} {f.side} {dict(f.payload)}"
            for f in self.facts
        ]
        return "\n".join(["Desk(", *shown, ")"])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    @property
    def ends(self) -> dt.datetime:
        return self.begins + (STRETCH + 96) * QUARTER


# Most are right on a quarter; a few a microsecond off.
_NUDGES = (0, 0, 0, 0, 1, -1)


# A strategy that is made anew for each draw is looked through anew, so these are kept.
@functools.cache
def instants(begins: dt.datetime) -> st.SearchStrategy[dt.datetime]:
    """On a quarter of an hour, where calendars open, close and dues fall, or a microsecond off."""

    def made(number: int) -> dt.datetime:
        quarter, nudge = divmod(number, len(_NUDGES))
        return begins + quarter * QUARTER + _NUDGES[nudge] * MICROSECOND

    return st.integers(0, (STRETCH + 1) * len(_NUDGES) - 1).map(made)


class Choices:
    """Choices read off bytes one after another; of none that are left, the first option.

    One draw of bytes stands for thirty draws: drawing is where these tests spend their time.
    """

    def __init__(self, given: bytes) -> None:
        self._given = iter(given)

    def below(self, most: int) -> int:
        """Return a whole number from 0 to below `most`, which is 256 or less."""
        return next(self._given, 0) % most

    def one(self, options: Sequence[Any]) -> Any:
        """Return one of the options."""
        return options[self.below(len(options))]

    def some(self, options: Sequence[Any], *, least: int = 0, most: int | None = None) -> list[Any]:
        """Return some of the options, from `least` to `most` of them, in any order."""
        left = list(options)
        most = len(left) if most is None else min(most, len(left))
        count = least + self.below(most - least + 1)
        return [left.pop(self.below(len(left))) for _ in range(count)]

    def length(self) -> str:
        """Return a length of time, of hours or quarters of an hour."""
        hours, quarters, usual = self.below(24) + 1, self.below(200) + 1, self.one(["8h", "16h"])
        return str(self.one([f"{hours}h", f"{quarters * 15}m", usual]))


@functools.cache
def choices(size: int) -> st.SearchStrategy[Choices]:
    return st.binary(min_size=size, max_size=size).map(Choices)


lengths = st.one_of(
    st.integers(1, 24).map(lambda hour: f"{hour}h"),
    st.integers(1, 200).map(lambda quarter: f"{quarter * 15}m"),
    st.sampled_from(["8h", "16h"]),
)


def rows(by: Choices, *, counted: bool, rich: bool) -> list[Data]:
    """A row for each of three priorities: targets and calendars differ."""
    calendars = [*sorted(CALENDARS), *(SOURCES if rich else [])]
    return [
        {
            "label": name,
            "when": {"priority": name} if name != "P3" else {},
            "target": by.one([by.length(), by.one(COUNTED)]) if counted else by.length(),
            "calendar": by.one(calendars),
        }
        for name in ("P1", "P2", "P3")
    ]


ALERTS = (
    {"at": "50%"},
    {"at": "75%"},
    {"at": "150%"},
    {"before": "1h"},
    {"before": "12h"},
    {"before": "3h", "in": "wall"},
    {"after": "2h"},
    {"after": "4h", "in": "wall"},
)
CHANGE_MODES = ("carry", "restart", "keep")
# How clocks carry, reopen and reset, in every way.
MODES: dict[str, Sequence[Any]] = {
    "on_priority": CHANGE_MODES,
    "on_policy": CHANGE_MODES,
    "carry": ("piecewise", "retroactive"),
    "on_reopen": ("resume", "restart", "new cycle", "from creation", "never"),
    "on_reset": ("restart", "new cycle"),
    "judge": ("worst", "final"),
    "on_merge": ("earliest", "keep"),
    "at_close": ("due", "next opening"),
    "grace": ("4h",),
}
# As many bytes as one clock chooses by, at the most.
_CLOCK = 60


@functools.cache
def clocks(key: str, *, plain: bool, rich: bool = False) -> st.SearchStrategy[Data]:
    """A clock; a `plain` one in no mode that throws time away."""

    def made(by: Choices) -> Data:
        found: Data = {
            "clock": key,
            "targets": rows(by, counted=not plain, rich=rich),
            "alerts": by.some(ALERTS, most=4),
        }
        if not plain:
            found |= {name: by.one(MODES[name]) for name in MODES if by.below(2)}
            if by.below(2):
                found["pauses"] = {"budget": by.length()}
        if key == "resolution":
            found["pause"] = {"status": ["waiting customer", "waiting vendor"]}
            found["resume"] = {"status": {"not_in": ["waiting customer", "waiting vendor"]}}
        if by.below(2):
            found["path"] = "standard"
        return found

    return choices(_CLOCK).map(made)


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
def configurations(
    draw: st.DrawFn, begins: dt.datetime, *, plain: bool, fixed: bool, rich: bool
) -> Data:
    """A policy for each of two teams and, unless `fixed`, second versions of calendars.

    If it is `rich` all presets come up, policies have further versions, and one may go by contract.
    """
    keys = ["resolution"]
    if not plain:
        by = draw(choices(5))
        known = by.one([KEYS, sorted(PRESETS)]) if rich else KEYS
        keys = by.some(known, least=1, most=3)
    policies = [
        {
            "key": f"for {team}",
            "rank": k + 1,
            "when": {"team": team} if team == "a" else {},
            "clocks": [draw(clocks(key, plain=plain, rich=rich)) for key in keys],
        }
        for k, team in enumerate(["a", "b"])
    ]
    if rich:
        by = draw(choices(2))
        if by.below(2):
            policies[0]["contract"] = True
            policies[0]["judged_by"] = by.one(["clock start", "event time"])
        policies += draw(later_policies(begins, policies))
    calendars: Data = dict(CALENDARS)
    if not fixed:
        by = draw(choices(12))
        for key in by.some(sorted(CALENDARS), most=2):
            days = by.some(range(STRETCH // 96 + 1), least=1, most=3)
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


@st.composite
def later_policies(draw: st.DrawFn, begins: dt.datetime, first: list[Data]) -> list[Data]:
    """Second and third versions of policies, each with clocks of its own."""
    made: list[Data] = []
    for policy in first:
        at = begins
        for version in range(2, 2 + draw(st.sampled_from([0, 0, 1, 2]))):
            at = max(at + MICROSECOND, draw(instants(begins)))
            keys = [clock["clock"] for clock in policy["clocks"]]
            kept = draw(choices(len(keys) + 1)).some(keys, least=1)
            made.append(
                {
                    **policy,
                    "version": version,
                    "valid_from": at.isoformat(),
                    "clocks": [draw(clocks(key, plain=False, rich=True)) for key in kept],
                }
            )
    return made


@st.composite
def books(draw: st.DrawFn, begins: dt.datetime) -> Books:
    """Contracts that begin, change and end at any time, and a way to choose."""
    contracts: list[Contract] = []
    for version in range(1, draw(st.integers(1, 2)) + 1):
        ends = draw(st.one_of(st.none(), instants(begins)))
        contracts.append(
            Contract(
                key="gold",
                version=version,
                account="7",
                policies=frozenset({"for a"}),
                calendar=draw(st.sampled_from(["", "night", "always"])),
                known_at=None if version == 1 else draw(instants(begins)),
                valid_from=draw(st.one_of(st.none(), instants(begins))),
                valid_until=ends,
            )
        )
    choose = draw(st.sampled_from([Choose.FIRST_MATCH, Choose.STRICTEST_DUE]))
    return Books(tuple(contracts), HOURS, ((None, {"*": choose}),))


Change = tuple[Kind, Side, Data]
CHANGES: list[Change] = [
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
# What fewer tickets meet with; instants among it are filled in as they are drawn.
FURTHER: list[Change] = [
    *[(Kind.STAGE, Side.AGENT, {"to": to}) for to in ("triage", "work")],
    *[(Kind.ASSIGNEE, Side.AGENT, {"to": to}) for to in ("1", "2", None)],
    (Kind.TEAM, Side.AGENT, {"to": None}),
    *[(Kind.FIELD, Side.AGENT, {"name": "vendor", "to": to}) for to in ("acme", None)],
    (Kind.FIELD, Side.AGENT, {"name": "account", "to": "8"}),
    (Kind.FIELD, Side.AGENT, {"name": "no_reply_needed", "to": True}),
    (Kind.CUSTOMER_MESSAGE, Side.CUSTOMER, {"question": False}),
    (Kind.AUTOMATED_MESSAGE, Side.AUTOMATION, {}),
    (Kind.SURVEY, Side.CUSTOMER, {}),
    (Kind.CALLBACK_REQUESTED, Side.CUSTOMER, {}),
    (Kind.CALLBACK_PROMISED, Side.AGENT, {"promised_at": ...}),
    (Kind.CALLBACK_DONE, Side.AGENT, {}),
    *[(Kind.OVERRIDE, Side.AGENT, {"reason": "asked", "due": ...})] * 2,
    *[(Kind.OVERRIDE, Side.AGENT, {"reason": "asked", "do": do}) for do in ("stop", "cancel")],
    *[(Kind.SPAM, Side.AGENT, {})] * 2,
    *[(Kind.RESTORE, Side.AGENT, {"to": to}) for to in ("open", "waiting customer", "resolved")],
]


@st.composite
def desks(
    draw: st.DrawFn,
    *,
    plain: bool = False,
    fixed: bool = False,
    rich: bool | None = None,
    without: tuple[Kind, ...] = (),
) -> Desk:
    """A desk and a log. Several facts may share an instant; the source's sequence orders them.

    `plain` keeps to the one clock and the modes that throw no time away, so that a slow oracle can
    follow; `fixed` to weeks that are all alike. Otherwise it is `rich`, unless told not to be:
    whatever the engine knows may come up.
    """
    rich = not (plain or fixed) if rich is None else rich
    begins = PLAIN if fixed else draw(st.sampled_from([PLAIN, SPRING]))
    data = draw(configurations(begins, plain=plain, fixed=fixed, rich=rich))
    versions = versions_of(data, draw(books(begins)) if rich else None)
    opened = draw(instants(begins))
    usual = [change for change in CHANGES if change[0] not in without]
    further = [change for change in FURTHER if change[0] not in without]
    born: Data = {"priority": "P2", "team": "a", "status": "open"} | (
        {"account": "7"} if rich else {}
    )
    told: list[tuple[dt.datetime, Kind, Side, Data]] = [(opened, Kind.CREATED, Side.CUSTOMER, born)]
    for _ in range(draw(st.integers(0, 12))):
        by = draw(choices(5))
        when = max(opened, by.one([t[0] for t in told]) if by.below(2) else draw(instants(begins)))
        kind, side, payload = by.one(further if rich and by.below(2) else usual)
        told.append((when, kind, side, draw(_filled(by, begins, data, (kind, payload)))))
    told += draw(_published(data, opened, rich=rich))
    facts = [
        Event("T-1", kind, when, f"fact {k}", payload, side, source_seq=k)
        for k, (when, kind, side, payload) in enumerate(told)
    ]
    if rich:
        facts += draw(_merging(begins, opened))
    facts.sort(key=lambda event: event.order)
    return Desk(data, versions, tuple(facts), begins)


@st.composite
def _filled(
    draw: st.DrawFn, by: Choices, begins: dt.datetime, data: Data, change: tuple[Kind, Data]
) -> Data:
    """Return what a fact says, with its instants, and the clock that it is about."""
    kind, payload = change
    filled = {
        name: draw(instants(begins)).isoformat() if value is ... else value
        for name, value in payload.items()
    }
    if kind is Kind.OVERRIDE:
        keys = [clock["clock"] for policy in data["policies"] for clock in policy["clocks"]]
        filled["clock"] = f"SLA/{by.one(keys)}#{by.one(['1', '2', '1.1'])}"
    return filled


@st.composite
def _published(
    draw: st.DrawFn, data: Data, opened: dt.datetime, *, rich: bool
) -> list[tuple[dt.datetime, Kind, Side, Data]]:
    """Return the facts that new versions touch clocks that there are: calendars', policies'."""
    found: list[tuple[dt.datetime, Kind, Side, Data]] = []
    for key, versions in data["calendars"].items():
        if isinstance(versions, list):
            when = max(opened, dt.datetime.fromisoformat(versions[1]["valid_from"]))
            told: Data = {"calendar": key, "version": 2}
            basis = draw(st.sampled_from(["future time", "restate"])) if rich else "future time"
            told |= {"basis": basis, "reason": "a holiday was forgotten"}
            found.append((when, Kind.CALENDAR_VERSION, Side.AGENT, told))
    for policy in data["policies"]:
        basis = draw(st.sampled_from(["new tickets", "future time", "restate"])) if rich else ""
        if "valid_from" in policy and basis != "new tickets":
            when = max(opened, dt.datetime.fromisoformat(policy["valid_from"]))
            told = {"policy": policy["key"], "version": policy["version"], "basis": basis}
            told |= {"reason": "what was signed was another target"}
            found.append((when, Kind.POLICY_ATTACHED, Side.AGENT, told))
    return found


@st.composite
def _merging(draw: st.DrawFn, begins: dt.datetime, opened: dt.datetime) -> list[Event]:
    """Return words that came over from another ticket, or the fact that this one went into one."""
    found: list[Event] = []
    if draw(st.integers(0, 3)) == 0:
        words = [(Kind.CUSTOMER_MESSAGE, Side.CUSTOMER), (Kind.AGENT_MESSAGE, Side.AGENT)]
        for k in range(draw(st.integers(1, 3))):
            kind, side = draw(st.sampled_from(words))
            when, key = draw(instants(begins)), f"merge/T-0/{k}"
            found.append(Event("T-1", kind, when, key, {}, side, source=MERGED, source_seq=100 + k))
    if draw(st.integers(0, 5)) == 0:
        carried = draw(st.sampled_from([[], ["SLA/resolution#1"], ["SLA/next response#1"]]))
        told: Data = {"into": "T-9", "carried": carried}
        when = max(opened, draw(instants(begins)))
        found.append(Event("T-1", Kind.MERGE, when, "merged", told, source_seq=120))
    return found
