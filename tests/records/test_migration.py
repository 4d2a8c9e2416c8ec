"""The migration of all tables is what the models say, in as few steps as there can be.

Each step that adds one thing to a table has Django look at all tables anew: told within the making
of its table, an installation is made in half the time.
"""

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

from django.apps import apps
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter
from tests.records.test_snapshot import RENEW

GROUND = ("records", "0001_ground")
PLACE = Path(str(resources.files("tocsin.records") / "migrations/0002_records.py"))


def test_it_is_what_the_models_say() -> None:
    if os.environ.get(RENEW):
        PLACE.write_text(written(), encoding="utf-8")
    kept = PLACE.read_text(encoding="utf-8")
    assert kept == written(), "the tables are others now: run `make schema`, look at the diff"


def written() -> str:
    """Return the migration as it stands in its file."""
    told = {"initial": True, "dependencies": [GROUND], "operations": folded(found())}
    made = type("Made", (Migration,), told)("0002_records", "records")
    text = MigrationWriter(made, include_header=False).as_string()
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(PLACE), "-"]
    text = f'"""All tables."""\n\n{text}'
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def found() -> list[Operation]:
    """Return what makes all tables where there is none, as Django finds it."""
    graph = MigrationGraph()
    graph.add_node(GROUND, Migration("0001_ground", "records"))
    detected = MigrationAutodetector(ProjectState(), ProjectState.from_apps(apps))
    changes = detected.changes(graph, trim_to_apps={"records"}, convert_apps={"records"})
    return [one for migration in changes["records"] for one in migration.operations]


def folded(operations: list[Operation]) -> list[Operation]:
    """Return the same with constraints and indexes told where their table is made.

    Those of a field that comes later, since two tables point at each other, stay what they are.
    """
    made: dict[str, CreateModel] = {}
    later: dict[str, set[str]] = {}
    for one in operations:
        if isinstance(one, AddField):
            later.setdefault(one.model_name_lower, set()).add(one.name)
    kept: list[Operation] = []
    for one in operations:
        if isinstance(one, CreateModel):
            made[one.name_lower] = one
            one.options = dict(one.options)
        elif isinstance(one, AddConstraint | AddIndex):
            table, told = one.model_name_lower, one.deconstruct()[2]
            [(key, what)] = [(k, v) for k, v in told.items() if k != "model_name"]
            names = str(what.deconstruct())
            if not any(f"'{n}'" in names or f"'{n}_id'" in names for n in later.get(table, ())):
                plural = {"constraint": "constraints", "index": "indexes"}[key]
                made[table].options.setdefault(plural, []).append(what)
                continue
        kept.append(one)
    return kept
