"""The desk's own pages: what stands for their parts, and what they need to be there."""

from tests.desk import Company

from tocsin.actions import activation, config_versions, customers, drafts, providers
from tocsin.channels import registry
from tocsin.queries import configuration, readers

# What stands for each part of an address that is given.
EXAMPLES = {
    "pipeline": "support",
    "stage": "triage",
    "number": "1",
    "named": "always",
    "violation": "1",
    "token": "worthless",
    "deed": "promise",
    "what": "policies",
    "kind": "policy",
    "key": "standard",
    "version": "1",
    "override": "1",
    "absence": "1",
    "person": "1",
    "desk": "acme",
    "channel": "slack",
    "provider": "1",
    "delivery": "1",
}
# Where a thing of another kind is meant.
EXAMPLES_OF = {
    "provider_do": {"deed": "off"},
    "my_alerts_do": {"deed": "quiet"},
    "push_do": {"deed": "add"},
    "pipeline_setup": {"key": "support"},
    "contract": {"key": "frame agreement"},
}
PUBLIC = {
    "hook",
    "push_worker",
    "acknowledge_link",
    "front",
    "health",
    "metrics",
    "account_login",
    "account_logout",
}
# Actions by POST, with what their forms send.
FORMS: dict[str, dict[str, str]] = {
    "say": {"body": "Hello", "kind": "note"},
    "push_do": {"address": "{}"},
    "assign": {"person": ""},
    "move": {"to": "work"},
    "priority": {"to": "P1"},
    "pause": {"reason": "parts", "status": "waiting internal"},
    "resume": {},
    "acknowledge_escalation": {},
    "escalate": {"path": "standard", "reason": "they called"},
    "stop_escalation": {"number": "1", "reason": "done"},
    "path_upgrade": {"number": "1"},
    "path_switch": {"to": "off"},
    "begin_paths": {"which": "escalation-time"},
    "approve_pause": {},
    "refuse_pause": {},
    "more_do": {"at": "2031-06-02T10:00"},
    "acknowledge_violation": {"note": "seen"},
    "calendar_report": {"zone": "UTC"},
    "resolve": {},
    "reopen": {},
    "take_next": {},
    "audits_run": {},
    "delivery_replay": {},
    "provider_do": {},
    "trust_clocks": {},
    "read": {"up_to": "1"},
    "my_alerts_do": {"quiet_from": "22:00", "quiet_until": "07:00"},
    "acknowledge_ticket": {},
    "snooze": {"minutes": "30"},
    "preferences": {"language": "sv", "zone": "UTC", "theme": "dark"},
    "policy_order": {"to": "up"},
    "begin": {"which": "policy"},
    "activate": {"basis": "new tickets"},
    "discard": {},
    "restore": {},
    "override_add": {"person": "1", "begins": "2031-06-02T10:00", "ends": "2031-06-03T10:00"},
    "override_remove": {},
    "absence_end": {},
}

QUERIES = {"why": "?clock=SLA/resolution%231"}


def prepare(made: Company) -> None:
    """Have a contract in force and a draft: there are pages for them."""
    by = made.operator
    customers.add_account(name="Gruvan", key="gruvan", by=by)
    data = {
        "account": "gruvan",
        "policies": ["standard"],
        "valid_from": "2030-01-01T00:00:00+00:00",
    }
    drafts.save(kind="contract", key="frame agreement", data=data, by=by)
    activation.activate(kind="contract", key="frame agreement", by=by)
    ann = readers.reader(made.tenant, made.people["ann"])
    assert ann is not None
    layer = {"people": [ann.email], "begins": "2026-01-05"}
    rota = {"zone": "UTC", "layers": [layer]}
    config_versions.publish(kind="on-call", key="standard", data=rota, by=by)
    levels = [{"name": "L1", "notify": ["lead"]}]
    path = {"triggers": [{"on": "manual"}], "levels": levels}
    drafts.save(kind="path", key="standard", data=path, by=by)
    activation.activate(kind="path", key="standard", by=by)
    slack = {"token": "xoxb-1-1-abcdefghijkl"}
    providers.add(carrier=registry.CARRIERS["slack"], name="Slack", typed=slack, by=by)
    standard = configuration.thing(kind="policy", key="standard", by=by)
    assert standard is not None
    drafts.save(kind="policy", key="standard", data=standard.data, base=1, by=by)
