"""What to say to a customer about a promise, as sentences in their language.

In it stands what was promised, since when, how long nobody counted and when it is due; no word of
ours, and nothing about promises that we made among ourselves. Phrases are data, a language each.
"""

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass

from babel import dates, units

from tocsin.engine import verdict
from tocsin.engine.clock import Clock, State
from tocsin.engine.instant import EPOCH
from tocsin.engine.policy import Agreement
from tocsin.engine.target import Form
from tocsin.engine.verdict import Verdict
from tocsin.engine.zone import Zone

_NOTHING = dt.timedelta(0)
_SECOND = dt.timedelta(seconds=1)
_WEEK = dt.timedelta(days=7)

# By the language as our pages call it: how Babel calls it.
LANGUAGES = {"en": "en_GB", "sv": "sv_SE", "pt-BR": "pt_BR"}

# What a clock promises, by its key; "" stands for every other.
_PROMISED: Mapping[str, Mapping[str, str]] = {
    "en": {
        "first response": "a first answer to your request",
        "next response": "an answer to your message",
        "periodic update": "news about your request",
        "pausable update": "news about your request",
        "resolution": "a solution for your request",
        "callback": "a call back",
        "": "the next step of your request",
    },
    "sv": {
        "first response": "ett första svar på ditt ärende",
        "next response": "ett svar på ditt meddelande",
        "periodic update": "besked om ditt ärende",
        "pausable update": "besked om ditt ärende",
        "resolution": "en lösning på ditt ärende",
        "callback": "att ringa upp dig",
        "": "nästa steg i ditt ärende",
    },
    "pt-BR": {
        "first response": "uma primeira resposta à sua solicitação",
        "next response": "uma resposta à sua mensagem",
        "periodic update": "notícias sobre a sua solicitação",
        "pausable update": "notícias sobre a sua solicitação",
        "resolution": "uma solução para a sua solicitação",
        "callback": "um retorno por telefone",
        "": "o próximo passo da sua solicitação",
    },
}
# Until when, by the form of the target; one day and several days differ.
_WITHIN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "always": ("within {length}", "within {length}"),
        "length": ("within {length} of our opening hours", "within {length} of our opening hours"),
        "close": (
            "by the end of the next business day",
            "before we close, within {n} business days",
        ),
        "same time": (
            "by the same time on the next business day",
            "within {n} business days",
        ),
        "calendar_days": ("within one day", "within {n} days"),
        "calendar_weeks": ("within one week", "within {n} weeks"),
        "calendar_months": ("within one month", "within {n} months"),
    },
    "sv": {
        "always": ("inom {length}", "inom {length}"),
        "length": ("inom {length} av våra öppettider", "inom {length} av våra öppettider"),
        "close": (
            "före stängning nästa arbetsdag",
            "före stängning inom {n} arbetsdagar",
        ),
        "same time": ("till samma tid nästa arbetsdag", "inom {n} arbetsdagar"),
        "calendar_days": ("inom en dag", "inom {n} dagar"),
        "calendar_weeks": ("inom en vecka", "inom {n} veckor"),
        "calendar_months": ("inom en månad", "inom {n} månader"),
    },
    "pt-BR": {
        "always": ("em até {length}", "em até {length}"),
        "length": (
            "em até {length} do nosso horário de atendimento",
            "em até {length} do nosso horário de atendimento",
        ),
        "close": (
            "até o fim do próximo dia útil",
            "até o fim do expediente, em {n} dias úteis",
        ),
        "same time": ("até o mesmo horário do próximo dia útil", "em até {n} dias úteis"),
        "calendar_days": ("em até um dia", "em até {n} dias"),
        "calendar_weeks": ("em até uma semana", "em até {n} semanas"),
        "calendar_months": ("em até um mês", "em até {n} meses"),
    },
}
_PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "moment": "{date} at {time}",
        "promise": "We promised you {what} {within}, counted from {start}.",
        "given": "We promised you {what} by {due}.",
        "paused": "It waited for {length} meanwhile, and that time is not counted.",
        "waiting": "It has been waiting since {since}; {left} remain once it goes on.",
        "waiting over": "It has been waiting since {since}. It was due by {due}, which we missed.",
        "due": "It is due by {due}.",
        "late": "It was due by {due}, which we missed.",
        "met": "It was due by {due} and was done on {end}.",
        "met freely": "It was done on {end}, in time.",
        "missed": "It was due by {due} and was done on {end}, which was too late.",
        "missed freely": "It was done on {end}, which was too late.",
        "gone": "That promise no longer applies.",
        "replaced": "Another promise has taken its place.",
        "no due": "We cannot name a time for it at present.",
        "zone": "All times are {zone}.",
    },
    "sv": {
        "moment": "{date} kl. {time}",
        "promise": "Vi lovade dig {what} {within}, räknat från {start}.",
        "given": "Vi lovade dig {what} senast {due}.",
        "paused": "Under tiden väntade det i {length}, och den tiden räknas inte.",
        "waiting": "Det väntar sedan {since}; {left} återstår när det går vidare.",
        "waiting over": "Det väntar sedan {since}. Det skulle ha varit klart senast {due}, "
        "vilket vi missade.",
        "due": "Det ska vara klart senast {due}.",
        "late": "Det skulle ha varit klart senast {due}, vilket vi missade.",
        "met": "Det skulle vara klart senast {due} och blev klart {end}.",
        "met freely": "Det blev klart {end}, i tid.",
        "missed": "Det skulle vara klart senast {due} och blev klart {end}, vilket var för sent.",
        "missed freely": "Det blev klart {end}, vilket var för sent.",
        "gone": "Det löftet gäller inte längre.",
        "replaced": "Ett annat löfte har trätt i dess ställe.",
        "no due": "Vi kan inte ange någon tid för det just nu.",
        "zone": "Alla tider är {zone}.",
    },
    "pt-BR": {
        "moment": "{date}, às {time}",
        "promise": "Prometemos a você {what} {within}, a contar de {start}.",
        "given": "Prometemos a você {what} até {due}.",
        "paused": "Nesse meio-tempo houve {length} de espera, e esse tempo não conta.",
        "waiting": "Está em espera desde {since}; restam {left} quando continuar.",
        "waiting over": "Está em espera desde {since}. O prazo era {due}, e não o cumprimos.",
        "due": "O prazo é {due}.",
        "late": "O prazo era {due}, e não o cumprimos.",
        "met": "O prazo era {due}, e foi concluído em {end}.",
        "met freely": "Foi concluído em {end}, dentro do prazo.",
        "missed": "O prazo era {due}, e foi concluído em {end}, tarde demais.",
        "missed freely": "Foi concluído em {end}, tarde demais.",
        "gone": "Essa promessa não vale mais.",
        "replaced": "Outra promessa ocupa o lugar dela.",
        "no due": "No momento não podemos indicar um prazo.",
        "zone": "Todos os horários são do fuso {zone}.",
    },
}


@dataclass(frozen=True, slots=True)
class _Speech:
    """How things are said in one language, with instants in one zone."""

    language: str
    zone: Zone

    def say(self, phrase: str, **words: str) -> str:
        return _PHRASES[self.language][phrase].format(**words)

    def moment(self, at: dt.datetime) -> str:
        """Return an instant to the minute it lies in: never later than it is."""
        offset = dt.timedelta(seconds=self.zone.offset_at((at - EPOCH) // _SECOND))
        here = at.astimezone(dt.timezone(offset))
        date = dates.format_date(here.date(), "full", locale=LANGUAGES[self.language])
        return self.say("moment", date=date, time=f"{here:%H:%M}")

    def length(self, length: dt.timedelta) -> str:
        """Return a length in hours and minutes, below a minute in seconds."""
        seconds = int(abs(length).total_seconds())
        hours, minutes = seconds // 3600, seconds % 3600 // 60
        parts = [(hours, "duration-hour"), (minutes, "duration-minute")]
        if not hours and not minutes:
            parts = [(seconds, "duration-second")]
        return " ".join(
            units.format_unit(count, unit, "long", locale=LANGUAGES[self.language])
            for count, unit in parts
            if count or unit == "duration-second"
        )

    def zone_name(self) -> str:
        """Return what the zone is called there, with the name that it has everywhere."""
        try:
            known = zoneinfo.ZoneInfo(self.zone.name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return self.zone.name
        locale = LANGUAGES[self.language]
        if self.zone.name == "UTC":
            return "UTC"
        return f"{dates.get_timezone_name(known, width='long', locale=locale)} ({known.key})"


def sentences(clock: Clock, *, now: dt.datetime) -> dict[str, str]:
    """Return what to say to the customer, by language; nothing for a promise among ourselves."""
    if clock.terms.agreement is not Agreement.SLA:
        return {}
    zone = clock.calendar.calendar.zone
    return {language: _said(_Speech(language, zone), clock, now) for language in LANGUAGES}


def _said(speech: _Speech, clock: Clock, now: dt.datetime) -> str:
    parts = [_promise(speech, clock)]
    if paused := clock.paused_open:
        parts.append(speech.say("paused", length=speech.length(paused)))
    parts += [_outcome(speech, clock, now), speech.say("zone", zone=speech.zone_name())]
    return " ".join(part for part in parts if part)


def _promise(speech: _Speech, clock: Clock) -> str:
    known = _PROMISED[speech.language]
    what = known.get(clock.terms.definition.key, known[""])
    due = clock.present_due()
    if clock.base is not None and due is not None:
        return speech.say("given", what=what, due=speech.moment(due))
    target = clock.terms.row.target
    form = target.form.value
    if target.form is Form.LENGTH and _always_open(clock):
        form = "always"
    one, many = _WITHIN[speech.language][form]
    within = (one if target.count <= 1 else many).format(
        n=target.count, length=speech.length(target.length)
    )
    return speech.say("promise", what=what, within=within, start=speech.moment(clock.anchor))


def _always_open(clock: Clock) -> bool:
    return clock.calendar.calendar.between(clock.anchor, clock.anchor + _WEEK) == _WEEK


def _outcome(speech: _Speech, clock: Clock, now: dt.datetime) -> str:
    due = clock.present_due()
    told = "" if due is None else speech.moment(due)
    match clock.state:
        case State.CANCELLED:
            return speech.say("gone")
        case State.REPLACED:
            return speech.say("replaced")
        case State.PAUSED:
            return _waiting(speech, clock, now, told)
        case State.STOPPED:
            kept = verdict.of(clock, now=now) is Verdict.MET
            phrase = ("met" if kept else "missed") + ("" if told else " freely")
            return speech.say(phrase, due=told, end=speech.moment(clock.stopped_at or now))
    if due is None:
        return speech.say("no due")
    if due < now:
        return speech.say("late", due=told)
    return "" if clock.base is not None else speech.say("due", due=told)


def _waiting(speech: _Speech, clock: Clock, now: dt.datetime, due: str) -> str:
    since, left = speech.moment(clock.since), clock.remaining_at(now)
    if left is None:
        return speech.say("no due")
    if left < _NOTHING and due:
        return speech.say("waiting over", since=since, due=due)
    return speech.say("waiting", since=since, left=speech.length(max(left, _NOTHING)))
