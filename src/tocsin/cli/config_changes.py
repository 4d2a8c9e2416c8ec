"""Commands of `tocsin config` that need the desk: export, diff, apply."""

import argparse
import datetime as dt
import io
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from tocsin.actions import activation, tenants
from tocsin.cli import report
from tocsin.cli.imports import plain
from tocsin.kit.invalid import Invalid
from tocsin.kit.yaml_file import YamlFile
from tocsin.queries import access, configuration, drafts, policy_file, preview
from tocsin.queries.access import Actor
from tocsin.queries.configuration import SECTION, SINGLE, Kept
from tocsin.queries.policy_file import Thing
from tocsin.queries.preview import Preview

NOT_AGREED = 1
DIFFERS = 1
_SHOWN = 20
_LONGEST = 80


def export(given: argparse.Namespace) -> int:
    """Write the configuration in force as a policy file."""
    by = _operator(given)
    text = _written(configuration.document(by=by), configuration.newest(by=by), given.tenant)
    if given.file is None:
        sys.stdout.write(text)
        return 0
    try:
        given.file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Invalid(str(given.file), f"cannot be written: {error.strerror}") from None
    return 0


def diff(given: argparse.Namespace, file: YamlFile) -> int:
    """Show what differs between the configuration in force and a file."""
    changed = _changed(_operator(given), file)
    _show_changes(report.wide_console(), changed)
    return DIFFERS if changed else 0


def apply(given: argparse.Namespace, file: YamlFile) -> int:
    """Show what a file changes and what comes of it, and put it into force."""
    console, by = report.wide_console(), _operator(given)
    changed = _changed(by, file)
    _show_changes(console, changed)
    if not changed:
        return 0
    things = _to_publish(file, changed)
    how: dict[str, Any] = {"basis": given.basis, "reason": given.reason}
    try:
        rehearsed = activation.rehearse_all(things=things, by=by, **how)
        _show_preview(console, _previewed(by, rehearsed))
        if given.basis == activation.RESTATE and not given.reason.strip():
            raise Invalid("--reason", "verdicts that were reported change only for a reason")
        if not given.yes and not _agreed():
            sys.stdout.write("Nothing was changed.\n")
            return NOT_AGREED
        seen = rehearsed.before.config_version
        made = activation.activate_all(things=things, by=by, seen=seen, **how)
    except Invalid as error:
        raise (error if error.path.startswith("--") else file.located(error)) from None
    console.print(f"Published: {', '.join(made)}")
    return 0


def _operator(given: argparse.Namespace) -> Actor:
    found = tenants.find(given.tenant)
    if found is None:
        raise Invalid("--tenant", f"there is no tenant {given.tenant!r}")
    return access.operator(found)


def _agreed() -> bool:
    if not sys.stdin.isatty():
        sys.stderr.write("tocsin: nobody is there to ask; --yes puts it into force\n")
        return False
    sys.stdout.write("Put this into force? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


# ------------------------------------------------------------------------------------ what differs

_Change = tuple[Thing, Any]


def _changed(by: Actor, file: YamlFile) -> list[_Change]:
    """Return the things of a file that are not as they are in force, with what those are."""
    document = configuration.document(by=by)
    known = {(one.kind, one.key): policy_file.compared(one) for one in policy_file.things(document)}
    found: list[_Change] = []
    for thing in _things(file):
        was = known.get((thing.kind, thing.key))
        if was is None or drafts.differences(was, policy_file.compared(thing)):
            found.append((thing, was))
    return found


def _things(file: YamlFile) -> tuple[Thing, ...]:
    try:
        return policy_file.things(plain(file.data))
    except Invalid as error:
        raise file.located(error) from None


def _to_publish(file: YamlFile, changed: list[_Change]) -> list[Thing]:
    """Return what changed, and all policies, so that a refusal counts them as the file does."""
    wanted = {(thing.kind, thing.key) for thing, _ in changed}
    return [
        thing
        for thing in _things(file)
        if thing.kind == "policy" or (thing.kind, thing.key) in wanted
    ]


def _show_changes(console: Console, changed: list[_Change]) -> None:
    if not changed:
        console.print("Nothing differs from the configuration in force")
    for thing, was in changed:
        if was is None:
            console.print(f"{thing.place}: new")
            continue
        console.print(f"{thing.place}:")
        for one in drafts.differences(was, policy_file.compared(thing)):
            console.print(f"  {one.path}: {_text(one.was)} → {_text(one.now)}", highlight=False)


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return value
    found = json.dumps(value, ensure_ascii=False)
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"


# ------------------------------------------------------------------------------------ what it does


def _previewed(by: Actor, rehearsed: activation.Rehearsed) -> Preview:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} tickets"),
    )
    quiet, console = not sys.stderr.isatty(), Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("Looking at clocks", total=None)
        return preview.preview(
            before=rehearsed.before,
            after=rehearsed.after,
            by=by,
            now=rehearsed.at,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _show_preview(console: Console, found: Preview) -> None:
    console.print(
        f"{found.clocks:,} clocks looked at: {found.moved:,} running ones would be due at another"
        f" instant, {found.breach:,} would be breached, {found.recover:,} would recover,"
        f" {found.verdicts:,} verdicts would change",
        highlight=False,
    )
    if not found.rows:
        return
    table = Table()
    for name in ("ticket", "clock", "due", "would be due", "verdict", "would be"):
        table.add_column(name)
    for row in found.rows[:_SHOWN]:
        dues = (_instant(row.was_due), _instant(row.now_due))
        table.add_row(f"#{row.number}", row.clock, *dues, row.was_verdict, row.now_verdict)
    console.print(table)
    if len(found.rows) > _SHOWN:
        console.print(f"and more: these are the {_SHOWN} worst")


def _instant(at: dt.datetime | None) -> str:
    return "" if at is None else at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")


# ------------------------------------------------------------------------------------ as a file


def _written(
    document: Mapping[str, Any], known: Mapping[str, Mapping[str, Kept]], tenant: str
) -> str:
    """Return a configuration as YAML, in a fixed order, each thing's version beside it."""
    found = _commented(document)
    found.yaml_set_start_comment(f"The configuration of {tenant} in force, by tocsin config export")
    for kind, section in SECTION.items():
        if kind in SINGLE:
            if section in document:
                told = _version(known[kind].get(SINGLE[kind]))
                found.yaml_set_comment_before_after_key(section, before=told)
        elif kind != "policy":
            for key in document.get(section, {}):
                told = _version(known[kind].get(key))
                found[section].yaml_set_comment_before_after_key(key, before=told, indent=2)
    for policy in found["policies"]:
        told = _version(known["policy"].get(policy["key"]))
        if told:
            policy.yaml_add_eol_comment(told, "key")
    writer, target = YAML(), io.StringIO()
    writer.width = 100
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(found, target)
    return target.getvalue()


def _version(kept: Kept | None) -> str:
    if kept is None:
        return ""
    since = "" if kept.valid_from is None else f" since {_instant(kept.valid_from)}"
    author = f", by {kept.by}" if kept.by else ""
    # A comment is one line, whatever names hold.
    return " ".join(f"{kept.key} v{kept.version}{since}{author}".split())


def _commented(value: Any) -> Any:
    """Return plain data as the writer's own maps, which can hold comments."""
    if isinstance(value, Mapping):
        return CommentedMap(_pairs(value))
    return [_commented(one) for one in value] if isinstance(value, list) else value


def _pairs(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, one in value.items():
        yield name, _commented(one)
