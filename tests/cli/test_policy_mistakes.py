"""Mistakes in a policy file, each refused with one sentence that names the file and the line."""

from pathlib import Path

import pytest
from tests.channels.servicenow import log_file
from tests.channels.servicenow.log_file import row
from tests.cli.command import CONTRACT, output, refusal, refusal_within

TEXT = CONTRACT.read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    log_file.write(tmp_path, [row()])
    return tmp_path


def said(folder: Path, text: str | bytes) -> str:
    """Return what is said about a policy file, the folder taken off its name."""
    policy = folder / "policy.yaml"
    policy.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = refusal_within("replay", folder / "log.csv", "--policy", policy)
    assert found.startswith(f"{folder}/")
    return found.removeprefix(f"{folder}/")


def line_of(text: str, part: str) -> int:
    assert text.count(part) == 1, (part, text.count(part))
    return text[: text.index(part)].count("\n") + 1


# What is replaced in the contract, by what, the part of it on the line to be named, the sentence.
MISTAKES = [
    (
        'mon: ["08:00-17:00"]',
        'mon: ["08:00-17:00"',
        "tue:",
        "is not valid YAML: ",
    ),
    ("      tue:", "\ttue:", "\ttue:", "is not valid YAML: found character '\\t'"),
    ("    rank: 1", "    rank: 1\n    rank: 2", "rank: 2", 'found duplicate key "rank"'),
    ("calendar: office", "calendar: *office", "*office", "found undefined alias"),
    ("rank: 1", "rank: one", "rank: one", "policies[0].rank: expected a whole number"),
    (
        "1 - Critical: 8h",
        "1 - Critical: 0h",
        "1 - Critical: 0h",
        "policies[0].clocks[0].targets.1 - Critical: must be longer than zero",
    ),
    ("2 - High: 8h", "2 - High: 2d", "2 - High", "'2d' is ambiguous: write open hours (48h)"),
    (
        'wed: ["08:00-17:00"]',
        'wed: ["08:00-12:00", "11:00-17:00"]',
        "wed:",
        "calendars.office.week.wed",
    ),
    ('thu: ["08:00-17:00"]', 'thu: ["17:00-08:00"]', "thu:", "calendars.office.week.thu[0]"),
    (
        "zone: Etc/GMT+6",
        "zone: Etc/GTM+6",
        "Etc/GTM+6",
        "calendars.office.zone: unknown time zone 'Etc/GTM+6' (did you mean Etc/GMT+6?)",
    ),
    ("zone: UTC", "zone: ../../etc/passwd", "zone: ..", "log.zone: unknown time zone"),
    (
        "rank: 1",
        "rank: 1\n    valid_from: 2016-01-01T00:00:00",
        "valid_from",
        "policies[0].valid_from: 2016-01-01T00:00:00 is naive",
    ),
    (
        "rank: 1",
        "rank: 1\n    valid_form: 2016-01-01T00:00:00Z",
        "valid_form",
        "policies[0].valid_form: unknown field; known here: key, version, rank",
    ),
    (
        "rank: 1",
        "rank: 1\n    when: {prority: 1 - Critical}",
        "prority",
        "unknown column or field 'prority' (did you mean priority?); this log has: category",
    ),
    (
        "start: {event: created}",
        "start: {u_plan: gold}",
        "u_plan",
        "policies[0].clocks[0].start: unknown column or field 'u_plan'",
    ),
    (
        "compare: resolution",
        "compare: resolutoin",
        "resolutoin",
        "log.compare: 'resolutoin' is not one of: resolution (did you mean resolution?)",
    ),
    ("compare: resolution", "ignore_columns: [number]", "ignore_columns", "is needed"),
    ("tocsin: 1", "tocsin: 2", "tocsin: 2", "the file must say which form it has: tocsin: 1"),
    ("path: standard", "path: standrad", "path: standrad", "did you mean standard?"),
    ("calendar: office", "calendar: offices", "calendar: offices", "did you mean office?"),
    ("{at: 75%}", "{at: 75}", "{at: 75}", "is not a share of the target such as 75%"),
]


@pytest.mark.parametrize(
    ("good", "bad", "marked", "sentence"), MISTAKES, ids=[bad for _, bad, _, _ in MISTAKES]
)
def test_a_mistake_is_named_by_file_and_line(
    folder: Path, good: str, bad: str, marked: str, sentence: str
) -> None:
    assert TEXT.count(good) == 1, good
    text = TEXT.replace(good, bad)
    found = said(folder, text)
    assert found.startswith(f"policy.yaml, line {line_of(text, marked)}: ")
    assert sentence in found


def test_a_misspelt_field_gets_the_right_word(folder: Path) -> None:
    text = TEXT.replace("on_priority: carry", "on_priorty: carry")
    found = said(folder, text)
    assert found.startswith(f"policy.yaml, line {line_of(text, 'on_priorty')}: ")
    assert found.endswith("(did you mean on_priority?)")


def test_a_calendar_without_hours_is_refused(folder: Path) -> None:
    start, end = TEXT.index("      mon:"), TEXT.index("paths:")
    found = said(folder, TEXT[:start].replace("    week:", "    week: {}") + TEXT[end:])
    assert found.startswith(f"policy.yaml, line {line_of(TEXT, 'week:')}: calendars.office.week")


def test_a_mistake_behind_a_byte_order_mark_has_the_same_line(folder: Path) -> None:
    text = TEXT.replace("rank: 1", "rank: -1")
    assert said(folder, b"\xef\xbb\xbf" + text.encode()) == said(folder, text)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "policy.yaml: is empty"),
        (b"# only a remark\n", "policy.yaml: is empty"),
        (b"\xff\xfe", "policy.yaml: is not UTF-8 text (byte 0)"),
        (b"tocsin: 1\nname: M\xf6te\n", "policy.yaml: is not UTF-8 text (byte 17)"),
        (b"- a\n- b\n", "policy.yaml, line 1: expected a mapping, got ['a', 'b']"),
        (b"just words\n", "policy.yaml: expected a mapping, got 'just words'"),
        (b"name: a\x00b\n", "policy.yaml: is not valid YAML: unacceptable character #x0000"),
        (b'name: !!int ""\n', "policy.yaml: is not valid YAML: "),
        (b"name: !!set 3\n", "policy.yaml: is not valid YAML: "),
        (b"name: " + b"[" * 500, "policy.yaml: is not valid YAML: maximum recursion depth"),
        (b"tocsin: 1\n---\ntocsin: 1\n", "policy.yaml, line 2: is not valid YAML: "),
        (b"? [a]\n: b\n", "policy.yaml, line 1: the key"),
        (b"!thing words\n", "policy.yaml: expected a mapping"),
        (b"1: 2\n", "policy.yaml, line 1: the key 1 must be text (put it in quotes)"),
    ],
)
def test_a_file_that_is_no_policy_is_refused(folder: Path, data: bytes, sentence: str) -> None:
    assert said(folder, data).startswith(sentence)


def test_a_policy_file_that_is_not_there_is_refused(folder: Path) -> None:
    found = refusal("replay", "log.csv", "--policy", "no.yaml", folder=folder)
    assert found == "no.yaml: cannot be read: No such file or directory"
    assert refusal("replay", "log.csv", "--policy", ".", folder=folder).startswith(
        ".: cannot be read: Is a directory"
    )


def test_the_contract_itself_is_taken(folder: Path) -> None:
    assert "1 incidents from 1 rows" in output(
        "replay", "log.csv", "--policy", CONTRACT, folder=folder
    )


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("{impact: 1}", "impact is text in a log: write '1' in quotes"),
        ("{u_symptom: true}", "u_symptom is text in a log: write 'true' in quotes"),
        ("{any: [{impact: x}, {not: {priority: [2]}}]}", "priority is text in a log: write '2'"),
        ("{urgency: {at_least: 2}}", "urgency is text in a log, so at_least never holds"),
    ],
)
def test_a_number_is_refused_where_the_log_has_text(
    tmp_path: Path, condition: str, reason: str
) -> None:
    columns = (*log_file.COLUMNS, "impact", "urgency", "u_symptom")
    log_file.write(tmp_path, [row(impact="1", urgency="2", u_symptom="x")], columns)
    text = TEXT.replace("    rank: 1", f"    rank: 1\n    when: {condition}")
    found = said(tmp_path, text)
    assert found.startswith(
        f"policy.yaml, line {line_of(text, f'when: {condition}')}: policies[0].when: "
    )
    assert reason in found
