"""Where reports are."""

from django.urls import path

from tocsin.web import pauses, punctuality, reports, violations

ROUTES = [
    path("reports/compliance/", reports.compliance_page, name="compliance"),
    path("reports/violations/", violations.violations_page, name="violations"),
    path("reports/violations.csv", violations.violations_csv, name="violations_csv"),
    path(
        "reports/violations/<int:violation>/acknowledge/",
        violations.acknowledge,
        name="acknowledge_violation",
    ),
    path("reports/restatements/", violations.restatements_page, name="restatements"),
    path("reports/pauses/", pauses.pauses_page, name="pauses"),
    path("reports/punctuality/", punctuality.punctuality_page, name="punctuality"),
    path("reports/punctuality.csv", punctuality.punctuality_csv, name="punctuality_csv"),
]
