"""Codes that work once: those an app shows for half a minute (RFC 6238), and recovery codes."""

import base64
import datetime as dt
import hashlib
import hmac
import os
import secrets
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
# A clock may be wrong by so many steps.
TOLERANCE = 1
RECOVERY_CODES = 10
# Without what looks alike. Twenty-four of them are 118 bits: too many to need a slow hash.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_SECRET_BYTES = 20
_GROUPS, _GROUP = 4, 6


def new_secret() -> str:
    """Return a secret for an app, as apps want it typed: base32."""
    return base64.b32encode(os.urandom(_SECRET_BYTES)).decode("ascii")


def address(secret: str, *, issuer: str, account: str) -> str:
    """Return what an app reads from the picture: the secret, and what to call it."""
    label = quote(f"{issuer.replace(':', ' ')}:{account}")
    told = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{told}"


def code(secret: str, step: int) -> str:
    """Return the code of a step of half a minute, counted from 1970."""
    key = base64.b32decode(secret, casefold=True)
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, typed: str, *, now: dt.datetime, after: int) -> int | None:
    """Return the step that a typed code belongs to, None for a wrong, old or used one.

    `after` is the last step whose code was taken: that one and all before it are used up.
    """
    today = int(now.timestamp()) // STEP_S
    found = None
    for step in range(today - TOLERANCE, today + TOLERANCE + 1):
        # All are compared, whichever it is: the time taken says nothing.
        if hmac.compare_digest(code(secret, step).encode(), typed.encode()) and step > after:
            found = step
    return found


def recovery_codes() -> list[str]:
    """Return new recovery codes, in groups for people."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def _recovery_code() -> str:
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def plain(typed: str) -> str:
    """Return a typed code without what people put in between."""
    return "".join(typed.split()).replace("-", "").lower()


def hashed(recovery_code: str) -> str:
    """Return how a recovery code is kept."""
    return hashlib.sha256(plain(recovery_code).encode()).hexdigest()
