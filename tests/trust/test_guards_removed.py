"""Each attack succeeds once its guard is gone: else its test would be green for another reason."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from tests.desk import Database
from tests.site.watching import Watching, place, sign_in, watching
from tests.trust.ground import Divided, divided
from tests.web.conftest import PASSWORD, Pages
from tests.web.routes import ALL, address, digest

from tocsin.actions import passwords, tickets
from tocsin.queries import access, stream
from tocsin.queries.access import Actor, NotAllowed, NotFound
from tocsin.site.live import hall as halls

NEAR, FAR = "Service desk", "Second line"


@pytest.fixture
def desk(database: Database) -> Divided:
    found = divided(database)
    found.made.open(subject="nectar", team=NEAR)
    found.made.open(subject="vinegar", team=FAR)
    found.limited("nora", teams=[NEAR])
    return found


@pytest.fixture
def live(database: Database, desk: Divided) -> Iterator[Watching]:
    place(database)
    with watching(database) as found:
        yield found[0]


def far(desk: Divided) -> int:
    return int(desk.database.one("SELECT id FROM ticket WHERE subject = 'vinegar'"))


@pytest.mark.promise("A29", "A30", "P28")
def test_without_the_one_rule_a_ticket_of_another_queue_is_written_on(
    desk: Divided, monkeypatch: pytest.MonkeyPatch
) -> None:
    nora = desk.actor("nora")
    with pytest.raises(NotFound):
        tickets.note(ticket_id=far(desk), body="mine", by=nora)
    monkeypatch.setattr(access, "sees", lambda by, ticket: True)
    tickets.note(ticket_id=far(desk), body="mine", by=nora)


@pytest.mark.promise("A33", "P28")
def test_a_guard_that_returns_instead_of_raising_lets_it_happen(
    desk: Divided, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.database.rows(
        "INSERT INTO field_rule (tenant_id, name, readers, writers, changed_at)"
        " VALUES (%s, 'salary', '[\"agent\"]', '[]', now())",
        desk.tenant,
    )
    ann = desk.actor("ann")
    with pytest.raises(NotAllowed):
        tickets.set_field(ticket_id=far(desk), name="salary", to="9", by=ann)
    monkeypatch.setattr(access, "check_field", lambda by, name: NotAllowed("overlooked"))
    tickets.set_field(ticket_id=far(desk), name="salary", to="9", by=ann)


def heard(live: Watching, database: Database, desk: Divided, session: str) -> list[int]:
    line = live.connect("acme", session)
    begun = len(line.events("ticket"))
    tickets.note(ticket_id=far(desk), body="x", by=desk.actor("lea"))
    place(database)
    live.turn(0.1)
    return [told["t"] for _, _, told in line.events("ticket")[begun:]]


@pytest.mark.promise("A28", "A31")
def test_without_the_question_for_each_event_another_queue_is_heard(
    desk: Divided, live: Watching, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in(database, desk.made, "nora")
    assert heard(live, database, desk, session) == []
    monkeypatch.setattr(stream.Watcher, "sees", lambda self, told: True)
    monkeypatch.setattr(stream.Watcher, "eyes", property(lambda self: self.person))
    assert far(desk) in heard(live, database, desk, session)


@pytest.mark.promise("A31", "P34")
def test_whoever_loses_a_queue_while_connected_hears_no_more_of_it(
    desk: Divided, live: Watching, database: Database
) -> None:
    near = int(database.one("SELECT id FROM ticket WHERE subject = 'nectar'"))
    line = live.connect("acme", sign_in(database, desk.made, "nora"))
    lea = desk.actor("lea")
    tickets.note(ticket_id=near, body="x", by=lea)
    place(database)
    live.turn(0.1)
    assert line.events("ticket")
    database.rows("DELETE FROM permission_grant WHERE tenant_id = %s", desk.tenant)
    live.turn(halls.CHECK_S)
    told = len(line.events("ticket"))
    tickets.note(ticket_id=near, body="y", by=lea)
    place(database)
    live.turn(0.1)
    assert len(line.events("ticket")) == told
    assert halls.CHECK_S < 5


@pytest.mark.promise("A31")
@pytest.mark.parametrize("channel", ["%", "_", "../acme", "acme%", "ACME", "acme/../bolt", "*"])
def test_a_stream_is_of_a_tenant_by_its_very_key(
    desk: Divided, live: Watching, database: Database, channel: str
) -> None:
    line = live.connect(channel, sign_in(database, desk.made, "ann"))
    assert (line.status, line.body) == (204, b"")


@pytest.mark.promise("A26", "A32")
def test_a_view_that_takes_what_it_is_sent_or_writes_when_looked_at_is_noticed(
    desk: Divided, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = desk.made.people["dora"]
    passwords.give(person=dora, password=PASSWORD, by=desk.made.operator)
    client = Pages(desk.made, "acme").client("dora")
    before = digest(database)
    assert digest(database) == before

    def takes(request: HttpRequest, **parts: Any) -> HttpResponse:
        sent = request.POST.get("subject", "looked at")
        database.rows("UPDATE ticket SET subject = %s", sent)
        return HttpResponse()

    monkeypatch.setattr(ALL["priority"], "callback", takes)
    client.post(f"/t/acme/{address(ALL['priority'])}", {"to": "P1", "subject": "canary-A26"})
    assert database.one("SELECT count(*) FROM ticket WHERE subject = 'canary-A26'") == 2
    written = digest(database)
    assert {name for name in before if before[name] != written[name]} == {"ticket"}
    monkeypatch.setattr(ALL["hub"], "callback", takes)
    client.get("/t/acme/hub/")
    assert digest(database) != written


def test_actors_in_these_tests_are_made_as_those_who_sign_in(desk: Divided) -> None:
    found = desk.actor("nora")
    assert isinstance(found, Actor)
    assert found.grants
