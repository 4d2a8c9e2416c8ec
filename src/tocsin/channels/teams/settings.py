"""The address of a workflow in Teams, and which hosts there are such addresses at."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tocsin.channels import outgoing
from tocsin.kit.invalid import Invalid

_HOSTS = (
    re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.logic\.azure\.(com|us|cn)"),
    re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.api\.powerplatform\.(com|us|cn)"),
)
_RETIRED = re.compile(r"([a-z0-9-]+\.)?(webhook\.office\.com|outlook\.office(365)?\.com)")


@dataclass(frozen=True, slots=True)
class Teams:
    """A workflow: whoever knows its address can post with it, so the address is the secret."""

    url: str = field(repr=False)


def read(typed: Mapping[str, str]) -> Teams:
    """Return the settings from what was typed; raise `Invalid` that names the field."""
    url = typed.get("url", "").strip()
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise Invalid("url", "is no address") from None
    if not url.isprintable() or " " in url:
        raise Invalid("url", "is no address")
    if _RETIRED.fullmatch(host):
        raise Invalid(
            "url",
            "is an address of an Office 365 connector, which Microsoft has retired; make a workflow"
            " in Teams (Workflows, Send webhook alerts to a channel) and copy its address",
        )
    allowed = _allowed(host)
    if not allowed and not any(known.fullmatch(host) for known in _HOSTS):
        raise Invalid(
            "url",
            "must be the address of a workflow in Teams: its host ends with .logic.azure.com or"
            " .api.powerplatform.com",
        )
    if parts.scheme != "https" and not allowed:
        raise Invalid("url", "must begin with https://")
    if not allowed and not parse_qs(parts.query).get("sig"):
        raise Invalid(
            "url", "is not complete: the part sig=… at its end is missing; copy all of it"
        )
    return Teams(url)


def _allowed(host: str) -> bool:
    """Say whether a host is an address in a network that the operator allows."""
    try:
        found = ipaddress.ip_address(host)
        return any(found in network for network in outgoing.allow_list())
    except (ValueError, outgoing.NotSent):
        return False
