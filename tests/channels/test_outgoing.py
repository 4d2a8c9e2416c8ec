"""The guarded way out, attacked (A23): what is inside is never reached, whatever its name."""

import datetime as dt
import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tocsin.channels import outgoing
from tocsin.channels.outgoing import Lost, NotSent, Refused
from tocsin.kit import machine_clock

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: Fake\r\n\r\nok"
MOVED = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "


@dataclass
class Sink:
    """A server on loopback: what came to it, and what it says; nothing when that is empty."""

    says: bytes = OK
    tls: ssl.SSLContext | None = None
    pause_s: float = 0.0
    host: str = "127.0.0.1"
    connections: int = 0
    heard: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def url(self, host: str = "", scheme: str = "http") -> str:
        return f"{scheme}://{host or self.host}:{self.port}/hook/s3cret"

    def talk(self, found: socket.socket) -> None:
        found.settimeout(10)
        if self.tls is None:
            self.answer(found)
        else:
            with self.tls.wrap_socket(found, server_side=True) as wrapped:
                self.answer(wrapped)

    def answer(self, found: socket.socket) -> None:
        data = b""
        while not data.endswith(b"the end"):
            piece = found.recv(65536)
            if not piece:
                return
            data += piece
        self.heard.append(data)
        if self.pause_s:
            for byte in self.says:
                if self.stop.wait(self.pause_s):
                    return
                found.sendall(bytes([byte]))
        elif self.says:
            found.sendall(self.says)
        else:
            self.stop.wait(10)


@contextmanager
def sink(says: bytes = OK, **given: Any) -> Iterator[Sink]:
    made = Sink(says, **given)
    with socket.create_server((made.host, 0)) as server:
        made.port = server.getsockname()[1]

        def serve() -> None:
            while not made.stop.is_set():
                try:
                    found, _ = server.accept()
                except OSError:
                    return
                made.connections += 1
                threading.Thread(target=one, args=(found,), daemon=True).start()

        def one(found: socket.socket) -> None:
            with found:
                try:
                    made.talk(found)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield made
        finally:
            made.stop.set()
            server.shutdown(socket.SHUT_RDWR)


Named = Callable[..., list[str]]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Named:
    """Give a DNS server that is ours: each look-up of a name takes its next answer."""
    real = socket.getaddrinfo
    answers: dict[str, list[list[str]]] = {}
    asked: list[str] = []

    def look_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host not in answers:
            return real(host, port, *args, **options)
        asked.append(host)
        left = answers[host]
        found = left.pop(0) if len(left) > 1 else left[0]
        return [one for address in found for one in real(address, port, *args, **options)]

    def name(host: str, *found: list[str]) -> list[str]:
        answers[host] = list(found)
        return asked

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return name


def allow(monkeypatch: pytest.MonkeyPatch, networks: str = "127.0.0.0/8") -> None:
    monkeypatch.setenv(outgoing.VARIABLE, networks)


def post(url: str, **given: Any) -> outgoing.Answer:
    return outgoing.post(url, content=b"this is the end", headers={"X-A": "b"}, **given)


# ----------------------------------------------------------------------------------------- inside

INSIDE = (
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f.0.0.1",
    "0x7f000001",
    "0177.0.0.1",
    "017700000001",
    "localhost",
    "localhost.",
    "0.0.0.0",
    "0",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::]",
    "[2001:db8::5efe:7f00:1]",
    "[2a00::5efe:127.0.0.1]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "[100::1]",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "198.18.0.1",
    "192.88.99.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
)


@pytest.mark.promise("A23", "P32")
@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.asvs("1.3.6")
def test_nothing_inside_is_reached_however_it_is_written(host: str, scheme: str) -> None:
    with sink() as found:
        # Some forms are no address to one reader and an address to another.
        odd = host in ("0177.0.0.1", "127.0.0.1.", "localhost.")
        with pytest.raises((Refused, NotSent), match="." if odd else "inside a network"):
            post(found.url(host, scheme))
        assert found.connections == 0


@pytest.mark.promise("A23")
@given(
    st.sampled_from(
        [
            "10.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "0.0.0.0/8",
        ]
    ),
    st.integers(min_value=0, max_value=2**32 - 1),
)
def test_an_inside_address_stays_inside_in_every_coat(network: str, number: int) -> None:
    inside = ipaddress.IPv4Network(network)
    plain = int(inside.network_address) | number & int(inside.hostmask)
    coats: list[outgoing.Ip] = [
        ipaddress.IPv4Address(plain),
        ipaddress.IPv6Address(0xFFFF << 32 | plain),
        ipaddress.IPv6Address((0x64FF9B << 96) | plain),
        ipaddress.IPv6Address((0x2002 << 112) | plain << 80),
        ipaddress.IPv6Address((0x2A00 << 112) | 0x5EFE << 32 | plain),
    ]
    assert all(outgoing.is_inside(coat) for coat in coats)


def test_public_addresses_are_public() -> None:
    for text in ("1.1.1.1", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "93.184.216.34"):
        assert not outgoing.is_inside(ipaddress.ip_address(text)), text


@pytest.mark.promise("A23")
def test_one_address_inside_among_many_refuses_the_name(named: Named) -> None:
    with sink() as found:
        named("mixed.test", ["93.184.216.34", "127.0.0.1"])
        with pytest.raises(Refused, match=r"mixed\.test is 127\.0\.0\.1"):
            post(found.url("mixed.test", "https"))
        assert found.connections == 0


@pytest.mark.promise("A23")
def test_a_name_that_changes_its_mind_is_looked_up_once(
    named: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "127.0.0.1/32")
    with sink() as meant, sink(host="127.0.0.2") as prey:
        asked = named("rebind.test", ["127.0.0.1"], ["127.0.0.2"])
        assert post(meant.url("rebind.test")).status == 200
        assert asked == ["rebind.test"]
        assert (meant.connections, prey.connections) == (1, 0)
        # And the next time, what it became is judged again.
        with pytest.raises(Refused):
            post(meant.url("rebind.test"))
        assert prey.connections == 0


@pytest.mark.promise("A23")
@pytest.mark.asvs("15.3.2")
def test_a_redirect_is_an_answer_and_never_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch)
    with sink() as prey, sink() as found:
        found.says = MOVED + prey.url().encode() + b"\r\n\r\n"
        answer = post(found.url())
        assert (answer.status, prey.connections) == (302, 0)


@pytest.mark.promise("A23")
@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "gopher://127.0.0.1/",
        "https://",
        "https:///path",
        "https://good.example@127.0.0.1/",
        "https://user:s3cret@127.0.0.1/",
        "https://a b/",
        "https://exa\nmple.com/",
        "https://[::1/",
        "https://127.0.0.1:99999/",
        "",
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(Refused) as told:
        post(url)
    assert "s3cret" not in str(told.value)


@pytest.mark.promise("A23")
def test_outside_only_https_on_its_ports(named: Named) -> None:
    named("public.test", ["93.184.216.34"])
    with pytest.raises(Refused, match="only https://"):
        post("http://public.test/")
    for port in (22, 25, 80, 5432, 6379):
        with pytest.raises(Refused, match=f"port {port} is none of 443, 8443"):
            post(f"https://public.test:{port}/")


def test_only_what_is_allowed_is_allowed(monkeypatch: pytest.MonkeyPatch, named: Named) -> None:
    allow(monkeypatch, " 10.0.0.0/8, 127.0.0.1/32 ,::1/128")
    with sink() as found:
        assert post(found.url()).status == 200
        assert post(found.url("[::ffff:127.0.0.1]")).status == 200
        with pytest.raises(Refused):
            post(found.url("127.0.0.2"))
        allow(monkeypatch, "127.0.0.1/8")
        with pytest.raises(NotSent, match=r"TOCSIN_EGRESS_ALLOW: '127\.0\.0\.1/8' is no network"):
            post(found.url())
        assert found.connections == 2


@pytest.mark.promise("A23")
def test_mail_and_the_like_go_the_same_way(monkeypatch: pytest.MonkeyPatch, named: Named) -> None:
    ports = frozenset({25, 465, 587})
    with sink() as found:
        with pytest.raises(Refused, match="inside a network"):
            outgoing.connect("127.0.0.1", found.port, ports=ports)
        named("public.test", ["93.184.216.34"])
        with pytest.raises(Refused, match="port 6379"):
            outgoing.connect("public.test", 6379, ports=ports)
        assert found.connections == 0
        allow(monkeypatch)
        outgoing.connect("127.0.0.1", found.port, ports=ports).close()


# ------------------------------------------------------------------------------- asked and answered


def test_a_post_arrives_as_it_was_meant(monkeypatch: pytest.MonkeyPatch, named: Named) -> None:
    allow(monkeypatch)
    named("hooks.test", ["127.0.0.1"])
    with sink() as found:
        answer = post(found.url("hooks.test"))
        assert (answer.status, answer.headers["x-kind"], answer.body) == (200, "Fake", b"ok")
        head, _, body = found.heard[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /hook/s3cret HTTP/1.1\r\n")
        assert f"host: hooks.test:{found.port}".encode() in head.lower()
        assert b"x-a: b" in head.lower()
        assert body == b"this is the end"


def test_a_long_answer_ends_at_64_kilobytes(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch)
    with sink(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 9_000_000) as found:
        assert len(post(found.url()).body) == outgoing.LONGEST_ANSWER


def test_an_answer_that_breaks_off_is_still_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch)
    with sink(b"HTTP/1.1 503 Busy\r\nContent-Length: 90\r\n\r\nnot all") as found:
        answer = post(found.url(), timeout_s=1.0)
        assert (answer.status, answer.body) == (503, b"not all")


def test_a_name_that_is_none_was_not_sent() -> None:
    with pytest.raises(NotSent, match="the name is not known"):
        post("https://nothing.invalid/")


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotSent, match=r"127\.0\.0\.1: .*refused"):
        post(f"http://127.0.0.1:{port}/")


def test_the_second_address_of_a_name_is_tried(
    monkeypatch: pytest.MonkeyPatch, named: Named
) -> None:
    allow(monkeypatch)
    with sink(host="127.0.0.2") as found:
        named("two.test", ["127.0.0.1", "127.0.0.2"])
        assert post(found.url("two.test")).status == 200


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (b"", "no answer in time"),
        (b"HTTP/1.1 2", "no answer in time"),
        (b"220 mail ESMTP\r\n", "no answer in time"),
    ],
)
def test_silence_after_it_was_handed_over_is_lost(
    monkeypatch: pytest.MonkeyPatch, says: bytes, words: str
) -> None:
    allow(monkeypatch)
    with sink(says) as found:
        found.says = says
        if says:
            # A half-open socket: some bytes, and then nothing for ever.
            monkeypatch.setattr(found, "talk", lambda one: _half(found, one, says))
        with pytest.raises(Lost, match=words):
            post(found.url(), timeout_s=1)
        assert len(found.heard) == 1


def _half(found: Sink, one: socket.socket, says: bytes) -> None:
    found.heard.append(one.recv(65536))
    one.sendall(says)
    found.stop.wait(10)


def test_a_server_that_drips_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch)
    with sink(OK, pause_s=0.05) as found:
        began = time.monotonic()
        with pytest.raises(Lost, match=r"not done after 0\.3 s"):
            outgoing.request(
                "POST", found.url(), content=b"the end", headers={}, timeout_s=5, total_s=0.3
            )
        assert time.monotonic() - began < 3


# -------------------------------------------------------------------------------------------- TLS


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Give a server's context with a certificate for desk.test, which we trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "desk.test")])
    now = machine_clock.wall()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("desk.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "desk.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_tls_means_the_name_while_the_connection_goes_to_the_address(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, named: Named
) -> None:
    allow(monkeypatch)
    named("desk.test", ["127.0.0.1"])
    named("other.test", ["127.0.0.1"])
    with sink(tls=certificate) as found:
        certificate.sni_callback = lambda _, name, __: found.names.append(name)
        assert post(found.url("desk.test", "https")).status == 200
        assert b"host: desk.test:" in found.heard[0].lower()
        with pytest.raises(NotSent, match="certificate"):
            post(found.url("other.test", "https"))
        with pytest.raises(NotSent, match="certificate"):
            post(found.url("127.0.0.1", "https"))
        assert found.names == ["desk.test", "other.test", None]
        assert len(found.heard) == 1


@pytest.mark.asvs("12.3.2")
def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, named: Named
) -> None:
    allow(monkeypatch)
    named("desk.test", ["127.0.0.1"])
    monkeypatch.delenv("SSL_CERT_FILE")
    with sink(tls=certificate) as found:
        with pytest.raises(NotSent, match="certificate"):
            post(found.url("desk.test", "https"))
        assert found.heard == []


@pytest.mark.promise("P33")
@pytest.mark.asvs("16.2.5")
def test_no_word_of_the_url_is_told_or_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    allow(monkeypatch)
    told = []
    with caplog.at_level(logging.DEBUG), sink(b"") as found:
        with pytest.raises(Lost) as lost:
            post(found.url(), timeout_s=1)
        told.append(str(lost.value))
        monkeypatch.delenv(outgoing.VARIABLE)
        with pytest.raises(Refused) as refused:
            post(found.url())
        told.append(str(refused.value))
    assert "s3cret" not in "".join(told) + caplog.text
