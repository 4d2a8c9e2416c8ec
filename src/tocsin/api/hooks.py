"""The way in for providers: /hooks/<tenant's key>/<provider's id>/<channel>.

Nobody signs in here: each channel proves, before it reads anything else, that its provider sent
the very bytes. Whatever fails of that gets one and the same answer.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, UnreadablePostError

from tocsin.actions import carriers, inbound
from tocsin.actions.carriers import Carrier
from tocsin.actions.inbound import Arrival, Forged, Line, Reply, Unusable
from tocsin.api import declared
from tocsin.channels.pagerduty import form as pagerduty
from tocsin.channels.pagerduty import receive as pagerduty_receive
from tocsin.channels.slack import form as slack
from tocsin.channels.slack import receive as slack_receive
from tocsin.channels.sms import form as sms
from tocsin.channels.sms import receive as sms_receive
from tocsin.channels.voice import form as voice
from tocsin.channels.voice import receive as voice_receive
from tocsin.kit.invalid import Invalid

_log = logging.getLogger(__name__)
MOST = 256 * 1024
S = TypeVar("S")
Hear = Callable[[Arrival, Mapping[str, str]], Reply]


def _heard(carrier: Carrier[S], receive: Callable[[Arrival, S], Reply]) -> Hear:
    def hear(arrival: Arrival, typed: Mapping[str, str]) -> Reply:
        return receive(arrival, carriers.checked(carrier, typed))

    return hear


# Every channel from which something comes back. Each raises `Forged` for what is not proved.
CHANNELS: Mapping[str, Hear] = {
    "slack": _heard(slack.CARRIER, slack_receive.receive),
    "pagerduty": _heard(pagerduty.CARRIER, pagerduty_receive.receive),
    "sms": _heard(sms.CARRIER, sms_receive.receive),
    "voice": _heard(voice.CARRIER, voice_receive.receive),
}


@declared.proves
def hook(request: HttpRequest, desk: str, provider: int, channel: str) -> HttpResponse:
    """Take what a provider tells: 401 when it does not prove itself, 404 when there is no such.

    503 when the provider's own secrets cannot be read: nothing is let in for want of a secret.
    """
    body = _body(request)
    if body is None:
        return declared.refusal(f"no more than {MOST} bytes are read", 413)
    try:
        line = inbound.line(desk, provider, channel)
        hear = CHANNELS.get(channel)
        if line is None or hear is None:
            return declared.refusal("there is no such thing here, or it is not for you", 404)
        reply = hear(_arrival(request, line, provider, body), line.typed)
    except Forged as error:
        _log.warning("/hooks/%s/%s/%s: %s", desk, provider, channel, error)
        return declared.refusal("the signature does not verify", 401)
    except (Unusable, Invalid) as error:
        _log.error(
            "/hooks/%s/%s/%s: its settings cannot be used: %s", desk, provider, channel, error
        )
        return declared.refusal("this provider is not set up", 503)
    if reply.afterwards is not None:
        # The provider waits three seconds; what is done for it afterwards may take longer.
        threading.Thread(target=_later, args=(reply.afterwards,), daemon=True).start()
    return HttpResponse(reply.body, status=reply.status, content_type=reply.kind)


def _body(request: HttpRequest) -> bytes | None:
    """Return the bytes as they came, None when there are too many."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    if not told.isdecimal() or int(told[:20]) > MOST:
        return None
    try:
        found: bytes = request.body
    except UnreadablePostError:
        return None
    return found if len(found) <= MOST else None


def _arrival(request: HttpRequest, line: Line, provider: int, body: bytes) -> Arrival:
    path = request.get_full_path()
    return Arrival(
        tenant=line.tenant,
        provider=provider,
        url=f"{line.root}{path}" if line.root else request.build_absolute_uri(path),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        at=line.at,
    )


def _later(deed: Callable[[], Any]) -> None:
    try:
        deed()
    except Exception:
        _log.exception("after a provider had its answer")
