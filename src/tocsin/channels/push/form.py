"""What the form asks for, and what is made of it."""

from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.channels.push import send
from tocsin.channels.push.settings import Settings, address, read

CARRIER: Carrier[Settings] = Carrier(
    channel="push",
    title="Web push",
    fields=(
        Field(
            "contact",
            "Contact",
            hint="A mail address at which push services may tell you of trouble.",
        ),
        Field(
            "key",
            "Private key (VAPID)",
            "secret",
            required=False,
            hint="Leave it empty: Tocsin has a key of its own. Only to keep subscriptions of old.",
        ),
    ),
    read=read,
    send=send.send,
    address=address,
    limits=Limits(per_second=20.0, at_once=8),
    proves=False,
)
