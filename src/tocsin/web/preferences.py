"""How one wants to read: language, time zone, theme, shortcuts."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tocsin.actions import people
from tocsin.kit import shape
from tocsin.queries.access import Right
from tocsin.web import catalogs, screens
from tocsin.web.asked import Asked

_THEMES = ("auto", "light", "dark")
_YEAR_S = 365 * 24 * 3600


@screens.needs(Right.SIGNED_IN, "POST")
def preferences(request: Asked) -> HttpResponse:
    """Keep what was chosen and go back to the page that it was chosen on."""
    given, reader = request.POST, request.reader
    assert reader is not None
    language = shape.one_of(given.get("language", reader.language), "language", catalogs.OFFERED)
    zone = given.get("zone", reader.zone).strip()
    theme = shape.one_of(given.get("theme", "auto"), "theme", _THEMES)
    if (language, zone) != (reader.language, reader.zone):
        people.set_reading(language=language, zone=zone, by=request.by)
    wanted = given.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    response = HttpResponseRedirect(wanted if ours else reverse("hub"))
    # The theme belongs to the screen in front of one, not to the person.
    keys = "on" if given.get("keys") else "off"
    for name, value in (("tocsin_theme", theme), ("tocsin_keys", keys)):
        response.set_cookie(
            name, value, max_age=_YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response
