"""All tables, for Django to find."""

from tocsin.records.audit import Event, EventContent, Position, Unsequenced
from tocsin.records.customers import Account, Contact
from tocsin.records.outbox import Notification, Outbox, Schedule
from tocsin.records.people import Membership, Person, Team
from tocsin.records.pipelines import Pipeline, PipelineVersion, Stage
from tocsin.records.pulses import Batch, Beat, Gate
from tocsin.records.sla import Alert, CalendarVersion, Clock, PolicyVersion, Violation
from tocsin.records.tenants import Counter, Tenant
from tocsin.records.tickets import Imported, Message, SearchText, Ticket, TicketField

__all__ = [
    "Account",
    "Alert",
    "Batch",
    "Beat",
    "CalendarVersion",
    "Clock",
    "Contact",
    "Counter",
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
