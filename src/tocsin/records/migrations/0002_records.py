"""All tables."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import tocsin.records.tenancy
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("records", "0001_ground"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.IntegerField()),
                ("tenant_id", models.BigIntegerField()),
                (
                    "tickets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
            ],
            options={
                "db_table": "batch",
            },
        ),
        migrations.CreateModel(
            name="Beat",
            fields=[
                ("process", models.TextField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("started_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField()),
                ("told", models.TextField(default="{}")),
            ],
            options={
                "db_table": "beat",
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stream_kind", models.TextField()),
                ("stream_id", models.BigIntegerField()),
                ("stream_seq", models.IntegerField()),
                ("kind", models.TextField()),
                ("effective_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("side", models.TextField()),
                ("actor", models.TextField()),
                ("source", models.TextField(default="")),
                ("source_rank", models.SmallIntegerField(default=0)),
                ("source_seq", models.BigIntegerField()),
                ("imported", models.BooleanField(default=False)),
                ("key", models.TextField()),
                ("payload", models.TextField()),
                ("leaf_hash", models.BinaryField()),
            ],
            options={
                "db_table": "event",
                "constraints": [
                    tocsin.records.tenancy.TenantKey(name="event_in_tenant"),
                    models.CheckConstraint(
                        condition=models.Q(("effective_at__lte", models.F("recorded_at"))),
                        name="event_not_of_tomorrow",
                    ),
                    tocsin.records.tenancy.AppendOnly(but=(), name="event_for_good"),
                    tocsin.records.tenancy.Trigger(
                        name="event_queued",
                        run="queue_events",
                        when="AFTER INSERT ON @ REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pipeline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("name", models.TextField()),
                ("version", models.IntegerField(default=1)),
            ],
            options={
                "db_table": "pipeline",
                "constraints": [tocsin.records.tenancy.TenantKey(name="pipeline_in_tenant")],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("email", models.TextField()),
                ("email_key", models.TextField()),
                ("name", models.TextField()),
                ("role", models.TextField(default="agent")),
                ("level", models.SmallIntegerField(default=1)),
                ("is_active", models.BooleanField(default=True)),
                ("language", models.TextField(default="en")),
                ("zone", models.TextField(default="UTC")),
                ("quiet_from", models.TextField(db_default="", default="")),
                ("quiet_until", models.TextField(db_default="", default="")),
                ("external_id", models.TextField(db_default="", default="")),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "person",
                "base_manager_name": "objects",
                "constraints": [
                    tocsin.records.tenancy.TenantKey(name="person_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="manager_id", name="person_manager_id_in_tenant", to="person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                ("agent", "lead", "manager", "administrator", "auditor", "limited"),
                            )
                        ),
                        name="person_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__gte", 1), ("level__lte", 9)),
                        name="person_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("manager", models.F("id")), _negated=True),
                        name="person_not_own_manager",
                    ),
                    tocsin.records.tenancy.Trigger(
                        name="person_manager_tree",
                        run="refuse_manager_circle",
                        when="AFTER INSERT OR UPDATE OF manager_id ON @ FOR EACH ROW",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("name", models.TextField()),
                ("plan", models.TextField(default="")),
                ("vip", models.BooleanField(default=False)),
                ("high_value", models.BooleanField(default=False)),
                (
                    "account_manager",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "account",
                "constraints": [
                    tocsin.records.tenancy.TenantKey(name="account_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="account_manager_id",
                        name="account_account_manager_id_in_tenant",
                        to="person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Gate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.IntegerField()),
                ("trusted_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "gate",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="gate_is_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="Tenant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=63, unique=True)),
                ("name", models.TextField()),
                ("zone", models.TextField(default="UTC")),
                ("language", models.TextField(default="en")),
                ("config_version", models.BigIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "tenant",
                "base_manager_name": "objects",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="id", name="tenant_itself")
                ],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("name", models.TextField()),
                ("level", models.SmallIntegerField(default=1)),
                ("external_id", models.TextField(db_default="", default="")),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "team",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="tenant_id", name="team_of_tenant"),
                    tocsin.records.tenancy.TenantKey(name="team_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="lead_id", name="team_lead_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="manager_id", name="team_manager_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(fields=("tenant", "key"), name="team_key_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("name", models.TextField()),
                ("status", models.TextField()),
                ("position", models.SmallIntegerField()),
                ("limit_text", models.TextField(default="")),
                ("active", models.BooleanField(default=True)),
                (
                    "pipeline",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.pipeline",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "stage",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="tenant_id", name="stage_of_tenant"),
                    tocsin.records.tenancy.TenantKey(name="stage_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="pipeline_id", name="stage_pipeline_id_in_tenant", to="pipeline"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "pipeline", "key"), name="stage_key_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                (
                                    "new",
                                    "open",
                                    "waiting customer",
                                    "waiting internal",
                                    "resolved",
                                    "closed",
                                    "spam",
                                    "merged",
                                ),
                            )
                        ),
                        name="stage_status_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("session_key", models.TextField()),
                ("means", models.TextField()),
                ("address", models.TextField(default="")),
                ("agent", models.TextField(default="")),
                ("begun_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("proved_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.TextField(db_default="", default="")),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "sign_in",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["tenant", "person"],
                        name="sign_in_running",
                    )
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="sign_in_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="sign_in_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="sign_in_person_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(fields=("tenant", "session_key"), name="sign_in_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Security",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("read_budget", models.IntegerField(db_default=300, default=300)),
                ("export_approval", models.BooleanField(db_default=False, default=False)),
                ("second_factor", models.TextField(db_default="[]", default="[]")),
                ("session_hours", models.SmallIntegerField(db_default=12, default=12)),
                ("idle_minutes", models.SmallIntegerField(db_default=120, default=120)),
                ("passwords", models.BooleanField(db_default=True, default=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "security",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="security_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="security_in_tenant"),
                    models.UniqueConstraint(fields=("tenant",), name="security_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("idle_minutes__gte", 5),
                            ("read_budget__gte", 10),
                            ("session_hours__gte", 1),
                        ),
                        name="security_within_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField()),
                ("object", models.BigIntegerField()),
                ("wake_at", models.DateTimeField()),
                ("planned_for", models.DateTimeField()),
                ("held_until", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "schedule",
                "indexes": [
                    models.Index(
                        django.db.models.functions.comparison.Greatest("wake_at", "held_until"),
                        name="schedule_wakes",
                    )
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="schedule_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="schedule_in_tenant"),
                    models.UniqueConstraint(
                        fields=("tenant", "kind", "object"), name="schedule_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wake_at__gte", models.F("planned_for"))),
                        name="schedule_not_before_its_plan",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.TextField()),
                ("name", models.TextField()),
                ("settings", models.TextField(default="{}")),
                ("secret", models.TextField(default="")),
                ("enabled", models.BooleanField(default=True)),
                ("position", models.SmallIntegerField(default=0)),
                ("changed_at", models.DateTimeField()),
                ("tested_at", models.DateTimeField(null=True)),
                ("told", models.TextField(default="")),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "provider",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="provider_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="provider_in_tenant"),
                    models.UniqueConstraint(
                        fields=("tenant", "channel", "name"), name="provider_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.BigIntegerField()),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.event",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "position",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="position_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="position_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="event_id", name="position_event_id_in_tenant", to="event"
                    ),
                    models.UniqueConstraint(fields=("tenant", "position"), name="position_once"),
                    models.UniqueConstraint(
                        fields=("tenant", "event"), name="position_of_event_once"
                    ),
                    tocsin.records.tenancy.AppendOnly(but=(), name="position_for_good"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("version", models.IntegerField()),
                ("rank", models.IntegerField()),
                ("data", models.TextField()),
                ("valid_from", models.DateTimeField(null=True)),
                ("valid_until", models.DateTimeField(null=True)),
                ("digest", models.TextField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "policy_version",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="policy_version_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="policy_version_in_tenant"),
                    models.UniqueConstraint(
                        fields=("tenant", "key", "version"), name="policy_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None),
                            ("valid_from", None),
                            ("valid_until__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="policy_ends_after_it_begins",
                    ),
                    tocsin.records.tenancy.AppendOnly(but=(), name="policy_version_for_good"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PipelineVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.IntegerField()),
                ("data", models.TextField()),
                ("valid_from", models.DateTimeField()),
                (
                    "pipeline",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.pipeline",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "pipeline_version",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="pipeline_version_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="pipeline_version_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="pipeline_id",
                        name="pipeline_version_pipeline_id_in_tenant",
                        to="pipeline",
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "pipeline", "version"), name="pipeline_version_once"
                    ),
                    tocsin.records.tenancy.AppendOnly(but=(), name="pipeline_version_for_good"),
                ],
            },
        ),
        migrations.AddField(
            model_name="pipeline",
            name="tenant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.tenant",
            ),
        ),
        migrations.CreateModel(
            name="PermissionSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("name", models.TextField()),
                ("rights", models.TextField(default="[]")),
                ("reach", models.TextField(default="all")),
                ("teams", models.TextField(default="[]")),
                ("types", models.TextField(default="[]")),
                ("changed_at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "permission_set",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="permission_set_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="permission_set_in_tenant"),
                    models.UniqueConstraint(fields=("tenant", "key"), name="permission_set_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reach__in", ("all", "own", "teams"))),
                        name="permission_set_reach_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PermissionGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("granted_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "permission_set",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.permissionset",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "permission_grant",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="permission_grant_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="permission_grant_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="permission_grant_person_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="permission_set_id",
                        name="permission_grant_permission_set_id_in_tenant",
                        to="permission_set",
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "person", "permission_set"), name="permission_grant_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.TextField()),
                ("key", models.TextField()),
                ("address", models.TextField(db_default="", default="")),
                ("parts", models.TextField()),
                ("urgent", models.BooleanField()),
                ("state", models.TextField(default="pending")),
                ("created_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                ("attempts", models.SmallIntegerField(default=0)),
                ("maybe_sent", models.BooleanField(default=False)),
                ("lease_token", models.UUIDField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("told", models.TextField(default="")),
                ("reference", models.TextField(db_default="", default="")),
                ("delivered_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.provider",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "outbox",
                "indexes": [
                    models.Index(
                        django.db.models.functions.comparison.Greatest("next_at", "lease_until"),
                        condition=models.Q(("state__in", ("pending", "sending"))),
                        name="outbox_ready",
                    ),
                    models.Index(
                        condition=models.Q(("reference", ""), _negated=True),
                        fields=["tenant", "reference"],
                        name="outbox_by_reference",
                    ),
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="tenant_id", name="outbox_of_tenant"),
                    tocsin.records.tenancy.TenantKey(name="outbox_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="outbox_person_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="provider_id", name="outbox_provider_id_in_tenant", to="provider"
                    ),
                    models.UniqueConstraint(fields=("tenant", "key"), name="outbox_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ("pending", "sending", "sent", "unsure", "dead", "cancelled"),
                            )
                        ),
                        name="outbox_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lease_token__isnull", False),
                                ("lease_until__isnull", False),
                                ("state", "sending"),
                            ),
                            models.Q(
                                models.Q(("state", "sending"), _negated=True),
                                ("lease_token", None),
                                ("lease_until", None),
                            ),
                            _connector="OR",
                        ),
                        name="outbox_lease_while_sending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True),
                            ("sent_at__isnull", False),
                            _connector="OR",
                        ),
                        name="outbox_sent_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OneTimeLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.TextField()),
                ("token_hash", models.BinaryField()),
                ("about", models.TextField(db_default="", default="")),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "one_time_link",
                "indexes": [
                    models.Index(fields=["tenant", "person"], name="one_time_link_of_person")
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="one_time_link_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="one_time_link_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="one_time_link_person_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "token_hash"), name="one_time_link_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ("invitation", "password", "email"))),
                        name="one_time_link_purpose_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="one_time_link_expires",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OnCallOverride",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("schedule", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "on_call_override",
                "indexes": [
                    models.Index(
                        fields=["tenant", "schedule", "ends_at"], name="on_call_override_by_time"
                    )
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="on_call_override_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="on_call_override_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="on_call_override_person_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="author_id", name="on_call_override_author_id_in_tenant", to="person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="on_call_override_has_a_length",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("holder", models.TextField()),
                ("network", models.TextField()),
                ("changed_at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "network_rule",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="network_rule_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="network_rule_in_tenant"),
                    models.UniqueConstraint(
                        fields=("tenant", "holder", "network"), name="network_rule_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.team",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "membership",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="membership_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="membership_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="team_id", name="membership_team_id_in_tenant", to="team"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="membership_person_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "team", "person"), name="membership_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityProvider",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=63)),
                ("name", models.TextField()),
                ("kind", models.TextField()),
                ("settings", models.TextField(default="{}")),
                ("secret", models.TextField(default="")),
                ("groups", models.TextField(default="{}")),
                ("enabled", models.BooleanField(default=True)),
                ("by_email", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "identity_provider",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="identity_provider_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="identity_provider_in_tenant"),
                    models.UniqueConstraint(
                        fields=("tenant", "key"), name="identity_provider_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("oidc", "saml"))),
                        name="identity_provider_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FieldRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("readers", models.TextField(default="[]")),
                ("writers", models.TextField(default="[]")),
                ("changed_at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "field_rule",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="field_rule_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="field_rule_in_tenant"),
                    models.UniqueConstraint(fields=("tenant", "name"), name="field_rule_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.TextField()),
                ("query", models.TextField(default="")),
                ("reason", models.TextField(default="")),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("approved", models.BooleanField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("rows", models.IntegerField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "export",
                "indexes": [models.Index(fields=["tenant", "-asked_at"], name="export_by_time")],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="tenant_id", name="export_of_tenant"),
                    tocsin.records.tenancy.TenantKey(name="export_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="export_person_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="decided_by_id", name="export_decided_by_id_in_tenant", to="person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("person")), _negated=True),
                            _connector="OR",
                        ),
                        name="export_by_a_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("approved", None), ("decided_at", None), ("decided_by", None)
                            ),
                            models.Q(
                                ("approved__isnull", False),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="export_decided_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EventContent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("salt", models.BinaryField()),
                ("content", models.TextField()),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.event",
                    ),
                ),
                (
                    "private_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.team",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "event_content",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="event_content_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="event_content_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="event_id", name="event_content_event_id_in_tenant", to="event"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="private_to_id",
                        name="event_content_private_to_id_in_tenant",
                        to="team",
                    ),
                    models.UniqueConstraint(fields=("tenant", "event"), name="event_content_once"),
                    tocsin.records.tenancy.Trigger(
                        name="event_content_for_good",
                        run="refuse_change",
                        when="BEFORE UPDATE ON @ FOR EACH ROW",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="event",
            name="tenant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.tenant",
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField()),
                ("key", models.TextField()),
                ("data", models.TextField()),
                ("base", models.IntegerField()),
                ("changed_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "draft",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="tenant_id", name="draft_of_tenant"),
                    tocsin.records.tenancy.TenantKey(name="draft_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="author_id", name="draft_author_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(fields=("tenant", "kind", "key"), name="draft_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                (
                                    "calendar",
                                    "policy",
                                    "pipeline",
                                    "contract",
                                    "hours",
                                    "priorities",
                                    "options",
                                    "path",
                                    "on-call",
                                    "template",
                                    "responsibilities",
                                ),
                            )
                        ),
                        name="draft_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempt", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
                ("outcome", models.TextField()),
                ("told", models.TextField(default="")),
                (
                    "outbox",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.outbox",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "delivery_attempt",
                "indexes": [
                    models.Index(fields=["tenant", "outbox"], name="delivery_attempt_of_message"),
                    models.Index(fields=["tenant", "-at"], name="delivery_attempt_by_time"),
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="delivery_attempt_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="delivery_attempt_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="outbox_id", name="delivery_attempt_outbox_id_in_tenant", to="outbox"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ("sent", "failed", "refused", "unsure"))
                        ),
                        name="delivery_attempt_outcome_known",
                    ),
                    tocsin.records.tenancy.AppendOnly(but=(), name="delivery_attempt_for_good"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("last", models.BigIntegerField(default=0)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "counter",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="counter_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="counter_in_tenant"),
                    models.UniqueConstraint(fields=("tenant", "name"), name="counter_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactMethod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.TextField()),
                ("address", models.TextField()),
                ("position", models.SmallIntegerField(default=0)),
                ("critical_only", models.BooleanField(default=True)),
                ("added_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "contact_method",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="contact_method_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="contact_method_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="contact_method_person_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "person", "channel", "address"),
                        name="contact_method_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("address", ""), _negated=True),
                        name="contact_method_has_address",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("email", models.TextField(default="")),
                ("email_key", models.TextField(default="")),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.account",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "contact",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="contact_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="contact_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="account_id", name="contact_account_id_in_tenant", to="account"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("email_key", ""), _negated=True),
                        fields=("tenant", "email_key"),
                        name="contact_email_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConfigVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField()),
                ("key", models.TextField()),
                ("version", models.IntegerField()),
                ("data", models.TextField()),
                ("valid_from", models.DateTimeField()),
                ("digest", models.TextField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "config_version",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="config_version_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="config_version_in_tenant"),
                    models.UniqueConstraint(
                        fields=("tenant", "kind", "key", "version"), name="config_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                (
                                    "contract",
                                    "hours",
                                    "priorities",
                                    "options",
                                    "path",
                                    "on-call",
                                    "template",
                                    "responsibilities",
                                ),
                            )
                        ),
                        name="config_version_kind_known",
                    ),
                    tocsin.records.tenancy.AppendOnly(but=(), name="config_version_for_good"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("version", models.IntegerField()),
                ("data", models.TextField()),
                ("valid_from", models.DateTimeField(null=True)),
                ("digest", models.TextField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "calendar_version",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="calendar_version_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="calendar_version_in_tenant"),
                    models.UniqueConstraint(
                        fields=("tenant", "key", "version"), name="calendar_once"
                    ),
                    tocsin.records.tenancy.AppendOnly(but=(), name="calendar_version_for_good"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField()),
                ("by", models.TextField()),
                ("tickets", models.BigIntegerField()),
                ("clocks", models.BigIntegerField()),
                ("violations", models.BigIntegerField()),
                ("differences", models.BigIntegerField()),
                ("sample", models.TextField(default="[]")),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "audit_run",
                "indexes": [
                    models.Index(fields=["tenant", "-finished_at"], name="audit_run_by_time")
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="audit_run_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="audit_run_in_tenant"),
                    models.CheckConstraint(
                        condition=models.Q(("finished_at__gte", models.F("started_at"))),
                        name="audit_run_in_order",
                    ),
                    tocsin.records.tenancy.AppendOnly(but=(), name="audit_run_for_good"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("prefix", models.TextField()),
                ("token_hash", models.BinaryField()),
                ("scopes", models.TextField(default="[]")),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "api_token",
                "indexes": [models.Index(fields=["tenant", "person"], name="api_token_of_person")],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="api_token_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="api_token_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="api_token_person_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="made_by_id", name="api_token_made_by_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(fields=("tenant", "prefix"), name="api_token_once"),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="api_token_expires",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="account",
            name="tenant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.tenant",
            ),
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("note", models.TextField(default="")),
                ("made_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "absence",
                "indexes": [
                    models.Index(fields=["tenant", "person", "ends_at"], name="absence_by_time")
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="absence_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="absence_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="absence_person_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="substitute_id", name="absence_substitute_id_in_tenant", to="person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="absence_has_a_length",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("substitute", None),
                            models.Q(("substitute", models.F("person")), _negated=True),
                            _connector="OR",
                        ),
                        name="absence_substitute_is_another",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="person",
            name="tenant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.tenant",
            ),
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("status", models.TextField()),
                ("priority", models.TextField(default="")),
                ("type", models.TextField(default="")),
                ("channel", models.TextField(default="")),
                ("subject", models.TextField(default="")),
                ("opened_at", models.DateTimeField()),
                ("last_seq", models.IntegerField()),
                ("last_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("warn_at", models.DateTimeField(null=True)),
                ("respond_at", models.DateTimeField(null=True)),
                ("respond_warn_at", models.DateTimeField(null=True)),
                ("escalates_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("rank_at", models.DateTimeField()),
                ("reasons", models.TextField(default="[]")),
                (
                    "traits",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.Case(
                                            models.When(
                                                status="waiting customer", then=models.Value(1)
                                            ),
                                            default=models.Value(0),
                                        ),
                                        "+",
                                        models.Case(
                                            models.When(
                                                status="waiting internal", then=models.Value(2)
                                            ),
                                            default=models.Value(0),
                                        ),
                                    ),
                                    "+",
                                    models.Case(
                                        models.When(
                                            priority__in=("P1", "P2"), then=models.Value(4)
                                        ),
                                        default=models.Value(0),
                                    ),
                                ),
                                "+",
                                models.Case(
                                    models.When(assignee__isnull=True, then=models.Value(8)),
                                    default=models.Value(0),
                                ),
                            ),
                            "+",
                            models.Case(
                                models.When(respond_at__isnull=False, then=models.Value(16)),
                                default=models.Value(0),
                            ),
                        ),
                        output_field=models.SmallIntegerField(),
                    ),
                ),
                ("wake_at", models.DateTimeField(null=True)),
                ("held_until", models.DateTimeField(null=True)),
                ("held_reason", models.TextField(default="")),
                ("attempts", models.SmallIntegerField(default=0)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.account",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.contact",
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.pipeline",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.stage",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.team",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "ticket",
                "indexes": [
                    models.Index(
                        django.db.models.functions.comparison.Greatest("wake_at", "held_until"),
                        condition=models.Q(("wake_at__isnull", False)),
                        name="ticket_wakes",
                    ),
                    models.Index(
                        models.F("tenant"),
                        django.db.models.functions.comparison.Greatest("wake_at", "held_until"),
                        condition=models.Q(("wake_at__isnull", False)),
                        name="ticket_wakes_in_tenant",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal"))
                        ),
                        fields=["tenant", "rank_at", "id"],
                        include=(
                            "status",
                            "priority",
                            "type",
                            "stage",
                            "team",
                            "assignee",
                            "account",
                            "due_at",
                            "warn_at",
                            "respond_at",
                            "escalates_at",
                        ),
                        name="ticket_by_rank",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal"))
                        ),
                        fields=["tenant", "stage", "rank_at", "id"],
                        include=("due_at",),
                        name="ticket_by_stage",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal"))
                        ),
                        fields=["tenant", "status", "rank_at", "id"],
                        name="ticket_by_status",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal"))
                        ),
                        fields=["tenant", "assignee", "rank_at", "id"],
                        name="ticket_by_assignee",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal"))
                        ),
                        fields=["tenant", "team", "traits"],
                        name="ticket_by_traits",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal"))
                        ),
                        fields=["tenant", "due_at"],
                        include=("team", "traits", "rank_at", "id"),
                        name="ticket_by_due",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal"))
                        ),
                        fields=["tenant", "warn_at"],
                        include=("team", "due_at", "rank_at", "id"),
                        name="ticket_by_risk",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal")),
                            ("escalates_at__isnull", False),
                        ),
                        fields=["tenant", "escalates_at"],
                        include=("team", "due_at", "rank_at", "id"),
                        name="ticket_by_escalation",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal")),
                            ("respond_at__isnull", False),
                        ),
                        fields=["tenant", "respond_at"],
                        include=("team",),
                        name="ticket_by_response",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ("new", "open", "waiting customer", "waiting internal")),
                            ("respond_at__isnull", False),
                        ),
                        fields=["tenant", "respond_warn_at"],
                        include=("team",),
                        name="ticket_by_response_risk",
                    ),
                    models.Index(
                        fields=["tenant", "opened_at", "id"],
                        include=("team",),
                        name="ticket_by_age",
                    ),
                    models.Index(
                        condition=models.Q(("done_at__isnull", False)),
                        fields=["tenant", "done_at", "id"],
                        name="ticket_by_end",
                    ),
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="tenant_id", name="ticket_of_tenant"),
                    tocsin.records.tenancy.TenantKey(name="ticket_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="pipeline_id", name="ticket_pipeline_id_in_tenant", to="pipeline"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="stage_id", name="ticket_stage_id_in_tenant", to="stage"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="account_id", name="ticket_account_id_in_tenant", to="account"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="contact_id", name="ticket_contact_id_in_tenant", to="contact"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="team_id", name="ticket_team_id_in_tenant", to="team"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="assignee_id", name="ticket_assignee_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="merged_into_id", name="ticket_merged_into_id_in_tenant", to="ticket"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="follows_id", name="ticket_follows_id_in_tenant", to="ticket"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(
                                ("status", "merged"),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ticket_merged_into_another",
                    ),
                    models.UniqueConstraint(fields=("tenant", "number"), name="ticket_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                (
                                    "new",
                                    "open",
                                    "waiting customer",
                                    "waiting internal",
                                    "resolved",
                                    "closed",
                                    "spam",
                                    "merged",
                                ),
                            )
                        ),
                        name="ticket_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_seq__gt", 0), ("number__gt", 0)),
                        name="ticket_has_events",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("wake_at", None),
                            ("wake_at__gt", models.F("decided_at")),
                            _connector="OR",
                        ),
                        name="ticket_wakes_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("held_until", None),
                            models.Q(("held_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="ticket_hold_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("done_at__isnull", False), ("status__in", ("resolved", "closed"))
                            ),
                            models.Q(
                                models.Q(("status__in", ("resolved", "closed")), _negated=True),
                                ("done_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="ticket_done_at_an_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("respond_at", None),
                            models.Q(
                                ("due_at__isnull", False), ("due_at__lte", models.F("respond_at"))
                            ),
                            _connector="OR",
                        ),
                        name="ticket_due_is_the_earliest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at", None), ("warn_at", None)),
                            models.Q(("due_at__isnull", False), ("warn_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="ticket_risk_of_a_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("respond_at", None), ("respond_warn_at", None)),
                            models.Q(
                                ("respond_at__isnull", False),
                                ("respond_warn_at__gte", models.F("warn_at")),
                                ("respond_warn_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ticket_risk_of_a_response",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Snooze",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "snooze",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="tenant_id", name="snooze_of_tenant"),
                    tocsin.records.tenancy.TenantKey(name="snooze_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="snooze_ticket_id_in_tenant", to="ticket"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="snooze_person_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "ticket", "person"), name="snooze_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "search_text",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["words"], name="search_text_words"
                    )
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="search_text_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="search_text_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="search_text_ticket_id_in_tenant", to="ticket"
                    ),
                    models.UniqueConstraint(fields=("tenant", "ticket"), name="search_text_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Restatement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("clock", models.TextField()),
                ("was", models.TextField()),
                ("now", models.TextField()),
                ("due_was", models.DateTimeField(null=True)),
                ("due_now", models.DateTimeField(null=True)),
                ("reason", models.TextField()),
                ("restated_at", models.DateTimeField()),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.event",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "restatement",
                "indexes": [
                    models.Index(fields=["tenant", "-restated_at"], name="restatement_by_time")
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="restatement_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="restatement_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="restatement_ticket_id_in_tenant", to="ticket"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="event_id", name="restatement_event_id_in_tenant", to="event"
                    ),
                    models.UniqueConstraint(fields=("tenant", "event"), name="restatement_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("now__in", ("met", "breached", "open", "none")),
                            ("was__in", ("met", "breached", "open", "none")),
                            models.Q(("was", models.F("now")), _negated=True),
                        ),
                        name="restatement_changes_a_verdict",
                    ),
                    tocsin.records.tenancy.AppendOnly(but=(), name="restatement_for_good"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("read_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "read_mark",
                "indexes": [
                    models.Index(fields=["tenant", "person", "read_at"], name="read_mark_by_time")
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="read_mark_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="read_mark_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="read_mark_person_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="read_mark_ticket_id_in_tenant", to="ticket"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "person", "ticket"), name="read_mark_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "participant",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="participant_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="participant_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="participant_ticket_id_in_tenant", to="ticket"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="participant_person_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "ticket", "person"), name="participant_once"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="outbox",
            name="ticket",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.ticket",
            ),
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("parts", models.TextField()),
                ("critical", models.BooleanField()),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "notification",
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at", None)),
                        fields=["tenant", "person", "-id"],
                        name="notification_unread",
                    )
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="notification_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="notification_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="notification_person_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="notification_ticket_id_in_tenant", to="ticket"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "person", "key"), name="notification_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("side", models.TextField()),
                ("public", models.BooleanField()),
                ("body", models.TextField()),
                ("said_at", models.DateTimeField()),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.contact",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.event",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "private_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.team",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "message",
                "indexes": [
                    models.Index(fields=["tenant", "ticket", "id"], name="message_by_ticket")
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="message_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="message_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="message_ticket_id_in_tenant", to="ticket"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="event_id", name="message_event_id_in_tenant", to="event"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="person_id", name="message_person_id_in_tenant", to="person"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="contact_id", name="message_contact_id_in_tenant", to="contact"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="private_to_id", name="message_private_to_id_in_tenant", to="team"
                    ),
                    models.UniqueConstraint(fields=("tenant", "event"), name="message_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Imported",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.TextField()),
                ("external_id", models.TextField()),
                ("met", models.BooleanField(null=True)),
                ("imported_at", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "imported",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="imported_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="imported_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="imported_ticket_id_in_tenant", to="ticket"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "source", "external_id"), name="imported_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("path", models.TextField()),
                ("path_version", models.IntegerField()),
                ("trigger", models.TextField()),
                ("reason", models.TextField(default="")),
                ("clock", models.TextField(default="")),
                ("begun_at", models.DateTimeField()),
                ("level", models.TextField(default="")),
                ("next_at", models.DateTimeField(null=True)),
                ("next_step", models.TextField(default="")),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("acknowledged_by", models.TextField(default="")),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended", models.TextField(default="")),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "escalation",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["tenant", "next_at"],
                        name="escalation_running",
                    )
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="escalation_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="escalation_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="escalation_ticket_id_in_tenant", to="ticket"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "ticket", "number"), name="escalation_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended", ""), ("ended_at", None)),
                            models.Q(
                                ("ended_at__isnull", False), models.Q(("ended", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="escalation_ends_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.TextField()),
                ("agreement", models.TextField()),
                ("definition", models.TextField()),
                ("cycle", models.IntegerField()),
                ("state", models.TextField()),
                ("started_at", models.DateTimeField()),
                ("anchor_at", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("undue", models.TextField(default="")),
                ("cause", models.TextField()),
                ("used_us", models.BigIntegerField()),
                ("paused_us", models.BigIntegerField()),
                ("target_us", models.BigIntegerField(null=True)),
                ("left_us", models.BigIntegerField(null=True)),
                ("warn_us", models.BigIntegerField()),
                ("crit_us", models.BigIntegerField()),
                ("rescued", models.BooleanField(default=False)),
                ("policy", models.TextField()),
                ("policy_version", models.IntegerField()),
                ("row", models.TextField()),
                ("target", models.TextField()),
                ("calendar", models.TextField()),
                ("calendar_version", models.IntegerField()),
                ("stopped_at", models.DateTimeField(null=True)),
                ("outcome", models.TextField(default="")),
                ("verdict", models.TextField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("month", models.TextField(default="")),
                ("owner", models.TextField(default="")),
                ("team", models.TextField(default="")),
                ("stage", models.TextField(default="")),
                ("type", models.TextField(default="")),
                ("priority", models.TextField(default="")),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "clock",
                "indexes": [
                    models.Index(fields=["tenant", "verdict", "month"], name="clock_by_verdict"),
                    models.Index(
                        condition=models.Q(("verdict", "met")),
                        fields=["tenant", "decided_at"],
                        include=("team",),
                        name="clock_met",
                    ),
                    models.Index(
                        condition=models.Q(("verdict", "breached")),
                        fields=["tenant", "decided_at"],
                        include=("team",),
                        name="clock_breached",
                    ),
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="tenant_id", name="clock_of_tenant"),
                    tocsin.records.tenancy.TenantKey(name="clock_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="clock_ticket_id_in_tenant", to="ticket"
                    ),
                    models.UniqueConstraint(fields=("tenant", "ticket", "key"), name="clock_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("running", "paused", "stopped", "cancelled", "replaced"))
                        ),
                        name="clock_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ("met", "breached", "open", "none"))),
                        name="clock_verdict_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            ("due_at__isnull", False),
                            models.Q(("undue", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="clock_running_is_due_or_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("running", "paused")),
                            ("stopped_at__isnull", False),
                            _connector="OR",
                        ),
                        name="clock_ended_at_an_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verdict__in", ("open", "none")),
                            ("decided_at__isnull", False),
                            _connector="OR",
                        ),
                        name="clock_verdict_has_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("crit_us__gte", 0),
                            ("paused_us__gte", 0),
                            ("used_us__gte", 0),
                            ("warn_us__gte", 0),
                        ),
                        name="clock_time_is_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            ("due_at", None),
                            ("left_us__isnull", False),
                            _connector="OR",
                        ),
                        name="clock_due_has_time_left",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("deed", models.TextField()),
                ("clock", models.TextField()),
                ("which", models.TextField()),
                ("mark", models.TextField()),
                ("channel", models.TextField()),
                ("planned_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField()),
                ("state", models.TextField()),
                ("critical", models.BooleanField()),
                ("counts", models.BooleanField()),
                ("team", models.TextField(default="")),
                (
                    "recipient",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.event",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "alert",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "digest")),
                        fields=["tenant", "recipient"],
                        name="alert_for_digest",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("counts", True), models.Q(("deed", "alarm"), _negated=True)
                        ),
                        fields=["tenant", "planned_at"],
                        include=("decided_at", "team"),
                        name="alert_by_plan",
                    ),
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(column="tenant_id", name="alert_of_tenant"),
                    tocsin.records.tenancy.TenantKey(name="alert_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="alert_ticket_id_in_tenant", to="ticket"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="event_id", name="alert_event_id_in_tenant", to="event"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="recipient_id", name="alert_recipient_id_in_tenant", to="person"
                    ),
                    models.UniqueConstraint(
                        fields=(
                            "tenant",
                            "ticket",
                            "deed",
                            "clock",
                            "which",
                            "mark",
                            "recipient",
                            "channel",
                        ),
                        name="alert_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("told", "digest", "quiet", "superseded"))
                        ),
                        name="alert_state_known",
                    ),
                    tocsin.records.tenancy.AppendOnly(but=("state",), name="alert_for_good"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketField",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("value", models.TextField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "ticket_field",
                "indexes": [
                    models.Index(fields=["tenant", "name", "value"], name="ticket_field_by_value")
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="ticket_field_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="ticket_field_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="ticket_field_ticket_id_in_tenant", to="ticket"
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "ticket", "name"), name="ticket_field_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unsequenced",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.event",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "unsequenced",
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="unsequenced_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="unsequenced_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="event_id", name="unsequenced_event_id_in_tenant", to="event"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Violation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("clock", models.TextField()),
                ("mark", models.TextField()),
                ("due_at", models.DateTimeField()),
                ("breached_at", models.DateTimeField()),
                ("detected_at", models.DateTimeField()),
                ("cause", models.TextField()),
                ("policy", models.TextField()),
                ("policy_version", models.IntegerField()),
                ("owner", models.TextField(default="")),
                ("team", models.TextField(default="")),
                ("stage", models.TextField(default="")),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("note", models.TextField(default="")),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.event",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.tenant",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "violation",
                "indexes": [
                    models.Index(fields=["tenant", "-breached_at"], name="violation_by_time")
                ],
                "constraints": [
                    tocsin.records.tenancy.RowSecurity(
                        column="tenant_id", name="violation_of_tenant"
                    ),
                    tocsin.records.tenancy.TenantKey(name="violation_in_tenant"),
                    tocsin.records.tenancy.SameTenant(
                        column="ticket_id", name="violation_ticket_id_in_tenant", to="ticket"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="event_id", name="violation_event_id_in_tenant", to="event"
                    ),
                    tocsin.records.tenancy.SameTenant(
                        column="acknowledged_by_id",
                        name="violation_acknowledged_by_id_in_tenant",
                        to="person",
                    ),
                    models.UniqueConstraint(
                        fields=("tenant", "ticket", "clock", "mark"), name="violation_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("breached_at__gte", models.F("due_at")),
                            ("detected_at__gte", models.F("breached_at")),
                        ),
                        name="violation_in_order",
                    ),
                    tocsin.records.tenancy.AppendOnly(
                        but=("withdrawn_at", "acknowledged_at", "acknowledged_by_id", "note"),
                        name="violation_for_good",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="pipeline",
            constraint=tocsin.records.tenancy.RowSecurity(
                column="tenant_id", name="pipeline_of_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="pipeline",
            constraint=models.UniqueConstraint(fields=("tenant", "key"), name="pipeline_key_once"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=tocsin.records.tenancy.RowSecurity(
                column="tenant_id", name="event_of_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                fields=("tenant", "stream_kind", "stream_id", "stream_seq"), name="event_in_stream"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("tenant", "key"), name="event_key_once"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "stream_kind__in",
                        (
                            "ticket",
                            "calendar",
                            "policy",
                            "pipeline",
                            "person",
                            "team",
                            "account",
                            "contact",
                            "tenant",
                            "outbox",
                            "contract",
                            "hours",
                            "priorities",
                            "options",
                            "permission set",
                            "field rule",
                            "network rule",
                            "security",
                            "export",
                            "api token",
                            "identity provider",
                            "sign-in",
                            "path",
                            "on-call",
                            "template",
                            "responsibilities",
                            "absence",
                            "provider",
                            "installation",
                        ),
                    )
                ),
                name="event_stream_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=tocsin.records.tenancy.RowSecurity(
                column="tenant_id", name="account_of_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("tenant", "key"), name="account_key_once"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=tocsin.records.tenancy.RowSecurity(
                column="tenant_id", name="person_of_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                fields=("tenant", "email_key"), name="person_email_once"
            ),
        ),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["tenant", "ticket"],
                name="outbox_unsent_of_ticket",
            ),
        ),
        migrations.AddConstraint(
            model_name="outbox",
            constraint=tocsin.records.tenancy.SameTenant(
                column="ticket_id", name="outbox_ticket_id_in_tenant", to="ticket"
            ),
        ),
    ]
