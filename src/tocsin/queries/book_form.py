"""The forms of what is kept in `ConfigVersion`: contracts, whose hours, priorities, options.

Each is read field by field, so that every wrong one can be named. Call them inside the tenant, or
with a desk of tenant 0: then accounts, teams and people are not looked up.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tocsin.engine import books
from tocsin.engine.condition import ALWAYS
from tocsin.engine.policy import Agreement, instant_from
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import on_call_form, path_form, responsibility_form, template_form
from tocsin.queries.configuration import SINGLE
from tocsin.queries.desk import Desk
from tocsin.queries.stages import STAGE_RANK
from tocsin.records import rows
from tocsin.records.tickets import PRIORITIES

_CONTRACT = ("account", "policies", "calendar", "valid_from", "valid_until")
_MATRIX = ("impacts", "urgencies", "matrix")
_OPTIONS = ("default_policy", "choose")
WHOSE = ("account", "team", "person")
_LONGEST = 200


def mistakes(kind: str, key: str, data: object, at_work: Desk) -> Iterator[Invalid]:
    """Yield what is wrong with a thing, at least one mistake of each field that has any."""
    checks: Mapping[str, Callable[..., Iterator[Callable[[], object]]]] = {
        "contract": _contract,
        "hours": _hours,
        "priorities": _priorities,
        "options": _options,
        "on-call": on_call_form.mistakes,
        "path": path_form.mistakes,
        "template": template_form.checks,
        "responsibilities": responsibility_form.checks,
    }
    try:
        named(kind, key, at_work)
        fields = shape.mapping(data, "")
    except Invalid as error:
        yield error
        return
    for check in checks[kind](fields, at_work):
        try:
            check()
        except Invalid as error:
            yield error


def named(kind: str, key: str, at_work: Desk) -> None:
    """Refuse a key that nothing of this kind can have."""
    if not key.strip() or len(key) > _LONGEST or "\0" in key:
        raise Invalid("key", f"expected a short text, got {shape.describe(key)}")
    if kind in SINGLE and key != SINGLE[kind]:
        raise Invalid("key", f"there is one of these, and it is called {SINGLE[kind]!r}")
    if kind != "hours":
        return
    whose, _, who = key.partition(":")
    shape.one_of(whose, "key", WHOSE)
    if not at_work.tenant:
        return
    if whose == "team":
        shape.one_of(who, "key", at_work.teams)
    elif whose == "account":
        _account(who, "key", at_work)
    elif not who.isdecimal() or int(who) not in at_work.people:
        raise Invalid("key", f"there is no person {who!r}")


def _account(value: object, path: str, at_work: Desk) -> None:
    key = shape.text(value, path)
    if not at_work.tenant:
        return
    found = rows.query("SELECT key FROM account WHERE tenant_id = %s", [at_work.tenant])
    known = [row[0] for row in found]
    if key not in known:
        raise Invalid(path, f"there is no account {key!r}{shape.hint(key, known)}")


def _contract(data: Mapping[str, Any], at_work: Desk) -> Iterator[Callable[[], object]]:
    yield lambda: shape.only(data, "", _CONTRACT)
    yield lambda: _account(data.get("account"), "account", at_work)
    yield lambda: _policies(data.get("policies"), at_work)
    if "calendar" in data:
        yield lambda: shape.one_of(data["calendar"], "calendar", at_work.versions.calendars)
    yield lambda: _begins(data)
    yield lambda: _validity(data)


def _policies(value: object, at_work: Desk) -> None:
    listed = shape.listing(value, "policies")
    written = {policy.key for policy in at_work.versions.policies if policy.rank < STAGE_RANK}
    for k, key in enumerate(listed):
        shape.one_of(key, f"policies[{k}]", sorted(written))
    if not listed or len(set(listed)) != len(listed):
        raise Invalid("policies", "one is named twice" if listed else "a contract names a policy")


def _begins(data: Mapping[str, Any]) -> None:
    if "valid_from" not in data:
        raise Invalid("valid_from", "a contract begins at an instant")
    instant_from(data["valid_from"], "valid_from")


def _validity(data: Mapping[str, Any]) -> None:
    ends = instant_from(data["valid_until"], "valid_until") if "valid_until" in data else None
    try:
        begins = instant_from(data.get("valid_from"), "valid_from")
    except Invalid:
        return  # said already
    if ends is not None and ends <= begins:
        raise Invalid("valid_until", "must be later than valid_from")


def ended_before(data: Mapping[str, Any], now: dt.datetime) -> Invalid | None:
    """Return the refusal of a contract that would end in the past, or None."""
    if "valid_until" in data and instant_from(data["valid_until"], "valid_until") < now:
        told = "is past; what was promised since then would change"
        return Invalid("valid_until", told)
    return None


def _hours(data: Mapping[str, Any], at_work: Desk) -> Iterator[Callable[[], object]]:
    yield lambda: shape.only(data, "", ("calendar",))
    # None is said by null; left out it would be a slip.
    if "calendar" not in data or data["calendar"] is not None:
        yield lambda: shape.one_of(data.get("calendar"), "calendar", at_work.versions.calendars)


def _priorities(data: Mapping[str, Any], at_work: Desk) -> Iterator[Callable[[], object]]:
    del at_work
    yield lambda: shape.only(data, "", _MATRIX)
    yield lambda: _words(data.get("impacts"), "impacts")
    yield lambda: _words(data.get("urgencies"), "urgencies")
    yield lambda: shape.mapping(data.get("matrix"), "matrix")
    impacts, urgencies = (_known(data.get(name)) for name in ("impacts", "urgencies"))
    matrix = data.get("matrix")
    if not isinstance(matrix, Mapping):
        return
    yield lambda: shape.only(matrix, "matrix", impacts)
    for impact in impacts:
        line = matrix.get(impact)
        path = f"matrix.{impact}"
        yield partial(shape.mapping, line, path)
        if not isinstance(line, Mapping):
            continue
        yield partial(shape.only, line, path, urgencies)
        for urgency in urgencies:
            yield partial(shape.one_of, line.get(urgency), f"{path}.{urgency}", PRIORITIES)


def _words(value: object, path: str) -> None:
    listed = shape.listing(value, path)
    for k, word in enumerate(listed):
        if len(shape.text(word, f"{path}[{k}]")) > _LONGEST:
            raise Invalid(f"{path}[{k}]", f"is too long; {_LONGEST} characters are the most")
    if not listed or len(set(listed)) != len(listed):
        raise Invalid(path, "two are the same" if listed else "needs at least one")


def _known(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _options(data: Mapping[str, Any], at_work: Desk) -> Iterator[Callable[[], object]]:
    yield lambda: shape.only(data, "", _OPTIONS)
    if "default_policy" in data:
        yield lambda: _default(data["default_policy"], at_work)
    if "choose" in data:
        yield lambda: _choose(data["choose"], at_work)


def _default(value: object, at_work: Desk) -> None:
    word = shape.one_of(value, "default_policy", ("required", "optional"))
    lasting = (policy for policy in at_work.versions.policies if policy.valid_until is None)
    for_all = any(
        policy.agreement is Agreement.SLA and policy.when == ALWAYS and not policy.contract
        for policy in lasting
    )
    if word == "required" and not for_all:
        raise Invalid("default_policy", "there is no policy for all tickets that lasts")


def _choose(value: object, at_work: Desk) -> None:
    found = books.choice_from(value, "choose")
    clocks = {key for _, key in at_work.versions.slots()}
    for key in found:
        if key != books.EVERY:
            shape.one_of(key, "choose", sorted(clocks))
