"""Random logs for properties: a few incidents, their rows good and odd, in any order."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from tests.channels.servicenow import log_file
from tests.channels.servicenow.log_file import COLUMNS, row

from tocsin.channels.servicenow.form import STATES

Rows = list[dict[str, str]]

PRIORITIES = ("1 - Critical", "3 - Moderate", "?")
MALFORMED = ("INC1,New", 'INC2,"New"ish', "?" + "," * len(COLUMNS), ",".join("?" * len(COLUMNS)))


@st.composite
def some_row(draw: st.DrawFn, mark: int) -> dict[str, str]:
    """Draw a row of one of three incidents, good or odd, that can be told by its `u_mark`."""
    minute = draw(st.sampled_from((0, 10, 30, 60, 90)))
    return row(
        draw(st.sampled_from(("INC1", "INC2", "INC3"))),
        incident_state=draw(st.sampled_from((*STATES, "-100", "?"))),
        sys_mod_count=draw(st.sampled_from(("0", "1", "2", "3", "x"))),
        opened_at=draw(st.sampled_from(("4/1/2016 14:00",) * 9 + ("4/1/2016 14:30", "?"))),
        sys_updated_at=draw(
            st.sampled_from((f"4/1/2016 {14 + minute // 60}:{minute % 60:02d}",) * 9 + ("?",))
        ),
        closed_at=draw(st.sampled_from(("?", "4/1/2016 15:00", "4/1/2016 14:20", "3/1/2016 9:00"))),
        priority=draw(st.sampled_from(PRIORITIES)),
        made_sla=draw(st.sampled_from(("true", "false", "?", "maybe"))),
        u_mark=f"mark {mark}",
    )


@st.composite
def some_rows(draw: st.DrawFn) -> Rows:
    return [draw(some_row(mark)) for mark in range(draw(st.integers(1, 14)))]


@contextmanager
def logged(rows: Rows, extra: Any = ()) -> Iterator[Path]:
    """Write a log of the rows with other lines, each put in at its place."""
    listed = log_file.text(rows, [*COLUMNS, "u_mark"]).splitlines()
    for place, line in extra:
        listed.insert(1 + place % len(listed), line)
    with tempfile.TemporaryDirectory() as folder:
        yield log_file.write_bytes(Path(folder), "\n".join(listed).encode())
