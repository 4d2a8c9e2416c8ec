"""All tables, for Django to find."""

from tocsin.records.access import (
    Export,
    FieldRule,
    NetworkRule,
    PermissionGrant,
    PermissionSet,
    ReadMark,
    Security,
)
from tocsin.records.audit import AuditRun, Event, EventContent, Position, Unsequenced
from tocsin.records.configuration import ConfigVersion, Draft
from tocsin.records.customers import Account, Contact
from tocsin.records.escalations import Escalation, Participant, Snooze
from tocsin.records.on_call import Absence, OnCallOverride
from tocsin.records.outbox import Notification, Outbox, Schedule
from tocsin.records.people import Membership, Person, Team
from tocsin.records.pipelines import Pipeline, PipelineVersion, Stage
from tocsin.records.pulses import Batch, Beat, Gate
from tocsin.records.reaching import ContactMethod, DeliveryAttempt, Provider
from tocsin.records.sign_in import ApiToken, IdentityProvider, OneTimeLink, SignIn
from tocsin.records.sla import (
    Alert,
    CalendarVersion,
    Clock,
    PolicyVersion,
    Restatement,
    Violation,
)
from tocsin.records.tenants import Counter, Tenant
from tocsin.records.tickets import Imported, Message, SearchText, Ticket, TicketField

__all__ = [
    "Absence",
    "Account",
    "Alert",
    "ApiToken",
    "AuditRun",
    "Batch",
    "Beat",
    "CalendarVersion",
    "Clock",
    "ConfigVersion",
    "Contact",
    "ContactMethod",
    "Counter",
    "DeliveryAttempt",
    "Draft",
    "Escalation",
    "Event",
    "EventContent",
    "Export",
    "FieldRule",
    "Gate",
    "IdentityProvider",
    "Imported",
    "Membership",
    "Message",
    "NetworkRule",
    "Notification",
    "OnCallOverride",
    "OneTimeLink",
    "Outbox",
    "Participant",
    "PermissionGrant",
    "PermissionSet",
    "Person",
    "Pipeline",
    "PipelineVersion",
    "PolicyVersion",
    "Position",
    "Provider",
    "ReadMark",
    "Restatement",
    "Schedule",
    "SearchText",
    "Security",
    "SignIn",
    "Snooze",
    "Stage",
    "Team",
    "Tenant",
    "Ticket",
    "TicketField",
    "Unsequenced",
    "Violation",
]
