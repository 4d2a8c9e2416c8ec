"""docs/operate/protection.md is that of the code: it lists all there is, its figures hold."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from tests.desk import Database
from tests.trust.test_asvs_code import SHA1, imports

from tocsin.actions import api_tokens, passwords, sign_ins
from tocsin.api import declared
from tocsin.channels import registry
from tocsin.queries.access import RIGHTS
from tocsin.queries.security import Rules
from tocsin.records.audit import STREAMS
from tocsin.site.live import hall
from tocsin.web import proving

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "operate" / "protection.md").read_text(encoding="utf-8")
SIGNING_IN = (DOCS / "operate" / "signing-in.md").read_text(encoding="utf-8")
ACCESS = (DOCS / "guide" / "access.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    found = PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert found, name
    return found


def said(text: str) -> str:
    """Return a text without its line ends."""
    return " ".join(text.split())


@pytest.mark.asvs("2.1.1", "2.1.2")
def test_what_may_be_sent_is_written_down() -> None:
    told = said(section("What may be sent"))
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 2_500_000
    assert "2.5 MB" in told
    assert f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields" in told
    assert f"{declared.MOST // 1024} KB" in told
    assert f"{passwords.LEAST} to {passwords.MOST:,} characters" in told
    assert "belongs together is looked at together" in told


@pytest.mark.asvs("2.1.3", "15.1.3")
def test_limits_are_written_down() -> None:
    told = said(section("Limits"))
    assert f"{Rules().read_budget} an hour" in told
    each = round(dt.timedelta(seconds=1) / api_tokens.EACH)
    assert each == 10
    assert f"{api_tokens.AT_ONCE} at once, then ten a second" in told
    assert f"| tokens of a person | {api_tokens.MOST_TOKENS} |" in told
    assert f"{hall.MOST_OF_A_PERSON} a person, {hall.MOST_STREAMS:,} a process" in told
    assert "What takes long" in told


@pytest.mark.asvs("6.1.1")
def test_how_guessing_is_stopped_is_written_down() -> None:
    told = said(SIGNING_IN)
    (_, account, minute), (_, later, hour) = sign_ins._ACCOUNT
    assert (account, later) == (5, 15)
    assert (minute, hour) == (dt.timedelta(minutes=1), dt.timedelta(hours=1))
    assert "five tries at once, then one a minute, after fifteen one an hour" in told
    assert f"({sign_ins._DEVICE[0][1]}, then one a minute)" in told
    assert "so nobody can lock them out" in told
    assert f"has {sign_ins._NETWORK[1]} tries that fail" in told
    assert f"a desk {sign_ins._DESK[1]}" in told


@pytest.mark.asvs("7.1.1", "7.1.2", "7.1.3")
def test_how_long_sessions_last_is_written_down_with_why() -> None:
    told, rules = said(section("Sessions")), Rules()
    assert f"{rules.session_hours} hours at the most" in told
    assert f"{rules.idle_minutes} minutes without use" in told
    assert "because a desk is looked at all day" in told
    assert f"the last {proving.FRESH.seconds // 60} minutes" in told
    assert "as many sessions as they like" in told
    assert "does not end with the one of an identity provider" in told


@pytest.mark.asvs("8.1.1", "8.1.2")
def test_who_may_do_what_is_written_down() -> None:
    roles = ("agent", "lead", "manager", "auditor", "administrator", "limited")
    assert set(roles) <= RIGHTS.keys()
    for role in roles:
        assert f"| {role.capitalize()} |" in ACCESS, role
    assert "own teams, or those of the teams you name" in said(ACCESS)
    assert "A field with a rule is read by the roles and permission sets that are ticked" in said(
        ACCESS
    )


@pytest.mark.long("reads all code")
@pytest.mark.asvs("11.1.2")
def test_all_keys_and_algorithms_are_written_down() -> None:
    table = section("Keys")
    for word in (
        *("AES-256-GCM", "HKDF-SHA256", "HMAC-SHA256", "HMAC-SHA1", "ECDSA P-256", "SHA-256"),
        *("TOTP", "RSA from 2048 bits", "EdDSA", "TLS 1.2"),
    ):
        assert word in table, word
    users = {
        where
        for where, found in imports().items()
        if any(one.startswith(("cryptography.hazmat", "jwt", "fido2")) for one in found)
    }
    # Whoever encrypts or signs with a key of its own has a line of its own.
    lines = {
        "tocsin/actions/strongbox.py": "installation's key",
        "tocsin/channels/push/sealing.py": "web push",
        "tocsin/channels/push/settings.py": "web push",
        "tocsin/channels/push/form.py": "web push",
        "tocsin/web/id_token.py": "identity provider's keys",
        "tocsin/web/passkeys.py": "passkey",
        "tocsin/actions/factors.py": "passkey",
    }
    known = {where for where in users if where in lines or "saml" in where}
    assert users - known == set()
    for where in users & lines.keys():
        assert lines[where] in table, where
    assert SHA1.keys() == {"tocsin/actions/one_time_codes.py", "tocsin/actions/twilio.py"}
    for name in ("app for codes", "token of Twilio"):
        (line,) = [one for one in table.splitlines() if one.startswith(f"| {name} |")]
        assert "SHA1" in line
    assert "A key is for its row and nothing else" in table


@pytest.mark.asvs("13.1.1")
def test_whom_we_talk_to_is_written_down() -> None:
    told = section("Connections").casefold()
    for channel in registry.CARRIERS:
        assert channel.split(" ")[0].casefold() in told, channel
    for word in ("postgresql", "identity providers", "heartbeat", "tocsin_egress_allow"):
        assert word in told, word


@pytest.mark.asvs("14.1.1", "14.1.2")
def test_data_have_levels_and_each_level_says_how_it_is_kept(database: Database) -> None:
    rows = [line.split("|")[1:4] for line in section("Data").splitlines() if line.startswith("| ")]
    levels = {level.strip(): (what, kept) for level, what, kept in rows[1:]}
    assert levels.keys() == {"secret", "credential", "personal", "confidential", "open"}
    assert all(len(kept) > 20 for _, kept in levels.values())
    # Where the code keeps something sealed or as a hash, the page says so.
    sealed = database.rows(
        "SELECT DISTINCT table_name::text FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name IN ('secrets', 'secret', 'sealed')"
    )
    # One is a library's, and stays empty: nobody of ours may write to it.
    known = {"provider", "identity_provider", "socialaccount_socialapp"}
    assert {row[0] for row in sealed} <= known
    for word in ("providers", "identity providers", "apps for codes", "letters"):
        assert word in levels["secret"][0]
    for word in ("Disks are for you to encrypt", "deleted by age", "no-store"):
        assert word in said(section("Data"))


@pytest.mark.asvs("16.1.1")
def test_all_logs_are_written_down() -> None:
    table = section("Logs")
    for name in ("`event`", "`delivery_attempt`", "standard error", "`postgresql/log`"):
        assert name in table
    head = next(line for line in table.splitlines() if line.startswith("| log"))
    for column in ("what", "where", "form", "who reads it", "how long"):
        assert f"| {column} |" in head
    for stream in ("tickets", "people", "exports", "signing in"):
        assert stream in table
    assert {"ticket", "person", "export", "sign-in"} <= set(STREAMS)


def test_the_tables_are_whole() -> None:
    for before, line in zip(PAGE.splitlines(), PAGE.splitlines()[1:], strict=False):
        if before.startswith("|") and line.startswith("|"):
            assert len(re.findall(r"\|", before)) == len(re.findall(r"\|", line)), line
