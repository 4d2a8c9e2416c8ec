"""Wording: the facts of a letter in the reader's language and local time."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.actions import links
from tocsin.actions.letters import Lease
from tocsin.engine import zone as zones
from tocsin.kit.invalid import Invalid
from tocsin.queries import template_form

# What is told this much after its instant says so.
_LATE = dt.timedelta(seconds=60)
_LONGEST_SUBJECT = 120
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Most pressing first; what is not listed comes last.
_ORDER = ("breach", "escalate", "held", "chain", "letter", "alarm", "warn")
_USUAL = "en"

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "breach": "BREACHED: {clock}, at {at}{late}",
        "warn": "Warning ({which}): {clock}, at {at}{late}",
        "escalate": "Escalated to {which}: {clock}, at {at}{late}",
        "alarm": "Needs an administrator: {clock} {which}, at {at}{late}",
        "letter": "A message was given up: {which}, at {at}{late}",
        "held": "Held, its deadlines are not watched: {which}, at {at}{late}",
        "chain": "Rules kept starting each other; what came after that was left out, at {at}{late}",
        "subject chain": "Rules start each other",
        "bulk reading": "{which} has opened as many tickets as one may in an hour, at {at}{late}",
        "subject bulk reading": "Bulk reading: {which}",
        "export asked": "{which} asks you to agree to an export, at {at}{late}",
        "subject export asked": "An export waits for you",
        "export agreed": "{which} has agreed to your export, at {at}{late}",
        "subject export agreed": "Your export was agreed to",
        "factor added": "A second factor or recovery codes were added for you, at {at}{late}",
        "subject factor added": "Your second factors were changed",
        "factor removed": "A second factor was removed from your sign-in, at {at}{late}",
        "subject factor removed": "Your second factors were changed",
        "recovery code used": "A recovery code was used in your name, at {at}{late}",
        "subject recovery code used": "A recovery code was used",
        "export refused": "{which} has refused your export, at {at}{late}",
        "subject export refused": "Your export was refused",
        "other": "{deed} {which}: {clock}, at {at}{late}",
        "late": " (told {length} late)",
        "cycle": "{name}, round {cycle}",
        "subject breach": "Breached: {clock}",
        "subject warn": "Warning: {clock}",
        "subject escalate": "Escalated to {which}",
        "subject alarm": "Needs an administrator",
        "test": "A test of {which}, at {at}: nothing has happened{late}",
        "subject letter": "A message was given up",
        "subject test": "Test message",
        "subject held": "Held: {which}",
        "subject other": "News",
        "and more": "{subject} (+{count})",
        "ticket": "Ticket {number}",
        "several": "{count} alerts, told late",
        "several minute": "{count} alerts within a minute",
        "several quiet": "{count} alerts that waited",
        "open": "Open: {url}",
        "acknowledge": "Acknowledge: {url}",
        "overdue": "{length} over",
        "more": "… and {count} more.",
        "footer": "Tocsin sent this by itself; answers are not read.",
    },
    "sv": {
        "breach": "ÖVERSKRIDEN: {clock}, {at}{late}",
        "warn": "Varning ({which}): {clock}, {at}{late}",
        "escalate": "Eskalerat till {which}: {clock}, {at}{late}",
        "alarm": "Kräver en administratör: {clock} {which}, {at}{late}",
        "letter": "Ett meddelande gavs upp: {which}, {at}{late}",
        "held": "Stoppat, tidsgränserna bevakas inte: {which}, {at}{late}",
        "chain": "Regler startade varandra gång på gång; resten hoppades över, {at}{late}",
        "subject chain": "Regler startar varandra",
        "bulk reading": "{which} har öppnat så många ärenden på en timme som man får, {at}{late}",
        "subject bulk reading": "Massläsning: {which}",
        "export asked": "{which} ber dig att godkänna en export, {at}{late}",
        "subject export asked": "En export väntar på dig",
        "export agreed": "{which} har godkänt din export, {at}{late}",
        "subject export agreed": "Din export godkändes",
        "factor added": "En andra faktor eller återställningskoder lades till, {at}{late}",
        "subject factor added": "Dina andra faktorer ändrades",
        "factor removed": "En andra faktor togs bort från din inloggning, {at}{late}",
        "subject factor removed": "Dina andra faktorer ändrades",
        "recovery code used": "En återställningskod användes i ditt namn, {at}{late}",
        "subject recovery code used": "En återställningskod användes",
        "export refused": "{which} har avslagit din export, {at}{late}",
        "subject export refused": "Din export avslogs",
        "other": "{deed} {which}: {clock}, {at}{late}",
        "late": " (meddelat {length} för sent)",
        "cycle": "{name}, omgång {cycle}",
        "subject breach": "Överskriden: {clock}",
        "subject warn": "Varning: {clock}",
        "subject escalate": "Eskalerat till {which}",
        "subject alarm": "Kräver en administratör",
        "test": "Ett test av {which}, {at}: inget har hänt{late}",
        "subject letter": "Ett meddelande gavs upp",
        "subject test": "Testmeddelande",
        "subject held": "Stoppat: {which}",
        "subject other": "Nyheter",
        "and more": "{subject} (+{count})",
        "ticket": "Ärende {number}",
        "several": "{count} larm, meddelade för sent",
        "several minute": "{count} larm inom en minut",
        "several quiet": "{count} larm som har väntat",
        "open": "Öppna: {url}",
        "acknowledge": "Kvittera: {url}",
        "overdue": "{length} över",
        "more": "… och {count} till.",
        "footer": "Tocsin skickade detta automatiskt; svar läses inte.",
    },
    "pt-BR": {
        "breach": "VIOLADO: {clock}, em {at}{late}",
        "warn": "Aviso ({which}): {clock}, em {at}{late}",
        "escalate": "Escalado para {which}: {clock}, em {at}{late}",
        "alarm": "Precisa de um administrador: {clock} {which}, em {at}{late}",
        "letter": "Uma mensagem foi abandonada: {which}, em {at}{late}",
        "held": "Retido, os prazos não são vigiados: {which}, em {at}{late}",
        "chain": "Regras acionavam umas às outras; o resto foi deixado de lado, em {at}{late}",
        "subject chain": "Regras acionam umas às outras",
        "bulk reading": "{which} abriu em uma hora todos os chamados que se pode, em {at}{late}",
        "subject bulk reading": "Leitura em massa: {which}",
        "export asked": "{which} pede que você aprove uma exportação, em {at}{late}",
        "subject export asked": "Uma exportação espera por você",
        "export agreed": "{which} aprovou sua exportação, em {at}{late}",
        "subject export agreed": "Sua exportação foi aprovada",
        "factor added": "Segundo fator ou códigos de recuperação adicionados, em {at}{late}",
        "subject factor added": "Seus segundos fatores foram alterados",
        "factor removed": "Um segundo fator foi removido do seu acesso, em {at}{late}",
        "subject factor removed": "Seus segundos fatores foram alterados",
        "recovery code used": "Um código de recuperação foi usado em seu nome, em {at}{late}",
        "subject recovery code used": "Um código de recuperação foi usado",
        "export refused": "{which} recusou sua exportação, em {at}{late}",
        "subject export refused": "Sua exportação foi recusada",
        "other": "{deed} {which}: {clock}, em {at}{late}",
        "late": " (informado com {length} de atraso)",
        "cycle": "{name}, rodada {cycle}",
        "subject breach": "Violado: {clock}",
        "subject warn": "Aviso: {clock}",
        "subject escalate": "Escalado para {which}",
        "subject alarm": "Precisa de um administrador",
        "test": "Um teste de {which}, {at}: nada aconteceu{late}",
        "subject letter": "Uma mensagem foi abandonada",
        "subject test": "Mensagem de teste",
        "subject held": "Retido: {which}",
        "subject other": "Novidades",
        "and more": "{subject} (+{count})",
        "ticket": "Chamado {number}",
        "several": "{count} alertas, informados com atraso",
        "several minute": "{count} alertas em um minuto",
        "several quiet": "{count} alertas que esperaram",
        "open": "Abrir: {url}",
        "acknowledge": "Confirmar: {url}",
        "overdue": "{length} além",
        "more": "… e mais {count}.",
        "footer": "O Tocsin enviou isto automaticamente; as respostas não são lidas.",
    },
}


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words: `short` is one line of 160 characters at most, for what has no room.

    `url` leads to what it is about, `acknowledge_url` to where the reader can acknowledge it
    without signing in; both are empty where they cannot be known.
    """

    language: str
    subject: str
    body: str
    short: str
    lines: tuple[str, ...]
    url: str = ""
    acknowledge_url: str = ""


_SHORT = 160
# What somebody can say that they are at.
_ANSWERABLE = ("breach", "escalate", "warn")


def of(lease: Lease) -> Words:
    """Return what a leased message says, in the reader's language and zone."""
    parts = json.loads(lease.parts)
    language = _language(lease.recipient.language if lease.recipient else _usual(parts))
    text = TEXTS[language]
    zone = lease.recipient.zone if lease.recipient else "UTC"
    found = _sorted(parts["digest" if "digest" in parts else "lines"])
    lines = [_line(one, text, zone, lease.at) for one in found]
    if parts.get("more"):
        lines.append(text["more"].format(count=parts["more"]))
    url, acknowledge_url = _links(lease, parts, found)
    about = ""
    if lease.about is not None:
        about = f"{_ticket(lease.about.number, text)}: {_plain(lease.about.subject)}"
    written = _written(lease, parts, found, (language, zone, url, acknowledge_url))
    if written is None:
        subject, said = _own(lease, parts, found, text), [*([about, ""] if about else []), *lines]
        said += _linked(text, url, acknowledge_url)
    else:
        subject, said = written[0], [written[1], *(["", *lines] if len(lines) > 1 else [])]
    subject = _plain(subject)[:_LONGEST_SUBJECT]
    short = " ".join(part for part in (subject, about.partition(": ")[2]) if part)[:_SHORT]
    body = "\n".join([*said, "", "-- ", text["footer"]]) + "\n"
    return Words(language, subject, body, short, tuple(lines), url, acknowledge_url)


def _usual(parts: Mapping[str, Any]) -> str:
    """Return the desk's own language, for whoever is no person of it."""
    return str(parts.get("template", {}).get("usual", _USUAL))


def _own(
    lease: Lease,
    parts: Mapping[str, Any],
    found: Sequence[Mapping[str, Any]],
    text: Mapping[str, str],
) -> str:
    """Return the subject in our own words."""
    count = len(found) + int(parts.get("more") or 0)
    if "digest" in parts and count > 1:
        several = text.get(f"several {parts.get('why', '')}", text["several"])
        return several.format(count=count)
    number = lease.about.number if lease.about else found[0].get("ticket") if found else None
    subject = _subject(found, text)
    return subject if number is None else f"[{_ticket(number, text)}] {subject}"


def _links(
    lease: Lease, parts: Mapping[str, Any], found: Sequence[Mapping[str, Any]]
) -> tuple[str, str]:
    key = lease.tenant_key or str(parts.get("desk", ""))
    if lease.about is None:
        return links.page(key, "notifications/") if "digest" in parts else "", ""
    number, person = lease.about.number, parts.get("person")
    url = links.ticket(key, number)
    if not person or not any(one["deed"] in _ANSWERABLE for one in found):
        return url, ""
    return url, links.acknowledge(
        key, tenant=lease.tenant, person=int(person), number=number, now=lease.at
    )


def _linked(text: Mapping[str, str], url: str, acknowledge_url: str) -> list[str]:
    found = [("open", url), ("acknowledge", acknowledge_url)]
    said = [text[name].format(url=one) for name, one in found if one]
    return ["", *said] if said else []


def _written(
    lease: Lease,
    parts: Mapping[str, Any],
    found: Sequence[Mapping[str, Any]],
    known: tuple[str, str, str, str],
) -> tuple[str, str] | None:
    """Return subject and body by the template that the message names, or None.

    In the reader's language, else the desk's, else English.
    """
    template = parts.get("template")
    if not isinstance(template, Mapping) or not found:
        return None
    if template.get("channel") not in (None, "", lease.channel):
        return None
    language, zone, url, acknowledge_url = known
    texts, text = template.get("texts", {}), TEXTS[language]
    wanted = lease.recipient.language if lease.recipient else ""
    chosen = (texts.get(one) for one in (wanted, template.get("usual", ""), _USUAL))
    told = next((one for one in chosen if one), None)
    if told is None:
        return None
    own = template.get("facts", {})
    due = dt.datetime.fromisoformat(own["due"]) if own.get("due") else None
    facts = {
        **{name: str(own.get(name, "")) for name in ("team", "owner", "account")},
        "ticket": f"T-{lease.about.number}" if lease.about else "",
        "subject": lease.about.subject if lease.about else "",
        "clock": clock_name(found[0]["clock"], text),
        "due": local(due, zone) if due else "",
        "left": _left(due - lease.at, text) if due else "",
        "link": url,
        "acknowledge": acknowledge_url,
    }
    facts = {name: _plain(value) for name, value in facts.items()}
    subject = template_form.filled(str(told.get("subject", "")), facts)
    return subject, template_form.filled(str(told.get("body", "")), facts).strip()


def _left(left: dt.timedelta, text: Mapping[str, str]) -> str:
    if left >= dt.timedelta(0):
        return length(left)
    return text["overdue"].format(length=length(-left))


def _language(wanted: str) -> str:
    return wanted if wanted in TEXTS else _USUAL


def _sorted(lines: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    def rank(line: Mapping[str, Any]) -> tuple[int, str]:
        deed = line["deed"]
        return _ORDER.index(deed) if deed in _ORDER else len(_ORDER), line["planned_at"]

    return sorted(lines, key=rank)


def _subject(lines: Sequence[Mapping[str, Any]], text: Mapping[str, str]) -> str:
    if not lines:
        return text["subject other"]
    first = lines[0]
    pattern = text.get(f"subject {first['deed']}", text["subject other"])
    subject = pattern.format(clock=clock_name(first["clock"], text), which=_which(first))
    if len(lines) == 1:
        return subject
    return text["and more"].format(subject=subject, count=len(lines) - 1)


def _line(line: Mapping[str, Any], text: Mapping[str, str], zone: str, now: dt.datetime) -> str:
    planned_at = dt.datetime.fromisoformat(line["planned_at"])
    late = now - planned_at
    said = text.get(line["deed"], text["other"]).format(
        deed=line["deed"],
        which=_which(line),
        clock=clock_name(line["clock"], text),
        at=local(planned_at, zone),
        late=text["late"].format(length=length(late)) if late > _LATE else "",
    )
    if "ticket" in line:
        said = f"{_ticket(line['ticket'], text)}: {said}"
    return _plain(said)


def _ticket(number: int, text: Mapping[str, str]) -> str:
    return text["ticket"].format(number=number)


def clock_name(key: str, text: Mapping[str, str]) -> str:
    """Return what people call a clock: ``SLA/first response#2`` is *first response, round 2*."""
    name, _, cycle = key.rpartition("/")[2].partition("#")
    return name if cycle in ("", "1") else text["cycle"].format(name=name, cycle=cycle)


def _which(line: Mapping[str, Any]) -> str:
    """Return an alert's or level's own name: ``75%/0`` is *75%*, ``standard v1/L2`` is *L2*."""
    which = re.sub(r"( again)+$", "", str(line["which"]))
    if line["deed"] == "warn":
        return which.rpartition("/")[0] or which
    return which.rpartition("/")[2] if line["deed"] == "escalate" else which


def local(instant: dt.datetime, zone: str) -> str:
    """Return an instant as the reader's clock shows it, the zone named.

    >>> local(dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC), "Europe/Stockholm")
    '2026-03-02 10:15 (Europe/Stockholm, UTC+01:00)'
    """
    try:
        found = zones.named(zone)
    except Invalid:
        zone, found = "UTC", zones.named("UTC")
    offset = found.offset_at((instant - _EPOCH) // dt.timedelta(seconds=1))
    shown = instant.astimezone(dt.timezone(dt.timedelta(seconds=offset)))
    # The offset as well: one hour each autumn is shown twice.
    sign, minutes = "-" if offset < 0 else "+", abs(offset) // 60
    ahead = "" if zone == "UTC" else f", UTC{sign}{minutes // 60:02}:{minutes % 60:02}"
    return f"{shown:%Y-%m-%d %H:%M} ({zone}{ahead})"


def length(late: dt.timedelta) -> str:
    """Return a length in its two largest units.

    >>> length(dt.timedelta(minutes=125)), length(dt.timedelta(days=3, hours=2, minutes=5))
    ('2 h 5 min', '3 d 2 h')
    """
    minutes = late // dt.timedelta(minutes=1)
    units = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    first = next((k for k, (count, _) in enumerate(units) if count), 2)
    return " ".join(f"{count} {unit}" for count, unit in units[first : first + 2] if count)


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
