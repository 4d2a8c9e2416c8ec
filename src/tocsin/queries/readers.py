"""People as those who sign in and read: whose address it is, and how they want to read."""

import ipaddress
import json
from dataclasses import dataclass, field

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from tocsin.queries import access, granted
from tocsin.queries.access import Actor
from tocsin.records import context, rows
from tocsin.records.people import Person

# Of each role or permission set that has a rule, the networks (CIDR): one of each group will do.
Networks = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is signed in: who they are, their language and their zone.

    `actor` is what they may do. `networks` lists, for each of their roles and permission sets that
    has a rule, the networks (CIDR) of which they must come from one.
    """

    id: int
    tenant: int
    name: str
    email: str
    role: str
    language: str
    zone: str
    # They change with the password: a session of before is none any more. One for each key in use.
    session_hashes: tuple[str, ...]
    actor: Actor
    networks: Networks = field(default=())

    def comes_from(self, address: str) -> bool:
        """Say whether somebody at that address may be this person; an odd address may not."""
        return lies_in(self.networks, address)


def lies_in(networks: Networks, address: str) -> bool:
    """Say whether an address lies in one of the networks of each group; an odd one does not."""
    if not networks:
        return True
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(here, "ipv4_mapped", None) or here
    return all(any(mapped in ipaddress.ip_network(one) for one in group) for group in networks)


@access.operates
def by_password(tenant: int, email: str, password: str) -> Person | None:
    """Return the active person of that address and password, or None.

    An unknown address takes as long as a wrong password.
    """
    with transaction.atomic(), context.tenant(tenant):
        found = Person.objects.filter(email_key=email.strip().casefold()).first()
    if found is None or not found.has_usable_password():
        make_password(password)
        return None
    # Without an upgrade of the hash: signing in changes nobody's row.
    return found if check_password(password, found.password) and found.is_active else None


@access.operates
def reader(tenant: int, person: int) -> Reader | None:
    """Return the active person of that id, or None."""
    with transaction.atomic(), context.tenant(tenant):
        found = Person.objects.filter(id=person, is_active=True).first()
        if found is None:
            return None
        held = granted.held(tenant, person)
        networks = _networks(tenant, [found.role, *(one["key"] for one in held.sets)])
    return Reader(
        id=found.id,
        tenant=tenant,
        name=found.name,
        email=found.email,
        role=found.role,
        language=found.language,
        zone=found.zone,
        session_hashes=(
            found.get_session_auth_hash(),
            *found.get_session_auth_fallback_hash(),
        ),
        actor=granted.actor(tenant, person, found.role, held),
        networks=networks,
    )


def _networks(tenant: int, holders: list[str]) -> Networks:
    found = rows.query(
        "SELECT json_agg(network)::text FROM network_rule WHERE tenant_id = %s"
        " AND holder = ANY(%s) GROUP BY holder ORDER BY holder",
        [tenant, holders],
    )
    return tuple(tuple(json.loads(row[0])) for row in found)


@access.operates
def account(tenant: int, person: int) -> Person | None:
    """Return the active person of that id as Django's own user, or None."""
    with transaction.atomic(), context.tenant(tenant):
        return Person.objects.filter(id=person, is_active=True).first()
