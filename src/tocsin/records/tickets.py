"""Tickets as they stand, and what was said on them. The events are the truth; these are not."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest

from tocsin.records.tenancy import TenantRow, link, walls

STATUSES = (
    *("new", "open", "waiting customer", "waiting internal"),
    *("resolved", "closed", "spam", "merged"),
)
PRIORITIES = ("P1", "P2", "P3", "P4")


class Ticket(TenantRow):
    """A ticket. Its row is the only lock that people and the pulse take.

    `wake_at` is the earliest instant at which anything about it may happen, a pure function of the
    facts; `held_until` keeps a ticket that cannot be decided out of the way. `last_seq` counts its
    events, `last_at` is the newest instant of them, `decided_at` the instant of the last decision.
    """

    number = models.BigIntegerField()
    pipeline = link("records.Pipeline", null=True)
    stage = link("records.Stage", null=True)
    account = link("records.Account", null=True)
    contact = link("records.Contact", null=True)
    team = link("records.Team", null=True)
    assignee = link("records.Person", null=True)
    status = models.TextField()
    priority = models.TextField(default="")
    type = models.TextField(default="")
    channel = models.TextField(default="")
    subject = models.TextField(default="")
    opened_at = models.DateTimeField()
    last_seq = models.IntegerField()
    last_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    wake_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    held_reason = models.TextField(default="")
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        """What is due is found by one index, in all tenants or in one."""

        db_table = "ticket"
        constraints = [
            *walls(
                "ticket",
                pipeline_id="pipeline",
                stage_id="stage",
                account_id="account",
                contact_id="contact",
                team_id="team",
                assignee_id="person",
            ),
            models.UniqueConstraint(fields=("tenant", "number"), name="ticket_number_once"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="ticket_status_known"),
            models.CheckConstraint(
                condition=Q(number__gt=0, last_seq__gt=0), name="ticket_has_events"
            ),
            models.CheckConstraint(
                condition=Q(wake_at=None) | Q(wake_at__gt=F("decided_at")),
                name="ticket_wakes_later",
            ),
            models.CheckConstraint(
                condition=Q(held_until=None) | ~Q(held_reason=""), name="ticket_hold_has_reason"
            ),
        ]
        indexes = [
            models.Index(
                Greatest("wake_at", "held_until"),
                name="ticket_wakes",
                condition=Q(wake_at__isnull=False),
            ),
            models.Index(
                "tenant",
                Greatest("wake_at", "held_until"),
                name="ticket_wakes_in_tenant",
                condition=Q(wake_at__isnull=False),
            ),
            models.Index(fields=("tenant", "status", "-id"), name="ticket_by_status"),
        ]


class TicketField(TenantRow):
    """A field that a company added itself, as text: one row a field."""

    ticket = link("records.Ticket")
    name = models.TextField()
    value = models.TextField()

    class Meta:
        """One value a field; found by value too."""

        db_table = "ticket_field"
        constraints = [
            *walls("ticket_field", ticket_id="ticket"),
            models.UniqueConstraint(fields=("tenant", "ticket", "name"), name="ticket_field_once"),
        ]
        indexes = [models.Index(fields=("tenant", "name", "value"), name="ticket_field_by_value")]


class Message(TenantRow):
    """Something said on a ticket: by the customer, to the customer, or among colleagues."""

    ticket = link("records.Ticket")
    event = link("records.Event")
    side = models.TextField()
    public = models.BooleanField()
    person = link("records.Person", null=True)
    contact = link("records.Contact", null=True)
    body = models.TextField()
    said_at = models.DateTimeField()

    class Meta:
        """One message an event."""

        db_table = "message"
        constraints = [
            *walls(
                "message",
                ticket_id="ticket",
                event_id="event",
                person_id="person",
                contact_id="contact",
            ),
            models.UniqueConstraint(fields=("tenant", "event"), name="message_once"),
        ]
        indexes = [models.Index(fields=("tenant", "ticket", "id"), name="message_by_ticket")]


class SearchText(TenantRow):
    """The words of a ticket, for search."""

    ticket = link("records.Ticket")
    words = SearchVectorField()

    class Meta:
        """One row a ticket."""

        db_table = "search_text"
        constraints = [
            *walls("search_text", ticket_id="ticket"),
            models.UniqueConstraint(fields=("tenant", "ticket"), name="search_text_once"),
        ]
        indexes = [GinIndex(fields=("words",), name="search_text_words")]


class Imported(TenantRow):
    """Where a ticket came from, and what its source said of its SLA; one row a source's ticket."""

    ticket = link("records.Ticket")
    source = models.TextField()
    external_id = models.TextField()
    met = models.BooleanField(null=True)
    imported_at = models.DateTimeField()

    class Meta:
        """A source's ticket is imported once."""

        db_table = "imported"
        constraints = [
            *walls("imported", ticket_id="ticket"),
            models.UniqueConstraint(
                fields=("tenant", "source", "external_id"), name="imported_once"
            ),
        ]
