"""What leaves: notifications in the product, messages to send, and timers that no ticket owns."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest

from tocsin.records.tenancy import TenantRow, link, walls

OUTBOX_STATES = ("pending", "sending", "sent", "unsure", "dead", "cancelled")


class Notification(TenantRow):
    """A line under a person's bell. `parts` is canonical JSON: what to say, not how."""

    person = link("records.Person")
    ticket = link("records.Ticket", null=True)
    key = models.TextField()
    parts = models.TextField()
    critical = models.BooleanField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        """Told once."""

        db_table = "notification"
        constraints = [
            *walls("notification", person_id="person", ticket_id="ticket"),
            models.UniqueConstraint(fields=("tenant", "person", "key"), name="notification_once"),
        ]
        indexes = [
            models.Index(
                fields=("tenant", "person", "-id"),
                name="notification_unread",
                condition=Q(read_at=None),
            )
        ]


class Outbox(TenantRow):
    """A message that must leave, and where it stands.

    pending → sending (with a lease: token and end) → sent | pending again at `next_at` | unsure
    (it may have been sent twice, it was not lost) | dead (given up, can be sent again by hand) |
    cancelled (it was not sent, and need not be any more). `address` says where to, for what is for
    no person or for one of several addresses of a person. `reference` is what the provider calls
    it, `delivered_at` when the provider said that it had arrived.
    """

    channel = models.TextField()
    person = link("records.Person", null=True)
    ticket = link("records.Ticket", null=True)
    key = models.TextField()
    address = models.TextField(default="", db_default="")
    provider = link("records.Provider", null=True)
    parts = models.TextField()
    urgent = models.BooleanField()
    state = models.TextField(default="pending")
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    maybe_sent = models.BooleanField(default=False)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    told = models.TextField(default="")
    reference = models.TextField(default="", db_default="")
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        """One idempotency key once; a lease exists just while sending."""

        db_table = "outbox"
        constraints = [
            *walls("outbox", person_id="person", ticket_id="ticket", provider_id="provider"),
            models.UniqueConstraint(fields=("tenant", "key"), name="outbox_key_once"),
            models.CheckConstraint(condition=Q(state__in=OUTBOX_STATES), name="outbox_state_known"),
            models.CheckConstraint(
                condition=Q(state="sending", lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state="sending") & Q(lease_token=None, lease_until=None)),
                name="outbox_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="outbox_sent_at"
            ),
        ]
        indexes = [
            models.Index(
                Greatest("next_at", "lease_until"),
                name="outbox_ready",
                condition=Q(state__in=("pending", "sending")),
            ),
            models.Index(
                fields=("tenant", "ticket"),
                name="outbox_unsent_of_ticket",
                condition=Q(state="pending"),
            ),
            models.Index(
                fields=("tenant", "reference"),
                name="outbox_by_reference",
                condition=~Q(reference=""),
            ),
        ]


class Schedule(TenantRow):
    """A timer that no single ticket owns, such as a person's digest: one row an object."""

    kind = models.TextField()
    object = models.BigIntegerField()
    wake_at = models.DateTimeField()
    planned_for = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        """One timer an object and kind."""

        db_table = "schedule"
        constraints = [
            *walls("schedule"),
            models.UniqueConstraint(fields=("tenant", "kind", "object"), name="schedule_once"),
            models.CheckConstraint(
                condition=Q(wake_at__gte=F("planned_for")), name="schedule_not_before_its_plan"
            ),
        ]
        indexes = [models.Index(Greatest("wake_at", "held_until"), name="schedule_wakes")]
