"""Measuring fairly: what is compared runs in turns, in one process, and the best turn counts."""

import gc
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

Run = Callable[[], object]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Figure:
    """One measured value. `ratio` is how many times ours it is; None where there is no value."""

    operation: str
    subject: str
    value: float | None
    unit: str
    ratio: float | None = None
    median: float | None = None
    sample: int | None = None
    note: str = ""


@dataclass
class Report:
    """What one benchmark found: figures by operation, and remarks to print below the table."""

    title: str
    subjects: Sequence[str]
    figures: list[Figure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, figures: Sequence[Figure]) -> None:
        """Add the figures of one operation, the first subject's being ours."""
        ours = next((f.value for f in figures if f.subject == self.subjects[0]), None)
        for figure in figures:
            ratio = figure.value / ours if figure.value is not None and ours else None
            self.figures.append(Figure(**{**asdict(figure), "ratio": ratio}))

    def show(self, console: Console) -> None:
        """Print a row for each operation and a column for each subject."""
        table = Table(title=self.title, title_justify="left", caption_justify="left")
        table.add_column("operation")
        for subject in self.subjects:
            table.add_column(subject, justify="right")
        cells = {(figure.operation, figure.subject): _cell(figure) for figure in self.figures}
        for operation in dict.fromkeys(figure.operation for figure in self.figures):
            table.add_row(operation, *(cells.get((operation, s), "–") for s in self.subjects))
        console.print(table)
        for remark in self.remarks:
            console.print(f"- {remark}", markup=False, highlight=False)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data for `--json`."""
        return {
            "title": self.title,
            "subjects": list(self.subjects),
            "figures": [asdict(figure) for figure in self.figures],
            "remarks": self.remarks,
        }


def _cell(figure: Figure) -> str:
    if figure.value is None:
        return figure.note or "–"
    digits = 3 if figure.value < 1 else 2 if figure.value < 100 else 0
    shown = f"{figure.value:,.{digits}f} {figure.unit}"
    if figure.ratio is not None and figure.ratio != 1:
        ratio = figure.ratio
        shown += f"\n{ratio:,.0f} ×" if ratio >= 10 else f"\n{ratio:.2g} ×"
    return shown + (f"\n({figure.note})" if figure.note else "")


def in_turns(runs: Mapping[Key, Run], *, rounds: int) -> dict[Key, list[float]]:
    """Run everything once a round, in another order each time; return the seconds of each run.

    Whatever slows the machine for a while then slows all of them, not one.
    """
    order = random.Random(rounds)
    took: dict[Key, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for run in runs.values():
        run()  # what is compiled or loaded at first is not counted
    for _ in range(rounds):
        order.shuffle(names)
        gc.collect()
        gc.disable()
        try:
            for name in names:
                begin = time.perf_counter()
                runs[name]()
                took[name].append(time.perf_counter() - begin)
        finally:
            gc.enable()
    return took


def figure(
    operation: str,
    subject: str,
    seconds: Sequence[float],
    count: int,
    *,
    unit: str = "µs",
    note: str = "",
    scale: float = 1,
) -> Figure:
    """Return the best and the median of `seconds`, each for `count` operations, as one figure."""
    factor = {"µs": 1e6, "ms": 1e3}[unit] * scale / count
    return Figure(
        operation,
        subject,
        min(seconds) * factor,
        unit,
        median=statistics.median(seconds) * factor,
        sample=count,
        note=note,
    )


def sample_size(run_one: Run, most: int, *, seconds: float) -> int:
    """Return how many operations of the kind fit in about `seconds`: at least 5, at most `most`."""
    run_one()
    begin = time.perf_counter()
    for _ in range(5):
        run_one()
    one = (time.perf_counter() - begin) / 5
    return max(5, min(most, int(seconds / max(one, 1e-9))))


def memory_kib(make: Callable[[], object]) -> float:
    """Return the KiB of Python memory that what `make` returns holds on to."""
    make()  # imports and shared caches are not counted
    gc.collect()
    tracemalloc.start()
    try:
        kept = make()
        gc.collect()
        size = tracemalloc.get_traced_memory()[0]
        del kept
    finally:
        tracemalloc.stop()
    return size / 1024
