"""Equality with PyJWT: whatever we take it takes with equal claims; whatever it alone takes we refuse for a reason.

The reasons are those that ``shared/exchange/jose.py`` names, found here by code of its own.
"""

import json
import random
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from shared.exchange import jose
from shared.exchange.keys import PublicKey

from .builders import KEYS, NOW, OPS, PUP, STRANGER, forge, header, make_set, set_claims, spelled
from .test_jose import HEADS, PAYLOADS

TYP = "secevent+jwt"
POINT = KEYS[OPS].public.point
UNCHECKED = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss", "verify_sub"), False)
UNCHECKED["verify_jti"] = False
VECTORS = Path(__file__).parent.parent / "vectors"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SNIPPETS = [
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xc5\xbc"),
    *(b"1.5", b"1e5", b"NaN", b"-", b"0", b"9" * 30, b"null", b"true", b"\\ud800", b"\\u0041", b'"n":1,', b'{"a":1},'),
]


def ours(token: str) -> dict[str, Any] | None:
    """Return the claims if we take the token; anything but our own refusal escapes and fails the test."""
    try:
        parsed = jose.parse(token, TYP)
        jose.verify(parsed, POINT)
    except jose.BadToken:
        return None
    return parsed.claims


def theirs(token: str) -> dict[str, Any] | None:
    """Return the claims if PyJWT takes the token under ES256; it may fail as it likes."""
    try:
        return jwt.decode(token, POINT, algorithms=["ES256"], options=UNCHECKED)  # type: ignore[arg-type]
    except Exception:
        return None


def strictness(token: str) -> str | None:
    """Return for which documented reason we are stricter with a token that PyJWT takes."""
    if len(token) > 65_536:
        return "size"
    if "=" in token:
        return "padding"
    for part in token.split(".")[:2]:
        found: set[str] = set()
        try:
            text = urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
            value = json.loads(text, **_watching(found))
            json.dumps(value, ensure_ascii=False).encode()
        except (UnicodeError, json.JSONDecodeError):
            return "encoding"
        if found:
            return found.pop()
        if _depth(value) > 32:
            return "depth"
        if part == token.partition(".")[0] and (value.keys() != {"alg", "kid", "typ"} or value["typ"] != TYP):
            return "header"
        if part == token.partition(".")[0] and not (isinstance(value["kid"], str) and len(value["kid"]) <= 64):
            return "kid"
    return None


def _watching(found: set[str]) -> dict[str, Any]:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(members)) < len(members):
            found.add("doubled")
        return dict(members)

    def whole(digits: str) -> int:
        if len(digits) > 17 or abs(int(digits)) > 2**53:
            found.add("number")
        return 0

    def never(_: str) -> None:
        found.add("float")

    return {"object_pairs_hook": pairs, "parse_int": whole, "parse_float": never, "parse_constant": never}


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max((_depth(item) for item in inside), default=0)


def compare(tokens: Iterator[str]) -> Counter[str]:
    """Compare both on each token; return how often what happened."""
    seen: Counter[str] = Counter()
    for token in tokens:
        mine, other = ours(token), theirs(token)
        if mine is not None:
            assert mine == other, token
            seen["both"] += 1
        elif other is None:
            seen["neither"] += 1
        else:
            reason = strictness(token)
            assert reason is not None, token
            seen[reason] += 1
    return seen


def bases() -> list[str]:
    return [
        make_set(),
        make_set(name="client.enrolled.v1"),
        make_set(name="record.restated.v1"),
        make_set({"iss": OPS, "x": ["zażółć", {"y": [None, True, -1]}], "": "\U0001f600"}),
        KEYS[OPS].sign(TYP, {}),
    ]


def text_mutations(rng: random.Random, count: int) -> Iterator[str]:
    """Yield tokens with letters changed, moved, put in or left out, as a broken line would."""
    tokens = bases()
    for _ in range(count):
        token = rng.choice(tokens)
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            token = rng.choice(TEXT_CHANGES)(rng, token)
        yield token


def signed_mutations(rng: random.Random, count: int) -> Iterator[str]:
    """Yield tokens whose header or payload was changed before they were signed: only strictness can refuse them."""
    heads, claims = [spelled(header(kid=KEYS[OPS].kid))], [spelled(set_claims()), b'{"a":[{"b":"c"}],"d":1}']
    for _ in range(count):
        head, payload = rng.choice(heads), rng.choice(claims)
        if rng.random() < 0.3:
            head = _spoilt(rng, head)
        if rng.random() < 0.9:
            payload = _spoilt(rng, payload)
        yield forge(head, payload, KEYS[OPS])


def _spoilt(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    change = rng.randrange(5)
    if change == 0:
        return data[:at] + rng.choice(SNIPPETS) + data[at:]
    if change == 1:
        return data[:at] + rng.choice(SNIPPETS) + data[at + 1 :]
    if change == 2:
        return data[:at] + data[at + rng.randrange(1, 12) :]
    if change == 3:
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    return data.decode().encode(rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-8")))


def _replace(rng: random.Random, token: str) -> str:
    at = rng.randrange(len(token))
    return token[:at] + rng.choice(LETTERS) + token[at + 1 :]


def _replace_foreign(rng: random.Random, token: str) -> str:
    at = rng.randrange(len(token))
    return token[:at] + rng.choice(" =.+/\n\0é\ud800%~") + token[at + 1 :]


def _insert(rng: random.Random, token: str) -> str:
    at = rng.randrange(len(token) + 1)
    return token[:at] + rng.choice(LETTERS + "=. ") + token[at:]


def _leave_out(rng: random.Random, token: str) -> str:
    at = rng.randrange(len(token))
    return token[:at] + token[at + rng.choice((1, 1, 4, 50)) :] or "."


def _swap(rng: random.Random, token: str) -> str:
    one, other = sorted((rng.randrange(len(token)), rng.randrange(len(token))))
    return (
        token[:one] + token[other] + token[one + 1 : other] + token[one] + token[other + 1 :] if one < other else token
    )


def _last_letter(rng: random.Random, token: str) -> str:
    return token[:-1] + rng.choice(LETTERS)


def _pad(rng: random.Random, token: str) -> str:
    parts = token.split(".")
    at = rng.randrange(len(parts))
    parts[at] += "=" * (-len(parts[at]) % 4 or rng.randrange(3))
    return ".".join(parts)


def _shuffle_parts(rng: random.Random, token: str) -> str:
    parts = token.split(".")
    rng.shuffle(parts)
    return ".".join(parts)


TEXT_CHANGES: list[Callable[[random.Random, str], str]] = [
    _replace,
    _replace_foreign,
    _insert,
    _leave_out,
    _swap,
    _last_letter,
    _pad,
    _shuffle_parts,
]


def signed_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every signed token of the vectors with the facts that stand beside it."""
    if isinstance(value, dict):
        if "jws" in value:
            yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from signed_in(item)


def test_every_token_of_the_vectors_means_the_same_to_both() -> None:
    keys = json.loads((VECTORS / "keys.json").read_text("utf-8"))["keys"]
    points = {key["jwk"]["kid"]: PublicKey.from_jwk(key["jwk"]).point for key in keys}
    cases = [case for path in sorted(VECTORS.glob("*.json")) for case in signed_in(json.loads(path.read_text("utf-8")))]
    assert len(cases) >= 10
    for case in cases:
        parsed = jose.parse(case["jws"], case["header"]["typ"])
        jose.verify(parsed, points[parsed.kid])
        other = jwt.decode_complete(case["jws"], points[parsed.kid], algorithms=["ES256"], options=UNCHECKED)  # type: ignore[arg-type]
        assert parsed.claims == other["payload"] == case["claims"]
        assert other["header"] == case["header"]


def test_every_mistake_by_hand_is_refused_by_both_or_for_a_documented_reason() -> None:
    seen = compare(forge(head, {"a": 1}, KEYS[OPS]) for head, _ in HEADS.values())
    seen += compare(forge(header(), payload, KEYS[OPS]) for payload in PAYLOADS.values())
    assert seen["both"] == 0
    assert {"doubled", "float", "number", "encoding", "depth", "header"} <= seen.keys()


def test_thousands_of_broken_tokens_are_refused_alike() -> None:
    seen = compare(text_mutations(random.Random(1), 6_000))
    assert seen["neither"] > 5_000
    assert seen["padding"] > 10
    assert seen["both"] > 10


def test_thousands_of_odd_but_signed_tokens_are_taken_alike_or_refused_for_a_documented_reason() -> None:
    seen = compare(signed_mutations(random.Random(2), 3_000))
    assert seen["both"] > 300
    assert seen["neither"] > 500
    assert {"header", "encoding", "float", "number"} <= seen.keys()


def test_a_token_of_a_stranger_is_nobodys_token() -> None:
    assert compare(iter([forge(header(), set_claims(), STRANGER), KEYS[PUP].sign(TYP, {"iat": NOW})])) == {"neither": 2}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 30))
def test_many_more_broken_and_odd_tokens_are_judged_alike(seed: int) -> None:
    compare(text_mutations(random.Random(seed), 10_000))
    compare(signed_mutations(random.Random(seed), 10_000))
