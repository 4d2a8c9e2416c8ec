"""Letters that hold a key: the link lies sealed in the outbox and is put into words at the door.

Whoever has a copy of the database cannot follow it. Nobody else than the person is written to.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from tocsin.actions import links, notifying, strongbox
from tocsin.actions.ledger import DOORBELL
from tocsin.actions.letters import Lease
from tocsin.kit import canonical
from tocsin.records import rows

_MAIL = "mail"
_USUAL = "en"

TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "invitation": (
            "Your way into {desk}",
            "You have been given access to {desk}. Choose a password within 24 hours:\n\n{url}\n\n"
            "The link works once. If you did not expect it, do nothing.",
        ),
        "password": (
            "A new password for {desk}",
            "Somebody asked for a new password for you at {desk}. Choose one within an hour:\n\n"
            "{url}\n\nThe link works once. If it was not you, do nothing: your password stays.",
        ),
        "email": (
            "Confirm your address for {desk}",
            "Confirm within 24 hours that this is your address for {desk}:\n\n{url}\n\n"
            "If you did not ask for it, do nothing.",
        ),
        "email asked": (
            "Your address for {desk} is to change",
            "A new address was entered for you at {desk}. Once it is confirmed you sign in with "
            "it.\n\nIf it was not you, tell an administrator at once.",
        ),
        "password changed": (
            "Your password for {desk} was changed",
            "Your password for {desk} was changed, and all other sessions were ended.\n\n"
            "If it was not you, tell an administrator at once.",
        ),
    },
    "sv": {
        "invitation": (
            "Din väg in i {desk}",
            "Du har fått tillgång till {desk}. Välj ett lösenord inom 24 timmar:\n\n{url}\n\n"
            "Länken fungerar en gång. Väntade du dig den inte behöver du inte göra något.",
        ),
        "password": (
            "Nytt lösenord för {desk}",
            "Någon bad om ett nytt lösenord för dig i {desk}. Välj ett inom en timme:\n\n{url}\n\n"
            "Länken fungerar en gång. Var det inte du: gör ingenting, lösenordet är kvar.",
        ),
        "email": (
            "Bekräfta din adress för {desk}",
            "Bekräfta inom 24 timmar att detta är din adress för {desk}:\n\n{url}\n\n"
            "Bad du inte om det behöver du inte göra något.",
        ),
        "email asked": (
            "Din adress för {desk} ska ändras",
            "En ny adress har angetts för dig i {desk}. När den är bekräftad loggar du in med "
            "den.\n\nVar det inte du: kontakta en administratör genast.",
        ),
        "password changed": (
            "Ditt lösenord för {desk} har ändrats",
            "Ditt lösenord för {desk} har ändrats och alla andra sessioner har avslutats.\n\n"
            "Var det inte du: kontakta en administratör genast.",
        ),
    },
    "pt-BR": {
        "invitation": (
            "Seu acesso a {desk}",
            "Você recebeu acesso a {desk}. Escolha uma senha em até 24 horas:\n\n{url}\n\n"
            "O link funciona uma vez. Se você não o esperava, não faça nada.",
        ),
        "password": (
            "Uma nova senha para {desk}",
            "Alguém pediu uma nova senha para você em {desk}. Escolha uma em até uma hora:\n\n"
            "{url}\n\nO link funciona uma vez. Se não foi você, não faça nada: a senha continua.",
        ),
        "email": (
            "Confirme seu endereço para {desk}",
            "Confirme em até 24 horas que este é o seu endereço para {desk}:\n\n{url}\n\n"
            "Se você não pediu isto, não faça nada.",
        ),
        "email asked": (
            "Seu endereço para {desk} vai mudar",
            "Um novo endereço foi informado para você em {desk}. Depois de confirmado, você entra "
            "com ele.\n\nSe não foi você, avise um administrador imediatamente.",
        ),
        "password changed": (
            "Sua senha para {desk} foi alterada",
            "Sua senha para {desk} foi alterada, e todas as outras sessões foram encerradas.\n\n"
            "Se não foi você, avise um administrador imediatamente.",
        ),
    },
}
_FOOTER = {
    "en": "Tocsin sent this by itself; answers are not read.",
    "sv": "Tocsin skickade detta automatiskt; svar läses inte.",
    "pt-BR": "O Tocsin enviou isto automaticamente; as respostas não são lidas.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A letter in words."""

    language: str
    subject: str
    body: str


def can_send(tenant: int) -> bool:
    """Say whether mail leaves a tenant, and our own address is known, so that links can be sent."""
    if not links.address():
        return False
    own = "SELECT 1 FROM provider WHERE tenant_id = %s AND channel = %s AND enabled"
    return bool(settings.SMTP_URL) or bool(rows.query(own, [tenant, _MAIL]))


def send(
    tenant: int, person: int, about: str, *, now: dt.datetime, url: str = "", address: str = ""
) -> None:
    """Put a letter to a person into the outbox; `address` is where to if not to their own."""
    key = f"private/{about}/{person}/{now.isoformat()}"
    sealed = strongbox.seal(url, for_=_place(tenant, key)) if url else ""
    desk = rows.query("SELECT name FROM tenant WHERE id = %s", [tenant])[0][0]
    parts = {"lines": [], "private": about, "sealed": sealed, "at": desk}
    said = canonical.encoded(parts).decode()
    # Not urgent: what is urgent also goes out by other ways when mail fails.
    row = notifying.letter(key, _MAIL, person, said, urgent=False, now=now, address=address)
    rows.insert("outbox", [{"tenant_id": tenant, **row}])
    rows.run("SELECT pg_notify(%s, '')", [DOORBELL])


def of(lease: Lease) -> Said | None:
    """Return a leased letter of this kind in words; None for any other letter."""
    parts = json.loads(lease.parts)
    about = parts.get("private")
    if about is None:
        return None
    language = lease.recipient.language if lease.recipient else _USUAL
    language = language if language in TEXTS else _USUAL
    sealed = str(parts.get("sealed", ""))
    url = strongbox.open_(sealed, for_=_place(lease.tenant, lease.key)) if sealed else ""
    desk = " ".join("".join(c if c.isprintable() else " " for c in str(parts["at"])).split())
    subject, body = TEXTS[language][str(about)]
    said = f"{body.format(desk=desk, url=url)}\n\n-- \n{_FOOTER[language]}\n"
    return Said(language, subject.format(desk=desk), said)


def _place(tenant: int, key: str) -> str:
    return f"{tenant}/letter/{key}"
