"""The report of a replay, as tables for a terminal."""

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tocsin.channels.servicenow.opinion import Opinion
from tocsin.channels.servicenow.receive import Log, Remark
from tocsin.engine import duration
from tocsin.engine.compliance import Figures

_BAR = "█"
_BAR_WIDTH = 20
_DAY_HOURS = 24
_PIPE_WIDTH = 120


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave a closed pipe to the caller, as for all other output."""
        raise BrokenPipeError


def wide_console() -> Console:
    """Return a console for standard output; a pipe or a file gets room for whole tables.

    What a log says is shown as it is: brackets and colons in it are no markup.
    """
    console = _Console(markup=False, emoji=False)
    if console.is_terminal:
        return console
    return _Console(width=_PIPE_WIDTH, markup=False, emoji=False)


def show(console: Console, opinion: Opinion, log: Log, *, top: int, written: Path | None) -> None:
    """Print the whole report."""
    _summary(console, opinion, log)
    for dimension, title in (
        ("priority", "priority"),
        ("group", "group"),
        ("category", "category"),
        ("month", "month of the verdict"),
    ):
        by_name = dimension in ("priority", "month")
        _figures(console, title, opinion.compliance.by.get(dimension, {}), top, by_name=by_name)
    _violations(console, opinion)
    _hours(console, opinion)
    _latest(console, opinion)
    _differences(console, opinion, top)
    _remarks(console, log.remarks, top, written)


def rate(figures: Figures) -> str:
    """Return a hit rate as text; none decided is said, not shown as a number."""
    return "none decided" if figures.rate is None else f"{figures.rate:.2f} %"


def _summary(console: Console, opinion: Opinion, log: Log) -> None:
    total = opinion.compliance.total
    console.print(
        f"[bold]{opinion.incidents:,} incidents[/bold] from {log.rows:,} rows of "
        f"{escape(log.path.name)}, judged as of {opinion.now:%Y-%m-%d %H:%M} UTC by the clock "
        f"[bold]{escape(opinion.compare)}[/bold]",
        markup=True,
    )
    console.print(
        f"SLA hit rate [bold]{rate(total)}[/bold]: {total.met:,} met, {total.breached:,} breached, "
        f"{total.open:,} still open, {opinion.without_clock:,} without this clock",
        markup=True,
    )
    judged = opinion.agree + len(opinion.differences)
    if judged:
        console.print(
            f"ServiceNow's own verdict agrees on [bold]{opinion.agree:,} of {judged:,}[/bold] "
            f"({100 * opinion.agree / judged:.2f} %)",
            markup=True,
        )
    else:
        console.print("The log has no verdicts of ServiceNow's own (made_sla) to compare with")


def _figures(
    console: Console, title: str, values: dict[str, Figures], top: int, *, by_name: bool
) -> None:
    table = Table(title=f"By {title}", title_justify="left")
    table.add_column(title.split(maxsplit=1)[0])
    for name in ("met", "breached", "open", "hit rate"):
        table.add_column(name, justify="right")
    table.add_column("")
    ranked = sorted(values.items(), key=lambda item: item[0] if by_name else -item[1].decided)
    shown = ranked if by_name else ranked[:top]
    for value, figures in shown:
        bar = _BAR * round(_BAR_WIDTH * (figures.rate or 0) / 100)
        counts = (f"{n:,}" for n in (figures.met, figures.breached, figures.open))
        table.add_row(value, *counts, rate(figures), bar)
    console.print()
    console.print(table)
    if len(ranked) > len(shown):
        console.print(f"and {len(ranked) - len(shown)} more (--top N, or --json for all)")


def _violations(console: Console, opinion: Opinion) -> None:
    console.print()
    if not opinion.violations():
        console.print("No violation: every promise that was decided was kept")
        return
    table = Table(title="Violations, worst first", title_justify="left")
    for name in ("incident", "promise", "due", "ended"):
        table.add_column(name)
    table.add_column("over, open time", justify="right")
    table.add_column("over, wall clock", justify="right")
    for row in opinion.violations():
        over, wall = duration.text(row.over), duration.text(row.wall)
        table.add_row(row.number, row.terms, row.due, row.ended or "still open", over, wall)
    console.print(table)
    console.print("Why is each due when it is? Add --explain and the number of an incident")


def _hours(console: Console, opinion: Opinion) -> None:
    """Show what would have come in which hour of the day, by the calendar's local time."""
    console.print()
    if not opinion.hours:
        console.print("No alert, breach or escalation would have come")
        return
    kinds = sorted(opinion.hours)
    table = Table(title="What would have come, by local hour of the day", title_justify="left")
    table.add_column("hour")
    for kind in kinds:
        table.add_column(kind, justify="right")
    used = [h for h in range(_DAY_HOURS) if any(opinion.hours[kind][h] for kind in kinds)]
    for hour in used:
        counts = (f"{opinion.hours[kind][hour]:,}" for kind in kinds)
        table.add_row(f"{hour:02d}:00", *counts)
    table.add_section()
    table.add_row("all", *(f"{opinion.hours[kind].total():,}" for kind in kinds))
    console.print(table)


def _latest(console: Console, opinion: Opinion) -> None:
    if not opinion.hours:
        return
    table = Table(title="The last of them", title_justify="left")
    for name in ("at", "incident", "clock", "what"):
        table.add_column(name)
    for came in opinion.latest():
        table.add_row(came.local, came.number, came.clock, came.what)
    console.print()
    console.print(table)


def _differences(console: Console, opinion: Opinion, top: int) -> None:
    if not opinion.differences:
        return
    console.print()
    table = Table(title="Where ServiceNow's verdict is another", title_justify="left")
    for name in ("incident", "ServiceNow", "Tocsin", "why"):
        table.add_column(name)
    for row in opinion.differences[:top]:
        table.add_row(row.number, row.source.value, row.ours.value, row.why)
    console.print(table)
    if len(opinion.differences) > top:
        console.print(f"and {len(opinion.differences) - top} more (--top N, or --json for all)")


def _remarks(console: Console, remarks: list[Remark], top: int, written: Path | None) -> None:
    console.print()
    if not remarks:
        console.print("Every row of the log could be used as it stands")
        return
    rejected = sum(remark.rejected for remark in remarks)
    console.print(f"{len(remarks):,} odd rows: {rejected:,} left out, the others used")
    kinds = Counter((remark.reason.split(":")[0], remark.rejected) for remark in remarks)
    for (kind, left_out), count in kinds.most_common():
        console.print(
            f"  {count:,} × {kind} ({'left out' if left_out else 'used'})", highlight=False
        )
    for remark in remarks[:top]:
        place = f"line {remark.line}, {remark.number or 'no number'}"
        console.print(f"  {place}: {remark.reason}", highlight=False)
    if written:
        console.print(f"All of them are in {written}")
    elif len(remarks) > top:
        console.print("All of them: --report FILE.csv, or --json")
