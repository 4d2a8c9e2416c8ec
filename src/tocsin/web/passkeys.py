"""Passkeys: what a browser is asked for, and whether its answer is right (WebAuthn).

A question is kept in the session, is worth one answer and five minutes, and is bound to this host
and desk.
"""

import binascii
import json
import os
import struct
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tocsin.kit import machine_clock
from tocsin.queries import factors
from tocsin.queries.factors import Key
from tocsin.queries.readers import Reader
from tocsin.web.asked import Asked

QUESTION = "passkey_question"
_ANSWER_WITHIN_S = 300.0
_HANDLE_BYTES = 32
_MOST_SIGNS = 20_000
_VERIFIED = UserVerificationRequirement.REQUIRED
# What reading an answer can end with that is none.
_NONSENSE = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError),
    *(binascii.Error, struct.error, UnsupportedAlgorithm, NotImplementedError),
)


def ask_new(request: Asked, reader: Reader, name: str) -> dict[str, Any]:
    """Return what a browser makes a passkey for a reader from; `name` is what the desk is called.

    All passkeys of a person call them by the same random word, which says nothing of them.
    """
    known = factors.keys(reader.tenant, reader.id)
    handle = known[0].handle if known else os.urandom(_HANDLE_BYTES)
    user = PublicKeyCredentialUserEntity(id=handle, name=reader.email, display_name=reader.name)
    options, state = _server(request, name).register_begin(
        user,
        [AttestedCredentialData(one.public) for one in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_VERIFIED,
    )
    _keep(request, state, handle=websafe_encode(handle))
    return dict(options)


def made(request: Asked, typed: str) -> Key | None:
    """Return the passkey that a browser made, None for an answer that is not to our question."""
    state = _kept(request)
    if state is None or "handle" not in state:
        return None
    try:
        told = _server(request).register_complete(state, _read(typed))
        public = told.credential_data
        if public is None:
            return None
        handle = websafe_decode(str(state["handle"]))
        return Key(0, bytes(public.credential_id), bytes(public), handle)
    except _NONSENSE:
        return None


def ask(request: Asked, person: int | None) -> dict[str, Any]:
    """Return what a browser needs to prove a passkey: one of that person, or any that it has."""
    tenant = request.tenant
    known = factors.keys(tenant, person) if tenant is not None and person is not None else []
    options, state = _server(request).authenticate_begin(
        [AttestedCredentialData(one.public) for one in known] or None,
        user_verification=_VERIFIED,
    )
    _keep(request, state)
    return dict(options)


def proved(request: Asked, typed: str, person: int) -> Key | None:
    """Return the passkey of that person that an answer proves, None for a wrong answer."""
    state, tenant = _kept(request), request.tenant
    if state is None or "handle" in state or tenant is None:
        return None
    known = factors.keys(tenant, person)
    try:
        found = _server(request).authenticate_complete(
            state, [AttestedCredentialData(one.public) for one in known], _read(typed)
        )
    except _NONSENSE:
        return None
    return next((one for one in known if one.credential == found.credential_id), None)


def whose(request: Asked, typed: str) -> int | None:
    """Return whose passkey of this desk an answer claims to be; it proves nothing yet."""
    if request.tenant is None:
        return None
    try:
        told = _read(typed)
        credential = websafe_decode(told["rawId"])
        handle = websafe_decode(told["response"]["userHandle"])
    except _NONSENSE:
        return None
    return factors.holder(request.tenant, credential, handle)


def _read(typed: str) -> dict[str, Any]:
    if len(typed) > _MOST_SIGNS:
        raise ValueError("no passkey says so much")
    told = json.loads(typed)
    if not isinstance(told, dict):
        raise TypeError("no answer")
    return told


def _server(request: Asked, name: str = "Tocsin") -> Fido2Server:
    host = request.get_host()
    rp = PublicKeyCredentialRpEntity(id=host.partition(":")[0], name=name)

    def is_ours(origin: str) -> bool:
        # This very host, not merely one below the same name.
        given = urlsplit(origin)
        return given.netloc == host and given.scheme in ("https", request.scheme)

    return Fido2Server(rp, verify_origin=is_ours)


def _keep(request: Asked, state: dict[str, Any], **own: str) -> None:
    at = machine_clock.wall().timestamp()
    plain = {name: None if value is None else str(value) for name, value in state.items()}
    request.session[QUESTION] = {**plain, **own, "at": at, "tenant": request.tenant}


def _kept(request: Asked) -> dict[str, Any] | None:
    """Return the question that was asked, once."""
    state = request.session.pop(QUESTION, None)
    if not isinstance(state, dict) or state["tenant"] != request.tenant:
        return None
    age = machine_clock.wall().timestamp() - float(state["at"])
    return state if 0 <= age <= _ANSWER_WITHIN_S else None
