"""SCIM: no session opens it, each request proves itself by its token."""

EXAMPLES = {"resource": "1"}
PUBLIC = {
    *("scim_service", "scim_kinds", "scim_kind", "scim_schemas", "scim_schema"),
    *("scim_users", "scim_user", "scim_groups", "scim_group"),
}
