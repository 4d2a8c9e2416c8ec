"""docs/scenarios.md: which tests tell which scenario of the engine's design, and what is missing.

Made from the markers of the tests, as docs/promises.md is.
"""

import ast
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "scenarios.md"
SCENARIOS = {
    "E1": "A stop exactly at the due",
    "E2": "A target of zero or less",
    "E3": "A calendar without open time",
    "E4": "Remaining time below zero",
    "E5": "A pause after the breach",
    "E6": "Pauses of less than a second, and many of them",
    "E7": "Resolved without a resume",
    "E8": "From one pause to another",
    "E9": "A pause that is learned late withdraws a breach",
    "E10": "An answer and a pause in one transaction",
    "E11": "Three messages and one answer",
    "E12": "A message while the clock of the one before runs",
    "E13": "Thanks after the end",
    "E14": "Resolved without an answer",
    "E15": "What is no answer of a person",
    "E16": "Opened by an agent",
    "E17": "A colleague of the customer in copy",
    "E18": "Two messages of one instant",
    "E19": "A priority raised past its target",
    "E20": "A priority lowered after the breach",
    "E21": "A priority that flips",
    "E22": "Another policy takes over",
    "E23": "Two policies match",
    "E24": "No policy matches",
    "E25": "A policy edited while clocks run",
    "E26": "A contract begins or ends while a clock runs",
    "E27": "A holiday added for tomorrow",
    "E28": "A holiday added for yesterday",
    "E29": "A holiday removed",
    "E30": "Customer and team in two zones, a holiday of one of them",
    "E31": "A calendar's zone changed",
    "E32": "A database of zones changed",
    "E33": "A leap second",
    "E34": "29 February, and the ends of months",
    "E35": "An alert longer than its target",
    "E36": "An alert in business time",
    "E37": "A threshold while paused",
    "E38": "The engine was down",
    "E39": "A clock of the system that jumps",
    "E40": "A worker that dies while sending",
    "E41": "The same message again",
    "E42": "Facts in any order",
    "E43": "Mail that is dated in the past or the future",
    "E44": "History that is imported",
    "E45": "Merging",
    "E46": "Splitting",
    "E47": "After a merge, or after the end for good",
    "E48": "Spam and restoring",
    "E49": "A stage entered again",
    "E50": "From team to team and back",
    "E51": "Assigned outside the hours of a team",
    "E52": "A child ticket that is open",
    "E53": "A step with nobody on call",
    "E54": "On leave, the deputy too",
    "E55": "Acknowledged just before the next step",
    "E56": "Acknowledged and then idle",
    "E57": "Resolved during an escalation",
    "E58": "An escalation that raises the priority",
    "E59": "A path edited while it runs",
    "E60": "Round the clock for a team of the day",
    "E61": "Several thresholds at one instant",
    "E62": "Thousands due when the day begins",
    "E63": "A target of ninety business days",
    "E64": "A due past every calendar",
    "E65": "Zones in which instants are shown",
    "E66": "Two clocks of a complaint",
    "E67": "A messaging window",
    "E68": "A report as of then and as of now",
    "E69": "A person erased",
}
# What no test can tell yet, with the part of the product that it waits for.
WAITS = {
    "E52": "relations of tickets",
    "E69": "erasure of people, with access and privacy",
}
HEAD = """# The scenarios of the engine, and the tests that tell them

Made from the markers of the tests; written anew by
`TOCSIN_RENEW=1 make test ARGS=tests/test_scenarios.py`.

| scenario | told by |
|---|---|
"""


def marked() -> Iterator[tuple[str, str]]:
    """Yield each scenario with the test that carries its marker."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.scenario":
                    for argument in mark.args:
                        assert isinstance(argument, ast.Constant)
                        yield str(argument.value), f"{path.relative_to(ROOT)}: {node.name}"


def found() -> dict[str, list[str]]:
    told: dict[str, list[str]] = defaultdict(list)
    for scenario, test in marked():
        told[scenario].append(test)
    return told


def page() -> str:
    told = found()
    rows = []
    for scenario, what in SCENARIOS.items():
        tests = "<br>".join(f"`{test}`" for test in sorted(told.get(scenario, ())))
        rows.append(f"| **{scenario}** {what} | {tests or f'waits for {WAITS[scenario]}'} |\n")
    return HEAD + "".join(rows)


def test_every_scenario_is_told_or_waits_for_a_part_that_is_named() -> None:
    told = set(found())
    assert told <= set(SCENARIOS), "a marker names a scenario that there is not"
    assert set(SCENARIOS) == told | set(WAITS)
    assert not told & set(WAITS), "what has a test waits no longer"
    assert list(SCENARIOS) == [f"E{k}" for k in range(1, 70)]


def test_the_page_of_scenarios_is_that_of_the_tests() -> None:
    if os.environ.get("TOCSIN_RENEW"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
