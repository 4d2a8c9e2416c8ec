"""The living demo: its past is true, its minute comes as planned, and its customer never floods."""

import argparse
import datetime as dt
import smtplib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from tests.cli.command import refusal
from tests.desk import Database, at, company, inside

from tocsin.actions import outbox
from tocsin.cli import demo
from tocsin.cli.demonstration import cast, confiding, history, kept, script
from tocsin.cli.demonstration.cast import Cast
from tocsin.cli.demonstration.history import Made, Past
from tocsin.cli.demonstration.plot import Plot
from tocsin.cli.demonstration.post import KEPT, Post
from tocsin.cli.demonstration.promises import Book
from tocsin.cli.demonstration.script import Script, State
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, cards, compliance, desk, readers, reckoning

pytestmark = pytest.mark.long("weeks of two companies")

SMALL = 0.04
WEDNESDAY = at("2026-11-18 11:00")
# The offices and the nights of both companies are closed: only what never rests ticks.
SUNDAY = at("2026-11-22 02:00")
LATE = at("2026-11-17 22:30")
STATUSES = {"new", "open", "waiting customer", "waiting internal", "resolved", "closed"}
LOOKS = {
    *("on track", "at risk", "imminent", "breached", "paused", "off hours", "met", "missed"),
}


def built(database: Database, key: str, *, now: dt.datetime, size: float = SMALL) -> Made:
    database.play("pulse")
    return history.build(database.url, cast.company(key), seed=7, now=now, size=size)


def looks(database: Database, tenant: int, now: dt.datetime) -> Counter[str]:
    """Count the clocks of a tenant by how they look, reckoned from their rows."""
    with inside(tenant):
        versions = desk.at_work(tenant)[0].versions
    found: Counter[str] = Counter()
    for state, verdict, due, calendar, policy, version, definition in database.rows(
        "SELECT state, verdict, due_at, calendar, policy, policy_version, definition FROM clock"
        " WHERE tenant_id = %s AND state IN ('running', 'paused', 'stopped')",
        tenant,
    ):
        if state != "running":
            stopped = {"met": "met", "breached": "missed"}
            found["paused" if state == "paused" else stopped.get(verdict, verdict)] += 1
            continue
        plan = versions.policy(policy, version).plan_for(definition)
        assert plan is not None
        open_ = versions.calendar_at(calendar, now).calendar
        target = max((row.target.length for row in plan.rows), default=dt.timedelta())
        alerts = [a.offset_for(target) for a in plan.definition.alerts if a.before]
        warn = -min(alerts, default=-target / 4)
        found[
            _look(verdict=verdict, due=due, calendar=open_, now=now, target=target, warn=warn)
        ] += 1
    return found


def _look(
    *,
    verdict: str,
    due: dt.datetime,
    calendar: Any,
    now: dt.datetime,
    target: dt.timedelta,
    warn: dt.timedelta,
) -> str:
    if verdict == "breached":
        return "breached"
    if not calendar.is_open(now):
        return "off hours"
    left = calendar.between(now, due)
    if left <= min(target / 10, dt.timedelta(minutes=5)):
        return "imminent"
    return "at risk" if left <= warn else "on track"


def drain(url: str, tenant: int, until: dt.datetime) -> None:
    with Past(url, tenant) as past:
        past.until(until)


# ----------------------------------------------------------------------------------- the history


@pytest.mark.parametrize(
    ("key", "now"), [("granvik", WEDNESDAY), ("granvik", SUNDAY), ("cais-sereno", LATE)]
)
def test_at_any_hour_every_state_and_look_is_there(
    database: Database, key: str, now: dt.datetime
) -> None:
    made = built(database, key, now=now)
    statuses = {row[0] for row in database.rows("SELECT DISTINCT status FROM ticket")}
    assert statuses == STATUSES
    found = looks(database, made.cast.tenant, now)
    assert set(found) == LOOKS, found
    owned = database.rows(
        "SELECT count(*) FILTER (WHERE assignee_id IS NULL), count(assignee_id) FROM ticket"
        " WHERE status IN ('new', 'open')"
    )
    assert all(count > 0 for count in owned[0])


def test_a_path_with_branches_runs_in_one_company(database: Database) -> None:
    made = built(database, "granvik", now=WEDNESDAY)
    found = database.rows(
        "SELECT path, trigger, ended FROM escalation WHERE tenant_id = %s", made.cast.tenant
    )
    assert found == [("sakerhet", "manual", "")]
    with inside(made.cast.tenant):
        paths = desk.at_work(made.cast.tenant)[0].versions.paths
    assert [(one.key, len(one.branches())) for one in paths] == [("liggande", 1), ("sakerhet", 3)]


def test_the_past_is_whole_in_order_and_told_in_time(database: Database) -> None:
    tenants = [built(database, key, now=WEDNESDAY).cast.tenant for key in cast.COMPANIES]
    # Nothing is left that was due, nothing was late, and so nobody gets a digest.
    assert database.one("SELECT count(*) FROM ticket WHERE wake_at <= %s", WEDNESDAY) == 0
    waits = "SELECT count(*) FROM schedule WHERE kind IN ('digest', 'quiet') AND wake_at < %s"
    assert database.one(waits, WEDNESDAY) == 0
    assert database.one("SELECT count(*) FROM alert WHERE state = 'digest'") == 0
    late = database.one("SELECT max(decided_at - planned_at) FROM alert WHERE state = 'told'")
    assert late <= dt.timedelta(microseconds=1)
    assert database.one("SELECT count(*) FROM violation") > 0
    seen = database.one("SELECT max(detected_at - breached_at) FROM violation")
    assert seen == dt.timedelta(microseconds=1)
    assert database.one("SELECT count(*) FROM event WHERE recorded_at > %s", WEDNESDAY) == len(
        tenants  # the making of the tenant itself, which has no other time than its own
    )
    for tenant in tenants:
        times = database.rows(
            "SELECT recorded_at FROM event WHERE tenant_id = %s AND stream_kind = 'ticket'"
            " ORDER BY id",
            tenant,
        )
        assert times == sorted(times)
        opened = database.rows(
            "SELECT opened_at FROM ticket WHERE tenant_id = %s ORDER BY number", tenant
        )
        assert opened == sorted(opened)
        by = access.operator(tenant)
        differences = [d for part in reckoning.reckon(by=by) for d in part.differences]
        assert differences == []
    _sent_and_read(database)


def _sent_and_read(database: Database) -> None:
    """What the past had to send is put down, so nothing leaves now; old news was read."""
    pending = database.one("SELECT count(*) FROM outbox WHERE state = 'pending'")
    assert pending > 0
    unread = database.one("SELECT min(created_at) FROM notification WHERE read_at IS NULL")
    assert unread is None or unread >= WEDNESDAY - dt.timedelta(hours=3)
    database.play("worker")
    assert history.settle_letters() == pending
    assert outbox.claim() == []
    states = database.rows(
        "SELECT DISTINCT state, sent_at - created_at < interval '1 minute' FROM outbox"
    )
    # What somebody had acted upon before it was sent is called off, as on any desk.
    assert ("sent", True) in states
    assert set(states) <= {("sent", True), ("cancelled", None)}


@pytest.mark.parametrize("key", cast.COMPANIES)
def test_the_whole_plot_is_the_same_for_the_same_seed_and_another_for_another(key: str) -> None:
    one = cast.company(key)

    def plot(seed: int) -> list[Any]:
        return Plot(one, Book.of(one.data, WEDNESDAY), seed=seed, now=WEDNESDAY).stories(1.0)

    first = plot(1)
    assert first == plot(1)
    assert first != plot(2)
    around = [story for story in first if story.turn is not None]
    assert len(around) >= {"granvik": 50, "cais-sereno": 17}[key]
    assert all(step.at < WEDNESDAY for story in first for step in story.steps)
    assert all(
        earlier.at <= later.at
        for story in first
        for earlier, later in zip(story.steps, story.steps[1:], strict=False)
        if earlier.deed == "resolve"
    )
    assert {story.channel for story in first} == {"mail", "portal", "phone", "chat"}
    assert {story.priority for story in first} == {"P1", "P2", "P3", "P4"}


def test_about_nine_in_ten_promises_of_the_past_were_kept(database: Database) -> None:
    made = built(database, "granvik", now=WEDNESDAY, size=0.15)
    by = access.operator(made.cast.tenant)
    figures = compliance.compliance(by=by, dimensions=()).total
    assert 0.84 < figures.met / (figures.met + figures.breached) < 0.96


# ------------------------------------------------------------------------------------ the command


def given(place: Path, **more: Any) -> argparse.Namespace:
    usual = {"data": place, "port": 8000, "live_port": 8001, "pulses": 1, "fresh": False}
    return argparse.Namespace(**{**usual, "part": None, "size": 0.02, **more})


def test_a_second_start_finds_what_is_there_and_adds_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.url)
    counts = []
    for _ in range(2):
        started = demo.Demo(given(tmp_path / "d"))
        started.begin()
        started.check(database.url)
        started.prepare(database.url)
        counts.append(
            database.rows(
                "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM ticket),"
                " (SELECT count(*) FROM tenant)"
            )
        )
    assert counts[0] == counts[1]
    assert counts[0][0][2] == 2
    assert counts[0][0][1] > 20
    unsent = "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'cancelled')"
    assert database.one(unsent) == 0
    known = kept.read(tmp_path / "d")
    assert known is not None
    assert len(known.password) >= 12
    [[lets_in]] = database.rows(
        "SELECT p.password FROM person p JOIN tenant t ON t.id = p.tenant_id"
        " WHERE t.key = %s AND p.email = %s",
        *("granvik", cast.company("granvik").address("maja")),
    )
    assert check_password(known.password, lets_in)
    assert (tmp_path / "d" / kept.NAME).stat().st_mode & 0o077 == 0
    # Made from elsewhere: its password and its script are not here.
    with pytest.raises(Invalid, match="another data directory"):
        demo.Demo(given(tmp_path / "e")).check(database.url)


def test_a_real_desk_is_refused(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company("acme")
    with pytest.raises(Invalid, match=r"holds a real desk \(acme\)"):
        demo.Demo(given(tmp_path)).check(database.url)
    monkeypatch.setenv("DATABASE_URL", database.url)
    with pytest.raises(Invalid, match="empty that of DATABASE_URL yourself"):
        demo.Demo(given(tmp_path, fresh=True)).begin()


@pytest.mark.parametrize("made_with", [None, "0" * 64, kept.schema()])
def test_what_another_version_made_is_begun_anew(
    tmp_path: Path,
    made_with: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    place = tmp_path / "d"
    demo.Demo(given(place)).begin()
    (place / "postgresql").mkdir()
    kept.write(place, kept.Kept("", WEDNESDAY, {}, {}))
    if made_with is not None:
        (place / kept.SCHEMA).write_text(made_with, encoding="ascii")
    capsys.readouterr()
    demo.Demo(given(place)).begin()
    stays = made_with == kept.schema()
    assert ("made by another version; beginning anew" in capsys.readouterr().out) is not stays
    assert (place / "postgresql").exists() is stays
    assert (kept.read(place) is not None) is stays


def test_in_one_company_not_everybody_sees_everything_and_all_events_have_their_order(
    database: Database,
) -> None:
    made = built(database, "granvik", now=WEDNESDAY, size=0.1)
    database.play("app")
    waiting = [one.ticket for one in made.waiting]
    confiding.begin(cast.company("granvik"), made.cast, waiting, WEDNESDAY)
    tenant, who = made.cast.tenant, made.cast.people
    assert history.order_events(database.url) > 100
    assert database.one("SELECT count(*) FROM unsequenced") == 0
    readers_ = {name: readers.reader(tenant, who[name]) for name in ("saga", "petra", "birgit")}
    saga, petra, birgit = (one.actor for one in readers_.values() if one is not None)
    team = database.one("SELECT id FROM team WHERE name = 'Field service'")
    own = {row[0] for row in database.rows("SELECT id FROM ticket WHERE team_id = %s", team)}
    everything = [row[0] for row in database.rows("SELECT id FROM ticket")]
    seen = {card.id for card in cards.cards(by=saga, ids=everything)}
    assert seen == own
    assert 0 < len(own) < len(everything)
    (ticket,) = {
        row[0]
        for row in database.rows("SELECT ticket_id FROM message WHERE private_to_id IS NOT NULL")
    }
    assert petra.teams == frozenset(
        [database.one("SELECT private_to_id FROM message WHERE private_to_id IS NOT NULL")]
    )
    assert ticket in everything
    assert access.reads(birgit, "kostnadsställe")
    assert not access.reads(petra, "kostnadsställe")


def test_a_directory_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgresql").mkdir()
    said = refusal("demo", "--fresh", "--data", tmp_path)
    assert said.startswith(f"{tmp_path}: holds what the demo did not make")
    assert (tmp_path / "postgresql").exists()


def test_letters_are_kept_and_the_oldest_go(tmp_path: Path) -> None:
    for k in range(KEPT):
        (tmp_path / f"{k:06}.eml").touch()
    post = Post(0, tmp_path)
    post.start()
    try:
        with smtplib.SMTP("127.0.0.1", post.port, timeout=30) as server:
            server.sendmail("desk@demo.example", ["a@demo.example"], "Subject: x\r\n\r\n.hidden")
    finally:
        post.stop()
    letters = sorted(path.name for path in tmp_path.glob("*.eml"))
    assert len(letters) == KEPT
    assert (letters[0], letters[-1]) == ("000001.eml", f"{KEPT:06}.eml")
    assert (tmp_path / letters[-1]).read_bytes().endswith(b"\r\n.hidden\r\n")


# ------------------------------------------------------------------------------------- the script


def playing(
    casts: Mapping[str, Cast], *, state: State | None = None, limit: int = 6
) -> tuple[Script, list[State]]:
    saved: list[State] = []

    def keep(state: State) -> None:
        saved.append(State.from_dict(state.to_dict()))

    limits = dict.fromkeys(cast.COMPANIES, limit)
    return Script(casts, state or State("b", limits), keep), saved


def founded(database: Database, now: dt.datetime) -> dict[str, Cast]:
    return {key: built(database, key, now=now, size=0).cast for key in cast.COMPANIES}


def test_within_a_minute_a_warning_a_breach_and_an_escalation(database: Database) -> None:
    casts = founded(database, SUNDAY)
    played, _ = playing(casts)
    begun: list[script.Drama] = []
    played.begun = begun.append
    tenant, second = casts["granvik"].tenant, dt.timedelta(seconds=1)
    now = SUNDAY
    while now <= SUNDAY + 60 * second:
        drain(database.url, tenant, now)
        now = played.step(now)
    drain(database.url, tenant, SUNDAY + 60 * second)
    ticket = begun[0].ticket
    happened = database.rows(
        "SELECT payload::json->>'deed', payload::json->>'level',"
        " (payload::json->>'planned_at')::timestamptz, recorded_at FROM event"
        " WHERE stream_id = %s AND stream_kind = 'ticket' AND kind = 'effect'"
        " AND payload::json->>'deed' <> 'notify' AND payload::json->>'superseded' IS NULL"
        " ORDER BY stream_seq",
        ticket,
    )
    plan = [
        ("warn", None, 20 * second, 20 * second),
        ("breach", None, 40 * second, 40 * second + dt.timedelta(microseconds=1)),
        ("escalate", "L1", 40 * second, 40 * second + dt.timedelta(microseconds=1)),
        ("escalate", "L2", 48 * second, 48 * second),
    ]
    assert happened == [(d, v, SUNDAY + a, SUNDAY + b) for d, v, a, b in plan]
    team = database.one(
        "SELECT m.name FROM ticket t JOIN team m ON m.id = t.team_id WHERE t.id = %s", ticket
    )
    assert team == "Second line"
    told = {
        row[0]
        for row in database.rows(
            "SELECT p.name FROM notification n JOIN person p ON p.id = n.person_id"
            " WHERE n.ticket_id = %s",
            ticket,
        )
    }
    assert {"Maja Holm", "Elsa Nyman", "Jonas Ek", "Oskar Lindqvist"} <= told


def test_the_drama_ends_well_and_comes_again(database: Database) -> None:
    casts = founded(database, WEDNESDAY)
    played, _ = playing(casts)
    now = WEDNESDAY
    while now < WEDNESDAY + dt.timedelta(minutes=4):
        now = played.step(now)
    found = database.rows(
        "SELECT opened_at, status FROM ticket WHERE tenant_id = %s AND type = 'incident watch'"
        " ORDER BY id",
        casts["granvik"].tenant,
    )
    later = WEDNESDAY + dt.timedelta(minutes=3)
    assert [row[1] for row in found] == ["resolved", "new"]
    assert later <= found[1][0] <= later + dt.timedelta(seconds=60)
    # Whoever starts it again sees the one that is on stage, or else a new one at once.
    coming = played.state.next_drama_at["granvik"]
    played.greet(now)
    assert played.state.next_drama_at["granvik"] == coming
    played.state.stage.clear()
    played.greet(now)
    assert played.state.next_drama_at["granvik"] == now


def test_what_was_done_before_a_crash_is_not_done_again(database: Database) -> None:
    casts = founded(database, WEDNESDAY)
    played, _ = playing(casts)
    now = played.step(WEDNESDAY)
    counted = "SELECT (SELECT count(*) FROM ticket), (SELECT count(*) FROM message)"
    begun = database.rows(counted)
    while now < WEDNESDAY + dt.timedelta(minutes=2):
        before = State.from_dict(played.state.to_dict())
        coming = played.step(now)
        once = database.rows(counted)
        # The process died before it could write down its last deeds.
        playing(casts, state=before)[0].step(now)
        assert database.rows(counted) == once
        now = coming
    assert all(after > first for first, after in zip(begun[0], once[0], strict=True))


class Recorder:
    """Takes the script's deeds as the desk would, without one."""

    def __init__(self) -> None:
        self.status: dict[int, str] = {}
        self.most = 0

    def open_(self, **_: Any) -> int:
        id_ = len(self.status) + 1
        self.status[id_] = "new"
        self.most = max(self.most, sum(s != "resolved" for s in self.status.values()))
        return id_

    def _set(self, to: str) -> Any:
        def deed(*, ticket_id: int, **_: Any) -> None:
            self.status[ticket_id] = to or self.status[ticket_id]

        return deed

    def __getattr__(self, name: str) -> Any:
        return self._set({"resolve": "resolved", "pause": "waiting"}.get(name, ""))


def test_the_customer_keeps_the_balance_over_500_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    monkeypatch.setattr(script, "tickets", recorder)
    casts = {}
    for one in cast.companies():
        people = {who: k for k, who in enumerate(one.data["people"])}
        roles = {who: str(p["role"]) for who, p in one.data["people"].items()}
        casts[one.key] = Cast(1, people, {c.key: k for k, c in enumerate(one.clients())}, roles)
    played, _ = playing(casts, limit=20)
    # A copy of each state would be most of the work; the last one is compared.
    played.keep = lambda _: None
    now, gaps = WEDNESDAY, []
    while played.state.rounds < 500:
        before = now
        now = played.step(now)
        gaps.append(now - before)
    assert max(gaps) <= dt.timedelta(seconds=60)
    assert min(gaps) > dt.timedelta(0)
    # Two companies of twenty, and a drama on each stage.
    assert recorder.most <= 2 * 20 + 3
    done = sum(status == "resolved" for status in recorder.status.values())
    assert done > 200
    assert len(played.state.opened) <= 40
    assert State.from_dict(played.state.to_dict()) == played.state
