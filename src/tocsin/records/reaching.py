"""How people are reached, and the providers that carry what is sent to them."""

from django.db import models
from django.db.models import Q

from tocsin.records.tenancy import AppendOnly, TenantRow, link, walls

ATTEMPT_OUTCOMES = ("sent", "failed", "refused", "unsure")


class ContactMethod(TenantRow):
    """A way to reach a person beside the product and their mail address, in order of `position`.

    `address` is in the channel's own form: a number in E.164, a member's id, a push subscription.
    """

    person = link("records.Person")
    channel = models.TextField()
    address = models.TextField()
    position = models.SmallIntegerField(default=0)
    critical_only = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        """Each address once."""

        db_table = "contact_method"
        constraints = [
            *walls("contact_method", person_id="person"),
            models.UniqueConstraint(
                fields=("tenant", "person", "channel", "address"), name="contact_method_once"
            ),
            models.CheckConstraint(condition=~Q(address=""), name="contact_method_has_address"),
        ]


class Provider(TenantRow):
    """Somebody who carries messages for a tenant: its settings as JSON, its secrets sealed.

    A channel may have several; the enabled one of the lowest `position` is used.
    """

    channel = models.TextField()
    name = models.TextField()
    settings = models.TextField(default="{}")
    secret = models.TextField(default="")
    enabled = models.BooleanField(default=True)
    position = models.SmallIntegerField(default=0)
    changed_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    told = models.TextField(default="")

    class Meta:
        """One name once in a channel."""

        db_table = "provider"
        constraints = [
            *walls("provider"),
            models.UniqueConstraint(fields=("tenant", "channel", "name"), name="provider_once"),
        ]


class DeliveryAttempt(TenantRow):
    """One time at which a message was handed over, and what came of it."""

    outbox = link("records.Outbox")
    attempt = models.SmallIntegerField()
    at = models.DateTimeField()
    outcome = models.TextField()
    told = models.TextField(default="")

    class Meta:
        """Never changed."""

        db_table = "delivery_attempt"
        constraints = [
            *walls("delivery_attempt", outbox_id="outbox"),
            models.CheckConstraint(
                condition=Q(outcome__in=ATTEMPT_OUTCOMES), name="delivery_attempt_outcome_known"
            ),
            AppendOnly(name="delivery_attempt_for_good"),
        ]
        indexes = [
            models.Index(fields=("tenant", "outbox"), name="delivery_attempt_of_message"),
            models.Index(fields=("tenant", "-at"), name="delivery_attempt_by_time"),
        ]
