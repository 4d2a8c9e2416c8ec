"""An OpenID provider on loopback: discovery, keys, authorize, token, user info, and its errors.

It keeps to the protocol (OpenID Connect Core 1.0, PKCE of RFC 7636) and refuses what that refuses.
`twist` has it do one thing wrong.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.loopback import Asked, Loopback, Told, loopback

from tocsin.kit import machine_clock

# Made once: they take a while.
_KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
CLIENT, SECRET = "tocsin-desk", "the secret of the client"


@dataclass
class OpenIdProvider:
    """A provider; `says` are the claims about whoever signs in at it."""

    there: Loopback = field(init=False)
    says: dict[str, Any] = field(default_factory=dict)
    twist: str = ""
    kid: str = "one"
    key: Any = _KEYS[0]
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return self.there.url

    def rotate(self) -> None:
        """Sign with another key from now on."""
        self.key, self.kid = _KEYS[1], "two"

    def asked(self, path: str) -> list[Asked]:
        """Return the requests that came to a path."""
        return [one for one in self.there.asked if urlsplit(one.path).path == path]

    def browse(self, address: str) -> str:
        """Sign in as a browser would, and return where it is sent back to."""
        answer = httpx.get(address)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    # --------------------------------------------------------------------------------- the protocol

    def protocol(self, asked: Asked) -> Told:
        """Answer a request."""
        parts = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        known: dict[str, Callable[[], Told]] = {
            "/.well-known/openid-configuration": self.discovery,
            "/keys": self.jwks,
            "/authorize": lambda: self.authorize(query),
            "/token": lambda: self.token(asked),
            "/userinfo": lambda: self.userinfo(asked),
        }
        found = known.get(parts.path)
        return found() if found else Told(404, {"error": "not found"})

    def discovery(self) -> Told:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }
        if self.twist == "huge":
            found["padding"] = "x" * 200_000
        if self.twist == "moved":
            return Told(302, b"", {"Location": f"{self.issuer}/other"})
        return _json({**found, **self.document})

    def jwks(self) -> Told:
        own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return _json({"keys": [{**own, "kid": self.kid, "use": "sig", "alg": "RS256"}]})

    def authorize(self, query: dict[str, str]) -> Told:
        back = query["redirect_uri"]
        told = {"state": query["state"]}
        if self.twist == "denied":
            return _to(back, {**told, "error": "access_denied"})
        if query["client_id"] != CLIENT or query["response_type"] != "code":
            return Told(400, b"unknown client")
        if query.get("code_challenge_method") != "S256" or "openid" not in query["scope"].split():
            return _to(back, {**told, "error": "invalid_request"})
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return _to(back, {**told, "code": code})

    def token(self, asked: Asked) -> Told:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return _json({"error": "invalid_client"}, 401)
        began = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        if (
            began is None
            or self.twist == "invalid_grant"
            or began["redirect_uri"] != form.get("redirect_uri")
            or began["code_challenge"] != challenge.decode()
        ):
            return _json({"error": "invalid_grant"}, 400)
        own = {"access_token": "an access token", "token_type": "Bearer", "expires_in": 300}
        return _json({**own, "id_token": self.id_token(began["nonce"])})

    def id_token(self, nonce: str) -> str:
        now = int(machine_clock.wall().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "auth_time": now,
            **self.says,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": self.kid, **self.header}
        if self.twist == "alg none":
            return jwt.encode(claims, "", algorithm="none", headers=headers)
        if self.twist == "hs256":
            # By hand: the library refuses to sign with a public key.
            public = self.key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            return _by_hmac(claims, {**headers, "alg": "HS256", "typ": "JWT"}, public)
        if self.twist == "foreign key":
            return jwt.encode(claims, _KEYS[1], algorithm="RS256", headers=headers)
        token = jwt.encode(claims, self.key, algorithm="RS256", headers=headers)
        if self.twist == "unsigned":
            return token.rpartition(".")[0] + "."
        return token

    def userinfo(self, asked: Asked) -> Told:
        if asked.headers.get("authorization") != "Bearer an access token":
            return _json({"error": "invalid_token"}, 401)
        if self.twist == "other user":
            return _json({**self.says, "sub": "somebody else"})
        return _json(self.says)


def _by_hmac(claims: dict[str, Any], header: dict[str, Any], key: bytes) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims)
    ]
    signed = b".".join(parts)

    signature = base64.urlsafe_b64encode(hmac.new(key, signed, hashlib.sha256).digest()).rstrip(
        b"="
    )
    return b".".join([signed, signature]).decode()


def _json(data: Any, status: int = 200) -> Told:
    return Told(status, json.dumps(data).encode(), {"Content-Type": "application/json"})


def _to(address: str, query: dict[str, str]) -> Told:
    return Told(302, b"", {"Location": f"{address}?{urlencode(query)}"})


@contextmanager
def provider(**says: Any) -> Iterator[OpenIdProvider]:
    """Run a provider; claims are about whoever signs in."""
    made = OpenIdProvider(says={"sub": "subject-1", **says})
    with loopback(made.protocol) as there:
        made.there = there
        yield made
