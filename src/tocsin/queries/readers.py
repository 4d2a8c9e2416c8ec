"""People as those who sign in and read: whose address it is, and how they want to read."""

from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from tocsin.queries import access
from tocsin.queries.access import Actor
from tocsin.records import context
from tocsin.records.people import Person


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is signed in: who they are, their language and their zone."""

    id: int
    tenant: int
    name: str
    email: str
    role: str
    language: str
    zone: str
    # Changes with the password: a session of before is none any more.
    session_hash: str

    @property
    def actor(self) -> Actor:
        """This person as an actor with the rights of their role."""
        return access.person(self.tenant, self.id, self.role)


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
    return Reader(
        id=found.id,
        tenant=tenant,
        name=found.name,
        email=found.email,
        role=found.role,
        language=found.language,
        zone=found.zone,
        session_hash=found.get_session_auth_hash(),
    )


@access.operates
def account(tenant: int, person: int) -> Person | None:
    """Return the active person of that id as Django's own user, or None."""
    with transaction.atomic(), context.tenant(tenant):
        return Person.objects.filter(id=person, is_active=True).first()
