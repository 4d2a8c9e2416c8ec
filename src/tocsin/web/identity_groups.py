"""The rows of groups in the form of an identity provider: what members of a group are here."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest

from tocsin.actions.identity_providers import Group

_MOST_ROWS = 500


def kept(groups: Mapping[str, Mapping[str, object]]) -> list[Group]:
    """Return the rows of a provider as it is."""
    return [_group(name, row) for name, row in groups.items()]


def _group(name: str, row: Mapping[str, object]) -> Group:
    teams, sets = row["teams"], row["permission_sets"]
    assert isinstance(teams, list)
    assert isinstance(sets, list)
    return Group(name, str(row["role"]), tuple(teams), tuple(sets))


def typed(request: HttpRequest) -> list[Group]:
    """Return the rows as they were typed."""
    sent = request.POST
    groups = []
    for n in range(_MOST_ROWS + 1):
        if f"groups.{n}.group" not in sent:
            break
        teams = [one for one in sent.getlist(f"groups.{n}.teams") if one.isdecimal()]
        groups.append(
            Group(
                sent[f"groups.{n}.group"],
                sent.get(f"groups.{n}.role", ""),
                tuple(int(one[:18]) for one in teams),
                tuple(sent.getlist(f"groups.{n}.sets")),
            )
        )
    return groups


def after(groups: Sequence[Group], do: str) -> list[Group] | None:
    """Return the rows as a button for them makes them; None for any other button."""
    if do == "add row":
        return [*groups, Group("", "agent")]
    n = do.removeprefix("remove row ")
    if n == do or not n.isdecimal():
        return None
    return [one for place, one in enumerate(groups) if place != int(n[:9])]
