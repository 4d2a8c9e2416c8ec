"""Slack as a provider: what its form asks for, and how messages get there."""

from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.channels.slack.send import send
from tocsin.channels.slack.settings import USUAL, address, read

CARRIER = Carrier(
    channel="slack",
    title="Slack",
    fields=(
        Field(
            "token",
            "Bot User OAuth Token",
            "secret",
            hint="Your Slack app, OAuth & Permissions. It begins with xoxb-.",
        ),
        Field(
            "signing_secret",
            "Signing Secret",
            "secret",
            required=False,
            hint="Your Slack app, Basic Information. Without it messages have no buttons.",
        ),
        Field(
            "channel",
            "Channel ID",
            required=False,
            hint="Where to write what is for no single person, such as C024BE91L. Invite the app.",
        ),
        Field(
            "address",
            "Address of Slack",
            "url",
            required=False,
            hint=f"Leave empty for {USUAL}.",
        ),
    ),
    read=read,
    send=send,
    hears=True,
    address=address,
    # One message a second into one channel, with short bursts above it.
    limits=Limits(per_second=1.0, at_once=2),
)
