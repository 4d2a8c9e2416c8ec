"""Signing in by way of a tenant's own identity providers."""

from django.urls import URLPattern

ROUTES: list[URLPattern] = []
