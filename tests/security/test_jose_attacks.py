"""The known attacks on signed tokens, against every kind of token that a node opens: none is taken, none breaks it."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.domain.errors import DomainError
from shared.exchange import jose
from shared.exchange.directory import (
    DIRECTORY_TYPE,
    KEY_TYPE,
    MemberKey,
    open_directory,
    open_key_statement,
    sign_key_statement,
)
from shared.exchange.judge import judge
from shared.exchange.proofs.request import REQUEST_TYPE, Call, check_request, is_of_this_call, sign_request
from shared.exchange.proofs.response import RESPONSE_TYPE, check_response, sign_response
from shared.exchange.registration import REGISTRATION_TYPE, Registration, open_registration, sign_registration
from shared.exchange.sets import SET_TYPE
from shared.exchange.stream.checkpoint import CHECKPOINT_TYPE, Mark, check_checkpoint, sign_checkpoint
from shared.runtime.bearer import TOKEN_TYPE, Bearer, issue_token
from tests.exchange.builders import (
    BROKER,
    FEDERATION,
    JTI,
    KEYS,
    NOW,
    OPS,
    ORDER,
    PUP,
    STRANGER,
    VALID,
    directory,
    forge,
    make_set,
    spelled,
)
from tests.security.mutations import twin_of

CALL = Call(method="POST", target="/v1/merged-views", body=b"{}", aud=BROKER, now=NOW)
MARK = Mark(owner=PUP, peer=BROKER, incarnation="5f" * 16, position=3, chain=bytes(32), at=NOW)
BEARER = Bearer(PUP, PUP, lambda: {KEYS[PUP].kid: KEYS[PUP].public.point}, lambda: NOW)
NEW_KEY = MemberKey(STRANGER.public, *VALID)
REGISTRATION = Registration(
    id="pup-2476", federation=FEDERATION, name="Urząd", area=("2476011",), contact="it@example.invalid",
    key_fingerprint="0123456789abcdef", key=KEYS[PUP].public, jti=JTI,
)  # fmt: skip
ANSWER = {"aud": PUP, "req_jti": JTI, "status": 200, "body": b"{}"}


def set_of(token: str) -> None:
    if failure := judge(token, FEDERATION, directory()).failure:
        raise failure


Opens = Callable[[str], object]
KINDS: dict[str, tuple[str, str, Opens]] = {
    "proof": (REQUEST_TYPE, sign_request(KEYS[PUP], PUP, CALL, JTI), lambda t: check_request(t, CALL, directory())),
    "answer": (
        RESPONSE_TYPE,
        sign_response(KEYS[BROKER], iss=BROKER, aud=PUP, now=NOW, req_jti=JTI, status=200, body=b"{}"),
        lambda t: check_response(t, directory=directory(), **ANSWER),  # type: ignore[arg-type]
    ),
    "set": (SET_TYPE, make_set(), set_of),
    "checkpoint": (
        CHECKPOINT_TYPE,
        sign_checkpoint(KEYS[PUP], MARK),
        lambda t: check_checkpoint(t, MARK, directory()),
    ),
    "directory": (
        DIRECTORY_TYPE,
        directory().sign(KEYS[BROKER]),
        lambda t: open_directory(t, pinned=KEYS[BROKER].kid, federation=FEDERATION),
    ),
    "key": (
        KEY_TYPE,
        sign_key_statement(KEYS[BROKER], PUP, NEW_KEY, NOW),
        lambda t: open_key_statement(t, iss=PUP, kid=STRANGER.kid, directory=directory()),
    ),
    "registration": (
        REGISTRATION_TYPE,
        sign_registration(KEYS[PUP], REGISTRATION, NOW),
        lambda t: open_registration(t, federation=FEDERATION, now=NOW),
    ),
    "bearer": (
        TOKEN_TYPE,
        issue_token(
            (KEYS[PUP].kid, KEYS[PUP].private), issuer=PUP, subject="x", scopes=["admin"], iat=NOW, ttl_s=60
        ),
        lambda t: BEARER.principal(f"Bearer {t}"),
    ),
}  # fmt: skip


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    head, payload, _ = token.split(".")
    return json.loads(jose.decode(head)), json.loads(jose.decode(payload))


def is_refused(opens: Opens, token: str) -> bool:
    try:
        opens(token)
    except DomainError:
        return True
    return False


def unsigned(head: dict[str, Any], claims: Any, signature: bytes = b"") -> str:
    return f"{jose.encode(spelled(head))}.{jose.encode(spelled(claims))}.{jose.encode(signature)}"


def by_public_key(head: dict[str, Any], claims: dict[str, Any], kid: str) -> str:
    """Sign by HMAC with the public key, which everybody has."""
    public = next(key for key in (*KEYS.values(), STRANGER) if key.kid == kid).public.point
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = unsigned(head | {"alg": "HS256"}, claims).rpartition(".")[0]
    return f"{text}.{jose.encode(hmac.digest(pem, text.encode(), 'sha256'))}"


def pair(token: str, r: int, s: int) -> str:
    return f"{token.rpartition('.')[0]}.{jose.encode(r.to_bytes(32) + s.to_bytes(32))}"


def twice(claims: dict[str, Any]) -> bytes:
    """Name each claim twice, so that two readers may disagree."""
    one = json.dumps(claims)
    return f"{one[:-1]},{one[1:]}".encode()


OTHERS = {"jku": "https://example.invalid/jwks", "x5u": "https://example.invalid/x", "jwk": STRANGER.public.jwk()}
DEEP = b'{"iss":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
Forges = Callable[[dict[str, Any], dict[str, Any], str], str]
FORGED: dict[str, Forges] = {
    "alg none": lambda head, claims, token: unsigned(head | {"alg": "none"}, claims),
    "alg NonE": lambda head, claims, token: unsigned(head | {"alg": "NonE"}, claims, bytes(64)),
    "HS256 under the public key": lambda head, claims, token: by_public_key(head, claims, head["kid"]),
    **{
        f"a key brought along by {name}": lambda head, claims, token, name=name, value=value: forge(
            head | {name: value}, claims, STRANGER
        )
        for name, value in OTHERS.items()
    },
    "its own kid": lambda head, claims, token: forge(head | {"kid": "x" * 43}, claims, STRANGER),
    "a stranger under the right kid": lambda head, claims, token: forge(head, claims, STRANGER),
    "content that is not signed": lambda head, claims, token: forge(
        head | {"b64": False, "crit": ["b64"]}, claims, STRANGER
    ),
    "crit that nobody knows": lambda head, claims, token: forge(head | {"crit": ["x"], "x": 1}, claims, STRANGER),
    "claims named twice": lambda head, claims, token: forge(head, twice(claims), STRANGER),
    "10 000 levels": lambda head, claims, token: forge(head, DEEP, STRANGER),
    "10 000 levels in the header": lambda head, claims, token: unsigned(DEEP, claims, bytes(64)),  # type: ignore[arg-type]
    "a number of 100 000 digits": lambda head, claims, token: forge(
        head, b'{"iat":' + b"9" * 100_000 + b"}", STRANGER
    ),
    "a number of 5 000 digits in the header": lambda head, claims, token: unsigned(
        b'{"alg":' + b"9" * 5_000 + b"}", claims, bytes(64)  # type: ignore[arg-type]
    ),
    "NaN": lambda head, claims, token: forge(head, b'{"iat":NaN,"exp":Infinity}', STRANGER),
    "no signature": lambda head, claims, token: token.rpartition(".")[0] + ".",
    "a signature of zeros": lambda head, claims, token: pair(token, 0, 0),
    "r of zero": lambda head, claims, token: pair(token, 0, 1),
    "s of zero": lambda head, claims, token: pair(token, 1, 0),
    "r of the order": lambda head, claims, token: pair(token, ORDER, ORDER),
    "the largest numbers": lambda head, claims, token: pair(token, 2**256 - 1, 2**256 - 1),
    "five parts": lambda head, claims, token: f"{token}.AAAA.AAAA",
    "JSON serialisation": lambda head, claims, token: json.dumps(
        dict(zip(("protected", "payload", "signature"), token.split("."), strict=True))
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_no_attack_on_a_token_is_taken_and_each_is_refused_as_such(kind: str) -> None:
    typ, token, opens = KINDS[kind]
    opens(token)
    head, claims = parts(token)
    assert head["typ"] == typ
    for name, forged in FORGED.items():
        attack = forged(dict(head), dict(claims), token)
        assert is_refused(opens, attack), f"{kind} taken under: {name}"


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_token_passes_for_another(kind: str) -> None:
    """All are signed with the same keys: only the type in the header parts them."""
    for other, (_, token, _) in KINDS.items():
        if other != kind:
            with pytest.raises(DomainError):
                KINDS[kind][2](token)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "bearer"])
def test_a_header_with_one_member_more_is_refused_even_under_the_right_key(kind: str) -> None:
    _, token, opens = KINDS[kind]
    head, claims = parts(token)
    key = next(key for key in KEYS.values() if key.kid == head["kid"])
    opens(forge(head, claims, key))
    for more in (*({name: value} for name, value in OTHERS.items()), {"crit": []}, {"b64": True}, {"cty": "JWT"}):
        with pytest.raises(DomainError):
            opens(forge(head | more, claims, key))
    for payload in (twice(claims), DEEP, b'{"iat":' + b"9" * 5_000 + b"}", b'{"iat":NaN}', b"[]", b'"x"', b"\xff"):
        with pytest.raises(DomainError):
            opens(forge(head, payload, key))


def test_the_twin_of_a_signature_holds_so_nothing_is_known_by_its_bytes_alone() -> None:
    """What follows from it: ``test_who_may_say_what`` (SETs), ``test_fuzzed_tokens`` (proofs)."""
    for kind, (_, token, opens) in KINDS.items():
        assert twin_of(token) != token, kind
        assert opens(twin_of(token)) is not NotImplemented


def test_a_bearer_token_is_looked_up_by_its_hash_and_no_secret_is_compared_letter_by_letter() -> None:
    """How long a look-up takes depends on a hash that whoever guesses cannot steer, never on a token that is held."""
    _, token, _ = KINDS["bearer"]
    bearer = Bearer(PUP, PUP, lambda: {KEYS[PUP].kid: KEYS[PUP].public.point}, lambda: NOW)
    bearer.principal(f"Bearer {token}")
    assert list(bearer._held) == [hashlib.sha256(token.encode()).digest()]
    assert token not in str(vars(bearer))


def test_an_answer_is_signed_for_the_very_operation_alone() -> None:
    _, token, _ = KINDS["proof"]
    late = Call(method="POST", target=CALL.target, body=b"other", aud=BROKER, now=NOW + 100_000)
    assert is_of_this_call(token, CALL, directory())
    assert is_of_this_call(token, late, directory()), "its time and its content do not matter"
    for changes in ({"method": "GET"}, {"target": "/healthz"}, {"aud": OPS}):
        assert is_of_this_call(token, replace(CALL, **changes), directory()) is None
    assert is_of_this_call("x.y.z", CALL, directory()) is None
