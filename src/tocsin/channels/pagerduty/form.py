"""PagerDuty as a provider: what its form asks for, and how events get there."""

from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.channels.pagerduty.send import send
from tocsin.channels.pagerduty.settings import EUROPE, USUAL, address, read

CARRIER = Carrier(
    channel="pagerduty",
    title="PagerDuty",
    fields=(
        Field(
            "routing_key",
            "Integration Key",
            "secret",
            hint="In PagerDuty: the service, Integrations, Events API V2.",
        ),
        Field(
            "webhook_secret",
            "Webhook signing secret",
            "secret",
            required=False,
            hint="In PagerDuty: Integrations, Generic Webhooks (v3). Without it acknowledging there"
            " stops nothing here.",
        ),
        Field(
            "webhook_secret_before",
            "Webhook signing secret before",
            "secret",
            required=False,
            hint="Only while you change it: the old one is accepted too.",
        ),
        Field(
            "address",
            "Address of PagerDuty",
            "url",
            required=False,
            hint=f"Leave empty for {USUAL}. Accounts in the EU: {EUROPE}",
        ),
    ),
    read=read,
    send=send,
    hears=True,
    address=address,
    # 120 events a minute and integration.
    limits=Limits(per_second=2.0, at_once=2),
)
