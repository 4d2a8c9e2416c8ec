"""What leaves because of identity providers goes through the guard (A23, P32)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from tests.web import oidc
from tests.web.conftest import Pages

from tocsin.actions import identity_providers
from tocsin.actions.identity_providers import Typed
from tocsin.channels import outgoing
from tocsin.kit.invalid import Invalid
from tocsin.web import discovery, outgoing_session
from tocsin.web.discovery import Unusable


@contextmanager
def sink() -> Iterator[tuple[int, list[bytes]]]:
    """Listen on loopback, and count who comes."""
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    found, _ = server.accept()
                except OSError:
                    continue
                came.append(b"somebody")
                found.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], came
        finally:
            done.set()
            thread.join()


INSIDE = (
    "http://127.0.0.1:{port}",
    "https://127.0.0.1:{port}",
    "https://localhost:{port}",
    "https://[::ffff:127.0.0.1]:{port}",
    "https://[::1]:{port}",
    "https://0.0.0.0:{port}",
    "https://2130706433:{port}",
    "https://0177.0.0.1:{port}",
    "https://0x7f.1:{port}",
    "https://127.1:{port}",
    "https://169.254.169.254",
    "https://[::ffff:169.254.169.254]",
    "https://id.example.com@127.0.0.1:{port}",
    "https://id.example.com:{port}@127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}",
)


@pytest.mark.promise("A23", "P32")
@pytest.mark.asvs("1.3.6")
@pytest.mark.parametrize("address", INSIDE)
def test_discovery_never_reaches_what_is_inside(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(outgoing.VARIABLE, raising=False)
    with sink() as (port, came):
        with pytest.raises(Unusable):
            discovery.document(address.format(port=port), anew=True)
        with outgoing_session.Session() as session, pytest.raises(requests.RequestException):
            session.get(address.format(port=port))
    assert came == []


@pytest.mark.promise("A23")
def test_a_name_that_leads_inside_the_second_time_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(outgoing.VARIABLE, raising=False)
    real, asked = socket.getaddrinfo, []

    def names(host: Any, port: Any, *args: Any, **given: Any) -> Any:
        if host == "id.example.com":
            asked.append(host)
            # A public address at which nobody answers in time.
            there = "127.0.0.1" if len(asked) > 1 else "192.0.9.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (there, port))]
        return real(host, port, *args, **given)

    monkeypatch.setattr(socket, "getaddrinfo", names)
    monkeypatch.setattr(outgoing, "CONNECT_S", 0.2)
    with sink() as (port, came):
        monkeypatch.setattr(outgoing, "PORTS", frozenset({port}))
        for asked_by_now in (1, 2):
            with pytest.raises(Unusable):
                discovery.document(f"https://id.example.com:{port}", anew=True)
            assert len(asked) == asked_by_now
    assert came == []


@pytest.mark.promise("A23")
@pytest.mark.asvs("15.3.2")
def test_a_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with oidc.provider() as there:
        there.twist = "moved"
        with pytest.raises(Unusable, match="answered 302"):
            discovery.document(there.issuer, anew=True)
    assert there.asked("/other") == []


@pytest.mark.promise("A23")
@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_endpoints_that_a_provider_names_inside_are_refused_too(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.1/32")
    with oidc.provider() as there, sink() as (port, came):
        there.document = {name: f"https://127.0.0.2:{port}/"}
        found = discovery.document(there.issuer, anew=True)
        with pytest.raises(Unusable):
            discovery.asked(found[name], token="an access token")
    assert came == []


@pytest.mark.asvs("10.5.3")
@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "ftp://id.example.com/"},
        {"jwks_uri": None},
        {"response_types_supported": ["id_token"]},
    ],
)
def test_what_a_provider_says_of_itself_is_checked(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with oidc.provider() as there:
        there.document = document
        with pytest.raises(Unusable):
            discovery.document(there.issuer, anew=True)


def test_a_session_takes_nothing_from_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(outgoing.VARIABLE, "127.0.0.0/8")
    with sink() as (port, came), oidc.provider() as there:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        assert discovery.document(there.issuer, anew=True)["issuer"] == there.issuer
    assert came == []


NONE = (
    "",
    "id.example.com",
    "ftp://id.example.com",
    "https://",
    "https://a:b@id.example.com",
    "https://@id.example.com",
    "https://id.example.com?x=1",
    "https://id.example.com#x",
    "https://id.example.com/a b",
    "javascript:alert(1)",
    "https://[::1",
    "https://" + "a" * 600,
)


@pytest.mark.promise("A23")
def test_an_issuer_that_is_none_is_refused_with_a_reason(pages: Pages) -> None:
    for issuer in NONE:
        typed = Typed("Work", issuer, "desk", "secret")
        with pytest.raises(Invalid) as refused:
            identity_providers.add(key="staff", typed=typed, by=pages.made.operator)
        assert refused.value.path == "issuer", issuer
