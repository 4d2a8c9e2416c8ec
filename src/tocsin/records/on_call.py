"""Who is there: exceptions from on-call schedules, and absences."""

from django.db import models
from django.db.models import F, Q

from tocsin.records.tenancy import TenantRow, link, walls


class OnCallOverride(TenantRow):
    """Somebody is on call in the place of whoever the schedule (by its key) would name."""

    schedule = models.TextField()
    person = link("records.Person")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    author = link("records.Person", null=True)
    made_at = models.DateTimeField()

    class Meta:
        """It has a length."""

        db_table = "on_call_override"
        constraints = [
            *walls("on_call_override", person_id="person", author_id="person"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="on_call_override_has_a_length"
            ),
        ]
        indexes = [
            models.Index(fields=("tenant", "schedule", "ends_at"), name="on_call_override_by_time")
        ]


class Absence(TenantRow):
    """A person is away; the substitute, if there is one, is told and asked in their place."""

    person = link("records.Person")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    substitute = link("records.Person", null=True)
    note = models.TextField(default="")
    made_at = models.DateTimeField()

    class Meta:
        """It has a length, and nobody stands in for themselves."""

        db_table = "absence"
        constraints = [
            *walls("absence", person_id="person", substitute_id="person"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="absence_has_a_length"
            ),
            models.CheckConstraint(
                condition=Q(substitute=None) | ~Q(substitute=F("person")),
                name="absence_substitute_is_another",
            ),
        ]
        indexes = [models.Index(fields=("tenant", "person", "ends_at"), name="absence_by_time")]
