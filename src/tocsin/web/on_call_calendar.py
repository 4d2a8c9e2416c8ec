"""Shifts as a calendar file (RFC 5545), for the calendars that people keep elsewhere."""

import datetime as dt
import hashlib
from collections.abc import Iterable

import icalendar
from django.utils.translation import gettext as _

from tocsin.queries.shifts import Duty


def written(desk: str, name: str, duties: Iterable[Duty], *, now: dt.datetime) -> bytes:
    """Return shifts as a calendar; times are in UTC, and a shift keeps its UID from file to file.

    A shift that was imported before is thereby brought up to date and not there twice.
    """
    calendar = _begun(_("On call: %(name)s") % {"name": name})
    for duty in duties:
        event = _event(desk, duty, now)
        told = {"name": duty.name, "who": duty.who}
        event.add("summary", _("On call: %(name)s (%(who)s)") % told)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def feed(desk: str, duties: Iterable[Duty], *, named: bool, now: dt.datetime) -> bytes:
    """Return the shifts of one person for an address that others may come to see.

    It says when and nothing else, unless the schedules are `named`; whose they are it never says.
    """
    calendar = _begun(_("On call"))
    # Programs that ask again do so at their own pace; more often gains nothing.
    calendar.add("refresh-interval", dt.timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for duty in duties:
        event = _event(desk, duty, now)
        title = _("On call: %(name)s") % {"name": duty.name} if named else _("On call")
        event.add("summary", title)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _begun(name: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Tocsin//On call//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    return calendar


def _event(desk: str, duty: Duty, now: dt.datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", _uid(desk, duty))
    event.add("dtstamp", now.astimezone(dt.UTC).replace(microsecond=0))
    event.add("dtstart", duty.begins.astimezone(dt.UTC))
    event.add("dtend", duty.ends.astimezone(dt.UTC))
    return event


def _uid(desk: str, duty: Duty) -> str:
    told = f"{desk}\0{duty.schedule}\0{duty.person}\0{duty.turn}"
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@on-call.tocsin"
