"""Notes of programs on a ticket."""

from django.http import JsonResponse

from tocsin.actions import tickets
from tocsin.api import declared
from tocsin.api.declared import About, Call
from tocsin.kit.invalid import Invalid
from tocsin.queries import access, cards
from tocsin.queries.access import Right

_TEXT = {"type": "string", "minLength": 1}
_ABOUT = About(
    summary="Write a note on a ticket that only colleagues see",
    takes={
        "type": "object",
        "properties": {
            "body": {**_TEXT, "maxLength": 200_000},
            "private_to": {**_TEXT, "description": "a team of one's own, which alone reads it"},
        },
        "required": ["body"],
        "additionalProperties": False,
    },
    gives={
        "type": "object",
        "properties": {"ticket": {"type": "string"}},
        "required": ["ticket"],
        "additionalProperties": False,
    },
    status=201,
)


@declared.needs(Right.NOTE, "POST", about=_ABOUT)
def note(call: Call, number: int) -> JsonResponse:
    """Write a note; nothing of the ticket but its number comes back."""
    given = declared.body(call, {"body": str, "private_to": str})
    if "body" not in given:
        raise Invalid("body", "is missing")
    card = cards.numbered(by=call.by, number=number)
    if card is None:
        raise access.missing()
    tickets.note(
        ticket_id=card.id, body=given["body"], private_to=given.get("private_to"), by=call.by
    )
    return JsonResponse({"ticket": f"T-{number}"}, status=201)
