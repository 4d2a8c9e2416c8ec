"""Mail as a provider of a tenant: a mail server of its own, in place of the installation's."""

import re
from collections.abc import Mapping

from tocsin.actions.carriers import Carrier, Field, Limits
from tocsin.actions.letters import Lease, Outcome
from tocsin.channels.email import send
from tocsin.channels.email.letters import hand_over
from tocsin.channels.email.send import Smtp
from tocsin.kit.invalid import Invalid

_TLS, _STARTTLS, _PLAIN = "tls", "starttls", "none"
_PORTS = {_TLS: 465, _STARTTLS: 587, _PLAIN: 25}
_HOST = re.compile(r"[0-9A-Za-z.:-]{1,253}", re.ASCII)
_LONGEST_ADDRESS = 254


def read(given: Mapping[str, str]) -> Smtp:
    """Return the mail server; raises `Invalid` that names the field."""
    host, security = given["host"].strip("[]"), given["security"]
    if not _HOST.fullmatch(host):
        raise Invalid("host", "must be the name of a mail server, such as smtp.example.com")
    port = int(given["port"]) if given["port"] else _PORTS[security]
    if not 0 < port < 65536:
        raise Invalid("port", "must be 1 to 65535")
    if not send.is_address(given["sender"]) or not given["sender"].isascii():
        raise Invalid("sender", "must be an address, such as desk@example.com")
    if bool(given["user"]) != bool(given["password"]):
        missing = "password" if given["user"] else "user"
        raise Invalid(missing, "user and password go together")
    if given["password"] and security == _PLAIN:
        raise Invalid(
            "security", "a password would go over the network for all to read: choose TLS"
        )
    return Smtp(
        host=host,
        port=port,
        sender=given["sender"],
        tls=security == _TLS,
        starttls=security == _STARTTLS,
        user=given["user"],
        password=given["password"],
        guarded=True,
    )


def address(text: str) -> str:
    """Return a mail address as it was typed; raises `Invalid("address", …)`."""
    found = text.strip()
    if not send.is_address(found) or len(found) > _LONGEST_ADDRESS:
        raise Invalid("address", "must be a mail address, such as ann@example.com")
    return found


def _send(lease: Lease, to: Smtp) -> Outcome:
    return hand_over(lease, to)


CARRIER: Carrier[Smtp] = Carrier(
    channel="mail",
    title="E-mail (SMTP)",
    fields=(
        Field("host", "Mail server", hint="Such as smtp.example.com."),
        Field(
            "security",
            "Encryption",
            "choice",
            choices=(_TLS, _STARTTLS, _PLAIN),
            hint="Port 465 speaks TLS from the start, port 587 begins it with STARTTLS.",
        ),
        Field(
            "port",
            "Port",
            "number",
            required=False,
            hint="Leave it empty for 465, 587 or 25, as the encryption says.",
        ),
        Field("user", "User", required=False),
        Field("password", "Password", "secret", required=False),
        Field(
            "sender",
            "Sender",
            hint="The address that messages come from; the server must let the user write as it.",
        ),
    ),
    read=read,
    send=_send,
    address=address,
    limits=Limits(per_second=20.0, at_once=4),
)
