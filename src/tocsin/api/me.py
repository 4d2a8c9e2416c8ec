"""Who a program is here: the first thing to ask with a new token."""

from django.http import JsonResponse

from tocsin.api import declared
from tocsin.api.declared import About, Call
from tocsin.queries.access import Right

_ABOUT = About(
    summary="Whose token it is, and what it may do",
    gives={
        "type": "object",
        "properties": {
            "person": {"type": "integer"},
            "rights": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["person", "rights"],
        "additionalProperties": False,
    },
)


@declared.needs(Right.SIGNED_IN, about=_ABOUT)
def me(call: Call) -> JsonResponse:
    """Return the id of whoever asks, and the rights that the token leaves them."""
    rights = sorted(right.value for right in call.by.rights)
    return JsonResponse({"person": call.by.person, "rights": rights})
