"""Which of Apprise's services are used, and which host each of them writes to.

Apprise speaks to some 170 services, also to files, desktops and any address at all. Only those are
taken that write to one host which is known beforehand: to their provider's own, or to the one that
the URL names, which the guard then judges. What is not listed is refused.
"""

import functools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import apprise
from apprise import AppriseAsset

from tocsin.kit.invalid import Invalid

# "" where the URL itself names the host.
HOSTS: Mapping[str, str] = {
    "discord": "discord.com",
    "gchat": "chat.googleapis.com",
    "gotify": "",
    "gotifys": "",
    "mmost": "",
    "mmosts": "",
    "nctalk": "",
    "nctalks": "",
    "ntfy": "",
    "ntfys": "",
    "pbul": "api.pushbullet.com",
    "pover": "api.pushover.net",
    "prowl": "api.prowlapp.com",
    "rocket": "",
    "rockets": "",
    "signl4": "connect.signl4.com",
    "tgram": "api.telegram.org",
}
# Services whose URL may leave the host out: then it is their provider's.
_CLOUD: Mapping[str, str] = {"ntfy": "ntfy.sh", "ntfys": "ntfy.sh"}
# What a URL could ask for behind our back: a file to send, TLS that is not checked, more waiting.
_REFUSED = frozenset(
    {"attach", "attachment", "avatar", "avatar_url", "cto", "include", "plugin", "redirect", "rto"}
    | {"store", "template", "thumbnail", "timeout", "url", "verify", "icon_url"}
)
_LONGEST = 1000
_ASSET: Mapping[str, Any] = {
    "async_mode": False,
    "http_redirects": False,
    "secure_logging": True,
    # Nothing of ours is written to the disk.
    "storage_mode": "memory",
    "plugin_paths": [],
    "app_id": "Tocsin",
    "app_desc": "Tocsin",
    "app_url": "",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service writes to."""

    host: str
    port: int
    secure: bool


def schema(url: str) -> str:
    """Return the name of the service that a URL is for; raises `Invalid` for those not listed."""
    name, separator, _ = url.strip().partition("://")
    name = name.casefold()
    if not separator:
        raise Invalid("url", "must be an Apprise URL, such as ntfys://ntfy.example.com/topic")
    if name not in HOSTS:
        listed = ", ".join(sorted(HOSTS))
        raise Invalid("url", f"{name[:20]}:// is not among the services taken here: {listed}")
    return name


def made(url: str) -> Any:
    """Return Apprise's own object for a URL, once it is known to be harmless; raises `Invalid`."""
    name = schema(url)
    if len(url) > _LONGEST or not url.isprintable() or any(c.isspace() for c in url):
        raise Invalid("url", f"must be one URL without spaces, of at most {_LONGEST} characters")
    asked = parse_qsl(url.partition("?")[2], keep_blank_values=True)
    for option, _ in asked:
        # Some services read `+name` and `-name` as headers of their own.
        plain = option.casefold().lstrip("+-: ")
        if plain in _REFUSED or plain != option.casefold():
            raise Invalid("url", f"the option {plain[:20]!r} is not taken: leave it out")
    _loaded()
    found = apprise.Apprise.instantiate(url, asset=AppriseAsset(**_ASSET), suppress_exceptions=True)
    if found is None:
        raise Invalid("url", f"is no URL that Apprise understands for {name}://")
    if not found.verify_certificate or found.redirects:
        raise Invalid("url", "must let certificates be checked, and no redirect be followed")
    return found


@functools.cache
def _loaded() -> None:
    """Have Apprise load its services, once: a module of one warns of what Python will leave out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        apprise.Apprise.instantiate("ntfys://ntfy.sh/loaded", asset=AppriseAsset(**_ASSET))


def place(url: str, service: Any) -> Place:
    """Return where a service will write to."""
    name = schema(url)
    fixed = HOSTS[name]
    if not fixed and name in _CLOUD and getattr(service, "mode", "") == "cloud":
        fixed = _CLOUD[name]
    if fixed:
        return Place(fixed, 443, secure=True)
    secure = bool(service.secure)
    port = service.port or (443 if secure else 80)
    return Place(str(service.host), int(port), secure)
