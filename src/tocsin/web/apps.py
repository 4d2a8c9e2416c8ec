"""The Django app of the pages."""

from django.apps import AppConfig

from tocsin.web import catalogs


class Web(AppConfig):
    """Templates, static files and texts."""

    name = "tocsin.web"
    label = "web"

    def ready(self) -> None:
        """Let every page find its words."""
        catalogs.load()
