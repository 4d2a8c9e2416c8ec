"""What a call says, as TwiML: the text twice, and which key acknowledges."""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

KEY = "4"
# What Twilio takes in one request is 4,000 signs; the text has room left after escaping.
_LONGEST = 600
_WAIT_S = 8
_USUAL = "en"

# How Twilio names the languages in which it reads aloud.
VOICES: Mapping[str, str] = {"en": "en-GB", "sv": "sv-SE", "pt-BR": "pt-BR"}
TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "hello": "This is Tocsin.",
        "again": "Once more.",
        "press": "Press {key} to acknowledge.",
        "silent": "Nobody acknowledged. Goodbye.",
        "done": "Thank you. It is acknowledged.",
        "wrong": "That is not {key}. Nothing was acknowledged. Goodbye.",
        "not": "It could not be acknowledged. Please open Tocsin. Goodbye.",
    },
    "sv": {
        "hello": "Det här är Tocsin.",
        "again": "En gång till.",
        "press": "Tryck {key} för att kvittera.",
        "silent": "Ingen kvitterade. Hej då.",
        "done": "Tack. Det är kvitterat.",
        "wrong": "Det var inte {key}. Inget är kvitterat. Hej då.",
        "not": "Det gick inte att kvittera. Öppna Tocsin. Hej då.",
    },
    "pt-BR": {
        "hello": "Aqui é o Tocsin.",
        "again": "Mais uma vez.",
        "press": "Pressione {key} para confirmar.",
        "silent": "Ninguém confirmou. Até logo.",
        "done": "Obrigado. Está confirmado.",
        "wrong": "Não foi {key}. Nada foi confirmado. Até logo.",
        "not": "Não foi possível confirmar. Abra o Tocsin. Até logo.",
    },
}


def spoken(language: str, said: str, action: str) -> str:
    """Return what a call says. Without an address to answer to it only speaks."""
    language = known(language)
    text = _one(said)
    twice = [_say(language, f"{TEXTS[language]['hello']} {text}"), '<Pause length="1"/>']
    if not action:
        return _response([*twice, _say(language, f"{TEXTS[language]['again']} {text}")])
    press = _say(language, TEXTS[language]["press"].format(key=KEY))
    twice += [press, _say(language, f"{TEXTS[language]['again']} {text}"), press]
    gather = (
        f'<Gather input="dtmf" numDigits="1" timeout="{_WAIT_S}" method="POST"'
        f" action={quoteattr(action)}>{''.join(twice)}</Gather>"
    )
    return _response([gather, _say(language, TEXTS[language]["silent"])])


def answer(language: str, which: str) -> str:
    """Return what is said after a key: ``done``, ``wrong`` or ``not``."""
    language = known(language)
    return _response([_say(language, TEXTS[language][which].format(key=KEY)), "<Hangup/>"])


def known(language: str) -> str:
    """Return the language if calls can be made in it, otherwise English."""
    return language if language in TEXTS else _USUAL


def _say(language: str, said: str) -> str:
    return f'<Say language="{VOICES[language]}">{escape(said)}</Say>'


def _response(parts: list[str]) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(parts)}</Response>'


def _one(text: str) -> str:
    # What is no sign of XML cannot be escaped either; brackets would be read aloud.
    kept = "".join(c if c.isprintable() and c not in "[]" else " " for c in text)
    return " ".join(kept.split())[:_LONGEST]
