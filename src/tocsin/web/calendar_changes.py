"""What one version of a calendar says that another does not, line by line."""

from django.utils.translation import gettext as _

from tocsin.engine.hours import WEEKDAYS
from tocsin.web import calendar_forms, calendar_names
from tocsin.web.calendar_fields import mapping, part_of, text
from tocsin.web.calendar_forms import Data


def changes(was: Data, now: Data) -> list[tuple[str, str, str]]:
    """Return what is different in two calendars: what it is, how it was, and how it is."""
    old, new = _said(was), _said(now)
    return [
        (what, old.get(what, ""), new.get(what, ""))
        for what in dict.fromkeys([*new, *old])
        if old.get(what, "") != new.get(what, "")
    ]


def _said(data: Data) -> dict[str, str]:
    """Return a calendar as a list of what it says, by what each line is about."""
    for how, name in (
        ("union", _("Open while any is open")),
        ("intersection", _("Open while all are open")),
    ):
        if how in data:
            joined = calendar_forms.listed(data[how])
            parts = [part_of(mapping(part)) for part in joined]
            return {name: " + ".join(f"{part.title} ({part.hours})" for part in parts)}
    made = {_("Time zone"): str(data.get("zone") or "")}
    week = mapping(data.get("week"))
    for day, name in zip(WEEKDAYS, calendar_names.weekdays(), strict=True):
        made[name] = text(week.get(day)) or (_("closed") if data else "")
    for item in map(mapping, calendar_forms.listed(data.get("holidays"))):
        kept = {str(day) for day in calendar_forms.listed(item.get("keep"))}
        for day, name in calendar_forms.dates(item).items():
            if day not in kept:
                made[f"{day} {name}".strip()] = text(item.get("hours")) or _("closed")
    for day, spans in mapping(data.get("exceptions")).items():
        made[day] = text(spans) or _("closed")
    return made
