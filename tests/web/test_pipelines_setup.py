"""A pipeline is written in a form: its stages, their limits and what follows from them."""

import re
from html import unescape

import pytest
from tests.web.conftest import Pages
from tests.web.test_policies import fields_of, form

from tocsin.actions import pipelines as acts
from tocsin.queries import configuration, drafts
from tocsin.web import pipelines

PAGE = "/t/acme/settings/pipelines/support/"


def test_a_form_that_is_sent_back_untouched_changes_nothing(pages: Pages) -> None:
    client = pages.client("dora")
    assert client.post(PAGE, {**form(client, PAGE), "do": "save"}).status_code == 302
    assert "Nothing differs." in client.get("/t/acme/settings/drafts/").content.decode()


def test_a_stage_gets_its_limit_alerts_path_and_most(pages: Pages) -> None:
    client = pages.client("dora")
    sent = {**form(client, PAGE), "new_path": "up", "do": "add path"}
    page = client.post(PAGE, sent).content.decode()
    sent = {
        **fields_of(page),
        "paths.0.levels.0.team": ["service desk"],
        "stages.1.limit": ["4h"],
        "stages.1.wip": ["3"],
        "stages.1.path": ["up"],
        "stages.1.reentry": ["cumulative"],
        "stages.1.may": ["some"],
        "stages.1.moves": ["waiting", "done"],
    }
    page = client.post(PAGE, {**sent, "do": "add alert 1"}).content.decode()
    client.post(PAGE, {**fields_of(page), "stages.1.path": ["up"], "do": "save"})
    found = drafts.draft(kind="pipeline", key="support", by=pages.made.operator)
    assert found is not None
    stage = found.data["stages"][1]
    assert (stage["limit"], stage["wip"], stage["path"]) == ("4h", 3, "up")
    assert (stage["reentry"], stage["moves"]) == ("cumulative", ["waiting", "done"])
    assert stage["alerts"] == [{"at": "75%"}]
    page = client.get(PAGE).content.decode()
    assert "from being activated" not in page


def test_stages_come_go_and_change_places() -> None:
    data = {"name": "x", "stages": [{"key": "a"}, {"key": "b", "moves": ["c", "a"]}, {"key": "c"}]}

    def keys(do: str) -> list[str]:
        return [stage["key"] for stage in pipelines.edited(do, data, {})["stages"]]

    assert keys("up stage 1") == ["b", "a", "c"]
    assert keys("up stage 0") == ["a", "b", "c"]
    assert keys("down stage 1") == ["a", "c", "b"]
    assert keys("put stage 2 0") == ["c", "a", "b"]
    assert keys("add stage") == ["a", "b", "c", ""]
    assert keys("remove stage 9") == ["a", "b", "c"]
    # A stage that is gone is no place to go to.
    gone = pipelines.edited("remove stage 2", data, {})
    assert gone["stages"][1]["moves"] == ["a"]


def test_wrong_stages_are_told_by_their_names(pages: Pages) -> None:
    client = pages.client("dora")
    sent = {**form(client, PAGE), "stages.0.limit": "soon", "stages.3.wip": "many", "do": "save"}
    client.post(PAGE, sent)
    page = unescape(client.get(PAGE).content.decode())
    assert "Triage › Limit" in page
    assert "soon is no length" in page
    assert "Done › Most tickets at once" in page
    assert 'value="many"' in page


def test_a_new_pipeline_begins_with_stages_that_work(pages: Pages) -> None:
    client = pages.client("dora")
    answer = client.post("/t/acme/settings/new-pipeline/", {"key": "hr"})
    page = client.get(answer.headers["Location"]).content.decode()
    assert "from being activated" not in page
    assert page.count('class="card-box stage-form"') == 4


def test_a_column_that_is_over_its_most_says_so(pages: Pages) -> None:
    by = pages.made.operator
    known = configuration.thing(kind="pipeline", key="support", by=by)
    assert known is not None
    stages = [{**known.data["stages"][0], "wip": 1}, *known.data["stages"][1:]]
    acts.publish(key="support", config={**known.data, "stages": stages}, by=by)
    pages.made.open()
    client = pages.client("ann")
    board = "/t/acme/board/support/"
    assert re.search(
        r'<span class="n" data-wip="1"[^>]*>1 / 1<', client.get(board).content.decode()
    )
    pages.made.open()
    found = client.get(board).content.decode()
    assert re.search(r'<span class="n full" data-wip="1"[^>]*>2 / 1<', found)


@pytest.mark.parametrize(
    ("name", "key"), [("In work", "in-work"), ("Väntar på kund", "vantar-pa-kund"), ("!", "")]
)
def test_a_key_is_made_of_the_name(name: str, key: str) -> None:
    assert pipelines.key_of(name) == key
