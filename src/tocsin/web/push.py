"""Web push in a browser: the script that shows messages, the key to subscribe with, on and off."""

import functools
import json
from pathlib import Path

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from tocsin.actions import carriers, contact_methods, providers, strongbox
from tocsin.channels.push.form import CARRIER
from tocsin.kit.invalid import Invalid
from tocsin.queries import contact_methods as reached
from tocsin.queries.access import Actor, Right
from tocsin.web import screens
from tocsin.web.asked import Asked

_WORKER = Path(__file__).parent / "static" / "tocsin" / "js" / "push-worker.js"


@screens.public()
def worker(request: Asked) -> HttpResponse:
    """Serve the script that a browser runs when a message comes.

    It stands at the root of a desk's pages, since a script may act for what stands below it only.
    """
    del request
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8")


@functools.cache
def _script() -> bytes:
    return _WORKER.read_bytes()


@screens.needs(Right.SIGNED_IN)
def key(request: Asked) -> HttpResponse:
    """Tell the key that browsers subscribe with, and which ones one has switched on.

    The key is empty when the desk has no web push.
    """
    known = [json.loads(address)["endpoint"] for address in _known(request.by)]
    return JsonResponse({"key": _key(request.by.tenant), "known": known})


def _known(by: Actor) -> dict[str, int]:
    """Return the browsers that one has switched on, with the ids of their addresses."""
    methods = reached.mine(by=by).methods
    return {one.address: one.id for one in methods if one.channel == CARRIER.channel}


def _key(tenant: int) -> str:
    for one in providers.of_tenant(tenant):
        if one.channel == CARRIER.channel and one.enabled:
            try:
                return carriers.checked(CARRIER, providers.opened(one)).public_key
            except (Invalid, strongbox.Locked):
                return ""
    return ""


@screens.needs(Right.SIGNED_IN, "POST")
def change(request: Asked, deed: str) -> HttpResponse:
    """Add this browser to one's addresses, or take it away; again changes nothing."""
    typed = request.POST.get("address", "")
    try:
        address = CARRIER.address(typed) if CARRIER.address else ""
        known = _known(request.by)
        if deed == "add" and address not in known:
            contact_methods.add(carrier=CARRIER, address=address, by=request.by)
        if deed == "remove" and address in known:
            contact_methods.remove(method=known[address], by=request.by)
    except Invalid as error:
        return JsonResponse({"told": _(error.reason)}, status=422)
    return JsonResponse({"told": ""})
