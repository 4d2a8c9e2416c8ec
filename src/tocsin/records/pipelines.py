"""Pipelines: the ways that tickets go, stage by stage."""

from django.db import models

from tocsin.records.tenancy import AppendOnly, TenantRow, link, walls
from tocsin.records.tickets import STATUSES


class Pipeline(TenantRow):
    """A process as a row of stages; `version` is the one in use."""

    key = models.TextField()
    name = models.TextField()
    version = models.IntegerField(default=1)

    class Meta:
        """One key once."""

        db_table = "pipeline"
        constraints = [
            *walls("pipeline"),
            models.UniqueConstraint(fields=("tenant", "key"), name="pipeline_key_once"),
        ]


class PipelineVersion(TenantRow):
    """A pipeline as it was set up at some time, for good. `data` is canonical JSON."""

    pipeline = link("records.Pipeline")
    version = models.IntegerField()
    data = models.TextField()
    valid_from = models.DateTimeField()

    class Meta:
        """Never changed."""

        db_table = "pipeline_version"
        constraints = [
            *walls("pipeline_version", pipeline_id="pipeline"),
            models.UniqueConstraint(
                fields=("tenant", "pipeline", "version"), name="pipeline_version_once"
            ),
            AppendOnly(name="pipeline_version_for_good"),
        ]


class Stage(TenantRow):
    """A stage of a pipeline in use; every stage belongs to one status."""

    pipeline = link("records.Pipeline")
    key = models.TextField()
    name = models.TextField()
    status = models.TextField()
    position = models.SmallIntegerField()
    limit_text = models.TextField(default="")
    active = models.BooleanField(default=True)

    class Meta:
        """One key once in a pipeline."""

        db_table = "stage"
        constraints = [
            *walls("stage", pipeline_id="pipeline"),
            models.UniqueConstraint(fields=("tenant", "pipeline", "key"), name="stage_key_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=STATUSES), name="stage_status_known"
            ),
        ]
