"""The register of violations and the list of restatements: to look at, to see to, to take along."""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tocsin.actions import violations as deeds
from tocsin.kit import shape
from tocsin.kit.invalid import Invalid
from tocsin.queries import restatements, violations
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.queries.frame import Frame
from tocsin.queries.violations import Sought, Violation
from tocsin.web import exports, layout, names, reports, screens, sheets
from tocsin.web.asked import Asked

_MOST, _MOST_IN_FILE = 50, 1000
_ALL = "all"
_PERIODS = (*reports.PERIODS, _ALL)
# In addresses: what no text of a desk is.
NONE = "-"
_YES_NO = {"yes": True, "no": False}
_ASKED = ("days", "clock", "team", "owner", "stage", "policy", "cause", "seen", "stands")
CAUSES = {
    "time": gettext_noop("Time ran out"),
    "reclassified": gettext_noop("Priority changed"),
    "policy change": gettext_noop("Policy changed"),
    "calendar edit": gettext_noop("Calendar changed"),
    "reopened": gettext_noop("Reopened"),
    "override": gettext_noop("Due set by hand"),
}
COLUMNS = (
    *("ticket", "subject", "clock", "kind", "stage", "owner", "team", "due_at", "breached_at"),
    *("detected_at", "business_overrun_seconds", "wall_overrun_seconds", "overrun_is"),
    *("cause", "policy", "policy_version", "acknowledged_by", "acknowledged_at", "note"),
    *("withdrawn_at", "as_of"),
)


@dataclass(frozen=True, slots=True)
class Asking:
    """What an address asks of the register: the words in it, and what they mean."""

    given: Mapping[str, str]
    sought: Sought

    def link(self, **instead: str) -> str:
        """Return the address of the register with some of that put otherwise."""
        asked = {k: v for k, v in {**self.given, **instead}.items() if v}
        return f"?{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A note that was refused: for which violation, as it was typed, and why."""

    id: int
    note: str
    sentence: str


@screens.needs(Right.READ_REPORTS)
def violations_page(request: Asked) -> HttpResponse:
    """Show the register, or for a script the next lines of it."""
    return _register(request, request.GET)


def _register(request: Asked, given: QueryDict, wrong: Wrong | None = None) -> HttpResponse:
    around = layout.around(request)
    asking = asking_of(given, around.now)
    after = given.get("after") or None
    page = violations.violations(
        by=request.by, sought=asking.sought, after=after, most=_MOST, now=around.now
    )
    shown: dict[str, Any] = {
        "page": page,
        "asking": asking,
        "more": asking.link(after=page.after) if page.after else "",
        "may_see_to": Right.ACKNOWLEDGE in request.by.rights,
        "may_export": Right.EXPORT in request.by.rights,
        "causes": {key: _(name) for key, name in CAUSES.items()},
        "wrong": wrong,
        "now": around.now,
    }
    if screens.is_partial(request):
        return render(request, "reports/violation_rows.html", shown)
    shown |= _figures(request.by, asking)
    shown |= {"choices": _choices(around.desk), "periods": _periods(), "here": "violations"}
    shown["file"] = f"{reverse('violations_csv')}{asking.link()}"
    status = 200 if wrong is None else 422
    return layout.show(
        request, "reports", "reports/violations.html", shown, around=around, status=status
    )


def _figures(by: Actor, asking: Asking) -> dict[str, Any]:
    """Return the sum of what is asked for, and of the same whatever has become of it."""
    asked = asking.sought
    whole = violations.count(by=by, sought=_any_outcome(asked))
    count = whole.all
    if asked.acknowledged is not None or asked.standing is not None:
        count = violations.count(by=by, sought=asked).all
    links = {
        "all": asking.link(seen="", stands=""),
        "waiting": asking.link(seen="no", stands="yes"),
        "acknowledged": asking.link(seen="yes", stands=""),
        "withdrawn": asking.link(seen="", stands="no"),
    }
    return {"sum": whole, "count": count, "links": links}


def _any_outcome(sought: Sought) -> Sought:
    return Sought(
        since=sought.since,
        until=sought.until,
        team=sought.team,
        owner=sought.owner,
        stage=sought.stage,
        clock=sought.clock,
        policy=sought.policy,
        cause=sought.cause,
    )


def _periods() -> list[tuple[str, str]]:
    return [*reports.periods(), (_ALL, _("All time"))]


def asking_of(given: QueryDict, now: dt.datetime) -> Asking:
    """Return what an address asks for; refuse what it cannot mean, by the field's name."""
    words = {name: given.get(name, "") for name in _ASKED}
    words["days"] = shape.one_of(words["days"] or "28", "days", _PERIODS)

    def value(name: str) -> str | None:
        return None if not words[name] else "" if words[name] == NONE else words[name]

    def choice(name: str) -> bool | None:
        return _YES_NO[shape.one_of(words[name], name, _YES_NO)] if words[name] else None

    sought = Sought(
        since=_since(words["days"], now),
        team=value("team"),
        owner=value("owner"),
        stage=value("stage"),
        clock=value("clock"),
        policy=value("policy"),
        cause=value("cause"),
        acknowledged=choice("seen"),
        standing=choice("stands"),
    )
    return Asking(words, sought)


def _since(days: str, now: dt.datetime) -> dt.datetime | None:
    return None if days == _ALL else reports.since(days, now)


def _choices(desk: Desk) -> dict[str, list[tuple[str, str]]]:
    """Return what can be looked for of each kind: keys, and what they are called."""
    kinds = {plan.definition.key for policy in desk.versions.policies for plan in policy.plans}
    stages = {stage.key: stage.name for one in desk.pipelines.values() for stage in one.stages}
    nobody = (NONE, _("Nobody"))
    return {
        "clock": sorted((key, names.clock(key)) for key in kinds),
        "team": [*sorted((key, team.name) for key, team in desk.teams.items()), nobody],
        "owner": [
            *sorted(((str(p.id), p.name) for p in desk.people.values()), key=lambda one: one[1]),
            nobody,
        ],
        "stage": sorted(stages.items()),
        "policy": sorted({(policy.key, policy.key) for policy in desk.versions.policies}),
        "cause": [(key, _(name)) for key, name in CAUSES.items()],
    }


# ------------------------------------------------------------------------------------ seeing to it


@screens.needs(Right.ACKNOWLEDGE, "POST")
def acknowledge(request: Asked, violation: int) -> HttpResponse:
    """Acknowledge a violation; a note that cannot be taken stands in its field again."""
    note, back = request.POST.get("note", ""), QueryDict(request.POST.get("back", ""))
    try:
        deeds.acknowledge(violation_id=violation, note=note, by=request.by)
    except Invalid as error:
        told = screens.wrong(error.path, error.reason)
        if screens.wants_json(request):
            return screens.told(request, told, status=422)
        return _register(request, back, Wrong(violation, note, told))
    place = f"{reverse('violations')}?{back.urlencode()}#v-{violation}"
    if screens.wants_json(request):
        return screens.done(request, place)
    return HttpResponseRedirect(place)


# ------------------------------------------------------------------------------------ the file


@screens.needs(Right.EXPORT, "POST")
def violations_csv(request: Asked) -> HttpResponse:
    """Send all that is asked for as a file, line by line."""
    return exports.send(request, "violations")


@exports.file("violations")
def _file(request: Asked, given: QueryDict, frame: Frame) -> exports.File:
    asking = asking_of(given, frame.now)
    count = violations.count(by=request.by, sought=asking.sought).all
    # Read before anything is sent: what is refused must not end in the midst of a file.
    lines = file_of(request.by, asking.sought, frame)
    return exports.File(count, itertools.chain([next(lines)], lines))


def file_of(by: Actor, sought: Sought, around: Frame) -> Iterator[str]:
    """Yield the file in parts, a page of the register each.

    It begins with a mark that says UTF-8: spreadsheets take it for something else without. Its
    words do not follow the reader's language, so that programs can rely on them.
    """
    after: str | None = None
    head = sheets.MARK + sheets.lines([COLUMNS])
    while True:
        page = violations.violations(
            by=by, sought=sought, after=after, most=_MOST_IN_FILE, now=around.now
        )
        yield head + sheets.lines([_line(one, around.now) for one in page.violations])
        head, after = "", page.after
        if after is None:
            return


def _line(one: Violation, now: dt.datetime) -> tuple[object, ...]:
    over = one.overrun
    kind = "none" if over is None else "final" if over.final else "as of now"
    return (
        f"T-{one.number}",
        one.subject,
        one.clock,
        one.kind,
        one.stage,
        one.owner,
        one.team,
        _instant(one.due_at),
        _instant(one.breached_at),
        _instant(one.detected_at),
        "" if over is None else over.business.total_seconds(),
        "" if over is None else over.wall.total_seconds(),
        kind,
        one.cause,
        one.policy,
        one.policy_version,
        one.acknowledged_by,
        _instant(one.acknowledged_at),
        one.note,
        _instant(one.withdrawn_at),
        _instant(now),
    )


def _instant(at: dt.datetime | None) -> str:
    return "" if at is None else at.astimezone(dt.UTC).isoformat()


# ------------------------------------------------------------------------------------ restatements


@screens.needs(Right.READ_REPORTS)
def restatements_page(request: Asked) -> HttpResponse:
    """Show which verdicts became others, or for a script the next lines."""
    around = layout.around(request)
    days = shape.one_of(request.GET.get("days") or "90", "days", _PERIODS)
    since = _since(days, around.now)
    after = request.GET.get("after") or None
    page = restatements.restatements(by=request.by, since=since, after=after, most=_MOST)
    shown: dict[str, Any] = {
        "page": page,
        "more": f"?{urlencode({'days': days, 'after': page.after})}" if page.after else "",
        "now": around.now,
    }
    if screens.is_partial(request):
        return render(request, "reports/restatement_rows.html", shown)
    shown |= {
        "count": restatements.count(by=request.by, since=since),
        "periods": _periods(),
        "days": days,
        "here": "restatements",
    }
    return layout.show(request, "reports", "reports/restatements.html", shown, around=around)
