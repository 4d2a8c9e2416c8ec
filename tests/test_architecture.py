"""Guards of docs/architecture.md; each is also broken here once, to see that it would notice."""

import ast
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {c["id"]: c["name"] for c in PYPROJECT["tool"]["importlinter"]["contracts"]}
FORBIDDEN = next(
    c["forbidden_modules"]
    for c in PYPROJECT["tool"]["importlinter"]["contracts"]
    if c["id"] == "engine-pure"
)

MODULE_LINES = 400
FUNCTION_LINES = 40
KIT_MODULES = 10
# One word per idea: a name that fits everything says nothing.
EMPTY_NAMES = re.compile(r"(util|helper|manager|service|handler)s?|common|base")

Sources = dict[str, str]


# ------------------------------------------------------------------------------ reading the source


def modules(src: Path = SRC) -> Iterator[tuple[str, Path]]:
    """Yield each module's dotted name and file."""
    for path in sorted(src.rglob("*.py")):
        parts = path.relative_to(src).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def tree_of(path: Path) -> ast.Module:
    return _parsed(path.read_text(encoding="utf-8"))


@functools.cache
def _parsed(text: str) -> ast.Module:
    """Parse a text once: every guard reads every module. Nobody changes the tree."""
    return ast.parse(text)


def imports_of(path: Path) -> set[str]:
    """Return what a module imports; ``from a import b`` counts as both `a` and `a.b`."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # Ruff bans relative imports (TID252), so there is always a module.
            assert node.module is not None
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def within(name: str, *places: str) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


# -------------------------------------------------------------------- (a) the contracts on imports


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a copy of the source and the contracts, to be broken."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SRC, tmp_path / "src", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def write(project: Path, sources: Sources) -> None:
    for name, text in sources.items():
        path = project / "src" / "tocsin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def lint(project: Path) -> tuple[set[str], str]:
    """Return the ids of the broken contracts and what import-linter said."""
    # By this interpreter: the script beside it need not be on the path.
    call = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", call, "--no-cache", "--no-logo", "--config", "pyproject.toml"],
        cwd=project,
        # The copy must be found before the installed source.
        env={**os.environ, "PYTHONPATH": str(project / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE)
    assert dict(verdicts).keys() == set(CONTRACTS.values()), done.stdout + done.stderr
    broken = {id_ for id_, name in CONTRACTS.items() if dict(verdicts)[name] == "BROKEN"}
    assert (done.returncode != 0) == bool(broken), done.stdout
    return broken, done.stdout


BREAKS: dict[str, tuple[str, Sources]] = {
    "a lower layer imports a higher one": (
        "layers",
        {"pulse/probe.py": "import tocsin.api\n"},
    ),
    "two ways in know each other": ("layers", {"web/probe.py": "import tocsin.api\n"}),
    "the top is imported from below": ("layers", {"cli/probe.py": "import tocsin.site\n"}),
    "a module stands in no layer": ("layers", {"probe.py": ""}),
    "the engine reaches impurity through kit": (
        "engine-pure",
        {"engine/probe.py": "from tocsin.kit import probe\n", "kit/probe.py": "import os\n"},
    ),
    "the engine imports only for types": (
        "engine-pure",
        {
            "engine/probe.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
            "    from pathlib import Path\n"
        },
    ),
    "a second engine module uses numpy": ("engine-numpy", {"engine/probe.py": "import numpy\n"}),
    "numpy comes in through kit": (
        "engine-numpy",
        {
            "engine/probe.py": "from tocsin.kit import probe\n",
            "kit/probe.py": "from numpy import typing\n",
        },
    ),
    "web imports records": ("ways-in", {"web/probe.py": "from tocsin import records\n"}),
    "api imports records": ("ways-in", {"api/probe.py": "import tocsin.records\n"}),
    "cli imports records": ("ways-in", {"cli/probe.py": "import tocsin.records\n"}),
    "a channel imports another": (
        "channels",
        {
            "channels/probe_a/__init__.py": "",
            "channels/probe_a/send.py": "from tocsin.channels import probe_b\n",
            "channels/probe_b/__init__.py": "",
        },
    ),
    "two siblings import each other": (
        "no-cycles",
        {
            "engine/probe_a.py": "import tocsin.engine.probe_b\n",
            "engine/probe_b.py": "import tocsin.engine.probe_a\n",
        },
    ),
    "a cycle far down": (
        "no-cycles",
        {
            "channels/probe/__init__.py": "",
            "channels/probe/parts/__init__.py": "",
            "channels/probe/parts/one.py": "import tocsin.channels.probe.parts.two\n",
            "channels/probe/parts/two.py": "import tocsin.channels.probe.parts.three\n",
            "channels/probe/parts/three.py": "import tocsin.channels.probe.parts.one\n",
        },
    ),
}


def test_every_contract_is_broken_once_here() -> None:
    assert {contract for contract, _ in BREAKS.values()} == set(CONTRACTS)


@pytest.mark.long("breaks each contract once")
@pytest.mark.parametrize("case", BREAKS)
def test_a_contract_notices(project: Path, case: str) -> None:
    contract, sources = BREAKS[case]
    write(project, sources)
    broken, said = lint(project)
    assert broken == {contract}, said


def test_the_contracts_hold_and_allow_what_is_meant(project: Path) -> None:
    write(
        project,
        {
            # Records may be reached, only not directly.
            "queries/probe.py": "import tocsin.records\n",
            "web/probe.py": "import tocsin.queries.probe\n",
            # The registry knows all channels.
            "channels/registry.py": "from tocsin.channels import probe\n",
            "channels/probe/__init__.py": "",
            # The rest of the engine may call what works in bulk.
            "engine/bulk.py": "import numpy\n",
            "engine/probe.py": "import tocsin.engine.bulk\n",
        },
    )
    broken, said = lint(project)
    assert broken == set(), said


def test_the_engine_notices_every_forbidden_module(project: Path) -> None:
    write(project, {f"engine/probe_{name}.py": f"import {name}\n" for name in FORBIDDEN})
    broken, said = lint(project)
    assert broken == {"engine-pure"}
    for name in FORBIDDEN:
        assert f"tocsin.engine is not allowed to import {name}:" in said


# ----------------------------------------------------- what import-linter cannot say, or not alone


def test_the_engine_imports_only_the_standard_library_kit_and_itself() -> None:
    for name, path in modules():
        if not within(name, "tocsin.engine"):
            continue
        for imported in imports_of(path):
            top = imported.partition(".")[0]
            ours = within(imported, "tocsin.engine", "tocsin.kit") or imported == "tocsin"
            bulk = top == "numpy" and name == "tocsin.engine.bulk"
            assert ours or bulk or top in sys.stdlib_module_names, f"{name} imports {imported}"


def test_the_root_package_imports_nothing() -> None:
    # It is imported before every layer and belongs to none, so anything in it would reach all.
    assert imports_of(SRC / "tocsin" / "__init__.py") == set()


# Who may import the audit records: the one writer, the one reader, and the records layer itself,
# which has to declare and migrate the table. That the reader only reads, and that nobody takes the
# table by a name in a string, is for the database's own rights to keep: imports cannot show it.
AUDIT_RECORDS = "tocsin.records.audit"
AUDIT_READERS = ("tocsin.actions.audit", "tocsin.queries.audit", "tocsin.records")


def audit_importers(src: Path) -> set[str]:
    """Return the modules that import the audit records and may not."""
    return {
        name
        for name, path in modules(src)
        if not within(name, *AUDIT_READERS)
        and any(within(imported, AUDIT_RECORDS) for imported in imports_of(path))
    }


def test_only_the_audit_action_writes_the_audit_records() -> None:
    assert audit_importers(SRC) == set()


@pytest.mark.long("looks through all code for each")
@pytest.mark.parametrize(
    "line",
    [
        "import tocsin.records.audit",
        "from tocsin.records import audit",
        "from tocsin.records import audit as log",
        "from tocsin.records.audit import Entry",
    ],
)
def test_another_writer_of_the_audit_records_is_noticed(project: Path, line: str) -> None:
    # The layer has no audit records yet; the rule stands before they come.
    allowed = {f"{layer}/audit.py": f"{line}\n" for layer in ("actions", "queries")}
    write(project, {"records/audit.py": "class Entry: ...\n", **allowed})
    assert audit_importers(project / "src") == set()
    write(project, {"actions/probe.py": f"def act() -> None:\n    {line}\n"})
    assert audit_importers(project / "src") == {"tocsin.actions.probe"}


# --------------------------------------------------------------------------------- (b) the budgets


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines from `def` to the end, without the docstring: to explain is free."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        assert docstring.end_lineno is not None
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


def too_long(src: Path) -> list[str]:
    found = []
    for name, path in modules(src):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        # Migrations are written by Django from the models; nobody reads them from top to bottom.
        if lines > MODULE_LINES and ".migrations." not in name:
            found.append(f"{name} has {lines} lines")
        for function in functions(tree_of(path)):
            if length(function) > FUNCTION_LINES:
                found.append(f"{name}.{function.name} has {length(function)} lines")
    return found


def receivers(src: Path) -> list[str]:
    """Return the modules that touch Django's signals: what happens is to be read, not heard."""
    return [
        name
        for name, path in modules(src)
        if any(
            within(imported, "django.dispatch") or "signals" in imported.split(".")
            for imported in imports_of(path)
        )
    ]


def empty_names(src: Path) -> list[str]:
    return [
        name
        for name, _ in modules(src)
        if any(EMPTY_NAMES.fullmatch(part.strip("_")) for part in name.split("."))
    ]


def test_modules_and_functions_are_short() -> None:
    assert too_long(SRC) == []


def test_there_are_no_signal_receivers() -> None:
    assert receivers(SRC) == []


def test_no_module_has_an_empty_name() -> None:
    assert empty_names(SRC) == []


def test_kit_stays_small() -> None:
    kit = [
        name for name, path in modules() if within(name, "tocsin.kit") and path.stem != "__init__"
    ]
    assert len(kit) <= KIT_MODULES


def test_the_budgets_notice(tmp_path: Path) -> None:
    sources = {
        "tocsin/long.py": "\n" * 401,
        "tocsin/full.py": "\n" * 400,
        "tocsin/deep.py": "def f():\n    '''Say\n    it.'''\n" + "    pass\n" * 40,
        "tocsin/fits.py": "def f():\n    '''Say\n    it.'''\n" + "    pass\n" * 39,
        "tocsin/heard.py": "from django.db.models.signals import post_save\n",
        "tocsin/ears.py": "from django.dispatch import receiver\n",
        "tocsin/utils/__init__.py": "",
        "tocsin/_helper.py": "",
        "tocsin/servicenow.py": "",
    }
    for name, text in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert too_long(tmp_path) == ["tocsin.deep.f has 41 lines", "tocsin.long has 401 lines"]
    assert receivers(tmp_path) == ["tocsin.ears", "tocsin.heard"]
    assert empty_names(tmp_path) == ["tocsin._helper", "tocsin.utils"]


# ----------------------------------------------------------- (c) time is read in kit, nowhere else

CLOCKS = """\
import datetime
import datetime as dt
import time
from datetime import date, datetime as moment
from time import time as seconds

from django.utils import timezone

datetime.datetime.now(datetime.UTC)
dt.datetime.utcnow()
dt.datetime.today()
dt.date.today()
time.time()
time.time_ns()
time.gmtime()
time.localtime()
timezone.now()
moment.now(dt.UTC)
date.today()
seconds()
default = moment.now
"""


def ruff(text: str, place: str) -> list[int]:
    """Return the lines of `text` on which ruff refuses a call, were the text at `place`."""
    options = ["--select=TID251", "--output-format=json", "--no-cache", "--stdin-filename", place]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, "-"],
        cwd=ROOT,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return sorted(found["location"]["row"] for found in json.loads(done.stdout))


def test_reading_the_clock_is_refused_outside_kit() -> None:
    lines = CLOCKS.splitlines()
    # Where a banned function is imported by name, ruff refuses the import and not each call.
    expected = set(range(lines.index("datetime.datetime.now(datetime.UTC)") + 1, len(lines) + 1))
    expected -= {lines.index("seconds()") + 1}
    expected |= {lines.index("from time import time as seconds") + 1}
    for place in ("src/tocsin/engine/probe.py", "src/tocsin/cli/probe.py", "tests/probe.py"):
        assert set(ruff(CLOCKS, place)) == expected, place
    assert ruff(CLOCKS, "src/tocsin/kit/probe.py") == []


# ------------------------------------------------- (e) nothing in the files belongs to one machine

# Put together here, so that this file does not find itself.
_SLASH = "/"
_DOT = r"\."
_ELSEWHERE = re.compile(
    "|".join(
        [
            # The hosts of package registries.
            rf"\bpypi{_DOT}org\b",
            rf"\bpythonhosted{_DOT}org\b",
            rf"\bnpmjs{_DOT}(?:org|com)\b",
            rf"\bcrates{_DOT}io\b",
            rf"\bproxy{_DOT}golang{_DOT}org\b",
            rf"\bdeb{_DOT}debian{_DOT}org\b",
            # Folders that exist on the machine of whoever wrote the line.
            rf"(?<![\w.~-]){_SLASH}work{_SLASH}(?:main|shared|\.)",
            rf"(?<![\w.~-]){_SLASH}root{_SLASH}",
        ]
    )
)


def committed() -> list[Path]:
    """Return what is in git, and what would be: new files that are not ignored."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    found = []
    for path in committed():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if hit := _ELSEWHERE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {hit.group()}")
    assert found == []


def test_such_names_are_noticed() -> None:
    dot = "."
    for text in (
        f"{_SLASH}work/main",
        f'"{_SLASH}root{_SLASH}.cache"',
        f"--index-url https://pypi{dot}org/simple",
        f"files.pythonhosted{dot}org",
        f"registry.npmjs{dot}org",
    ):
        assert _ELSEWHERE.search(text), text
    for text in ("../shared/data", "docs/work/page", "tocsin.queries.work_next", "src/root/x"):
        assert not _ELSEWHERE.search(text), text
