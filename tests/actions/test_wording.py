"""What letters say: in the reader's language and local time, what presses first."""

import datetime as dt
import json
import string
import uuid
from typing import Any

import pytest
from tests.desk import at

from tocsin.actions import links, wording
from tocsin.actions.outbox import About, Lease, Recipient
from tocsin.channels.email import letters
from tocsin.channels.email.send import Smtp, wire

NOW = at("2026-03-02 09:15")


def line(deed: str, planned_at: str = "2026-03-02 09:15", **given: Any) -> dict[str, Any]:
    usual = {"clock": "SLA/first response#1", "which": "due"}
    return {**usual, **given, "deed": deed, "planned_at": at(planned_at).isoformat()}


def lease(
    parts: dict[str, Any],
    *,
    language: str = "en",
    zone: str = "Europe/Stockholm",
    about: About | None = None,
    reader: bool = True,
) -> Lease:
    return Lease(
        tenant=1,
        id=1,
        token=uuid.uuid4(),
        at=NOW,
        channel="mail",
        key="k",
        parts=json.dumps(parts),
        urgent=True,
        created_at=NOW,
        attempts=1,
        maybe_sent=False,
        told="",
        recipient=Recipient("Ann", "ann@acme.example", language, zone) if reader else None,
        about=about,
    )


def worded(of: Lease) -> tuple[str, str]:
    found = wording.of(of)
    return found.subject, found.body


def test_a_breach_is_told_in_the_readers_words_and_time() -> None:
    about = About(7, "The printer\r\nis  broken")
    assert worded(lease({"lines": [line("breach")]}, about=about)) == (
        "[Ticket 7] Breached: first response",
        "Ticket 7: The printer is broken\n\n"
        "BREACHED: first response, at 2026-03-02 10:15 (Europe/Stockholm, UTC+01:00)\n\n"
        "-- \nTocsin sent this by itself; answers are not read.\n",
    )
    subject, body = worded(lease({"lines": [line("breach")]}, about=about, language="sv"))
    assert subject == "[Ärende 7] Överskriden: first response"
    assert "ÖVERSKRIDEN: first response, 2026-03-02 10:15 (Europe/Stockholm, UTC+01:00)" in body


def test_breaches_come_first() -> None:
    lines = [
        line("warn", which="75%/0", clock="SLA/resolution#1"),
        line("escalate", which="standard v1/L2"),
        line("breach", "2026-03-02 09:14"),
        line("breach", "2026-03-02 09:13", clock="OLA/stage triage#2"),
    ]
    subject, body = worded(lease({"lines": lines}))
    said = body.splitlines()
    assert said[0].startswith("BREACHED: stage triage, round 2,")
    assert said[1].startswith("BREACHED: first response,")
    assert said[2].startswith("Escalated to L2: first response,")
    assert said[3].startswith("Warning (75%): resolution,")
    assert subject == "Breached: stage triage, round 2 (+3)"


@pytest.mark.parametrize(
    ("planned_at", "said"),
    [
        ("2026-03-02 09:14", ""),
        ("2026-03-02 09:13", " (told 2 min late)"),
        ("2026-03-02 07:10", " (told 2 h 5 min late)"),
        ("2026-03-02 07:15", " (told 2 h late)"),
        ("2026-02-27 07:10", " (told 3 d 2 h late)"),
    ],
)
def test_a_late_line_says_by_how_much(planned_at: str, said: str) -> None:
    _, body = worded(lease({"lines": [line("breach", planned_at)]}, zone="UTC"))
    assert body.splitlines()[0] == f"BREACHED: first response, at {planned_at} (UTC){said}"


def test_a_digest_names_the_ticket_of_each_line() -> None:
    parts = {"digest": [line("warn", which="75%/0", ticket=3), line("breach", ticket=9)], "more": 5}
    subject, body = worded(lease(parts))
    assert subject == "7 alerts, told late"
    said = body.splitlines()
    assert said[0].startswith("Ticket 9: BREACHED: first response")
    assert said[1].startswith("Ticket 3: Warning (75%): first response")
    assert said[2] == "… and 5 more."
    assert worded(lease(parts, language="sv"))[0] == "7 larm, meddelade för sent"


def test_the_hour_that_is_shown_twice_is_told_apart() -> None:
    first, second = at("2026-10-25 00:30"), at("2026-10-25 01:30")
    assert (
        wording.local(first, "Europe/Stockholm") == "2026-10-25 02:30 (Europe/Stockholm, UTC+02:00)"
    )
    assert wording.local(second, "Europe/Stockholm") == (
        "2026-10-25 02:30 (Europe/Stockholm, UTC+01:00)"
    )
    assert wording.local(first, "America/St_Johns").endswith("(America/St_Johns, UTC-02:30)")
    assert wording.local(first, "Mars/Olympus") == "2026-10-25 00:30 (UTC)"


@pytest.mark.parametrize("deed", ["breach", "warn", "escalate", "alarm", "held", "something new"])
@pytest.mark.parametrize("language", ["en", "sv", "pt-BR", ""])
def test_every_deed_and_language_has_words(deed: str, language: str) -> None:
    subject, body = worded(lease({"lines": [line(deed)]}, language=language))
    assert subject
    assert "2026-03-02 10:15" in body
    assert "{" not in subject + body


def test_languages_say_the_same_things() -> None:
    def fields(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}

    english = wording.TEXTS["en"]
    for language, texts in wording.TEXTS.items():
        assert texts.keys() == english.keys(), language
        for name, text in texts.items():
            assert fields(text) == fields(english[name]), (language, name)


def test_odd_parts_still_make_a_letter() -> None:
    about = About(1, "x" * 5000)
    parts = {"lines": [line("breach", clock="SLA/{which}\r\nBcc: a@b#1" * 50)]}
    letter = letters.letter(lease(parts, about=about))
    assert "\n" not in letter.subject
    assert len(letter.subject) <= 120
    assert wire(letter, Smtp("h", 25, "desk@example.com"))
    assert worded(lease({"lines": []}))[0] == "News"
    assert letters.letter(lease(parts, reader=False)).to == ""


def test_a_letter_carries_what_names_it() -> None:
    letter = letters.letter(lease({"lines": [line("breach")]}, language="sv"))
    assert (letter.tenant, letter.key, letter.language, letter.at) == (1, "k", "sv", NOW)
    assert (letter.to, letter.name) == ("ann@acme.example", "Ann")
    assert isinstance(letter.at, dt.datetime)


# ---------------------------------------------------------------------------------------- links


def linked(monkeypatch: pytest.MonkeyPatch, parts: dict[str, Any], **given: Any) -> wording.Words:
    monkeypatch.setenv(links.ADDRESS, "https://desk.example.com")
    return wording.of(lease({"desk": "acme", "person": 5, **parts}, **given))


def test_a_letter_leads_to_its_ticket_and_lets_its_reader_acknowledge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    about = About(7, "Printer")
    found = linked(monkeypatch, {"lines": [line("breach")]}, about=about)
    assert found.url == "https://desk.example.com/t/acme/tickets/7/"
    assert f"Open: {found.url}\nAcknowledge: {found.acknowledge_url}\n" in found.body
    token = found.acknowledge_url.removeprefix("https://desk.example.com/t/acme/acknowledge/")
    assert links.opened(token.removesuffix("/"), now=NOW) == links.Named(1, 5, 7)


def test_what_nobody_can_answer_has_no_button(monkeypatch: pytest.MonkeyPatch) -> None:
    about = About(7, "Printer")
    assert not linked(monkeypatch, {"lines": [line("held")]}, about=about).acknowledge_url
    outside = {"lines": [line("breach")], "person": None}
    assert not linked(monkeypatch, outside, about=about).acknowledge_url
    digest = linked(monkeypatch, {"digest": [line("warn", ticket=3)], "why": "quiet"})
    assert digest.url == "https://desk.example.com/t/acme/notifications/"
    assert (digest.acknowledge_url, digest.subject) == ("", "[Ticket 3] Warning: first response")


# ------------------------------------------------------------------------------------ templates

TEXTS = {
    "en": {"subject": "{ticket}\r\nBcc: x", "body": "{subject} {left} {link} {{team}} {nothing}"},
    "sv": {"subject": "S {clock}", "body": "{owner} {account}"},
}


def templated(**given: Any) -> dict[str, Any]:
    facts = {"owner": "Ann", "account": "{left}", "due": at("2026-03-02 10:00").isoformat()}
    own = {"key": "x", "texts": TEXTS, "usual": "sv", "facts": facts, "channel": ""}
    return {"lines": [line("warn", which="75%/0")], "template": {**own, **given}}


def test_a_template_says_it_in_the_readers_language_else_the_desks_else_english() -> None:
    about = About(7, "{owner}")
    said = wording.of(lease(templated(), about=about))
    assert said.subject == "T-7 Bcc: x"
    # What a fact says is no template; what is no name stays.
    assert said.body.startswith("{owner} 45 min  {team} {nothing}\n")
    said = wording.of(lease(templated(), about=about, language="pt-BR"))
    assert (said.subject, said.body.splitlines()[0]) == ("S first response", "Ann {left}")
    only = {"en": TEXTS["en"]}
    assert wording.of(lease(templated(texts=only), language="pt-BR")).subject == "Bcc: x"


def test_without_a_text_that_fits_it_is_our_own_words() -> None:
    ours = "Warning: first response"
    assert wording.of(lease(templated(texts={}))).subject == ours
    assert wording.of(lease(templated(channel="sms"))).subject == ours
    assert wording.of(lease(templated(channel="mail"))).subject != ours


def test_a_due_that_has_passed_is_said_to_be_over() -> None:
    parts = templated(texts={"en": {"subject": "x", "body": "{left}"}})
    parts["template"]["facts"]["due"] = at("2026-03-02 09:00").isoformat()
    assert wording.of(lease(parts)).body.startswith("15 min over\n")
