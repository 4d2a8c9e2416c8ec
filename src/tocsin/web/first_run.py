"""The first run of an installation: the page that makes its first desk and administrator."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters

from tocsin.actions import first_run as acts
from tocsin.actions import tenants
from tocsin.kit.invalid import Invalid
from tocsin.queries import access
from tocsin.web import addresses, catalogs, screens
from tocsin.web.asked import Asked

_FIELDS = ("key", "name", "person", "email", "zone")
_USUAL = {"key": tenants.FIRST, "name": "Global", "zone": "UTC"}


@sensitive_post_parameters("code", "password")
@screens.public("GET", "HEAD", "POST")
def first_run(request: Asked) -> HttpResponse:
    """Take the code of the server's log and make the first desk; then there is no such page."""
    if request.tenant is not None or not acts.is_open():
        raise access.missing()
    given = request.POST
    if request.method != "POST":
        return _shown(request, dict(_USUAL), {})
    typed = {name: given.get(name, "").strip() for name in _FIELDS}
    language = get_language() or "en"
    try:
        acts.begin(
            code=given.get("code", ""),
            network=addresses.network(request.address),
            password=given.get("password", ""),
            language=language if language in catalogs.OFFERED else "en",
            **typed,
        )
    except Invalid as error:
        wrong = {error.path: screens.wrong(error.path, error.reason)}
        return _shown(request, typed, wrong, status=422)
    return HttpResponseRedirect(f"/t/{typed['key']}/sign-in/?saved=first")


def _shown(
    request: Asked, typed: dict[str, str], wrong: dict[str, str], *, status: int = 200
) -> HttpResponse:
    shown = {"typed": typed, "wrong": wrong}
    return render(request, "front/first_run.html", shown, status=status)
