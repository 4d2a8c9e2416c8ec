"""Customers: accounts that are promised something, and the contacts who write for them."""

from django.db import models

from tocsin.records.tenancy import TenantRow, link, walls


class Account(TenantRow):
    """A company that is served: its plan, flags that lift its tickets, and who looks after it."""

    key = models.TextField()
    name = models.TextField()
    plan = models.TextField(default="")
    vip = models.BooleanField(default=False)
    high_value = models.BooleanField(default=False)
    account_manager = link("records.Person", null=True)

    class Meta:
        """One key once."""

        db_table = "account"
        constraints = [
            *walls("account", account_manager_id="person"),
            models.UniqueConstraint(fields=("tenant", "key"), name="account_key_once"),
        ]


class Contact(TenantRow):
    """A person who writes; needs no licence and may belong to no account."""

    account = link("records.Account", null=True)
    name = models.TextField()
    email = models.TextField(default="")
    email_key = models.TextField(default="")

    class Meta:
        """One address once, if it is known."""

        db_table = "contact"
        constraints = [
            *walls("contact", account_id="account"),
            models.UniqueConstraint(
                fields=("tenant", "email_key"),
                condition=~models.Q(email_key=""),
                name="contact_email_once",
            ),
        ]
