"""The one Django app with tables."""

from django.apps import AppConfig


class Records(AppConfig):
    """What is stored."""

    name = "tocsin.records"
    label = "records"
