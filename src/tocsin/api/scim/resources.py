"""What can be done to resources, of whatever kind: list and add, show and change, take away."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import HttpResponse
from django.urls import reverse

from tocsin.api.declared import Call
from tocsin.api.scim import lists, patches
from tocsin.api.scim.answers import said
from tocsin.api.scim.patches import Op
from tocsin.queries import access
from tocsin.queries.directory import Compared, Group, Page, Person

One = TypeVar("One", Person, Group)


@dataclass(frozen=True, slots=True)
class Kind(Generic[One]):
    """A kind of resource: how it is found, written, shown, and read from what is sent.

    `route` is the address of one; `known` are the attributes that a filter may name; `found` takes
    the request beside what the query takes. `replaced` and `patched` return one as a whole
    resource, or some operations, make of it.
    """

    name: str
    schema: str
    route: str
    nothing: One
    known: Collection[str]
    found: Callable[..., Page]
    add: Callable[..., int]
    change: Callable[..., None]
    released: Callable[[One], One]
    attributes: Callable[[One], Mapping[str, Any]]
    replaced: Callable[[One, Mapping[str, Any]], One]
    patched: Callable[[One, list[Op]], One]


def all_of(kind: Kind[One], call: Call, sent: Mapping[str, Any] | None) -> HttpResponse:
    """List what there is of a kind, or add one."""
    if sent is not None:
        id_ = kind.add(wanted=kind.replaced(kind.nothing, sent), by=call.by)
        return _shown(kind, call, id_, 201)
    asked = lists.wanted(call, kind.known)
    page = kind.found(call, where=asked.where, skip=asked.skip, count=asked.count)
    resources = [lists.pruned(_resource(kind, call, one), call) for one in page.found]
    return said(lists.listed(asked, page.total, resources))


def one_of(
    kind: Kind[One], call: Call, sent: Mapping[str, Any] | None, resource: str
) -> HttpResponse:
    """Show one of a kind, change it, or let go of it."""
    id_ = lists.number(resource)
    if call.method == "GET":
        return _shown(kind, call, id_)
    if call.method == "DELETE":
        kind.change(id_, to=kind.released, by=call.by)
        return HttpResponse(status=204)
    if call.method == "PATCH":
        ops = patches.operations(sent or {})
        kind.change(id_, to=lambda one: kind.patched(one, ops), by=call.by)
    else:
        kind.change(id_, to=lambda one: kind.replaced(one, sent or {}), by=call.by)
    return _shown(kind, call, id_)


def _shown(kind: Kind[One], call: Call, id_: int, status: int = 200) -> HttpResponse:
    found = kind.found(call, where=Compared("id", str(id_))).found
    if not found:
        raise access.missing()
    resource = _resource(kind, call, found[0])
    location = resource["meta"]["location"] if status == 201 else ""
    return said(lists.pruned(resource, call), status, location=location)


def _resource(kind: Kind[One], call: Call, one: One) -> dict[str, Any]:
    location = call.build_absolute_uri(reverse(kind.route, args=[str(one.id)]))
    return {
        "schemas": [kind.schema],
        "id": str(one.id),
        **({"externalId": one.external} if one.external else {}),
        **kind.attributes(one),
        "meta": {"resourceType": kind.name, "location": location},
    }
