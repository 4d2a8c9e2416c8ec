"""All routes of the product as the configuration of addresses has them, each with its example."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver
from tests.desk import Company, Database
from tests.web import examples

from tocsin.api import declared
from tocsin.queries.access import Right
from tocsin.web import screens


def gathered(name: str) -> dict[str, Any]:
    """Return what the modules of examples have under a name, together."""
    found: dict[str, Any] = {}
    for module in examples.modules():
        found |= getattr(module, name, {})
    return found


EXAMPLES, EXAMPLES_OF = gathered("EXAMPLES"), gathered("EXAMPLES_OF")
QUERIES, FORMS = gathered("QUERIES"), gathered("FORMS")
PUBLIC = set[str]().union(*(getattr(module, "PUBLIC", ()) for module in examples.modules()))


def patterns() -> Iterator[URLPattern]:
    """Yield the routes; there are none within others."""
    for found in get_resolver().url_patterns:
        assert isinstance(found, URLPattern)
        yield found


def address(pattern: URLPattern, **other: str) -> str:
    """Return an address of a route; `other` stands for parts instead of what the example has."""
    route = str(pattern.pattern)
    known = EXAMPLES | EXAMPLES_OF.get(str(pattern.name), {}) | other
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda m: known[m[1]], route.strip("^$"))
    return re.sub(r"<\w+:(\w+)>", lambda m: known[m[1]], route)


def parts(pattern: URLPattern) -> dict[str, str]:
    """Return the parts of an address by name, each with its kind; a pattern counts as one."""
    route = str(pattern.pattern)
    found = {name: kind for kind, name in re.findall(r"<(\w+):(\w+)>", route)}
    return found | dict.fromkeys(re.findall(r"\(\?P<(\w+)>", route), "pattern")


def prepare(made: Company) -> None:
    """Have what the examples stand for."""
    for module in examples.modules():
        if hasattr(module, "prepare"):
            module.prepare(made)


def right_of(pattern: URLPattern) -> Right | None:
    """Return the right that a route declares; fails for one that declares none."""
    view: Any = pattern.callback
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return {**screens.ROUTES, **declared.ROUTES}[f"{view.__module__}.{view.__qualname__}"]


ALL = {str(pattern.name): pattern for pattern in patterns()}
SEEN = sorted(name for name in ALL if name not in FORMS and name not in PUBLIC)
# What programs ask for: whoever is not signed in is told so, not led to a page.
API = {name for name, pattern in ALL.items() if str(pattern.pattern).startswith("api/")}


def query(name: str) -> str:
    """Return the query that a route is asked with."""
    return str(QUERIES.get(name, ""))


# What looking may change: caches, sessions, and that somebody was here or has read something.
LOOKING = frozenset({"cache", "django_session", "rate_limit", "read_mark"})
# When somebody was last seen is not a fact of the desk.
SEEN_AT = {"sign_in": ("seen_at",)}


def digest(database: Database) -> dict[str, Any]:
    """Return a sum of each table's rows, but for what looking may change."""
    listed = [
        row[0]
        for row in database.rows(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
        )
        if row[0] not in LOOKING
    ]
    sums = []
    for name in listed:
        left_out = "".join(f" - '{column}'" for column in SEEN_AT.get(name, ()))
        sums.append(
            f"SELECT '{name}', (SELECT md5(string_agg(r, '|' ORDER BY r)) FROM"
            f" (SELECT (to_jsonb(t){left_out})::text AS r FROM {name} t) x)"
        )
    # One statement: each has a connection of its own.
    return dict(database.rows(" UNION ALL ".join(sums)))
