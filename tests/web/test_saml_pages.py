"""The pages on which administrators set SAML providers up, and a desk without the extra."""

import subprocess
import sys
from typing import Any

import pytest
from tests.desk import Database
from tests.web import saml_idp
from tests.web.conftest import Pages
from tests.web.saml_idp import EMAIL, ISSUER, KEYS, SIGN_IN, SamlProvider
from tests.web.test_saml import begin, bring, is_in, set_up

from tocsin.actions import identity_providers

pytestmark = pytest.mark.long("providers, and every way to be wrong")

FORM = {
    "key": "staff",
    "name": "Work account",
    "issuer": ISSUER,
    "address": SIGN_IN,
    "certificates": KEYS[0].certificate,
    "subject": "persistent",
    "claim": "groups",
    "email": "email",
    "person": "",
}
NEW = "new-saml-provider/"


@pytest.fixture(autouse=True)
def _ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_URL", "https://desk.example.com")


def address(pages: Pages, rest: str) -> str:
    return f"{pages.prefix}/settings/{rest}"


@pytest.mark.promise("P34")
def test_a_provider_is_read_from_its_metadata_saved_and_shown(
    pages: Pages, database: Database
) -> None:
    client = pages.client("dora")
    form = {"key": "staff", "name": "Work account", "subject": "persistent"}
    metadata = saml_idp.metadata(*KEYS)
    page = client.post(
        address(pages, NEW), {**form, "metadata": metadata, "do": "read"}
    ).content.decode()
    assert "Nothing is saved yet" in page
    assert f'value="{ISSUER}"' in page
    assert page.count("BEGIN CERTIFICATE") == 2
    assert database.one("SELECT count(*) FROM identity_provider") == 0
    # Saved at once, with what was pasted.
    answer = client.post(address(pages, NEW), {**form, "metadata": metadata})
    assert answer.status_code == 302, answer.content.decode()
    where = answer.headers["Location"]
    page = client.get(where).content.decode()
    base = "https://desk.example.com/t/acme/sign-in/with/staff"
    assert f'value="{base}/metadata/"' in page
    assert f'value="{base}/answer/"' in page
    assert page.count("CN=idp.example.com") == 2
    assert "expired" not in page
    kept = database.one("SELECT secret FROM identity_provider")
    assert kept == ""
    # Nobody comes in by it before it is switched on.
    sign_in = f"{pages.prefix}/sign-in/"
    assert "Work account" not in pages.anybody().get(sign_in).content.decode()
    client.post(f"{where}on/")
    assert "Sign in with Work account" in pages.anybody().get(sign_in).content.decode()
    listed = client.get(address(pages, "identity-providers/")).content.decode()
    assert "SAML 2.0" in listed
    assert ISSUER in listed


def test_a_certificate_that_is_over_is_said_to_be(pages: Pages) -> None:
    client = pages.client("dora")
    old = saml_idp.made(days=-1)
    both = old.certificate + KEYS[0].certificate
    answer = client.post(address(pages, NEW), {**FORM, "certificates": both})
    page = client.get(answer.headers["Location"]).content.decode()
    assert page.count(">expired<") == 1


@pytest.mark.promise("A43")
def test_what_cannot_be_taken_is_said_beside_its_field_and_stays(
    pages: Pages, database: Database
) -> None:
    client = pages.client("dora")
    weak = saml_idp.made(bits=1024)
    bare = saml_idp.metadata(KEYS[0])
    post_only = bare.replace("HTTP-Redirect", "HTTP-Artifact")
    for name, value in (
        ("key", "Work!"),
        ("name", ""),
        ("issuer", ""),
        ("address", "idp.example.com"),
        ("address", "https://idp.example.com/#a"),
        ("address", "javascript:alert(1)"),
        ("address", "https://user@idp.example.com/"),
        ("certificates", ""),
        ("certificates", "some text"),
        ("certificates", FORM["certificates"].replace("MII", "AAA")),
        ("certificates", weak.certificate),
        ("certificates", KEYS[0].private),
        ("subject", "transient"),
        ("claim", "a claim"),
        ("metadata", "no xml"),
        ("metadata", f"<!DOCTYPE a [<!ENTITY b 'c'>]>{bare[21:]}"),
        ("metadata", bare.replace("IDPSSODescriptor", "SPSSODescriptor")),
        ("metadata", post_only),
        ("metadata", "x" * 500_001),
    ):
        answer = client.post(address(pages, NEW), {**FORM, name: value})
        page = answer.content.decode()
        assert (answer.status_code, f'id="e-{name}"' in page) == (422, True), (name, value[:60])
        assert ("Work account" in page) == (name != "name")
    assert database.one("SELECT count(*) FROM identity_provider") == 0


@pytest.mark.promise("A43")
def test_who_a_provider_is_and_how_it_names_people_stays_while_people_are_known_by_it(
    pages: Pages, database: Database
) -> None:
    client = pages.client("dora")
    where = client.post(address(pages, NEW), FORM).headers["Location"]
    database.rows(
        "INSERT INTO socialaccount_socialaccount (user_id, provider, uid, last_login, date_joined,"
        " extra_data) VALUES (%s, %s, 'x', now(), now(), '{}')",
        pages.made.people["ann"],
        f"{pages.made.tenant}-staff",
    )
    for name, value in (("issuer", "https://other.example.com"), ("subject", "email")):
        answer = client.post(where, {**FORM, name: value})
        assert (answer.status_code, f'id="e-{name}"' in answer.content.decode()) == (422, True)
    # Its keys change as they have to, and what is no part of who it is.
    both = KEYS[0].certificate + KEYS[1].certificate
    assert client.post(where, {**FORM, "certificates": both}).status_code == 302
    # A form of the other kind changes nothing.
    openid = identity_providers.Typed("Other", ISSUER, "desk", "a secret")
    made = database.one("SELECT id FROM identity_provider")
    with pytest.raises(Exception, match="no such thing"):
        identity_providers.change(provider=made, typed=openid, by=pages.made.operator)


@pytest.mark.promise("A41", "P27")
def test_only_administrators_who_have_just_proved_it_add_providers(pages: Pages) -> None:
    for name in ("ann", "lea", "mia"):
        assert pages.client(name).post(address(pages, NEW), FORM).status_code == 404
    client = pages.client("dora")
    session = client.session
    session["proved_at"] = 0
    session.save()
    assert client.post(address(pages, NEW), FORM).status_code == 403


# ------------------------------------------------------------------------------- without the extra


def test_without_the_extra_saml_is_nowhere_and_the_page_says_how_to_have_it(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = SamlProvider(format=EMAIL)
    made = set_up(pages)
    form = there.browse(begin(pages, pages.anybody()))
    monkeypatch.setitem(sys.modules, "onelogin", None)
    client = pages.client("dora")
    page = client.get(address(pages, "identity-providers/")).content.decode()
    assert "pip install 'tocsin[saml]'" in page
    assert NEW not in page
    assert f'identity-providers/{made}/"' not in page
    assert client.get(address(pages, NEW)).status_code == 404
    assert client.get(address(pages, f"identity-providers/{made}/")).status_code == 404
    # What is there already can still be switched off.
    assert client.post(address(pages, f"identity-providers/{made}/on/")).status_code == 302
    nobody = pages.anybody()
    assert "Work account" not in nobody.get(f"{pages.prefix}/sign-in/").content.decode()
    missing = nobody.post(f"{pages.prefix}/sign-in/with/none/")
    begun = nobody.post(f"{pages.prefix}/sign-in/with/staff/")
    assert (begun.status_code, begun.content) == (missing.status_code, missing.content)
    assert bring(pages, form).status_code == 404
    for rest in ("metadata/", "done/?request=_1"):
        assert nobody.get(f"{pages.prefix}/sign-in/with/staff/{rest}").status_code == 404
    assert not is_in(pages, nobody)


def test_nothing_of_the_extra_is_imported_before_it_is_needed() -> None:
    script = (
        "import sys; sys.modules['onelogin'] = sys.modules['xmlsec'] = sys.modules['lxml'] = None\n"
        "import django; django.setup()\n"
        "from tocsin.site import urls\n"
        "from django.urls import get_resolver; print(len(get_resolver().url_patterns))\n"
        "from tocsin.queries import identity_providers\n"
        "print(identity_providers.speaks_saml())\n"
    )
    environment: dict[str, Any] = {"DJANGO_SETTINGS_MODULE": "tocsin.site.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True
    )
    count, spoken = done.stdout.split()
    assert int(count) > 50
    assert spoken == "False"
