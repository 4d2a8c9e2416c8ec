"""Who may see passwords and sessions, and where failed attempts are counted."""

from importlib import resources

from django.db import migrations


class Migration(migrations.Migration):
    """Runs when the tables of signing in are there."""

    dependencies = [
        ("records", "0003_doors"),
        ("sessions", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [
        migrations.RunSQL((resources.files("tocsin.records") / "sql/sign_in.sql").read_text())
    ]
