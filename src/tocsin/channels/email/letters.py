"""Letters: a message as mail."""

from tocsin.actions import private_letters, wording
from tocsin.actions.outbox import Lease
from tocsin.channels.email.send import Letter


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
