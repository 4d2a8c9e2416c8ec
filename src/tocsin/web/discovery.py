"""What an OpenID provider says of itself, and its keys: asked through the guard, and checked."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from tocsin.kit import machine_clock
from tocsin.web import outgoing_session

WELL_KNOWN = "/.well-known/openid-configuration"
_KEPT_S = 300.0
_MOST_KEPT = 256
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_kept: dict[str, tuple[float, Mapping[str, Any]]] = {}


class Unusable(Exception):
    """The provider cannot be used; the words say why, for an administrator."""


def document(issuer: str, *, anew: bool = False) -> Mapping[str, Any]:
    """Return what a provider says of itself, up to five minutes old; raises `Unusable`."""
    at, known = _kept.get(issuer, (0.0, None))
    if known is not None and not anew and machine_clock.steady() - at < _KEPT_S:
        return known
    found = _checked(issuer, asked(f"{issuer.rstrip('/')}{WELL_KNOWN}"))
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[issuer] = (machine_clock.steady(), found)
    return found


def keys(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the keys of a provider as they are now; raises `Unusable`."""
    listed = asked(str(found["jwks_uri"])).get("keys")
    if not isinstance(listed, list):
        raise Unusable("the list of keys is none")
    return [key for key in listed if isinstance(key, dict)]


def asked(url: str, *, token: str = "") -> Mapping[str, Any]:
    """Return the JSON object at an address; raises `Unusable`."""
    headers = {"authorization": f"Bearer {token}"} if token else None
    host = urlsplit(url).hostname or ""
    try:
        with outgoing_session.Session() as session:
            answer = session.get(url, headers=headers)
            if answer.status_code != requests.codes.ok:
                raise Unusable(f"{host} answered {answer.status_code}")
            data = answer.json()
    except requests.JSONDecodeError:
        raise Unusable(f"{host} did not answer with JSON") from None
    except (requests.RequestException, ValueError) as error:
        raise Unusable(str(error)[:300]) from None
    except RecursionError:
        raise Unusable(f"{host} did not answer with JSON") from None
    if not isinstance(data, dict):
        raise Unusable(f"{host} did not answer with a JSON object")
    return data


def _checked(issuer: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
    said = found.get("issuer")
    # Who speaks for another issuer could have its people sign in here.
    if not isinstance(said, str) or said.rstrip("/") != issuer.rstrip("/"):
        raise Unusable("the provider says that its issuer is another one")
    for name in _ENDPOINTS:
        _address(issuer, name, found.get(name))
    if "userinfo_endpoint" in found:
        _address(issuer, "userinfo_endpoint", found["userinfo_endpoint"])
    if "code" not in found.get("response_types_supported", ["code"]):
        raise Unusable("the provider does not offer the code flow")
    return found


def _address(issuer: str, name: str, value: object) -> None:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host = parts.hostname
    except ValueError:
        host = None
    # Plain http only where the issuer itself is, which the guard keeps inside.
    if not host or parts.scheme not in ("https", urlsplit(issuer).scheme):
        raise Unusable(f"{name} is no https:// address")
