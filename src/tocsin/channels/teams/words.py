"""What the buttons of a card say, in the reader's language."""

from collections.abc import Mapping

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {"acknowledge": "Acknowledge", "open": "Open ticket", "cut": "… and more"},
    "sv": {"acknowledge": "Kvittera", "open": "Öppna ärendet", "cut": "… med mera"},
    "pt-BR": {"acknowledge": "Confirmar", "open": "Abrir o chamado", "cut": "… e mais"},
}


def of(language: str) -> Mapping[str, str]:
    """Return the texts of a language, English where there are none."""
    return _TEXTS.get(language, _TEXTS["en"])
