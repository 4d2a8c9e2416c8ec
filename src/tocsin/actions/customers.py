"""Accounts and their contacts."""

import datetime as dt

from tocsin.actions import configuration, given, ledger
from tocsin.kit import canonical
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.queries.access import Actor, Right
from tocsin.records import rows


@access.needs(Right.ADMINISTER)
def add_account(
    *,
    name: str,
    by: Actor,
    key: str = "",
    plan: str = "",
    vip: bool = False,
    high_value: bool = False,
    account_manager: int | None = None,
    now: dt.datetime | None = None,
) -> int:
    """Add an account and return its id."""
    name, key = given.text(name, "name"), given.text(key, "key", empty=True).casefold()
    with ledger.configuring(by.tenant, now=now) as (at_work, at):
        if account_manager is not None and account_manager not in at_work.people:
            raise Invalid("account_manager", f"there is no person {account_manager}")
        id_ = rows.ids("account", 1)[0]
        # Not the name: the key stands in the facts of every ticket, where nothing can be erased.
        key = key or f"account {id_}"
        where = [by.tenant, key]
        if rows.query("SELECT 1 FROM account WHERE tenant_id = %s AND key = %s", where):
            raise Invalid("key", f"there is an account {key!r} already")
        row = {
            "id": id_,
            "tenant_id": by.tenant,
            "key": key,
            "name": name,
            "plan": plan,
            "vip": vip,
            "high_value": high_value,
            "account_manager_id": account_manager,
        }
        rows.insert("account", [row])
        told = {"key": key, "plan": plan, "vip": vip, "high_value": high_value}
        configuration.record(by, "account", id_, "added", told, now=at, content=name)
    return id_


@access.needs(Right.OPEN_TICKETS)
def add_contact(
    *,
    name: str,
    by: Actor,
    email: str = "",
    account: int | None = None,
    now: dt.datetime | None = None,
) -> int:
    """Add a contact and return their id."""
    name, email = given.text(name, "name"), given.text(email, "email", empty=True)
    with ledger.session(by.tenant) as (_, clock):
        at = now or clock
        if account is not None and not rows.query(
            "SELECT 1 FROM account WHERE tenant_id = %s AND id = %s", [by.tenant, account]
        ):
            raise Invalid("account", f"there is no account {account}")
        _check_address(by.tenant, email)
        id_ = rows.ids("contact", 1)[0]
        row = {
            "id": id_,
            "tenant_id": by.tenant,
            "account_id": account,
            "name": name,
            "email": email,
            "email_key": email.casefold(),
        }
        rows.insert("contact", [row])
        content = canonical.encoded({"name": name, "email": email}).decode()
        told = {"account": None if account is None else str(account)}
        configuration.record(by, "contact", id_, "added", told, now=at, content=content)
    return id_


def _check_address(tenant: int, email: str) -> None:
    """Refuse an address that a contact has already; of two at once the second waits and sees."""
    if not email:
        return
    key = email.casefold()
    rows.run(
        "SELECT pg_advisory_xact_lock(hashtext('tocsin contact'), hashtext(%s))",
        [f"{tenant}/{key}"],
    )
    if rows.query("SELECT 1 FROM contact WHERE tenant_id = %s AND email_key = %s", [tenant, key]):
        raise Invalid("email", f"a contact has the address {email} already")
