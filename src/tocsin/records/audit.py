"""The event log: one table for tickets and configuration, written once."""

from django.db import models
from django.db.models import Q

from tocsin.records.tenancy import AppendOnly, TenantRow, Trigger, link, walls

STREAMS = (
    *("ticket", "calendar", "policy", "pipeline", "person", "team", "account", "contact"),
    *("tenant", "outbox", "contract", "hours", "priorities", "options"),
    *("permission set", "field rule", "network rule", "security", "export", "api token"),
    *("identity provider", "sign-in"),
    *("path", "on-call", "template", "responsibilities", "absence", "provider", "installation"),
)


class Event(TenantRow):
    """One fact. `payload` is canonical JSON of facts and ids; free text lies in `EventContent`.

    `stream_seq` counts without gaps within the stream (a ticket, a policy, ...). `key` is the
    idempotency key. `leaf_hash` is SHA-256(0x00 followed by the canonical bytes of the row).
    """

    stream_kind = models.TextField()
    stream_id = models.BigIntegerField()
    stream_seq = models.IntegerField()
    kind = models.TextField()
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    side = models.TextField()
    actor = models.TextField()
    source = models.TextField(default="")
    source_rank = models.SmallIntegerField(default=0)
    source_seq = models.BigIntegerField()
    imported = models.BooleanField(default=False)
    key = models.TextField()
    payload = models.TextField()
    leaf_hash = models.BinaryField()

    class Meta:
        """Append only, gapless in its stream, each key once."""

        db_table = "event"
        constraints = [
            *walls("event"),
            models.UniqueConstraint(
                fields=("tenant", "stream_kind", "stream_id", "stream_seq"), name="event_in_stream"
            ),
            models.UniqueConstraint(fields=("tenant", "key"), name="event_key_once"),
            models.CheckConstraint(condition=Q(stream_kind__in=STREAMS), name="event_stream_known"),
            models.CheckConstraint(
                condition=Q(effective_at__lte=models.F("recorded_at")), name="event_not_of_tomorrow"
            ),
            AppendOnly(name="event_for_good"),
            Trigger(
                name="event_queued",
                when="AFTER INSERT ON @ REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
                run="queue_events",
            ),
        ]


class EventContent(TenantRow):
    """What erasure may delete: free text and personal data of an event, and the salt over them.

    That of a private note is for the members of one team only.
    """

    event = link("records.Event")
    salt = models.BinaryField()
    content = models.TextField()
    private_to = link("records.Team", null=True)

    class Meta:
        """One row an event; it can be deleted and not changed."""

        db_table = "event_content"
        constraints = [
            *walls("event_content", event_id="event", private_to_id="team"),
            models.UniqueConstraint(fields=("tenant", "event"), name="event_content_once"),
            Trigger(
                name="event_content_for_good",
                when="BEFORE UPDATE ON @ FOR EACH ROW",
                run="refuse_change",
            ),
        ]


class Unsequenced(TenantRow):
    """An event that has no place in its tenant's order yet."""

    event = link("records.Event")

    class Meta:
        """Emptied by the sequencer."""

        db_table = "unsequenced"
        constraints = walls("unsequenced", event_id="event")


class Position(TenantRow):
    """The place of an event in its tenant's order, without gaps, in the order of commits."""

    position = models.BigIntegerField()
    event = link("records.Event")

    class Meta:
        """Each place and each event once, for good."""

        db_table = "position"
        constraints = [
            *walls("position", event_id="event"),
            models.UniqueConstraint(fields=("tenant", "position"), name="position_once"),
            models.UniqueConstraint(fields=("tenant", "event"), name="position_of_event_once"),
            AppendOnly(name="position_for_good"),
        ]


class AuditRun(TenantRow):
    """A time that the desk reckoned its own clocks anew: how many, and how many differed."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    by = models.TextField()
    tickets = models.BigIntegerField()
    clocks = models.BigIntegerField()
    violations = models.BigIntegerField()
    differences = models.BigIntegerField()
    sample = models.TextField(default="[]")

    class Meta:
        """Never changed."""

        db_table = "audit_run"
        constraints = [
            *walls("audit_run"),
            models.CheckConstraint(
                condition=Q(finished_at__gte=models.F("started_at")), name="audit_run_in_order"
            ),
            AppendOnly(name="audit_run_for_good"),
        ]
        indexes = [models.Index(fields=("tenant", "-finished_at"), name="audit_run_by_time")]
