"""Which address leads where."""

from django.urls import path

from tocsin.web import health

urlpatterns = [
    path("", health.front),
    path("health", health.health),
]
