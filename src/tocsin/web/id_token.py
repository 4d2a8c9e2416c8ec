"""ID tokens of OpenID providers: who signed them, for whom, when, and in answer to what."""

import datetime as dt
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from jwt.algorithms import RSAAlgorithm

# Signatures only: with HMAC whoever knows a public key, or the client's secret, could sign.
ALGORITHMS: Mapping[str, str] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
LEAST_BITS = 2048
LEEWAY = dt.timedelta(minutes=1)
# The state that it answers lives ten minutes.
LONGEST_AGO = dt.timedelta(minutes=15)
LONGEST_SUBJECT = 190
_UNCHECKED = dict.fromkeys(
    ("verify_exp", "verify_iat", "verify_nbf", "verify_aud", "verify_iss", "verify_sub"), False
)


class Untrue(ValueError):
    """The token proves nothing; the words are for the log and name nothing of anybody."""


def verified(
    token: str,
    *,
    keys: Sequence[Mapping[str, Any]],
    issuer: str,
    audience: str,
    nonce: str,
    now: dt.datetime,
) -> Mapping[str, Any]:
    """Return what a token says, when the issuer signed it for us now in answer to this nonce.

    `keys` are the issuer's as a JWK set lists them. Raises `Untrue`.
    """
    try:
        header = jwt.get_unverified_header(token)
        algorithm = str(header.get("alg"))
        key = _key(header, algorithm, keys)
        options: Any = {"require": ["iss", "sub", "aud", "exp", "iat"], **_UNCHECKED}
        claims = jwt.decode(token, key=key, algorithms=[algorithm], options=options)
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise Untrue(f"the signature is worth nothing: {type(error).__name__}") from None
    _for_us(claims, issuer, audience, nonce)
    _in_time(claims, now)
    return claims


def _key(header: Mapping[str, Any], algorithm: str, keys: Sequence[Mapping[str, Any]]) -> Any:
    kind = ALGORITHMS.get(algorithm)
    if kind is None or "crit" in header:
        raise ValueError("no signature that we take")
    named = header.get("kid")
    fit = [
        key
        for key in keys
        if key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (named is None or key.get("kid") == named)
    ]
    if len(fit) != 1:
        raise ValueError("not one key of that name")
    found = jwt.PyJWK(dict(fit[0]), algorithm=algorithm)
    if isinstance(found.Algorithm, RSAAlgorithm) and found.key.key_size < LEAST_BITS:
        raise ValueError("the key is too short")
    return found.key


def _for_us(claims: Mapping[str, Any], issuer: str, audience: str, nonce: str) -> None:
    listed = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims["iss"] != issuer:
        raise Untrue("it is of another issuer")
    if audience not in listed:
        raise Untrue("it is for somebody else")
    if claims.get("azp", audience) != audience or (len(listed) > 1 and "azp" not in claims):
        raise Untrue("it was made for somebody else")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise Untrue("it answers something else")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise Untrue("it names nobody")


def _in_time(claims: Mapping[str, Any], now: dt.datetime) -> None:
    at, leeway = now.timestamp(), LEEWAY.total_seconds()
    ends, begun, before = claims["exp"], claims["iat"], claims.get("nbf", 0)
    if not all(_is_number(one) for one in (ends, begun, before)):
        raise Untrue("its times are no numbers")
    if at >= ends + leeway:
        raise Untrue("it has expired")
    if max(begun, before) > at + leeway:
        raise Untrue("it is of the future")
    if begun < at - LONGEST_AGO.total_seconds():
        raise Untrue("it is old")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
