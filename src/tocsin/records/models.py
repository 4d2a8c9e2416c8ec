"""All tables, for Django to find."""

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
    "Gate",
    "Imported",
    "Membership",
    "Message",
    "Notification",
    "OnCallOverride",
    "Outbox",
    "Participant",
    "Person",
    "Pipeline",
    "PipelineVersion",
    "PolicyVersion",
    "Position",
    "Provider",
    "Restatement",
    "Schedule",
    "SearchText",
    "Snooze",
    "Stage",
    "Team",
    "Tenant",
    "Ticket",
    "TicketField",
    "Unsequenced",
    "Violation",
]
