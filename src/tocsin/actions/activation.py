"""From draft to version: rehearsing a change, putting it into force, taking an old one up again."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tocsin.actions import drafts, ledger, publishing
from tocsin.actions.publishing import NEW_TICKETS, Change
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, configuration, desk
from tocsin.queries import drafts as checks
from tocsin.queries.access import Actor, Right, Stale
from tocsin.queries.desk import Desk
from tocsin.queries.policy_file import Thing
from tocsin.records import rows
from tocsin.records.configuration import KINDS

RESTATE = "restate"
BASES = (NEW_TICKETS, "future time", RESTATE)
# A rehearsal is looked at before anybody has to say why.
_UNSAID = "not said yet"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a change would make: the desk as it is and as it would be at `at`, and new versions."""

    before: Desk
    after: Desk
    at: dt.datetime
    made: tuple[str, ...]


class _Undone(Exception):
    """Leaves a rehearsal with what it has found out, and nothing written."""

    def __init__(self, found: Rehearsed) -> None:
        super().__init__()
        self.found = found


@access.needs(Right.CONFIGURE)
def rehearse(
    *,
    kind: str,
    key: str,
    data: Any,
    by: Actor,
    basis: str = NEW_TICKETS,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Rehearsed:
    """Return what activating data would make, and change nothing.

    Refuses what activating would refuse, but a restatement may still lack its reason.
    """
    thing = Thing(kind, key, data)
    _check([thing], basis)

    def published(at_work: Desk, at: dt.datetime) -> list[str]:
        _check_data(thing, at_work, at)
        return publishing.publish([thing], Change(by, at, basis, reason or _UNSAID))

    return _rehearsed(by, now, published)


@access.needs(Right.CONFIGURE)
def rehearse_all(
    *,
    things: Sequence[Thing],
    by: Actor,
    basis: str | None = None,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Rehearsed:
    """Return what putting things into force together would make, and change nothing."""
    _check(things, basis)

    def published(_: Desk, at: dt.datetime) -> list[str]:
        return publishing.publish(things, Change(by, at, basis, reason or _UNSAID))

    return _rehearsed(by, now, published)


def _rehearsed(
    by: Actor, now: dt.datetime | None, published: Callable[[Desk, dt.datetime], list[str]]
) -> Rehearsed:
    try:
        with _configuring(by, now) as (at_work, at):
            made = tuple(published(at_work, at))
            raise _Undone(Rehearsed(at_work, desk.fresh(by.tenant), at, made))
    except _Undone as done:
        return done.found


@contextmanager
def _configuring(by: Actor, now: dt.datetime | None) -> Iterator[tuple[Desk, dt.datetime]]:
    """Change the configuration; what is not committed is kept by no process.

    Several changes in one transaction read each other, and what was read is kept by its version.
    That version will be another one if this is rolled back, so it is forgotten while nobody else
    can have made it.
    """
    with ledger.configuring(by.tenant, now=now) as found:
        try:
            yield found
        except BaseException:
            desk.forget()
            raise


@access.needs(Right.CONFIGURE)
def activate(
    *,
    kind: str,
    key: str,
    by: Actor,
    basis: str = NEW_TICKETS,
    reason: str = "",
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> list[str]:
    """Put a draft into force and return its new version; the draft is then gone.

    `basis` says what becomes of clocks that there are: they keep what they began with ("new
    tickets"), count by the new version from now on ("future time"), or are judged by it from their
    beginning ("restate", for a `reason`). `Stale` when there is a newer version than the one that
    the draft began from, or when the configuration is not the `seen` one any more.
    """
    with _configuring(by, now) as (at_work, at):
        found = rows.query(
            "SELECT data, base FROM draft WHERE tenant_id = %s AND kind = %s AND key = %s"
            " FOR UPDATE",
            [by.tenant, kind, key],
        )
        if not found:
            raise access.missing()
        thing = Thing(kind, key, json.loads(found[0][0]))
        _check([thing], basis, reason)
        if seen is not None and seen != at_work.config_version:
            raise Stale("the configuration was changed since you looked at it; look again")
        newest = configuration.thing(kind=kind, key=key, by=by)
        if found[0][1] != (newest.version if newest else 0):
            raise Stale("there is a newer version than the one this draft began from; look again")
        _check_data(thing, at_work, at)
        made = publishing.publish([thing], Change(by, at, basis, reason))
        drafts.discard(kind=kind, key=key, by=by)
    return made


@access.needs(Right.CONFIGURE)
def activate_all(
    *,
    things: Sequence[Thing],
    by: Actor,
    basis: str | None = None,
    reason: str = "",
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> list[str]:
    """Put things into force together, or none of them; returns what became a new version.

    Without a basis calendars count for running clocks from now on, and policies for new tickets.
    """
    with _configuring(by, now) as (at_work, at):
        if seen is not None and seen != at_work.config_version:
            raise Stale("the configuration was changed since you looked at it; look again")
        _check(things, basis, reason)
        return publishing.publish(things, Change(by, at, basis, reason))


@access.needs(Right.CONFIGURE)
def restore(
    *, kind: str, key: str, version: int, by: Actor, now: dt.datetime | None = None
) -> None:
    """Make a draft of an old version, on top of the newest: activating it is the way back."""
    known = configuration.versions(kind=kind, key=key, by=by)
    wanted = next((one for one in known if one.version == version), None)
    if wanted is None:
        raise access.missing()
    drafts.save(kind=kind, key=key, data=wanted.data, by=by, base=known[0].version, now=now)


def _check(things: Sequence[Thing], basis: str | None, reason: str = _UNSAID) -> None:
    for thing in things:
        shape.one_of(thing.kind, "kind", KINDS)
    if basis is not None:
        shape.one_of(basis, "basis", BASES)
    if basis == RESTATE and not reason.strip():
        raise Invalid("reason", "is empty: verdicts that were reported change only for a reason")
    publishing.check_basis(things, basis)


def _check_data(thing: Thing, at_work: Desk, at: dt.datetime) -> None:
    for mistake in checks.refusals(thing.kind, thing.key, thing.data, at_work, at):
        raise mistake
