"""Tenants: companies that share an installation and never see each other."""

from django.db import models

from tocsin.records import context
from tocsin.records.tenancy import RowSecurity, TenantRow, walls


class Itself(models.Manager["Tenant"]):
    """The first wall around the table of tenants: the one at work sees its own row."""

    def get_queryset(self) -> models.QuerySet["Tenant"]:
        """Return the row of the tenant at work."""
        return super().get_queryset().filter(id=context.current())


class Tenant(models.Model):
    """A company. `config_version` counts every change of its configuration and its people."""

    key = models.SlugField(max_length=63, unique=True)
    name = models.TextField()
    zone = models.TextField(default="UTC")
    language = models.TextField(default="en")
    config_version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()
    objects = Itself()

    class Meta:
        """The policy compares the id itself."""

        db_table = "tenant"
        base_manager_name = "objects"
        constraints = [RowSecurity(name="tenant_itself", column="id")]


class Counter(TenantRow):
    """The last number given in a series of a tenant, such as ticket numbers; gaps are allowed."""

    name = models.TextField()
    last = models.BigIntegerField(default=0)

    class Meta:
        """One row a series."""

        db_table = "counter"
        constraints = [
            *walls("counter"),
            models.UniqueConstraint(fields=("tenant", "name"), name="counter_once"),
        ]
