"""How a person is reached: their own addresses, and their quiet hours."""

from dataclasses import dataclass

from tocsin.queries import access, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.reaching import Method


@dataclass(frozen=True, slots=True)
class Reached:
    """A person's mail address, own addresses in the order of their use, and quiet hours."""

    email: str
    methods: tuple[Method, ...]
    zone: str
    quiet_from: str
    quiet_until: str


@access.needs(Right.SIGNED_IN)
def mine(*, by: Actor) -> Reached:
    """Return how one is reached oneself."""
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
    person = at_work.people.get(by.person or 0)
    if person is None:
        raise access.missing()
    methods = at_work.reaching.methods.get(person.id, ())
    return Reached(person.email, methods, person.zone, person.quiet_from, person.quiet_until)
