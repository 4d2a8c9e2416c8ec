"""What a directory can learn of this interface before it uses it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from tocsin.api.declared import Call
from tocsin.api.scim import groups, lists, users
from tocsin.api.scim.answers import MOST, answers, said
from tocsin.queries import access

_OF_SCHEMAS = "urn:ietf:params:scim:schemas:core:2.0"


@answers("GET")
def service(call: Call, sent: Mapping[str, Any] | None) -> HttpResponse:
    """Say what of SCIM there is here."""
    no = {"supported": False}
    return said(
        {
            "schemas": [f"{_OF_SCHEMAS}:ServiceProviderConfig"],
            "patch": {"supported": True},
            "bulk": {**no, "maxOperations": 0, "maxPayloadSize": MOST},
            "filter": {"supported": True, "maxResults": lists.MOST},
            "changePassword": no,
            "sort": no,
            "etag": no,
            "authenticationSchemes": [
                {
                    "type": "oauthbearertoken",
                    "name": "Bearer token",
                    "description": "a token with the scope scim, made by an administrator",
                    "primary": True,
                }
            ],
            "meta": {"resourceType": "ServiceProviderConfig"},
        }
    )


@answers("GET")
def kinds(call: Call, sent: Mapping[str, Any] | None) -> HttpResponse:
    """List the kinds of resources."""
    return _list([_kind("User", users.SCHEMA), _kind("Group", groups.SCHEMA)])


@answers("GET")
def kind(call: Call, sent: Mapping[str, Any] | None, resource: str) -> HttpResponse:
    """Show one kind of resources."""
    known = {"User": users.SCHEMA, "Group": groups.SCHEMA}
    if resource not in known:
        raise access.missing()
    return said(_kind(resource, known[resource]))


@answers("GET")
def schemas(call: Call, sent: Mapping[str, Any] | None) -> HttpResponse:
    """List the schemas: what of a person and a team there is here."""
    return _list([_schema(id_) for id_ in _ATTRIBUTES])


@answers("GET")
def schema(call: Call, sent: Mapping[str, Any] | None, resource: str) -> HttpResponse:
    """Show one schema."""
    if resource not in _ATTRIBUTES:
        raise access.missing()
    return said(_schema(resource))


def _list(found: list[dict[str, Any]]) -> HttpResponse:
    return said(lists.listed(lists.Wanted(None, 0, len(found)), len(found), found))


def _kind(name: str, schema_: str) -> dict[str, Any]:
    return {
        "schemas": [f"{_OF_SCHEMAS}:ResourceType"],
        "id": name,
        "name": name,
        "endpoint": f"/{name}s",
        "schema": schema_,
        "meta": {"resourceType": "ResourceType"},
    }


def _attribute(name: str, type_: str = "string", **own: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": type_,
        "multiValued": False,
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
        **own,
    }


def _several(name: str, *parts: dict[str, Any], **own: Any) -> dict[str, Any]:
    return _attribute(name, "complex", multiValued=True, subAttributes=list(parts), **own)


_READ_ONLY = {"mutability": "readOnly"}
_ATTRIBUTES = {
    users.SCHEMA: (
        "User",
        [
            _attribute("userName", required=True, uniqueness="server"),
            _attribute(
                "name",
                "complex",
                subAttributes=[_attribute(one) for one in ("formatted", "givenName", "familyName")],
            ),
            _attribute("displayName"),
            _several(
                "emails", _attribute("value"), _attribute("type"), _attribute("primary", "boolean")
            ),
            _attribute("active", "boolean"),
            _several(
                "groups",
                _attribute("value", **_READ_ONLY),
                _attribute("display", **_READ_ONLY),
                **_READ_ONLY,
            ),
        ],
    ),
    groups.SCHEMA: (
        "Group",
        [
            _attribute("displayName", required=True, uniqueness="server"),
            _several(
                "members",
                _attribute("value", mutability="immutable"),
                _attribute("display", **_READ_ONLY),
            ),
        ],
    ),
}


def _schema(id_: str) -> dict[str, Any]:
    name, attributes = _ATTRIBUTES[id_]
    own = {"schemas": [f"{_OF_SCHEMAS}:Schema"], "id": id_, "name": name}
    return {**own, "attributes": attributes, "meta": {"resourceType": "Schema"}}
