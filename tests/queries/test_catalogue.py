"""Every way to read or change state is declared with its right, and there is no way around it."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.desk import Database, company

import tocsin
from tocsin import actions, queries
from tocsin.queries import access
from tocsin.queries.access import CATALOGUE, Actor, NotFound, Right

SRC = Path(tocsin.__file__).parent
WAYS_IN = ("web", "api", "cli", "pulse")

# Modules whose functions ask for no right: only declared functions call them, or nothing they
# return or write belongs to a tenant.
INNER = {
    "tocsin.queries.calendar_report": "pure: what a calendar does to the time ahead",
    "tocsin.actions.alarms": "rows that tell administrators, inside the caller's transaction",
    "tocsin.queries.access": "the rights themselves",
    "tocsin.queries.granted": "what makes an actor of a person, inside a tenant",
    "tocsin.queries.reach": "the transaction that queries run in",
    "tocsin.queries.audit": "how an instant is written",
    "tocsin.actions.restating": "notes what the ledger is about to change",
    "tocsin.queries.books": "a part of the configuration, inside a tenant",
    "tocsin.queries.stages": "a part of the configuration, inside a tenant",
    "tocsin.queries.book_form": "what is wrong with what was typed, for drafts",
    "tocsin.queries.desk": "the configuration, for actions inside a tenant",
    "tocsin.queries.discipline": "pure: what policies ask of a pause",
    "tocsin.queries.facts": "the log, for actions inside a tenant",
    "tocsin.queries.filters": "what lists hold, as SQL; no statement of its own",
    "tocsin.queries.naming": "names out of the configuration",
    "tocsin.queries.on_call": "who is there, asked of the configuration",
    "tocsin.queries.on_call_form": "what is wrong with what was typed, for drafts",
    "tocsin.queries.rotas": "a part of the configuration, inside a tenant",
    "tocsin.queries.overruns": "arithmetic on rows that were read, and the log inside a tenant",
    "tocsin.queries.notified": "whom a policy may name",
    "tocsin.queries.pipeline_form": "what is wrong with what was typed, for drafts",
    "tocsin.queries.projection": "pure: what tables keep of tickets and clocks",
    "tocsin.queries.sentences": "pure: what to say to a customer",
    "tocsin.queries.promise_form": "what is wrong with what was typed, for drafts",
    "tocsin.queries.showing": "cards and clocks, for queries that have checked their right",
    "tocsin.queries.strips": "pure: a clock as a strip",
    "tocsin.queries.tally": "counts, for the hub",
    "tocsin.actions.read_budget": "how much may still be read, inside a tenant",
    "tocsin.actions.audit": "appends what a declared action did",
    "tocsin.actions.births": "a part of opening",
    "tocsin.actions.configuration": "records what a declared action did",
    "tocsin.actions.effects": "carries out what the engine decided",
    "tocsin.actions.escalated": "a part of the ledger: rows of escalations",
    "tocsin.actions.routing": "a part of a step: who gets a ticket",
    "tocsin.actions.steps": "carries out what the engine decided",
    "tocsin.queries.path_form": "what is wrong with what was typed, for drafts",
    "tocsin.queries.paths": "a part of the configuration, inside a tenant",
    "tocsin.queries.running": "pure: what tables keep of escalations",
    "tocsin.actions.given": "checks what a caller gave",
    "tocsin.actions.carriers": "what channels say of themselves; values",
    "tocsin.actions.ledger": "the transaction around every change",
    "tocsin.actions.letters": "what is leased, and what came of it; values",
    "tocsin.actions.other_ways": "a part of what came of a letter, inside its transaction",
    "tocsin.actions.saml_settings": "pure: what a provider by SAML is told to be",
    "tocsin.actions.strongbox": "seals and opens texts; no rows",
    "tocsin.actions.one_time_codes": "pure: codes of apps, recovery codes",
    "tocsin.actions.messages": "rows of messages",
    "tocsin.actions.publishing": "a part of activating, inside its transaction",
    "tocsin.actions.recipients": "who is told",
    "tocsin.queries.template_form": "what is wrong with what was typed, for drafts",
    "tocsin.queries.responsibility_form": "what is wrong with what was typed, for drafts",
    "tocsin.queries.reaching": "a part of the configuration, inside a tenant",
    "tocsin.actions.wording": "puts a leased letter into words",
    "tocsin.actions.notifying": "rows that tell people, inside the caller's transaction",
    "tocsin.actions.links": "addresses and what is signed; no rows of anybody",
    "tocsin.actions.holding": "a part of the ledger: what waits before it is told",
    "tocsin.actions.calling_off": "a part of the ledger: what need not be told any more",
    "tocsin.actions.statuses": "a part of moving",
    "tocsin.actions.waiting": "a part of pausing",
    "tocsin.actions.hooks": "addresses and seals, no rows of anybody",
    "tocsin.actions.phone_numbers": "pure: what a telephone number is",
    "tocsin.actions.twilio": "pure: a provider's account, signature and errors",
    "tocsin.actions.work": "a ticket in hand",
    "tocsin.actions.one_time_links": "links that work once, inside the caller's transaction",
    "tocsin.actions.private_letters": "rows and words of letters, inside the caller's transaction",
    "tocsin.actions.sessions": "how sessions end, inside the caller's transaction",
    "tocsin.actions.leaving": "a part of deactivating: what ends, and who has the tickets then",
    "tocsin.actions.placing": "a part of provisioning, inside its transaction",
}
# These the ways in may use besides: types, actors, refusals; the configuration as a value.
TYPES = {
    *("tocsin.queries.access", "tocsin.queries.calendar_report", "tocsin.queries.desk"),
    "tocsin.queries.stages",
    "tocsin.queries.reaching",
    # Where the installation is found, for addresses that others are given.
    "tocsin.actions.links",
    # What channels say of themselves, what is leased, and the box that secrets are kept in.
    *("tocsin.actions.carriers", "tocsin.actions.letters", "tocsin.actions.strongbox"),
}
# Functions of the installation itself: they make databases and look at them, before any tenant.
OF_THE_INSTALLATION = {
    "tocsin.actions.installation": "roles, databases, migrations; only the command line calls it",
    "tocsin.queries.health": "figures of the whole installation, no rows of anybody",
}

# Single functions of declared modules that touch no state.
PURE = {
    "tocsin.actions.due.reason": "words an error",
    "tocsin.actions.outbox.delay": "arithmetic",
    "tocsin.actions.passwords.checked": "looks at a text; no rows",
    "tocsin.actions.passwords.hashed": "arithmetic on a text",
    "tocsin.queries.api_tokens.offered": "compares values",
    "tocsin.queries.api_tokens.rights_of": "compares values",
    "tocsin.queries.compliance.dimensions_of": "compares values",
    "tocsin.queries.configuration.plain": "arithmetic on rows that were read",
    "tocsin.queries.configuration.written": "arithmetic on rows that were read",
    "tocsin.queries.drafts.differences": "compares two values",
    "tocsin.queries.drafts.refusals": "a part of mistakes, inside a tenant",
    "tocsin.queries.examples.read": "reads a file's data",
    "tocsin.queries.examples.run": "reckons by a file's data",
    "tocsin.queries.examples.under": "reads a file's data",
    "tocsin.queries.policy_file.compared": "reads a file's data",
    "tocsin.queries.policy_file.refusals": "reads a file's data",
    "tocsin.queries.policy_file.things": "reads a file's data",
    "tocsin.queries.path_starters.starters": "data that comes with Tocsin",
    "tocsin.queries.readers.lies_in": "compares values",
    "tocsin.queries.starters.calendars": "data that comes with Tocsin",
    "tocsin.queries.starters.pipeline": "data that comes with Tocsin",
    "tocsin.queries.starters.policy": "data that comes with Tocsin",
    "tocsin.queries.starters.starters": "data that comes with Tocsin",
    "tocsin.queries.faces.badness": "an order",
    "tocsin.queries.faces.line": "arithmetic",
    "tocsin.queries.faces.shown": "arithmetic on rows that were read",
    "tocsin.queries.timeline.contacts": "a part of timeline and why, inside a tenant",
    "tocsin.queries.watch.read": "reads what the watchman noted",
    "tocsin.queries.timeline.name_of": "a name out of the configuration",
}
# A name that is no deed.
CONSTANTS = {"pulse/doorbell.py": ["tocsin.actions.ledger", "tocsin.actions.ledger.DOORBELL"]}


def modules() -> Iterator[ModuleType]:
    for package in (actions, queries):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def public(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, found in vars(module).items():
        if name.startswith("_") or not inspect.isfunction(found):
            continue
        if found.__module__ == module.__name__:
            yield f"{module.__name__}.{name}", found


ALL = {module.__name__: dict(public(module)) for module in modules()}
EVERYWHERE = {name: found for functions in ALL.values() for name, found in functions.items()}
DECLARED = sorted(CATALOGUE)
CHECKED = [name for name in DECLARED if hasattr(EVERYWHERE.get(name), "__wrapped__")]


@pytest.mark.promise("P28")
@pytest.mark.asvs("8.2.1")
def test_every_public_function_of_actions_and_queries_declares_its_right() -> None:
    undeclared = [
        name
        for module, functions in ALL.items()
        if module not in INNER and module not in OF_THE_INSTALLATION
        for name in functions
        if name not in CATALOGUE and name not in PURE
    ]
    assert undeclared == [], "declare a right with access.needs, or list the module with a reason"


def test_every_declaration_is_of_a_function_that_there_is() -> None:
    assert [name for name in DECLARED if name not in EVERYWHERE] == []
    assert {name.rpartition(".")[0] for name in DECLARED} & set(INNER) == set()


def test_an_inner_part_that_is_gone_is_not_listed_any_more() -> None:
    assert set(INNER) - set(ALL) == set()
    assert set(OF_THE_INSTALLATION) - set(ALL) == set()


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def inner_parts(source: set[str]) -> list[str]:
    closed = set(INNER) - TYPES
    return sorted(name for name in source if any(f"{name}.".startswith(f"{m}.") for m in closed))


@pytest.mark.promise("P28")
def test_no_way_in_reaches_an_inner_part() -> None:
    found = {
        str(path.relative_to(SRC)): inner_parts(imports(path))
        for way in WAYS_IN
        for path in sorted((SRC / way).rglob("*.py"))
    }
    assert len(found) > 8
    # The pulse is given no rights by anybody: it takes what is due, by the ledger's own lock.
    assert {path: names for path, names in found.items() if names} == CONSTANTS


def test_an_import_of_an_inner_part_would_be_noticed(tmp_path: Path) -> None:
    for line in (
        "from tocsin.actions import ledger",
        "import tocsin.queries.projection",
        "def f():\n    from tocsin.queries.facts import of_tickets",
    ):
        (tmp_path / "probe.py").write_text(line)
        assert inner_parts(imports(tmp_path / "probe.py"))
    (tmp_path / "probe.py").write_text("from tocsin.queries.access import Actor")
    assert inner_parts(imports(tmp_path / "probe.py")) == []


# ------------------------------------------------------------------------------------ the check


@pytest.mark.promise("P27")
@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.asvs("8.2.1", "8.3.1")
def test_without_the_right_the_answer_is_that_of_a_missing_thing(name: str) -> None:
    function, right = EVERYWHERE[name], CATALOGUE[name]
    every_other = Actor(1, "somebody", frozenset(Right) - {right})
    told = str(access.missing())
    for actor in (Actor(1, "nobody"), every_other):
        with pytest.raises(NotFound) as refused:
            # The right comes first: arguments that are not there are not even looked at.
            function(by=actor)
        assert type(refused.value) is NotFound
        assert str(refused.value) == told


@pytest.mark.parametrize("name", CHECKED)
def test_who_asks_must_be_said(name: str) -> None:
    function = EVERYWHERE[name]
    for given in ({}, {"by": None}, {"by": "operator"}, {"by": frozenset(Right)}):
        with pytest.raises(TypeError, match=r"by=Actor"):
            function(**given)
    assert inspect.signature(function).parameters["by"].kind is inspect.Parameter.KEYWORD_ONLY


def test_what_is_not_checked_is_for_the_installation_itself() -> None:
    unchecked = set(DECLARED) - set(CHECKED)
    assert {CATALOGUE[name] for name in unchecked} == {Right.OPERATE}


def test_every_right_but_those_to_come_is_asked_for_by_something() -> None:
    asked = set(CATALOGUE.values())
    assert asked >= {
        *(Right.READ_TICKETS, Right.OPEN_TICKETS, Right.WRITE, Right.NOTE, Right.ASSIGN),
        *(Right.CHANGE, Right.CONFIGURE, Right.ADMINISTER, Right.OPERATE),
    }


# ------------------------------------------------------------------------------ denied = not there


@pytest.mark.promise("P27")
def test_denied_and_not_found_are_one_answer(database: Database) -> None:
    from tocsin.actions import customers, tickets

    desk = company()
    contact = customers.add_contact(name="Cara", by=desk.operator)
    theirs = desk.open()
    by = access.contact(desk.tenant, contact)

    def answer(**given: Any) -> tuple[type[BaseException], str]:
        with pytest.raises(access.Refused) as refused:
            tickets.reply(body="x", **given)
        return type(refused.value), str(refused.value)

    gone = answer(ticket_id=10**9, by=by)
    assert gone[0] is NotFound
    assert answer(ticket_id=theirs, by=by) == gone
    assert answer(ticket_id=10**9, by=desk.person("ann")) == gone


@pytest.mark.promise("P27")
def test_the_wrong_role_and_the_missing_ticket_are_one_answer(database: Database) -> None:
    from tocsin.actions import tickets

    desk = company()
    ticket = desk.open()
    told = set()
    for id_, by in ((ticket, desk.person("ann", "auditor")), (10**9, desk.person("ann"))):
        with pytest.raises(NotFound) as refused:
            tickets.reply(ticket_id=id_, body="x", by=by)
        told.add(str(refused.value))
    assert len(told) == 1
