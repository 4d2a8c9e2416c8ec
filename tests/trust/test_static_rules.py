"""What the code must not contain, by looking at all of it: each rule is tried on a breach of it."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web.routes import ALL, parts

import tocsin
from tocsin.queries import access

SRC = Path(tocsin.__file__).parent
_OF_RE = {"compile", "match", "search", "fullmatch", "sub", "subn", "findall", "finditer", "split"}
# Patterns that are put together of texts in our own code, never of what somebody gave.
OUR_OWN = {
    "tocsin/web/on_call_edit.py": "sentences of ours, one beside the other",
    "tocsin/web/reasons.py": "sentences of ours, one beside the other",
    "tocsin/web/calendar_reasons.py": "sentences of ours, one beside the other",
    "tocsin/web/my_security.py": "names of browsers that we know, for names of ours",
    "tocsin/web/target_text.py": "words of ours for units of time",
}


@functools.cache
def parsed() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (f"tocsin/{path.relative_to(SRC)}", ast.parse(path.read_text()))
        for path in sorted(SRC.rglob("*.py"))
    )


def trees() -> Iterator[tuple[str, ast.Module]]:
    yield from parsed()


def variable_patterns(tree: ast.Module) -> list[int]:
    """Return the lines where a regular expression is made of more than the module's constants."""
    constants = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in _OF_RE
        and not {n.id for n in ast.walk(node.args[0]) if isinstance(n, ast.Name)} <= constants
    ]


@pytest.mark.promise("A49", "P36")
@pytest.mark.asvs("1.2.9")
def test_no_regular_expression_is_made_of_what_somebody_typed() -> None:
    found = {name for name, tree in trees() if variable_patterns(tree)}
    # Each of those that are left has been looked at.
    assert sorted(found - OUR_OWN.keys()) == []
    assert variable_patterns(ast.parse("re.search(typed, text)")) == [1]
    assert variable_patterns(ast.parse("re.search('a+', text)")) == []


@pytest.mark.promise("A51")
@pytest.mark.asvs("5.3.2")
def test_no_address_takes_the_name_of_a_file() -> None:
    # A part that may hold a slash is the key of a configuration, looked up in a table.
    keys = {"key", "named"}
    for name, pattern in ALL.items():
        for part, kind in parts(pattern).items():
            assert kind != "path" or part in keys, name
            assert not re.search("file|name$|folder|dir", part), name


@pytest.mark.long("reads all code")
@pytest.mark.promise("A51")
def test_the_ways_in_open_no_file_whose_name_they_were_given() -> None:
    for name, tree in trees():
        if not name.startswith(("tocsin/web/", "tocsin/api/")):
            continue
        for node in ast.walk(tree):
            assert not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "open"
            ), f"{name}:{node.lineno}"
            reads = isinstance(node, ast.Attribute) and node.attr in ("read_text", "read_bytes")
            # One file, that came with the product.
            assert not reads or name in _OWN_FILES, name


_OWN_FILES = {"tocsin/web/push.py", "tocsin/web/templating.py", "tocsin/api/openapi.py"}

# Functions that refuse by raising: nobody may go on by forgetting to look at what they return.
GUARDS = {"check_field", "seen_by"}
# These answer a question, and an answer that nobody looks at guards nothing.
ANSWERS = {"sees", "reads", "sees_all", "comes_from", "is_fresh", "covers"}


def ignored(tree: ast.Module, names: set[str]) -> list[int]:
    """Return the lines on which a function of these names is called and its answer dropped."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute | ast.Name)
        and (
            node.value.func.attr
            if isinstance(node.value.func, ast.Attribute)
            else node.value.func.id
        )
        in names
    ]


@pytest.mark.promise("A33", "P28")
@pytest.mark.asvs("8.3.1")
def test_what_answers_whether_somebody_may_is_never_asked_for_nothing() -> None:
    for name, tree in trees():
        assert ignored(tree, ANSWERS | {"missing"}) == [], name
    assert ignored(ast.parse("access.sees(by, it)"), ANSWERS) == [1]
    assert ignored(ast.parse("if access.sees(by, it): pass"), ANSWERS) == []


@pytest.mark.promise("A33")
def test_what_refuses_raises_and_returns_nothing_to_overlook() -> None:
    by = access.Actor(1, "x", hidden=frozenset({"a"}))
    with pytest.raises(access.NotFound):
        access.check_field(by, "a")
    assert access.check_field.__annotations__["return"] is None
    # A refusal is raised, and not made and dropped.
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                told = ast.unparse(node.value.func)
                refused = told.rpartition(".")[2] in ("NotFound", "NotAllowed", "Stale", "Invalid")
                assert not refused, f"{name}:{node.lineno}"


@pytest.mark.promise("A27")
@pytest.mark.asvs("1.2.4")
def test_no_filter_or_order_of_the_orm_is_made_of_a_name_that_came_from_outside() -> None:
    for name, tree in trees():
        if not name.startswith(
            ("tocsin/web/", "tocsin/api/", "tocsin/queries/", "tocsin/actions/")
        ):
            continue
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in ("filter", "exclude", "order_by", "annotate", "extra", "values"):
                spread = any(keyword.arg is None for keyword in node.keywords)
                named = node.func.attr in ("order_by", "extra") and not all(
                    isinstance(given, ast.Constant) for given in node.args
                )
                assert not spread, f"{name}:{node.lineno}"
                assert not named, f"{name}:{node.lineno}"
