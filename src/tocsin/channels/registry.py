"""All channels that messages can leave by. No channel imports this."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tocsin.actions.carriers import Carrier
from tocsin.channels.apprise import form as apprise
from tocsin.channels.email import form as email
from tocsin.channels.pagerduty import form as pagerduty
from tocsin.channels.push import form as push
from tocsin.channels.slack import form as slack
from tocsin.channels.sms import form as sms
from tocsin.channels.teams import form as teams
from tocsin.channels.voice import form as voice
from tocsin.channels.webhook import form as webhook

_ALL: tuple[Carrier[Any], ...] = (
    email.CARRIER,
    slack.CARRIER,
    teams.CARRIER,
    sms.CARRIER,
    voice.CARRIER,
    push.CARRIER,
    pagerduty.CARRIER,
    webhook.CARRIER,
    apprise.CARRIER,
)
CARRIERS: Mapping[str, Carrier[Any]] = MappingProxyType({one.channel: one for one in _ALL})
