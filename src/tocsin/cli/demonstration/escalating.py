"""Escalation paths of a company, from the demo's beginning on, and one that runs right away."""

import datetime as dt
from collections.abc import Sequence

from tocsin.actions import config_versions, escalations
from tocsin.cli.demonstration.cast import Cast, Company
from tocsin.cli.demonstration.script import Open
from tocsin.queries import access

_REASON = "Kunden misstänker intrång"


def begin(one: Company, cast_: Cast, waiting: Sequence[Open], now: dt.datetime) -> None:
    """Publish the paths that a company has, and begin the first one by hand.

    It is begun on the ticket that waits longest for what the script does to it next.
    """
    paths = one.data.get("escalation_paths", {})
    for key, data in paths.items():
        by = access.operator(cast_.tenant)
        config_versions.publish(kind="path", key=key, data=data, by=by, now=now)
    if not paths or not waiting:
        return
    ticket = max(waiting, key=lambda open_: (open_.act_at, open_.ticket)).ticket
    lead = cast_.person(one.data["sign_in"]["lead"])
    first = next(iter(paths))
    escalations.start(ticket_id=ticket, path=first, reason=_REASON, by=lead, now=now)
