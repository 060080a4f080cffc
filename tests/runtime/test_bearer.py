"""Bearer tokens: one issuer, one audience, its own keys and algorithms; whatever else comes is refused in peace."""

import base64
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import DomainError
from shared.exchange.keys import SigningKey
from shared.runtime.bearer import (
    LEEWAY_S,
    MAX_HELD,
    Bearer,
    ScopeMissing,
    TokenInvalid,
    TokenMissing,
    issue_token,
    keys_of_jwks,
)
from tests.domain.builders import PROPERTY
from tests.exchange.builders import raw_signature

NOW = 1_790_000_000
KEY, STRANGER = SigningKey.from_seed(b"issuer"), SigningKey.from_seed(b"stranger")
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLAIMS: dict[str, Any] = {
    "iss": "issuer",
    "aud": "pup-2478",
    "sub": "official-7",
    "scope": "clients:read support:write",
    "iat": NOW,
    "exp": NOW + 600,
}


HEAD = {"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt"}


class Moment:
    """The present, as a test says."""

    at = NOW

    def __call__(self) -> int:
        return self.at


def bearer(now: Callable[[], int] | None = None) -> Bearer:
    return Bearer(issuer="issuer", audience="pup-2478", keys=lambda: {KEY.kid: KEY.public.point}, now=now or Moment())


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims: Any = CLAIMS, key: Any = KEY.private, algorithm: str = "ES256", **header: Any) -> str:
    header = {"kid": KEY.kid, "typ": "at+jwt"} | header
    return jwt.encode(claims, key, algorithm=algorithm, headers=header)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


def header_without(name: str) -> str:
    return signed({key: value for key, value in HEAD.items() if key != name}, CLAIMS)


def signed(head: Any, claims: Any, key: SigningKey = KEY) -> str:
    """Return a token over any header, with a signature that holds."""
    signing_input = f"{part(head)}.{part(claims)}"
    return f"{signing_input}.{part(raw_signature(signing_input, key))}"


def hs256_with_the_public_key(encoding: Encoding, form: PublicFormat) -> str:
    signing_input = f"{part(HEAD | {'alg': 'HS256'})}.{part(CLAIMS)}"
    secret = KEY.public.point.public_bytes(encoding, form)
    return f"{signing_input}.{part(hmac.digest(secret, signing_input.encode(), 'sha256'))}"


def none_of(alg: str, signature: str = "") -> str:
    return f"{part(HEAD | {'alg': alg})}.{part(CLAIMS)}.{signature}"


def test_a_token_of_the_issuer_says_who_calls_and_what_they_may_do() -> None:
    who = bearer().principal(f"Bearer {token()}")
    assert (who.subject, who.scopes) == ("official-7", {"clients:read", "support:write"})
    who.require("clients:read")
    with pytest.raises(ScopeMissing) as refused:
        who.require("admin")
    assert (refused.value.expected, refused.value.received) == ("admin", "clients:read support:write")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "bearertoken", token()])
def test_without_a_bearer_token_nobody_is_known(header: str | None) -> None:
    with pytest.raises(TokenMissing):
        bearer().principal(header)


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "JWT"])
def test_an_issuer_may_spell_the_type_as_it_does(typ: str) -> None:
    assert bearer().principal(f"bearer {token(typ=typ)}").subject == "official-7"
    assert bearer().principal(f"bearer {header_without('typ')}").subject == "official-7"


REFUSED: dict[str, str] = {
    "alg none": none_of("none"),
    "alg None": none_of("None"),
    "alg none with a signature": none_of("none", part(b"x" * 64)),
    "alg none with the right signature": none_of("none", token().rpartition(".")[2]),
    "HS256 with the public key in PEM": hs256_with_the_public_key(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "HS256 with the public key in DER": hs256_with_the_public_key(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "HS256 with the point": hs256_with_the_public_key(Encoding.X962, PublicFormat.UncompressedPoint),
    "another algorithm for the same key": signed(HEAD | {"alg": "ES384"}, CLAIMS),
    "an algorithm that is none": signed(HEAD | {"alg": ["ES256"]}, CLAIMS),
    "RS256 under the kid of an ES256 key": token(key=RSA_KEY, algorithm="RS256"),
    "a stranger's signature": token(key=STRANGER.private),
    "a kid that is unknown": token(kid=STRANGER.kid),
    "a stranger's token": token(key=STRANGER.private, kid=STRANGER.kid),
    "no kid": header_without("kid"),
    "no algorithm": header_without("alg"),
    "a kid that is a list": signed(HEAD | {"kid": [KEY.kid]}, CLAIMS),
    "the type of a proof": token(typ="zwornik-request+jwt"),
    "the type of a SET": token(typ="secevent+jwt"),
    "the type of a logout": token(typ="logout+jwt"),
    "a type that is a list": signed(HEAD | {"typ": ["at+jwt"]}, CLAIMS),
    "a type that is an object": signed(HEAD | {"typ": {}}, CLAIMS),
    "a critical extension": token(crit=["exp"]),
    "another service": token(CLAIMS | {"aud": "ops-2478011"}),
    "no service": token(without("aud")),
    "several others": token(CLAIMS | {"aud": ["ops-2478011", "broker"]}),
    "another issuer": token(CLAIMS | {"iss": "pup-2478"}),
    "an issuer that is a list": signed(HEAD, CLAIMS | {"iss": ["issuer"]}),
    "no issuer": token(without("iss")),
    "nobody": token(without("sub")),
    "somebody who is a number": token(CLAIMS | {"sub": 7}),
    "no end": token(without("exp")),
    "no beginning": token(without("iat")),
    "an end that is text": token(CLAIMS | {"exp": str(NOW + 600)}),
    "an end that is half a second": token(CLAIMS | {"exp": NOW + 600.5}),
    "a beginning that is none": token(CLAIMS | {"iat": None}),
    "scopes as a list": token(CLAIMS | {"scope": ["admin"]}),
    "claims that are a list": signed(HEAD, [CLAIMS]),
    "claims that are no JSON": signed(HEAD, b"{"),
    "a header that is a list": signed(["ES256"], CLAIMS),
    "a header nested without end": signed(b"[" * 4000, CLAIMS),
    "two parts": token().rpartition(".")[0],
    "four parts": token() + ".x",
    "an altered payload": ".".join([token().split(".")[0], part(CLAIMS | {"scope": "admin"}), token().split(".")[2]]),
    "no text at all": "ąęść.żź.ó",
    "too long": token(CLAIMS | {"x": "y" * 9000}),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_issuer_did_not_give_for_this_service_is_refused(what: str) -> None:
    with pytest.raises(TokenInvalid) as refused:
        bearer().principal(f"Bearer {REFUSED[what]}")
    assert refused.value.problem == "token-invalid"
    assert "official-7" not in refused.value.detail


@PROPERTY
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: f"{part(raw)}.{part(raw)}.{part(raw)}"))
def test_no_text_makes_the_check_itself_fail(text: str) -> None:
    with pytest.raises(DomainError):
        bearer().principal(f"Bearer x{text}")


@PROPERTY
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4), st.data())
def test_no_header_member_makes_the_check_itself_fail(value: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*HEAD, "crit", "b64", "jku", "x5c"]))
    with suppress(TokenInvalid):
        bearer().principal(f"Bearer {signed(HEAD | {name: value}, CLAIMS)}")


@pytest.mark.parametrize(
    ("claims", "at", "holds"),
    [
        ({}, NOW, True),
        ({}, NOW + 600 + LEEWAY_S, True),
        ({}, NOW + 600 + LEEWAY_S + 1, False),
        ({}, NOW - LEEWAY_S, True),
        ({}, NOW - LEEWAY_S - 1, False),
        ({"nbf": NOW + 300}, NOW, False),
        ({"nbf": NOW + 300}, NOW + 300, True),
        ({"nbf": "soon"}, NOW, True),
        ({"exp": NOW - 3600}, NOW, False),
    ],
)
def test_a_token_holds_in_its_time(claims: dict[str, Any], at: int, holds: bool) -> None:
    check, given_ = bearer(lambda: at), f"Bearer {token(CLAIMS | claims)}"
    if holds:
        assert check.principal(given_).subject == "official-7"
    else:
        with pytest.raises(TokenInvalid, match="out of its time") as refused:
            check.principal(given_)
        assert refused.value.members["clock_skew_s"] == NOW - at


def test_a_token_that_held_once_runs_out_all_the_same() -> None:
    now = Moment()
    check, given_ = bearer(now), f"Bearer {token()}"
    check.principal(given_)
    now.at = NOW + 5000
    with pytest.raises(TokenInvalid):
        check.principal(given_)


def test_a_key_that_the_issuer_withdrew_holds_no_longer_even_for_a_token_seen_before() -> None:
    keys, given_ = {KEY.kid: KEY.public.point}, f"Bearer {token()}"
    check = Bearer(issuer="issuer", audience="pup-2478", keys=lambda: keys, now=Moment())
    check.principal(given_)
    keys.clear()
    with pytest.raises(TokenInvalid):
        check.principal(given_)


def test_tokens_are_remembered_up_to_a_bound() -> None:
    check = bearer()
    for number in range(3):
        check.principal(f"Bearer {token(CLAIMS | {'n': number})}")
    assert len(check._held) == 3
    check._held |= {str(number): (None, {}) for number in range(MAX_HELD)}
    check.principal(f"Bearer {token(CLAIMS | {'n': 'new'})}")
    assert len(check._held) == 1


def test_who_has_no_scope_may_do_nothing() -> None:
    assert bearer().principal(f"Bearer {token(without('scope'))}").scopes == frozenset()


def test_one_of_several_services_may_be_this_one() -> None:
    assert bearer().principal(f"Bearer {token(CLAIMS | {'aud': ['broker', 'pup-2478']})}").subject == "official-7"


def test_a_node_without_an_issuer_believes_the_tokens_it_gives_itself() -> None:
    check = Bearer(issuer="pup-2478", audience="pup-2478", keys=lambda: {KEY.kid: KEY.public.point}, now=Moment())
    given_ = issue_token(
        (KEY.kid, KEY.private), issuer="pup-2478", subject="anna", scopes=["a", "b"], iat=NOW, ttl_s=60
    )
    assert jwt.get_unverified_header(given_) == HEAD
    assert check.principal(f"Bearer {given_}").scopes == {"a", "b"}


def test_the_keys_of_an_issuer_are_those_it_signs_with() -> None:
    rsa_jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY.public_key()))
    ec_jwk = dict(KEY.public.jwk())
    keys = keys_of_jwks(
        {
            "keys": [
                ec_jwk | {"kid": KEY.kid},
                rsa_jwk | {"kid": "rsa", "use": "sig", "alg": "RS256"},
                rsa_jwk | {"kid": "for encryption", "use": "enc"},
                ec_jwk,
                {"kty": "oct", "kid": "shared", "k": part(b"x" * 32)},
                {"kty": "OKP", "kid": "other", "crv": "Ed25519", "x": part(b"x" * 32)},
            ]
        }
    )
    assert keys.keys() == {KEY.kid, "rsa"}
    check = Bearer(issuer="issuer", audience="pup-2478", keys=lambda: keys, now=Moment())
    assert check.principal(f"Bearer {token()}").subject == "official-7"
    assert check.principal(f"Bearer {token(key=RSA_KEY, algorithm='RS256', kid='rsa')}").subject == "official-7"
    assert check.principal(f"Bearer {token(key=RSA_KEY, algorithm='PS256', kid='rsa')}").subject == "official-7"
    with pytest.raises(TokenInvalid):
        check.principal(f"Bearer {token(key='x' * 32, algorithm='HS256', kid='shared')}")


def test_an_issuer_without_keys_has_none() -> None:
    assert keys_of_jwks({}) == {}
