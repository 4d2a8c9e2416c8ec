"""Hand-made ServiceNow logs: rows as people would type them, and reading them back."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from tocsin.channels.servicenow.form import Form
from tocsin.channels.servicenow.receive import Incident, Log, Remark

COLUMNS = (
    *("number", "incident_state", "sys_mod_count", "opened_at", "sys_updated_at"),
    *("priority", "closed_at", "resolved_at", "made_sla", "assignment_group", "category"),
)
Cells = Mapping[str, str]


def row(number: str = "INC1", **cells: str) -> dict[str, str]:
    """Return one row: a new incident of Monday 4 January 2016, 14:00, unless told otherwise."""
    return {
        "number": number,
        "incident_state": "New",
        "sys_mod_count": "0",
        "opened_at": "4/1/2016 14:00",
        "sys_updated_at": cells.get("opened_at", "4/1/2016 14:00"),
        "priority": "3 - Moderate",
        "closed_at": "?",
        "resolved_at": "?",
        "made_sla": "true",
        "assignment_group": "Desk",
        "category": "Mail",
        **cells,
    }


def story(number: str, opened: str, closed: str, **cells: str) -> list[dict[str, str]]:
    """Return the two rows of an incident that was opened and closed and nothing else."""
    both = {"opened_at": opened, "closed_at": closed, **cells}
    closing = {"incident_state": "Closed", "sys_mod_count": "1", "sys_updated_at": closed}
    return [row(number, **both), row(number, **both, **closing)]


def text(rows: Iterable[Cells], columns: Iterable[str] = COLUMNS) -> str:
    """Return the log as text, `?` where a row has no value for a column."""
    target = io.StringIO()
    writer = csv.DictWriter(target, list(columns), restval="?", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def write(folder: Path, rows: Iterable[Cells], columns: Iterable[str] = COLUMNS) -> Path:
    """Write the log into `folder` and return its path."""
    return write_bytes(folder, text(rows, columns).encode())


def write_bytes(folder: Path, data: bytes, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def read(path: Path, form: Form | None = None) -> tuple[Log, dict[str, Incident]]:
    """Read a log whole: the log with its remarks, and its incidents by number."""
    log = Log(path, form or Form())
    log.survey()
    return log, {incident.number: incident for incident in log.incidents()}


def told(incident: Incident) -> list[tuple[str, str, object]]:
    """Return what an incident's facts say: when (UTC, to the minute), what, and to which value."""
    return [
        (
            f"{event.effective_at:%d %H:%M}",
            str(event.payload.get("name", event.kind)),
            event.payload.get("to"),
        )
        for event in incident.events
    ]


def lines(remarks: Iterable[Remark], *, rejected: bool) -> list[int]:
    return [remark.line for remark in remarks if remark.rejected is rejected]


def only_remark(log: Log) -> Remark:
    assert len(log.remarks) == 1, log.remarks
    return log.remarks[0]
