"""What a browser may ask for, and from where."""

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest

from tocsin.site.live import request
from tocsin.site.live.request import Request
from tocsin.web import addresses


@pytest.fixture(autouse=True)
def hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["desk.example", ".desks.example", "[::1]"])
    monkeypatch.setattr(settings, "DOMAIN", "desks.example")


def asked(
    path: str = "/t/acme/live/events", host: str = "desk.example:8001", query: str = "", **more: str
) -> Request | None:
    headers = {"host": host, **{name.replace("_", "-"): value for name, value in more.items()}}
    scope: dict[str, Any] = {
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    return request.read(scope)


def test_the_tenant_is_that_of_the_path_or_of_the_host() -> None:
    assert asked() == Request("acme", "", None, "")
    found = asked("/live/events", "acme.desks.example")
    assert found == Request("acme", "", None, "")


@pytest.mark.promise("A31")
@pytest.mark.parametrize(
    "path",
    [
        *("/t/%/live/events", "/t/../live/events", "/t/ACME/live/events", "/t//live/events"),
        *("/t/a/b/live/events", "/t/acme/live/events/", "/t/acme/live/events/%", "/live/events"),
        *(
            "/live/pulse",
            "/",
            "",
            "/t/acme/live/",
            f"/t/{'a' * 64}/live/events",
            "/t/a\n/live/events",
        ),
    ],
)
def test_other_paths_are_none(path: str) -> None:
    assert asked(path) is None


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/t/acme/live/events", "elsewhere.example"),
        ("/t/acme/live/events", ""),
        ("/t/acme/live/events", "desk.example:80:80"),
        ("/live/events", "desk.example"),
        ("/live/events", "desks.example"),
        ("/live/events", "a.b.desks.example"),
        # Of a tenant's own host the path names no other one.
        ("/t/acme/live/events", "bolt.desks.example"),
    ],
)
def test_other_hosts_are_none(path: str, host: str) -> None:
    assert asked(path, host) is None


@pytest.mark.promise("A31")
@pytest.mark.asvs("3.4.2")
@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://desk.example", True),
        ("http://desk.example:8000", True),
        ("https://DESK.example", True),
        ("https://elsewhere.example", False),
        ("https://desk.example.elsewhere.example", False),
        ("https://x.desk.example", False),
        ("https://desk.example@elsewhere.example", False),
        ("null", False),
        ("file://desk.example", False),
        ("https://[::1", False),
        ("https://", False),
    ],
)
def test_only_a_page_of_the_same_host_may_read(origin: str, may: bool) -> None:
    found = asked(origin=origin)
    assert (found is not None) == may
    if found is not None:
        assert found.origin == origin


def test_an_address_in_brackets_is_a_host_too() -> None:
    assert asked(host="[::1]:8001", origin="http://[::1]:8000") is not None
    assert asked(host="[::1]:8001", origin="http://[::2]:8000") is None


def test_the_session_is_that_of_its_cookie() -> None:
    found = asked(cookie="other=1; tocsin_session=abc; tocsin_csrf=2")
    assert found is not None
    assert found.session == "abc"


@pytest.mark.parametrize(
    ("header", "query", "after"),
    [
        (None, "", None),
        (None, "after=12", 12),
        ("40", "after=12", 40),
        ("0", "", 0),
        ("", "after=12", None),
        ("x", "", -1),
        ("-4", "", -1),
        ("9" * 19, "", -1),
        ("\u00b2", "", -1),
        (None, "after=%00", -1),
        (None, "after=1&after=2", 1),
    ],
)
def test_the_browsers_own_place_goes_before_the_pages(
    header: str | None, query: str, after: int | None
) -> None:
    found = asked(query=query, **({} if header is None else {"last_event_id": header}))
    assert found is not None
    assert found.after == after


@pytest.mark.promise("P28", "A28")
@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        # What is said counts only where a proxy of ours says it.
        (0, "192.0.2.7", ["10.1.1.1"], "192.0.2.7"),
        (1, "10.0.0.2", ["198.51.100.9"], "198.51.100.9"),
        (1, "10.0.0.2", ["6.6.6.6, 198.51.100.9"], "198.51.100.9"),
        # In as many headers as one likes.
        (1, "10.0.0.2", ["6.6.6.6", "198.51.100.9"], "198.51.100.9"),
        (2, "10.0.0.2", ["6.6.6.6", "198.51.100.9, 10.0.0.1"], "198.51.100.9"),
        # Round a proxy, or past reading: what we saw ourselves.
        (1, "10.0.0.2", [], "10.0.0.2"),
        (2, "10.0.0.2", ["198.51.100.9"], "10.0.0.2"),
        (1, "10.0.0.2", ["198.51.100.9, unknown"], "10.0.0.2"),
        (0, "::ffff:192.0.2.7", [], "192.0.2.7"),
        (0, "", [], ""),
        (0, None, [], ""),
    ],
    ids=range(11),
)
def test_a_stream_comes_from_the_address_that_pages_would_come_from(
    monkeypatch: pytest.MonkeyPatch,
    proxies: int,
    peer: str | None,
    forwarded: list[str],
    address: str,
) -> None:
    monkeypatch.setattr(settings, "PROXIES", proxies)
    headers = [(b"host", b"desk.example"), *((b"x-forwarded-for", f.encode()) for f in forwarded)]
    scope: dict[str, Any] = {"path": "/t/acme/live/events", "query_string": b"", "headers": headers}
    found = request.read({**scope, "client": None if peer is None else (peer, 4711)})
    assert found is not None
    assert found.address == address
    meta = {"REMOTE_ADDR": peer or "", "HTTP_X_FORWARDED_FOR": ",".join(forwarded)}
    asked = HttpRequest()
    asked.META = meta
    assert addresses.address(asked) == address  # type: ignore[arg-type]  # all that is looked at
