"""People, teams, permission sets and rules."""

from tests.desk import Company

from tocsin.actions import access_rules, permission_sets

EXAMPLES = {"team": "1", "rule": "1"}
EXAMPLES_OF = {
    "permission_set": {"key": "billing"},
    "permission_set_remove": {"key": "billing"},
    "person_do": {"person": "1", "deed": "grant"},
}
FORMS = {
    "person_do": {"set": "billing"},
    "permission_set_remove": {},
    "field_rule_save": {"name": "salary", "readers": "lead", "writers": "lead"},
    "field_rule_remove": {},
    "network_add": {"holder": "lead", "network": "10.0.0.0/8"},
    "network_remove": {},
}


def prepare(made: Company) -> None:
    """Have a permission set, and a rule of each kind."""
    by = made.operator
    rights = ["read tickets", "write notes"]
    permission_sets.save(key="billing", name="Billing", rights=rights, by=by)
    access_rules.save_field(name="salary", readers=["lead"], writers=["lead"], by=by)
    access_rules.add_network(holder="limited", network="127.0.0.0/8", by=by)
