"""`tocsin replay` as an operator runs it: the report, JSON, explanations, and what is refused."""

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.channels.servicenow import log_file
from tests.channels.servicenow.log_file import COLUMNS, row, story
from tests.cli.command import COMMAND, CONTRACT, environment, output, refusal, sentence_of

import tocsin

pytestmark = pytest.mark.long("judges logs by the command")

CRITICAL = {"priority": "1 - Critical"}
OPENED = "4/1/2016 14:00"  # Monday 08:00 at the office of the contract
ROWS = [
    *story("INC0001", OPENED, "4/1/2016 22:00", **CRITICAL),  # eight hours of eight
    *story("INC0002", OPENED, "4/1/2016 22:30", **CRITICAL, assignment_group="Nät"),
    row("INC0003", incident_state="-100"),
    row("INC0004", made_sla="maybe"),  # line 7
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return log_file.write(tmp_path, ROWS)


def plain(*arguments: str | Path, **more: str) -> Any:
    return json.loads(output(*arguments, folder=None, **more))


# ------------------------------------------------------------------------------------------ JSON


def test_json_says_the_verdicts_under_the_promised_names(log: Path) -> None:
    found = plain("replay", log, "--policy", CONTRACT, "--json")
    promised = {name: found[name] for name in ("incidents", "met", "breached", "agree_with_source")}
    assert promised == {"incidents": 3, "met": 1, "breached": 1, "agree_with_source": 1}
    assert found["tocsin"] == tocsin.__version__
    assert found["file"] == "log.csv"
    assert found["policy"] == "policy.yaml"
    assert found["as_of"] == "2016-01-04T22:30:00+00:00"
    assert found["rows"] == 6
    assert found["rejected_rows"] == 1
    assert found["open"] == 1
    assert found["violations"][0]["number"] == "INC0002"
    assert found["differences"][0]["number"] == "INC0002"
    assert found["by"]["group"]["Nät"] == {"met": 0, "breached": 1, "open": 0, "hit_rate": 0.0}
    assert found["remarks"] == [
        {
            "line": 6,
            "number": "INC0003",
            "reason": "incident_state: '-100' is unknown; the status before it stays",
            "rejected": False,
        },
        {
            "line": 7,
            "number": "INC0004",
            "reason": "made_sla: 'maybe' is neither true nor false",
            "rejected": True,
        },
    ]


def test_json_is_utf_8_whatever_the_language_of_the_machine(log: Path) -> None:
    for more in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        found = plain("replay", log, "--policy", CONTRACT, "--json", **more)
        assert "Nät" in found["by"]["group"]


# ---------------------------------------------------------------------------------------- report


def test_the_report_tells_rates_violations_hours_differences_and_odd_rows(log: Path) -> None:
    said = output("replay", log, "--policy", CONTRACT)
    assert "3 incidents from 6 rows of log.csv, judged as of 2016-01-04 22:30 UTC" in said
    assert "SLA hit rate 50.00 %: 1 met, 1 breached, 1 still open, 0 without this clock" in said
    assert "ServiceNow's own verdict agrees on 1 of 2 (50.00 %)" in said
    for title in ("By priority", "By group", "By category", "By month of the verdict"):
        assert f"\n{title} " in said
    assert cells(said, "1 - Critical")[1:5] == ["1", "1", "0", "50.00 %"]
    assert cells(said, "3 - Moderate")[1:5] == ["0", "0", "1", "none decided"]
    assert cells(said, "INC0002") == [
        *("INC0002", "1 - Critical", "2016-01-04 16:00-06:00", "2016-01-04 16:30-06:00"),
        *("30 min", "30 min"),
    ]
    assert cells(said, "16:00") == ["16:00", "0", "0", "1", "1"]
    assert cells(said, "all") == ["all", "2", "2", "1", "1"]
    assert "2 odd rows: 1 left out, the others used" in said
    assert "line 7, INC0004: made_sla: 'maybe' is neither true nor false" in said


def cells(said: str, first: str) -> list[str]:
    """Return the cells of the first table row that begins with `first`."""
    for line in said.splitlines():
        found = [cell.strip() for cell in line.strip("│").split("│")]
        if found[0] == first:
            return found
    raise AssertionError(f"no table row begins with {first!r}:\n{said}")


def test_what_a_log_says_is_shown_as_it_is(tmp_path: Path) -> None:
    # Brackets and colons that a terminal library could take for colours and pictures.
    odd = {"category": "[/x] :warning:", "assignment_group": "[red]Ops[/red]"}
    rows = story("INC[b]1", OPENED, "4/1/2016 22:30", **CRITICAL, **odd)
    log = log_file.write(tmp_path, [*rows, row("[/y]", made_sla="[/z]")])
    log = log.rename(tmp_path / "log [b].csv")
    said = output("replay", log, "--policy", CONTRACT)
    for part in (*odd.values(), "INC[b]1", "log [b].csv", "[/y]: made_sla: '[/z]'"):
        assert part in said
    told = output("replay", log, "--policy", CONTRACT, "--explain", "INC[b]1")
    assert told.startswith("INC[b]1\n")


def test_a_log_that_was_kept_in_every_way_says_so(tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name != "made_sla"]
    rows = story("INC1", OPENED, "4/1/2016 14:30", **CRITICAL)
    said = output("replay", log_file.write(tmp_path, rows, columns), "--policy", CONTRACT)
    assert "No violation: every promise that was decided was kept" in said
    assert "No alert, breach or escalation would have come" in said
    assert "The log has no verdicts of ServiceNow's own (made_sla) to compare with" in said
    assert "Every row of the log could be used as it stands" in said


def test_top_bounds_the_long_lists_and_says_how_many_are_left(tmp_path: Path) -> None:
    rows: list[dict[str, str]] = []
    for k in range(5):
        group = {"assignment_group": f"Group {k}", "made_sla": "true"}
        rows += story(f"INC{k}", OPENED, f"4/1/2016 22:0{k + 1}", **CRITICAL, **group)
    log = log_file.write(tmp_path, rows)
    said = output("replay", log, "--policy", CONTRACT, "--top", "2")
    assert "and 3 more (--top N, or --json for all)" in said
    assert [f"INC{k}" for k in range(5) if f"│ INC{k}  " in said] == [
        "INC0",
        "INC1",
        "INC3",
        "INC4",
    ]
    found = plain("replay", log, "--policy", CONTRACT, "--top", "2", "--json")
    assert [told["number"] for told in found["violations"]] == ["INC4", "INC3"]
    assert len(found["differences"]) == 5


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    # More than a pipe holds, so that the command is still writing when nobody reads any more.
    rows = [row(f"INC{k:05d}", made_sla="maybe") for k in range(2_000)]
    log = log_file.write(tmp_path, [row("INC"), *rows])
    for arguments in (["--json"], ["--top", "2000"]):
        with subprocess.Popen(
            [*COMMAND, "replay", str(log), "--policy", str(CONTRACT), *arguments],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            assert running.stdout.readline()
            running.stdout.close()
            assert running.stderr.read() == b""
        assert running.returncode == 0


# -------------------------------------------------------------------------------- the CSV report


def test_the_csv_report_has_every_odd_row_in_the_order_of_the_file(tmp_path: Path) -> None:
    late = row("INC0001", sys_mod_count="1", sys_updated_at="4/1/2016 15:00", made_sla="ja, nästan")
    log = log_file.write(tmp_path, [row("INC0001"), *ROWS[4:], late])
    report = tmp_path / "odd rows.csv"
    said = output("replay", log, "--policy", CONTRACT, "--report", report)
    assert f"All of them are in {report}" in said.replace("\n", " ")
    assert list(csv.reader(io.StringIO(report.read_text("utf-8")))) == [
        ["line", "number", "rejected", "reason"],
        ["3", "INC0003", "False", ROWS_REASON],
        ["4", "INC0004", "True", "made_sla: 'maybe' is neither true nor false"],
        ["5", "INC0001", "True", "made_sla: 'ja, nästan' is neither true nor false"],
    ]


ROWS_REASON = "incident_state: '-100' is unknown; the status before it stays"


def test_a_csv_report_that_cannot_be_written_is_refused(log: Path, tmp_path: Path) -> None:
    report = tmp_path / "no such folder" / "odd.csv"
    said = refusal("replay", log, "--policy", CONTRACT, "--report", report)
    assert said == f"{report}: cannot be written: No such file or directory"


# ----------------------------------------------------------------------------------- explanations


def test_an_explanation_tells_the_clock_by_segments_and_what_would_have_come(log: Path) -> None:
    said = output("replay", log, "--policy", CONTRACT, "--explain", "INC0002")
    flat = " ".join(said.split())
    assert said.startswith("INC0002\n\nSLA/resolution#1: breached\n")
    assert "8 h for 1 - Critical by calendar office v1 from Mon 2016-01-04 08:00:00-06:00" in flat
    assert "closed Mon 2016-01-04 16:30:00-06:00 Etc/GMT+6 with 8 h 30 min used" in flat
    assert "over by 30 min of open time (30 min by the wall clock)" in flat
    assert "What would have come" in said
    for what in ("alert 75 %", "alert 1 h before", "breach", "escalation to L1"):
        assert what in flat
    assert "escalation to L2" not in flat
    assert "ServiceNow's verdict is another: 8 h 30 min of open time used of 8 h; no other" in flat


def test_an_explanation_in_json_counts_the_same_seconds(log: Path) -> None:
    found = plain("replay", log, "--policy", CONTRACT, "--explain", "INC0002", "--json")
    (clock,) = found["clocks"]
    assert (found["number"], found["source_made_sla"]) == ("INC0002", True)
    assert (clock["verdict"], clock["state"], clock["target"]) == ("breached", "stopped", "8 h")
    assert clock["due"] == "2016-01-04T22:00:00+00:00"
    assert clock["used_seconds"] == 30_600 == sum(s["seconds"] for s in clock["segments"])
    assert clock["overrun_seconds"] == {"open": 1_800, "wall": 1_800}
    assert [(told["at"][11:16], told["what"].split()[0]) for told in found["would_have_come"]] == [
        *(("20:00", "alert"), ("21:00", "alert"), ("22:00", "breach"), ("22:00", "escalation"))
    ]
    assert found["differs_because"].startswith("8 h 30 min of open time used of 8 h")


def test_an_explanation_of_what_agrees_has_no_difference(log: Path) -> None:
    found = plain("replay", log, "--policy", CONTRACT, "--explain", "INC0001", "--json")
    assert found["clocks"][0]["verdict"] == "met"
    assert found["differs_because"] is None


def test_an_explanation_of_what_is_still_open_has_no_difference(log: Path) -> None:
    found = plain("replay", log, "--policy", CONTRACT, "--explain", "INC0003", "--json")
    assert found["clocks"][0]["verdict"] == "open"
    assert found["as_of"] == "2016-01-04T22:30:00+00:00"
    assert found["differs_because"] is None


def test_an_incident_without_a_clock_is_explained_as_such(tmp_path: Path) -> None:
    log = log_file.write(tmp_path, [row("INC1", priority="5 - Planning")])
    said = output("replay", log, "--policy", CONTRACT, "--explain", "INC1")
    assert "No policy gives it a clock: it belongs in the lane without SLA" in said


def test_an_explanation_and_the_whole_report_judge_by_the_same_clock(tmp_path: Path) -> None:
    # Closed in time, reopened, and closed too late: with a new cycle, the second one answers.
    states = [("New", "14:00"), ("Closed", "15:00"), ("Active", "15:30"), ("Closed", "23:59")]
    rows = [
        row(
            incident_state=state,
            sys_mod_count=str(k),
            sys_updated_at=f"4/1/2016 {at}",
            made_sla="false",
            **CRITICAL,
        )
        for k, (state, at) in enumerate(states)
    ]
    text = CONTRACT.read_text().replace(
        "pause: never", "pause: never\n        on_reopen: new cycle"
    )
    text = text.replace("{event: created}", "{status: {not_in: [closed]}}")
    policy = tmp_path / "policy.yaml"
    policy.write_text(text.replace("1 - Critical: 8h", "1 - Critical: 2h"))
    log = log_file.write(tmp_path, rows)
    found = plain("replay", log, "--policy", policy, "--json")
    told = plain("replay", log, "--policy", policy, "--explain", "INC1", "--json")
    assert [clock["verdict"] for clock in told["clocks"]] == ["met", "breached"]
    assert (found["breached"], found["agree_with_source"]) == (1, 1)
    assert told["differs_because"] is None


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("INC0005", "--explain: no incident 'INC0005' in log.csv (did you mean INC0004?)"),
        ("zzz", "--explain: no incident 'zzz' in log.csv"),
        ("", "--explain: no incident '' in log.csv"),
        (
            "INC0004",
            "--explain: no row of 'INC0004' in log.csv can be used "
            "(line 7: made_sla: 'maybe' is neither true nor false)",
        ),
    ],
)
def test_an_incident_that_cannot_be_explained_is_refused(
    log: Path, number: str, sentence: str
) -> None:
    said = refusal("replay", log.name, "--policy", CONTRACT, "--explain", number, folder=log.parent)
    assert said == sentence


# ------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--top", "0"], "--top: must be at least 1"),
        (["--top", "-1"], "--top: must be at least 1"),
        (["--explain", "INC0001", "--report", "x.csv"], "--report: is about the whole log;"),
    ],
)
def test_options_that_cannot_be_taken_are_refused(
    log: Path, arguments: list[str], sentence: str
) -> None:
    assert refusal("replay", log, "--policy", CONTRACT, *arguments).startswith(sentence)
    assert not (log.parent / "x.csv").exists()


def test_logs_that_cannot_be_read_are_refused_by_name(tmp_path: Path) -> None:
    missing = refusal("replay", tmp_path / "no.csv", "--policy", CONTRACT)
    assert missing == f"{tmp_path / 'no.csv'}: cannot be read: No such file or directory"
    misspelt = log_file.write(tmp_path, ROWS, [c.replace("priority", "prioritty") for c in COLUMNS])
    said = refusal("replay", misspelt, "--policy", CONTRACT)
    assert said.startswith(
        f"{misspelt}, line 1: unknown column 'prioritty' (did you mean priority?)"
    )


def test_a_pipe_is_refused_since_a_log_is_read_twice() -> None:
    done = subprocess.run(
        [*COMMAND, "replay", "/dev/stdin", "--policy", str(CONTRACT)],
        env=environment(),
        input=log_file.text(ROWS),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert sentence_of(done.returncode, done.stdout, done.stderr) == (
        "/dev/stdin: is a pipe; a log is read twice, so put it into a file first"
    )


@pytest.mark.parametrize("rows", [[], [row(sys_updated_at="soon", closed_at="later")]])
def test_a_log_without_a_date_is_refused(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    log = log_file.write(tmp_path, rows)
    said = refusal("replay", log, "--policy", CONTRACT)
    assert said == f"{log}: has no row with a date that can be read"


def test_dates_at_the_end_of_time_are_judged_like_others(tmp_path: Path) -> None:
    log = log_file.write(tmp_path, story("INC1", "31/12/9999 22:00", "31/12/9999 23:59"))
    found = plain("replay", log, "--policy", CONTRACT, "--json")
    assert (found["met"], found["breached"]) == (1, 0)


# ------------------------------------------------------------------------------- as of an instant


def test_what_is_open_is_judged_as_of_the_instant_that_is_given(log: Path) -> None:
    early = plain("replay", log, "--policy", CONTRACT, "--json", "--as-of", "2016-01-04T22:15Z")
    # INC0002 is closed a quarter of an hour later, and by then its eight hours were over.
    assert early["as_of"] == "2016-01-04T22:15:00+00:00"
    assert (early["met"], early["breached"]) == (1, 1)
    late = plain("replay", log, "--policy", CONTRACT, "--json", "--as-of", "2016-04-01T00:00+02:00")
    assert (late["met"], late["breached"], late["open"]) == (1, 2, 0)


def test_an_instant_without_an_offset_is_refused(log: Path) -> None:
    said = refusal("replay", log, "--policy", CONTRACT, "--as-of", "2016-01-04T22:15")
    assert said.startswith("--as-of: 2016-01-04T22:15 is naive")


@pytest.mark.parametrize("name", ["log.csv", "policy.yaml"])
def test_a_report_is_not_written_over_what_is_read(log: Path, tmp_path: Path, name: str) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_bytes(CONTRACT.read_bytes())
    before = (tmp_path / name).read_bytes()
    said = refusal("replay", log, "--policy", policy, "--report", tmp_path / name)
    assert "is read by this command; name another file" in said
    assert (tmp_path / name).read_bytes() == before


def test_the_last_that_would_have_come_are_told_in_their_order(log: Path) -> None:
    found = plain("replay", log, "--policy", CONTRACT, "--json", "--top", "3")
    last = [(told["at"][11:16], told["number"]) for told in found["would_have_come_last"]]
    assert last == [("21:00", "INC0002"), ("22:00", "INC0002"), ("22:00", "INC0002")]
    assert "The last of them" in output("replay", log, "--policy", CONTRACT)
