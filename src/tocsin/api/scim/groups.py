"""Teams as a directory knows them: Groups."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from tocsin.actions import directory as deeds
from tocsin.api.declared import Call
from tocsin.api.scim import filters, lists, patches, resources
from tocsin.api.scim.answers import Bad, answers
from tocsin.api.scim.patches import Op
from tocsin.api.scim.resources import Kind
from tocsin.queries import directory
from tocsin.queries.directory import FIELDS_OF_GROUPS, Compared, Group, Member, Page

SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
MOST = 5000


@answers("GET", "POST")
def groups(call: Call, sent: Mapping[str, Any] | None) -> HttpResponse:
    """List teams, or add one."""
    return resources.all_of(_KIND, call, sent)


@answers("GET", "PUT", "PATCH", "DELETE")
def group(call: Call, sent: Mapping[str, Any] | None, resource: str) -> HttpResponse:
    """Show a team, or change it; to delete one is to take out its members.

    The team itself stays: tickets, policies and paths may name it.
    """
    return resources.one_of(_KIND, call, sent, resource)


def _found(call: Call, **asked: Any) -> Page:
    page: Page = directory.groups(**asked, members=lists.shows(call)("members"), by=call.by)
    return page


def _released(team: Group) -> Group:
    return replace(team, external="", members=())


def _attributes(team: Group) -> dict[str, Any]:
    members = [{"value": str(one.id), "display": one.name, "type": "User"} for one in team.members]
    return {"displayName": team.name, "members": members}


# ------------------------------------------------------------------------------------ what is sent


def replaced(team: Group, sent: Mapping[str, Any]) -> Group:
    """Return a team as a whole resource says; one that names no members has none."""
    ops = [Op("replace", str(key).lower(), value) for key, value in sent.items()]
    if not any(op.name == "displayname" for op in ops):
        raise Bad("invalidValue", "displayName: is missing")
    return patched(replace(team, members=()), ops)


def patched(team: Group, ops: list[Op]) -> Group:
    """Return a team after some operations. What is kept nowhere here is passed over."""
    for op in ops:
        value = None if op.op == "remove" else op.value
        if op.name == "displayname":
            name = patches.text(value, "displayName")
            if not name:
                raise Bad("invalidValue", "displayName: is empty")
            team = replace(team, name=name)
        elif op.name == "externalid":
            team = replace(team, external=patches.text(value, "externalId"))
        elif op.name == "members":
            team = replace(team, members=_members(team, op))
            if len(team.members) > MOST:
                raise Bad("tooMany", f"members: {MOST} are the most")
    return team


def _members(team: Group, op: Op) -> tuple[Member, ...]:
    before = {one.id: one for one in team.members}
    named = {id_: Member(id_, "") for id_ in _named(op)}
    if op.op == "remove":
        # Without anybody named all are meant; with an empty list nobody is.
        if not op.where and op.value is None:
            return ()
        return tuple(one for id_, one in before.items() if id_ not in named)
    if op.op == "add":
        return tuple({**named, **before}.values())
    return tuple(named.values())


def _named(op: Op) -> Iterator[int]:
    if op.where:
        condition = filters.parsed(op.where, ("value",))
        parts = [condition] if isinstance(condition, Compared) else list(condition.parts)
        for part in parts:
            if not isinstance(part, Compared):
                raise Bad("invalidFilter", "members are named one by one")
            yield lists.number(str(part.value))
        return
    listed = op.value if isinstance(op.value, list) else [op.value]
    if len(listed) > MOST:
        raise Bad("tooMany", f"members: {MOST} are the most")
    for one in listed:
        if one is None:
            continue
        yield _id(patches.single(one))


def _id(value: Any) -> int:
    found = lists.number(str(value))
    if found < 0:
        raise Bad("invalidValue", "members: expected the id of somebody")
    return found


_KIND = Kind(
    name="Group",
    schema=SCHEMA,
    route="scim_group",
    nothing=Group(0, "", ""),
    known=FIELDS_OF_GROUPS,
    found=_found,
    add=deeds.add_group,
    change=deeds.change_group,
    released=_released,
    attributes=_attributes,
    replaced=replaced,
    patched=patched,
)
