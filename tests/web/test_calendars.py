"""The page on which a calendar is written: by plain forms, as without scripts."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from tests.desk import ALWAYS, POLICIES
from tests.web.conftest import Pages

from tocsin.actions import drafts as acts
from tocsin.actions import sla
from tocsin.queries import drafts
from tocsin.queries.drafts import Draft

pytestmark = pytest.mark.long("every form of calendars, and every way to be wrong")

WEEK = {f"week.{day}": "" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
OFFICE = {"zone": "Europe/Stockholm", **WEEK, "week.mon": "09:00-12:00, 13:00-17:00"}


def draft(pages: Pages, key: str = "office") -> Draft | None:
    return drafts.draft(kind="calendar", key=key, by=pages.made.operator)


def kept(pages: Pages, key: str = "office") -> Any:
    found = draft(pages, key)
    assert found is not None
    return found.data


@pytest.fixture
def dora(pages: Pages) -> Client:
    return pages.client("dora")


def post(client: Client, act: str, fields: dict[str, Any], key: str = "", **more: Any) -> Any:
    address = f"/t/acme/settings/calendars/{key}/" if key else "/t/acme/settings/new-calendar/"
    return client.post(address, {**fields, "act": act}, **more)


def page(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


# ----------------------------------------------------------------------------------- what is kept


def test_a_new_calendar_becomes_a_draft_and_nothing_else(pages: Pages, dora: Client) -> None:
    answer = post(dora, "save", {**OFFICE, "key": "office"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/t/acme/settings/calendars/office/?saved=1"
    assert kept(pages) == {
        "zone": "Europe/Stockholm",
        "week": {"mon": ["09:00-12:00", "13:00-17:00"]},
        "exceptions": {},
    }
    listed = page(dora.get("/t/acme/settings/calendars/"))
    assert "It is not in force yet." in listed
    assert 'href="/t/acme/settings/calendars/office/"' in listed


TYPED: dict[str, list[str] | None] = {
    "9-17": ["09:00-17:00"],
    "8.30–12; 13.00 - 17.15": ["08:30-12:00", "13:00-17:15"],
    "22:00-30:00": ["22:00-30:00"],
    "closed": None,
    "-": None,
    "9-25, soon": ["09:00-25:00", "soon"],
    "09:00:30-17:00": ["09:00:30-17:00"],
}


def test_times_are_taken_as_people_write_them(pages: Pages, dora: Client) -> None:
    post(dora, "save", {**OFFICE, "key": "office"})
    for typed, spans in TYPED.items():
        post(dora, "save", {**OFFICE, "week.tue": typed}, "office")
        assert kept(pages)["week"].get("tue") == spans, typed


def test_a_draft_keeps_mistakes_and_names_the_field_and_the_reason(
    pages: Pages, dora: Client
) -> None:
    wrong = {
        **OFFICE,
        "key": "office",
        "zone": "Europe/Stokholm",
        "week.tue": "17:00-09:00",
        "week.wed": "nine to five",
        "x.date": ["2026-02-30", "2027-03-01", "2027-03-01", ""],
        "x.hours": ["", "10-12, 11-13", "", ""],
    }
    answer = dora.post("/t/acme/settings/new-calendar/", {**wrong, "act": "save"}, follow=True)
    assert kept(pages)["week"]["wed"] == ["nine to five"]
    text = page(answer)
    for field, typed, reason in (
        ("zone", "Europe/Stokholm", "did you mean Europe/Stockholm?"),
        ("week.tue", "17:00-09:00", "ends before it starts"),
        ("week.wed", "nine to five", "is not a span"),
        ("x.date.0", "2026-02-30", "is not a date"),
        ("x.hours.1", "10:00-12:00, 11:00-13:00", "10:00-12:00 and 11:00-13:00 overlap"),
        ("x.date.2", "2027-03-01", "The date is named twice."),
    ):
        found = re.search(
            rf'<input id="f-{re.escape(field)}"[^>]*value="([^"]*)"[^>]*aria-invalid="true"[^>]*>'
            r'<span class="error"[^>]*>([^<]*)</span>',
            text,
        )
        assert found, field
        assert found[1] == typed
        assert reason in found[2].replace("&#39;", "'")
        assert f'<a href="#f-{field}">' in text
    # The keyboard is led to the first of them.
    assert re.search(r'<input id="f-zone"[^>]*autofocus', text)
    assert "6 mistakes keep it from being activated" in text


def test_a_calendar_that_never_opens_is_kept_and_refused_to_be_activated(
    pages: Pages, dora: Client
) -> None:
    past = {**OFFICE, "week.mon": "", "x.date": "2020-01-01", "x.hours": "09:00-10:00"}
    answer = dora.post(
        "/t/acme/settings/new-calendar/", {**past, "key": "office", "act": "save"}, follow=True
    )
    assert draft(pages) is not None
    assert "No hour is open in the next 366 days" in page(answer)


NAMES = {"": "Is empty.", "always": "already", "a/b": "no slash", "x" * 65: "at most 64"}


def test_a_name_that_cannot_be_leaves_everything_as_typed(pages: Pages, dora: Client) -> None:
    for key, reason in NAMES.items():
        answer = post(dora, "save", {**OFFICE, "key": key, "week.sun": "10-11"})
        assert answer.status_code == 422
        assert reason in page(answer)
        assert 'value="10:00-11:00"' in page(answer)
        assert f'value="{key}"' in page(answer)
    assert drafts.drafts(by=pages.made.operator) == ()


def test_a_form_shown_and_sent_again_is_the_same_data(pages: Pages, dora: Client) -> None:
    """What the form cannot edit must not get lost in it."""
    data = {
        "zone": "Europe/Stockholm",
        "week": {"mon": ["09:00-12:00", "13:00-17:00"], "fri": ["22:00-30:00"]},
        "exceptions": {
            "2026-12-24": ["09:00-11:00"],
            "2027-03-01": [],
            "2027-03-02": ["10:00-11:00"],
        },
        "holidays": [
            {
                "country": "SE",
                "categories": ["public"],
                "source": "holidays 0.108",
                "days": {
                    "2019-12-24": "Julafton",
                    "2026-12-24": "Julafton",
                    "2026-12-25": "Juldagen",
                    "2026-12-26": "Annandag jul",
                },
                "hours": ["09:00-12:00"],
                "keep": ["2019-12-24", "2026-12-26"],
            },
            {
                "days": {"2027-04-30": "Valborg"},
                "yearly": {"02-29": "Skottdagen"},
                "years": [2026, 2030],
                "leap_day": "28 february",
            },
        ],
    }
    acts.save(kind="calendar", key="office", data=data, by=pages.made.operator)
    text = page(dora.get("/t/acme/settings/calendars/office/"))
    post(dora, "save", fields(text), "office")
    assert kept(pages) == data


def fields(text: str) -> dict[str, list[str]]:
    """Return what a browser would send of the form of a page."""
    found: dict[str, list[str]] = {}
    form = text[text.index('id="calendar-form"') : text.index("</form>", text.index("act-bar"))]
    for tag in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'([\w.-]+)="([^"]*)"', tag))
        if "name" not in told or (told.get("type") == "checkbox" and " checked" not in tag):
            continue
        found.setdefault(told["name"], []).append(html.unescape(told.get("value", "on")))
    for name, value in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>([^<]*)</textarea>', form):
        found.setdefault(name, []).append(html.unescape(value))
    found.pop("csrfmiddlewaretoken", None)
    return found


# ------------------------------------------------------------------------------------- holidays


def add(client: Client, **more: Any) -> str:
    chosen = {"add.country": "SE", "add.category": ["public", "de_facto"]}
    years = {"add.first": "2026", "add.last": "2027"}
    return page(post(client, "add", {**OFFICE, "key": "office", **chosen, **years, **more}))


def test_holidays_of_a_country_are_chosen_day_by_day(pages: Pages, dora: Client) -> None:
    text = add(dora)
    assert draft(pages) is None, "a set that is being chosen is not kept yet"
    sent = fields(text)
    assert "2026-06-19" in sent["close.0"], "Midsummer's Eve is no public holiday, but de facto"
    sent["close.0"].remove("2026-06-06")
    sent["day.0.2026-06-19"] = ["9-12"]
    sent["key"] = ["office"]
    post(dora, "save", sent)
    (made,) = kept(pages)["holidays"]
    assert made["keep"] == ["2026-06-06"]
    assert made["days"]["2026-06-06"] == "Nationaldagen"
    assert kept(pages)["exceptions"] == {"2026-06-19": ["09:00-12:00"]}
    again = page(dora.get("/t/acme/settings/calendars/office/"))
    assert re.search(r'value="2026-06-06" (?!checked)', again)
    assert re.search(r'value="2026-06-19" checked', again)


def test_a_set_is_made_longer_and_choices_stay(pages: Pages, dora: Client) -> None:
    sent = fields(add(dora))
    sent["close.0"].remove("2026-06-06")
    longer = page(post(dora, "longer:0", {**sent, "until.0": "2028"}))
    shown = fields(longer)
    assert "2028-06-06" in shown["close.0"]
    assert "2026-06-06" not in shown["close.0"]
    gone = fields(page(post(dora, "remove:0", shown)))
    assert "set.0" not in gone


REFUSED = (
    ("add.country", "XX", "Choose a country from the list."),
    ("add.first", "soon", "Is not a year."),
    ("add.last", "2060", "Must be one to ten years"),
    ("add.first", "2028", "Must be one to ten years"),
    ("add.part", "ZZ", "Choose a region and kinds of days from the list."),
    ("add.category", "feasts", "Choose a region and kinds of days from the list."),
)


def test_a_set_that_cannot_be_is_told_beside_what_was_chosen(dora: Client) -> None:
    for field, typed, reason in REFUSED:
        text = add(dora, **{field: typed})
        assert reason in text, field
        assert "set.0" not in text
        assert 'value="09:00-12:00, 13:00-17:00"' in text


def test_regions_and_kinds_come_with_the_country(dora: Client) -> None:
    text = page(post(dora, "country", {**OFFICE, "add.country": "DE"}))
    assert '<option value="BY" >Bayern</option>' in text
    assert 'value="catholic"' in text
    bavaria = add(dora, **{"add.country": "DE", "add.part": "BY", "add.category": "public"})
    assert "Germany, Bayern" in bavaria
    assert "2026-01-06" in fields(bavaria)["close.0"]


def test_days_of_ones_own_are_lines(pages: Pages, dora: Client) -> None:
    sent = fields(page(post(dora, "own", OFFICE)))
    lines = "2026-04-30 Valborg\n12-24 Julafton"
    sent |= {"lines.0": [lines], "years.0.first": ["2026"], "years.0.last": ["2030"]}
    post(dora, "save", {**sent, "key": "office", "hours.0": "8-12"})
    assert kept(pages)["holidays"] == [
        {
            "days": {"2026-04-30": "Valborg"},
            "yearly": {"12-24": "Julafton"},
            "years": [2026, 2030],
            "leap_day": "skip",
            "hours": ["08:00-12:00"],
        }
    ]
    post(dora, "save", {**sent, "years.0.last": "soon"}, "office")
    assert "Yearly days need a first and a last year" in page(
        dora.get("/t/acme/settings/calendars/office/")
    )


# ------------------------------------------------------------------------------------ the buttons


def test_a_day_is_copied_without_scripts(dora: Client) -> None:
    text = page(post(dora, "copy", {**OFFICE, "copy.from": "mon", "copy.to": "working"}))
    sent = fields(text)
    assert sent["week.fri"] == ["09:00-12:00, 13:00-17:00"]
    assert sent["week.sat"] == [""]


def test_two_calendars_become_one_and_part_again(pages: Pages, dora: Client) -> None:
    joined = {**OFFICE, "key": "both", "join.with": "always", "join.how": "intersection"}
    text = page(post(dora, "join", joined))
    assert "Made of other calendars" in text
    sent = {**fields(text), "how": "union", "key": "both"}
    post(dora, "save", sent)
    assert list(kept(pages, "both")) == ["union"]
    assert kept(pages, "both")["union"][0]["zone"] == "Europe/Stockholm"
    alone = fields(page(post(dora, "leave:1", {**sent, "how": "union"})))
    assert alone["week.mon"] == ["09:00-12:00, 13:00-17:00"]


def test_a_draft_is_discarded_and_taken_back(pages: Pages, dora: Client) -> None:
    post(dora, "save", {**OFFICE, "key": "office"})
    before = kept(pages)
    text = page(post(dora, "discard", {}, "office"))
    assert draft(pages) is None
    assert "The draft of office is discarded" in text
    data = re.search(r'name="data" value="([^"]*)"', text)
    assert data
    post(dora, "undo", {"data": html.unescape(data[1]), "base": "0"}, "office")
    assert kept(pages) == before


def test_a_sound_draft_goes_on_to_be_rehearsed_and_a_wrong_one_stays(
    pages: Pages, dora: Client
) -> None:
    there = post(dora, "activate", {**OFFICE, "key": "office"}).headers["Location"]
    assert there == "/t/acme/settings/preview/calendar/office/"
    stays = post(dora, "activate", {**OFFICE, "week.mon": "soon"}, "office").headers["Location"]
    assert stays == "/t/acme/settings/calendars/office/?saved=1"
    assert kept(pages)["week"] == {"mon": ["soon"]}


def test_what_somebody_else_kept_meanwhile_is_not_overwritten_unseen(
    pages: Pages, dora: Client
) -> None:
    post(dora, "save", {**OFFICE, "key": "office"})
    shown = fields(page(dora.get("/t/acme/settings/calendars/office/")))
    theirs = {**kept(pages), "zone": "UTC"}
    acts.save(kind="calendar", key="office", data=theirs, by=pages.made.operator)
    answer = post(dora, "save", {**shown, "week.sun": "10-11"}, "office")
    assert answer.status_code == 409
    assert kept(pages) == theirs
    assert "kept another draft" in page(answer)
    # What was typed is there, and sending it again is a choice.
    again = fields(page(answer))
    assert again["week.sun"] == ["10:00-11:00"]
    assert post(dora, "save", again, "office").status_code == 302
    assert kept(pages)["week"]["sun"] == ["10:00-11:00"]


def test_a_draft_that_an_activation_overtook_goes_on_from_the_newest(
    pages: Pages, dora: Client
) -> None:
    by = pages.made.operator
    mine = {**OFFICE, "week.mon": "9-10"}
    acts.save(kind="calendar", key="always", data={"zone": "UTC", "week": {}}, by=by, base=0)
    text = page(dora.get("/t/acme/settings/calendars/always/"))
    assert "Version 1 came into force after this draft was begun." in text
    post(dora, "rebase", {**fields(text), **mine}, "always")
    found = draft(pages, "always")
    assert found is not None
    assert found.base == 1
    assert found.data["week"] == {"mon": ["09:00-10:00"]}
    assert "came into force after" not in page(dora.get("/t/acme/settings/calendars/always/"))


def test_what_is_typed_is_reckoned_and_not_kept(pages: Pages, dora: Client) -> None:
    sent = {**OFFICE, "compare": "always"}
    answer = dora.post("/t/acme/settings/calendar-report/", sent)
    text = page(answer)
    assert "Open hours a month" in text
    assert "Open in always, closed in this calendar" in text
    wrong = page(dora.post("/t/acme/settings/calendar-report/", {**sent, "week.mon": "9-8"}))
    assert 'data-field="week.mon"' in wrong
    assert "The preview comes back" in wrong
    assert drafts.drafts(by=pages.made.operator) == ()


# --------------------------------------------------------------------------------------- versions


def test_versions_say_what_changed_and_come_back_as_a_draft(pages: Pages, dora: Client) -> None:
    week: Any = ALWAYS["week"]
    shorter = {**ALWAYS, "week": {**week, "sun": ["10:00-12:00"]}}
    config = {**POLICIES, "calendars": {"always": shorter}}
    sla.publish(config=config, by=pages.made.operator)
    text = page(dora.get("/t/acme/settings/calendars/always/versions/"))
    changed = r"Sunday</th><td><del>00:00-24:00</del></td><td><ins>10:00-12:00</ins>"
    assert re.search(changed, text)
    assert 'value="restore:1"' in text
    assert 'value="restore:2"' not in text
    post(dora, "restore:1", {}, "always")
    found = draft(pages, "always")
    assert found is not None
    assert found.data["week"]["sun"] == ["00:00-24:00"]
    assert found.base == 2
    assert post(dora, "restore:9", {}, "always").status_code == 404


# ------------------------------------------------------------------------------------- who may


def test_agents_read_and_change_nothing(pages: Pages) -> None:
    ann = pages.client("ann")
    text = page(ann.get("/t/acme/settings/calendars/"))
    assert "New calendar" not in text
    assert ann.get("/t/acme/settings/calendars/always/versions/").status_code == 200
    for path in ("new-calendar/", "calendars/always/"):
        assert ann.get(f"/t/acme/settings/{path}").status_code == 404
        sent = {**OFFICE, "key": "mine", "act": "save"}
        assert ann.post(f"/t/acme/settings/{path}", sent).status_code == 404
    assert drafts.drafts(by=pages.made.operator) == ()


def test_what_there_is_not_is_not_found(dora: Client) -> None:
    for path in ("calendars/nothing/", "calendars/nothing/versions/"):
        assert dora.get(f"/t/acme/settings/{path}").status_code == 404
    assert post(dora, "discard", {}, "always").status_code == 404


SHAPES: list[Any] = [
    {},
    [],
    "text",
    {"zone": 7, "week": [], "exceptions": [], "holidays": {}},
    {"week": {"mon": 9}, "holidays": [1, {"country": "SE", "days": 3, "keep": 2}, {"days": []}]},
    {"zone": None, "holidays": [{"country": "QQ", "days": {"never": "x"}, "hours": "x"}]},
    {"union": [{"zone": "UTC"}, 4]},
    {"intersection": "x"},
]


def test_a_draft_of_any_shape_can_be_opened(pages: Pages, dora: Client) -> None:
    for data in SHAPES:
        acts.save(kind="calendar", key="odd", data=data, by=pages.made.operator)
        assert dora.get("/t/acme/settings/calendars/odd/").status_code == 200, data
    assert dora.get("/t/acme/settings/calendars/").status_code == 200
