"""Compliance: how many promises that were decided were kept, by whatever they are grouped by."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.engine.verdict import Verdict

_WHOLE = 100


@dataclass(slots=True)
class Figures:
    """Decided promises: met and breached. Those still open are counted and in no rate."""

    met: int = 0
    breached: int = 0
    open: int = 0

    def count(self, verdict: Verdict) -> None:
        """Count one verdict; one that is none counts nowhere."""
        match verdict:
            case Verdict.MET:
                self.met += 1
            case Verdict.BREACHED:
                self.breached += 1
            case Verdict.OPEN:
                self.open += 1
            case Verdict.NONE:
                pass

    @property
    def decided(self) -> int:
        """How many promises are decided."""
        return self.met + self.breached

    @property
    def rate(self) -> float | None:
        """The share met of those decided, in percent; None when none is decided."""
        return _WHOLE * self.met / self.decided if self.decided else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, the rate to two decimals."""
        rate = None if self.rate is None else round(self.rate, 2)
        return {"met": self.met, "breached": self.breached, "open": self.open, "hit_rate": rate}


@dataclass(slots=True)
class Compliance:
    """Figures as a whole and by each value of each dimension (priority, group, month, …)."""

    total: Figures = field(default_factory=Figures)
    by: dict[str, dict[str, Figures]] = field(default_factory=lambda: defaultdict(dict))

    def count(self, verdict: Verdict, dimensions: Mapping[str, str]) -> None:
        """Count one verdict in the total and under its value of each dimension."""
        self.total.count(verdict)
        for dimension, value in dimensions.items():
            self.by[dimension].setdefault(value, Figures()).count(verdict)
