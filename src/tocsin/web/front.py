"""The front door: to the hub of one's desk, or the question which desk it is."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

import tocsin
from tocsin.actions import first_run, tenants
from tocsin.web import health, screens
from tocsin.web.asked import Asked


@screens.public()
def front(request: Asked) -> HttpResponse:
    """Lead on; outside of all desks ask for the desk's short name."""
    if request.tenant is not None:
        return HttpResponseRedirect(reverse("hub"))
    if first_run.is_open():
        return HttpResponseRedirect(reverse("first_run"))
    desk = request.GET.get("desk", "").strip().casefold()
    if desk and tenants.find(desk) is not None:
        return HttpResponseRedirect(f"/t/{desk}/")
    ok, _told = health.report()
    shown = {"ok": ok, "desk": desk, "unknown": bool(desk), "version": tocsin.__version__}
    return render(request, "front/front.html", shown)
