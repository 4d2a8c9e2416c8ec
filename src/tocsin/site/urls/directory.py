"""SCIM 2.0: a directory keeps people and groups here."""

from django.urls import URLPattern

ROUTES: list[URLPattern] = []
