"""The two walls between tenants, as parts of every table: a filter here, policies there."""

from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement

from tocsin.records import context

_M = TypeVar("_M", bound=models.Model)


class WithinTenant(models.Manager[_M]):
    """The first wall: rows of the tenant at work only, and an error where there is none."""

    def get_queryset(self) -> models.QuerySet[_M]:
        """Return the rows of the tenant at work."""
        return super().get_queryset().filter(tenant_id=context.current())


class TenantRow(models.Model):
    """A row that belongs to a tenant."""

    # No constraint of its own: the policy lets no other tenant in than the one at work, and keys
    # between tables include it. No index of its own: every other one begins with it.
    tenant = models.ForeignKey(
        "records.Tenant",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    objects: ClassVar[models.Manager[Any]] = WithinTenant()

    class Meta:
        """Related objects are looked up behind the filter as well."""

        abstract = True
        base_manager_name = "objects"


class _Sql(models.BaseConstraint):
    """A constraint that is written in SQL of its own; Django's checks need not know it."""

    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)

    def up(self, table: str) -> str:
        """Return the SQL that adds it."""
        raise NotImplementedError

    def down(self, table: str) -> str:
        """Return the SQL that takes it away."""
        raise NotImplementedError

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Leave the judgement to the database."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Have it made after the table: it cannot stand inside CREATE TABLE."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the SQL that adds it to the model's table."""
        assert model is not None
        # A percent sign would be taken for a parameter when the statement is filled in.
        return Statement("%(sql)s", sql=self.up(model._meta.db_table))

    def remove_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Return the SQL that takes it from the model's table."""
        assert model is not None
        return Statement("%(sql)s", sql=self.down(model._meta.db_table))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)


class RowSecurity(_Sql):
    """The second wall: a forced policy that shows rows of one tenant only.

    `column` holds the tenant; in the table of tenants itself that is its id.
    """

    def __init__(self, *, name: str, column: str = "tenant_id") -> None:
        super().__init__(name=name)
        self.column = column

    def deconstruct(self) -> Any:
        """Return path and arguments."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "column": self.column}

    def up(self, table: str) -> str:
        """Return the SQL that turns the policy on, for owners of the table as well."""
        return (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
            f" CREATE POLICY {self.name} ON {table} USING ({self.column} = current_tenant())"
            f" WITH CHECK ({self.column} = current_tenant())"
        )

    def down(self, table: str) -> str:
        """Return the SQL that turns it off."""
        return (
            f"DROP POLICY {self.name} ON {table};"
            f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
            f" ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        )


def _key(table: str) -> str:
    return f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_in_tenant ON {table} (tenant_id, id)"


class TenantKey(_Sql):
    """What keys that include the tenant point at."""

    def up(self, table: str) -> str:
        """Return the SQL that makes it, unless a key that points here came first."""
        return _key(table)

    def down(self, table: str) -> str:
        """Return the SQL that drops it."""
        return f"DROP INDEX {table}_in_tenant"


class SameTenant(_Sql):
    """A foreign key that includes the tenant: no row can point into another one's world."""

    def __init__(self, *, name: str, column: str, to: str) -> None:
        super().__init__(name=name)
        self.column, self.to = column, to

    def deconstruct(self) -> Any:
        """Return path and arguments."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "column": self.column, "to": self.to}

    def up(self, table: str) -> str:
        """Return the SQL that adds the key; it is checked at COMMIT."""
        return (
            f"{_key(self.to)};"
            f" ALTER TABLE {table} ADD CONSTRAINT {self.name}"
            f" FOREIGN KEY (tenant_id, {self.column})"
            f" REFERENCES {self.to} (tenant_id, id) DEFERRABLE INITIALLY DEFERRED"
        )

    def down(self, table: str) -> str:
        """Return the SQL that drops it."""
        return f"ALTER TABLE {table} DROP CONSTRAINT {self.name}"


class AppendOnly(_Sql):
    """Rows are written once. Only the columns in `but` may change later; nothing is deleted."""

    def __init__(self, *, name: str, but: tuple[str, ...] = ()) -> None:
        super().__init__(name=name)
        self.but = tuple(but)

    def deconstruct(self) -> Any:
        """Return path and arguments."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "but": self.but}

    def up(self, table: str) -> str:
        """Return the SQL of the triggers, and of the rights that go."""
        listed = ", ".join(f"'{column}'" for column in self.but)
        rights = "DELETE, TRUNCATE" if self.but else "UPDATE, DELETE, TRUNCATE"
        return (
            f"CREATE TRIGGER {self.name} BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION refuse_change({listed});"
            f" CREATE TRIGGER {self.name}_all BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            f" REVOKE {rights} ON {table} FROM tocsin_app, tocsin_pulse, tocsin_worker"
        )

    def down(self, table: str) -> str:
        """Return the SQL that drops the triggers."""
        return f"DROP TRIGGER {self.name} ON {table}; DROP TRIGGER {self.name}_all ON {table}"


class Trigger(_Sql):
    """A trigger that runs a function of `sql/ground.sql`; `@` in `when` stands for the table."""

    def __init__(self, *, name: str, when: str, run: str) -> None:
        super().__init__(name=name)
        self.when, self.run = when, run

    def deconstruct(self) -> Any:
        """Return path and arguments."""
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "when": self.when, "run": self.run}

    def up(self, table: str) -> str:
        """Return the SQL that adds the trigger."""
        when = self.when.replace("@", table)
        return f"CREATE TRIGGER {self.name} {when} EXECUTE FUNCTION {self.run}()"

    def down(self, table: str) -> str:
        """Return the SQL that drops it."""
        return f"DROP TRIGGER {self.name} ON {table}"


def walls(table: str, **points_to: str) -> list[models.BaseConstraint]:
    """Return what every table of a tenant has: the policy, and keys that include the tenant.

    `points_to` names the columns that are foreign keys, and the tables they point into.
    """
    keys: list[models.BaseConstraint] = [
        SameTenant(name=f"{table}_{column}_in_tenant", column=column, to=to)
        for column, to in points_to.items()
    ]
    return [
        RowSecurity(name=f"{table}_of_tenant"),
        TenantKey(name=f"{table}_in_tenant"),
        *keys,
    ]


def link(to: str, *, null: bool = False) -> Any:
    """Return a foreign key whose constraint is the one that `walls` makes."""
    return models.ForeignKey(
        to,
        on_delete=models.PROTECT,
        related_name="+",
        null=null,
        blank=null,
        db_constraint=False,
        db_index=False,
    )
