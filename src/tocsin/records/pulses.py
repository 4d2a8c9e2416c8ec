"""What the pulse keeps of itself. These tables belong to no tenant."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Gate(models.Model):
    """One row: the version of the rules that running code must understand to act.

    `trusted_at` is when an administrator last said that a jump of the database's clock was meant.
    """

    version = models.IntegerField()
    trusted_at = models.DateTimeField(null=True)
    objects: models.Manager["Gate"] = models.Manager()

    class Meta:
        """There is no second row."""

        db_table = "gate"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="gate_is_one")]


class Batch(models.Model):
    """Tickets that a pulse has begun to decide; a row that is left over tells of a death.

    `token` is the advisory lock that the connection which does the work holds while it lives.
    """

    token = models.IntegerField()
    tenant_id = models.BigIntegerField()
    tickets = ArrayField(models.BigIntegerField())
    objects: models.Manager["Batch"] = models.Manager()

    class Meta:
        """Few rows at any time."""

        db_table = "batch"


class Beat(models.Model):
    """The last sign of life of a process, and what it measured."""

    process = models.TextField(primary_key=True)
    kind = models.TextField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    told = models.TextField(default="{}")
    objects: models.Manager["Beat"] = models.Manager()

    class Meta:
        """One row a process."""

        db_table = "beat"
