"""How people and programs prove who they are: sessions, links, tokens, identity providers.

Nothing here could be used by whoever reads it: tokens are kept as hashes, secrets are sealed.
"""

from django.db import models
from django.db.models import Q

from tocsin.records.tenancy import TenantRow, link, walls

PURPOSES = ("invitation", "password", "email")
PROVIDER_KINDS = ("oidc", "saml")


class SignIn(TenantRow):
    """A session of a person: where from, by what means, and since when.

    `session_key` is that of Django's session, which is gone when this has ended. `proved_at` is
    when the person last proved who they are, by `means` (such as "password totp").
    """

    person = link("records.Person")
    session_key = models.TextField()
    means = models.TextField()
    address = models.TextField(default="")
    agent = models.TextField(default="")
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    proved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="", db_default="")

    class Meta:
        """One row a session."""

        db_table = "sign_in"
        constraints = [
            *walls("sign_in", person_id="person"),
            models.UniqueConstraint(fields=("tenant", "session_key"), name="sign_in_once"),
        ]
        indexes = [
            models.Index(
                fields=("tenant", "person"), name="sign_in_running", condition=Q(ended_at=None)
            ),
        ]


class OneTimeLink(TenantRow):
    """A link that works once and not for long; the database knows the SHA-256 of its token only.

    `about` is what it was made for beside the purpose, such as the new address.
    """

    person = link("records.Person")
    purpose = models.TextField()
    token_hash = models.BinaryField()
    about = models.TextField(default="", db_default="")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        """A hash of 32 bytes, each once."""

        db_table = "one_time_link"
        constraints = [
            *walls("one_time_link", person_id="person"),
            models.UniqueConstraint(fields=("tenant", "token_hash"), name="one_time_link_once"),
            models.CheckConstraint(
                condition=Q(purpose__in=PURPOSES), name="one_time_link_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("made_at")), name="one_time_link_expires"
            ),
        ]
        indexes = [models.Index(fields=("tenant", "person"), name="one_time_link_of_person")]


class ApiToken(TenantRow):
    """A token for programs. It acts with what its person may do and its `scopes` (JSON) allow.

    `prefix` is the part of it that is shown and looked up; `token_hash` the SHA-256 of all of it.
    """

    person = link("records.Person")
    name = models.TextField()
    prefix = models.TextField()
    token_hash = models.BinaryField()
    scopes = models.TextField(default="[]")
    made_by = link("records.Person")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """One prefix once."""

        db_table = "api_token"
        constraints = [
            *walls("api_token", person_id="person", made_by_id="person"),
            models.UniqueConstraint(fields=("tenant", "prefix"), name="api_token_once"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("made_at")), name="api_token_expires"
            ),
        ]
        indexes = [models.Index(fields=("tenant", "person"), name="api_token_of_person")]


class IdentityProvider(TenantRow):
    """Where a tenant's people sign in instead of here: its settings as JSON, its secret sealed.

    `groups` is a JSON object from a group there to a role, teams and permission sets here. Who
    somebody is there, allauth keeps by provider and subject; a person who is not known by these is
    found by a verified address only where `by_email` allows it.
    """

    key = models.SlugField(max_length=63)
    name = models.TextField()
    kind = models.TextField()
    settings = models.TextField(default="{}")
    secret = models.TextField(default="")
    groups = models.TextField(default="{}")
    enabled = models.BooleanField(default=True)
    by_email = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        """One key once."""

        db_table = "identity_provider"
        constraints = [
            *walls("identity_provider"),
            models.UniqueConstraint(fields=("tenant", "key"), name="identity_provider_once"),
            models.CheckConstraint(
                condition=Q(kind__in=PROVIDER_KINDS), name="identity_provider_kind_known"
            ),
        ]
