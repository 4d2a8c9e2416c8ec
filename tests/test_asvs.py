"""docs/asvs/README.md: which test decides what of OWASP ASVS 5.0, levels 1 and 2, and what is open.

Ids and levels are those of the standard; the words are ours. A requirement is met where a test has
its marker, not applicable where docs/asvs/decisions.yaml says why, and not yet in every other case.
"""

import ast
import csv
import functools
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tocsin.kit import yaml_file

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "asvs"
PAGE = FOLDER / "README.md"
MARKER = "pytest.mark.asvs"
MOST_WORDS = 12
LEVELS = (1, 2)
MOST_OPEN = 24
HEAD = """# OWASP ASVS 5.0, levels 1 and 2

Made from the markers of the tests and from [decisions.yaml](decisions.yaml); written anew by
`TOCSIN_RENEW=1 make test ARGS=tests/test_asvs.py`. Ids and levels are those of the standard, the
words are ours and short: the standard itself says what each means. *Not yet* means that it does not
hold, or that no test decides it, and says what is missing. Of level 3 only what a test decides all
the same is listed.

"""


@dataclass(frozen=True)
class Requirement:
    """A requirement of the standard, in our words."""

    id: str
    level: int
    chapter: str
    words: str


def requirements() -> dict[str, Requirement]:
    with (FOLDER / "requirements.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {row["id"]: Requirement(**{**row, "level": int(row["level"])}) for row in rows}  # type: ignore[arg-type]  # level is a number


def asked() -> list[Requirement]:
    """Return those of the levels that we promise."""
    return [one for one in requirements().values() if one.level in LEVELS]


def decisions() -> Mapping[str, Mapping[str, str]]:
    """Return what was decided by id: its `state` (not applicable, or not yet), `why` and `who`."""
    found: Mapping[str, Mapping[str, str]] = yaml_file.load(FOLDER / "decisions.yaml").data
    return found


@functools.cache
def claimed() -> dict[str, list[str]]:
    """Return the tests that claim each id."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for id_, name in marks(path.read_text(encoding="utf-8")):
            found[id_].append(f"{path.relative_to(ROOT)}: {name}")
    return found


def marks(text: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == MARKER:
                    for argument in mark.args:
                        assert isinstance(argument, ast.Constant), f"{node.name}: no plain id"
                        yield str(argument.value), node.name


def page() -> str:
    known, decided, tests = requirements(), decisions(), claimed()
    rows, states = [], Counter[tuple[int, str]]()
    chapter = ""
    for one in known.values():
        if one.level > LEVELS[-1] and not tests.get(one.id):
            continue  # beyond what we promise; shown where a test decides it all the same
        if one.chapter != chapter:
            chapter = one.chapter
            rows.append(f"\n## {one.id.partition('.')[0]} {chapter}\n\n| id | L | what | state |\n")
            rows.append("|---|---|---|---|\n")
        state, told = _state(one.id, decided, tests)
        states[one.level, state] += 1
        rows.append(f"| {one.id} | {one.level} | {one.words} | {told} |\n")
    return HEAD + _sums(states) + "".join(rows)


def _state(
    id_: str, decided: Mapping[str, Mapping[str, str]], tests: Mapping[str, list[str]]
) -> tuple[str, str]:
    if tests.get(id_):
        return "decided by tests", "<br>".join(f"`{test}`" for test in sorted(tests[id_]))
    found = decided[id_]
    return found["state"], f"*{found['state']}*: {found['why']} ({found['who']})"


def _sums(states: Mapping[tuple[int, str], int]) -> str:
    names = ("decided by tests", "not applicable", "not yet")
    rows = [
        f"| {level} | {' | '.join(str(states.get((level, name), 0)) for name in names)} |\n"
        for level in LEVELS
    ]
    return f"| level | {' | '.join(names)} |\n|---|---|---|---|\n{''.join(rows)}"


def test_the_table_is_that_of_the_tests() -> None:
    if os.environ.get("TOCSIN_RENEW"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_only_what_the_standard_has_is_claimed_or_decided() -> None:
    known = set(requirements())
    assert set(claimed()) - known == set()
    assert set(decisions()) - known == set()


def test_what_a_test_decides_needs_no_decision() -> None:
    assert set(claimed()) & set(decisions()) == set()


def test_every_requirement_has_an_answer() -> None:
    answered = set(claimed()) | set(decisions())
    assert [one.id for one in asked() if one.id not in answered] == []


def test_what_does_not_hold_yet_is_little() -> None:
    open_ = {id_ for id_, one in decisions().items() if one["state"] == "not yet"}
    # It may only become less.
    assert len(open_ & {one.id for one in asked()}) <= MOST_OPEN


def test_each_decision_says_what_why_and_who() -> None:
    for id_, one in decisions().items():
        assert set(one) == {"state", "why", "who"}, id_
        assert one["state"] in ("not applicable", "not yet"), id_
        assert min(len(one["why"]), len(one["who"])) > 3, id_


def test_the_words_are_few_and_each_id_stands_once() -> None:
    text = (FOLDER / "requirements.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(text) == len(requirements())
    levels = Counter(one.level for one in requirements().values())
    assert (levels[1], levels[2]) == (70, 183)
    for one in requirements().values():
        assert len(one.words.split()) <= MOST_WORDS, one.id


def test_a_claim_without_a_plain_id_or_of_nobody_is_noticed() -> None:
    assert list(marks("@pytest.mark.asvs('9.9.9', '1.1.1')\ndef test_x(): ...")) == [
        ("9.9.9", "test_x"),
        ("1.1.1", "test_x"),
    ]
    assert list(marks("@pytest.mark.promise('P1')\ndef test_x(): ...")) == []
