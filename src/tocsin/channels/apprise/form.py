"""What the form asks for, and what is made of it."""

from collections.abc import Mapping

from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.channels.apprise import schemes, send
from tocsin.channels.apprise.send import Settings

__all__ = ["CARRIER", "Settings", "read"]


def read(given: Mapping[str, str]) -> Settings:
    """Return the settings of a provider; raises `Invalid` that names the field."""
    url = given.get("url", "").strip()
    schemes.made(url)
    return Settings(url)


CARRIER: Carrier[Settings] = Carrier(
    channel="apprise",
    title="Apprise",
    fields=(
        Field(
            "url",
            "Apprise URL",
            "secret",
            hint="Such as ntfys://ntfy.example.com/topic or tgram://token/chat. It holds a secret.",
        ),
    ),
    read=read,
    send=send.send,
    limits=Limits(per_second=1.0, at_once=2),
    proves=False,
)
