"""Rights, and the doors between tenants."""

from importlib import resources

from django.db import migrations


class Migration(migrations.Migration):
    """Runs when all tables are there."""

    dependencies = [("records", "0002_records"), ("sessions", "0001_initial")]
    # Theirs point at our people, and ask only for our first migration.
    run_before = [
        ("account", "0001_initial"),
        ("mfa", "0001_initial"),
        ("socialaccount", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL((resources.files("tocsin.records") / "sql/doors.sql").read_text())
    ]
