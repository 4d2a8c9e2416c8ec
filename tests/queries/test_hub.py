"""The hub: every number opens exactly its tickets, and is exact at its instant."""

import datetime as dt

import pytest
from tests.desk import Company, Database, at, company
from tests.queries.random_queue import MINUTE, MONDAY, beat, crowded

from tocsin.actions import customers, tickets
from tocsin.engine.compliance import Figures
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, compliance, hub, listing
from tocsin.queries.hub import Hub, Lane
from tocsin.queries.listing import Which

HOUR = dt.timedelta(hours=1)
INSTANT = dt.timedelta(microseconds=1)
DAY = 24 * HOUR


def lane(found: Hub, key: str) -> Lane:
    [one] = [one for one in found.lanes if one.key == key]
    return one


def test_an_empty_desk_is_stable(database: Database) -> None:
    made = company(now=MONDAY)
    found = hub.hub(by=made.person("ann"), now=MONDAY)
    assert (found.hit_rate, found.promises.decided) == (100, 0)
    assert (found.enforcement, found.steps) == (100, 0)
    assert (found.critical, found.warning) == (0, 0)
    assert {signal.count for signal in found.signals.values()} == {0}
    assert [(one.key, one.backlog, one.next_at, one.severity) for one in found.lanes] == [
        ("breached", 0, None, "ok"),
        ("escalation due", 0, None, "ok"),
        ("first response", 0, None, "ok"),
    ]
    assert found.work_next == ()
    assert found.recovery.under_control
    assert found.escalates_at is None
    assert {one.owner for one in found.lanes} == {None}


@pytest.mark.long("counts by hand, for many desks")
@pytest.mark.parametrize("seed", [3, 5])
def test_every_number_opens_exactly_its_tickets(database: Database, seed: int) -> None:
    made, last = crowded(seed)
    beat(last, database)
    by, seen = made.operator, set[str]()
    for team in (None, "second line", "Major incident"):
        for now in (last - 30 * HOUR, last, last + 2 * HOUR, last + 9 * HOUR):
            found = hub.hub(by=by, team=team, now=now)
            numbers = [
                *found.signals.values(),
                *(found.recovery.breached, found.recovery.escalate, found.recovery.controlled),
            ]
            for one in numbers:
                told = (one.key, team, now)
                assert one.count == listing.count(by=by, wanted=one.wanted, now=now), told
                page = listing.tickets(by=by, wanted=one.wanted, most=200, now=now)
                assert one.count == len(page.cards), told
            for each in found.lanes:
                assert each.backlog == listing.count(by=by, wanted=each.wanted, now=now)
            seen |= {signal.key for signal in numbers if signal.count}
    assert seen == {*found.signals, "under control"}


def test_a_breach_by_time_alone_shows_at_its_instant(database: Database) -> None:
    made = company(now=MONDAY)
    made.open(priority="P1", now=MONDAY)
    due = MONDAY + 15 * MINUTE
    for now, late, severity in ((due, 0, "warning"), (due + INSTANT, 1, "critical")):
        found = hub.hub(by=made.operator, now=now)
        assert found.signals["breached"].count == late
        assert found.signals["urgent breached"].count == late
        assert lane(found, "breached").severity == severity
        assert lane(found, "breached").next_at == due
        assert lane(found, "first response").severity == severity
        assert found.recovery.under_control is not bool(late)
        assert (found.critical, found.warning) == ((2, 0) if late else (0, 2))


def test_a_lane_is_in_warning_from_the_first_alert(database: Database) -> None:
    made = company(now=MONDAY)
    made.open(priority="P3", now=MONDAY)
    risk = MONDAY + 45 * MINUTE
    for now, severity in ((risk - INSTANT, "ok"), (risk, "warning")):
        found = hub.hub(by=made.operator, now=now)
        assert [lane(found, key).severity for key in ("breached", "first response")] == [
            severity,
            severity,
        ]
        assert lane(found, "first response").enforced is (severity != "ok")


def test_a_step_of_escalation_is_due_half_an_hour_before(database: Database) -> None:
    made = company(now=MONDAY)
    made.open(priority="P1", now=MONDAY)
    step = MONDAY + 4 * HOUR + INSTANT
    for now, due in ((step - 30 * MINUTE - INSTANT, 0), (step - 30 * MINUTE, 1)):
        found = hub.hub(by=made.operator, now=now)
        assert found.escalates_at == step
        assert found.signals["escalation due"].count == due
        assert lane(found, "escalation due").severity == ("warning" if due else "ok")
    assert lane(hub.hub(by=made.operator, now=step + MINUTE), "escalation due").severity == (
        "critical"
    )
    # The pulse carries it out; the next level comes half an hour later.
    assert beat(step, database) == 1
    assert hub.hub(by=made.operator, now=step).escalates_at == step - INSTANT + 30 * MINUTE
    # Whoever takes it in hand ends it.
    [ticket] = [row[0] for row in database.rows("SELECT id FROM ticket")]
    tickets.resolve(ticket_id=ticket, by=made.person("ann"), now=step + MINUTE)
    assert hub.hub(by=made.operator, now=step + MINUTE).escalates_at is None


# ------------------------------------------------------------------------------------ figures


def test_the_hit_rate_is_the_compliance_of_the_window(database: Database) -> None:
    made, last = crowded()
    beat(last, database)
    for window in (DAY, 3 * DAY, 7 * DAY):
        found = hub.hub(by=made.operator, window=window, now=last)
        report = compliance.compliance(
            by=made.operator, dimensions=("team",), since=last - window, until=last
        )
        assert found.promises == Figures(report.total.met, report.total.breached)
        assert found.hit_rate == report.total.rate
        assert [day.date for day in found.days] == sorted({day.date for day in found.days})
        assert sum(day.promises.met for day in found.days) == report.total.met
        own = hub.hub(by=made.operator, team="second line", window=window, now=last).promises
        of_team = report.by["team"].get("Second line", Figures())
        assert own == Figures(of_team.met, of_team.breached)
    assert found.promises.met
    assert found.promises.breached


def test_days_are_those_of_the_desk(database: Database) -> None:
    made = company(now=MONDAY)
    database.rows("UPDATE tenant SET zone = 'Asia/Tokyo', config_version = config_version + 1")
    ann = made.person("ann")
    # 15:30 UTC is half past midnight of the next day in Tokyo. Each keeps two promises.
    for now in (at("2026-03-02 14:30"), at("2026-03-02 15:30")):
        tickets.reply(ticket_id=made.open(priority="P3", now=now), body="Hi", by=ann, now=now)
    found = hub.hub(by=made.operator, window=2 * DAY, now=at("2026-03-03 12:00"))
    assert [(day.date.day, day.promises.met) for day in found.days] == [(1, 0), (2, 2), (3, 2)]


def test_enforcement_is_the_share_of_steps_carried_out_within_a_minute(
    database: Database,
) -> None:
    made = company(now=MONDAY)
    made.open(priority="P3", now=MONDAY)
    # The warnings of the first response and of the stage, and the breach of the first response.
    beat(MONDAY + 45 * MINUTE + MINUTE, database)
    beat(MONDAY + HOUR + 2 * MINUTE, database)
    found = hub.hub(by=made.operator, now=MONDAY + HOUR + 3 * MINUTE)
    assert (found.steps, found.in_time, found.enforcement) == (2, 1, 50)
    later = hub.hub(by=made.operator, window=HOUR, now=MONDAY + 90 * MINUTE)
    # The warning of the stage is a minute late by now; what was before has left the window.
    assert (later.steps, later.in_time) == (2, 1)
    assert hub.hub(by=made.operator, window=DAY, now=MONDAY + 9 * DAY).steps == 1


def test_a_step_counts_once_however_many_hear_of_it(database: Database) -> None:
    made = company(now=MONDAY)
    made.open(priority="P3", team="Service desk", now=MONDAY)
    beat(MONDAY + 45 * MINUTE, database)
    assert database.one("SELECT count(*) FROM alert") > 2
    assert hub.hub(by=made.operator, now=MONDAY + 45 * MINUTE + INSTANT).steps == 1


# ------------------------------------------------------------------------------------ work next


def test_the_first_to_work_on_are_breached_then_about_to_escalate_then_at_risk(
    database: Database,
) -> None:
    made, now = crowded()
    found = hub.hub(by=made.operator, now=now)
    lanes = [one.lane for one in found.work_next]
    order = ["breached", "escalation due", "at risk", "first response"]
    assert lanes == sorted(lanes, key=order.index)
    assert len(found.work_next) == 8
    wanted = listing.Wanted(Which.BREACHED)
    first = listing.tickets(by=made.operator, wanted=wanted, most=8, now=now).cards
    assert [one.card.id for one in found.work_next][: len(first)] == [card.id for card in first]
    assert all(one.card.reasons for one in found.work_next)


def test_each_ticket_is_named_once_in_the_worst_of_its_lanes(database: Database) -> None:
    made = company(now=MONDAY)
    late = made.open(priority="P4", now=MONDAY)
    soon = made.open(priority="P3", now=MONDAY + 20 * MINUTE)
    calm = made.open(priority="P1", now=MONDAY + 61 * MINUTE)
    found = hub.hub(by=made.operator, now=MONDAY + 70 * MINUTE)
    assert [(one.card.id, one.lane) for one in found.work_next] == [
        (late, "breached"),
        (soon, "at risk"),
        (calm, "first response"),
    ]


def test_an_enterprise_outage_stands_above_yesterdays_late_question(database: Database) -> None:
    made = company(now=MONDAY)
    account = customers.add_account(name="Norr", plan="Enterprise", by=made.operator)
    made.open(subject="How do I print?", priority="P3", now=MONDAY)
    now = MONDAY + 25 * HOUR
    server = made.open(subject="My server died", priority="P1", account=account, now=now)
    page = listing.tickets(by=made.operator, now=now)
    assert page.cards[0].id == server
    assert page.cards[1].faces[0].look == "breached"


# ------------------------------------------------------------------------------------ kept counts


def test_what_was_counted_is_never_older_than_the_newest_event(database: Database) -> None:
    made = company(now=at("2026-01-01 00:00"))
    for expected in (1, 2, 3):
        made.open()
        assert hub.hub(by=made.operator).signals["active"].count == expected
    database.rows("SELECT sequence_events(1000)")
    assert hub.hub(by=made.operator).signals["active"].count == 3
    made.open()
    assert hub.hub(by=made.operator).signals["active"].count == 4


def test_what_was_counted_is_counted_again_after_a_second(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.queries import tally

    made = company(now=at("2026-01-01 00:00"))
    made.open()
    first = hub.hub(by=made.operator).signals["active"]
    # Behind the log's back, so that no event tells of it.
    database.rows("UPDATE ticket SET status = 'spam'")
    monkeypatch.setattr(tally, "KEPT", dt.timedelta(days=1))
    assert hub.hub(by=made.operator).signals["active"] == first
    monkeypatch.setattr(tally, "KEPT", dt.timedelta(0))
    assert hub.hub(by=made.operator).signals["active"].count == 0


# ------------------------------------------------------------------------------------ refusals


def test_to_a_contact_there_is_no_hub(database: Database) -> None:
    made: Company = company(now=MONDAY)
    by = access.contact(made.tenant, customers.add_contact(name="Cara", by=made.operator))
    with pytest.raises(access.NotFound):
        hub.hub(by=by)


def test_another_tenant_is_invisible(database: Database) -> None:
    crowded(count=5)
    other = company("other", now=MONDAY)
    found = hub.hub(by=other.operator, now=MONDAY + DAY)
    assert {signal.count for signal in found.signals.values()} == {0}
    assert (found.steps, found.work_next) == (0, ())


@pytest.mark.parametrize("window", [dt.timedelta(0), -DAY, 93 * DAY])
def test_a_window_has_a_sensible_length(database: Database, window: dt.timedelta) -> None:
    made = company(now=MONDAY)
    with pytest.raises(Invalid, match="window"):
        hub.hub(by=made.operator, window=window)


def test_a_team_that_there_is_not_is_refused(database: Database) -> None:
    made = company(now=MONDAY)
    with pytest.raises(Invalid, match="team"):
        hub.hub(by=made.operator, team="nobody")
