"""Letters: a message as mail."""

from tocsin.actions import private_letters, strongbox, wording
from tocsin.actions.letters import FailedForGood, Outcome
from tocsin.actions.outbox import Lease
from tocsin.channels.email.connection import Smtp
from tocsin.channels.email.send import Letter, send

_SEALED = "its link is sealed with a key that is not here; have another one sent"


def letter(lease: Lease) -> Letter:
    """Return a leased message as a letter."""
    words = private_letters.of(lease) or wording.of(lease)
    return Letter(
        tenant=lease.tenant,
        key=lease.key,
        to=lease.address or (lease.recipient.address if lease.recipient else ""),
        name=lease.recipient.name if lease.recipient else "",
        subject=words.subject,
        body=words.body,
        at=lease.at,
        language=words.language,
    )


def hand_over(lease: Lease, to: Smtp) -> Outcome:
    """Hand a leased message to a server and return what came of it.

    A link that is sealed with a key that this process does not have is not waited for: whoever
    needs one asks for another, and an administrator is told.
    """
    try:
        made = letter(lease)
    except strongbox.Locked:
        return FailedForGood(_SEALED)
    return send(made, to)
