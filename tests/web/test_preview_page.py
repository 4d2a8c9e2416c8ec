"""Before an activation its effect is shown; a draft that is wrong or stale is not activated."""

import datetime as dt
import re
from functools import partial
from html import unescape
from typing import Any

import pytest
from tests.desk import POLICIES, Database, company
from tests.web.conftest import Pages, desk_of

from tocsin.actions import activation, drafts, people
from tocsin.queries import configuration, preview
from tocsin.queries import drafts as draft_queries
from tocsin.web import activating

pytestmark = pytest.mark.long("desks that are decided anew")

PREVIEW = "/t/acme/settings/preview/policy/standard/"
ACTIVATE = "/t/acme/settings/activate/policy/standard/"


def tighter() -> dict[str, Any]:
    """Return the desk's policy with an hour for a resolution instead of a day."""
    own = POLICIES["policies"][0]
    clocks = [own["clocks"][0], {**own["clocks"][1], "targets": {"P1": "4h", "*": "1h"}}]
    return {**own, "clocks": clocks, "paths": POLICIES["paths"]}


@pytest.fixture
def drafted(pages: Pages) -> Pages:
    pages.made.open()
    drafts.save(kind="policy", key="standard", data=tighter(), base=1, by=pages.made.operator)
    return pages


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found is not None
    return found[1]


def figures(page: str) -> dict[str, list[int]]:
    """Return the four figures of each way to activate, by its name."""
    found = re.findall(r'<a class="basis".*?</a>', page, re.DOTALL)
    return {
        re.findall(r"<b>(.*?)</b>", one)[0]: [int(n) for n in re.findall(r"<b>(\d+)</b>", one)]
        for one in found
    }


def test_each_way_to_activate_has_its_own_figures(drafted: Pages) -> None:
    page = drafted.client("dora").get(f"{PREVIEW}?basis=future time").content.decode()
    assert figures(page) == {
        "New tickets only": [0, 0, 0, 0],
        "Future time only": [1, 0, 0, 0],
        "Restate": [1, 0, 0, 0],
    }
    assert 'href="/t/acme/tickets/1/">T-1</a>' in page
    assert "Times in Europe/Stockholm." in page or "Times in UTC." in page
    assert "<del>24h</del>" in page
    assert "<ins>1h</ins>" in page
    found = drafted.client("dora").get(
        f"{PREVIEW}?basis=restate", headers={"Accept": "application/json"}
    )
    assert found.json()["moved"] == 1


def test_looking_at_a_preview_changes_nothing(drafted: Pages) -> None:
    by = drafted.made.operator
    before = configuration.newest(by=by)
    drafted.client("dora").get(PREVIEW)
    assert configuration.newest(by=by) == before


def test_activating_puts_the_draft_into_force_in_the_chosen_way(drafted: Pages) -> None:
    client, by = drafted.client("dora"), drafted.made.operator
    page = client.get(f"{PREVIEW}?basis=future time").content.decode()
    sent = {"basis": "future time", "seen": seen(page)}
    answer = client.post(ACTIVATE, sent)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/t/acme/settings/activated/policy/standard/")
    known = configuration.thing(kind="policy", key="standard", by=by)
    assert known is not None
    assert known.version == 2
    assert draft_queries.draft(kind="policy", key="standard", by=by) is None
    after = client.get(answer.headers["Location"]).content.decode()
    assert "standard is in force, version 2" in after
    assert "0 of 1 tickets are planned anew." in after
    told = client.get(answer.headers["Location"], headers={"Accept": "application/json"})
    assert told.json() == {"left": 1, "of": 1}


def test_a_restatement_needs_a_reason_and_keeps_what_was_typed(drafted: Pages) -> None:
    client = drafted.client("dora")
    page = client.get(f"{PREVIEW}?basis=restate").content.decode()
    sent = {"basis": "restate", "seen": seen(page), "reason": " "}
    answer = client.post(ACTIVATE, sent)
    assert answer.status_code == 422
    assert "Say why" in answer.content.decode()
    answer = client.post(ACTIVATE, {**sent, "reason": "The contract said one hour"})
    assert answer.status_code == 302


def test_a_stale_draft_is_refused_and_kept(drafted: Pages) -> None:
    client, by = drafted.client("dora"), drafted.made.operator
    page = client.get(f"{PREVIEW}?basis=restate").content.decode()
    drafts.save(kind="policy", key="other", data={}, by=by)
    people.add_person(name="Eve", email="eve@acme.example", role="agent", by=by)
    sent = {"basis": "restate", "seen": seen(page), "reason": "As agreed in May"}
    answer = client.post(ACTIVATE, sent)
    assert answer.status_code == 409
    shown = unescape(answer.content.decode())
    assert "was changed since you looked at it" in shown
    assert "As agreed in May" in shown
    assert draft_queries.draft(kind="policy", key="standard", by=by) is not None
    # Having looked again one may.
    assert client.post(ACTIVATE, {**sent, "seen": seen(shown)}).status_code == 302


def test_a_draft_that_began_from_an_older_version_says_so(drafted: Pages) -> None:
    by = drafted.made.operator
    drafts.save(kind="policy", key="standard", data=tighter(), base=0, by=by)
    client = drafted.client("dora")
    page = client.get(PREVIEW).content.decode()
    assert "changed by somebody else" in page
    answer = client.post(ACTIVATE, {"basis": "new tickets", "seen": seen(page)})
    assert answer.status_code == 409


def test_an_agent_finds_neither_preview_nor_activation(drafted: Pages) -> None:
    client = drafted.client("ann")
    assert client.get(PREVIEW).status_code == 404
    assert client.post(ACTIVATE, {"basis": "new tickets"}).status_code == 404


def test_an_old_version_comes_back_as_a_draft(drafted: Pages) -> None:
    client, by = drafted.client("dora"), drafted.made.operator
    page = client.get(PREVIEW).content.decode()
    client.post(ACTIVATE, {"basis": "new tickets", "seen": seen(page)})
    history = client.get("/t/acme/settings/history/policy/standard/").content.decode()
    assert "Version 2" in history
    assert "Dora" in history
    answer = client.post("/t/acme/settings/restore/policy/standard/1/")
    assert answer.headers["Location"] == "/t/acme/settings/policies/standard/"
    draft = draft_queries.draft(kind="policy", key="standard", by=by)
    assert draft is not None
    assert draft.base == 2
    assert draft.data["clocks"][1]["targets"]["*"] == "24h"
    assert client.post("/t/acme/settings/restore/policy/standard/9/").status_code == 404


def test_what_would_breach_is_listed_first(database: Database) -> None:
    now: dt.datetime = database.one("SELECT clock_timestamp()")
    pages = desk_of(company("acme", now=now - dt.timedelta(days=1)), "acme")
    by = pages.made.operator
    pages.made.open(now=now)
    pages.made.open(now=now - dt.timedelta(hours=2))
    drafts.save(kind="policy", key="standard", data=tighter(), base=1, by=by)
    page = pages.client("dora").get(f"{PREVIEW}?basis=restate").content.decode()
    assert figures(page)["Restate"] == [2, 1, 0, 0]
    first, second = re.findall(r"<tr><th scope=\"row\"><a href=.*?</tr>", page, re.DOTALL)
    assert "T-2" in first
    assert "would breach" in first
    assert "earlier" in second


def test_a_large_desk_is_counted_slice_by_slice(
    drafted: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        drafted.made.open()
    monkeypatch.setattr(activating, "AT_ONCE", 2)
    client = drafted.client("dora")
    where = f"{PREVIEW}?basis=restate"
    page = client.get(where).content.decode()
    assert figures(page)["Restate"][0] == 2
    assert "2 of 5 tickets were looked at" in page
    since = re.findall(r'data-count="\?basis=restate" data-after="(\d+)"', page)[0]
    as_data = {"Accept": "application/json"}
    more = client.get(f"{where}&after={since}", headers=as_data).json()
    assert (more["tickets"], more["moved"], more["of"]) == (2, 2, 5)
    last = client.get(f"{where}&after={more['last']}", headers=as_data).json()
    assert (last["tickets"], last["last"]) == (1, 0)
    # Without scripts all are counted when it is asked for.
    assert figures(client.get(f"{where}&all=1").content.decode())["Restate"][0] == 5


def test_slices_add_up_to_the_whole(drafted: Pages) -> None:
    by = drafted.made.operator
    for _ in range(4):
        drafted.made.open()
    found = activation.rehearse(
        kind="policy", key="standard", data=tighter(), by=by, basis="restate"
    )
    look = partial(preview.preview, before=found.before, after=found.after, by=by, now=found.at)
    since, moved, tickets = 0, 0, []
    while True:
        part = look(since=since, tickets=2)
        moved, since = moved + part.moved, part.last
        tickets.append(part.tickets)
        if not since:
            break
    assert tickets == [2, 2, 1]
    assert part.of == 5
    assert moved == look().moved == 5
