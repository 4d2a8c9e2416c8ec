"""Figures for Prometheus: of the installation as a whole, with no name of anybody in them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

import tocsin
from tocsin.queries.health import LATENESS_S, Health

FORMAT = CONTENT_TYPE_LATEST
_MICRO = 1_000_000


def exposed(found: Health | None, pulses: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the figures as text; without a health the database did not answer."""
    # One of its own: the usual one is of the process, and would tell of Python instead of the desk.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(found, pulses))
    return generate_latest(registry)


class _Figures(Collector):
    """One look, as metrics."""

    def __init__(self, found: Health | None, pulses: Sequence[Mapping[str, Any]]) -> None:
        self._found, self._pulses = found, pulses

    def collect(self) -> Iterable[Metric]:
        """Yield each metric."""
        info = GaugeMetricFamily("tocsin_info", "Which version this is.", labels=["version"])
        info.add_metric([tocsin.__version__], 1)
        yield info
        yield _gauge("database_up", "Whether the database answers.", self._found is not None)
        if self._found is not None:
            yield from _of_health(self._found)
            yield from _of_pulses(self._pulses)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tocsin_{name}", told, value=float(value))


def _of_health(found: Health) -> Iterable[Metric]:
    yield _gauge("ok", "Whether nothing needs a person.", found.ok)
    yield _gauge("database_seconds", "How long one look took.", found.latency_ms / 1000)
    up = GaugeMetricFamily("tocsin_part_up", "Whether a part has beaten lately.", labels=["part"])
    parts = (("pulse", found.beats), ("worker", found.works), ("watchman", found.is_watched))
    for part, beats in parts:
        up.add_metric([part], float(beats))
    yield up
    yield _gauge("clocks_trusted", "Whether the pulse acts by its clocks.", not found.doubts)
    yield _gauge("tickets_overdue", "Tickets that are due and not decided.", found.overdue)
    oldest = found.overdue_since
    late = 0.0 if oldest is None else (found.now - oldest).total_seconds()
    yield _gauge("tickets_overdue_seconds", "How long the oldest of them waits.", late)
    yield _gauge("tickets_held", "Tickets that cannot be decided.", found.held)
    yield _gauge("letters_ready", "Messages that may leave and have not.", found.unsent)
    yield _gauge("letters_dead", "Messages that were given up.", found.dead)
    yield _gauge("events_unplaced", "Events without a place in the order.", found.unsequenced)
    seen = GaugeMetricFamily(
        "tocsin_watchman_findings", "What the watchman found.", labels=["finding"]
    )
    for what, many in sorted(found.counted().items()):
        seen.add_metric([what], many)
    yield seen


def _of_pulses(pulses: Sequence[Mapping[str, Any]]) -> Iterable[Metric]:
    """Yield what the pulses have done since they started; a new one begins at nothing."""
    tickets = sum(int(one.get("tickets", 0)) for one in pulses)
    told = "Tickets that were decided."
    yield CounterMetricFamily("tocsin_tickets_decided", told, value=tickets)
    counts = [0] * (len(LATENESS_S) + 1)
    for one in pulses:
        for k, count in enumerate(one.get("late", ())[: len(counts)]):
            counts[k] += int(count)
    bounds = [*(str(bound) for bound in LATENESS_S), "+Inf"]
    running, buckets = 0, []
    for bound, count in zip(bounds, counts, strict=True):
        running += count
        buckets.append((bound, running))
    late = HistogramMetricFamily(
        "tocsin_lateness_seconds", "How late what fell due was decided, by the database's clock."
    )
    total = sum(int(one.get("late_us", 0)) for one in pulses) / _MICRO
    late.add_metric([], buckets, sum_value=total)
    yield late
