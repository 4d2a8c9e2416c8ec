"""Teams as a directory knows them: Groups."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tocsin.actions import directory as deeds
from tocsin.api.declared import Call
from tocsin.api.scim import filters, lists, patches
from tocsin.api.scim.answers import Bad, answers, said
from tocsin.api.scim.patches import Op
from tocsin.queries import access, directory
from tocsin.queries.directory import FIELDS_OF_GROUPS, Compared, Group, Member

SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
MOST = 5000
_NONE = Group(0, "", "")


@answers("GET", "POST")
def groups(call: Call, sent: Mapping[str, Any] | None) -> HttpResponse:
    """List teams, or add one."""
    if sent is not None:
        id_ = deeds.add_group(wanted=replaced(_NONE, sent), by=call.by)
        return _shown(call, id_, 201)
    asked = lists.wanted(call, FIELDS_OF_GROUPS)
    page = directory.groups(
        where=asked.where,
        skip=asked.skip,
        count=asked.count,
        members=lists.shows(call)("members"),
        by=call.by,
    )
    resources = [lists.pruned(_resource(call, one), call) for one in page.found]
    return said(lists.listed(asked, page.total, resources))


@answers("GET", "PUT", "PATCH", "DELETE")
def group(call: Call, sent: Mapping[str, Any] | None, resource: str) -> HttpResponse:
    """Show a team, or change it; to delete one is to take out its members."""
    id_ = lists.number(resource)
    if call.method == "GET":
        return _shown(call, id_)
    if call.method == "DELETE":
        deeds.release_group(group=id_, by=call.by)
        return HttpResponse(status=204)
    if call.method == "PATCH":
        ops = patches.operations(sent or {})
        deeds.change_group(group=id_, to=lambda one: patched(one, ops), by=call.by)
    else:
        deeds.change_group(group=id_, to=lambda one: replaced(one, sent or {}), by=call.by)
    return _shown(call, id_)


def _shown(call: Call, id_: int, status: int = 200) -> HttpResponse:
    found = directory.groups(where=Compared("id", str(id_)), by=call.by).found
    if not found:
        raise access.missing()
    resource = _resource(call, found[0])
    location = resource["meta"]["location"] if status == 201 else ""
    return said(lists.pruned(resource, call), status, location=location)


def _resource(call: Call, team: Group) -> dict[str, Any]:
    return {
        "schemas": [SCHEMA],
        "id": str(team.id),
        **({"externalId": team.external} if team.external else {}),
        "displayName": team.name,
        "members": [
            {"value": str(one.id), "display": one.name, "type": "User"} for one in team.members
        ],
        "meta": {
            "resourceType": "Group",
            "location": call.build_absolute_uri(reverse("scim_group", args=[str(team.id)])),
        },
    }


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
