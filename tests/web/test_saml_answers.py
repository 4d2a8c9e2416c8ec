"""What answers of a SAML provider must be: signed in one sense, for us, now; and safe to parse."""

import base64
import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from tests.web.saml_idp import (
    ASSERTION,
    EMAIL,
    ISSUER,
    KEYS,
    NAMES,
    PROTOCOL,
    SIGN_IN,
    SamlProvider,
    etree,
    minutes,
    xmlsec,
)

from tocsin.actions.identity_providers import OpenedSaml
from tocsin.kit import machine_clock
from tocsin.web import saml, saml_answer, saml_library
from tocsin.web.discovery import Unusable
from tocsin.web.saml_answer import Said

URL = "https://desk.example.com"
ACS = f"{URL}/t/acme/sign-in/with/staff/answer/"
ENTITY = ACS.replace("answer", "metadata")
OPENED = OpenedSaml(
    provider="1-staff",
    name="Work account",
    issuer=ISSUER,
    address=SIGN_IN,
    certificates=(KEYS[0].bare,),
    subject="persistent",
    claim="groups",
    email="email",
    person="name",
    checked=True,
)
ASKED = etree.fromstring(
    f'<p:AuthnRequest xmlns:p="{PROTOCOL}" xmlns:a="{ASSERTION}" ID="_1"'
    f' AssertionConsumerServiceURL="{ACS}"><a:Issuer>{ENTITY}</a:Issuer></p:AuthnRequest>'
)
SAYS: dict[str, dict[str, str | None]] = {
    "another audience": {"Audience": "https://other.example.com"},
    "one that begins like ours": {"Audience": f"{ACS.replace('answer', 'metadata')}x"},
    "no audience": {"Audience": None},
    "another destination": {"Destination": f"{URL}/t/bolt/sign-in/with/staff/answer/"},
    "a destination that begins like ours": {"Destination": f"{ACS}more/"},
    "no destination": {"Destination": None},
    "another recipient": {"Recipient": f"{URL}/t/bolt/sign-in/with/staff/answer/"},
    "a recipient with ours in it": {"Recipient": f"https://evil.example/{ACS}"},
    "no recipient": {"Recipient": None},
    "another issuer": {"Assertion.Issuer": "https://evil.example"},
    "a response of another issuer": {"Issuer": "https://evil.example"},
    "nobody let in": {"Status": "Requester"},
    "not of whoever brings it": {"Method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"},
    "a condition that nobody knows": {"Condition": "<a:Condition/>"},
    "no end": {"NotOnOrAfter": None},
    "no end of the confirmation": {"Confirmation.NotOnOrAfter": None},
}
TIMES: dict[str, dict[str, float]] = {
    "over": {"NotOnOrAfter": -2},
    "over for whoever brings it": {"Confirmation.NotOnOrAfter": -2},
    "not yet": {"NotBefore": 2},
    "old": {"IssueInstant": -12},
    "of the future": {"IssueInstant": 2},
}


# What the library alone takes.
NEARLY = (
    "a destination that begins like ours",
    "no destination",
    "a recipient with ours in it",
    "no recipient",
)


@pytest.fixture
def there() -> SamlProvider:
    return SamlProvider()


def taken(there: SamlProvider, opened: OpenedSaml = OPENED) -> Said:
    """Return what is said by the answer to a request; raises `Unusable`."""
    return read(there.form(there.answer(ASKED))["SAMLResponse"], opened)


def read(answer: str, opened: OpenedSaml = OPENED) -> Said:
    found = saml.Provider(1, opened, ENTITY, ACS)
    return saml.answered(found, answer, now=machine_clock.wall())


def is_taken(there: SamlProvider) -> bool:
    try:
        taken(there)
    except Unusable:
        return False
    return True


@pytest.mark.promise("P34", "A43")
@pytest.mark.asvs("6.8.2")
def test_an_answer_that_is_not_for_us_now_is_refused(there: SamlProvider) -> None:
    assert taken(there).subject == "4711"
    for name, said in SAYS.items():
        there.says = dict(said)
        assert not is_taken(there), name
    for name, times in TIMES.items():
        there.says = {what: minutes(number) for what, number in times.items()}
        assert not is_taken(there), name
    # Half a minute is how far clocks may be apart.
    there.says = {"NotOnOrAfter": minutes(-0.5), "IssueInstant": minutes(0.5)}
    assert is_taken(there)


@pytest.mark.promise("A43")
@pytest.mark.asvs("6.8.2")
def test_what_is_only_nearly_for_us_our_own_reading_refuses_and_not_the_library(
    there: SamlProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = saml_answer.said

    def lax(root: Any, expected: Any, *, now: dt.datetime) -> Said:
        """Read it as if all that the library leaves open were as it should be."""
        root.set("Destination", expected.answers)
        root.set("InResponseTo", "_1")
        data = root.find(".//a:SubjectConfirmationData", NAMES)
        data.set("Recipient", expected.answers)
        data.set("InResponseTo", "_1")
        return real(root, expected, now=now)

    monkeypatch.setattr(saml_answer, "said", lax)
    for name in NEARLY:
        there.says = dict(SAYS[name])
        assert is_taken(there), name


@pytest.mark.promise("A43")
def test_nothing_that_nobody_asked_for_is_taken(there: SamlProvider) -> None:
    unasked: tuple[dict[str, str | None], ...] = (
        {"InResponseTo": None, "Confirmation.InResponseTo": None},
        {"InResponseTo": None},
        {"Confirmation.InResponseTo": None},
        {"Confirmation.InResponseTo": "_another"},
        {"InResponseTo": "_another"},
    )
    for says in unasked:
        there.says = says
        assert not is_taken(there), says


def test_an_answer_may_be_signed_as_a_whole_or_twice_or_by_the_next_key(
    there: SamlProvider,
) -> None:
    for signs in (("response",), ("assertion", "response")):
        there.signs = signs
        assert is_taken(there), signs
    there.key = KEYS[1]
    assert not is_taken(there)
    both = OpenedSaml(**{**_plain(OPENED), "certificates": tuple(key.bare for key in KEYS)})
    assert taken(there, both).subject == "4711"


def _plain(opened: OpenedSaml) -> dict[str, Any]:
    return {name: getattr(opened, name) for name in OpenedSaml.__slots__}


# ----------------------------------------------------------------------------------- who signed it


def unsigned(there: SamlProvider) -> None:
    there.signs = ()


def foreign(there: SamlProvider) -> None:
    there.key = KEYS[1]


def old_means(there: SamlProvider) -> None:
    there.means = (xmlsec.Transform.RSA_SHA1, xmlsec.Transform.SHA1)


def old_digest(there: SamlProvider) -> None:
    there.means = (xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA1)


def changed(there: SamlProvider) -> None:
    def after(root: Any) -> Any:
        root.find(".//a:NameID", NAMES).text = "somebody else"
        return root

    there.after = after


def stripped(there: SamlProvider) -> None:
    def after(root: Any) -> Any:
        signature = root.find(".//ds:Signature", NAMES)
        signature.getparent().remove(signature)
        root.find(".//a:NameID", NAMES).text = "somebody else"
        return root

    there.after = after


def evil(root: Any) -> Any:
    """Return an assertion like the signed one, of somebody else and without a signature."""
    made = copy.deepcopy(root.find(".//a:Assertion", NAMES))
    made.remove(made.find("ds:Signature", NAMES))
    made.find(".//a:NameID", NAMES).text = "somebody else"
    return made


def wrapped_beside(there: SamlProvider) -> None:
    """Put one of somebody else before the one that is signed."""

    def after(root: Any) -> Any:
        made = evil(root)
        made.set("ID", "_evil")
        root.insert(2, made)
        return root

    there.after = after


def wrapped_with_the_same_id(there: SamlProvider) -> None:
    def after(root: Any) -> Any:
        root.insert(2, evil(root))
        return root

    there.after = after


def wrapped_in_an_object(there: SamlProvider) -> None:
    """Have the signature stand in one of somebody else, and carry along what it signs."""

    def after(root: Any) -> Any:
        real = root.find(".//a:Assertion", NAMES)
        made = evil(root)
        made.set("ID", "_evil")
        signature = real.find("ds:Signature", NAMES)
        real.remove(signature)
        root.replace(real, made)
        made.insert(1, signature)
        etree.SubElement(signature, f"{{{NAMES['ds']}}}Object").append(real)
        return root

    there.after = after


def wrapped_in_extensions(there: SamlProvider) -> None:
    def after(root: Any) -> Any:
        real = root.find(".//a:Assertion", NAMES)
        made = evil(root)
        made.set("ID", "_evil")
        root.replace(real, made)
        place = etree.Element(f"{{{NAMES['p']}}}Extensions")
        root.insert(1, place)
        place.append(real)
        return root

    there.after = after


def wrapped_response(there: SamlProvider) -> None:
    """Have a whole signed response lie within another one."""
    there.signs = ("response",)

    def after(root: Any) -> Any:
        made = copy.deepcopy(root)
        made.set("ID", "_evil")
        made.remove(made.find("ds:Signature", NAMES))
        made.find(".//a:NameID", NAMES).text = "somebody else"
        signature = root.find("ds:Signature", NAMES)
        root.remove(signature)
        made.insert(1, signature)
        etree.SubElement(signature, f"{{{NAMES['ds']}}}Object").append(root)
        return made

    there.after = after


def of_something_small(there: SamlProvider) -> None:
    """Have what is signed be the subject's confirmation and not the assertion around it."""

    def before(root: Any) -> Any:
        root.find(".//a:Conditions", NAMES).set("ID", "_small")
        return root

    there.before = before
    there.signs = ()

    def after(root: Any) -> Any:
        xmlsec.tree.add_ids(root, ["ID"])
        there.sign(root.find(".//a:Assertion", NAMES), uri="#_small")
        return root

    there.after = after


def by_transform(there: SamlProvider) -> None:
    """Have a transform choose what is signed."""

    def after(root: Any) -> Any:
        transforms = root.find(".//ds:Transforms", NAMES)
        made = etree.SubElement(transforms, f"{{{NAMES['ds']}}}Transform")
        made.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")
        return root

    there.after = after


def from_outside(there: SamlProvider) -> None:
    def after(root: Any) -> Any:
        root.find(".//ds:Reference", NAMES).set("URI", "file:///etc/hostname")
        return root

    there.after = after


SIGNED_WRONG = (
    *(unsigned, foreign, old_means, old_digest, changed, stripped),
    *(wrapped_beside, wrapped_with_the_same_id, wrapped_in_an_object, wrapped_in_extensions),
    *(wrapped_response, of_something_small, by_transform, from_outside),
)


@pytest.mark.promise("P34", "A43")
@pytest.mark.asvs("6.8.2")
@pytest.mark.parametrize("twist", SIGNED_WRONG, ids=lambda one: one.__name__)
def test_what_the_provider_has_not_signed_is_refused(
    there: SamlProvider, twist: Callable[[SamlProvider], None]
) -> None:
    twist(there)
    assert not is_taken(there)


@pytest.mark.promise("A43")
@pytest.mark.asvs("6.8.2")
@pytest.mark.parametrize("twist", [unsigned, foreign, changed, stripped, wrapped_response])
def test_without_the_check_of_signatures_anybody_is_let_in(
    there: SamlProvider,
    twist: Callable[[SamlProvider], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(saml_library, "signed", lambda *given: None)
    monkeypatch.setattr(saml_answer, "shape", lambda root: None)
    twist(there)
    assert is_taken(there)


# ------------------------------------------------------------------------------------------ as XML


@pytest.mark.promise("A43")
@pytest.mark.asvs("1.5.1")
def test_document_types_and_entities_are_refused_before_anything_is_read(
    there: SamlProvider,
) -> None:
    answer = etree.tostring(there.answer(ASKED))
    for head in (
        b"<!DOCTYPE Response>",
        b'<!DOCTYPE Response [<!ENTITY a "b">]>',
        b'<!DOCTYPE Response SYSTEM "file:///etc/hostname">',
        b'<!DOCTYPE Response [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    ):
        with pytest.raises(Unusable, match="no XML that we take"):
            read(base64.b64encode(head + answer).decode())
    for odd in (b"", b"<", b"<a>" * 5000, b"\xff\xfe\x00", "<a>Å</a>".encode("utf-16")):
        with pytest.raises(Unusable):
            read(base64.b64encode(odd).decode())
    for text in ("not base64!", "", "\0", "=" * 9, "é", "A" * (saml.LONGEST + 4)):
        with pytest.raises(Unusable):
            read(text)


@pytest.mark.promise("A43")
def test_a_comment_in_a_name_does_not_make_it_another_one(there: SamlProvider) -> None:
    opened = OpenedSaml(**{**_plain(OPENED), "subject": "email", "email": ""})
    there.format = EMAIL
    there.subject = "ann@acme.example<!-- -->.evil.example"
    assert taken(there, opened).subject == "ann@acme.example.evil.example"
    there.subject = "ann@acme.example<![CDATA[.evil]]>.example"
    assert taken(there, opened).subject == "ann@acme.example.evil.example"
    for odd in ("ann<?x y?>@acme.example", "ann<a:b/>@acme.example", "", " ", "x" * 191):
        there.subject = odd
        with pytest.raises(Unusable):
            taken(there, opened)
