"""The settings of a Slack workspace, and what an address in it looks like."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tocsin.kit.invalid import Invalid

USUAL = "https://slack.com"
# Where Slack hears what becomes of a message after a button was pressed.
HOOKS = ("hooks.slack.com", "hooks.slack-gov.com")
_TOKEN = re.compile(r"xoxb-[A-Za-z0-9-]{10,}")
_SIGNING = re.compile(r"[0-9a-f]{32,64}")
_MEMBER = re.compile(r"[UW][A-Z0-9]{6,30}")
_ADDRESS = re.compile(r"[UWCGD][A-Z0-9]{6,30}")


@dataclass(frozen=True, slots=True)
class Slack:
    """A workspace: the bot's token, what Slack signs with, the channel for what is for nobody."""

    token: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)
    channel: str = ""
    root: str = USUAL

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hosts that are written to after a button was pressed."""
        return HOOKS if self.root == USUAL else (*HOOKS, urlsplit(self.root).netloc)


def read(typed: Mapping[str, str]) -> Slack:
    """Return the settings from what was typed; raise `Invalid` that names the field."""
    token, signing = typed.get("token", ""), typed.get("signing_secret", "")
    if not _TOKEN.fullmatch(token):
        raise Invalid("token", "must be the Bot User OAuth Token, which begins with xoxb-")
    if signing and not _SIGNING.fullmatch(signing):
        raise Invalid(
            "signing_secret", "must be the Signing Secret of the app: digits and letters a to f"
        )
    channel = typed.get("channel", "")
    if channel:
        try:
            channel = address(channel)
        except Invalid as error:
            raise Invalid("channel", error.reason) from None
    root = (typed.get("address") or USUAL).rstrip("/")
    if urlsplit(root).path or not urlsplit(root).hostname:
        raise Invalid("address", "must be an address without a path, such as https://slack.com")
    return Slack(token, signing, channel, root)


def address(typed: str) -> str:
    """Return a member's or channel's ID; raise `Invalid` for a name or anything else.

    >>> address(" u024be7lh ")
    'U024BE7LH'
    """
    found = typed.strip().upper()
    if not _ADDRESS.fullmatch(found):
        raise Invalid(
            "address",
            "must be an ID such as U024BE7LH, not a name: in Slack open the profile, then ⋮ and"
            " Copy member ID (for a channel: its details, at the bottom)",
        )
    return found


def is_member(text: str) -> bool:
    """Say whether a text is the ID of a person."""
    return _MEMBER.fullmatch(text) is not None
