"""Who may sign in, and what not everybody sees: permission sets, a field's rule, a private note."""

import datetime as dt
from collections.abc import Sequence

from tocsin.actions import access_rules, passwords, permission_sets, tickets
from tocsin.cli.demonstration.cast import Cast, Company
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, readers


def let_in(one: Company, cast_: Cast, password: str, now: dt.datetime) -> None:
    """Give those whom one may sign in as their password; as role `app`."""
    by = access.operator(cast_.tenant)
    for who in one.data["sign_in"].values():
        passwords.give(person=cast_.people[who], password=password, by=by, now=now)


def begin(one: Company, cast_: Cast, waiting: Sequence[int], now: dt.datetime) -> None:
    """Make the permission sets and rules that a company has, and write its private note.

    The note is on the last of the tickets that wait for what the script does to them next. As role
    `app`, as all that is done to access.
    """
    by = access.operator(cast_.tenant)
    for key, data in one.data.get("permission_sets", {}).items():
        permission_sets.save(
            key=key, name=data["name"], rights=data["rights"], reach=data["reach"], by=by, now=now
        )
        for who in data["holders"]:
            permission_sets.grant(person=cast_.people[who], key=key, by=by, now=now)
    for name, rule in one.data.get("field_rules", {}).items():
        access_rules.save_field(
            name=name, readers=rule["readers"], writers=rule["writers"], by=by, now=now
        )
    said = one.data.get("confided")
    if said is None or not waiting:
        return
    ticket = waiting[-1]
    # A private note is for a team, so its writer is who they are with their teams.
    writer = readers.reader(cast_.tenant, cast_.people[said["who"]])
    if writer is None:
        raise Invalid(str(said["who"]), "has left")
    tickets.set_field(ticket_id=ticket, name=said["field"], to=said["value"], by=by, now=now)
    tickets.note(
        ticket_id=ticket, body=said["says"], private_to=said["team"], by=writer.actor, now=now
    )
