"""Beginning with something: starter calendars, a policy, pipelines and paths put into force."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from tocsin.actions import activation, drafts, ledger
from tocsin.kit import shape
from tocsin.queries import access, path_starters, starters
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.policy_file import Thing


@access.needs(Right.CONFIGURE)
def install(*, by: Actor, which: Sequence[str], now: dt.datetime | None = None) -> list[str]:
    """Put starters into force by their keys, with what they need; returns the new versions.

    What is there by that name already stays as it is. Calendars are of the tenant's zone.
    """
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = {**starters.starters(at_work.zone), **path_starters.starters(at_work)}
        for k, key in enumerate(which):
            shape.one_of(key, f"which[{k}]", known)
        wanted = [thing for key in which for thing in known[key].things]
        things = {(thing.kind, thing.key): thing for thing in wanted if not _has(at_work, thing)}
        free = [_ranked(thing, at_work) for thing in things.values()]
        return activation.activate_all(things=free, by=by, now=at)


@access.needs(Right.CONFIGURE)
def draft(*, by: Actor, which: Sequence[str], now: dt.datetime | None = None) -> list[str]:
    """Begin drafts of starter paths by their keys; returns the keys of those that were begun.

    They hold nowhere yet: a path that waits for time would begin on many tickets at once, so
    somebody looks at its preview first. What is there by that name already stays as it is.
    """
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        known = path_starters.starters(at_work)
        for k, key in enumerate(which):
            shape.one_of(key, f"which[{k}]", known)
        wanted = [thing for key in which for thing in known[key].things]
        free = [thing for thing in wanted if not _has(at_work, thing)]
        for thing in free:
            drafts.save(kind=thing.kind, key=thing.key, data=thing.data, by=by, now=at)
    return [thing.key for thing in free]


def _has(at_work: Desk, thing: Thing) -> bool:
    match thing.kind:
        case "calendar":
            return thing.key in at_work.versions.calendars
        case "policy":
            return any(policy.key == thing.key for policy in at_work.versions.policies)
        case "path":
            return any(path.key == thing.key for path in at_work.versions.paths)
        case _:
            return thing.key in at_work.pipelines


def _ranked(thing: Thing, at_work: Desk) -> Thing:
    """Return a policy with the first rank from its own on that no other has."""
    if thing.kind != "policy":
        return thing
    rank = int(thing.data["rank"])
    taken = {policy.rank for policy in at_work.versions.policies}
    while rank in taken:
        rank += 1
    return replace(thing, data={**thing.data, "rank": rank})
