"""Answers of all routes: what they say they are, what they let browsers do, where they lead."""

import asyncio
import importlib
import json
import re
from collections.abc import Iterator, MutableMapping
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from tests.desk import Database
from tests.web import routes
from tests.web.conftest import Pages
from tests.web.routes import ALL, API, PUBLIC, SEEN, address, query

from tocsin.actions import config_versions
from tocsin.site import settings as written
from tocsin.site.live.application import Live
from tocsin.web import templating

CANARY = "canary-of-a-ticket-0815"
# What a file for programs may be; all else that is no page and no JSON is taken along as a file.
READ_BY_PROGRAMS = {"text/javascript", "text/plain", "text/calendar"}


@pytest.fixture
def desk(pages: Pages) -> Pages:
    pages.made.open(subject=CANARY, body=f"{CANARY} </script><!-- <b>")
    routes.prepare(pages.made)
    return pages


def answers(desk: Pages) -> Iterator[tuple[str, Any]]:
    """Yield what each route answers to its administrator, and what there is not."""
    client = desk.client("dora")
    for name in [*SEEN, *sorted(PUBLIC)]:
        path = f"{desk.prefix}/{address(ALL[name])}{query(name)}"
        yield name, client.get(path, headers={"Origin": "https://evil.example"})
    yield "nothing", client.get(f"{desk.prefix}/no/such/page/")


def body_of(answer: Any) -> bytes:
    if not answer.streaming:
        return bytes(answer.content)
    found = b"".join(answer.streaming_content)
    answer.close()
    return found


class Addresses(HTMLParser):
    """What a page loads, leads to and sends its forms to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        kinds = ("src", "href", "action", "formaction", "data", "poster", "srcset")
        self.found += [value or "" for name, value in attrs if name in kinds]


@pytest.mark.promise("P31")
@pytest.mark.asvs("3.2.1", "3.4.2", "4.1.1", "5.4.1", "14.2.2", "14.2.3")
@pytest.mark.long("asks for every page")
def test_every_answer_is_what_it_says_for_this_browser_alone(
    desk: Pages, database: Database
) -> None:
    kinds = set()
    for name, answer in answers(desk):
        assert "Access-Control-Allow-Origin" not in answer.headers, name
        assert "no-store" in answer.headers["Cache-Control"], name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        body = body_of(answer)
        if not body:
            continue
        kind, _, charset = answer.headers["Content-Type"].partition(";")
        kinds.add(kind)
        if kind.endswith("json"):
            # It has no other charset than UTF-8.
            json.loads(body)
            continue
        assert charset.strip().split(";")[-1].strip() == "charset=utf-8", name
        text = body.decode()
        if kind == "text/html":
            assert text.lstrip()[:1] == "<", name
            # All that a page loads, leads to and sends is here.
            far = [one for one in Addresses(text).found if re.match(r"(?i)\s*(\w+:|//)", one)]
            assert [one for one in far if not one.startswith("mailto:")] == [], name
            continue
        if kind not in READ_BY_PROGRAMS or "Content-Disposition" in answer.headers:
            # A file has a name that we gave it, whatever was asked for.
            told = answer.headers["Content-Disposition"]
            assert re.fullmatch(r'attachment; filename="[A-Za-z0-9-]+\.[a-z]{3}"', told), name
    assert {"text/html", "application/json", "text/calendar"} <= kinds
    # Nothing of a ticket stays in what servers keep for others.
    kept = database.rows("SELECT t::text FROM cache t")
    assert not any(CANARY in row[0] for row in kept)


@pytest.mark.asvs("7.4.4")
@pytest.mark.long("asks for every page")
def test_every_page_of_a_desk_has_the_way_out(desk: Pages) -> None:
    seen, missing = 0, list[str]()
    for name, answer in answers(desk):
        whole = answer.headers.get("Content-Type", "").startswith("text/html")
        if name in PUBLIC or answer.status_code != 200 or not whole:
            continue
        page = answer.content.decode()
        if "<html" in page:
            seen += 1
            without = () if f'action="{desk.prefix}/sign-out/"' in page else (name,)
            missing += without
    assert (missing, seen > 40) == ([], True)


@pytest.mark.promise("P31")
@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.5", "3.4.6")
def test_files_of_ours_say_as_much_as_pages() -> None:
    anybody = Client(headers={"host": "localhost"})
    for path in ("tocsin.svg", "js/main.js", "css/tocsin.css"):
        answer: Any = anybody.get(f"/static/tocsin/{path}")
        assert body_of(answer)
        policy = answer.headers["Content-Security-Policy"]
        for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.promise("P31")
@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.5", "3.4.6")
def test_answers_of_the_live_part_say_as_much() -> None:
    found = []

    async def send(message: MutableMapping[str, Any]) -> None:
        found.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def ask() -> None:
        live = Live(lambda: (True, {}), url="")
        for path in ("/live/health", "/t/acme/live/events", "/no/such/"):
            scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
            await live({**scope, "headers": [(b"host", b"localhost")]}, receive, send)

    asyncio.run(ask())
    begun = [dict(one["headers"]) for one in found if one["type"] == "http.response.start"]
    assert len(begun) == 3
    for headers in begun:
        policy = headers[b"content-security-policy"]
        for part in (b"object-src 'none'", b"base-uri 'none'", b"frame-ancestors 'none'"):
            assert part in policy
        assert headers[b"x-content-type-options"] == b"nosniff"
        assert headers[b"referrer-policy"] == b"same-origin"


@pytest.mark.asvs("3.4.1", "4.1.2")
def test_behind_tls_browsers_are_told_to_stay_and_programs_are_not_led(desk: Pages) -> None:
    secure = {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 2 * 365 * 24 * 3600,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    }
    with override_settings(**secure):
        anybody = Client(headers={"host": "localhost"})
        for path in ("/t/acme/sign-in/", "/t/acme/no/such/", "/static/tocsin/js/main.js"):
            answer: Any = anybody.get(path, secure=True)
            body_of(answer)
            told = answer.headers["Strict-Transport-Security"]
            assert told == "max-age=63072000; includeSubDomains"
        # Whoever speaks in clear is not helped along: a token that went so is noticed.
        for name in sorted(API):
            answer = anybody.get(f"/t/acme/{address(ALL[name])}")
            assert answer.status_code not in (301, 302, 307, 308), name


@pytest.mark.asvs("3.4.1")
def test_one_setting_switches_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (written.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_SECONDS) == (0, 0)
    monkeypatch.setenv("TOCSIN_SECURE", "1")
    try:
        importlib.reload(written)
        assert written.SECURE_HSTS_SECONDS >= 365 * 24 * 3600
        assert written.SECURE_HSTS_INCLUDE_SUBDOMAINS
        assert written.SESSION_COOKIE_SECURE
    finally:
        monkeypatch.delenv("TOCSIN_SECURE")
        importlib.reload(written)


@pytest.mark.promise("A11")
@pytest.mark.asvs("1.1.1", "1.1.2")
def test_what_was_typed_is_read_once_kept_as_it_is_and_escaped_where_it_is_shown(
    pages: Pages, database: Database
) -> None:
    made = pages.made
    made.open()
    client = pages.client("ann")
    typed = "&lt;b&gt; %3Cb%3E %253C &amp;amp; \\u003cb <b>x</b>"
    client.post("/t/acme/tickets/1/say/", {"body": typed, "kind": "note"})
    kept = database.rows("SELECT content FROM event_content")
    assert sum(typed in json.dumps(row[0], ensure_ascii=False) or typed in row[0] for row in kept)
    page = client.get("/t/acme/tickets/1/").content.decode()
    shown = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert shown in page
    assert "<b>x</b>" not in page
    # An address is read once too: what is encoded twice stays encoded once.
    found = client.get("/t/acme/tickets/?which=all&words=%253Cu%253E").content.decode()
    assert "%3Cu%3E" in found
    assert "<u>" not in found


@pytest.mark.asvs("1.2.2")
def test_names_in_addresses_are_encoded_and_lead_back(pages: Pages) -> None:
    made = pages.made
    named = 'a b/ü?x=1#y&z=2"<'
    rota = {
        "zone": "UTC",
        "name": "Odd",
        "layers": [{"people": ["ann@acme.example"], "begins": "2026-01-05"}],
    }
    config_versions.publish(kind="on-call", key=named, data=rota, by=made.operator)
    client = pages.client("dora")
    page = client.get("/t/acme/settings/on-call/").content.decode()
    links = {one for one in Addresses(page).found if "/settings/on-call/a" in one}
    assert links
    for link in links:
        assert not re.search(r"[ ?#\"<ü]", link.partition("/on-call/")[2].partition("?")[0]), link
        assert client.get(link).status_code == 200, link
    # What somebody wrote is never an address, whatever it begins with.
    made.open(
        subject="javascript:alert(1)", body="javascript:alert(2) data:text/html,x //x.example"
    )
    shown = client.get("/t/acme/tickets/1/").content.decode()
    assert "javascript:alert(2)" in shown
    assert not any(
        re.match(r"(?i)\s*(javascript|data|vbscript|//)", one) for one in Addresses(shown).found
    )


@pytest.mark.asvs("1.2.3")
def test_a_text_in_the_data_of_a_page_ends_nothing() -> None:
    made = templating.environment(autoescape=True, loader=None)
    hostile = "</script><script>alert(1)</script><!-- ' \" \u2028"
    text = made.from_string('<script type="application/json">{{ x | tojson }}</script>').render(
        x={"a": hostile}
    )
    inside = text.removeprefix('<script type="application/json">').removesuffix("</script>")
    assert "<" not in inside
    assert json.loads(inside) == {"a": hostile}


@pytest.mark.asvs("1.2.3")
def test_pages_hold_data_as_json_that_reads_back(desk: Pages) -> None:
    client = desk.client("dora")
    found = 0
    for path in ("hub/", "tickets/1/", "board/"):
        page = client.get(f"/t/acme/{path}").content.decode()
        for inside in re.findall(
            r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL
        ):
            json.loads(inside)
            assert "<" not in inside
            found += 1
    assert found


@pytest.mark.asvs("5.4.2")
def test_the_name_of_a_file_is_of_plain_letters(pages: Pages) -> None:
    named = 'x";  filename=evil.exe;ü/../a'
    rota = {
        "zone": "UTC",
        "name": "Odd",
        "layers": [{"people": ["ann@acme.example"], "begins": "2026-01-05"}],
    }
    config_versions.publish(kind="on-call", key=named, data=rota, by=pages.made.operator)
    page = pages.client("ann").get("/t/acme/settings/on-call/").content.decode()
    link = next(one for one in Addresses(page).found if "/on-call/x" in one)
    answer = pages.client("ann").get(f"{link.partition('?')[0]}shifts.ics")
    assert answer.status_code == 200
    told = answer.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="[A-Za-z0-9-]+\.ics"', told)


@pytest.mark.asvs("15.3.7")
def test_a_parameter_counts_from_where_it_belongs_and_once(
    pages: Pages, database: Database
) -> None:
    pages.made.open(priority="P3")
    client = pages.client("ann")
    asked = "SELECT priority FROM ticket"
    # A form is what was sent as one; its address and its cookies are none.
    client.cookies["to"] = "P1"
    client.post("/t/acme/tickets/1/priority/?to=P1", {}, headers={"To": "P1"})
    assert database.one(asked) == "P3"
    # Of the same twice the last counts, wherever it is looked at.
    client.post("/t/acme/tickets/1/priority/", {"to": ["P1", "P2"]})
    assert database.one(asked) == "P2"
    once = client.get("/t/acme/tickets/?which=all").content
    twice = client.get("/t/acme/tickets/?which=mine&which=all").content
    numbers = re.compile(rb'data-count="(\d+)"')
    assert numbers.findall(once) == numbers.findall(twice)


@pytest.mark.asvs("13.4.1")
def test_nothing_but_our_own_files_is_served(pages: Pages) -> None:
    anybody = pages.anybody()
    listed = (".git/config", ".git/HEAD", ".svn/entries", ".env", "pyproject.toml", "settings.py")
    for before in ("/", "/t/acme/", "/static/", "/static/../", "/static/tocsin/../../../../"):
        for path in listed:
            assert anybody.get(f"{before}{path}").status_code == 404, (before, path)


@pytest.mark.asvs("15.2.3")
def test_only_what_is_written_down_has_an_address() -> None:
    odd = re.compile(r"(?i)(^|/)(admin|debug|tests?|demo|samples?|examples?|accounts)(/|$)")
    assert [name for name in ALL if odd.search(str(ALL[name].pattern))] == []
    assert not {"django.contrib.admin", "debug_toolbar"} & set(settings.INSTALLED_APPS)


@pytest.mark.asvs("16.5.3")
def test_what_fails_on_the_way_is_not_half_done(
    pages: Pages, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.made.open()
    client = pages.client("ann")
    client.raise_request_exception = False
    before = routes.digest(database)

    def breaks(*given: object, **named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("tocsin.actions.ledger.clock", breaks)
    answer = client.post("/t/acme/tickets/1/say/", {"body": "half", "kind": "note"})
    assert answer.status_code == 500
    assert routes.digest(database) == before
