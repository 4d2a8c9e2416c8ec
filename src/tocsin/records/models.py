"""All tables, for Django to find."""

from tocsin.records.audit import AuditRun, Event, EventContent, Position, Unsequenced
from tocsin.records.configuration import ConfigVersion, Draft
from tocsin.records.customers import Account, Contact
from tocsin.records.outbox import Notification, Outbox, Schedule
from tocsin.records.people import Membership, Person, Team
from tocsin.records.pipelines import Pipeline, PipelineVersion, Stage
from tocsin.records.pulses import Batch, Beat, Gate
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
    "Account",
    "Alert",
    "AuditRun",
    "Batch",
    "Beat",
    "CalendarVersion",
    "Clock",
    "ConfigVersion",
    "Contact",
    "Counter",
    "Draft",
    "Event",
    "EventContent",
    "Gate",
    "Imported",
    "Membership",
    "Message",
    "Notification",
    "Outbox",
    "Person",
    "Pipeline",
    "PipelineVersion",
    "PolicyVersion",
    "Position",
    "Restatement",
    "Schedule",
    "SearchText",
    "Stage",
    "Team",
    "Tenant",
    "Ticket",
    "TicketField",
    "Unsequenced",
    "Violation",
]
