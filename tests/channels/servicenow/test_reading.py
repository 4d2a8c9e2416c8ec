"""The file: packed or plain, in any shape that programs write, and damage told by line."""

import contextlib
import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.channels.servicenow import log_file
from tests.channels.servicenow.log_file import COLUMNS, lines, only_remark, read, row, write_bytes

from tocsin.channels.servicenow.form import Form
from tocsin.channels.servicenow.receive import Log
from tocsin.kit.invalid import Invalid

ROWS = [
    row("INC1", category="Möte"),
    row("INC2"),
    row("INC1", sys_mod_count="1", incident_state="Active", sys_updated_at="4/1/2016 15:00"),
]
TEXT = log_file.text(ROWS)
HEADER = ",".join(COLUMNS)
GOOD = TEXT.splitlines()[2]  # the one row of INC2


def refusal(path: Path) -> str:
    with pytest.raises(Invalid) as refused:
        read(path)
    return str(refused.value)


# ---------------------------------------------------------------------------- shapes of one file


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("log.csv", lambda data: data),
        ("log.csv.gz", gzip.compress),
        ("packed-but-called.csv", gzip.compress),
        ("plain-but-called.gz", lambda data: data),
        ("no-name-at-all", lambda data: gzip.compress(data[:90]) + gzip.compress(data[90:])),
        ("bom.csv", lambda data: b"\xef\xbb\xbf" + data),
        ("bom.csv.gz", lambda data: gzip.compress(b"\xef\xbb\xbf" + data)),
        ("unix.csv", lambda data: data.replace(b"\r\n", b"\n")),
        ("old-mac.csv", lambda data: data.replace(b"\r\n", b"\r")),
        ("no-last-newline.csv", lambda data: data.rstrip()),
        ("blank-lines.csv", lambda data: data.replace(b"\r\n", b"\r\n\r\n")),
        ("spaces-in-cells.csv", lambda data: data.replace(b",", b" , ")),
        (
            "quoted.csv",
            lambda data: (
                b'"' + data.strip().replace(b",", b'","').replace(b"\r\n", b'"\r\n"') + b'"'
            ),
        ),
    ],
)
def test_the_same_log_in_any_shape_gives_the_same_incidents(
    tmp_path: Path, name: str, shape: Callable[[bytes], bytes]
) -> None:
    _, wanted = read(write_bytes(tmp_path, TEXT.encode(), "wanted"))
    assert wanted["INC1"].events[0].payload["category"] == "Möte"
    log, found = read(write_bytes(tmp_path, shape(TEXT.encode()), name))
    assert found == wanted
    assert log.remarks == []
    assert log.rows == 3


def test_missing_is_a_question_mark_or_nothing(tmp_path: Path) -> None:
    cells = row(category="?", assignment_group="", priority=" ? ", resolved_at="", made_sla="")
    log, found = read(log_file.write(tmp_path, [cells]))
    incident = found["INC1"]
    assert log.remarks == []
    assert incident.fields == {"priority": None, "team": None, "category": None}
    assert (incident.resolved_at, incident.made_sla) == (None, None)


def test_without_a_column_of_verdicts_there_are_none(tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name not in ("made_sla", "resolved_at")]
    log, found = read(log_file.write(tmp_path, ROWS, columns))
    assert log.remarks == []
    assert {incident.made_sla for incident in found.values()} == {None}
    assert {incident.resolved_at for incident in found.values()} == {None}


@pytest.mark.parametrize(("cell", "verdict"), [("TRUE", True), ("False", False), ("true ", True)])
def test_a_verdict_is_read_in_any_case(tmp_path: Path, cell: str, verdict: bool) -> None:
    _, found = read(log_file.write(tmp_path, [row(made_sla=cell)]))
    assert found["INC1"].made_sla is verdict


def test_own_columns_are_facts_and_ignored_ones_are_not(tmp_path: Path) -> None:
    rows = [
        row(u_plan="gold", x_site="Umeå", wibble="1"),
        row(u_plan="silver", x_site="Umeå", wibble="2", sys_mod_count="1"),
    ]
    form = Form.from_dict({"ignore_columns": ["wibble"]})
    path = log_file.write(tmp_path, rows, [*COLUMNS, "u_plan", "wibble", "x_site"])
    log, found = read(path, form)
    assert log.field_names() == {"status", "priority", "team", "category", "u_plan", "x_site"}
    assert log_file.told(found["INC1"])[1:] == [("04 14:00", "u_plan", "silver")]
    assert found["INC1"].events[0].payload["x_site"] == "Umeå"


# ------------------------------------------------------------------------- files that are refused


def test_an_empty_file_lacks_its_columns(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, b"")
    assert refusal(path) == f"{path}, line 1: the column 'number' is missing"


def test_a_header_alone_is_a_log_without_rows(tmp_path: Path) -> None:
    log, found = read(write_bytes(tmp_path, HEADER.encode()))
    assert (log.rows, log.last_at, found, log.remarks) == (0, None, {}, [])


@pytest.mark.parametrize("keep", [2, 10, 40, -8, -1])
def test_a_truncated_gzip_is_damaged(tmp_path: Path, keep: int) -> None:
    path = write_bytes(tmp_path, gzip.compress(TEXT.encode())[:keep])
    assert refusal(path).startswith(f"{path}: is damaged: ")


def test_a_gzip_of_the_wrong_checksum_is_refused(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(TEXT.encode()))
    data[-8] ^= 1
    path = write_bytes(tmp_path, bytes(data))
    assert refusal(path).startswith(f"{path}: cannot be read: CRC check failed")


def test_a_gzip_with_broken_contents_is_damaged(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(TEXT.encode() * 9, 0))
    data[10:14] = b"\xff\xff\xff\xff"
    path = write_bytes(tmp_path, bytes(data))
    assert refusal(path).startswith(f"{path}: is damaged: ")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"
    missing = tmp_path / "no.csv"
    assert refusal(missing) == f"{missing}: cannot be read: No such file or directory"


@pytest.mark.parametrize("header", ['"number,incident_state', "n" * 200_000, 'number,"a"b'])
def test_a_header_that_is_no_csv_is_refused_on_line_1(tmp_path: Path, header: str) -> None:
    path = write_bytes(tmp_path, f"{header}\n{GOOD}\n".encode())
    assert refusal(path).startswith(f"{path}, line 1: is no row of column names: ")


def test_a_misspelt_column_is_named_with_its_line_and_the_right_word(tmp_path: Path) -> None:
    path = write_bytes(tmp_path, TEXT.replace("closed_at", "close_at").encode())
    assert refusal(path).startswith(
        f"{path}, line 1: unknown column 'close_at' (did you mean closed_at?)"
    )


@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_whatever_the_bytes_a_file_is_read_or_refused(
    data: bytes, with_header: bool, packed: bool
) -> None:
    data = (HEADER.encode() + b"\n" if with_header else b"") + data
    with tempfile.TemporaryDirectory() as folder:
        path = write_bytes(Path(folder), gzip.compress(data) if packed else data)
        with contextlib.suppress(Invalid):
            log, found = read(path)
            # No such row can be used, so each is told.
            assert (len(log.remarks), found) == (log.rows, {})


# ---------------------------------------------------------------------- rows that are left out


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("INC3,New", f"has 2 cells instead of {len(COLUMNS)}"),
        (f"{GOOD},more", f"has {len(COLUMNS) + 1} cells instead of {len(COLUMNS)}"),
        ("INC3", f"has 1 cells instead of {len(COLUMNS)}"),
        (" ", f"has 1 cells instead of {len(COLUMNS)}"),
        (GOOD.replace("INC2", "?"), "number: is missing"),
        (GOOD.replace("INC2", ""), "number: is missing"),
        ('INC3,"New"ish', "lines 3 to 3 are no CSV row: ',' expected after '\"'"),
        ("INC3," + "x" * 200_000, "lines 3 to 3 are no CSV row: field larger than field limit"),
    ],
)
def test_a_row_that_is_none_is_told_and_the_others_are_used(
    tmp_path: Path, bad: str, reason: str
) -> None:
    data = "\n".join([HEADER, GOOD.replace("INC2", "INC1"), bad, GOOD]).encode()
    log, found = read(write_bytes(tmp_path, data))
    remark = only_remark(log)
    assert (remark.line, remark.rejected) == (3, True)
    assert remark.reason.startswith(reason)
    assert set(found) == {"INC1", "INC2"}
    assert log.rows == 3


def test_the_line_of_a_row_is_where_it_begins(tmp_path: Path) -> None:
    two_lines = GOOD.replace("Mail", '"Mail\nand more"')
    late = GOOD.replace("INC2", "INC3").replace("true", "maybe")
    log, found = read(write_bytes(tmp_path, "\n".join([HEADER, two_lines, "", late]).encode()))
    assert found["INC2"].fields["category"] == "Mail\nand more"
    remark = only_remark(log)
    assert (remark.line, remark.number) == (5, "INC3")
    assert remark.reason == "made_sla: 'maybe' is neither true nor false"


def test_an_open_quotation_mark_takes_the_rest_with_it_and_says_which_lines(tmp_path: Path) -> None:
    opened = GOOD.replace("INC2", "INC3").replace("Mail", '"Mail')
    data = "\n".join([HEADER, GOOD, opened, *[GOOD.replace("INC2", "INC4")] * 3]).encode()
    log, found = read(write_bytes(tmp_path, data))
    remark = only_remark(log)
    assert set(found) == {"INC2"}
    assert (remark.line, remark.rejected) == (3, True)
    assert remark.reason.startswith("lines 3 to 6 are no CSV row: ")


def test_after_a_quotation_mark_too_far_open_reading_goes_on(tmp_path: Path) -> None:
    opened = GOOD.replace("INC2", "INC3").replace("Mail", '"Mail')
    swallowed = [GOOD.replace("INC2", f"INC{k}") for k in range(10, 3_000)]
    log, found = read(write_bytes(tmp_path, "\n".join([HEADER, opened, *swallowed]).encode()))
    first = log.remarks[0]
    assert first.reason.startswith("lines 2 to ")
    last = int(first.reason.split()[3])
    # Every line is either named as lost or gave an incident.
    assert len(found) == len(swallowed) - (last - 2)
    assert "INC2999" in found


def test_bytes_that_are_no_utf_8_stay_visible(tmp_path: Path) -> None:
    data = f"{HEADER}\n{GOOD}".encode().replace(b"Mail", "Möte".encode("latin-1"))
    log, found = read(write_bytes(tmp_path, data))
    assert log.remarks == []
    assert found["INC2"].fields["category"] == r"M\xf6te"


def test_a_nul_is_a_character_like_another(tmp_path: Path) -> None:
    log, found = read(write_bytes(tmp_path, f"{HEADER}\n{GOOD}".replace("Mail", "Ma\0il").encode()))
    assert log.remarks == []
    assert found["INC2"].fields["category"] == "Ma\0il"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"sys_mod_count": "-1"}, "sys_mod_count: '-1' is not a whole number"),
        ({"sys_mod_count": "1.0"}, "sys_mod_count: '1.0' is not a whole number"),
        ({"sys_mod_count": "?"}, "sys_mod_count: '?' is not a whole number"),
        ({"sys_mod_count": "9" * 5_000}, f"sys_mod_count: '{'9' * 60}'… is not a whole number"),
        ({"sys_updated_at": "?"}, "sys_updated_at: is missing"),
        ({"opened_at": "", "sys_updated_at": "4/1/2016 14:00"}, "opened_at: is missing"),
        (
            {"opened_at": "31/6/2016 09:00", "sys_updated_at": "4/1/2016 14:00"},
            "opened_at: '31/6/2016 09:00' is no date: ",
        ),
        ({"closed_at": "soon"}, "closed_at: 'soon' is not a date like 29/2/2016 01:16"),
        ({"closed_at": "x" * 5_000}, f"closed_at: '{'x' * 60}'… is not a date like"),
        ({"resolved_at": "soon"}, "resolved_at: 'soon' is not a date like"),
        ({"made_sla": "1"}, "made_sla: '1' is neither true nor false"),
    ],
)
def test_a_value_that_is_wrong_leaves_its_row_out_and_says_which(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    bad = row("INC1", **{"sys_mod_count": "1", **cells})
    log, found = read(log_file.write(tmp_path, [row("INC1"), bad, row("INC2")]))
    remark = only_remark(log)
    assert (remark.line, remark.number, remark.rejected) == (3, "INC1", True)
    assert remark.reason.startswith(reason)
    assert len(found["INC1"].events) == 1
    assert set(found) == {"INC1", "INC2"}


def test_an_incident_without_any_row_that_can_be_used_is_told_row_by_row(tmp_path: Path) -> None:
    rows = [row("INC1", made_sla="maybe"), row("INC1", opened_at="?"), row("INC2")]
    log, found = read(log_file.write(tmp_path, rows))
    assert set(found) == {"INC2"}
    assert lines(log.remarks, rejected=True) == [2, 3]


# ----------------------------------------------------------------------------------- streaming


def test_reading_one_incident_gives_what_reading_all_gives(tmp_path: Path) -> None:
    path = log_file.write(tmp_path, ROWS)
    _, found = read(path)
    log = Log(path, Form())
    log.survey()
    assert list(log.incidents(only="INC1")) == [found["INC1"]]
    assert list(log.incidents(only="INC3")) == []
    assert set(log.numbers) == {"INC1", "INC2"}


def test_progress_hears_of_every_row_also_of_those_left_out(tmp_path: Path) -> None:
    data = "\n".join([TEXT.strip(), "INC9,New", 'INC9,"New"ish']).encode()
    log = Log(write_bytes(tmp_path, data), Form())
    log.survey()
    heard: list[int] = []
    list(log.incidents(heard.append))
    assert sum(heard) == log.rows == 5


def test_an_incident_comes_as_soon_as_its_last_row_has_been_read(tmp_path: Path) -> None:
    log = Log(log_file.write(tmp_path, [row("INC1"), row("INC2"), row("INC1")]), Form())
    log.survey()
    assert [incident.number for incident in log.incidents()] == ["INC2", "INC1"]


def test_the_end_of_the_log_is_the_latest_update_or_closing(tmp_path: Path) -> None:
    log, _ = read(log_file.write(tmp_path, [row("INC1", closed_at="5/1/2016 10:00"), row("INC2")]))
    assert log.last_at is not None
    assert log.last_at.isoformat() == "2016-01-05T10:00:00+00:00"
