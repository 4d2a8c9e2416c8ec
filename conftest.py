"""Django must know its settings before any module with tables is read, doctests included."""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.site.settings"
# The fixtures say which database; nothing reaches one by accident.
os.environ.pop("DATABASE_URL", None)
django.setup()
