"""What lists are asked for is one of ours, or it is refused; and forms change what they say."""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from tests.desk import Database
from tests.web import routes
from tests.web.conftest import Pages
from tests.web.routes import ALL, FORMS, PUBLIC, SEEN, address, query, right_of

import tocsin
from tocsin.queries.access import RIGHTS

SRC = Path(tocsin.__file__).parent
HOSTILE = (
    "assignee__password",
    "-team__lead__password",
    "person.password",
    "1; DROP TABLE ticket",
    "' OR '1'='1",
    "P1'--",
    '"x"',
    "%",
    "\x00",
    "${jndi:x}",
    "1e400",
    "9" * 30,
    "-1",
    "../../etc/passwd",
)


@pytest.fixture
def desk(pages: Pages) -> Pages:
    pages.made.open(subject="nectar")
    routes.prepare(pages.made)
    return pages


def asked_for(name: str) -> set[str]:
    """Return the parameters that the module of a route looks at."""
    view: Any = ALL[name].callback
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    source = inspect.getsource(sys.modules[view.__module__])
    return set(re.findall(r"GET(?:\.get|\.getlist)?[(\[]\s*[\"'](\w+)", source))


@pytest.mark.long("asks every page for what there is not")
@pytest.mark.promise("A27")
@pytest.mark.asvs("1.2.4", "2.2.1")
def test_no_parameter_of_a_page_is_a_way_to_a_column_or_a_statement(
    desk: Pages, database: Database
) -> None:
    client = desk.client("dora")
    password = database.one("SELECT password FROM person ORDER BY id LIMIT 1")
    before = routes.digest(database)
    tried = 0
    for name in SEEN:
        for parameter in sorted(asked_for(name)):
            for value in HOSTILE:
                answer: Any = client.get(f"/t/acme/{address(ALL[name])}", {parameter: value})
                assert answer.status_code in (200, 302, 400, 404, 422), (name, parameter, value)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                assert password.encode() not in body, (name, parameter, value)
                tried += 1
    assert tried > 100
    assert routes.digest(database) == before


@pytest.mark.long("asks the list two dozen times")
@pytest.mark.promise("A27")
def test_an_order_that_there_is_not_changes_no_order(desk: Pages) -> None:
    for n in range(3):
        desk.made.open(subject=f"nectar {n}", priority=f"P{n + 1}")
    client = desk.client("dora")

    def listed(more: str) -> list[str]:
        page = client.get(f"/t/acme/tickets/?which=all{more}").content.decode()
        return re.findall(r'data-id="(\d+)"', page)

    usual = listed("")
    assert len(usual) >= 4
    for name in ("sort", "order", "order_by", "ordering", "o", "fields", "include", "expand"):
        for value in ("subject", "-assignee__password", "contact__email"):
            assert listed(f"&{name}={value}") == usual


# ------------------------------------------------------------------------------- what forms change


def columns() -> dict[str, str]:
    """Return the name of every column that a row of ours has, with what stands for it."""
    found = {}
    for model in apps.get_app_config("records").get_models():
        for field in model._meta.concrete_fields:
            number = field.get_internal_type().endswith(("IntegerField", "ForeignKey", "AutoField"))
            found[field.attname] = found[field.name] = "987654321" if number else "canary-A26"
    return found


def read_by(name: str) -> set[str]:
    """Return all names in quotes in the module of a route and those that it uses: what it reads."""
    view: Any = ALL[name].callback
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    module = sys.modules[view.__module__]
    near = [value for value in vars(module).values() if inspect.ismodule(value)]
    sources = [inspect.getsource(m) for m in (module, *near) if m.__name__.startswith("tocsin.web")]
    return set(re.findall(r"[\"'](\w+)[\"']", "".join(sources)))


def canaries(database: Database) -> Iterator[str]:
    tables = database.rows("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
    looks = [
        f"SELECT '{table}' FROM {table} t WHERE t::text LIKE '%%canary-A26%%'"
        f" OR t::text LIKE '%%987654321%%'"
        for (table,) in tables
        if table not in ("cache", "django_session")
    ]
    yield from (row[0] for row in database.rows(" UNION ALL ".join(looks)))


def posted(client: Any, name: str) -> None:
    form = {k: v for k, v in columns().items() if k not in read_by(name)}
    assert "tenant_id" in form
    client.post(f"/t/acme/{address(ALL[name])}", {**form, **FORMS[name]})


@pytest.mark.long("sends every form with every column")
@pytest.mark.promise("A26")
@pytest.mark.asvs("8.2.3", "15.3.3")
def test_a_form_changes_what_it_is_for_whatever_else_is_sent(
    desk: Pages, database: Database
) -> None:
    client = desk.client("dora")
    roles = database.rows("SELECT id, tenant_id, role, is_active FROM person ORDER BY id")
    for name in FORMS:
        if name not in PUBLIC and right_of(ALL[name]) in RIGHTS["administrator"]:
            posted(client, name)
            assert list(canaries(database)) == [], name
    now = database.rows("SELECT id, tenant_id, role, is_active FROM person ORDER BY id")
    assert [row for row in roles if row not in now] == []
    assert query("tickets") == ""
