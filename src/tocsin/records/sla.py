"""Promises in versions, and what became of them: clocks, violations, alerts."""

from django.db import models
from django.db.models import F, Q

from tocsin.records.tenancy import AppendOnly, TenantRow, link, walls

STATES = ("running", "paused", "stopped", "cancelled", "replaced")
VERDICTS = ("met", "breached", "open", "none")
# Told; kept for a digest or for the end of quiet hours or of a snooze; overtaken.
ALERT_STATES = ("told", "digest", "quiet", "superseded")


class CalendarVersion(TenantRow):
    """A version of a calendar, for good. `data` is canonical JSON with the zone's transitions."""

    key = models.TextField()
    version = models.IntegerField()
    data = models.TextField()
    valid_from = models.DateTimeField(null=True)
    digest = models.TextField()

    class Meta:
        """Never changed."""

        db_table = "calendar_version"
        constraints = [
            *walls("calendar_version"),
            models.UniqueConstraint(fields=("tenant", "key", "version"), name="calendar_once"),
            AppendOnly(name="calendar_version_for_good"),
        ]


class PolicyVersion(TenantRow):
    """A version of an SLA policy, for good, with the paths that it names as they then were."""

    key = models.TextField()
    version = models.IntegerField()
    rank = models.IntegerField()
    data = models.TextField()
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    digest = models.TextField()

    class Meta:
        """Never changed."""

        db_table = "policy_version"
        constraints = [
            *walls("policy_version"),
            models.UniqueConstraint(fields=("tenant", "key", "version"), name="policy_once"),
            models.CheckConstraint(
                condition=Q(valid_until=None)
                | Q(valid_from=None)
                | Q(valid_until__gt=F("valid_from")),
                name="policy_ends_after_it_begins",
            ),
            AppendOnly(name="policy_version_for_good"),
        ]


class Clock(TenantRow):
    """A clock as its ticket's facts make it at the ticket's last decision.

    Lengths are microseconds of open time: `left_us` what was left at `since`, `warn_us` and
    `crit_us` what is left when it comes to be at risk and imminent. `rescued` says that the promise
    was kept and would not have been without its pauses. `owner`, `team`, `stage`,
    `type`, `priority` and `month` say what held when the promise was decided; until then what
    holds now.
    """

    ticket = link("records.Ticket")
    key = models.TextField()
    agreement = models.TextField()
    definition = models.TextField()
    cycle = models.IntegerField()
    state = models.TextField()
    started_at = models.DateTimeField()
    anchor_at = models.DateTimeField()
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    undue = models.TextField(default="")
    cause = models.TextField()
    used_us = models.BigIntegerField()
    paused_us = models.BigIntegerField()
    target_us = models.BigIntegerField(null=True)
    left_us = models.BigIntegerField(null=True)
    warn_us = models.BigIntegerField()
    crit_us = models.BigIntegerField()
    rescued = models.BooleanField(default=False)
    policy = models.TextField()
    policy_version = models.IntegerField()
    row = models.TextField()
    target = models.TextField()
    calendar = models.TextField()
    calendar_version = models.IntegerField()
    stopped_at = models.DateTimeField(null=True)
    outcome = models.TextField(default="")
    verdict = models.TextField()
    decided_at = models.DateTimeField(null=True)
    month = models.TextField(default="")
    owner = models.TextField(default="")
    team = models.TextField(default="")
    stage = models.TextField(default="")
    type = models.TextField(default="")
    priority = models.TextField(default="")

    class Meta:
        """States that cannot be are refused."""

        db_table = "clock"
        constraints = [
            *walls("clock", ticket_id="ticket"),
            models.UniqueConstraint(fields=("tenant", "ticket", "key"), name="clock_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="clock_state_known"),
            models.CheckConstraint(condition=Q(verdict__in=VERDICTS), name="clock_verdict_known"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(due_at__isnull=False) | ~Q(undue=""),
                name="clock_running_is_due_or_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("running", "paused")) | Q(stopped_at__isnull=False),
                name="clock_ended_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=("open", "none")) | Q(decided_at__isnull=False),
                name="clock_verdict_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(used_us__gte=0, paused_us__gte=0, warn_us__gte=0, crit_us__gte=0),
                name="clock_time_is_positive",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(due_at=None) | Q(left_us__isnull=False),
                name="clock_due_has_time_left",
            ),
        ]
        indexes = [
            models.Index(fields=("tenant", "verdict", "month"), name="clock_by_verdict"),
            models.Index(
                fields=("tenant", "decided_at"),
                name="clock_met",
                condition=Q(verdict="met"),
                include=("team",),
            ),
            models.Index(
                fields=("tenant", "decided_at"),
                name="clock_breached",
                condition=Q(verdict="breached"),
                include=("team",),
            ),
        ]


class Violation(TenantRow):
    """A promise that was missed. Never deleted; a restatement names itself in `withdrawn_at`."""

    ticket = link("records.Ticket")
    event = link("records.Event")
    clock = models.TextField()
    mark = models.TextField()
    due_at = models.DateTimeField()
    breached_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    cause = models.TextField()
    policy = models.TextField()
    policy_version = models.IntegerField()
    owner = models.TextField(default="")
    team = models.TextField(default="")
    stage = models.TextField(default="")
    withdrawn_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = link("records.Person", null=True)
    note = models.TextField(default="")

    class Meta:
        """Once a clock and due."""

        db_table = "violation"
        constraints = [
            *walls("violation", ticket_id="ticket", event_id="event", acknowledged_by_id="person"),
            models.UniqueConstraint(
                fields=("tenant", "ticket", "clock", "mark"), name="violation_once"
            ),
            models.CheckConstraint(
                condition=Q(breached_at__gte=F("due_at"), detected_at__gte=F("breached_at")),
                name="violation_in_order",
            ),
            AppendOnly(
                name="violation_for_good",
                but=("withdrawn_at", "acknowledged_at", "acknowledged_by_id", "note"),
            ),
        ]
        indexes = [models.Index(fields=("tenant", "-breached_at"), name="violation_by_time")]


class Restatement(TenantRow):
    """A verdict that was on record and is another one now: which, why, and by which fact."""

    ticket = link("records.Ticket")
    event = link("records.Event")
    clock = models.TextField()
    was = models.TextField()
    now = models.TextField()
    due_was = models.DateTimeField(null=True)
    due_now = models.DateTimeField(null=True)
    reason = models.TextField()
    restated_at = models.DateTimeField()

    class Meta:
        """Never changed."""

        db_table = "restatement"
        constraints = [
            *walls("restatement", ticket_id="ticket", event_id="event"),
            models.UniqueConstraint(fields=("tenant", "event"), name="restatement_once"),
            models.CheckConstraint(
                condition=Q(was__in=VERDICTS, now__in=VERDICTS) & ~Q(was=F("now")),
                name="restatement_changes_a_verdict",
            ),
            AppendOnly(name="restatement_for_good"),
        ]
        indexes = [models.Index(fields=("tenant", "-restated_at"), name="restatement_by_time")]


class Alert(TenantRow):
    """One decision to tell a person about a timer's step over a channel: its key is unique.

    Of the alerts of one step one `counts` for it, so that steps can be counted; `team` is whose
    ticket it was then.
    """

    ticket = link("records.Ticket")
    event = link("records.Event")
    deed = models.TextField()
    clock = models.TextField()
    which = models.TextField()
    mark = models.TextField()
    recipient = link("records.Person", null=True)
    channel = models.TextField()
    planned_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    state = models.TextField()
    critical = models.BooleanField()
    counts = models.BooleanField()
    team = models.TextField(default="")

    class Meta:
        """The same alert is never decided twice."""

        db_table = "alert"
        constraints = [
            *walls("alert", ticket_id="ticket", event_id="event", recipient_id="person"),
            models.UniqueConstraint(
                fields=(
                    *("tenant", "ticket", "deed", "clock", "which", "mark"),
                    *("recipient", "channel"),
                ),
                name="alert_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(state__in=ALERT_STATES), name="alert_state_known"),
            AppendOnly(name="alert_for_good", but=("state",)),
        ]
        indexes = [
            models.Index(
                fields=("tenant", "recipient"), name="alert_for_digest", condition=Q(state="digest")
            ),
            models.Index(
                fields=("tenant", "planned_at"),
                name="alert_by_plan",
                condition=Q(counts=True) & ~Q(deed="alarm"),
                include=("decided_at", "team"),
            ),
        ]
