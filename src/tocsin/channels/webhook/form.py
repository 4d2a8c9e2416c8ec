"""A webhook as a provider: what its form asks for, and how messages get there."""

from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.channels.webhook.send import send
from tocsin.channels.webhook.settings import read

CARRIER = Carrier(
    channel="webhook",
    title="Webhook",
    fields=(
        Field(
            "url",
            "Address of the endpoint",
            "url",
            hint="Messages are posted there. It must answer with 2xx within 15 seconds.",
        ),
        Field(
            "secret",
            "Secret",
            "secret",
            hint="whsec_ and then what openssl rand -base64 32 writes. Give the endpoint the same.",
        ),
        Field(
            "secret_before",
            "Secret before",
            "secret",
            required=False,
            hint="Only while you change it: messages are signed with both.",
        ),
    ),
    read=read,
    send=send,
    limits=Limits(per_second=10.0, at_once=4),
)
