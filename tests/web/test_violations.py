"""The pages of violations, restatements and pauses: sums, files, forms, words."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from tests.desk import ALWAYS, Database
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import ledger, passwords, pauses, people, sla, tickets, violations
from tocsin.queries import access
from tocsin.web.sheets import safe
from tocsin.web.violations import COLUMNS

pytestmark = pytest.mark.long("a register of many misses")

HOUR = dt.timedelta(hours=1)
_COUNT = re.compile(r'data-count="(\d+)"')


@pytest.fixture
def now(database: Database) -> dt.datetime:
    found: dt.datetime = database.one("SELECT clock_timestamp()")
    return found


@pytest.fixture
def missed(pages: Pages, now: dt.datetime) -> list[int]:
    """Miss two promises on each of three tickets; the desk's policies hold for them all."""
    made = pages.made
    sla.publish(config=_config(), by=made.operator, always=True)
    found = []
    for subject in ("=HYPERLINK(1)", "@boom", "<b>bold</b>"):
        ticket = made.open(subject=subject, type="old", team="Service desk", now=now - 30 * HOUR)
        with ledger.change(ticket, by=made.operator, now=now):
            pass
        found.append(ticket)
    return found


def _config(**clock: Any) -> dict[str, Any]:
    policy = {
        "key": "old",
        "rank": 0,
        "when": {"type": "old"},
        "calendar": "always",
        "clocks": [
            {"clock": "first response", "targets": {"*": "1h"}},
            {"clock": "resolution", "targets": {"*": "24h"}, **clock},
        ],
    }
    return {"tocsin": 1, "calendars": {"always": ALWAYS}, "policies": [policy]}


def body(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    return answer.content.decode()


def figures(page: str) -> Iterator[tuple[str, int]]:
    found = re.findall(
        r'<a class="figure" href="(\?[^"]*)">.*?data-number="\w+">(\d+)<', page, re.DOTALL
    )
    for address, number in found:
        yield address.replace("&amp;", "&"), int(number)


def sent(client: Client, address: str) -> list[list[str]]:
    answer = client.post(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.search(r'attachment; filename="violations-[\d-]+\.csv"', str(answer.headers))
    assert answer.streaming
    whole = answer.getvalue()
    assert whole.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(whole.decode("utf-8-sig"), newline="")))


# --------------------------------------------------------------------------------- the register


def test_every_sum_opens_exactly_its_rows(
    pages: Pages, missed: list[int], database: Database
) -> None:
    client = pages.client("lea")
    ids = [row[0] for row in database.rows("SELECT id FROM violation ORDER BY id")]
    assert len(ids) == 6
    violations.acknowledge(violation_id=ids[0], by=pages.made.operator)
    database.rows(f"UPDATE violation SET withdrawn_at = now() WHERE id = {ids[1]}")
    for query in ("", "?clock=resolution", "?seen=yes&days=7", "?stands=no", "?team=-"):
        page = body(client, f"/t/acme/reports/violations/{query}")
        found = list(figures(page))
        assert len(found) == 4
        for address, number in found:
            opened = body(client, f"/t/acme/reports/violations/{address}")
            assert _COUNT.search(opened)[1] == str(number), address  # type: ignore[index]
            assert opened.count('<tr id="v-') == number
    numbers = [number for _, number in figures(body(client, "/t/acme/reports/violations/"))]
    assert numbers == [6, 4, 1, 1]


def test_a_row_says_all_of_it_in_words_and_leads_to_the_strip(
    pages: Pages, missed: list[int]
) -> None:
    page = body(pages.client("lea"), "/t/acme/reports/violations/?clock=resolution")
    row = page[page.index('<tr id="v-') :].partition("</tr>")[0]
    for told in ("T-3", "&lt;b&gt;bold&lt;/b&gt;", "Resolution", "Service desk", "Time ran out"):
        assert told in row
    assert "old v1" in row
    assert "still growing" in row
    assert re.search(r"6 h (\d+ min )?(\d+ s )?open", row)
    link = re.search(r'href="(/t/acme/tickets/3/why/[^"]*)"', row)
    assert link
    body(pages.client("lea"), link[1].replace("&amp;", "&"))


def test_what_cannot_be_asked_for_is_refused(pages: Pages, missed: list[int]) -> None:
    client = pages.client("lea")
    for query in ("days=5", "cause=luck", "seen=maybe", "stands=1", "after=x", "owner=%00"):
        for page in ("reports/violations/", "reports/violations.csv"):
            if query == "after=x" and page.endswith("csv"):
                continue
            asks = client.post if page.endswith("csv") else client.get
            answer = asks(f"/t/acme/{page}?{query}")
            assert answer.status_code == 422, (page, query)


def test_more_rows_come_where_the_last_ones_ended(pages: Pages, now: dt.datetime) -> None:
    made = pages.made
    sla.publish(config=_config(), by=made.operator, always=True)
    for k in range(26):
        ticket = made.open(type="old", now=now - 30 * HOUR + k * dt.timedelta(minutes=1))
        with ledger.change(ticket, by=made.operator, now=now):
            pass
    client = pages.client("lea")
    page = body(client, "/t/acme/reports/violations/?cause=time")
    assert page.count('<tr id="v-') == 50
    more = re.search(r'hx-get="(\?[^"]*)"', page)
    assert more
    address = more[1].replace("&amp;", "&")
    assert "cause=time" in address
    rest = body(client, f"/t/acme/reports/violations/{address}", **{"HX-Request": "true"})
    assert rest.count('<tr id="v-') == 2
    assert "<html" not in rest
    assert len(sent(client, "/t/acme/reports/violations.csv?cause=time")) == 53


# --------------------------------------------------------------------------------- the file


def test_the_file_holds_what_the_page_counts_and_no_cell_is_a_formula(
    pages: Pages, missed: list[int], database: Database
) -> None:
    client = pages.client("lea")
    id_ = database.one("SELECT max(id) FROM violation")
    violations.acknowledge(violation_id=id_, note="-1+1", by=pages.made.operator)
    head, *lines = sent(client, "/t/acme/reports/violations.csv?clock=resolution")
    assert tuple(head) == COLUMNS
    assert len(lines) == 3
    subjects = {line[1] for line in lines}
    assert subjects == {"'=HYPERLINK(1)", "'@boom", "<b>bold</b>"}
    assert not any(cell[:1] in "=+-@\t\r" for line in lines for cell in line if cell)
    for line in lines:
        told = dict(zip(head, line, strict=True))
        due, as_of = (dt.datetime.fromisoformat(told[key]) for key in ("due_at", "as_of"))
        assert float(told["wall_overrun_seconds"]) == (as_of - due).total_seconds()
        assert told["overrun_is"] == "as of now"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_what_begins_like_a_formula_gets_an_apostrophe(sign: str) -> None:
    assert safe(f"{sign}1") == f"'{sign}1"
    assert safe(f"1{sign}") == f"1{sign}"
    assert safe(-1) == -1


# --------------------------------------------------------------------------------- seeing to it


def test_a_lead_acknowledges_with_a_note_and_comes_back_to_the_same_list(
    pages: Pages, missed: list[int], database: Database
) -> None:
    client = pages.client("lea")
    id_ = database.one("SELECT min(id) FROM violation")
    back = "days=7&clock=first+response"
    form = {"note": "Nobody was in", "back": back}
    answer = client.post(f"/t/acme/reports/violations/{id_}/acknowledge/", form)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/t/acme/reports/violations/?{back}#v-{id_}"
    page = body(client, f"/t/acme/reports/violations/?{back}")
    assert "“Nobody was in”" in page
    assert "Lea" in page
    ticket = body(client, "/t/acme/tickets/1/")
    assert "Violation of First response acknowledged" in ticket
    again = client.post(f"/t/acme/reports/violations/{id_}/acknowledge/", form)
    assert again.status_code == 422
    assert "already" in again.content.decode()


def test_a_note_that_is_refused_stands_in_its_field_again(
    pages: Pages, missed: list[int], database: Database
) -> None:
    id_ = database.one("SELECT min(id) FROM violation")
    note = "<i>" + "x" * 2000
    answer = pages.client("lea").post(
        f"/t/acme/reports/violations/{id_}/acknowledge/", {"note": note, "back": "days=7"}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"&lt;i&gt;{'x' * 2000}</textarea>" in page
    assert "The note has 2003 characters" in page
    assert 'aria-invalid="true"' in page


def test_an_auditor_sees_the_register_and_has_no_form(pages: Pages, missed: list[int]) -> None:
    ada = people.add_person(
        name="Ada", email="ada@acme.example", role="auditor", by=pages.made.operator
    )
    passwords.give(person=ada, password=PASSWORD, by=pages.made.operator)
    assert "/acknowledge/" in body(pages.client("lea"), "/t/acme/reports/violations/")
    page = body(pages.client("ada"), "/t/acme/reports/violations/")
    assert page.count('<tr id="v-') == 6
    assert "/acknowledge/" not in page
    assert pages.client("ann").get("/t/acme/reports/violations/").status_code == 404


# --------------------------------------------------------------------------------- pauses


def test_a_request_stands_on_the_ticket_and_is_answered_there(
    pages: Pages, now: dt.datetime, database: Database
) -> None:
    made = pages.made
    config = _config(pauses={"approval": True, "budget": "2h", "tell_customer": True})
    sla.publish(config=config, by=made.operator, always=True)
    made.open(type="old", team="Service desk", now=now)
    ann, lea = pages.client("ann"), pages.client("lea")
    form = body(ann, "/t/acme/tickets/1/")
    assert "The policy wants pauses approved by a lead." in form
    assert "Resolution may pause for 2 h more, of 2 h." in form
    assert "The customer is told the reason." in form
    moved = ann.post("/t/acme/tickets/1/move/", {"to": "waiting"})
    assert moved.status_code == 422
    assert "choose Wait" in moved.content.decode()
    asked = ann.post(
        "/t/acme/tickets/1/pause/", {"reason": "a photo", "status": "waiting customer"}
    )
    assert asked.status_code == 302
    assert "pause/approve/" not in body(ann, "/t/acme/tickets/1/")
    page = body(lea, "/t/acme/tickets/1/")
    assert "Ann asks for leave to pause: Waiting for customer" in page
    assert "“a photo”" in page
    assert "Ann asks for leave to pause" in body(lea, "/t/acme/notifications/")
    assert ann.post("/t/acme/tickets/1/pause/approve/").status_code == 404
    assert lea.post("/t/acme/tickets/1/pause/approve/").status_code == 302
    page = body(lea, "/t/acme/tickets/1/")
    assert "pause/approve/" not in page
    assert "We are waiting for something from you: a photo" in page
    assert "The pause was approved" in page
    assert "The pause you asked for was approved" in body(ann, "/t/acme/notifications/")


def rescued(pages: Pages, now: dt.datetime) -> None:
    """Keep one promise only by a pause, and one without."""
    made = pages.made
    sla.publish(config=_config(), by=made.operator, always=True)
    ann = made.person("ann")
    for hours, waits in ((40, True), (10, False)):
        begun = now - hours * HOUR
        ticket = made.open(type="old", team="Service desk", now=begun)
        tickets.reply(ticket_id=ticket, body="Hello", by=ann, now=begun + HOUR / 2)
        if waits:
            tickets.pause(ticket_id=ticket, reason="A photo", by=ann, now=begun + HOUR)
            tickets.resume(ticket_id=ticket, by=ann, now=begun + 21 * HOUR)
        tickets.resolve(ticket_id=ticket, by=ann, now=now - 5 * HOUR)


def test_the_report_says_what_pauses_rescued_and_each_number_opens_it(
    pages: Pages, now: dt.datetime
) -> None:
    rescued(pages, now)
    client = pages.client("lea")
    page = body(client, "/t/acme/reports/compliance/?days=7&clock=resolution")
    part = page[page.index('aria-labelledby="rescued"') :].partition("</section>")[0]
    assert "50 % of the promises kept (2) would have been missed" in part
    links = re.findall(r'href="([^"]*rescued=yes[^"]*)"[^>]*>(\d+)<', part)
    assert len(links) == 3
    for address, number in links:
        opened = body(client, address.replace("&amp;", "&"))
        assert _COUNT.search(opened)[1] == number == "1"  # type: ignore[index]
        assert "rescued by pauses" in opened


def test_the_pauses_by_reason_and_by_person(pages: Pages, now: dt.datetime) -> None:
    rescued(pages, now)
    client = pages.client("lea")
    page = body(client, "/t/acme/reports/pauses/?days=7")
    assert "A photo" in page
    assert "20 h" in page
    links = re.findall(r'href="(\?days=7&amp;\w+=[^"]*)">(\d+)<', page)
    assert len(links) == 2
    for address, number in links:
        opened = body(client, f"/t/acme/reports/pauses/{address.replace('&amp;', '&')}")
        assert _COUNT.search(opened)[1] == number == "1"  # type: ignore[index]
    nothing = body(client, "/t/acme/reports/pauses/?days=7&reason=other")
    assert "No pause held a clock" in nothing
    assert client.get("/t/acme/reports/pauses/?days=5").status_code == 422
    assert client.get("/t/acme/reports/pauses/?reason=%00").status_code == 422


def test_refusing_from_the_page(pages: Pages, now: dt.datetime) -> None:
    made = pages.made
    sla.publish(config=_config(pauses={"approval": True}), by=made.operator, always=True)
    ticket = made.open(type="old", now=now)
    tickets.pause(ticket_id=ticket, reason="lunch", by=made.person("ann"))
    lea = pages.client("lea")
    assert lea.post("/t/acme/tickets/1/pause/refuse/", {"seen": "1"}).status_code == 409
    assert lea.post("/t/acme/tickets/1/pause/refuse/").status_code == 302
    assert "The pause was refused" in body(lea, "/t/acme/tickets/1/")
    with pytest.raises(access.NotAllowed):
        pauses.approve_pause(ticket_id=ticket, by=made.operator)
