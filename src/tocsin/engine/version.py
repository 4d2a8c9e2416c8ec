"""Configuration in versions: calendars and policies as they were in force at any instant."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tocsin.engine import recall, source
from tocsin.engine.books import Books, Choose, choice_from
from tocsin.engine.calendar import Calendar
from tocsin.engine.condition import Test
from tocsin.engine.definition import PREDICATES
from tocsin.engine.path import EscalationPath
from tocsin.engine.policy import Agreement, JudgedBy, Policy, Terms, instant_from, policy_from
from tocsin.engine.recall import Kept, Slot
from tocsin.engine.source import CalendarOf, Source, Together
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid


@dataclass(frozen=True, slots=True)
class CalendarVersion:
    """One immutable version of a calendar, current from `valid_from` on."""

    key: str
    version: int
    calendar: Calendar
    valid_from: dt.datetime | None = None

    @property
    def ref(self) -> str:
        """A short name: key and version."""
        return f"{self.key} v{self.version}"


_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)
# What a file may hold: this module reads calendars, paths, policies and how to choose among them.
SECTIONS = (
    *("tocsin", "name", "calendars", "paths", "policies", "choose", "log", "examples"),
    *("pipelines", "contracts", "hours", "priorities", "options"),
    *("escalation_paths", "on_call", "templates", "responsibilities"),
)


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of all calendars and policies that a replay may need."""

    calendars: Mapping[str, tuple[CalendarVersion, ...]]
    policies: tuple[Policy, ...]
    books: Books = field(default_factory=Books)
    paths: tuple[EscalationPath, ...] = ()
    # The policies by rank when none has a second version or an end: then all are always in force.
    _lasting: list[Policy] | None = field(init=False, repr=False, compare=False)
    # The fields that terms depend on; None when they depend on more than fields.
    _looked_at: frozenset[str] | None = field(init=False, repr=False, compare=False)
    _slots: tuple[Slot, ...] = field(init=False, repr=False, compare=False)
    _kept: Kept | None = field(init=False, repr=False, compare=False)
    # Calendars made of several, by their names, once somebody has asked for them.
    _combined: dict[str, tuple[CalendarVersion, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        _check_ranks(self.policies)
        for k, policy in enumerate(self.policies):
            for plan in policy.plans:
                for row in plan.rows:
                    for key in source.named(row.calendar):
                        shape.one_of(key, f"policies[{k}].calendar", self.calendars)

        ends = any(policy.valid_from or policy.valid_until for policy in self.policies)
        single = len({policy.key for policy in self.policies}) == len(self.policies)
        ordered = sorted(self.policies, key=lambda policy: policy.rank)
        object.__setattr__(self, "_lasting", ordered if single and not ends else None)
        object.__setattr__(self, "_looked_at", recall.looked_at(self.policies))
        object.__setattr__(self, "_slots", _slots(self.policies))
        object.__setattr__(
            self, "_kept", recall.keeping(self.policies, self.books, self._looked_at)
        )

    def looks_at(self, names: Collection[str]) -> bool:
        """Say whether the terms of a clock may be others once these fields have changed."""
        return self._looked_at is None or not self._looked_at.isdisjoint(names)

    def slots(self) -> tuple[Slot, ...]:
        """Return the clocks that any policy gives, by agreement and key, in a fixed order."""
        return self._slots

    def tests(self) -> Iterator[tuple[str, Test]]:
        """Yield every comparison of every condition, with the path of the condition."""
        for k, policy in enumerate(self.policies):
            yield from ((f"policies[{k}].when", test) for test in policy.when.tests())
            for j, plan in enumerate(policy.plans):
                clock = f"policies[{k}].clocks[{j}]"
                for predicate in PREDICATES:
                    for rule in getattr(plan.definition, predicate):
                        yield from ((f"{clock}.{predicate}", test) for test in rule.when.tests())
                for row in plan.rows:
                    yield from ((f"{clock}.targets", test) for test in row.when.tests())

    def policy(self, key: str, version: int) -> Policy:
        """Return that version of a policy; refuse one that there is not."""
        for candidate in self.policies:
            if (candidate.key, candidate.version) == (key, version):
                return candidate
        near = shape.hint(key, [policy.key for policy in self.policies if policy.key != key])
        raise Invalid("policy", f"there is no version {version} of a policy {key!r}{near}")

    def path(self, key: str, version: int) -> EscalationPath | None:
        """Return that version of a path with triggers, or None if there is none."""
        for path in self.paths:
            if (path.key, path.version) == (key, version):
                return path
        return None

    def paths_at(self, at: dt.datetime) -> Iterator[EscalationPath]:
        """Yield the paths that may begin at `at`, each in its latest version then."""
        newest: dict[str, EscalationPath] = {}
        for path in self.paths:
            if path.valid_from is None or path.valid_from <= at:
                newest[path.key] = path
        yield from (path for path in newest.values() if path.enabled)

    def calendar(self, key: str, version: int) -> CalendarVersion:
        """Return that version of a calendar; refuse one that there is not."""
        for candidate in self.calendar_versions(key):
            if candidate.version == version:
                return candidate
        near = shape.hint(key, [known for known in self.calendars if known != key])
        raise Invalid("calendar", f"there is no version {version} of a calendar {key!r}{near}")

    def calendar_at(self, key: str, at: dt.datetime) -> CalendarVersion:
        """Return the version of a calendar that was current at `at` (before all, the first)."""
        return _current(self.calendar_versions(key), at)

    def calendar_versions(self, key: str) -> tuple[CalendarVersion, ...]:
        """Return all versions of a calendar, or of several as one; none if there is none."""
        known = self.calendars.get(key) or self._combined.get(key)
        if known is None:
            made = source.parts(key)
            known = () if made is None else self._together(key, *made)
            self._combined[key] = known
        return known

    def _together(self, key: str, how: str, keys: list[str]) -> tuple[CalendarVersion, ...]:
        """Return the versions of several calendars as one: a new one whenever any of them changes.

        Versions are only added at the end of time, so their numbers stay as they are.
        """
        each = [self.calendars[part] for part in keys]
        changes = {v.valid_from for versions in each for v in versions[1:] if v.valid_from}
        begins: list[dt.datetime | None] = [None, *sorted(changes)]
        return tuple(
            CalendarVersion(
                key,
                number,
                Calendar.combined(
                    how, [_current(versions, at or _EVER).calendar for versions in each]
                ),
                at,
            )
            for number, at in enumerate(begins, start=1)
        )

    def calendar_of(self, of: CalendarOf, facts: Mapping[str, Any], at: dt.datetime) -> str:
        """Return the key of the calendar that a clock started at `at` counts by."""
        match of:
            case Source():
                return self.books.calendar(of.whose, facts, at) or of.otherwise
            case Together():
                keys = [self.calendar_of(part, facts, at) for part in of.parts]
                return source.combined(of.how, keys)
            case _:
                return of

    def terms(
        self,
        slot: Slot,
        facts: Mapping[str, Any],
        at: dt.datetime,
        pinned: Mapping[str, int],
        now: dt.datetime | None = None,
    ) -> Terms | None:
        """Return the terms that a clock started at `at` gets for these facts, or None.

        `pinned` names policies that were moved to a version, or a later one, by an explicit act.
        `now` is the instant of the fact that asks, for policies that are judged by that.
        """
        if self._kept is None:
            return self._chosen(slot, facts, at, pinned, now)
        key = self._kept.key(slot, facts, at, pinned)
        if key not in self._kept.terms:
            self._kept.keep(key, self._chosen(slot, facts, at, pinned, now))
        return self._kept.terms[key]

    def _chosen(
        self,
        slot: Slot,
        facts: Mapping[str, Any],
        at: dt.datetime,
        pinned: Mapping[str, int],
        now: dt.datetime | None,
    ) -> Terms | None:
        found: list[Terms] = []
        now = now or at
        choose = self.books.choose(slot[1], at)
        for policy in self._in_force(at, now, pinned):
            if policy.agreement != slot[0] or not policy.when.matches(facts):
                continue
            plan = policy.plan_for(slot[1])
            row = plan.row_for(facts) if plan else None
            if plan is None or row is None:
                continue
            moment = _moment(policy, at, now)
            if policy.contract and not self.books.names(policy.key, facts.get("account"), moment):
                continue
            calendar = row.calendar
            if not isinstance(calendar, str):
                calendar = self.calendar_of(calendar, facts, moment)
            terms = Terms(
                policy.key, policy.version, policy.agreement, plan.definition, row, calendar
            )
            if choose is Choose.FIRST_MATCH:
                return terms
            found.append(terms)
        return min(found, key=lambda terms: self._due(terms, at), default=None)

    def _due(self, terms: Terms, at: dt.datetime) -> dt.datetime:
        due = terms.row.target.due(at, self.calendar_at(terms.calendar, at).calendar)
        return due or dt.datetime.max.replace(tzinfo=dt.UTC)

    def in_force(self, at: dt.datetime) -> list[Policy]:
        """Return the policies in force at `at`, each in its latest version then, by rank."""
        return self._in_force(at, at, {})

    def _in_force(
        self, at: dt.datetime, now: dt.datetime, pinned: Mapping[str, int]
    ) -> list[Policy]:
        """Return one version of each policy, by rank: the pinned, or the latest in force."""
        if self._lasting is not None:
            return self._lasting
        current: dict[str, Policy] = {}
        for policy in self.policies:
            moved = policy.version == pinned.get(policy.key)
            if moved or policy.in_force(_moment(policy, at, now)):
                best = current.get(policy.key)
                if best is None or best.version < policy.version:
                    current[policy.key] = policy
        return sorted(current.values(), key=lambda policy: policy.rank)

    @classmethod
    def from_dict(cls, value: object) -> "Versions":
        """Read a policy file: ``{tocsin: 1, calendars: …, paths: …, policies: …}``."""
        data = shape.mapping(value, "")
        shape.only(data, "", SECTIONS)
        if data.get("tocsin") != 1:
            raise Invalid("tocsin", "the file must say which form it has: tocsin: 1")
        calendars = {
            key: _calendar_versions(key, item, f"calendars.{key}")
            for key, item in shape.mapping(data.get("calendars"), "calendars").items()
        }
        paths = {
            key: EscalationPath.from_dict(key, item, f"paths.{key}")
            for key, item in shape.mapping(data.get("paths", {}), "paths").items()
        }
        listed = shape.listing(data.get("policies"), "policies")
        if not listed:
            raise Invalid("policies", "a file needs at least one policy")
        policies = tuple(
            policy_from(item, f"policies[{k}]", paths) for k, item in enumerate(listed)
        )
        return cls(
            calendars,
            policies,
            Books(choices=((None, choice_from(data.get("choose", "first match"))),)),
        )


def _slots(policies: Iterable[Policy]) -> tuple[Slot, ...]:
    found = [
        (policy.agreement, plan.definition.key) for policy in policies for plan in policy.plans
    ]
    return tuple(dict.fromkeys(found))


def _check_ranks(policies: Sequence[Policy]) -> None:
    """Refuse a version that is named twice, and two policies of one rank at the same time."""
    ends = _ends(policies)
    by_rank: dict[tuple[Agreement, int], list[int]] = {}
    known: set[tuple[str, int]] = set()
    for k, policy in enumerate(policies):
        if (policy.key, policy.version) in known:
            reason = f"version {policy.version} of {policy.key!r} is named twice"
            raise Invalid(f"policies[{k}].version", reason)
        known.add((policy.key, policy.version))
        same = by_rank.setdefault((policy.agreement, policy.rank), [])
        for other in same:
            begun, ended = policies[other].valid_from or _EVER, ends[other]
            apart = ends[k] <= begun or ended <= (policy.valid_from or _EVER)
            if policies[other].key != policy.key and not apart:
                reason = (
                    f"has the rank of {policies[other].key!r};"
                    " ranks decide what matches first, so they differ"
                )
                raise Invalid(f"policies[{k}].rank", reason)
        same.append(k)


def _ends(policies: Sequence[Policy]) -> list[dt.datetime]:
    """Return until when each version is the one in force: its end, or when a later one begins."""
    begins: dict[str, list[tuple[int, dt.datetime]]] = {}
    for policy in policies:
        begins.setdefault(policy.key, []).append((policy.version, policy.valid_from or _EVER))
    never = dt.datetime.max.replace(tzinfo=dt.UTC)
    return [
        min(
            policy.valid_until or never,
            *(at for version, at in begins[policy.key] if version > policy.version),
            never,
        )
        for policy in policies
    ]


def _moment(policy: Policy, at: dt.datetime, now: dt.datetime) -> dt.datetime:
    return now if policy.judged_by is JudgedBy.EVENT_TIME else at


def _current(versions: tuple[CalendarVersion, ...], at: dt.datetime) -> CalendarVersion:
    current = versions[0]
    for candidate in versions[1:]:
        if candidate.valid_from is not None and candidate.valid_from <= at:
            current = candidate
    return current


def _calendar_versions(key: str, value: object, path: str) -> tuple[CalendarVersion, ...]:
    if not isinstance(value, list):
        return (CalendarVersion(key, 1, Calendar.from_dict(value, path)),)
    found: list[CalendarVersion] = []
    for k, item in enumerate(value):
        data = dict(shape.mapping(item, f"{path}[{k}]"))
        version = shape.whole(data.pop("version", k + 1), f"{path}[{k}].version", least=1)
        begins = data.pop("valid_from", None)
        valid_from = None if begins is None else instant_from(begins, f"{path}[{k}].valid_from")
        found.append(
            CalendarVersion(key, version, Calendar.from_dict(data, f"{path}[{k}]"), valid_from)
        )
    if not found:
        raise Invalid(path, "a calendar needs at least one version")
    for k, (earlier, later) in enumerate(pairwise(found), start=1):
        if later.version <= earlier.version:
            raise Invalid(f"{path}[{k}].version", "versions must count up")
        if earlier.valid_from and later.valid_from and later.valid_from <= earlier.valid_from:
            raise Invalid(
                f"{path}[{k}].valid_from", "must be later than that of the version before"
            )
    return tuple(found)
