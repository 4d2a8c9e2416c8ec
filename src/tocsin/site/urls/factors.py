"""Second factors: codes of an app, passkeys, recovery codes."""

from django.urls import URLPattern

ROUTES: list[URLPattern] = []
