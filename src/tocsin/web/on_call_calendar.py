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
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Tocsin//On call//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("On call: %(name)s") % {"name": name})
    for duty in duties:
        event = icalendar.Event()
        event.add("uid", _uid(desk, duty))
        event.add("dtstamp", now.astimezone(dt.UTC).replace(microsecond=0))
        event.add("dtstart", duty.begins.astimezone(dt.UTC))
        event.add("dtend", duty.ends.astimezone(dt.UTC))
        told = {"name": duty.name, "who": duty.who}
        event.add("summary", _("On call: %(name)s (%(who)s)") % told)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _uid(desk: str, duty: Duty) -> str:
    told = f"{desk}\0{duty.schedule}\0{duty.person}\0{duty.turn}"
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@on-call.tocsin"
