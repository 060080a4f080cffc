"""Proofs of calls: every check has its own problem, in one order, and the diagnosis runs the same checks."""

import hashlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import pytest

from shared.domain.errors import DomainError
from shared.exchange import jose
from shared.exchange.directory import Directory
from shared.exchange.keys import SigningKey
from shared.exchange.member_keys import MemberKey
from shared.exchange.proofs.digest import content_digest, is_digest, is_misspelt_digest
from shared.exchange.proofs.problems import BY_REASON
from shared.exchange.proofs.request import CHECKS, REQUEST_TYPE, Call, check_request, diagnose, sign_request
from shared.runtime.problems.catalogue import problem_types

from .builders import BROKER, HASH, JTI, KEYS, NOW, OPS, PESEL, PUP, STRANGER, directory, forge, header, member, without

BODY = b'{"sets":[]}'
SHA = hashlib.sha256(BODY)


@dataclass
class Draft:
    """A proof before it is signed, for a mistake to spoil."""

    head: dict[str, Any] = field(default_factory=lambda: header(REQUEST_TYPE, KEYS[PUP].kid))
    claims: dict[str, Any] = field(
        default_factory=lambda: {
            "iss": PUP,
            "aud": BROKER,
            "iat": NOW,
            "exp": NOW + 60,
            "jti": JTI,
            "htm": "POST",
            "target": "/v1/streams/pup-2478/sets?x=1",
            "content_digest": content_digest(BODY),
        }
    )
    key: SigningKey = KEYS[PUP]
    known: Directory = field(default_factory=directory)
    call: Call = field(
        default_factory=lambda: Call(
            method="POST", target="/v1/streams/pup-2478/sets?x=1", body=BODY, aud=BROKER, now=NOW
        )
    )
    frame: str = "{}"

    def token(self) -> str:
        return self.frame.format(forge(self.head, self.claims, self.key))


Mistake = Callable[[Draft], None]


def claim(**changes: Any) -> Mistake:
    return lambda draft: draft.claims.update(changes)


def head(**changes: Any) -> Mistake:
    return lambda draft: draft.head.update(changes)


def no_claim(name: str) -> Mistake:
    return lambda draft: draft.claims.pop(name, None) and None


def framed(frame: str) -> Mistake:
    return lambda draft: setattr(draft, "frame", frame)


def signed_by(key: SigningKey) -> Mistake:
    return lambda draft: setattr(draft, "key", key)


def known(state: str = "active", valid: tuple[int, int] = (NOW - 1000, NOW + 1000)) -> Mistake:
    def change(draft: Draft) -> None:
        old = draft.known.members[PUP]
        keys = tuple(MemberKey(one.key, *valid) for one in old.keys)
        state_ = state if old.state == "active" else old.state
        draft.known = directory(replace(old, state=state_, keys=keys), member(OPS), member(BROKER))  # type: ignore[arg-type]

    return change


def called(**changes: Any) -> Mistake:
    def change(draft: Draft) -> None:
        draft.call = replace(draft.call, **changes)

    return change


HEX, URLSAFE, PLAIN = SHA.hexdigest(), urlsafe_b64encode(SHA.digest()).decode(), b64encode(SHA.digest()).decode()
MISSPELT = [
    HEX,
    HEX.upper(),
    f"sha-256={HEX}",
    f"sha-256=:{HEX}:",
    URLSAFE,
    URLSAFE.rstrip("="),
    f"sha-256={URLSAFE}",
    f"sha-256=:{URLSAFE}:",
    f"sha-256=:{URLSAFE.rstrip('=')}:",
    PLAIN,
    f"sha-256={PLAIN}",
    f"sha-256=:{PLAIN}",
    f"sha-256={PLAIN}:",
    f"sha-256=:{PLAIN.rstrip('=')}:",
    f":{PLAIN}:",
]
NO_DIGEST = [
    "",
    "sha-256=::",
    "sha-256=:AAAA:",
    "sha-512=:AAAA:",
    "sha-512=:" + b64encode(hashlib.sha512(BODY).digest()).decode() + ":",
    f"SHA-256=:{PLAIN}:",
    f"sha-256 = :{PLAIN}:",
    f"sha-256=:{PLAIN}:, sha-512=:AAAA:",
    f"md5=:{PLAIN}:",
    f"sha-256=:{PLAIN}:\n",
    "x" * 5_000,
    "zażółć",
]
OTHER_DIGESTS = [content_digest(b""), content_digest(BODY + b"\n"), content_digest(BODY.replace(b":", b": "))]

STEPS: list[list[tuple[str, str, Mistake]]] = [
    [
        ("an empty header", "proof-malformed", framed("{:.0}")),
        ("a blank before", "proof-malformed", framed(" {}")),
        ("the bearer scheme before", "proof-malformed", framed("Bearer {}")),
        ("a foreign letter", "proof-malformed", framed("ż{}")),
        ("9 000 letters more", "proof-malformed", framed("{}" + "A" * 9_000)),
    ],
    [
        ("a plain JWT", "proof-type", head(typ="JWT")),
        ("a SET", "proof-type", head(typ="secevent+jwt")),
        ("a response proof", "proof-type", head(typ="zwornik-response+jwt")),
        ("no typ", "proof-type", lambda draft: draft.head.pop("typ") and None),
    ],
    [
        ("alg none", "proof-algorithm", head(alg="none")),
        ("alg HS256", "proof-algorithm", head(alg="HS256")),
        ("alg RS256", "proof-algorithm", head(alg="RS256")),
        ("no alg", "proof-algorithm", lambda draft: draft.head.pop("alg", None) and None),
    ],
    [
        ("four parts", "proof-malformed", framed("{}.x")),
        ("a line end after", "proof-malformed", framed("{}\n")),
        ("an embedded key", "proof-malformed", head(jwk=STRANGER.public.jwk())),
        ("iss of the broker", "proof-malformed", claim(iss=BROKER)),
        ("iss that is no id", "proof-malformed", claim(iss="Urząd")),
        ("iss as a list", "proof-malformed", claim(iss=[PUP])),
        ("no iss", "proof-malformed", no_claim("iss")),
        ("aud as a list", "proof-malformed", claim(aud=[BROKER])),
        ("no aud", "proof-malformed", no_claim("aud")),
        ("no iat", "proof-malformed", no_claim("iat")),
        ("no exp", "proof-malformed", no_claim("exp")),
        ("iat as text", "proof-malformed", claim(iat=str(NOW))),
        ("iat as truth", "proof-malformed", claim(iat=True)),
        ("iat as a float", "proof-malformed", claim(iat=NOW + 0.5)),
        ("exp before iat", "proof-malformed", claim(exp=NOW - 1)),
        ("exp 61 s after iat", "proof-malformed", claim(exp=NOW + 61)),
        ("no jti", "proof-malformed", no_claim("jti")),
        ("jti of 7 letters", "proof-malformed", claim(jti="a" * 7)),
        ("jti of 129 letters", "proof-malformed", claim(jti="a" * 129)),
        ("jti with a zero byte", "proof-malformed", claim(jti="a" * 8 + "\0")),
        ("jti with a blank", "proof-malformed", claim(jti="aaaa bbbb")),
        ("jti as a number", "proof-malformed", claim(jti=12345678)),
        ("no htm", "proof-malformed", no_claim("htm")),
        ("no target", "proof-malformed", no_claim("target")),
        ("target null", "proof-malformed", claim(target=None)),
        ("no digest", "proof-malformed", no_claim("content_digest")),
        ("purpose as a list", "proof-malformed", claim(purpose=["x"])),
        ("a long case", "proof-malformed", claim(case="x" * 201)),
        ("a PESEL as case", "proof-malformed", claim(case=f"T.{PESEL}/2026")),
        ("a zero byte in actor", "proof-malformed", claim(actor="a\0")),
    ],
    [
        ("an office that never registered", "issuer-unknown", claim(iss="pup-9999")),
        ("an office that waits for approval", "issuer-unknown", known(state="pending")),
        ("a suspended office", "issuer-suspended", known(state="suspended")),
        ("a retired office", "issuer-suspended", known(state="retired")),
    ],
    [
        ("a kid nobody has", "proof-unknown-key", head(kid="k" * 43)),
        ("the key of another office", "proof-unknown-key", head(kid=KEYS[OPS].kid)),
        ("a key that ran out a second ago", "proof-key-expired", known(valid=(NOW - 9, NOW - 1))),
        ("a key that begins in a second", "proof-key-expired", known(valid=(NOW + 1, NOW + 9))),
    ],
    [("signed by a stranger", "proof-signature", signed_by(STRANGER))],
    [
        ("meant for an office", "proof-audience", claim(aud=OPS)),
        ("meant for the broker's address", "proof-audience", claim(aud="https://broker.example.invalid")),
        ("meant for nobody", "proof-audience", claim(aud="")),
    ],
    [
        ("61 s in the future", "proof-not-yet-valid", claim(iat=NOW + 61, exp=NOW + 100)),
        ("an hour in the future", "proof-not-yet-valid", claim(iat=NOW + 3600, exp=NOW + 3660)),
        ("ran out 61 s ago", "proof-expired", claim(iat=NOW - 121, exp=NOW - 61)),
        ("ran out in 1970", "proof-expired", claim(iat=0, exp=60)),
    ],
    [
        ("another method", "proof-method", claim(htm="GET")),
        ("the method in small letters", "proof-method", claim(htm="post")),
        ("no method", "proof-method", claim(htm="")),
    ],
    [
        ("another path", "proof-target", claim(target="/v1/merged-views")),
        ("no query", "proof-target", claim(target="/v1/streams/pup-2478/sets")),
        ("another query", "proof-target", claim(target="/v1/streams/pup-2478/sets?x=2")),
        ("the whole address", "proof-target", claim(target="https://b.example.invalid/v1/streams/pup-2478/sets?x=1")),
        ("another spelling of the path", "proof-target", claim(target="/v1/streams/pup%2D2478/sets?x=1")),
        ("a slash more", "proof-target", claim(target="/v1//streams/pup-2478/sets?x=1")),
    ],
    [
        *((f"digest spelt {text[:16]}…", "proof-digest-encoding", claim(content_digest=text)) for text in MISSPELT),
        *((f"no digest {text[:16]!r}", "proof-digest", claim(content_digest=text)) for text in NO_DIGEST),
        *(
            (f"digest of another body {at}", "proof-digest", claim(content_digest=text))
            for at, text in enumerate(OTHER_DIGESTS)
        ),
    ],
]
"""One list a check, in the order of WIRE.md, section 3: what is wrong, the problem it makes, and how to make it."""

ALONE = [(f"{what}", problem, mistake) for step in STEPS for what, problem, mistake in step]


def failure(draft: Draft) -> DomainError:
    with pytest.raises(DomainError) as refused:
        check_request(draft.token(), draft.call, draft.known)
    return refused.value


def test_a_proof_that_holds_passes_all_checks() -> None:
    draft = Draft()
    proof = check_request(draft.token(), draft.call, draft.known)
    assert (proof.iss, proof.jti, proof.claims) == (PUP, JTI, draft.claims)
    assert diagnose(draft.token(), draft.call, draft.known) == [(name, None) for name, _ in CHECKS]


def test_the_signer_of_the_product_makes_exactly_this_proof() -> None:
    draft = Draft()
    assert sign_request(KEYS[PUP], PUP, draft.call, JTI) == draft.token()
    reading = {"purpose": "benefit", "legal_basis": "art-33", "actor": "u-17", "case": "T.1/2026"}
    signed = sign_request(KEYS[PUP], PUP, draft.call, JTI, reading)
    assert check_request(signed, draft.call, draft.known).claims == draft.claims | reading


@pytest.mark.parametrize(("what", "problem", "mistake"), ALONE, ids=[what for what, _, _ in ALONE])
def test_one_mistake_makes_its_own_problem_and_no_other(what: str, problem: str, mistake: Mistake) -> None:
    draft = Draft()
    mistake(draft)
    assert failure(draft).problem == problem
    assert problem in problem_types()


def test_of_two_mistakes_the_earlier_check_speaks() -> None:
    for (earlier, first), (later, second) in combinations(enumerate(STEPS), 2):
        for what, problem, mistake in first[:4]:
            for other, _, another in second[:4]:
                draft = Draft()
                another(draft)
                mistake(draft)
                assert failure(draft).problem == problem, (earlier, what, later, other)


def test_the_diagnosis_agrees_with_the_check_on_every_mistake() -> None:
    for what, _, mistake in ALONE:
        draft = Draft()
        mistake(draft)
        refused = failure(draft)
        *passed, (name, found) = diagnose(draft.token(), draft.call, draft.known)
        assert found is not None, what
        assert (type(found), found.detail, found.expected, found.received) == (
            type(refused),
            refused.detail,
            refused.expected,
            refused.received,
        )
        assert all(finding is None for _, finding in passed)
        assert [check for check, _ in [*passed, (name, found)]] == [check for check, _ in CHECKS][: len(passed) + 1]


def test_a_mistake_in_a_value_says_what_was_expected_and_what_came() -> None:
    for what, problem, mistake in ALONE:
        draft = Draft()
        mistake(draft)
        refused = failure(draft)
        if problem in ("proof-malformed", "proof-signature"):
            assert len(refused.detail) > 20
            continue
        assert refused.received is not None or what in ("no typ", "no alg")
        assert refused.expected is not None or problem.startswith("issuer-")
        assert len(str(refused.received)) <= 200
        assert len(str(refused.expected)) <= 200


def test_time_is_taken_to_the_second_with_60_s_of_leeway_on_either_side() -> None:
    for iat, exp, problem in (
        (NOW + 60, NOW + 60, None),
        (NOW + 60, NOW + 120, None),
        (NOW + 61, NOW + 61, "proof-not-yet-valid"),
        (NOW - 60, NOW - 60, None),
        (NOW - 120, NOW - 60, None),
        (NOW - 61, NOW - 61, "proof-expired"),
        (NOW - 120, NOW - 61, "proof-expired"),
        (NOW, NOW, None),
        (2**53, 2**53, "proof-not-yet-valid"),
        (-(2**53), -(2**53), "proof-expired"),
    ):
        draft = Draft()
        draft.claims |= {"iat": iat, "exp": exp}
        if problem is None:
            check_request(draft.token(), draft.call, draft.known)
        else:
            assert failure(draft).problem == problem, (iat - NOW, exp - NOW)


@pytest.mark.parametrize("skew", [-86_400, -3_600, -121, 61, 3_600, 86_400])
def test_a_proof_of_the_wrong_time_is_told_the_skew_of_its_clock(skew: int) -> None:
    draft = Draft()
    draft.claims |= {"iat": NOW + skew, "exp": NOW + skew + 60}
    refused = failure(draft)
    assert refused.problem == ("proof-not-yet-valid" if skew > 0 else "proof-expired")
    assert refused.members == {"clock_skew_s": skew}
    corrected = replace(draft.call, now=NOW + skew - refused.members["clock_skew_s"])
    check_request(sign_request(KEYS[PUP], PUP, corrected, JTI), draft.call, draft.known)


def test_a_key_is_valid_from_its_first_to_its_last_second() -> None:
    for valid, fits in (
        ((NOW, NOW), True),
        ((NOW - 5, NOW), True),
        ((NOW, NOW + 5), True),
        ((NOW + 1, NOW + 5), False),
        ((NOW - 5, NOW - 1), False),
    ):
        draft = Draft()
        known(valid=valid)(draft)
        if fits:
            check_request(draft.token(), draft.call, draft.known)
        else:
            assert failure(draft).problem == "proof-key-expired"


def test_two_keys_of_one_office_hold_side_by_side() -> None:
    draft = Draft()
    keys = (MemberKey(KEYS[PUP].public, NOW - 9, NOW + 9), MemberKey(STRANGER.public, NOW - 9, NOW + 9))
    draft.known = directory(member(PUP, *keys))
    check_request(draft.token(), draft.call, draft.known)
    draft.key, draft.head["kid"] = STRANGER, STRANGER.kid
    check_request(draft.token(), draft.call, draft.known)
    draft.key = KEYS[PUP]
    assert failure(draft).problem == "proof-signature"


@pytest.mark.parametrize("body", [b"", b"\0", BODY, b"\xff" * 100_000])
def test_every_body_is_bound_the_empty_one_too(body: bytes) -> None:
    call = Call(method="POST", target="/v1/x", body=body, aud=BROKER, now=NOW)
    token = sign_request(KEYS[PUP], PUP, call, JTI)
    check_request(token, call, directory())
    for other in (body + b" ", body[:-1] if body else b"x", body + b"\n"):
        with pytest.raises(DomainError) as refused:
            check_request(token, replace(call, body=other), directory())
        assert refused.value.problem == "proof-digest"
        assert (refused.value.expected, refused.value.received) == (content_digest(other), content_digest(body))


@pytest.mark.parametrize(
    "changes",
    [{"method": "PUT"}, {"target": "/v1/y"}, {"target": "/v1/x?"}, {"aud": OPS}, {"now": NOW + 121}, {"body": b"y"}],
)
def test_a_proof_serves_no_call_but_the_one_it_was_signed_for(changes: dict[str, Any]) -> None:
    call = Call(method="POST", target="/v1/x", body=b"x", aud=BROKER, now=NOW)
    token = sign_request(KEYS[PUP], PUP, call, JTI)
    check_request(token, call, directory())
    with pytest.raises(DomainError):
        check_request(token, replace(call, **changes), directory())


@pytest.mark.parametrize("text", MISSPELT)
def test_a_digest_in_hex_base64url_or_without_colons_is_known_for_what_it_is(text: str) -> None:
    assert is_misspelt_digest(text)
    assert not is_digest(text)


@pytest.mark.parametrize("text", NO_DIGEST)
def test_what_is_no_sha_256_at_all_is_no_misspelt_digest(text: str) -> None:
    assert not is_misspelt_digest(text)
    assert not is_digest(text)


def test_the_digest_of_the_empty_body_is_the_one_of_rfc_9530() -> None:
    assert content_digest(b"") == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    assert content_digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_every_reason_of_a_bad_token_has_a_problem_of_a_proof() -> None:
    assert BY_REASON.keys() == set(jose.Reason.__args__)  # type: ignore[attr-defined]
    assert {error.problem for error in BY_REASON.values()} <= problem_types().keys()


def test_what_else_a_proof_claims_is_ignored() -> None:
    draft = Draft()
    draft.claims |= {"nbf": NOW + 999, "sub": PUP, "hash": HASH, "nonce": ["x", {"y": None}]}
    check_request(draft.token(), draft.call, draft.known)
    assert without(check_request(draft.token(), draft.call, draft.known).claims, "nbf")["sub"] == PUP
