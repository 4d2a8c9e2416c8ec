"""A message as an Adaptive Card that Teams takes: version 1.4, 28 KB at most."""

import json
from collections.abc import Sequence
from typing import Any

from tocsin.actions.outbox import Lease
from tocsin.actions.wording import Words
from tocsin.channels.teams import words as texts

# Teams takes 28 KB of all that a message becomes; the workflow adds some of its own.
MOST = 28 * 1024
_ROOM = 20 * 1024
_LONGEST = 2000

Part = dict[str, Any]


def message(lease: Lease, words: Words) -> bytes:
    """Return the body that a workflow is given, with as many lines as there is room for."""
    lines: Sequence[str] = words.lines
    while True:
        found = json.dumps(_message(lease, words, lines), ensure_ascii=False).encode()
        if len(found) <= _ROOM or not lines:
            return found
        lines = lines[: len(lines) // 2]


def _message(lease: Lease, words: Words, lines: Sequence[str]) -> Part:
    told = texts.of(words.language)
    shown = list(lines) if len(lines) == len(words.lines) else [*lines, told["cut"]]
    parts = [_text(words.subject, weight="bolder", size="medium")]
    if lease.about is not None:
        parts.append(_text(lease.about.subject, weight="bolder"))
    parts += [_text(line) for line in shown]
    card: Part = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": words.language,
        "fallbackText": words.short,
        "body": parts,
        "msteams": {"width": "Full"},
    }
    actions = [
        {"type": "Action.OpenUrl", "title": told[name], "url": url}
        for name, url in (
            ("acknowledge", words.acknowledge_url),
            ("open", words.url),
        )
        if url
    ]
    if actions:
        card["actions"] = actions
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "summary": words.short, "attachments": [attachment]}


def _text(text: str, **looks: str) -> Part:
    """Return a text that is shown as it was typed: a TextBlock would read Markdown in it."""
    run = {"type": "TextRun", "text": text[:_LONGEST], **looks}
    return {"type": "RichTextBlock", "inlines": [run]}
