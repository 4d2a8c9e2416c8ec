"""SCIM 2.0: a directory keeps people and groups here."""

from django.urls import path

from tocsin.api.scim import about, groups, users

ROUTES = [
    path("scim/v2/ServiceProviderConfig", about.service, name="scim_service"),
    path("scim/v2/ResourceTypes", about.kinds, name="scim_kinds"),
    path("scim/v2/ResourceTypes/<str:resource>", about.kind, name="scim_kind"),
    path("scim/v2/Schemas", about.schemas, name="scim_schemas"),
    path("scim/v2/Schemas/<str:resource>", about.schema, name="scim_schema"),
    path("scim/v2/Users", users.users, name="scim_users"),
    path("scim/v2/Users/<str:resource>", users.user, name="scim_user"),
    path("scim/v2/Groups", groups.groups, name="scim_groups"),
    path("scim/v2/Groups/<str:resource>", groups.group, name="scim_group"),
]
