"""The modules that say who may do what, each changed in a small way: some test must notice."""

import ast
import functools
import random
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.queries import test_granted, test_reach

from tocsin.queries import access, granted, reach

MODULES = {"access": access, "granted": granted, "reach": reach}
SWAPS: dict[type, type] = {
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Eq: ast.NotEq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Sub: ast.BitOr,
}
# What only a test with a database notices: `test_what_a_person_holds_is_read_from_the_tables`.
BY_DATABASE = {"sets or '[]'", "teams or ()", "rules or '[]'"}
SEED, MOST = 7, 200


def places(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield what may be changed: the place of a node in the walk, and how."""
    for k, node in enumerate(ast.walk(tree)):
        match node:
            case ast.BoolOp(op=op) | ast.BinOp(op=op) if type(op) in SWAPS:
                yield k, "operator"
            case ast.Compare(ops=[op]) if type(op) in SWAPS:
                yield k, "comparison"
            case ast.If() | ast.IfExp():
                yield k, "always"
                yield k, "never"
            case ast.Return(value=ast.Constant(value=bool())):
                yield k, "answer"


def mutant(source: str, place: int, how: str) -> str:
    """Return the source with one thing changed."""
    tree = ast.parse(source)
    node: Any = list(ast.walk(tree))[place]
    match how:
        case "operator":
            node.op = SWAPS[type(node.op)]()
        case "comparison":
            node.ops = [SWAPS[type(node.ops[0])]()]
        case "always" | "never":
            node.test = ast.Constant(how == "always")
        case "answer":
            node.value = ast.Constant(not node.value.value)
    return ast.unparse(ast.fix_missing_locations(tree))


def module_of(real: types.ModuleType, source: str) -> types.ModuleType:
    made = types.ModuleType(real.__name__)
    made.__dict__["__file__"] = real.__file__
    # Dataclasses look their module up by its name.
    kept = sys.modules[real.__name__]
    sys.modules[real.__name__] = made
    try:
        exec(compile(source, real.__file__ or "", "exec"), made.__dict__)
    finally:
        sys.modules[real.__name__] = kept
    return made


def pure_tests(module: types.ModuleType) -> Iterator[Callable[[], None]]:
    """Yield the tests of a module that need no database, with each of their parameters."""
    for name, test in vars(module).items():
        if not name.startswith("test_") or not callable(test):
            continue
        marks = [m for m in getattr(test, "pytestmark", ()) if m.name == "parametrize"]
        code = test.__code__
        names = code.co_varnames[: code.co_argcount]
        if not marks:
            if not names:
                yield test
            continue
        if len(marks) == 1:
            wanted = marks[0].args[0]
            wanted = (wanted,) if isinstance(wanted, str) else tuple(wanted)
            if set(names) == set(wanted):
                for values in marks[0].args[1]:
                    given = values if len(wanted) > 1 else (values,)
                    yield functools.partial(test, **dict(zip(wanted, given, strict=True)))


def put_in_place(patched: pytest.MonkeyPatch, name: str, made: types.ModuleType) -> None:
    """Have the tests, and what they look at, mean the changed module and its classes."""
    real = MODULES[name]
    for place in (test_reach, test_granted, reach, granted):
        for key, value in list(vars(place).items()):
            if value is real:
                patched.setattr(place, key, made)
            elif isinstance(value, type) and vars(real).get(key) is value:
                patched.setattr(place, key, vars(made)[key])


def is_noticed(name: str, source: str) -> bool:
    """Say whether a test fails once the module says this instead."""
    try:
        made = module_of(MODULES[name], source)
    except Exception:
        # What cannot even be loaded is noticed by everybody.
        return True
    with pytest.MonkeyPatch.context() as patched:
        put_in_place(patched, name, made)
        for test in (*pure_tests(test_reach), *pure_tests(test_granted)):
            try:
                test()
            except (Exception, pytest.fail.Exception):
                return True
    return False


@pytest.mark.long("changes the three modules in all the small ways")
@pytest.mark.promise("P28")
def test_whoever_changes_a_rule_of_access_is_told_so_by_a_test() -> None:
    for name in ("access", "granted", "reach"):
        assert not is_noticed(name, _source(name)), name
    tried = [
        (name, place, how)
        for name in ("access", "granted", "reach")
        for place, how in places(ast.parse(_source(name)))
    ]
    random.Random(SEED).shuffle(tried)
    survived = [
        f"{name}: {how} of {ast.unparse(list(ast.walk(ast.parse(_source(name))))[place])[:70]}"
        for name, place, how in tried[:MOST]
        if not is_noticed(name, mutant(_source(name), place, how))
    ]
    assert [one for one in survived if one.partition(" of ")[2] not in BY_DATABASE] == []


def _source(name: str) -> str:
    return Path(str(MODULES[name].__file__)).read_text(encoding="utf-8")
