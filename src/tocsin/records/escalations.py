"""Escalations as they stand, and who else takes part. The events are the truth; these are not."""

from django.db import models
from django.db.models import Q

from tocsin.records.tenancy import TenantRow, link, walls


class Escalation(TenantRow):
    """A path that runs, or ran, on a ticket, as its facts make it at the ticket's last decision.

    `number` counts the ticket's escalations. It runs by one version of its path until it `ended`
    and says why. `level` is the last that took over, `next_at` and `next_step` what comes if nobody
    acts.
    """

    ticket = link("records.Ticket")
    number = models.IntegerField()
    path = models.TextField()
    path_version = models.IntegerField()
    trigger = models.TextField()
    reason = models.TextField(default="")
    clock = models.TextField(default="")
    begun_at = models.DateTimeField()
    level = models.TextField(default="")
    next_at = models.DateTimeField(null=True)
    next_step = models.TextField(default="")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)
    ended = models.TextField(default="")

    class Meta:
        """One of a number."""

        db_table = "escalation"
        constraints = [
            *walls("escalation", ticket_id="ticket"),
            models.UniqueConstraint(fields=("tenant", "ticket", "number"), name="escalation_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended="") | (Q(ended_at__isnull=False) & ~Q(ended="")),
                name="escalation_ends_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=("tenant", "next_at"), name="escalation_running", condition=Q(ended_at=None)
            ),
        ]


class Participant(TenantRow):
    """Somebody who takes part in a ticket beside its owner, and hears of what happens."""

    ticket = link("records.Ticket")
    person = link("records.Person")
    added_at = models.DateTimeField()

    class Meta:
        """Once each."""

        db_table = "participant"
        constraints = [
            *walls("participant", ticket_id="ticket", person_id="person"),
            models.UniqueConstraint(fields=("tenant", "ticket", "person"), name="participant_once"),
        ]


class Snooze(TenantRow):
    """A person wants to hear nothing of a ticket until an instant."""

    ticket = link("records.Ticket")
    person = link("records.Person")
    until = models.DateTimeField()

    class Meta:
        """One a person and ticket."""

        db_table = "snooze"
        constraints = [
            *walls("snooze", ticket_id="ticket", person_id="person"),
            models.UniqueConstraint(fields=("tenant", "ticket", "person"), name="snooze_once"),
        ]
