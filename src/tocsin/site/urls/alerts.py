"""Where alerts are read, taken and answered, by people and by providers."""

from django.urls import path, re_path

from tocsin.api import hooks
from tocsin.web import acknowledging, doings, my_alerts, notifications, push

ROUTES = [
    path("hooks/<str:desk>/<int:provider>/<str:channel>", hooks.hook, name="hook"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", doings.read, name="read"),
    path("my-alerts/", my_alerts.my_alerts, name="my_alerts"),
    path("my-alerts/push-key/", push.key, name="push_key"),
    re_path("^my-alerts/push/(?P<deed>add|remove)/$", push.change, name="push_do"),
    path("push-worker.js", push.worker, name="push_worker"),
    re_path("^my-alerts/(?P<deed>add|remove|first|quiet)/$", my_alerts.change, name="my_alerts_do"),
    path("acknowledge/<str:token>/", acknowledging.by_link, name="acknowledge_link"),
]
