"""Configuration beside calendars, policies and pipelines: in versions too, and drafts of all."""

from django.db import models
from django.db.models import Q

from tocsin.records.tenancy import AppendOnly, TenantRow, link, walls

# What a draft may be of; those after the first three are kept as `ConfigVersion`.
KINDS = (
    *("calendar", "policy", "pipeline", "contract", "hours", "priorities", "options"),
    *("path", "on-call", "template", "responsibilities"),
)
OTHERS = KINDS[3:]


class ConfigVersion(TenantRow):
    """A version of a thing that has no table of its own, for good. `data` is canonical JSON.

    contract: what an account was promised, and from when until when; hours: the calendar of an
    account, a team or a person; priorities: impact × urgency; options: what holds for the tenant;
    path: an escalation path with triggers of its own; on-call: a schedule of who is on call;
    template: the words of a message; responsibilities: for each type of ticket the first contact,
    the backup and the team.
    """

    kind = models.TextField()
    key = models.TextField()
    version = models.IntegerField()
    data = models.TextField()
    valid_from = models.DateTimeField()
    digest = models.TextField()

    class Meta:
        """Never changed."""

        db_table = "config_version"
        constraints = [
            *walls("config_version"),
            models.UniqueConstraint(
                fields=("tenant", "kind", "key", "version"), name="config_version_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=OTHERS), name="config_version_kind_known"),
            AppendOnly(name="config_version_for_good"),
        ]


class Draft(TenantRow):
    """A change of the configuration that somebody is writing. It holds nowhere until activated.

    `data` is what was typed, as JSON, mistakes included; `base` the version that it began from, 0
    for something new.
    """

    kind = models.TextField()
    key = models.TextField()
    data = models.TextField()
    base = models.IntegerField()
    author = link("records.Person", null=True)
    changed_at = models.DateTimeField()

    class Meta:
        """One draft of a thing."""

        db_table = "draft"
        constraints = [
            *walls("draft", author_id="person"),
            models.UniqueConstraint(fields=("tenant", "kind", "key"), name="draft_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="draft_kind_known"),
        ]
