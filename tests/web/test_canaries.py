"""P33: secrets that were planted are found nowhere: in no page, no row, no log and no address."""

import base64
import json
import logging
import re
from collections.abc import Iterator, Mapping

import pytest
from django.test import Client
from tests.desk import Database
from tests.web.conftest import PASSWORD, Pages

from tocsin.actions import (
    api_tokens,
    factors,
    identity_providers,
    invitations,
    providers,
)
from tocsin.channels import registry
from tocsin.queries.api_tokens import Scope

# In the form that each channel wants, so that all of them are taken.
PLANTED: Mapping[str, Mapping[str, str]] = {
    "mail": {
        "host": "127.0.0.1",
        "security": "none",
        "port": "1",
        "user": "desk",
        "password": "canary-of-mail-0815",
        "sender": "desk@example.com",
    },
    "slack": {
        "token": "xoxb-canary-of-slack-0815",
        "signing_secret": "ca4a12ca4a12ca4a12ca4a12ca4a1281",
    },
    "pagerduty": {
        "routing_key": "CANARYcanaryCANARYcanaryCANARY08",
        "webhook_secret": "canary-of-duty-webhooks-0815",
    },
}
PAGES = (
    *("settings/providers/", "settings/deliveries/", "notifications/", "settings/audit/"),
    *("settings/drafts/", "settings/priorities/", ""),
)


def secrets_of(typed: Mapping[str, str], channel: str) -> Iterator[str]:
    for field in registry.CARRIERS[channel].fields:
        if field.kind == "secret" and field.name in typed:
            yield typed[field.name]


def everything(database: Database) -> str:
    """Return every row of every table as text, bytes as they are and read as text."""
    found = []
    for (table,) in database.rows(
        "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p', 'm')"
        " AND c.relnamespace = 'public'::regnamespace"
    ):
        for (text,) in database.rows(f"SELECT t::text FROM {table} t"):
            found.append(text)
            found += [
                bytes.fromhex(one).decode("utf-8", "replace")
                for one in re.findall(r"\\x((?:[0-9a-f]{2})+)", text)
            ]
    return "\n".join(found)


def forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, and as those who hide nothing would write it."""
    yield secret
    yield base64.b64encode(secret.encode()).decode().rstrip("=")
    yield base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")
    yield secret.encode().hex()
    yield json.dumps(secret)[1:-1]


@pytest.mark.promise("P33")
@pytest.mark.asvs("16.2.5")
def test_what_was_planted_is_found_nowhere(
    pages: Pages, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    planted = [PASSWORD]
    client = pages.client("dora")
    said: list[str] = []
    for channel, typed in PLANTED.items():
        planted += secrets_of(typed, channel)
        form = {"name": f"Ours, {channel}", **{f"set.{k}": v for k, v in typed.items()}}
        said.append(post(client, f"{pages.prefix}/settings/new-provider/{channel}/", form))
        # And once with a mistake: what was typed is kept, but never what is secret.
        wrong = {**form, "name": ""}
        said.append(post(client, f"{pages.prefix}/settings/new-provider/{channel}/", wrong))
    for one in providers.of_tenant(pages.made.tenant):
        if one.channel == "mail":  # the others are not on this machine
            said.append(post(client, f"{pages.prefix}/settings/providers/{one.id}/test/", {}))
        said.append(get(client, f"{pages.prefix}/settings/providers/{one.id}/"))
        assert "canary" not in repr(one)
    planted += kept_of_people(pages)
    said += [get(client, f"{pages.prefix}/{path}") for path in PAGES]
    rows, logged = everything(database), "\n".join(told(one) for one in caplog.records)
    assert len(planted) >= 8
    for secret in planted:
        for form_ in forms(secret):
            for where, text in (("a page", "".join(said)), ("a row", rows), ("a log", logged)):
                assert form_ not in text, f"{form_[:12]}… stands in {where}"


def kept_of_people(pages: Pages) -> Iterator[str]:
    """Make a token, an app, an identity provider and a link; yield what is secret of each."""
    ann, admin = pages.made.person("ann"), pages.made.person("dora", "administrator")
    yield api_tokens.make(name="Report", scopes=[Scope.READ_TICKETS.value], by=ann).token
    typed = identity_providers.Typed(
        "Corp", "https://id.example", "tocsin", "canary-of-the-client-0815"
    )
    identity_providers.add(key="corp", typed=typed, by=admin)
    yield typed.secret
    sealed = factors.begin_app(by=ann)
    yield factors.shown_app(sealed=sealed, issuer="Tocsin", account="ann", by=ann)[0]
    link = invitations.invite(person=pages.made.people["mia"], by=admin)
    yield link.rstrip("/").rpartition("/")[2]


def post(client: Client, path: str, form: Mapping[str, str]) -> str:
    return _text(client.post(path, form))


def get(client: Client, path: str) -> str:
    return _text(client.get(path))


def _text(answer: object) -> str:
    headers = getattr(answer, "headers", {})
    content = getattr(answer, "content", b"")
    return f"{dict(headers)}\n{content.decode('utf-8', 'replace')}\n"


def told(record: logging.LogRecord) -> str:
    return f"{record.getMessage()} {record.exc_text or ''} {record.args}"
