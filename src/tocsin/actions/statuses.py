"""Stages and statuses: every stage belongs to one status, so the two move together."""

from tocsin.actions import given
from tocsin.actions.work import Work
from tocsin.engine.event import Kind
from tocsin.queries.access import Actor, NotAllowed
from tocsin.queries.stages import Pipeline, Stage

DONE = ("resolved", "closed")
WAITING = ("waiting customer", "waiting internal")


def own_pipeline(work: Work) -> Pipeline:
    """Return the pipeline that the ticket is in; refuse for one in none."""
    key = work.field("pipeline")
    if key is None:
        raise NotAllowed("the ticket is in no pipeline, so it has no stages")
    return given.pipeline(work.desk, str(key))


def to_stage(work: Work, stage: Stage, by: Actor, reason: str = "") -> None:
    """Put the ticket into a stage and give it the status of that."""
    _still_there(work)
    work.add(Kind.STAGE, {"to": stage.key}, by)
    if work.field("status") != stage.status:
        work.add(Kind.STATUS, {"to": stage.status}, by, content=reason or None)


def to_status(work: Work, status: str, by: Actor, *, reason: str = "") -> None:
    """Give the ticket a status, and move it to the pipeline's first stage of that status."""
    _still_there(work)
    pipeline = work.desk.pipelines.get(str(work.field("pipeline") or ""))
    current = pipeline.stage(str(work.field("stage") or "")) if pipeline else None
    stage = pipeline.first(status) if pipeline else None
    if stage is not None and (current is None or current.status != status):
        to_stage(work, stage, by, reason)
        return
    # Waiting already, but for something else: the new reason is a fact of its own.
    if work.field("status") != status or reason:
        work.add(Kind.STATUS, {"to": status}, by, content=reason or None)


def _still_there(work: Work) -> None:
    """Refuse for a ticket that went into another one, or is spam: it has come to its end."""
    if work.state.gone:
        raise NotAllowed(
            "ticket %(number)s is %(status)s",
            number=work.row["number"],
            status=work.field("status"),
        )


def before_waiting(work: Work) -> str:
    """Return the status in which the ticket last was worked on."""
    statuses = [fact.changes().get("status") for fact in work.log]
    active = [status for status in statuses if status not in (None, *WAITING, *DONE)]
    return "new" if active and active[-1] == "new" else "open"


def before_spam(work: Work) -> str:
    """Return the status that the ticket had before it was taken for spam."""
    statuses = [fact.changes().get("status") for fact in work.log]
    known = [str(status) for status in statuses if status not in (None, "spam")]
    return known[-1] if known else "new"
