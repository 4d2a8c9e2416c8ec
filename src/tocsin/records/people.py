"""People who work here, and their teams."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import F, Q

from tocsin.records.tenancy import TenantRow, Trigger, WithinTenant, link, walls

# `limited` may do nothing by itself: permission sets say what.
ROLES = ("agent", "lead", "manager", "administrator", "auditor", "limited")


class Person(AbstractBaseUser, TenantRow):
    """A person of one tenant. Agents of level 2 and up are senior. `email_key` is in lower case.

    `external_id` is what a directory calls them that keeps people here by SCIM.

    From `quiet_from` to `quiet_until` (local times such as 22:00, both empty for never) only what
    is critical reaches them; the rest waits.
    """

    email = models.TextField()
    email_key = models.TextField()
    name = models.TextField()
    role = models.TextField(default="agent")
    level = models.SmallIntegerField(default=1)
    manager = link("records.Person", null=True)
    is_active = models.BooleanField(default=True)
    language = models.TextField(default="en")
    zone = models.TextField(default="UTC")
    quiet_from = models.TextField(default="", db_default="")
    quiet_until = models.TextField(default="", db_default="")
    external_id = models.TextField(default="", db_default="")
    # Who signed in when belongs into the log, not into a column that forgets.
    last_login = None
    objects: ClassVar[models.Manager[Any]] = WithinTenant()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        """Managers form a tree: the trigger refuses a circle, however it comes about."""

        db_table = "person"
        base_manager_name = "objects"
        constraints = [
            *walls("person", manager_id="person"),
            models.UniqueConstraint(fields=("tenant", "email_key"), name="person_email_once"),
            models.CheckConstraint(condition=Q(role__in=ROLES), name="person_role_known"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=9), name="person_level"),
            models.CheckConstraint(condition=~Q(manager=F("id")), name="person_not_own_manager"),
            Trigger(
                name="person_manager_tree",
                when="AFTER INSERT OR UPDATE OF manager_id ON @ FOR EACH ROW",
                run="refuse_manager_circle",
            ),
        ]


class Team(TenantRow):
    """A team. `key` is its name in lower case: what configuration and facts call it by.

    `external_id` is what a directory calls the group that its members come from.
    """

    key = models.TextField()
    name = models.TextField()
    level = models.SmallIntegerField(default=1)
    lead = link("records.Person", null=True)
    manager = link("records.Person", null=True)
    external_id = models.TextField(default="", db_default="")

    class Meta:
        """One key once."""

        db_table = "team"
        constraints = [
            *walls("team", lead_id="person", manager_id="person"),
            models.UniqueConstraint(fields=("tenant", "key"), name="team_key_once"),
        ]


class Membership(TenantRow):
    """A person works in a team."""

    team = link("records.Team")
    person = link("records.Person")

    class Meta:
        """Once each."""

        db_table = "membership"
        constraints = [
            *walls("membership", team_id="team", person_id="person"),
            models.UniqueConstraint(fields=("tenant", "team", "person"), name="membership_once"),
        ]
