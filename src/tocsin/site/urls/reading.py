"""What was read and exported, what a tenant asks for; the auditor's page."""

from django.urls import path

from tocsin.web import auditor, exports, reading, security

ROUTES = [
    path("read-on/", reading.read_on, name="read_on"),
    path("reports/exports/", exports.exports_page, name="exports"),
    path("reports/exports/ask/", exports.export_ask, name="export_ask"),
    path("reports/exports/<int:export>/agree/", exports.export_agree, name="export_agree"),
    path("reports/exports/<int:export>/refuse/", exports.export_refuse, name="export_refuse"),
    path("reports/exports/<int:export>/take/", exports.export_take, name="export_take"),
    path("settings/security/", security.security_page, name="security"),
    path("settings/access/", auditor.access_page, name="access"),
    path("settings/access/changes/", auditor.access_changes, name="access_changes"),
    path("settings/access/reading/", auditor.access_reading, name="access_reading"),
    path("settings/access.csv", auditor.access_csv, name="access_csv"),
]
