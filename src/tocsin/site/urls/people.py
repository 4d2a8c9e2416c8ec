"""People, teams, permission sets, rules of fields and networks."""

from django.urls import URLPattern

ROUTES: list[URLPattern] = []
