"""P32: nothing opens a connection but the guarded way out, and who is listed here with a reason."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

# Whoever imports one of these could speak to the network.
SPEAKING = re.compile(
    r"(socket|ssl|socketserver|smtplib|ftplib|imaplib|poplib|telnetlib|nntplib|xmlrpc|http\.client"
    r"|http\.server|urllib\.request|urllib3|requests|requests_oauthlib|oauthlib|httpx|httpcore|h11"
    r"|aiohttp|anyio|websockets|paramiko|apprise|asyncio|psycopg|http_ece|pywebpush|onelogin|granian"
    r"|multiprocessing|subprocess|jwt|dns)(\.|$)"
)
_DATABASE = "the database, at the operator's address"
_OURS = "processes of our own"
_NAME = "only the name of this machine"
ALLOWED = {
    "tocsin.channels.outgoing": {
        "httpx": "the guarded way out itself",
        "socket": "the guarded way out itself",
        "ssl": "the guarded way out itself",
    },
    "tocsin.channels.email.connection": {
        "smtplib": "speaks over a connection that the guard made, or to the operator's own server",
        "socket": "the operator's own mail server is not judged",
        "ssl": "TLS over that connection",
    },
    "tocsin.channels.email.send": {"smtplib": "only its errors"},
    "tocsin.channels.push.sealing": {"http_ece": "only encrypts"},
    "tocsin.web.discovery": {"requests": "a session whose adapter is the guarded way out"},
    "tocsin.web.openid": {"requests": "a session whose adapter is the guarded way out"},
    "tocsin.web.outgoing_session": {"requests": "its adapter is the guarded way out"},
    "tocsin.web.id_token": {"jwt": "only verifies; keys come by the guarded way out"},
    "tocsin.web.saml_library": {"onelogin": "only reads and checks answers that a browser brings"},
    "tocsin.channels.apprise.schemes": {"apprise": "makes senders; the guard judges their host"},
    "tocsin.channels.apprise.send": {"apprise": "the guard judges the host right before"},
    "tocsin.kit.database": {"psycopg": _DATABASE},
    "tocsin.kit.embedded": {"psycopg": _DATABASE, "subprocess": "the database's own programs"},
    "tocsin.kit.processes": {"socket": "a pair within the process", "subprocess": _OURS},
    "tocsin.records.snapshot": {"psycopg": _DATABASE, "subprocess": "pg_dump, by developers"},
    "tocsin.actions.installation": {"psycopg": _DATABASE},
    "tocsin.actions.due": {"psycopg": _DATABASE},
    "tocsin.pulse.doorbell": {"psycopg": _DATABASE},
    "tocsin.pulse.sequencer": {"psycopg": _DATABASE},
    "tocsin.pulse.deliveries": {"psycopg": _DATABASE, "socket": "a pair within the process"},
    "tocsin.pulse.tickets": {"psycopg": _DATABASE, "socket": _NAME},
    "tocsin.pulse.watchman": {"psycopg": _DATABASE, "socket": _NAME},
    "tocsin.pulse.reckoners": {"multiprocessing": _OURS},
    "tocsin.site.live.application": {"asyncio": "listens", "psycopg": _DATABASE},
    "tocsin.site.live.ear": {"asyncio": "listens", "psycopg": _DATABASE},
    "tocsin.site.live.line": {"asyncio": "listens", "socket": "options of what it listens on"},
    "tocsin.cli.db": {"psycopg": _DATABASE},
    "tocsin.cli.doctor": {"psycopg": _DATABASE},
    "tocsin.cli.web": {"granian": "listens", "multiprocessing": _OURS},
    "tocsin.cli.up": {
        "http.client": "asks our own parts on loopback whether they answer",
        "socket": "looks whether a port is free",
        "subprocess": _OURS,
    },
    "tocsin.cli.demo": {"psycopg": _DATABASE, "socket": "looks for a free port"},
    "tocsin.cli.demonstration.history": {"psycopg": _DATABASE},
    "tocsin.cli.demonstration.building": {"subprocess": _OURS},
    "tocsin.cli.demonstration.post": {
        "socketserver": "listens on loopback, for the demo's letters"
    },
}
# These few look at nothing before they connect; each has its reason above.
CONNECTING = re.compile(
    r"\b(create_connection|open_connection|create_datagram_endpoint|urlopen|HTTPSConnection"
    r"|HTTPConnection|getaddrinfo|connect_ex|IMAP4|POP3)\b"
)
CONNECTS = {"tocsin.channels.outgoing", "tocsin.channels.email.connection", "tocsin.cli.up"}


def name_of(path: Path) -> str:
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(text: str) -> Iterator[str]:
    """Yield what a module imports, wherever it does so."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def speaking(text: str) -> set[str]:
    """Return the libraries that could speak to the network which a module imports."""
    return {found[1] for one in imported(text) if (found := SPEAKING.match(one))}


def sources() -> dict[str, str]:
    return {name_of(path): path.read_text(encoding="utf-8") for path in sorted(SRC.rglob("*.py"))}


@pytest.mark.promise("P32", "A23")
@pytest.mark.asvs("13.2.4")
def test_only_who_is_listed_could_speak_to_the_network() -> None:
    found = {name: kinds for name, text in sources().items() if (kinds := speaking(text))}
    assert found == {name: set(reasons) for name, reasons in ALLOWED.items()}


@pytest.mark.promise("P32")
@pytest.mark.asvs("13.2.5")
def test_only_the_guard_and_the_operators_mail_server_are_connected_to() -> None:
    found = {name for name, text in sources().items() if CONNECTING.search(text)}
    assert found == CONNECTS


@pytest.mark.parametrize(
    "text",
    [
        "import requests",
        "def f():\n    from urllib.request import urlopen",
        "from urllib import request",
        "import http.client as h",
        "from aiohttp import ClientSession",
    ],
)
def test_whoever_would_is_noticed(text: str) -> None:
    assert speaking(text)


def test_what_only_reads_an_address_is_nobody() -> None:
    assert not speaking("from urllib.parse import urlsplit\nfrom http import HTTPStatus")


@pytest.mark.promise("P32")
def test_the_heartbeat_and_every_channel_leave_through_the_guard() -> None:
    senders = [
        name
        for name in sources()
        if re.fullmatch(r"tocsin\.channels\.\w+\.(send|connection)|tocsin\.pulse\.heartbeat", name)
    ]
    assert len(senders) >= 10
    known = sources()
    way = re.compile(r"import .*\b(outgoing|connection)\b|channels\.(outgoing|email\.)")
    assert [name for name in senders if not way.search(known[name])] == []
