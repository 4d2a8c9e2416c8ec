"""A request as the pages know it."""

from django.http import HttpRequest

from tocsin.queries.access import Actor
from tocsin.queries.readers import Reader


class Asked(HttpRequest):
    """What the middleware has found out about a request.

    `tenant` is the tenant's id, None outside of all; `prefix` is what its addresses begin with;
    `reader` is who is signed in, or None; `by` is that reader as an actor, where a right is needed.
    `address` is the IP address that the request came from, "" when nobody can say.
    """

    tenant: int | None
    prefix: str
    reader: Reader | None
    by: Actor
    address: str
