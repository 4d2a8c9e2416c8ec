"""The settings of a PagerDuty service, and what a person's address in it looks like."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tocsin.kit.invalid import Invalid

USUAL = "https://events.pagerduty.com"
EUROPE = "https://events.eu.pagerduty.com"
_KEY = re.compile(r"[A-Za-z0-9]{32}")
_USER = re.compile(r"[A-Z0-9]{6,20}")
_LEAST_SECRET = 16


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """A service: the key of its integration, and what its webhooks are signed with."""

    routing_key: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    root: str = USUAL


def read(typed: Mapping[str, str]) -> PagerDuty:
    """Return the settings from what was typed; raise `Invalid` that names the field."""
    key = typed.get("routing_key", "")
    if not _KEY.fullmatch(key):
        raise Invalid(
            "routing_key", "must be the Integration Key of Events API V2: 32 letters and digits"
        )
    secrets = []
    for name in ("webhook_secret", "webhook_secret_before"):
        secret = typed.get(name, "")
        if secret and (len(secret) < _LEAST_SECRET or not secret.isascii()):
            raise Invalid(name, "must be the signing secret that PagerDuty showed, all of it")
        if secret:
            secrets.append(secret)
    root = (typed.get("address") or USUAL).rstrip("/")
    if urlsplit(root).path or not urlsplit(root).hostname:
        raise Invalid("address", f"must be an address without a path, such as {USUAL}")
    return PagerDuty(key, tuple(secrets), root)


def address(typed: str) -> str:
    """Return a user's ID; raise `Invalid` for anything else.

    >>> address(" pxpgf42 ")
    'PXPGF42'
    """
    found = typed.strip().upper()
    if not _USER.fullmatch(found):
        raise Invalid(
            "address",
            "must be the ID of a user, such as PXPGF42: it ends the address of the user's page",
        )
    return found
