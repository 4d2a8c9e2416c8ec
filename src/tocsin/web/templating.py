"""The templates' surroundings: what every page may use."""

import functools
import json
from typing import Any
from xml.etree import ElementTree

import lucide
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from tocsin.queries.access import Right
from tocsin.web import moments, names, pieces, settings

# Lucide's name of each icon by the word that templates use for it.
ICONS = {
    "on track": "clock",
    "at risk": "triangle-alert",
    "off hours": "moon",
    "paused": "pause",
    "met": "check",
    "missed": "x",
    "unschedulable": "calendar-off",
    "hub": "gauge",
    "queue": "inbox",
    "board": "square-kanban",
    "tickets": "list",
    "reports": "chart-no-axes-column",
    "settings": "settings-2",
    "bell": "bell",
    "search": "search",
    "theme": "sun-moon",
    "more": "ellipsis",
    "close": "x",
    "limit": "timer",
    "escalation": "chevrons-up",
    "email": "mail",
    "mail": "mail",
    "phone": "phone",
    "chat": "message-circle",
    "whatsapp": "message-circle",
    "portal": "globe",
    "other": "ticket",
    "note": "lock",
    "reply": "reply",
    "assign": "user-plus",
    "move": "arrow-right",
    "play": "play",
    "resolve": "circle-check",
    "reopen": "rotate-ccw",
    "why": "circle-question-mark",
    "calendar": "calendar-days",
    "policy": "scroll-text",
    "pipeline": "waypoints",
    "person": "user",
    "out": "log-out",
    "passkey": "key-round",
    "keyboard": "keyboard",
    "pulse": "activity",
    "left": "chevron-left",
    "right": "chevron-right",
    "filter": "list-filter",
    "star": "star",
    "tocsin": "bell-ring",
}
# Two of the looks are filled shapes, so that they read without colour; drawn by us.
_OWN = {
    "imminent": '<path fill="currentColor" stroke="none" d="M12 2.5 23 21H1z"/>'
    '<path class="hole" d="M12 9v5M12 17.4v.2"/>',
    "breached": '<path fill="currentColor" stroke="none"'
    ' d="M8 1.8h8L22.2 8v8L16 22.2H8L1.8 16V8z"/>'
    '<path class="hole" d="M12 7v6M12 16.4v.2"/>',
}


def icon(name: str, label: str = "") -> Markup:
    """Return an icon of the page's sprite: decoration, unless a label says what it means."""
    id_ = name.replace(" ", "-")
    if label:
        told = Markup('<svg class="icon" role="img" aria-label="{}"><use href="#i-{}"/></svg>')
        return told.format(label, id_)
    return Markup('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>').format(id_)


@functools.cache
def sprite() -> Markup:
    """Return all icons once, to be used by name: pages repeat them by the hundred."""
    shapes = {name: _shape(source) for name, source in ICONS.items()} | _OWN
    symbols = "".join(
        f'<symbol id="i-{name.replace(" ", "-")}" viewBox="0 0 24 24">{shape}</symbol>'
        for name, shape in shapes.items()
    )
    return Markup('<svg class="sprite" aria-hidden="true">{}</svg>').format(Markup(symbols))


def _shape(name: str) -> str:
    drawn = ElementTree.fromstring(lucide._render_icon(name, None))
    return "".join(ElementTree.tostring(part, encoding="unicode") for part in drawn)


def environment(**options: Any) -> Environment:
    """Return Jinja's environment for Django; a name that is not there is a mistake, not nothing."""
    own: dict[str, Any] = {"undefined": StrictUndefined, "extensions": ["jinja2.ext.i18n"]}
    made = Environment(**{**options, **own}, trim_blocks=True, lstrip_blocks=True)
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    made.policies["ext.i18n.trimmed"] = True
    made.globals.update(
        static=static,
        url=reverse,
        icon=icon,
        sprite=sprite,
        moments=moments,
        names=names,
        pieces=pieces,
        Right=Right,
        settings_are_open=settings.are_open,
        language=lambda: translation.get_language() or "en",
        as_json=lambda value: json.dumps(value, separators=(",", ":")),
    )
    return made
