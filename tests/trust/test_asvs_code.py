"""What the code is made of, by looking at all of it: processes, formats, objects, cryptography."""

import ast
import functools
import hashlib
import json
import math
import os
import re
import secrets
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from tests.trust.test_static_rules import trees

import tocsin
from tocsin.actions import links, one_time_codes, strongbox
from tocsin.channels import outgoing
from tocsin.kit import canonical, yaml_file
from tocsin.kit.invalid import Invalid

SRC = Path(tocsin.__file__).parent
SCRIPTS = sorted((SRC / "web" / "static" / "tocsin").rglob("*.js"))
PAGES = sorted((SRC / "web" / "templates").rglob("*.html"))
# What only the command line and its supervisor do; no request leads there.
STARTS_PROCESSES = (
    "tocsin/kit/embedded.py",
    "tocsin/kit/processes.py",
    "tocsin/records/snapshot.py",
    "tocsin/cli/",
)
# Protocols of others that know nothing else.
SHA1 = {
    "tocsin/actions/one_time_codes.py": "the codes that apps reckon (RFC 6238)",
    "tocsin/actions/twilio.py": "how Twilio signs what it tells",
}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def called(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@functools.cache
def imports() -> Mapping[str, frozenset[str]]:
    """Return what each module imports, wherever it does so."""
    return {where: frozenset(imported(tree)) for where, tree in trees()}


def importers(*names: str) -> set[str]:
    wanted = tuple(f"{name}." for name in names)
    return {
        where
        for where, found in imports().items()
        if any(f"{one}.".startswith(wanted) for one in found)
    }


# ------------------------------------------------------------------------------ shells and objects


def shells(tree: ast.Module) -> list[int]:
    """Return the lines on which a shell reads a text, or a program is given as one text."""
    found = []
    for name, call in called(tree):
        if name in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"):
            found.append(call.lineno)
        if name.startswith("subprocess.") and name[11:] in ("run", "Popen", "check_output", "call"):
            shell = any(one.arg == "shell" for one in call.keywords)
            one_text = call.args and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
            if shell or one_text:
                found.append(call.lineno)
    return found


@pytest.mark.asvs("1.2.5")
def test_no_shell_reads_anything_and_no_request_starts_a_program() -> None:
    for where, tree in trees():
        assert shells(tree) == [], where
    for where in importers("subprocess", "pty", "pexpect"):
        assert where.startswith(STARTS_PROCESSES), where
    assert shells(ast.parse("os.system(f'rm {x}')")) == [1]
    assert shells(ast.parse("subprocess.run(['rm', x], shell=True)")) == [1]
    assert shells(ast.parse("subprocess.run(f'rm {x}')")) == [1]
    assert shells(ast.parse("subprocess.run(['rm', x])")) == []


@pytest.mark.asvs("1.5.2")
def test_nothing_that_is_read_makes_objects(tmp_path: Path) -> None:
    unsafe = importers("pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "cloudpickle")
    assert unsafe == set()
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")
    trap = tmp_path / "made"
    for text in (
        f'a: !!python/object/apply:os.system ["touch {trap}"]\n',
        f'a: !!python/object/new:os.system ["touch {trap}"]\n',
        "a: !!python/name:os.system\n",
        "a: !!python/module:os\n",
    ):
        path = tmp_path / "some.yaml"
        path.write_text(text)
        try:
            found: Any = yaml_file.load(path).data["a"]
        except Invalid:
            continue
        # What is left is plain data, or a text with a name that nobody calls.
        plain = isinstance(found, str | list | dict)
        assert plain or type(found).__name__ == "TaggedScalar", text
    assert not trap.exists()


@pytest.mark.asvs("1.3.10")
def test_no_format_is_what_somebody_typed() -> None:
    """A text that is filled in stands in our code, or in a table of texts in our code."""
    for where, tree in trees():
        if not where.startswith(("tocsin/web/", "tocsin/api/", "tocsin/actions/")):
            continue
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in ("format_map", "vformat"):
                pytest.fail(f"{where}:{node.lineno}")
            if node.func.attr == "format":
                told = ast.unparse(node.func.value)
                typed = re.search(r"POST|GET|body|payload|given|typed|request|row\b", told)
                assert not typed or where == "tocsin/actions/private_letters.py", (
                    f"{where}:{node.lineno}"
                )
    # Those of the private letters are two of our own texts, and words are put into them once.
    source = (SRC / "actions" / "private_letters.py").read_text(encoding="utf-8")
    assert "body.format(desk=desk, url=url)" in source


# ------------------------------------------------------------------------------------ cryptography


@pytest.mark.asvs("11.2.1")
def test_cryptography_is_that_of_known_libraries() -> None:
    known = ("hashlib", "hmac", "secrets", "cryptography", "jwt", "fido2", "argon2")
    users = importers(*known)
    assert "tocsin/actions/strongbox.py" in users
    assert importers("Crypto", "Cryptodome", "nacl", "rsa", "ecdsa", "OpenSSL", "pyaes") == set()


@pytest.mark.asvs("11.3.1", "11.3.2")
def test_the_one_cipher_is_aes_gcm() -> None:
    ciphers = {
        one
        for found in imports().values()
        for one in found
        if one.startswith("cryptography.hazmat.primitives.ciphers.")
    }
    assert {one.rpartition(".")[2] for one in ciphers} <= {"aead", "AESGCM"}
    padded = importers("cryptography.hazmat.primitives.padding") | importers(
        "cryptography.hazmat.primitives.asymmetric.padding"
    )
    assert padded == set()


@pytest.mark.asvs("11.4.3")
def test_what_proves_that_something_is_unchanged_is_sha_256() -> None:
    weak = re.compile(r"hashlib\.(md5|sha1|new|md4|sha224)|[\"']md5[\"']|SHA1\(|MD5\(")
    found = {where for where, _ in trees() if weak.search((SRC.parent / where).read_text("utf-8"))}
    assert found == SHA1.keys()
    assert len(canonical.leaf(b"x")) == hashlib.sha256().digest_size
    assert signing.Signer().algorithm == "sha256"


@pytest.mark.asvs("6.5.3", "6.5.4")
def test_codes_of_factors_come_from_a_secure_source(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [one for _ in range(200) for one in one_time_codes.recovery_codes()]
    assert len(set(codes)) == len(codes)
    signs = {sign for code in codes for sign in one_time_codes.plain(code)}
    assert len(one_time_codes.plain(codes[0])) * math.log2(len(signs)) > 112
    assert one_time_codes.DIGITS * math.log2(10) > 19.9
    # All of them are of the system's own source: nobody else's numbers count.
    assert importers("random") <= {
        where for where, _ in trees() if where.startswith("tocsin/cli/demonstration/")
    }
    monkeypatch.setattr(secrets, "choice", lambda signs: signs[0])
    assert set(one_time_codes.plain(one_time_codes.recovery_codes()[0])) == {"a"}
    monkeypatch.setattr(os, "urandom", lambda n: b"\0" * n)
    assert set(one_time_codes.new_secret()) == {"A"}


@pytest.mark.asvs("11.3.4")
def test_no_nonce_is_used_twice() -> None:
    sealed = [strongbox.seal("the same", for_="x") for _ in range(50)]
    assert len(set(sealed)) == len(sealed)


@pytest.mark.asvs("11.6.1")
def test_keys_of_web_push_are_of_a_standard_curve() -> None:
    text = (SRC / "channels" / "push" / "sealing.py").read_text("utf-8")
    assert set(re.findall(r"ec\.(SEC\w+|BrainpoolP\w+)", text)) == {"SECP256R1"}
    assert importers("cryptography.hazmat.primitives.asymmetric.dsa") == set()


# ----------------------------------------------------------------------------- what is signed by us


def cross() -> Mapping[str, Callable[[str], object]]:
    """Return what opens each kind of signed text of ours."""
    return {
        "tocsin links": lambda text: links.opened(text, now=_now()),
        "tocsin device": lambda text: signing.loads(text, salt="tocsin device"),
        "tocsin.hooks.slack": lambda text: signing.loads(text, salt="tocsin.hooks.slack"),
    }


def _now() -> Any:
    from tests.desk import at

    return at("2026-03-02 09:00")


@pytest.mark.asvs("9.2.2", "9.2.4")
def test_what_was_signed_for_one_purpose_is_worth_nothing_for_another() -> None:
    told = [1, 2, 3, 4_000_000_000]
    texts = {
        "tocsin device": signing.dumps(told, salt="tocsin device"),
        "tocsin.hooks.slack": signing.dumps(told, salt="tocsin.hooks.slack"),
        "tocsin links": links.signed(links.Named(1, 2, 3), now=_now()),
    }
    for purpose, opens in cross().items():
        for other, text in texts.items():
            if purpose == other:
                assert opens(text)
                continue
            with pytest.raises((signing.BadSignature, links.Worthless)):
                opens(text)
    # The tenant that it is for stands in each of them.
    assert links.opened(texts["tocsin links"], now=_now()).tenant == 1


# ------------------------------------------------------------------------------- scripts and pages


@pytest.mark.asvs("3.2.2")
def test_scripts_put_texts_into_pages_as_texts() -> None:
    made = [
        (path.name, line.strip())
        for path in SCRIPTS
        for line in path.read_text("utf-8").splitlines()
        if re.search(
            r"innerHTML|insertAdjacentHTML|outerHTML|document\.write|createContextual", line
        )
    ]
    # The one place reads fragments that a page of ours has rendered, where all texts are escaped.
    assert made == [("page.js", "template.innerHTML = html;")]


@pytest.mark.asvs("3.5.5")
def test_no_window_listens_to_another() -> None:
    for path in SCRIPTS:
        script = path.read_text("utf-8")
        assert not re.search(r"window\.onmessage|addEventListener\(\s*[\"']message[\"']", script)
        # Tabs of the same origin talk over a channel of its own.
        for line in script.splitlines():
            if "onmessage" in line or "postMessage" in line:
                assert "channel." in line, (path.name, line)


@pytest.mark.asvs("3.7.1")
def test_pages_use_what_browsers_still_care_for() -> None:
    for page in PAGES:
        assert not re.search(r"<(object|embed|applet|frame|frameset|bgsound)\b", page.read_text())


@pytest.mark.asvs("15.3.6")
def test_no_name_from_outside_becomes_a_property_of_every_object() -> None:
    """Where a script writes to a name that is not its own, the name is one of a list of ours."""
    ours = {
        "passkey.js": "names of fields of the browser's answer, in a list beside it",
        "week.js": "the days of the week",
    }
    for path in SCRIPTS:
        script = path.read_text("utf-8")
        assert not re.search(r"__proto__|prototype|setPrototypeOf|deepmerge|\$\.extend", script)
        if re.search(r"\w\[[A-Za-z_.]+\]\s*=[^=]", script):
            assert path.name in ours, path.name


@pytest.mark.asvs("13.2.3", "13.3.1")
def test_no_secret_stands_in_the_code() -> None:
    kinds = re.compile(
        r"(?i)(secret|password|token|api_?key)\w*\s*=\s*[\"'][A-Za-z0-9+/_-]{12,}[\"']"
    )
    for where, _ in trees():
        if where.startswith("tocsin/cli/demonstration/"):
            continue
        found = [
            line.strip()
            for line in (SRC.parent / where).read_text("utf-8").splitlines()
            if kinds.search(line) and "noqa" not in line
        ]
        # Names of settings, of headers and of salts are no secrets.
        names = re.compile(r"[\"'](TOCSIN_\w+|tocsin[ .\w]*|X-[A-Za-z-]+)[\"']")
        assert [one for one in found if not names.search(one)] == [], where
    # The key of an installation is made by chance where none is given.
    text = (SRC / "site" / "settings.py").read_text("utf-8")
    assert 'os.environ.get("TOCSIN_SECRET_KEY") or os.urandom(32).hex()' in text
    sql = "".join(path.read_text("utf-8") for path in (SRC / "records" / "sql").glob("*.sql"))
    assert not re.search(r"(?i)\bpassword\s+'", sql)


@pytest.mark.asvs("16.2.4")
def test_facts_are_json_of_one_form() -> None:
    data: dict[str, canonical.Value] = {"did": "x", "b": 2, "a": [1, "é\n"]}
    text = canonical.encoded(data).decode()
    assert json.loads(text) == data
    assert "\n" not in text
    assert text == canonical.encoded(dict(reversed(list(data.items())))).decode()


@pytest.mark.asvs("12.1.1", "12.3.2")
def test_tls_outwards_is_of_today_and_looks_at_certificates() -> None:
    made = outgoing._tls("")
    assert made.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert made.maximum_version in (ssl.TLSVersion.MAXIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_3)
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)
    # Nobody makes another one, or loosens this one.
    loose = re.compile(r"_create_unverified|CERT_NONE|check_hostname\s*=|SSLContext\(|TLSv1_[01]\b")
    for where, _ in trees():
        assert not loose.search((SRC.parent / where).read_text("utf-8")), where
