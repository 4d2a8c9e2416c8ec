"""What the tables lean on: functions for policies and triggers."""

from importlib import resources

from django.db import migrations


class Migration(migrations.Migration):
    """Runs before the first table."""

    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL((resources.files("tocsin.records") / "sql/ground.sql").read_text())
    ]
