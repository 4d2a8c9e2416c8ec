"""A policy is written in a form: rows, targets, pauses, alerts, modes; it is a draft until then."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.desk import Company, Database
from tests.web.conftest import Pages, desk_of

from tocsin.actions import drafts as acts
from tocsin.actions import passwords, people, tenants
from tocsin.engine.preset import PRESETS
from tocsin.queries import access, drafts
from tocsin.web import conditions, modes, policies, policy_forms, target_text

PAGE = "/t/acme/settings/policies/standard/"


def fields_of(page: str) -> dict[str, list[str]]:
    """Return what a browser would send of the page's editor: without any script."""
    form = re.search(r"<form[^>]*data-editor.*?</form>", page, re.DOTALL)
    assert form is not None
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input\b[^>]*>|<select\b.*?</select>", form[0], re.DOTALL):
        name = re.search(r'name="([^"]*)"', tag)
        if name is None:
            continue
        if tag.startswith("<select"):
            options = re.findall(r"<option([^>]*)>(.*?)</option>", tag, re.DOTALL)
            chosen = [one for one in options if "selected" in one[0]] or options[:1]
            for attributes, text in chosen:
                value = re.search(r'value="([^"]*)"', attributes)
                found.setdefault(name[1], []).append(unescape(value[1] if value else text))
            continue
        boxed = re.search(r'type="(checkbox|radio)"', tag)
        if boxed and "checked" not in tag:
            continue
        value = re.search(r'value="([^"]*)"', tag)
        found.setdefault(name[1], []).append(unescape(value[1]) if value else "on")
    return found


def form(client: Client, path: str = PAGE) -> dict[str, list[str]]:
    answer = client.get(path)
    assert answer.status_code == 200
    return fields_of(answer.content.decode())


def kept(pages: Pages, key: str = "standard") -> Any:
    found = drafts.draft(kind="policy", key=key, by=pages.made.operator)
    return found.data if found else None


def test_a_form_that_is_sent_back_untouched_changes_nothing(pages: Pages) -> None:
    client = pages.client("dora")
    sent = form(client)
    answer = client.post(PAGE, {**sent, "do": "save"})
    assert answer.status_code == 302
    lines = client.get("/t/acme/settings/drafts/").content.decode()
    assert "Nothing differs." in lines
    assert kept(pages)["clocks"][1]["path"] == "standard"
    page = client.get(PAGE).content.decode()
    assert "Draft by Dora" in page
    assert "keeps this from being activated" not in page


# ------------------------------------------------------------------------------ what may be typed


def test_a_policy_is_written_by_plain_forms_and_kept_as_a_draft(pages: Pages) -> None:
    pages.made.open(priority="P1")
    pages.made.open(priority="P4")
    client = pages.client("dora")
    answer = client.post("/t/acme/settings/new-policy/", {"key": "gold"})
    assert answer.headers["Location"] == "/t/acme/settings/policies/gold/"
    path = answer.headers["Location"]
    page = client.post(path, {**form(client, path), "do": "add test"}).content.decode()
    sent = fields_of(page)
    assert sent["when.0.field"] == [""]
    # The values that are offered follow from the field: the page comes back with them.
    page = client.post(path, {**sent, "when.0.field": "priority", "do": "again"}).content.decode()
    assert 'value="P1"' in page
    sent = {**fields_of(page), "when.0.value": ["P1", "P2"]}
    page = client.post(path, {**sent, "do": "add group"}).content.decode()
    filled: dict[str, str | list[str]] = {
        **fields_of(page),
        "when.1.in.0.field": "plan",
        "when.1.in.0.op": "in",
        "when.1.in.0.value": "gold, silver",
        "when.1.in.not": "1",
        "clocks.1.cells.0": "2 business days at close",
        "clocks.1.cells.4": "3 calendar days",
        "clocks.1.pause": ["waiting customer", "waiting internal"],
        "clocks.1.pauses.reason": "1",
        "clocks.1.pauses.budget": "8h",
        "clocks.1.modes.on_reopen": "from creation",
        "valid_until": "2030-01-01T00:00",
        "do": "save",
    }
    assert client.post(path, filled).status_code == 302
    data = kept(pages, "gold")
    assert data["when"] == {"priority": ["P1", "P2"], "not": {"plan": ["gold", "silver"]}}
    resolution = data["clocks"][1]
    assert resolution["targets"]["P1"] == {"business_days": 2, "at": "close"}
    assert resolution["targets"]["*"] == {"calendar_days": 3}
    assert resolution["pause"] == {"status": ["waiting customer", "waiting internal"]}
    assert resolution["pauses"] == {"reason": True, "budget": "8h"}
    assert resolution["on_reopen"] == "from creation"
    assert data["valid_until"].startswith("2030-01-01T00:00:00")
    page = client.get(path).content.decode()
    assert re.search(r"<b>1</b> <span>of 2 open tickets match", page)
    assert "keeps this from being activated" not in page


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"clocks.0.cells.0": "soon"}, "First response › P1", "soon is no length"),
        ({"clocks.0.cells.0": "3d"}, "First response › P1", "3d is ambiguous"),
        ({"rank": "first"}, "Order", "write a whole number, 0 or more"),
        ({"clocks.0.alerts.0.amount": "lots"}, "Alerts", "lots% is no share"),
        ({"clocks.1.pauses.budget": "much"}, "Pause budget", "much is no length"),
        ({"valid_from": "tomorrow"}, "Holds from", "write a date and a time"),
        ({"clocks.0.alerts.0.others": "bob"}, "Who is told", "nobody is called bob"),
        ({"calendar.how": "team", "calendar.key": ""}, "Calendar", "have none of their own"),
    ],
)
def test_wrong_input_names_field_and_reason_and_is_kept(
    pages: Pages, typed: dict[str, str], field: str, told: str
) -> None:
    client = pages.client("dora")
    assert client.post(PAGE, {**form(client), **typed, "do": "preview"}).status_code == 302
    page = unescape(client.get(PAGE).content.decode())
    listed = re.search(r'<div class="told wide".*?</ul>', page, re.DOTALL)
    assert listed is not None
    assert field in listed[0]
    assert told in listed[0]
    name, value = next(iter(typed.items()))
    assert fields_of(page)[name] == [value]
    refused = client.get("/t/acme/settings/preview/policy/standard/").content.decode()
    assert "It cannot be activated yet" in refused
    assert "Activate for" not in refused


def test_an_equal_rank_is_refused_with_the_other_policys_name(pages: Pages) -> None:
    client = pages.client("dora")
    client.post("/t/acme/settings/new-policy/", {"key": "gold"})
    path = "/t/acme/settings/policies/gold/"
    client.post(path, {**form(client, path), "rank": "1", "do": "save"})
    page = (
        client.get(path).content.decode()
        + client.get("/t/acme/settings/preview/policy/gold/").content.decode()
    )
    assert "standard has this place already" in unescape(page)


def test_rows_of_ones_own_take_the_place_of_the_matrix_and_go_back(pages: Pages) -> None:
    client = pages.client("dora")
    page = client.post(PAGE, {**form(client), "do": "own rows 0"}).content.decode()
    sent = fields_of(page)
    assert sent["clocks.0.rows.0.label"] == ["P1"]
    sent |= {"clocks.0.rows.0.when.0.field": ["type"], "clocks.0.rows.0.when.0.value": ["outage"]}
    client.post(PAGE, {**sent, "do": "save"})
    rows = kept(pages)["clocks"][0]["targets"]
    assert rows[0] == {"label": "P1", "when": {"type": "outage"}, "target": "15m"}
    page = client.post(PAGE, {**form(client), "do": "by priority 0"}).content.decode()
    assert fields_of(page)["clocks.0.cells.4"] == ["1h"]


def test_what_rows_cannot_say_is_kept_as_it_was(pages: Pages) -> None:
    deep = {"all": [{"any": [{"all": [{"plan": "gold"}, {"vip": True}]}, {"priority": "P1"}]}]}
    data = {
        "key": "standard",
        "rank": 1,
        "when": deep,
        "calendar": "always",
        "clocks": [
            {
                "clock": "lab turn",
                "start": {"status": "waiting internal"},
                "stop": [{"when": {"status": "open"}, "reason": "back"}],
                "pause": {"team": "lab"},
                "targets": {"*": "4h"},
            }
        ],
    }
    acts.save(kind="policy", key="standard", data=data, base=1, by=pages.made.operator)
    client = pages.client("dora")
    client.post(PAGE, {**form(client), "do": "save"})
    assert kept(pages) == data
    page = client.post(PAGE, {**form(client), "do": "replace condition"}).content.decode()
    assert "No condition" in page


def test_order_buttons_take_a_free_number_between_the_neighbours() -> None:
    assert policies.free_rank(30, [10, 20], up=True) == 15
    assert policies.free_rank(10, [20, 40], up=False) == 30
    assert policies.free_rank(2, [1], up=True) == 0
    assert policies.free_rank(3, [1, 2], up=True) is None
    assert policies.free_rank(1, [2], up=True) == 1


def test_a_policy_moves_in_the_list_as_a_draft(pages: Pages) -> None:
    client = pages.client("dora")
    order = "/t/acme/settings/policies/standard/order/"
    assert client.post(order, {"to": "down"}).status_code == 302
    assert kept(pages)["rank"] == 1


def test_who_may_only_read_gets_the_form_and_changes_nothing(pages: Pages) -> None:
    id_ = people.add_person(
        name="Ada", email="ada@acme.example", role="auditor", by=pages.made.operator
    )
    passwords.give(person=id_, password="a long word for tests", by=pages.made.operator)
    client = pages.client("ada")
    page = client.get(PAGE).content.decode()
    assert '<fieldset class="whole" disabled>' in page
    assert client.post(PAGE, {"do": "save"}).status_code == 404
    assert kept(pages) is None


def test_a_broken_form_is_no_error_of_ours(pages: Pages) -> None:
    client = pages.client("dora")
    for sent in (
        {"when.kept": "{", "kept": "[1]", "base": "x", "clocks.0.kept": "3"},
        {"clocks.0.alerts.0.amount": "1", "clocks.0": "x", "do": "add alert 99"},
        {"do": "remove clock 7"},
        {"do": "add level 3 3"},
        {"do": "no such thing"},
        {".".join("a" * 50): "1"},
    ):
        answer = client.post(PAGE, sent)
        assert answer.status_code in (200, 302), sent
        assert client.get(PAGE).status_code == 200, sent


# --------------------------------------------------------------------------------- without a desk


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"priority": "P1"},
        {"priority": ["P1", "P2"], "plan": {"set": True}},
        {"any": [{"vip": True}, {"plan": {"not_in": ["basic"]}}]},
        {"all": [{"type": {"contains": "net"}}, {"type": {"contains": "vpn"}}]},
        {"priority": "P1", "not": {"any": [{"plan": "gold"}, {"impact": {"at_least": 2}}]}},
    ],
)
def test_a_condition_is_the_same_after_it_was_rows(when: dict[str, Any]) -> None:
    shown = conditions.shown(when)
    assert not shown.kept
    assert conditions.data(shown.group) == when


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("4h", "4h"),
        ("2 business days", {"business_days": 2, "at": "close"}),
        ("2 business days, same time", {"business_days": 2, "at": "same time"}),
        ("3 bd at the same time", {"business_days": 3, "at": "same time"}),
        ("1 calendar month", {"calendar_months": 1}),
        ("2 weeks", {"calendar_weeks": 2}),
        ("2 arbetsdagar till stängning", {"business_days": 2, "at": "close"}),
        ("2 arbetsdagar, samma tid", {"business_days": 2, "at": "same time"}),
        ("3 kalenderdagar", {"calendar_days": 3}),
        ("1 kalendermånad", {"calendar_months": 1}),
        ("2 dias úteis no fechamento", {"business_days": 2, "at": "close"}),
        ("2 dias úteis, mesma hora", {"business_days": 2, "at": "same time"}),
        ("2 semanas corridas?", "2 semanas corridas?"),
        ("soon", "soon"),
    ],
)
def test_targets_are_typed_in_words(text: str, target: Any) -> None:
    assert target_text.read(text) == target


def test_every_mode_of_the_engine_has_its_sentence() -> None:
    for key, mode in modes.MODES.items():
        kind = type(getattr(PRESETS["resolution"], key))
        assert {choice.key for choice in mode.choices} == {str(one) for one in kind}, key
        assert all(choice.sentence.endswith(".") for choice in mode.choices)
    assert set(modes.PRESETS) >= set(PRESETS)


def test_every_preset_has_a_form() -> None:
    for key in PRESETS:
        made = policy_forms.shown({"clocks": [{"clock": key, "targets": {"*": "1h"}}]})
        assert made.clocks[0].known
        assert made.clocks[0].unusual == 0


def test_the_table_of_the_manual_has_every_mode() -> None:
    text = (Path(__file__).parents[2] / "docs" / "guide" / "policies.md").read_text("utf-8")
    for mode in (*modes.MODES.values(), modes.JUDGED_BY, modes.REENTRY):
        for choice in mode.choices:
            assert f"`{mode.key}`" in text
            assert choice.sentence in text, (mode.key, choice.key)


def test_a_word_in_the_form_is_json_where_it_says_so(pages: Pages) -> None:
    sent = form(pages.client("dora"))
    assert json.loads(sent["clocks.0.kept"][0])["clock"] == "first response"


def test_a_desk_without_anything_begins_with_starters(database: Database) -> None:
    tenant = tenants.create(key="acme", name="Acme")
    by = access.operator(tenant)
    dora = people.add_person(name="Dora", email="dora@acme.example", role="administrator", by=by)
    pages = desk_of(Company(tenant, by, {"dora": dora}), "acme")
    client = pages.client("dora")
    for what, which, there in (
        ("policies", "policy", "standard"),
        ("pipelines", "support", "Triage"),
    ):
        empty = client.get(f"/t/acme/settings/{what}/").content.decode()
        assert f'value="{which}"' in empty
        answer = client.post("/t/acme/settings/begin/", {"which": which})
        assert answer.headers["Location"] == f"/t/acme/settings/{what}/"
        assert there in client.get(answer.headers["Location"]).content.decode()
