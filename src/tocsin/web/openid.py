"""OpenID providers of a tenant, for allauth: what it asks of them, through our guard and checks.

Allauth makes the addresses, keeps the state and asks for the token. What the ID token says is
checked here, signature and all; nothing that a provider gives is stored.
"""

import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.urls import reverse

from tocsin.actions import identity_providers, links, strongbox
from tocsin.actions.identity_providers import Opened
from tocsin.actions.provisioning import Claimed
from tocsin.kit import machine_clock
from tocsin.queries import access
from tocsin.web import discovery, id_token, outgoing_session
from tocsin.web.asked import Asked
from tocsin.web.discovery import Unusable

_KIND = "openid_connect"
_LONGEST = 254
_MOST_GROUPS = 2000


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Allauth's view of the providers: those of the tenant at hand, as our tables have them."""

    def list_apps(
        self, request: Asked, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the one provider of that name, if it is one of this tenant's."""
        tenant, _, key = (provider or "").partition("-")
        if request.tenant is None or tenant != str(request.tenant):
            return []
        found = identity_providers.opened(request.tenant, key)
        return [] if found is None else [_app(found)]

    def get_requests_session(self) -> requests.Session:
        """Return a session that goes out through the guard only."""
        return outgoing_session.Session()

    def generate_state_param(self, state: dict[str, Any]) -> str:
        """Return the name of a state: the library's own has 95 bits of chance only."""
        del state
        return secrets.token_urlsafe(32)

    def is_open_for_signup(self, request: Asked, sociallogin: Any) -> bool:
        """Return False: who comes in is decided by our mapping of groups."""
        return False


class Client(OAuth2Client):  # type: ignore[misc]  # allauth has no types
    """Allauth's client, for authorization endpoints that have a query of their own too."""

    def get_redirect_url(
        self, authorization_url: str, scope: Iterable[str], extra_params: Mapping[str, Any]
    ) -> str:
        """Return where the browser goes to prove who somebody is."""
        params = {
            "client_id": self.consumer_key,
            "redirect_uri": self.callback_url,
            "scope": " ".join(dict.fromkeys(scope)),
            "response_type": "code",
            "state": self.state,
            **extra_params,
        }
        joint = "&" if "?" in authorization_url else "?"
        return f"{authorization_url}{joint}{urlencode(params)}"


class OpenId(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """One provider in one request."""

    client_class = Client

    def __init__(self, request: Asked, provider: "Provider") -> None:
        """Make one."""
        super().__init__(request, provider.app.provider_id)
        self._provider = provider

    def get_provider(self) -> "Provider":
        """Return the provider."""
        return self._provider

    @property
    def openid_config(self) -> Mapping[str, Any]:
        """What the provider says of itself; raises `Unusable`."""
        return discovery.document(self._provider.opened.issuer)

    def get_callback_url(self, request: Asked, app: SocialApp) -> str:
        """Return where the provider sends people back to."""
        return callback(request, self._provider.opened.key)


class Provider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """A tenant's provider, as allauth handles it."""

    def __init__(self, request: Asked, opened: Opened) -> None:
        """Make one."""
        super().__init__(request, _app(opened))
        self.opened = opened

    def get_oauth2_adapter(self, request: Asked) -> OpenId:
        """Return our own adapter."""
        return OpenId(request, self)


def _app(found: Opened) -> SocialApp:
    scope = ("openid", "profile", "email", *found.scopes)
    return SocialApp(
        provider=_KIND,
        provider_id=found.provider,
        name=found.name,
        client_id=found.client,
        secret=found.secret,
        settings={
            "server_url": found.issuer,
            "oauth_pkce_enabled": True,
            "scope": list(dict.fromkeys(scope)),
        },
    )


def provider(request: Asked, key: str) -> Provider:
    """Return a provider of this tenant that is switched on; whatever else is not there."""
    if request.tenant is None:
        raise access.missing()
    try:
        found = identity_providers.opened(request.tenant, key)
    except strongbox.Locked as error:
        raise Unusable(f"its secret cannot be read: {error}") from None
    if found is None:
        raise access.missing()
    return Provider(request, found)


def callback(request: Asked, key: str) -> str:
    """Return the address that a provider sends people back to.

    Its host comes from the configuration: TOCSIN_URL, or the hosts that this desk answers at.
    """
    path = reverse("identity_callback", args=[key])
    base = links.address() if request.prefix != "/" else ""
    if not base and "*" in settings.ALLOWED_HOSTS:
        raise Unusable("TOCSIN_URL is not set, and this desk answers to any name")
    return f"{base}{path}" if base else str(request.build_absolute_uri(path))


def take_state(request: Asked, found: Provider) -> Mapping[str, Any] | None:
    """Return what this browser began with this provider in the last ten minutes; only once."""
    state: Mapping[str, Any] | None = statekit.unstash_state(
        request, provider_id=found.sub_id, state_id=request.GET.get("state", "")
    )
    return state


def claims(request: Asked, found: Provider, state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the provider says of whoever it sent back, checked; raises `Unusable`."""
    adapter = found.get_oauth2_adapter(request)
    document = adapter.openid_config
    if request.GET.get("iss", document["issuer"]) != document["issuer"]:
        raise Unusable("the answer is of another issuer")
    token = _token(request, adapter, found, state)
    try:
        said = id_token.verified(
            str(token.get("id_token") or ""),
            keys=discovery.keys(document),
            issuer=document["issuer"],
            audience=found.opened.client,
            nonce=str(state.get("nonce") or ""),
            now=machine_clock.wall(),
        )
    except id_token.Untrue as error:
        raise Unusable(f"the ID token is refused: {error}") from None
    wanted = {"email", found.opened.claim}
    if wanted <= set(said) or "userinfo_endpoint" not in document:
        return said
    more = discovery.asked(document["userinfo_endpoint"], token=str(token["access_token"]))
    if not hmac.compare_digest(str(more.get("sub")).encode(), said["sub"].encode()):
        raise Unusable("the user info is of somebody else")
    return {**more, **said}


def _token(
    request: Asked, adapter: OpenId, found: Provider, state: Mapping[str, Any]
) -> Mapping[str, Any]:
    try:
        token = adapter.get_access_token_data(
            request,
            found.app,
            adapter.get_client(request, found.app),
            pkce_code_verifier=state.get("pkce_code_verifier"),
        )
    except OAuth2Error:
        # What it answered may hold what nobody should read in a log.
        raise Unusable("the token endpoint gave no token for the code") from None
    except (requests.RequestException, ValueError, RecursionError) as error:
        raise Unusable(f"the token endpoint: {str(error)[:300]}") from None
    if not isinstance(token, Mapping):
        raise Unusable("the token endpoint did not answer with a JSON object")
    return token


def claimed(found: Opened, said: Mapping[str, Any]) -> Claimed:
    """Return claims that were checked as the desk takes them.

    An address counts as checked when the provider says so, or says nothing and is known to check.
    """
    email, name = said.get("email"), said.get("name")
    told = said.get("email_verified", found.checked)
    fit = isinstance(email, str) and len(email) <= _LONGEST
    return Claimed(
        subject=said["sub"],
        email=str(email) if fit else "",
        name=name[:200] if isinstance(name, str) else "",
        # Some write it as a text; nothing but these is a yes.
        verified=fit and (told is True or told == "true"),
        groups=_groups(said, found.claim),
    )


def _groups(said: Mapping[str, Any], claim: str) -> frozenset[str] | None:
    value = said.get(claim)
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return None
    return frozenset(one for one in value[:_MOST_GROUPS] if isinstance(one, str))
