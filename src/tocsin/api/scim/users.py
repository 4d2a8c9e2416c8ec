"""People as a directory knows them: Users."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from tocsin.actions import directory as deeds
from tocsin.api.declared import Call
from tocsin.api.scim import patches, resources
from tocsin.api.scim.answers import Bad, answers
from tocsin.api.scim.patches import Op
from tocsin.api.scim.resources import Kind
from tocsin.queries import directory
from tocsin.queries.directory import FIELDS_OF_PEOPLE, Page, Person

SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
# A filter that chooses another address than that of work.
_OTHER = re.compile(r'type\s+eq\s+"(?!work")', re.IGNORECASE)


@answers("GET", "POST")
def users(call: Call, sent: Mapping[str, Any] | None) -> HttpResponse:
    """List people, or add one."""
    return resources.all_of(_KIND, call, sent)


@answers("GET", "PUT", "PATCH", "DELETE")
def user(call: Call, sent: Mapping[str, Any] | None, resource: str) -> HttpResponse:
    """Show a person, or change them; to delete somebody is to have them leave."""
    return resources.one_of(_KIND, call, sent, resource)


def _found(call: Call, **asked: Any) -> Page:
    page: Page = directory.people(**asked, by=call.by)
    return page


def _left(person: Person) -> Person:
    return replace(person, active=False)


def _attributes(person: Person) -> dict[str, Any]:
    given, family = _parts(person.name)
    return {
        "userName": person.email,
        "name": {"formatted": person.name, "givenName": given, "familyName": family},
        "displayName": person.name,
        "emails": [{"value": person.email, "type": "work", "primary": True}],
        "active": person.active,
        "groups": [{"value": str(one.id), "display": one.name} for one in person.teams],
    }


def _parts(name: str) -> tuple[str, str]:
    given, _, family = name.rpartition(" ")
    return (given, family) if given else (family, "")


# ------------------------------------------------------------------------------------ what is sent


def replaced(person: Person, sent: Mapping[str, Any]) -> Person:
    """Return a person as a whole resource says; what it does not name stays as it is."""
    ops = [Op("replace", str(key).lower(), value) for key, value in sent.items()]
    if not any(op.name == "username" for op in ops):
        raise Bad("invalidValue", "userName: is missing")
    return patched(person, ops)


def patched(person: Person, ops: list[Op]) -> Person:
    """Return a person after some operations. What is kept nowhere here is passed over."""
    found: dict[str, str] = {}
    external, active = person.external, person.active
    for op in ops:
        value = None if op.op == "remove" else op.value
        if op.name == "active":
            active = patches.truth(value)
        elif op.name == "externalid":
            external = patches.text(value, "externalId")
        elif op.name in ("username", "displayname") or op.name.startswith("name."):
            found[op.name] = patches.text(value, op.name)
        elif op.name == "name" and isinstance(value, Mapping):
            for key, inner in value.items():
                found[f"name.{str(key).lower()}"] = patches.text(inner, "name")
        elif op.name == "emails" and not _OTHER.search(op.where):
            _address(value, found)
    email = found.get("username") or found.get("emails") or person.email
    if found.get("username") == "" or "@" not in email:
        raise Bad("invalidValue", "userName: must be an e-mail address")
    name = _name(person.name, found) or email
    return replace(person, email=email, name=name, external=external, active=active)


def _address(value: Any, found: dict[str, str]) -> None:
    """Note the address among those given: the first that is primary, else that of work."""
    listed = value if isinstance(value, list) else [value]
    if len(listed) > 100:
        raise Bad("tooMany", "emails: has more than 100")
    ranked = sorted(
        (one for one in listed if isinstance(one, Mapping)),
        key=lambda one: (one.get("primary") is not True, one.get("type") != "work"),
    )
    address = patches.text(ranked[0] if ranked else (value or None), "emails")
    if address:
        found["emails"] = address


def _name(before: str, found: Mapping[str, str]) -> str:
    """Return what somebody is called; of a name in parts the parts that stay are kept."""
    if found.get("displayname"):
        return found["displayname"]
    if found.get("name.formatted"):
        return found["name.formatted"]
    given, family = _parts(before)
    given = found.get("name.givenname", given)
    family = found.get("name.familyname", family)
    return f"{given} {family}".strip()


_KIND = Kind(
    name="User",
    schema=SCHEMA,
    route="scim_user",
    nothing=Person(0, "", "", "", active=True),
    known=FIELDS_OF_PEOPLE,
    found=_found,
    add=deeds.add_person,
    change=deeds.change_person,
    released=_left,
    attributes=_attributes,
    replaced=replaced,
    patched=patched,
)
