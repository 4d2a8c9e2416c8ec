"""Escalation paths are written in plain forms, drawn, put into force, begun and ended by hand."""

import re
from html import unescape
from typing import Any

import pytest
from tests.desk import inside
from tests.web.conftest import PASSWORD, Pages
from tests.web.test_policies import fields_of

from tocsin.actions import config_versions, drafts, escalations, passwords, people
from tocsin.queries import configuration, path_starters
from tocsin.queries import desk as desks
from tocsin.queries import drafts as draft_queries
from tocsin.queries.access import Actor
from tocsin.web import path_drawing, path_edits, path_forms
from tocsin.web.path_words import Words

pytestmark = pytest.mark.long("every form of paths, and every way to be wrong")

WHOLE: dict[str, Any] = {
    "name": "Security",
    "enabled": True,
    "when": {"priority": ["P1", "P2"]},
    "calendar": "always",
    "stop": ["resolved", "acknowledged"],
    "acknowledge_within": "2h",
    "repeat": {"every": "1h", "times": 2},
    "empty": "defer",
    "triggers": [
        {"on": "clock", "clock": "resolution", "before": "1h", "in": "wall"},
        {"on": "clock", "clock": "*", "at": "75%"},
        {"on": "time", "stage": "triage", "for": "2h", "when": {"type": "outage"}},
        {"on": "priority", "is": ["P1"], "was": "P3"},
        {"on": "account", "when": {"any": [{"vip": True}, {"plan": {"set": True}}]}},
        {"on": "status", "was": ["resolved"], "is": "open"},
        {"on": "field", "name": "vip", "is": True},
        {"on": "manual"},
    ],
    "levels": [
        {
            "name": "IT",
            "branch": "IT",
            "wait": "0m",
            "team": "Service desk",
            "assign": "level 2",
            "notify": ["team:second line", "lead", "ann@acme.example"],
            "priority": "P1",
            "when": {"not": {"status": "resolved"}},
            "steps": [{"wait": "10m", "in": "wall", "notify": ["manager"], "note": "Call them"}],
        },
        {
            "name": "Legal",
            "branch": "Legal",
            "notify": ["department head"],
            "participants": ["lead"],
        },
        {
            "name": "End",
            "branch": "IT",
            "wait": "1h",
            "in": "business",
            "stage": "work",
            "customer": "We are at it.",
            "webhook": "ops",
            "notify": [],
        },
    ],
}
PAGE = "/t/acme/settings/paths/urgent/"
WRITE = f"{PAGE}write/"


def plain(key: str = "urgent", **more: Any) -> dict[str, Any]:
    return {
        "name": "Urgent",
        "triggers": [{"on": "manual"}],
        "levels": [
            {"name": "L1", "team": "Service desk", "notify": ["lead"]},
            {"name": "L2", "team": "Second line", "wait": "30m", "in": "wall"},
        ],
        **more,
    }


def publish(pages: Pages, key: str = "urgent", **more: Any) -> None:
    config_versions.publish(kind="path", key=key, data=plain(**more), by=pages.made.operator)


def kept(pages: Pages, key: str = "urgent") -> Any:
    found = draft_queries.draft(kind="path", key=key, by=pages.made.operator)
    return found.data if found else None


# ------------------------------------------------------------------------------------- the form


def test_a_form_that_is_sent_back_untouched_changes_nothing(pages: Pages) -> None:
    drafts.save(kind="path", key="urgent", data=WHOLE, by=pages.made.operator)
    client = pages.client("dora")
    page = client.get(WRITE).content.decode()
    texts = re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    sent = {**fields_of(page), **{name: unescape(text) for name, text in texts}}
    assert client.post(WRITE, {**sent, "do": "save"}).status_code == 302
    assert kept(pages) == WHOLE
    page = client.get(WRITE).content.decode()
    assert "keeps this from being activated" not in page
    assert "keep this from being activated" not in page


def test_a_path_is_written_previewed_and_activated_by_plain_forms(pages: Pages) -> None:
    pages.made.open()
    client = pages.client("dora")

    def again(form: dict[str, Any]) -> dict[str, Any]:
        return fields_of(client.post(WRITE, form).content.decode())

    answer = client.post("/t/acme/settings/new-path/", {"key": "urgent"})
    assert answer.headers["Location"] == WRITE
    sent = fields_of(client.get(WRITE).content.decode())
    sent = again({**sent, "triggers.0.on": "time", "do": "again"})
    assert "triggers.0.amount" in sent
    sent = again({**sent, "triggers.0.amount": "4h", "do": "add level"})
    assert sent["levels.2.name"] == ["L3"]
    sent = again({**sent, "levels.2.name": "Top", "do": "up level 2"})
    assert [sent[f"levels.{k}.name"] for k in range(3)] == [["L1"], ["Top"], ["L2"]]
    sent = again({**sent, "do": "add test @levels.1"})
    filled: dict[str, Any] = {"levels.1.when.0.field": "priority", "levels.1.when.0.value": "P1"}
    sent = again({**sent, **filled, "do": "add step 0"})
    filled = {"levels.0.steps.0.notify": ["manager", "team:second line"], "levels.0.others": ""}
    answer = client.post(WRITE, {**sent, **filled, "do": "preview"})
    assert answer.headers["Location"] == "/t/acme/settings/preview/path/urgent/"
    data = kept(pages)
    assert data["triggers"] == [{"on": "time", "for": "4h"}]
    assert data["levels"][1]["when"] == {"priority": "P1"}
    assert data["levels"][0]["steps"][0]["notify"] == ["manager", "team:second line"]
    page = unescape(client.get("/t/acme/settings/preview/path/urgent/").content.decode())
    assert "Open tickets that would begin it" in page
    assert "4h (wall time) in any stage untouched" in page
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    done = client.post(
        "/t/acme/settings/activate/path/urgent/", {"basis": "new tickets", "seen": seen[1]}
    )
    assert done.status_code == 302
    assert client.get(done.headers["Location"]).status_code == 200
    found = configuration.thing(kind="path", key="urgent", by=pages.made.operator)
    assert found is not None
    assert (found.version, found.data) == (1, data)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"triggers": []}, "add a trigger"),
        ({"triggers": [{"on": "time", "for": "soon"}]}, "soon is no length"),
        ({"triggers": [{"on": "priority"}]}, "say what it becomes"),
        ({"levels": [{"name": "L1", "team": "Nobody's"}]}, "there is no team"),
        ({"levels": [{"name": "L1", "notify": ["bob"]}]}, "nobody is called bob"),
        ({"levels": [{"name": "L1"}, {"name": "L2", "wait": "1h"}]}, "need a calendar"),
        ({"repeat": {"every": "5s"}}, "must be a minute or more"),
        ({"levels": []}, "a path needs at least one level"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_kept(
    pages: Pages, more: dict[str, Any], told: str
) -> None:
    drafts.save(kind="path", key="urgent", data=plain(**more), by=pages.made.operator)
    client = pages.client("dora")
    page = unescape(client.get(WRITE).content.decode())
    listed = re.search(r'<div class="told wide".*?</ul>', page, re.DOTALL)
    assert listed is not None
    assert told in listed[0]
    refused = client.get("/t/acme/settings/preview/path/urgent/").content.decode()
    assert "It cannot be activated yet" in refused


def test_a_broken_form_is_no_error_of_ours(pages: Pages) -> None:
    publish(pages)
    client = pages.client("dora")
    for sent in (
        {"kept": "[1]", "base": "x", "levels.0.kept": "3", "when.kept": "{"},
        {"levels.0": "x", "do": "add step 99"},
        {"do": "remove level 7"},
        {"do": "up step 0"},
        {"do": "add test 3 3 @levels.9"},
        {"do": "replace condition @levels.9.steps.1"},
        {"triggers.0.on": "nonsense", "levels.0.name": "", "do": "again"},
        {"triggers.0.on": "field", "do": "save"},
    ):
        answer = client.post(WRITE, sent)
        assert answer.status_code in (200, 302), sent
        assert client.get(WRITE).status_code == 200, sent


def test_buttons_move_take_away_and_never_fall_off_the_end() -> None:
    data = {"levels": [{"name": "a"}, {"name": "b"}], "triggers": [{"on": "manual"}]}
    for do, expected in (
        ("up level 1", ["b", "a"]),
        ("down level 0", ["b", "a"]),
        ("up level 0", ["a", "b"]),
        ("down level 1", ["a", "b"]),
        ("remove level 0", ["b"]),
        ("remove level 9", ["a", "b"]),
    ):
        made, _rows = path_edits.edited(do, data, {})
        assert [one["name"] for one in made["levels"]] == expected, do
    assert data["levels"] == [{"name": "a"}, {"name": "b"}]


# ----------------------------------------------------------------------------------- as in force


def test_a_path_is_drawn_and_told_in_words(pages: Pages) -> None:
    config_versions.publish(kind="path", key="urgent", data=WHOLE, by=pages.made.operator)
    page = unescape(pages.client("ann").get(PAGE).content.decode())
    assert 'class="path-drawing" role="img"' in page
    assert page.count('data-kind="level"') == 3
    for told in (
        "Resolution is due in 1h (wall time)",
        "any clock has used 75% of its target",
        "2h (wall time) in the stage Triage untouched, if Type is outage",
        "Status becomes Open and was Resolved",
        "2 branches begin together and run side by side.",
        "at once, if not (Status is Resolved): Service desk owns the ticket",
        "assigned to an agent of level 2; told: everybody of Second line, Team lead, Ann",
        "10m later (wall time): told: Manager; note: “Call them”",
        "It ends when somebody acknowledges or the ticket is resolved.",
        "begins anew after 1h, 2 times",
        "it waits for the next shift of the schedule that it names",
    ):
        assert told in page, told
    assert "Change</a>" not in page


def test_branches_are_lanes_and_arrows_cross_no_box() -> None:
    made = path_drawing.drawing(WHOLE, Words())
    levels = [box for box in made.boxes if box.kind == "level"]
    assert [lane.name for lane in made.lanes] == ["IT", "Legal"]
    assert levels[0].y == levels[1].y < levels[2].y
    assert levels[0].x == levels[2].x
    for box in made.boxes:
        assert box.x + box.width <= made.width
        assert box.y + box.height <= made.height
        for line in box.lines:
            assert box.y < line.y < box.y + box.height
    for one in made.boxes:
        for other in made.boxes:
            apart = one is other or one.x + one.width < other.x or other.x + other.width < one.x
            assert apart or one.y + one.height < other.y or other.y + other.height < one.y


def test_a_path_is_switched_off_and_its_versions_stay(pages: Pages) -> None:
    publish(pages)
    client = pages.client("dora")
    assert client.post(f"{PAGE}switch/", {"to": "off", "seen": "1"}).status_code == 302
    page = client.get(PAGE).content.decode()
    assert "switched off" in page
    assert client.post(f"{PAGE}switch/", {"to": "on", "seen": "1"}).status_code == 409
    history = client.get("/t/acme/settings/history/path/urgent/").content.decode()
    assert "Switched on" in history
    assert client.post("/t/acme/settings/restore/path/urgent/1/").status_code == 302
    assert kept(pages) == plain()
    assert pages.client("ann").post(f"{PAGE}switch/", {"to": "on"}).status_code == 404


# ------------------------------------------------------------------------------ the other pages


def test_the_matrix_has_a_row_a_trigger_and_begins_drafts_of_what_is_missing(pages: Pages) -> None:
    publish(pages, triggers=[{"on": "priority", "is": ["P1"]}, {"on": "manual"}])
    client = pages.client("dora")
    where = "/t/acme/settings/escalation-matrix/"
    page = unescape(client.get(where).content.decode())
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    assert any("Priority becomes P1" in row and "L1 at once: Service desk" in row for row in rows)
    assert any("Resolution passes its due (standard)" in row for row in rows)
    missing = re.findall(r'<button[^>]*name="which" value="([^"]*)"', page)
    assert missing == [f"escalation-{kind}" for kind in ("time", "account", "type", "status")]
    answer = client.post("/t/acme/settings/begin-paths/", {"which": missing})
    assert answer.headers["Location"] == "/t/acme/settings/drafts/"
    begun = [one.key for one in draft_queries.drafts(by=pages.made.operator)]
    assert sorted(begun) == [
        "important accounts",
        "reopened",
        "security and compliance",
        "untouched",
    ]


def test_every_starter_path_is_valid_at_its_desk(pages: Pages) -> None:
    by = pages.made.operator
    at_work = desk_of(by)
    for one in path_starters.starters(at_work).values():
        for thing in one.things:
            wrong = draft_queries.mistakes(kind=thing.kind, key=thing.key, data=thing.data, by=by)
            assert wrong == (), one.key
            again = path_forms.shown(thing.data)
            assert again.triggers
    three = path_starters.starters(at_work)["escalation"].things[0].data
    assert [level.get("team") for level in three["levels"]] == [
        "Service desk",
        "Second line",
        "Major incident",
    ]


def desk_of(by: Actor) -> desks.Desk:
    with inside(by.tenant):
        return desks.at_work(by.tenant)[0]


def test_the_responsibility_map_is_written_and_put_into_force(pages: Pages) -> None:
    client = pages.client("dora")
    where = "/t/acme/settings/responsibilities/"
    page = client.post(where, {**fields_of(client.get(where).content.decode()), "do": "add row"})
    sent = fields_of(page.content.decode())
    filled = {
        "rows.0.type": "outage",
        "rows.0.first": "ann@acme.example",
        "rows.0.backup": "lea@acme.example",
        "rows.0.team": "second line",
    }
    answer = client.post(where, {**sent, **filled, "do": "preview"})
    assert answer.headers["Location"] == "/t/acme/settings/preview/responsibilities/map/"
    assert client.get(answer.headers["Location"]).status_code == 200
    client.post("/t/acme/settings/activate/responsibilities/map/", {"basis": "new tickets"})
    found = configuration.thing(kind="responsibilities", key="map", by=pages.made.operator)
    assert found is not None
    own = {"first": "ann@acme.example", "backup": "lea@acme.example", "team": "second line"}
    assert found.data == {"types": {"outage": own}}
    twice = {**filled, **{name.replace("0", "1"): value for name, value in filled.items()}}
    client.post(where, {"base": "1", **twice, "do": "save"})
    assert "two are the same" in unescape(client.get(where).content.decode())


# ------------------------------------------------------------------------------------ the ticket


def test_an_agent_escalates_acknowledges_and_stops_by_hand(pages: Pages) -> None:
    publish(pages, acknowledge_within="2h")
    pages.made.open()
    client = pages.client("ann")
    here = "/t/acme/tickets/1/"
    start, stop = f"{here}escalation/start/", f"{here}escalation/stop/"
    assert client.post(start, {"path": "urgent", "reason": ""}).status_code == 422
    assert client.post(start, {"path": "urgent", "reason": "They called"}).status_code == 302
    page = unescape(client.get(here).content.decode())
    assert "begun by hand" in page
    assert "“They called”" in page
    assert 'data-until="' in page
    assert "Escalated by hand: the path Urgent has begun" in page
    again = client.post(start, {"path": "urgent", "reason": "Again"})
    assert "running on the ticket already" in again.content.decode()
    assert client.post(f"{here}escalation/acknowledge/", {"number": "1"}).status_code == 302
    page = unescape(client.get(here).content.decode())
    assert "Ann acknowledged at" in page
    assert client.post(stop, {"number": "1", "reason": "Done"}).status_code == 302
    page = unescape(client.get(here).content.decode())
    assert "stopped by hand" in page
    assert "1 escalation ended" in page
    assert client.post(stop, {"number": "x", "reason": "n"}).status_code == 422


def test_what_runs_is_moved_to_the_new_version_when_somebody_says_so(pages: Pages) -> None:
    publish(pages)
    id_ = pages.made.open()
    escalations.start(ticket_id=id_, path="urgent", reason="Now", by=pages.made.operator)
    publish(pages, acknowledge_within="1h")
    client = pages.client("ann")
    page = client.get(PAGE).content.decode()
    assert "Move to version 2" in page
    sent = {"number": "1", "path": "urgent"}
    assert client.post("/t/acme/tickets/1/escalation/upgrade/", sent).status_code == 302
    page = client.get(PAGE).content.decode()
    assert "Move to version" not in page
    assert "T-1" in page


def test_an_auditor_sees_what_runs_and_has_no_buttons(pages: Pages) -> None:
    publish(pages)
    by = pages.made.operator
    escalations.start(ticket_id=pages.made.open(), path="urgent", reason="Now", by=by)
    id_ = people.add_person(name="Ada", email="ada@acme.example", role="auditor", by=by)
    passwords.give(person=id_, password=PASSWORD, by=by)
    client = pages.client("ada")
    page = client.get("/t/acme/tickets/1/").content.decode()
    assert "begun by hand" in page
    assert "escalation/stop/" not in page
    page = client.get(PAGE).content.decode()
    assert "path-drawing" in page
    assert "Switch off" not in page
    assert client.get(WRITE).status_code == 404
