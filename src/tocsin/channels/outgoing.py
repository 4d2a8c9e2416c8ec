"""The only way out: no channel opens a connection but through here.

Where a message goes is named by a tenant's administrator, and the machine that sends it stands
inside a network. So a name is looked up once, every address that it has is judged, and the
connection is made to the very address that was judged. Nothing is followed.
"""

import contextlib
import functools
import ipaddress
import os
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

VARIABLE = "TOCSIN_EGRESS_ALLOW"
TIMEOUT_S = 15.0
# All of it: whoever drips bytes must not hold a lease for ever.
TOTAL_S = 45.0
CONNECT_S = 5.0
LONGEST_ANSWER = 64 * 1024
# Where others listen for HTTPS; other ports, and plain HTTP, only in networks that are allowed.
PORTS = frozenset({443, 8443})
_MOST_ADDRESSES = 4
_NAME = re.compile(rb"[0-9A-Za-z._:-]+")

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# What `is_global` of one Python or another lets through, and what clouds serve their secrets from.
_INSIDE: tuple[_Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",  # a cloud's wire server, on a public address
        "192.0.0.0/24",
        "192.88.99.0/24",  # the 6to4 relays that once were
        "::/96",  # IPv4 written as IPv6, an older way
        "64:ff9b:1::/48",  # NAT64 of somebody's own network
        "2001::/23",  # Teredo and other protocols
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


class Refused(Exception):
    """The guard says no: this address is never written to, as long as nobody allows it."""


class NotSent(Exception):
    """It never left: no name, no connection, no TLS."""


class Lost(Exception):
    """It was handed over, and no answer came."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. Names of headers are lower case; the body ends after 64 KB."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def post(
    url: str, *, content: bytes, headers: Mapping[str, str], timeout_s: float = TIMEOUT_S
) -> Answer:
    """Post to an address and return the answer, whatever its status.

    Raises `Refused`, `NotSent` or `Lost`; their words name the host and nothing else of the URL.
    """
    return request("POST", url, content=content, headers=headers, timeout_s=timeout_s)


def request(
    method: str,
    url: str,
    *,
    content: bytes = b"",
    headers: Mapping[str, str],
    timeout_s: float = TIMEOUT_S,
    total_s: float = TOTAL_S,
) -> Answer:
    """Ask an address for something; the rules of `post`."""
    asked = _request(method, url, content, headers, timeout_s)
    host = asked.url.host
    with Guard() as guard:
        watch = threading.Timer(total_s, guard.hang_up)
        watch.daemon = True
        watch.start()
        try:
            return _answer(guard.handle_request(asked))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.WriteTimeout) as error:
            raise NotSent(f"{host}: {_words(error, guard, total_s)}") from None
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            raise Refused(f"{host}: {_words(error, guard, total_s)}") from None
        except (httpx.HTTPError, OSError) as error:
            raise Lost(f"{host}: {_words(error, guard, total_s)}") from None
        finally:
            watch.cancel()


def _request(
    method: str, url: str, content: bytes, headers: Mapping[str, str], timeout_s: float
) -> httpx.Request:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        raise Refused("the address is no URL") from None
    named = _NAME.fullmatch(address.raw_host)
    if address.scheme not in ("https", "http") or named is None:
        raise Refused("the address must begin with https:// and name a host")
    if address.userinfo:
        raise Refused(f"{address.host}: the address must not contain a user and password")
    patience = httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)).as_dict()
    plain = {"accept-encoding": "identity", "connection": "close", "user-agent": "Tocsin"}
    plain.update({name.lower(): value for name, value in headers.items()})
    if "host" in plain:
        raise Refused(f"{address.host}: the Host header is ours to write")
    try:
        return httpx.Request(
            method, address, content=content, headers=plain, extensions={"timeout": patience}
        )
    except (ValueError, UnicodeError):
        raise Refused(f"{address.host}: a header has characters that headers cannot") from None


class Guard(httpx.BaseTransport):
    """A transport that connects only to addresses that were judged; it follows nothing."""

    def __init__(self) -> None:
        """Make one; it serves one request at a time."""
        self._inner = httpx.HTTPTransport(verify=_tls(os.environ.get("SSL_CERT_FILE", "")))
        self._lifeline: socket.socket | None = None
        self.hung_up = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Look the host up, judge it, and send the request to one of its addresses."""
        url = request.url
        secure = url.scheme == "https"
        port = url.port or (443 if secure else 80)
        # Plain HTTP has no port outside: it can be read, and changed, on its way.
        found = look_up(url.host, port, ports=PORTS if secure else frozenset())
        failed: Exception = httpx.ConnectError("there is no address")
        for ip in found:
            try:
                return self._inner.handle_request(self._to(request, ip))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
                if self.hung_up:
                    break
        raise failed

    def _to(self, request: httpx.Request, ip: Ip) -> httpx.Request:
        # The connection goes to the address; TLS and the Host header still mean the name.
        extensions = {**request.extensions, "trace": self._trace}
        if request.url.scheme == "https":
            extensions["sni_hostname"] = request.url.raw_host.decode("ascii").strip("[]")
        return httpx.Request(
            request.method,
            request.url.copy_with(host=str(ip)),
            headers=request.headers,
            stream=request.stream,
            extensions=extensions,
        )

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event != "connection.connect_tcp.complete":
            return
        made = info["return_value"].get_extra_info("socket")
        # A handle of our own: TLS takes the socket away.
        self._drop()
        self._lifeline = made.dup()
        if self.hung_up:
            self.hang_up()

    def hang_up(self) -> None:
        """Break the connection, from another thread."""
        self.hung_up = True
        lifeline = self._lifeline
        if lifeline is not None:
            with contextlib.suppress(OSError):
                lifeline.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, and the handle that breaks it."""
        self._inner.close()
        self._drop()

    def _drop(self) -> None:
        lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            lifeline.close()


@functools.cache
def _tls(_store: str) -> ssl.SSLContext:
    # By the store's name: an installation with certificates of its own names them in the
    # environment, which OpenSSL reads when the context is made.
    return ssl.create_default_context()


def _answer(response: httpx.Response) -> Answer:
    """Return what there is of an answer: once the status is here, nobody is unsure any more."""
    body = bytearray()
    with contextlib.closing(response), contextlib.suppress(httpx.HTTPError, OSError):
        for piece in response.iter_raw():
            body += piece
            if len(body) >= LONGEST_ANSWER:
                break
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, bytes(body[:LONGEST_ANSWER]))


def _words(error: Exception, guard: Guard, total_s: float) -> str:
    if guard.hung_up:
        return f"not done after {total_s:g} s"
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time: is the host up, and does a firewall let us through?"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return (str(error).strip().partition("\n")[0] or type(error).__name__)[:200]


# ------------------------------------------------------------------------------------ the judgement


def connect(
    host: str, port: int, *, ports: frozenset[int], timeout_s: float = TIMEOUT_S
) -> socket.socket:
    """Return a connection to a host that was judged, for what is not HTTP.

    Raises `Refused`, or `NotSent` when none of its addresses answers.
    """
    told = "there is no address"
    for ip in look_up(host, port, ports=ports):
        try:
            return socket.create_connection((str(ip), port), timeout_s)
        except OSError as error:
            told = error.strerror or str(error)
    raise NotSent(f"{host}:{port}: {told}")


def look_up(host: str, port: int, *, ports: frozenset[int] = PORTS) -> list[Ip]:
    """Return the addresses of a host, looked up once, when every one of them may be written to.

    Raises `Refused` when one of them may not: who answers with an address inside among others
    wants us to try it. Raises `NotSent` when the name is not known now.
    """
    found: dict[Ip, None] = {}
    for text in _resolved(host, port):
        found[ipaddress.ip_address(text.partition("%")[0])] = None
    if not found:
        raise NotSent(f"{host}: the name has no address")
    allowed = allow_list()
    others = [
        ip
        for ip in found
        if not any(one in network for network in allowed for one in (ip, _plain(ip)))
    ]
    for ip in others:
        if is_inside(ip):
            raise Refused(
                f"{host} is {ip}, an address inside a network or of no host; if that is meant, an"
                f" operator can allow it in {VARIABLE}"
            )
    if others and port not in ports:
        raise Refused(_port(host, port, ports))
    return list(found)[:_MOST_ADDRESSES]


def _port(host: str, port: int, ports: frozenset[int]) -> str:
    if not ports:
        return f"{host}: only https:// is sent to; plain http needs a network in {VARIABLE}"
    listed = ", ".join(str(one) for one in sorted(ports))
    return f"{host}: port {port} is none of {listed}; others need a network in {VARIABLE}"


def _resolved(host: str, port: int) -> Iterator[str]:
    try:
        # It reads 2130706433, 0x7f.1 and 0177.1 as C does: what is judged is what came of it.
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent(f"{host}: the name is not known (DNS)") from None
    for family, _, _, _, address in found:
        if family in (socket.AF_INET, socket.AF_INET6):
            yield str(address[0])


def allow_list() -> list[_Network]:
    """Return the networks that an operator allows beside the public ones (TOCSIN_EGRESS_ALLOW)."""
    found: list[_Network] = []
    for part in os.environ.get(VARIABLE, "").split(","):
        text = part.strip()
        if not text:
            continue
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError:
            # Not for good: letters wait until the operator has mended it.
            raise NotSent(f"{VARIABLE}: {text!r} is no network such as 10.1.0.0/16") from None
    return found


def is_inside(ip: Ip) -> bool:
    """Say whether an address is none of a public host's.

    >>> [is_inside(ipaddress.ip_address(a)) for a in ("169.254.169.254", "::1", "9.9.9.9")]
    [True, True, False]
    """
    plain = _plain(ip)
    if not plain.is_global or plain.is_multicast or plain.is_reserved or plain.is_unspecified:
        return True
    return any(plain in network for network in _INSIDE)


def _plain(ip: Ip) -> Ip:
    """Return the IPv4 address that an IPv6 address carries, where it carries one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.sixtofour is not None:
        return ip.sixtofour
    if (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
