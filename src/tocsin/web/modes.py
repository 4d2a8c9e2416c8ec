"""What can be set for a clock beside its targets, each choice with a sentence of what it does."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from tocsin.engine.definition import AtClose, Carry, Change, Judge, Merge, Reopen, Reset


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to set a mode: the engine's word, its name and its sentence."""

    key: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode of a clock and what it may be set to."""

    key: str
    question: str
    choices: tuple[Choice, ...]

    def choice(self, key: str) -> Choice:
        """Return a choice by the engine's word."""
        return next(choice for choice in self.choices if choice.key == key)


def _mode(key: str, question: str, *choices: tuple[str, str, str]) -> Mode:
    return Mode(key, question, tuple(Choice(*choice) for choice in choices))


_CHANGES = (
    (Change.CARRY, _("Carry over"), _("The time used so far stays used; the new target counts.")),
    (Change.RESTART, _("Start again"), _("The clock counts from zero against the new target.")),
    (Change.KEEP, _("Keep"), _("The clock goes on as it was promised; the new target is ignored.")),
)
# In the order of the form. A test holds this and the table of the manual against the engine.
MODES: Mapping[str, Mode] = {
    mode.key: mode
    for mode in (
        _mode("on_priority", _("When the priority changes"), *_CHANGES),
        _mode("on_policy", _("When another policy takes over"), *_CHANGES),
        _mode(
            "carry",
            _("How time is carried over"),
            (
                Carry.PIECEWISE,
                _("Piece by piece"),
                _("Each stretch counts by the calendar that held at its time."),
            ),
            (
                Carry.RETROACTIVE,
                _("By the new calendar"),
                _("All the time so far is counted anew by the new calendar."),
            ),
        ),
        _mode(
            "on_reopen",
            _("When the ticket is reopened"),
            (
                Reopen.RESUME,
                _("Go on"),
                _("The clock goes on from the time used; the time it stood does not count."),
            ),
            (Reopen.RESTART, _("Start again"), _("The same promise is counted from zero.")),
            (
                Reopen.NEW_CYCLE,
                _("New promise"),
                _("The first verdict stands; a second promise begins beside it."),
            ),
            (
                Reopen.FROM_CREATION,
                _("As if never stopped"),
                _("The clock goes on, and the time it stood counts too."),
            ),
            (
                Reopen.NEVER,
                _("Nothing"),
                _("The clock stays stopped, and its verdict is the last word."),
            ),
        ),
        _mode(
            "on_reset",
            _("When the clock is reset"),
            (
                Reset.RESTART,
                _("Start again"),
                _("It counts from zero; only the last stretch is judged."),
            ),
            (
                Reset.NEW_CYCLE,
                _("New promise"),
                _("What ran so far gets its verdict; the next promise begins."),
            ),
        ),
        _mode(
            "on_merge",
            _("When another ticket is merged into it"),
            (
                Merge.EARLIEST,
                _("The earliest word counts"),
                _("Words of the merged ticket count as if they had been written here."),
            ),
            (
                Merge.KEEP,
                _("Its own words count"),
                _("The merged ticket's words move nothing; the clock goes by its own."),
            ),
        ),
        _mode(
            "at_close",
            _("When a target is used up just as the day closes"),
            (AtClose.DUE, _("Due at closing"), _("Whatever is done after closing is too late.")),
            (
                AtClose.NEXT_OPENING,
                _("Due at the next opening"),
                _("It is in time until the calendar opens again."),
            ),
        ),
        _mode(
            "judge",
            _("When the due moved on the way"),
            (
                Judge.WORST,
                _("Any missed due is a breach"),
                _("A due that was missed stays missed, even when a later one is kept."),
            ),
            (
                Judge.FINAL,
                _("The last due decides"),
                _("Only the due that held when the clock stopped is judged."),
            ),
        ),
    )
}
JUDGED_BY = _mode(
    "judged_by",
    _("Which version holds for a clock"),
    (
        "clock start",
        _("The one in force when it started"),
        _("What was promised when the clock began holds to its end."),
    ),
    (
        "event time",
        _("The one in force at each event"),
        _("A new version, or a contract that ends, counts from its own instant on."),
    ),
)
REENTRY = _mode(
    "reentry",
    _("When a ticket comes back to a stage"),
    ("cumulative", _("Go on"), _("All its stays in the stage count together against the limit.")),
    ("fresh", _("New promise"), _("Each stay has the whole limit to itself.")),
)
PAUSES: Mapping[str, tuple[str, str]] = {
    "reason": (
        _("A reason is needed"),
        _("Whoever pauses says why; the reason stands in the explanation of the clock."),
    ),
    "approval": (
        _("A pause must be approved"),
        _("The clock runs on until a lead or manager has approved the pause."),
    ),
    "tell_customer": (
        _("The customer is told"),
        _("The customer sees that the clock is paused, and why."),
    ),
}
# What each preset measures; one without a sentence here is shown by its name alone.
PRESETS: Mapping[str, str] = {
    "first response": _("From the customer's first word to a person's first public answer."),
    "next response": _("From a customer's message to the answer to it, again for each message."),
    "resolution": _("From creation until it is resolved; waiting for the customer does not count."),
    "periodic update": _("A public word at least this often while the ticket is open."),
    "pausable update": _("A public word at least this often, but not while the customer waits."),
    "requester wait": _("The time that the ticket waits for us, not for the customer."),
    "agent work": _("The time that the ticket is being worked on."),
    "time in stage": _("Each stay in a stage; rows say which stage has which target."),
    "time to own": _("From when nobody owns the ticket until somebody does."),
    "team ownership": _("The time that one team has the ticket."),
    "callback": _("From when a call back was asked for until it was made."),
    "acknowledgement": _("From receipt until it is acknowledged."),
    "vendor": _("The time that a vendor has the ticket."),
    "messaging window": _("How long a free answer is allowed after the customer's message."),
}


def question(mode: Mode) -> str:
    """Return what a mode asks, in the reader's language."""
    return gettext(mode.question)


def preset(key: str) -> str:
    """Return what a preset measures; empty for a clock of one's own."""
    return gettext(PRESETS[key]) if key in PRESETS else ""
