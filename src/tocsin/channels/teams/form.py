"""Microsoft Teams as a provider: what its form asks for, and how messages get there."""

from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.channels.teams.send import send
from tocsin.channels.teams.settings import read

CARRIER = Carrier(
    channel="teams",
    title="Microsoft Teams",
    fields=(
        # A secret: whoever knows it can post.
        Field(
            "url",
            "Address of the workflow",
            "secret",
            hint="In Teams: Workflows, Send webhook alerts to a channel. Copy all of the address.",
        ),
    ),
    read=read,
    send=send,
    limits=Limits(per_second=4.0, at_once=2),
    proves=False,
)
