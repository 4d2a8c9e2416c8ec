"""Which address leads where. A tenant's pages stand below /t/<key>/, or on its own host."""

from tocsin.site.urls import (
    alerts,
    configuration,
    desk,
    directory,
    factors,
    identity,
    people,
    programs,
    reading,
    reports,
    signing,
    tickets,
)

# By name: when the database is away, nobody else can answer.
handler500 = "tocsin.web.away.failed"

urlpatterns = [
    *signing.ROUTES,
    *factors.ROUTES,
    *identity.ROUTES,
    *people.ROUTES,
    *reading.ROUTES,
    *programs.ROUTES,
    *directory.ROUTES,
    *desk.ROUTES,
    *tickets.ROUTES,
    *reports.ROUTES,
    *alerts.ROUTES,
    *configuration.ROUTES,
]
