"""What Slack's buttons and answers say, in the reader's language."""

from collections.abc import Mapping

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "acknowledge": "Acknowledge",
        "snooze": "Snooze 30 min",
        "open": "Open ticket",
        "acknowledged": "Acknowledged by {name}",
        "snoozed": "Nothing but urgent alerts of this ticket for 30 minutes.",
        "unknown": (
            "Tocsin does not know who you are here. Sign in to Tocsin, open My alerts, and add"
            " Slack with your member ID {id}."
        ),
        "refused": "That could not be done: {why}.",
        "broken": "That could not be done just now. Open the ticket in Tocsin and do it there.",
        "cut": "… and more; open the ticket.",
    },
    "sv": {
        "acknowledge": "Kvittera",
        "snooze": "Tyst i 30 min",
        "open": "Öppna ärendet",
        "acknowledged": "Kvitterat av {name}",
        "snoozed": "Bara brådskande larm om ärendet i 30 minuter.",
        "unknown": (
            "Tocsin vet inte vem du är här. Logga in i Tocsin, öppna Mina larm och lägg till"
            " Slack med ditt medlems-ID {id}."
        ),
        "refused": "Det gick inte: {why}.",
        "broken": "Det gick inte just nu. Öppna ärendet i Tocsin och gör det där.",
        "cut": "… med mera; öppna ärendet.",
    },
    "pt-BR": {
        "acknowledge": "Confirmar",
        "snooze": "Silenciar 30 min",
        "open": "Abrir o chamado",
        "acknowledged": "Confirmado por {name}",
        "snoozed": "Só alertas urgentes deste chamado por 30 minutos.",
        "unknown": (
            "O Tocsin não sabe quem você é aqui. Entre no Tocsin, abra Meus alertas e adicione"
            " o Slack com o seu ID de membro {id}."
        ),
        "refused": "Não foi possível: {why}.",
        "broken": "Não foi possível agora. Abra o chamado no Tocsin e faça por lá.",
        "cut": "… e mais; abra o chamado.",
    },
}


def of(language: str) -> Mapping[str, str]:
    """Return the texts of a language, English where there are none."""
    return _TEXTS.get(language, _TEXTS["en"])
