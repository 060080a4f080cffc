"""Registration: an institution's own word on itself, under the key that it introduces."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import DomainError
from shared.exchange import jose
from shared.exchange.keys import SigningKey
from shared.exchange.registration import (
    LEEWAY_S,
    LIFETIME_S,
    MAX_AREA,
    REGISTRATION_TYPE,
    Registration,
    open_registration,
    sign_registration,
)
from shared.runtime.problems.catalogue import problem_types

from .builders import BROKER, FEDERATION, JTI, KEYS, NOW, ORDER, PUP, STRANGER, forge, header, with_signature, without

KEY = KEYS[PUP]
STATED = Registration(
    id=PUP,
    federation=FEDERATION,
    name="Powiatowy Urząd Pracy w Zabrzu",
    area=("2478011",),
    contact="it@example.invalid",
    key_fingerprint="0123456789abcdef",
    key=KEY.public,
    jti=JTI,
)
CLAIMS: dict[str, Any] = {
    "iss": PUP,
    "aud": BROKER,
    "iat": NOW,
    "jti": JTI,
    "federation": FEDERATION,
    "name": STATED.name,
    "area": ["2478011"],
    "contact": STATED.contact,
    "match_key_fingerprint": STATED.key_fingerprint,
    "jwk": KEY.public.jwk(),
}


def statement(claims: dict[str, Any] | None = None, key: SigningKey = KEY, **head: Any) -> str:
    return forge(header(REGISTRATION_TYPE, key.kid) | head, CLAIMS if claims is None else claims, key)


def opened(token: str, now: int = NOW) -> Registration:
    return open_registration(token, federation=FEDERATION, now=now)


def problem_of(token: str, now: int = NOW) -> str:
    with pytest.raises(DomainError) as refused:
        opened(token, now)
    assert refused.value.problem in problem_types()
    return refused.value.problem


def test_a_statement_opens_as_it_was_signed() -> None:
    assert sign_registration(KEY, STATED, NOW) == statement()
    assert opened(statement()) == STATED


@pytest.mark.parametrize("kind", ["ops-2478011", "pcpr-2478", "ngo-0000123456"])
def test_every_kind_of_institution_registers_the_same_way(kind: str) -> None:
    assert opened(statement(CLAIMS | {"iss": kind})).id == kind


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("", "proof-malformed"),
        (statement() + "=", "proof-malformed"),
        (statement(typ="zwornik-request+jwt"), "proof-type"),
        (statement(alg="none"), "proof-algorithm"),
        (statement(jku="https://example.invalid"), "proof-malformed"),
        (statement(kid=STRANGER.kid), "proof-malformed"),
        (statement(CLAIMS | {"jwk": STRANGER.public.jwk()}), "proof-malformed"),
        (statement(CLAIMS | {"jwk": STRANGER.public.jwk()}, kid=STRANGER.kid), "proof-signature"),
        (statement(CLAIMS | {"jwk": KEY.public.jwk() | {"crv": "P-384"}}), "proof-malformed"),
        (statement(CLAIMS | {"jwk": None}), "proof-malformed"),
        (statement(CLAIMS | {"jwk": [KEY.public.jwk()]}), "proof-malformed"),
        (statement(CLAIMS | {"jwk": "x"}), "proof-malformed"),
        (statement(without(CLAIMS, "jwk")), "proof-malformed"),
        (statement(CLAIMS | {"aud": PUP}), "proof-audience"),
        (statement(CLAIMS | {"aud": [BROKER]}), "proof-audience"),
        (statement(without(CLAIMS, "aud")), "proof-audience"),
        (statement(CLAIMS | {"federation": "another"}), "proof-audience"),
        (statement(without(CLAIMS, "federation")), "proof-audience"),
        (statement(CLAIMS | {"iat": str(NOW)}), "proof-expired"),
        (statement(CLAIMS | {"iat": True}), "proof-expired"),
        (statement(without(CLAIMS, "iat")), "proof-expired"),
        (statement(CLAIMS | {"name": "x" * 17_000}), "proof-malformed"),
    ],
)
def test_a_statement_that_does_not_prove_itself_is_refused_with_its_own_problem(token: str, problem: str) -> None:
    assert problem_of(token) == problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", BROKER),
        ("iss", "pup-24"),
        ("iss", None),
        ("iss", [PUP]),
        ("area", []),
        ("area", ["2478011"] * (MAX_AREA + 1)),
        ("area", "2478011"),
        ("area", ["247801"]),
        ("area", [2478011]),
        ("area", [None]),
        ("area", None),
        ("name", None),
        ("name", "x" * 201),
        ("name", "a\nb"),
        ("name", "a\0b"),
        ("name", "a\u202eb"),
        ("contact", ["a"]),
        ("contact", "x" * 201),
        ("contact", "a\tb"),
        ("match_key_fingerprint", None),
        ("match_key_fingerprint", "0123456789ABCDEF"),
        ("match_key_fingerprint", "0123456789abcde"),
        ("match_key_fingerprint", "0123456789abcdef\0"),
        ("jti", None),
        ("jti", 12345678),
        ("jti", "short"),
        ("jti", "x" * 129),
        ("jti", "aaaaaaaa\0"),
        ("jti", "zażółć-gęślą"),
    ],
)
def test_a_claim_that_cannot_be_is_refused_by_its_name(name: str, value: Any) -> None:
    for claims in (CLAIMS | {name: value}, without(CLAIMS, name)):
        with pytest.raises(DomainError) as refused:
            opened(statement(claims))
        assert (refused.value.field, refused.value.problem) == (name, "request-invalid")


def test_a_statement_holds_for_a_day_and_five_minutes_before_its_time() -> None:
    for now in (NOW, NOW + LIFETIME_S, NOW - LEEWAY_S):
        assert opened(statement(), now).id == PUP
    for now in (NOW + LIFETIME_S + 1, NOW - LEEWAY_S - 1):
        assert problem_of(statement(), now) == "proof-expired"


def test_no_letter_of_a_statement_can_be_changed() -> None:
    token = statement()
    for at in range(0, len(token), 7):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(DomainError):
            opened(changed)


def test_the_twin_of_a_signature_is_the_same_statement_under_the_same_jti() -> None:
    """Whoever replays it under the other spelling meets the same ``jti``, which the broker takes once."""
    token = statement()
    raw = jose.decode(token.rpartition(".")[2])
    twin = with_signature(token, raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32))
    assert twin != token
    assert opened(twin) == opened(token)


def test_a_private_key_that_slipped_into_the_jwk_is_not_kept() -> None:
    careless = statement(CLAIMS | {"jwk": KEY.public.jwk() | {"d": "secret", "use": "sig"}})
    assert opened(careless).key.jwk() == KEY.public.jwk()


def test_a_statement_of_another_institution_is_another_statement() -> None:
    assert opened(statement(CLAIMS | {"iss": "pup-2476"})) == replace(STATED, id="pup-2476")
