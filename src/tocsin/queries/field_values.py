"""What fields of tickets there are on a desk, and what stands in them: for forms to offer."""

from dataclasses import dataclass, field

from tocsin.queries import access, desk, reach
from tocsin.queries.access import Actor, Right
from tocsin.queries.desk import Desk
from tocsin.records import rows
from tocsin.records.tickets import PRIORITIES, STATUSES

_MOST = 200
# The fields that every desk's conditions may look at, in the order of the list.
FIELDS = (
    *("priority", "status", "stage", "pipeline", "team", "assignee", "account", "plan"),
    *("vip", "high_value", "type", "channel", "contract", "impact", "urgency"),
)
_FLAG = (("yes", ""), ("no", ""))


@dataclass(frozen=True, slots=True)
class FieldValues:
    """The names of fields, a company's own ones last, and by name the values that there are.

    A value has the word that conditions use, and a name for people where that is another one.
    """

    names: tuple[str, ...]
    own: tuple[str, ...]
    values: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


@access.needs(Right.READ_CONFIGURATION)
def field_values(*, by: Actor) -> FieldValues:
    """Return the fields of tickets and their values, the first 200 of each."""
    seen, given = reach.about(by, "ticket_id")
    with reach.reading(by):
        at_work, _ = desk.at_work(by.tenant)
        own = tuple(
            row[0]
            for row in rows.query(
                f"SELECT DISTINCT name FROM ticket_field WHERE tenant_id = %s AND {seen}"
                " ORDER BY 1 LIMIT %s",
                [by.tenant, *given, _MOST],
            )
        )
        found = {**_of_desk(at_work), **_of_rows(by)}
    named = (*FIELDS, *(name for name in own if name not in FIELDS))
    return FieldValues(
        tuple(name for name in named if access.reads(by, name)),
        tuple(name for name in own if access.reads(by, name)),
        {name: values for name, values in found.items() if access.reads(by, name)},
    )


def _of_desk(at_work: Desk) -> dict[str, tuple[tuple[str, str], ...]]:
    pipelines = at_work.pipelines.values()
    people = [person for person in at_work.people.values() if person.active]
    return {
        "priority": tuple((key, "") for key in PRIORITIES),
        "status": tuple((key, "") for key in STATUSES),
        "stage": tuple(
            {stage.key: stage.name for one in pipelines for stage in one.stages}.items()
        ),
        "pipeline": tuple((one.key, one.name) for one in pipelines),
        "team": tuple((key, team.name) for key, team in at_work.teams.items()),
        "assignee": tuple((str(person.id), person.name) for person in people)[:_MOST],
        "contract": tuple(
            (key, "") for key in sorted({one.key for one in at_work.versions.books.contracts})
        )[:_MOST],
        "vip": _FLAG,
        "high_value": _FLAG,
    }


def _of_rows(by: Actor) -> dict[str, tuple[tuple[str, str], ...]]:
    accounts = rows.query(
        "SELECT key, name FROM account WHERE tenant_id = %s ORDER BY name LIMIT %s",
        [by.tenant, _MOST],
    )
    plans = rows.query(
        "SELECT DISTINCT plan FROM account WHERE tenant_id = %s AND plan <> '' ORDER BY 1 LIMIT %s",
        [by.tenant, _MOST],
    )
    seen, given = reach.condition(by)
    found = {"account": tuple(accounts), "plan": tuple((row[0], "") for row in plans)}
    for name in ("type", "channel"):
        # The newest tickets say what is in use; all of them would take long to go through.
        listed = rows.query(
            f"SELECT DISTINCT {name} FROM (SELECT t.{name} FROM ticket t WHERE t.tenant_id = %s"
            f" AND {seen} ORDER BY t.number DESC LIMIT 2000) t WHERE {name} <> ''"
            " ORDER BY 1 LIMIT %s",
            [by.tenant, *given, _MOST],
        )
        found[name] = tuple((row[0], "") for row in listed)
    return found
