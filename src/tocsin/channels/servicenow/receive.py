"""Reading an incident event log: a stream of rows in, incidents as facts out, every oddity told.

Each row is the incident as it stood after one update. What changed from row to row becomes facts;
the rows of one incident may stand anywhere in the file.
"""

import csv
import datetime as dt
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, cast

from tocsin.channels.servicenow.form import Form, short
from tocsin.engine.event import Event, Kind
from tocsin.kit.invalid import Invalid

MISSING = ("?", "")
_MOST_DIGITS = 9
_KINDS = {"priority": Kind.PRIORITY, "team": Kind.TEAM, "assignee": Kind.ASSIGNEE}


@dataclass(frozen=True, slots=True)
class Remark:
    """One oddity of the log: where, why, and whether its row was left out or used all the same."""

    line: int
    number: str
    reason: str
    rejected: bool


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: its facts, its fields at the end, and ServiceNow's own verdict, if any."""

    number: str
    events: tuple[Event, ...]
    fields: Mapping[str, Any]
    opened_at: dt.datetime
    resolved_at: dt.datetime | None
    made_sla: bool | None


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    number: str
    state: str
    mod_count: int
    updated_at: dt.datetime
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    resolved_at: dt.datetime | None
    made_sla: bool | None
    fields: Mapping[str, Any]
    text: str


@dataclass(slots=True)
class Log:
    """A log file. `survey` looks through it once; then `incidents` can stream it.

    `remarks` grows while `incidents` is read. `Invalid` names file and line when the file itself
    cannot be read on.
    """

    path: Path
    form: Form
    rows: int = 0
    last_at: dt.datetime | None = None
    remarks: list[Remark] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _columns: dict[str, int] = field(default_factory=dict)
    _header: list[str] = field(default_factory=list)

    def survey(self) -> None:
        """Count the rows of each incident, so that each is complete when it is read."""
        for _, row in self._read():
            self.rows += 1
            if not isinstance(row, str) and len(row) == len(self._header):
                self._counts[row[self._columns["number"]].strip()] += 1
                self._see(row)

    @property
    def numbers(self) -> Collection[str]:
        """The incident numbers of the file."""
        return self._counts.keys()

    def field_names(self) -> frozenset[str]:
        """Return the fields that policies may look at in this log."""
        return frozenset({"status", *self.form.fields(self._columns)})

    def incidents(
        self, progress: Callable[[int], None] = lambda rows: None, *, only: str | None = None
    ) -> Iterator[Incident]:
        """Yield each incident, or `only` one, once its last row has been read.

        `progress` hears how many rows have been read since it was last told.
        """
        waiting: dict[str, list[_Row]] = {}
        left = Counter(self._counts)
        places = self.form.fields(self._columns)
        for line, cells in self._read():
            progress(1)
            number = self._number(line, cells)
            if number is None or isinstance(cells, str) or only not in (None, number):
                continue
            row = self._row(line, number, cells, places)
            if row is not None:
                waiting.setdefault(number, []).append(row)
            left[number] -= 1
            if not left[number] and number in waiting:
                yield from self._incident(number, waiting.pop(number))

    # -------------------------------------------------------------------------------- the file

    def _read(self) -> Iterator[tuple[int, list[str] | str]]:
        """Yield each row with the line it begins on, or in place of a row why it is none."""
        try:
            with _opened(self.path) as text:
                reader = csv.reader(text, strict=True)
                self._header = self._heading(reader)
                self._columns = self.form.columns(self._header, str(self.path))
                yield from _rows(reader)
        except OSError as error:
            raise Invalid(str(self.path), f"cannot be read: {error.strerror or error}") from None
        except (EOFError, zlib.error) as error:
            raise Invalid(str(self.path), f"is damaged: {error}") from None

    def _heading(self, reader: Any) -> list[str]:
        try:
            return [name.strip() for name in next(reader, [])]
        except csv.Error as error:
            reason = f"is no row of column names: {error}"
            raise Invalid(f"{self.path}, line 1", reason) from None

    def _see(self, row: list[str]) -> None:
        """Remember the latest instant of the log: what is still open is judged as of then."""
        for column in ("sys_updated_at", "closed_at"):
            try:
                at = self.form.instant(row[self._columns[column]])
            except Invalid:
                continue
            if self.last_at is None or at > self.last_at:
                self.last_at = at

    def _number(self, line: int, cells: list[str] | str) -> str | None:
        """Return the incident number of a row, or tell why the row cannot be used."""
        if isinstance(cells, str):
            self._reject(line, "", cells)
        elif len(cells) != len(self._header):
            reason = f"has {len(cells)} cells instead of {len(self._header)}"
            self._reject(line, cells[0] if cells else "", reason)
        elif not (number := cells[self._columns["number"]].strip()) or number in MISSING:
            self._reject(line, "", "number: is missing")
        else:
            return number
        return None

    # -------------------------------------------------------------------------------- the rows

    def _row(
        self, line: int, number: str, cells: list[str], places: Mapping[str, int]
    ) -> _Row | None:
        """Read one row; a value that is wrong rejects it, and the remark says which."""
        try:
            return _Row(
                line=line,
                number=number,
                state=self._cell(cells, "incident_state"),
                mod_count=_whole(self._cell(cells, "sys_mod_count"), "sys_mod_count"),
                updated_at=self._needed(cells, "sys_updated_at"),
                opened_at=self._needed(cells, "opened_at"),
                closed_at=self._instant(cells, "closed_at"),
                resolved_at=self._instant(cells, "resolved_at"),
                made_sla=_flag(self._cell(cells, "made_sla"), "made_sla"),
                fields={name: _value(cells[k]) for name, k in places.items()},
                text="\0".join(cells),
            )
        except Invalid as error:
            self._reject(line, number, str(error))
            return None

    def _cell(self, cells: list[str], column: str) -> str:
        place = self._columns.get(column)
        return "" if place is None else cells[place].strip()

    def _instant(self, cells: list[str], column: str) -> dt.datetime | None:
        text = self._cell(cells, column)
        if text in MISSING:
            return None
        try:
            return self.form.instant(text)
        except Invalid as error:
            raise Invalid(column, error.reason) from None

    def _needed(self, cells: list[str], column: str) -> dt.datetime:
        at = self._instant(cells, column)
        if at is None:
            raise Invalid(column, "is missing")
        return at

    def _reject(self, line: int, number: str, reason: str) -> None:
        self.remarks.append(Remark(line, number, reason, rejected=True))

    def _note(self, row: _Row, reason: str) -> None:
        self.remarks.append(Remark(row.line, row.number, reason, rejected=False))

    # --------------------------------------------------------------------------- the incidents

    def _incident(self, number: str, rows: list[_Row]) -> Iterator[Incident]:
        """Yield the incident that the rows make, or nothing when none of them can be used."""
        rows = self._usable(rows)
        if not rows:
            return
        first, last = rows[0], rows[-1]
        yield Incident(
            number=number,
            events=tuple(self._facts(rows)),
            fields=last.fields,
            opened_at=first.opened_at,
            resolved_at=last.resolved_at,
            made_sla=last.made_sla,
        )

    def _usable(self, rows: list[_Row]) -> list[_Row]:
        """Return the rows in the order in which they happened, impossible and double ones out."""
        for earlier, later in pairwise(rows):
            # A log written newest first goes back too, but so does its count of updates.
            counts_up = later.mod_count >= earlier.mod_count
            if counts_up and later.updated_at < earlier.updated_at:
                self._note(later, f"sys_updated_at: goes back before line {earlier.line}")
        # The order of the file decides nothing, not even which of two double rows is kept.
        ordered = sorted(rows, key=lambda row: (row.updated_at, row.mod_count, row.text))
        kept: dict[int, _Row] = {}
        for row in ordered:
            double = kept.get(row.mod_count)
            if row.opened_at != ordered[-1].opened_at:
                reason = f"opened_at: is not that of line {ordered[-1].line}"
            elif row.updated_at < row.opened_at:
                reason = "sys_updated_at: is before opened_at"
            elif row.closed_at is not None and row.closed_at < row.opened_at:
                reason = "closed_at: is before opened_at"
            elif double is not None:
                reason = f"sys_mod_count: {row.mod_count} is that of line {double.line} too"
            else:
                kept[row.mod_count] = row
                continue
            self._reject(row.line, row.number, reason)
        return list(kept.values())

    def _facts(self, rows: list[_Row]) -> Iterator[Event]:
        """Yield what the rows say happened: the creation, then each change, the status last.

        Every incident begins as new: the state of its first row holds from that row on, which may
        have been written long after the incident was opened.
        """
        first, last = rows[0], rows[-1]
        known: dict[str, Any] = {**first.fields, "status": "new"}
        yield _fact(first, Kind.CREATED, "created", dict(known), at=first.opened_at)
        before = first.opened_at
        for row in rows:
            status = self._status(row)
            at = row.updated_at
            if status == "closed" and known["status"] != "closed" and row.closed_at is not None:
                # The row that says so may have been written after the closing.
                at = max(row.closed_at, before)
            for name, value in row.fields.items():
                if value != known[name]:
                    known[name] = value
                    yield _change(row, name, value, at)
            if status is not None and status != known["status"]:
                known["status"] = status
                yield _fact(row, Kind.STATUS, "status", {"to": status}, at=at, place=1)
            before = row.updated_at
        if last.closed_at is not None and known["status"] != "closed":
            self._note(last, "closed_at: no row says Closed then; taken from this column")
            closed = {"to": "closed"}
            yield _fact(last, Kind.STATUS, "closed", closed, at=last.closed_at, place=2)

    def _status(self, row: _Row) -> str | None:
        """Return the status a row says, None when it says none that is known."""
        status = self.form.states.get(row.state)
        if status is None:
            self._note(row, f"incident_state: {row.state!r} is unknown; the status before it stays")
        elif status == "closed" and row.closed_at is not None and row.updated_at < row.closed_at:
            self._note(row, "incident_state: Closed before closed_at; taken as resolved until then")
            return "resolved"
        return status


def _fact(
    row: _Row, kind: Kind, what: str, payload: Mapping[str, Any], *, at: dt.datetime, place: int = 0
) -> Event:
    return Event(
        ticket=row.number,
        kind=kind,
        effective_at=at,
        # Not the line: the same row must be the same fact in tomorrow's export too.
        key=f"{row.number}/{row.mod_count}/{what}",
        payload=payload,
        source="servicenow",
        # Facts of one row share its place: changes of fields, its status, the closing if any.
        source_seq=row.mod_count * 3 + place,
        imported=True,
    )


def _change(row: _Row, name: str, value: object, at: dt.datetime) -> Event:
    kind = _KINDS.get(name)
    if kind is not None:
        return _fact(row, kind, name, {"to": value}, at=at)
    return _fact(row, Kind.FIELD, name, {"name": name, "to": value}, at=at)


def _opened(path: Path) -> IO[str]:
    """Open plain or gzipped text; which of them is told by the file itself, not by its name."""
    with path.open("rb") as raw:
        if not raw.seekable():
            raise Invalid(str(path), "is a pipe; a log is read twice, so put it into a file first")
        packed = raw.read(2) == b"\x1f\x8b"
    stream = cast("IO[bytes]", gzip.GzipFile(path)) if packed else path.open("rb")
    # Bytes that are no UTF-8 stay visible in the value rather than ending the reading.
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="backslashreplace", newline="")


def _rows(reader: Any) -> Iterator[tuple[int, list[str] | str]]:
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"lines {line} to {reader.line_num} are no CSV row: {error}"
            continue
        if row:
            yield line, row


def _value(cell: str) -> str | None:
    text = cell.strip()
    return None if text in MISSING else text


def _whole(text: str, column: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise Invalid(column, f"{short(text)} is not a whole number")
    return int(text)


def _flag(text: str, column: str) -> bool | None:
    if text in MISSING:
        return None
    if text.casefold() not in ("true", "false"):
        raise Invalid(column, f"{short(text)} is neither true nor false")
    return text.casefold() == "true"
