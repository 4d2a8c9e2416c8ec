"""Proving who one is by a second factor, for whoever signs in and whoever does something grave."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from tocsin.actions import factors as acts
from tocsin.queries import access, factors
from tocsin.queries.factors import Factors
from tocsin.web import passkeys
from tocsin.web.asked import Asked

_LONGEST_CODE = 64
_MEANS = {"": "", acts.BY_APP: factors.APP, acts.BY_RECOVERY: factors.CODES}


def offered(request: Asked) -> Factors:
    """Return what whoever is signed in can prove themselves with, beside a password."""
    if request.reader is None:
        raise access.missing()
    return factors.mine(by=request.reader.actor)


def prove(request: Asked, typed: Mapping[str, str]) -> str:
    """Return by what means whoever is signed in proved themselves, "" when they did not.

    `typed` holds a `code`, or the answer of a passkey as `credential`.
    """
    if request.reader is None:
        raise access.missing()
    return proof(request, typed, request.reader.tenant, request.reader.id)


def proof(request: Asked, typed: Mapping[str, str], tenant: int, person: int) -> str:
    """Return by what means somebody proved themselves: "totp", "webauthn" or "recovery_codes".

    A code is used up by it. A try is counted before it is looked at; after too many none is right.
    """
    if typed.get("credential"):
        key = passkeys.proved(request, typed["credential"], person)
        if key is None:
            return ""
        acts.note_passkey(tenant, person, key.id)
        return factors.PASSKEY
    code = typed.get("code", "").strip()
    if not code or len(code) > _LONGEST_CODE or acts.may_try(tenant, person):
        return ""
    return _MEANS[acts.check_code(tenant, person, code)]


def too_many() -> str:
    """Return what whoever has tried too often is told."""
    return _("Too many tries. Wait some minutes, or use a passkey.")
