"""Previews: what a change would do to clocks, told before and true after."""

import copy
import datetime as dt
import random
from typing import Any

import pytest
from tests.actions.test_tickets import BEGIN, OPENED, after, digest
from tests.desk import ALWAYS, POLICIES, Company, Database, company
from tests.queries.random_queue import MINUTE, MONDAY, act, beat

from tocsin.actions import activation, drafts, sla, tickets
from tocsin.engine.verdict import Verdict
from tocsin.queries import preview
from tocsin.queries.access import NotFound
from tocsin.queries.preview import Preview

pytestmark = pytest.mark.long("desks that are decided anew")

DAYS = list(ALWAYS["week"])
DECIDED = (Verdict.MET.value, Verdict.BREACHED.value)
HOLIDAYS: dict[str, list[str]] = {"2026-03-03": [], "2026-03-04": [], "2026-03-05": []}


def policies(**targets: str) -> dict[str, Any]:
    """Return the desk's policies without escalation, which would change priorities too."""
    found = copy.deepcopy(POLICIES)
    del found["paths"]
    del found["policies"][0]["clocks"][1]["path"]
    if targets:
        found["policies"][0]["clocks"][0]["targets"] = targets
    return found


def calendar(*spans: str) -> dict[str, Any]:
    return {"zone": "UTC", "week": {day: list(spans) for day in DAYS}}


def made(now: dt.datetime = BEGIN) -> Company:
    found = company(now=now)
    sla.publish(config=policies(), by=found.operator, now=now + MINUTE)
    return found


def shown(desk: Company, kind: str, key: str, data: Any, **given: Any) -> Preview:
    at = given.pop("now")
    found = activation.rehearse(kind=kind, key=key, data=data, by=desk.operator, now=at, **given)
    return preview.preview(before=found.before, after=found.after, by=desk.operator, now=at)


def stricter(**targets: str) -> dict[str, Any]:
    return dict(policies(**targets)["policies"][0])


# ------------------------------------------------------------------------------------ one by one


def test_a_stricter_policy_moves_running_clocks_and_breaches_some(database: Database) -> None:
    desk = made()
    desk.open(now=OPENED)
    desk.open(now=after(25))
    answered = desk.open(now=OPENED)
    tickets.reply(ticket_id=answered, body="Hello", by=desk.person("ann"), now=after(5))
    data = stricter(**{"*": "20m"})
    found = shown(desk, "policy", "standard", data, basis="future time", now=after(30))
    assert (found.tickets, found.moved, found.breach, found.recover) == (3, 2, 1, 0)
    rows = [(row.number, row.was_due, row.now_due, row.now_verdict) for row in found.rows]
    assert rows == [
        (1, after(60), after(20), "breached"),
        (2, after(85), after(45), "open"),
    ]
    # Of the answered one nothing would be another verdict: it was answered within five minutes.
    how = {"basis": "restate", "reason": "agreed"}
    anew = shown(desk, "policy", "standard", data, **how, now=after(30))
    assert anew.verdicts == 0
    data = stricter(**{"*": "2m"})
    anew = shown(desk, "policy", "standard", data, **how, now=after(30))
    assert [(row.number, row.was_verdict, row.now_verdict) for row in anew.rows] == [
        (1, "open", "breached"),
        (3, "met", "breached"),
        (2, "open", "breached"),
    ]
    assert (anew.moved, anew.breach, anew.verdicts) == (2, 2, 1)


def test_what_holds_for_new_tickets_only_moves_nothing(database: Database) -> None:
    desk = made()
    desk.open(now=OPENED)
    for kind, key, data in (
        ("policy", "standard", stricter(**{"*": "1m"})),
        ("calendar", "always", calendar("10:00-11:00")),
    ):
        found = shown(desk, kind, key, data, now=after(30))
        assert (found.clocks, found.moved, found.rows) == (0, 0, [])


def test_a_restated_calendar_lets_missed_clocks_recover(database: Database) -> None:
    desk = made()
    desk.open(now=OPENED, priority="P1")
    beat(after(30), database)
    # The day was a holiday, it turns out.
    data = calendar("00:00-24:00") | {"exceptions": {"2026-03-02": []}}
    found = shown(
        desk, "calendar", "always", data, basis="restate", reason="a holiday", now=after(30)
    )
    assert (found.recover, found.breach, found.verdicts) == (1, 0, 1)
    row = next(row for row in found.rows if row.was_verdict == "breached")
    assert (row.was_due, row.now_verdict) == (after(15), "open")


def test_a_preview_reads_only_and_tells_how_far_it_is(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = made()
    for k in range(5):
        desk.open(now=after(k))
    monkeypatch.setattr(preview, "BATCH", 2)
    kept, told = digest(database), []
    found = activation.rehearse(
        kind="calendar",
        key="always",
        data=calendar("10:00-11:00"),
        by=desk.operator,
        basis="future time",
        now=after(30),
    )
    seen = preview.preview(
        before=found.before,
        after=found.after,
        by=desk.person("lea"),
        now=after(30),
        most=3,
        progress=lambda done, total: told.append((done, total)),
    )
    assert digest(database) == kept
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert (seen.tickets, seen.moved, len(seen.rows)) == (5, 15, 3)
    with pytest.raises(NotFound):
        preview.preview(
            before=found.before,
            after=found.after,
            by=desk.person("ann", "contact"),
            now=after(30),
        )


# ----------------------------------------------------------------------------- told and true after


def crowd(seed: int, database: Database) -> tuple[Company, dt.datetime]:
    """Return a desk after a few days of chance, all that was due decided."""
    desk, chance, now = made(), random.Random(seed), MONDAY
    people = [desk.person(name) for name in ("ann", "lea")]
    for _ in range(25):
        now += chance.randrange(1, 200) * MINUTE
        ticket = desk.open(
            priority=chance.choice(["P1", "P2", "P3"]),
            team=chance.choice([None, "Service desk"]),
            now=now,
        )
        act(chance, desk, ticket, chance.choice(people), now)
    now += 2 * MINUTE
    beat(now, database)
    return desk, now + MINUTE


def promises(database: Database) -> dict[tuple[int, str], tuple[Any, str, str]]:
    """Return due, state and verdict of each promise: of its last link, missed if any link was."""
    found: dict[tuple[int, str], tuple[Any, str, str]] = {}
    for number, key, due, state, verdict in database.rows(
        "SELECT t.number, c.key, c.due_at, c.state, c.verdict FROM clock c"
        " JOIN ticket t ON t.id = c.ticket_id ORDER BY t.number, c.key"
    ):
        name, _, _ = key.partition(".")
        missed = found.get((number, name), (None, "", ""))[2] == "breached"
        found[number, name] = (due, state, "breached" if missed else verdict)
    return found


def gold() -> dict[str, Any]:
    """Return a policy for some that comes before the one for all."""
    return stricter(**{"*": "1h"}) | {"rank": 0, "key": "gold", "when": {"priority": "P1"}}


CHANGES: list[tuple[str, str, Any]] = [
    ("policy", "standard", stricter(P1="5m", P2="2h", **{"*": "3h"})),
    ("policy", "standard", stricter(**{"*": "8h"}) | {"calendar": "office"}),
    ("calendar", "always", calendar("09:00-12:00", "13:00-17:00")),
    ("calendar", "always", calendar("00:00-24:00") | {"exceptions": HOLIDAYS}),
    (
        "policy",
        "gold",
        stricter(**{"*": "1h"}) | {"rank": 0, "key": "gold", "when": {"priority": "P1"}},
    ),
]


@pytest.mark.parametrize("basis", activation.BASES)
@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_preview_is_what_activating_then_does(
    database: Database, change: tuple[str, str, Any], basis: str
) -> None:
    desk, now = crowd(CHANGES.index(change), database)
    office = {**policies(), "calendars": {"always": ALWAYS, "office": calendar("09:00-17:00")}}
    sla.publish(config=office, by=desk.operator, now=now)
    beat(now, database)
    kind, key, data = change
    base = (
        0
        if key == "gold"
        else database.one(f"SELECT max(version) FROM {kind}_version WHERE key = %s", key)
    )
    how: dict[str, Any] = {"basis": basis, "reason": "agreed"}
    found = shown(desk, kind, key, data, **how, now=now)
    was = promises(database)
    drafts.save(kind=kind, key=key, data=data, by=desk.operator, base=base, now=now)
    activation.activate(kind=kind, key=key, by=desk.operator, **how, now=now)
    beat(now + dt.timedelta(milliseconds=1), database)
    new = promises(database)
    changed = {name: (was[name], new[name]) for name in {*was, *new}}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    told = {
        (row.number, row.clock.partition(".")[0]): (
            (row.was_due, row.was_state, row.was_verdict),
            (row.now_due, row.now_state, row.now_verdict),
        )
        for row in found.rows
    }
    assert told == changed
    live = [(a, b) for a, b in changed.values() if a[1] in ("running", "paused")]
    assert found.moved == sum(a[1] == "running" and a[0] != b[0] for a, b in live)
    assert found.breach == sum(a[2] != b[2] == "breached" for a, b in live)
    assert found.recover == sum(b[2] != a[2] == "breached" for a, b in live)
    assert found.verdicts == sum(a[2] in DECIDED and a[2] != b[2] for a, b in changed.values())
    if basis == "new tickets":
        assert found.clocks == len(changed) == 0
    else:
        assert len(changed) > 2
