"""What was read and exported, what a tenant asks for; the auditor's page."""

from django.urls import URLPattern

ROUTES: list[URLPattern] = []
