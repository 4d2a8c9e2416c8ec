"""What stored keys are called by the desk: owners, teams, stages, kinds of clocks."""

from tocsin.queries.desk import Desk


def owner(at_work: Desk, key: str) -> str:
    """Return the name of a person by the text of their id; what an import called them as it is."""
    known = at_work.people.get(int(key)) if key.isdecimal() else None
    return known.name if known else key


def team(at_work: Desk, key: str) -> str:
    """Return the name of a team by its key."""
    known = at_work.teams.get(key)
    return known.name if known else key


def stage(at_work: Desk, key: str) -> str:
    """Return the name of a stage by its key, in the first pipeline that has it."""
    for pipeline in at_work.pipelines.values():
        if found := pipeline.stage(key):
            return found.name
    return key


def kind(clock: str) -> str:
    """Return what kind of clock an id names: ``first response`` of ``SLA/first response#1``."""
    return clock.partition("/")[2].rpartition("#")[0]
