"""Whoever is let go loses everything at once: pages, streams, tokens; their work has an owner."""

import threading
import time
from collections.abc import Iterator

import pytest
from tests.desk import Company, Database, company
from tests.mailbox import eventually
from tests.site.test_live_process import SECRET, Stream, process
from tests.site.watching import sign_in

from tocsin.actions import access_rules, people, permission_sets, tickets
from tocsin.pulse.sequencer import Sequencer
from tocsin.queries import readers

pytestmark = pytest.mark.long("starts the process that streams")

WITHIN_S = 5.0


@pytest.fixture
def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    from django.conf import settings

    monkeypatch.setattr(settings, "SECRET_KEY", SECRET)
    made = company()
    stop = threading.Event()
    thread = threading.Thread(target=Sequencer(database.url, stop).run)
    thread.start()
    yield made
    stop.set()
    thread.join(30)


def heard_to_the_end(stream: Stream) -> bytes:
    """Read what is left of a stream until the other side ends it."""
    found = b""
    while line := stream.answer.readline():
        found += line
    return found


@pytest.mark.promise("P34", "A40")
def test_an_agent_who_is_deactivated_hears_nothing_more_and_their_work_is_somebodys(
    database: Database, desk: Company
) -> None:
    dora, ann = desk.person("dora", "administrator"), desk.people["ann"]
    hers, others = sign_in(database, desk, "ann"), sign_in(database, desk, "lea")
    ticket = desk.open()
    tickets.assign(ticket_id=ticket, person=ann, by=dora)
    with process(database) as live:
        stream, other = Stream(live, hers), Stream(live, others)
        assert stream.next("hello")[2]["me"] == ann
        other.next("hello")
        begun = time.monotonic()
        assert people.deactivate(person=ann, hand_over_to=desk.people["lea"], by=dora) == 1
        told = heard_to_the_end(stream)
        took = time.monotonic() - begun
        assert took < WITHIN_S
        # Nor did the stream tell of anything that came after: the ticket went to somebody else.
        assert b'"k":"assignee"' not in told
        assert other.next("ticket")[2]["k"] == "assignee"
        # The same session again finds nobody.
        answer = live.ask("GET", "/t/acme/live/events", Cookie=f"tocsin_session={hers}")
        assert answer.status == 204
        live.stop()
    assert readers.reader(desk.tenant, ann) is None
    assert database.one("SELECT assignee_id FROM ticket") == desk.people["lea"]


@pytest.mark.promise("P27", "A28")
def test_an_open_stream_tells_of_other_tickets_as_soon_as_a_set_is_taken(
    database: Database, desk: Company
) -> None:
    dora = desk.person("dora", "administrator")
    eve = people.add_person(name="Eve", email="eve@acme.example", role="limited", by=dora)
    desk.people["eve"] = eve
    second = database.one("SELECT id FROM team WHERE key = 'second line'")
    rights = ["read tickets"]
    permission_sets.save(
        key="second", name="Second", rights=rights, reach="teams", teams=[second], by=dora
    )
    permission_sets.grant(person=eve, key="second", by=dora)
    with process(database) as live:
        stream = Stream(live, sign_in(database, desk, "eve"))
        stream.next("hello")
        desk.open(team="Service desk")
        theirs = desk.open(team="Second line")
        assert stream.next("ticket")[2]["t"] == theirs
        permission_sets.revoke(person=eve, key="second", by=dora)
        eventually(lambda: database.one("SELECT count(*) FROM unsequenced") == 0)
        desk.open(team="Second line")
        people.add_team(name="Last", by=dora)
        # The new team is heard of; of the ticket before it nothing was.
        while (heard := stream.next("ticket", "config"))[2] != {"k": "team"}:
            assert heard[1] == "config"
        live.stop()


@pytest.mark.promise("P28", "A28", "A40")
def test_a_rule_about_networks_ends_an_open_stream_and_no_header_talks_past_it(
    database: Database, desk: Company
) -> None:
    session = sign_in(database, desk, "ann")
    with process(database) as live:
        stream = Stream(live, session)
        stream.next("hello")
        begun = time.monotonic()
        access_rules.add_network(holder="agent", network="10.20.0.0/16", by=desk.operator)
        assert b"network" not in heard_to_the_end(stream)
        assert time.monotonic() - begun < WITHIN_S
        # Without proxies of ours nobody says for others where they come from.
        headers = {"Cookie": f"tocsin_session={session}", "X_Forwarded_For": "10.20.1.1"}
        assert live.ask("GET", "/t/acme/live/events", **headers).status == 204
        live.stop()
