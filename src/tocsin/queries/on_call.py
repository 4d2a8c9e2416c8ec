"""Who is on call and who is there, for alerts, escalations and pages. Pure: asked of a desk."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.engine import on_call
from tocsin.engine.on_call import Shift
from tocsin.queries.desk import Desk

# How far ahead a shift is looked for, each time from the beginning.
_REACHES = tuple(dt.timedelta(days=days) for days in (9, 60, 400))


def at(desk: Desk, key: str, when: dt.datetime) -> list[int]:
    """Return the ids of the people whom a schedule calls at an instant; it may be nobody.

    In the place of somebody who is away it is their substitute. A schedule that there is not
    calls nobody.
    """
    found = (present(desk, id_, when) for id_ in desk.on_call.at(key, when))
    return list(dict.fromkeys(id_ for id_ in found if id_ is not None))


def present(desk: Desk, person_id: int, when: dt.datetime) -> int | None:
    """Return who is there for a person at an instant: themselves or a substitute, or None.

    Substitutes of substitutes are followed; a circle of people who are all away is nobody.
    """
    return on_call.present(person_id, when, desk.on_call.absences, _Gone(desk))


def next_shift(desk: Desk, key: str, after: dt.datetime) -> dt.datetime | None:
    """Return the earliest later instant at which a shift begins, or None within 400 days."""
    for reach in _REACHES:
        for shift in line(desk, key, after, after + reach):
            if shift.people and shift.begins > after:
                return shift.begins
    return None


def line(desk: Desk, key: str, begins: dt.datetime, ends: dt.datetime) -> list[Shift]:
    """Return who is there in ``[begins, ends)``, the stretches without anybody among them."""
    shifts = desk.on_call.shifts(key, begins, ends)
    return list(on_call.merged(_covered(desk, shifts)))


def turns(desk: Desk, key: str, begins: dt.datetime, ends: dt.datetime) -> list[Shift]:
    """Return the shifts of who is there, those of different turns apart."""
    shifts = on_call.merged(_covered(desk, desk.on_call.shifts(key, begins, ends)), turns=True)
    return [shift for shift in shifts if shift.people]


def _covered(desk: Desk, shifts: list[Shift]) -> Iterable[Shift]:
    return on_call.covered(shifts, desk.on_call.absences, _Gone(desk))


@dataclass(frozen=True, slots=True)
class _Gone:
    """Whoever is not among the people of a desk, or has left."""

    desk: Desk

    def __contains__(self, id_: object) -> bool:
        person = self.desk.people.get(id_) if isinstance(id_, int) else None
        return person is None or not person.active
