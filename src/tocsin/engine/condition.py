"""Conditions on named facts: which tickets a policy is for, which events move a clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tocsin.kit import shape
from tocsin.kit.invalid import Invalid


class Op(StrEnum):
    """How one fact is compared."""

    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    CONTAINS = "contains"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: the fact `name` against `value`. A missing fact compares as None."""

    name: str
    op: Op
    value: Any

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Say whether the facts pass."""
        fact = facts.get(self.name)
        match self.op:
            case Op.IN:
                return fact in self.value
            case Op.NOT_IN:
                return fact not in self.value
            case Op.AT_LEAST:
                return _number(fact) and fact >= self.value
            case Op.AT_MOST:
                return _number(fact) and fact <= self.value
            case Op.CONTAINS:
                return isinstance(fact, str) and self.value.casefold() in fact.casefold()
            case Op.SET:
                return (fact is not None) is self.value

    def tests(self) -> tuple["Test", ...]:
        """Return the comparisons that the condition is made of."""
        return (self,)

    def names(self) -> frozenset[str]:
        """Return the facts that the condition looks at."""
        return frozenset({self.name})

    def __str__(self) -> str:
        words = {Op.IN: "is", Op.NOT_IN: "is not", Op.AT_LEAST: "≥", Op.AT_MOST: "≤"}
        if self.op is Op.SET:
            return f"{self.name} {'has a value' if self.value else 'is empty'}"
        value = self.value
        shown = " or ".join(str(v) for v in value) if isinstance(value, tuple) else str(value)
        return f"{self.name} {words.get(self.op, self.op.value)} {shown}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is; without parts always true."""

    parts: tuple["Condition", ...] = ()

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Say whether the facts pass."""
        for part in self.parts:  # noqa: SIM110  # asked for every fact: a generator takes twice as long
            if not part.matches(facts):
                return False
        return True

    def tests(self) -> tuple[Test, ...]:
        """Return the comparisons that the condition is made of."""
        return tuple(test for part in self.parts for test in part.tests())

    def names(self) -> frozenset[str]:
        """Return the facts that the condition looks at."""
        return frozenset(test.name for test in self.tests())

    def __str__(self) -> str:
        return (
            " and ".join(f"({p})" if isinstance(p, AnyOf) else str(p) for p in self.parts)
            or "always"
        )


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part is."""

    parts: tuple["Condition", ...]

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Say whether the facts pass."""
        return any(part.matches(facts) for part in self.parts)

    def tests(self) -> tuple[Test, ...]:
        """Return the comparisons that the condition is made of."""
        return tuple(test for part in self.parts for test in part.tests())

    def names(self) -> frozenset[str]:
        """Return the facts that the condition looks at."""
        return frozenset(test.name for test in self.tests())

    def __str__(self) -> str:
        return (
            " or ".join(f"({p})" if isinstance(p, AllOf) else str(p) for p in self.parts) or "never"
        )


@dataclass(frozen=True, slots=True)
class Not:
    """True when the part is not."""

    part: "Condition"

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Say whether the facts pass."""
        return not self.part.matches(facts)

    def tests(self) -> tuple[Test, ...]:
        """Return the comparisons that the condition is made of."""
        return self.part.tests()

    def names(self) -> frozenset[str]:
        """Return the facts that the condition looks at."""
        return self.part.names()

    def __str__(self) -> str:
        return f"not ({self.part})"


Condition = Test | AllOf | AnyOf | Not
ALWAYS = AllOf()
NEVER = AnyOf(())


def why_not(condition: Condition, facts: Mapping[str, Any]) -> str:
    """Return which part of a condition the facts fail, with the fact; empty when they pass."""
    if condition.matches(facts):
        return ""
    if isinstance(condition, AllOf):
        return next(why_not(part, facts) for part in condition.parts if not part.matches(facts))
    shown = ", ".join(f"{name} is {facts.get(name)!r}" for name in sorted(condition.names()))
    return f"{condition} does not hold ({shown})" if shown else f"{condition} does not hold"


def from_dict(value: object, path: str = "when") -> Condition:
    """Read a condition; refuse mistakes by field.

    ``{"plan": "gold", "priority": ["P1", "P2"]}`` asks for all; a value may be a comparison
    (``{"not_in": […]}``, ``{"at_least": 3}``); ``all``, ``any`` and ``not`` nest.
    """
    data = shape.mapping(value, path)
    parts: list[Condition] = []
    for name, wanted in data.items():
        place = f"{path}.{name}"
        if name == "not":
            parts.append(Not(from_dict(wanted, place)))
        elif name in ("all", "any"):
            listed = shape.listing(wanted, place)
            nested = tuple(from_dict(item, f"{place}[{k}]") for k, item in enumerate(listed))
            parts.append(AllOf(nested) if name == "all" else AnyOf(nested))
        else:
            parts += _tests(name, wanted, place)
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _tests(name: str, wanted: object, path: str) -> list[Condition]:
    if not isinstance(wanted, Mapping):
        return [Test(name, Op.IN, _values(wanted, path))]
    shape.only(wanted, path, [op.value for op in Op])
    if not wanted:
        raise Invalid(path, "a comparison is missing; write for example {at_least: 3}")
    return [
        Test(name, Op(op), _operand(Op(op), given, f"{path}.{op}")) for op, given in wanted.items()
    ]


def _operand(op: Op, value: object, path: str) -> Any:
    match op:
        case Op.IN | Op.NOT_IN:
            return _values(value, path)
        case Op.AT_LEAST | Op.AT_MOST:
            if not _number(value):
                raise Invalid(path, f"expected a number, got {shape.describe(value)}")
            return value
        case Op.CONTAINS:
            return shape.text(value, path)
        case Op.SET:
            return shape.flag(value, path)


def _values(value: object, path: str) -> tuple[Any, ...]:
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    for item in values:
        if not isinstance(item, str | int | float | bool | None):
            raise Invalid(path, f"{shape.describe(item)} is not a plain value")
    if not values:
        raise Invalid(path, "an empty list never matches")
    return values


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
