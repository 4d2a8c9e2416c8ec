"""Tickets as they stand, and what was said on them. The events are the truth; these are not."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest

from tocsin.records.tenancy import TenantRow, link, walls

STATUSES = (
    *("new", "open", "waiting customer", "waiting internal"),
    *("resolved", "closed", "spam", "merged"),
)
ACTIVE = STATUSES[:4]
DONE = ("resolved", "closed")
PRIORITIES = ("P1", "P2", "P3", "P4")
_IS_ACTIVE = Q(status__in=ACTIVE)
# What lists ask of a ticket beside its place: an index that holds it need not look at the row.
_LOOKED_AT = (
    *("status", "priority", "type", "stage", "team", "assignee", "account"),
    *("due_at", "warn_at", "respond_at", "escalates_at"),
)
# A ticket's traits as bits, so that many tickets are counted by them in one quick look.
WAITS_FOR_CUSTOMER, WAITS_INTERNALLY, URGENT, UNASSIGNED, RESPONDS = 1, 2, 4, 8, 16


def _bit(value: int, **when: object) -> Case:
    return Case(When(**when, then=Value(value)), default=Value(0))


class Ticket(TenantRow):
    """A ticket. Its row is the only lock that people and the pulse take.

    `wake_at` is the earliest instant at which anything about it may happen, a pure function of the
    facts; `held_until` keeps a ticket that cannot be decided out of the way. `last_seq` counts its
    events, `last_at` is the newest instant of them, `decided_at` the instant of the last decision.

    What follows from the clocks by that decision: `due_at` the earliest due of a running one,
    `warn_at` when the first of them is at risk, `respond_at` and `respond_warn_at` the same of a
    first response, `escalates_at` the next level that has not taken over. `rank_at` is the place in
    the order of work (less is first) and `reasons` why, as JSON. `done_at` is when it was resolved.
    `traits` are bits that the database makes of the row itself. What comes for a merged ticket goes
    to the one that it was `merged_into`; one that was split off or opened anew `follows` another.
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
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    respond_at = models.DateTimeField(null=True)
    respond_warn_at = models.DateTimeField(null=True)
    escalates_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    rank_at = models.DateTimeField()
    reasons = models.TextField(default="[]")
    traits = models.GeneratedField(
        expression=_bit(WAITS_FOR_CUSTOMER, status="waiting customer")
        + _bit(WAITS_INTERNALLY, status="waiting internal")
        + _bit(URGENT, priority__in=("P1", "P2"))
        + _bit(UNASSIGNED, assignee__isnull=True)
        + _bit(RESPONDS, respond_at__isnull=False),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    merged_into = link("records.Ticket", null=True)
    follows = link("records.Ticket", null=True)
    wake_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    held_reason = models.TextField(default="")
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        """What is due is found by one index, in all tenants or in one; so is the order of work."""

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
                merged_into_id="ticket",
                follows_id="ticket",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(status="merged") & ~Q(merged_into=F("id"))),
                name="ticket_merged_into_another",
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
            models.CheckConstraint(
                condition=Q(status__in=DONE, done_at__isnull=False)
                | (~Q(status__in=DONE) & Q(done_at=None)),
                name="ticket_done_at_an_instant",
            ),
            # A first response is one of the clocks; a risk is one of something that is due.
            models.CheckConstraint(
                condition=Q(respond_at=None) | Q(due_at__isnull=False, due_at__lte=F("respond_at")),
                name="ticket_due_is_the_earliest",
            ),
            models.CheckConstraint(
                condition=Q(due_at=None, warn_at=None)
                | Q(due_at__isnull=False, warn_at__isnull=False),
                name="ticket_risk_of_a_due",
            ),
            models.CheckConstraint(
                condition=Q(respond_at=None, respond_warn_at=None)
                | Q(
                    respond_at__isnull=False,
                    respond_warn_at__isnull=False,
                    respond_warn_at__gte=F("warn_at"),
                ),
                name="ticket_risk_of_a_response",
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
            models.Index(
                fields=("tenant", "rank_at", "id"),
                name="ticket_by_rank",
                condition=_IS_ACTIVE,
                include=_LOOKED_AT,
            ),
            models.Index(
                fields=("tenant", "stage", "rank_at", "id"),
                name="ticket_by_stage",
                condition=_IS_ACTIVE,
                include=("due_at",),
            ),
            models.Index(
                fields=("tenant", "status", "rank_at", "id"),
                name="ticket_by_status",
                condition=_IS_ACTIVE,
            ),
            models.Index(
                fields=("tenant", "assignee", "rank_at", "id"),
                name="ticket_by_assignee",
                condition=_IS_ACTIVE,
            ),
            models.Index(
                fields=("tenant", "team", "traits"), name="ticket_by_traits", condition=_IS_ACTIVE
            ),
            models.Index(
                fields=("tenant", "due_at"),
                name="ticket_by_due",
                condition=_IS_ACTIVE,
                include=("team", "traits", "rank_at", "id"),
            ),
            models.Index(
                fields=("tenant", "warn_at"),
                name="ticket_by_risk",
                condition=_IS_ACTIVE,
                include=("team", "due_at", "rank_at", "id"),
            ),
            models.Index(
                fields=("tenant", "escalates_at"),
                name="ticket_by_escalation",
                condition=_IS_ACTIVE & Q(escalates_at__isnull=False),
                include=("team", "due_at", "rank_at", "id"),
            ),
            models.Index(
                fields=("tenant", "respond_at"),
                name="ticket_by_response",
                condition=_IS_ACTIVE & Q(respond_at__isnull=False),
                include=("team",),
            ),
            models.Index(
                fields=("tenant", "respond_warn_at"),
                name="ticket_by_response_risk",
                condition=_IS_ACTIVE & Q(respond_at__isnull=False),
                include=("team",),
            ),
            models.Index(
                fields=("tenant", "opened_at", "id"), name="ticket_by_age", include=("team",)
            ),
            models.Index(
                fields=("tenant", "done_at", "id"),
                name="ticket_by_end",
                condition=Q(done_at__isnull=False),
            ),
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
    """Something said on a ticket: by the customer, to the customer, or among colleagues.

    A private note is for the members of one team only, whoever else sees the ticket.
    """

    ticket = link("records.Ticket")
    event = link("records.Event")
    side = models.TextField()
    public = models.BooleanField()
    person = link("records.Person", null=True)
    contact = link("records.Contact", null=True)
    private_to = link("records.Team", null=True)
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
                private_to_id="team",
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
