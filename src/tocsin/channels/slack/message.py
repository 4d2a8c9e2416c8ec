"""A message as Slack's blocks: nothing that anybody typed is read as markup."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core import signing

from tocsin.actions.outbox import Lease
from tocsin.actions.wording import Words
from tocsin.channels.slack import words as texts

ACKNOWLEDGE = "tocsin_acknowledge"
SNOOZE = "tocsin_snooze"
OPEN = "tocsin_open"
_SALT = "tocsin.slack.button"
# Slack's own limits are 150, 3,000 and 40,000 characters.
_HEADER = 150
_SECTION = 2900
_TEXT = 3000
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

Block = dict[str, Any]


def payload(lease: Lease, words: Words, to: str, *, buttons: bool) -> Mapping[str, Any]:
    """Return what chat.postMessage is given: blocks, and the same as text for notifications."""
    told = texts.of(words.language)
    blocks: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(words.subject, _HEADER)}}
    ]
    lines = [escaped(line) for line in words.lines]
    if lease.about is not None:
        lines.insert(0, f"*{_starless(lease.about.subject)}*")
    fitting = _fitting(lines, _SECTION, told["cut"])
    if fitting:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": fitting}})
    elements = _buttons(lease, words, told, buttons=buttons)
    if elements:
        blocks.append({"type": "actions", "block_id": "tocsin", "elements": elements})
    text = _fitting([escaped(words.subject), *lines], _TEXT, told["cut"])
    return {
        "channel": to,
        "text": text,
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _buttons(lease: Lease, words: Words, told: Mapping[str, str], *, buttons: bool) -> list[Block]:
    found: list[Block] = []
    if lease.about is not None and buttons:
        value = signed(lease.tenant, lease.about.number)
        found.append({**_button(told["acknowledge"], ACKNOWLEDGE, value), "style": "primary"})
        found.append(_button(told["snooze"], SNOOZE, value))
    if words.url:
        found.append({**_button(told["open"], OPEN, ""), "url": words.url})
    return found


def _button(text: str, action: str, value: str) -> Block:
    found = {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": text},
    }
    return {**found, "value": value} if value else found


def signed(tenant: int, number: int) -> str:
    """Return what a button carries: which ticket it is about, in a form that only we can write."""
    return signing.dumps([tenant, number], salt=_SALT)


def number_of(value: str, tenant: int) -> int | None:
    """Return the ticket's number in a button's value, None when we did not write it."""
    try:
        found = signing.loads(value, salt=_SALT)
    except signing.BadSignature:
        return None
    return found[1] if found[0] == tenant else None


def escaped(text: str) -> str:
    """Return a text that Slack shows as it is: no link, no mention, no call to a whole channel.

    >>> escaped("<!channel> R&D")
    '&lt;!channel&gt; R&amp;D'
    """
    return text.translate(_ESCAPES)


def _starless(text: str) -> str:
    # A star of the subject's own would end the bold type in the middle.
    return escaped(" ".join(text.replace("*", "∗").split()))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _fitting(lines: Iterable[str], most: int, cut: str) -> str:
    """Return as many whole lines as there is room for; an escape is never cut in two."""
    found: list[str] = []
    room = most - len(cut) - 1
    for line in lines:
        if len(line) + 1 > room:
            found.append(cut)
            break
        found.append(line)
        room -= len(line) + 1
    return "\n".join(found)
