"""Opening tickets counts; whoever opened too many is told so, and may prove who they are."""

import datetime as dt
import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from tocsin.actions import bulk_reading as deeds
from tocsin.queries import bulk_reading
from tocsin.queries.access import Right
from tocsin.web import proving, screens
from tocsin.web.asked import Asked

_P = ParamSpec("_P")
_Opens = Callable[Concatenate[Asked, int, _P], HttpResponse]


def counted(screen: _Opens[_P]) -> _Opens[_P]:
    """Have a page that opens the ticket of a number count as reading it."""

    @functools.wraps(screen)
    def opened(request: Asked, number: int, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            deeds.open_(number=number, by=request.by)
        except deeds.Spent as spent:
            return _stopped(request, spent)
        return screen(request, number, *args, **kwargs)

    return opened  # type: ignore[return-value]  # wraps() forgets the names of the arguments


def _stopped(request: Asked, spent: deeds.Spent) -> HttpResponse:
    """Return what happened and what helps, the same for every ticket."""
    sentence = screens.sentence(spent)
    if screens.wants_json(request):
        return JsonResponse({"told": sentence}, status=429)
    onward = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    shown = {
        "sentence": sentence,
        "again": spent.again,
        "address": f"{reverse('read_on')}?{urlencode({'next': onward})}",
    }
    partial = screens.is_partial(request)
    template = "parts/stopped.html" if partial else "front/stopped.html"
    return render(request, template, shown, status=429)


@screens.needs(Right.READ_TICKETS, "GET", "HEAD", "POST")
def read_on(request: Asked) -> HttpResponse:
    """Have somebody who was stopped prove who they are, and read on."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    onward = proving.inside(request, wanted, reverse("hub"))
    stopped_at = bulk_reading.stopped_at(by=request.by)
    if stopped_at is None:
        return HttpResponseRedirect(onward)
    proved_at = _proved_at(request)
    if proved_at <= stopped_at:
        address = f"{reverse('read_on')}?{urlencode({'next': onward})}"
        return HttpResponseRedirect(f"{reverse('prove')}?{urlencode({'next': address})}")
    if request.method == "POST":
        try:
            deeds.go_on(proved_at=proved_at, by=request.by)
        except deeds.Spent as spent:
            return _stopped(request, spent)
        return HttpResponseRedirect(onward)
    return render(request, "front/read_on.html", {"onward": onward})


def _proved_at(request: Asked) -> dt.datetime:
    proved = float(request.session.get(proving.PROVED_AT, 0))
    return dt.datetime.fromtimestamp(proved, dt.UTC)
