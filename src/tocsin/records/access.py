"""Who may do what: permission sets, rules of fields and networks, and what was read and exported.

Lists of names are kept as JSON texts: they are read whole and never searched.
"""

from django.db import models
from django.db.models import Q

from tocsin.records.tenancy import TenantRow, link, walls

REACHES = ("all", "own", "teams")


class PermissionSet(TenantRow):
    """Rights that an administrator put together, and the tickets that they are for.

    `reach`: all tickets, those of the person's own teams, or of the named `teams` (a JSON list of
    ids). `types` is a JSON list of ticket types, empty for every type. `rights` is a JSON list of
    the values of `Right`.
    """

    key = models.TextField()
    name = models.TextField()
    rights = models.TextField(default="[]")
    reach = models.TextField(default="all")
    teams = models.TextField(default="[]")
    types = models.TextField(default="[]")
    changed_at = models.DateTimeField()

    class Meta:
        """One key once."""

        db_table = "permission_set"
        constraints = [
            *walls("permission_set"),
            models.UniqueConstraint(fields=("tenant", "key"), name="permission_set_once"),
            models.CheckConstraint(
                condition=Q(reach__in=REACHES), name="permission_set_reach_known"
            ),
        ]


class PermissionGrant(TenantRow):
    """A person has a permission set, beside their role."""

    person = link("records.Person")
    permission_set = link("records.PermissionSet")
    granted_at = models.DateTimeField()

    class Meta:
        """Once each."""

        db_table = "permission_grant"
        constraints = [
            *walls("permission_grant", person_id="person", permission_set_id="permission_set"),
            models.UniqueConstraint(
                fields=("tenant", "person", "permission_set"), name="permission_grant_once"
            ),
        ]


class FieldRule(TenantRow):
    """A field of tickets that not everybody may read or change.

    `readers` and `writers` are JSON lists of roles and keys of permission sets. A field without a
    rule is for everybody who sees the ticket.
    """

    name = models.TextField()
    readers = models.TextField(default="[]")
    writers = models.TextField(default="[]")
    changed_at = models.DateTimeField()

    class Meta:
        """One rule a field."""

        db_table = "field_rule"
        constraints = [
            *walls("field_rule"),
            models.UniqueConstraint(fields=("tenant", "name"), name="field_rule_once"),
        ]


class NetworkRule(TenantRow):
    """A network from which holders of a role, or of a permission set, may come.

    `holder` is a role or the key of a permission set, `network` a CIDR. Without a rule people may
    come from anywhere.
    """

    holder = models.TextField()
    network = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        """Once each."""

        db_table = "network_rule"
        constraints = [
            *walls("network_rule"),
            models.UniqueConstraint(
                fields=("tenant", "holder", "network"), name="network_rule_once"
            ),
        ]


class Security(TenantRow):
    """What a tenant asks of those who sign in and read; without a row what the defaults say.

    `read_budget` is how many tickets a person may open in an hour. `second_factor` is a JSON list
    of the roles that need one. A session ends after `session_hours`, or `idle_minutes` without use.
    """

    read_budget = models.IntegerField(default=300, db_default=300)
    export_approval = models.BooleanField(default=False, db_default=False)
    second_factor = models.TextField(default="[]", db_default="[]")
    session_hours = models.SmallIntegerField(default=12, db_default=12)
    idle_minutes = models.SmallIntegerField(default=120, db_default=120)
    passwords = models.BooleanField(default=True, db_default=True)
    changed_at = models.DateTimeField()

    class Meta:
        """One row a tenant."""

        db_table = "security"
        constraints = [
            *walls("security"),
            models.UniqueConstraint(fields=("tenant",), name="security_once"),
            models.CheckConstraint(
                condition=Q(read_budget__gte=10, session_hours__gte=1, idle_minutes__gte=5),
                name="security_within_reason",
            ),
        ]


class ReadMark(TenantRow):
    """That a person opened a ticket, and when they last did: what reading in bulk is seen by."""

    person = link("records.Person")
    ticket = link("records.Ticket")
    read_at = models.DateTimeField()

    class Meta:
        """One row a person and ticket."""

        db_table = "read_mark"
        constraints = [
            *walls("read_mark", person_id="person", ticket_id="ticket"),
            models.UniqueConstraint(fields=("tenant", "person", "ticket"), name="read_mark_once"),
        ]
        indexes = [models.Index(fields=("tenant", "person", "read_at"), name="read_mark_by_time")]


class Export(TenantRow):
    """A list that somebody took out of the product, or asks to.

    `what` names the list, `query` is what narrowed it. Where a second person has to agree, it waits
    for `decided_by`; `rows` counts what went out at `taken_at`.
    """

    person = link("records.Person")
    what = models.TextField()
    query = models.TextField(default="")
    reason = models.TextField(default="")
    asked_at = models.DateTimeField()
    decided_by = link("records.Person", null=True)
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    taken_at = models.DateTimeField(null=True)
    rows = models.IntegerField(null=True)

    class Meta:
        """Nobody agrees to their own."""

        db_table = "export"
        constraints = [
            *walls("export", person_id="person", decided_by_id="person"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("person")),
                name="export_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(approved=None, decided_by=None, decided_at=None)
                | Q(approved__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="export_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=("tenant", "-asked_at"), name="export_by_time")]
