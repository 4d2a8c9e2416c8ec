"""Rights, and the doors between tenants."""

from importlib import resources

from django.db import migrations


class Migration(migrations.Migration):
    """Runs when all tables are there."""

    dependencies = [("records", "0002_records")]
    operations = [
        migrations.RunSQL((resources.files("tocsin.records") / "sql/doors.sql").read_text())
    ]
