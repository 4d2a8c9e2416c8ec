"""Targets as people type them: ``4h``, ``2 business days at close``, ``1 calendar month``."""

import re
from typing import Any

from django.utils.translation import gettext as _

from tocsin.engine.target import Target
from tocsin.kit.invalid import Invalid

# How days are called in the languages of the screens; what is not one of these is a length.
_DAYS = re.compile(
    r"(\d{1,6})\s*(?:business days?|working days?|bd|arbetsdag(?:ar)?|dias? út(?:il|eis))"
    r"[\s,]*(.*)",
    re.IGNORECASE,
)
_SAME = re.compile(r"(?:at )?(?:the )?same time|samma tid|(?:na )?mesma hora", re.IGNORECASE)
_CLOSE = re.compile(
    r"(?:(?:at |by )?(?:close|end of day)(?: of business)?|till stängning|(?:no )?fechamento)?",
    re.IGNORECASE,
)
_COUNTED = (
    ("calendar_days", r"calendar days?|kalenderdag(?:ar)?|dias? corridos?"),
    ("calendar_weeks", r"(?:calendar )?weeks?|(?:kalender)?veck(?:a|or)|semanas?"),
    ("calendar_months", r"(?:calendar )?months?|(?:kalender)?månad(?:er)?|m(?:ês|eses)"),
)


def read(text: str) -> Any:
    """Return a target as the configuration has it; what cannot be read stays as it was typed."""
    text = " ".join(text.split())
    found = _DAYS.fullmatch(text)
    if found is not None:
        rest = found[2].strip()
        if _SAME.fullmatch(rest):
            return {"business_days": int(found[1]), "at": "same time"}
        if _CLOSE.fullmatch(rest):
            return {"business_days": int(found[1]), "at": "close"}
    for form, words in _COUNTED:
        found = re.fullmatch(rf"(\d{{1,6}})\s*(?:{words})", text, re.IGNORECASE)
        if found is not None:
            return {form: int(found[1])}
    return text


def shown(value: object) -> str:
    """Return a target as it is typed, in the reader's language; what is no target as it is."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    try:
        Target.from_dict(value)
    except Invalid:
        return ", ".join(f"{name}: {given}" for name, given in value.items())
    if "business_days" in value:
        n = value["business_days"]
        if value.get("at", "close") == "same time":
            return _("%(n)s business days, same time") % {"n": n}
        return _("%(n)s business days at close") % {"n": n}
    form, n = next(iter(value.items()))
    words = {
        "calendar_days": _("%(n)s calendar days"),
        "calendar_weeks": _("%(n)s calendar weeks"),
        "calendar_months": _("%(n)s calendar months"),
    }
    return words[form] % {"n": n}
