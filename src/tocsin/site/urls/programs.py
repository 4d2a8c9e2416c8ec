"""What programs ask for, and the tokens they do it with."""

from django.urls import path

from tocsin.api import clocks, me, notes, openapi
from tocsin.web import api_tokens, calendar_feed

ROUTES = [
    path("api/v1/openapi.json", openapi.openapi, name="api_document"),
    path("api/v1/me", me.me, name="api_me"),
    path("api/v1/tickets/<int:number>/clocks", clocks.clocks, name="api_clocks"),
    path("api/v1/tickets/<int:number>/notes", notes.note, name="api_note"),
    path("my-security/tokens/", api_tokens.my_tokens, name="my_tokens"),
    path("my-security/tokens/make/", api_tokens.token_make, name="token_make"),
    path("my-security/tokens/<int:made>/revoke/", api_tokens.token_revoke, name="token_revoke"),
    path("settings/tokens/", api_tokens.all_tokens, name="all_tokens"),
    path("calendar/<str:token>/shifts.ics", calendar_feed.calendar_feed, name="calendar_feed"),
]
