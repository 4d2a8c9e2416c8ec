"""What rights, roles and holders of permission sets are called, with a sentence for each right."""

from collections.abc import Iterable

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_noop as _

from tocsin.queries.access import Right
from tocsin.queries.permission_sets import ROLES, Allowed
from tocsin.queries.permission_sets import Shown as PermissionSet
from tocsin.web import names

# Each right: its name, and what whoever has it may do.
WORDS = {
    Right.READ_TICKETS: (_("Read tickets"), _("See tickets, their clocks and all that was said.")),
    Right.OPEN_TICKETS: (_("Open tickets"), _("Open a ticket for a customer or a colleague.")),
    Right.WRITE: (_("Reply"), _("Write to the customer.")),
    Right.NOTE: (_("Write notes"), _("Write what only colleagues read.")),
    Right.ASSIGN: (_("Assign"), _("Give a ticket to a person or a team, and take the next one.")),
    Right.CHANGE: (
        _("Change tickets"),
        _("Move, pause, resolve, merge and split; set priority and fields."),
    ),
    Right.ESCALATE: (_("Escalate"), _("Start, acknowledge and stop escalations.")),
    Right.APPROVE_PAUSES: (_("Approve pauses"), _("Let a clock stand still where leave is asked.")),
    Right.ACKNOWLEDGE: (
        _("Acknowledge violations"),
        _("Say that a missed promise is known, and why it was missed."),
    ),
    Right.OVERRIDE: (_("Override clocks"), _("Give a clock another target, with a reason.")),
    Right.PLAN_ON_CALL: (
        _("Plan who is on call"),
        _("Put somebody on call instead of another, and enter absences."),
    ),
    Right.READ_REPORTS: (_("Read reports"), _("See compliance, violations and pauses.")),
    Right.EXPORT: (_("Export"), _("Take lists out of the product as files.")),
    Right.APPROVE_EXPORTS: (
        _("Approve exports"),
        _("Agree to what others want to export; never to one's own."),
    ),
    Right.READ_AUDIT: (_("Read the audit log"), _("See who did, read and exported what.")),
    Right.READ_CONFIGURATION: (
        _("Read the configuration"),
        _("See calendars, policies, pipelines and paths."),
    ),
    Right.CONFIGURE: (
        _("Change the configuration"),
        _("Publish calendars, policies, pipelines and paths, which decide what is late."),
    ),
    Right.ADMINISTER: (
        _("Administer"),
        _("Change people, teams, rights and secrets. Who has this can get every other right."),
    ),
    Right.IMPORT: (_("Import history"), _("Bring in tickets and facts of another system.")),
}
# How they stand together on a page.
GROUPS = (
    (
        _("Tickets"),
        (
            *(Right.READ_TICKETS, Right.OPEN_TICKETS, Right.WRITE, Right.NOTE, Right.ASSIGN),
            *(Right.CHANGE, Right.ESCALATE, Right.APPROVE_PAUSES, Right.ACKNOWLEDGE),
            Right.OVERRIDE,
        ),
    ),
    (
        _("Reports and exports"),
        (Right.READ_REPORTS, Right.EXPORT, Right.APPROVE_EXPORTS, Right.READ_AUDIT),
    ),
    (
        _("The desk"),
        (
            *(Right.PLAN_ON_CALL, Right.READ_CONFIGURATION, Right.CONFIGURE),
            *(Right.ADMINISTER, Right.IMPORT),
        ),
    ),
)
ROLE_WORDS = {
    "agent": _("Works on tickets."),
    "lead": _("Also approves pauses, acknowledges violations and reads reports."),
    "manager": _("Also agrees to exports."),
    "administrator": _("May do everything, also change people and their rights."),
    "auditor": _("Reads everything and changes nothing."),
    "limited": _("May do nothing but what permission sets say."),
}
# What the actions behind these pages refuse, for the catalogs.
_REFUSALS = (
    gettext_noop("nobody else is an administrator; make somebody one first"),
    gettext_noop("it is held by %(names)s; take it from them first"),
    gettext_noop("a rule for fields or networks names it; change that rule first"),
    gettext_noop("you come from %(address)s and would shut yourself out; add that network first"),
    gettext_noop("%(name)s has left and cannot lead a team"),
    gettext_noop(
        "%(above)s reports to %(name)s, perhaps by way of others; nobody can be their own"
        " manager in the end"
    ),
    gettext_noop("must be 1 to 9"),
    gettext_noop("must be somebody else who works here"),
    gettext_noop("must be small letters, digits and hyphens, and no role's name"),
    gettext_noop("must be one of those that are offered"),
    gettext_noop("must be some of those that are offered"),
    gettext_noop("there is a permission set of that key already"),
    gettext_noop("choose at least one right"),
    gettext_noop("choose at least one team"),
    gettext_noop("must be teams of this desk"),
    gettext_noop("are too many"),
    gettext_noop("another team is called so already"),
    gettext_noop("must be roles and permission sets of this desk"),
    gettext_noop("choose somebody who may read it"),
    gettext_noop("must be a role or a permission set of this desk"),
    gettext_noop("is there already"),
    gettext_noop("is no network; write it like 10.20.0.0/16"),
    gettext_noop("has space around it"),
)


def name(right: Right | str) -> str:
    """Return what a right is called."""
    return gettext(WORDS[Right(right)][0])


def sentence(right: Right | str) -> str:
    """Return what whoever has a right may do."""
    return gettext(WORDS[Right(right)][1])


def groups() -> list[tuple[str, tuple[Right, ...]]]:
    """Return the rights as they stand together, each group with its name."""
    return [(gettext(title), rights) for title, rights in GROUPS]


def roles() -> list[tuple[str, str, str]]:
    """Return the roles by key, name and sentence."""
    return [(key, names.role(key), gettext(ROLE_WORDS[key])) for key in ROLES]


def holders(sets: Iterable[PermissionSet]) -> list[tuple[str, str]]:
    """Return whom a rule may name, roles before permission sets, by key and name."""
    return [*((key, names.role(key)) for key in ROLES), *((one.key, one.name) for one in sets)]


def where(one: Allowed) -> str:
    """Return for which tickets somebody has a right, in words; nothing for all of them."""
    told = []
    for team, type_ in one.where:
        words = {"team": team, "type": type_}
        if team and type_:
            told.append(gettext("%(type)s of %(team)s") % words)
        else:
            told.append(team or type_)
    return ", ".join(told)
