"""ID tokens by themselves: what one must say, and until when."""

import datetime as dt
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.desk import at

from tocsin.web import id_token
from tocsin.web.id_token import Untrue

NOW = at("2026-03-02 09:00")
ISSUER, CLIENT, NONCE = "https://id.example.com", "desk", "a nonce"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def jwk(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    for kind in (jwt.algorithms.RSAAlgorithm, jwt.algorithms.ECAlgorithm):
        try:
            return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, **more}
        except (TypeError, AttributeError, jwt.exceptions.InvalidKeyError):
            continue
    return {**json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key())), "kid": kid, **more}


KEYS = [jwk(RSA, "r"), jwk(EC, "e"), jwk(ED, "o")]


def token(key: Any = RSA, alg: str = "RS256", kid: str = "r", **claims: Any) -> str:
    begun = int(NOW.timestamp())
    own = {"iss": ISSUER, "aud": CLIENT, "sub": "x", "nonce": NONCE, "iat": begun}
    whole = {**own, "exp": begun + 300, **claims}
    return jwt.encode(whole, key, algorithm=alg, headers={"kid": kid})


def says(text: str, *, now: dt.datetime = NOW, keys: Any = KEYS) -> Any:
    return id_token.verified(text, keys=keys, issuer=ISSUER, audience=CLIENT, nonce=NONCE, now=now)


def test_signatures_of_each_kind_are_read() -> None:
    assert says(token())["sub"] == "x"
    assert says(token(alg="PS256"))["sub"] == "x"
    assert says(token(EC, "ES256", "e"))["sub"] == "x"
    assert says(token(ED, "EdDSA", "o"))["sub"] == "x"
    assert says(token(aud=[CLIENT, "other"], azp=CLIENT))["sub"] == "x"


def test_a_key_is_good_for_what_it_is_listed_for_only() -> None:
    for keys in (
        [jwk(RSA, "r", use="enc")],
        [jwk(RSA, "r", alg="RS512")],
        [jwk(RSA, "another")],
        [jwk(RSA, "r"), jwk(RSA, "r")],
        [{"kty": "RSA", "kid": "r"}],
        [],
    ):
        with pytest.raises(Untrue):
            says(token(), keys=keys)
    with pytest.raises(Untrue):
        says(token(EC, "ES256", "r"))


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits long")
def test_a_short_key_is_none() -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    with pytest.raises(Untrue):
        says(token(short), keys=[jwk(short, "r")])


@pytest.mark.asvs("9.1.3")
def test_a_key_that_comes_with_the_token_is_not_looked_at() -> None:
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(token(), options={"verify_signature": False})
    headers = {"kid": "r", "jwk": jwk(own, "r"), "jku": "https://evil.example/keys"}
    with pytest.raises(Untrue):
        says(jwt.encode(claims, own, algorithm="RS256", headers=headers))


@pytest.mark.asvs("9.2.1")
def test_it_holds_from_a_minute_before_its_beginning_to_a_minute_after_its_end() -> None:
    text = token()
    for seconds, holds in ((-61, False), (-60, True), (0, True), (359, True), (360, False)):
        now = NOW + dt.timedelta(seconds=seconds)
        if holds:
            assert says(text, now=now)["sub"] == "x"
        else:
            with pytest.raises(Untrue):
                says(text, now=now)
    long = token(exp=int(NOW.timestamp()) + 86400)
    assert says(long, now=NOW + dt.timedelta(minutes=15))
    with pytest.raises(Untrue, match="old"):
        says(long, now=NOW + dt.timedelta(minutes=16))


@given(st.one_of(st.text(), st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True)))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(Untrue):
        says(text)


@pytest.mark.asvs("9.1.1")
@given(st.data())
def test_a_token_of_which_anything_was_changed_is_none(data: st.DataObject) -> None:
    text = token()
    n = data.draw(st.integers(0, len(text.rpartition(".")[0]) - 1))
    sign = data.draw(st.sampled_from("ABCxyz019-_."))
    changed = text[:n] + sign + text[n + 1 :]
    if changed != text:
        with pytest.raises(Untrue):
            says(changed)


@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "sub", "nonce", "iat", "exp", "azp", "nbf"]),
        st.one_of(st.none(), st.booleans(), st.floats(), st.lists(st.integers()), st.just({})),
        min_size=1,
    )
)
def test_claims_of_an_odd_kind_are_refused_and_nothing_else_happens(claims: dict[str, Any]) -> None:
    try:
        text = token(**claims)
    except (TypeError, ValueError):
        return
    try:
        said = says(text)
    except Untrue:
        return
    assert (said["iss"], said["sub"], said["nonce"]) == (ISSUER, "x", NONCE)
    assert set(claims) <= {"iat", "exp", "nbf"}
