"""Tokens spoilt in every way that needs no key: bits, letters, claims, header, spelling, and another's signature."""

import base64
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from shared.exchange import jose
from tests.exchange.builders import ORDER, STRANGER, forge, spelled, with_signature
from tests.exchange.test_jose_against_pyjwt import TEXT_CHANGES

Change = Callable[[random.Random, str], str]
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**53,
    1.5,
    "",
    "x",
    "broker",
    "pup-9999",
    [],
    {},
    [[1]],
    {"a": 1},
    "a" * 500,
)
HEADS: tuple[dict[str, Any], ...] = (
    {"alg": "none"},
    {"alg": "HS256"},
    {"alg": "RS256"},
    {"alg": "ES512"},
    {"alg": ["ES256"]},
    {"typ": "JWT"},
    {"typ": None},
    {"jku": "https://example.invalid/keys"},
    {"x5u": "https://example.invalid/keys"},
    {"crit": ["b64"], "b64": False},
    {"b64": False},
    {"kid": "../../../etc/passwd"},
    {"kid": "' OR 1=1 --"},
    {"kid": None},
    {"kid": STRANGER.kid},
    {"jwk": STRANGER.public.jwk()},
    {"zip": "DEF"},
)


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, payload, signature = token.split(".")
    return json.loads(jose.decode(head)), json.loads(jose.decode(payload)), signature


def _bit(rng: random.Random, token: str) -> str:
    parts = token.split(".")
    at = rng.randrange(3)
    data = bytearray(jose.decode(parts[at]))
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    parts[at] = jose.encode(bytes(data))
    return ".".join(parts)


def _claim(rng: random.Random, token: str) -> str:
    head, claims, signature = _parts(token)
    return _joined(head, _edited(rng, claims), signature)


def _header(rng: random.Random, token: str) -> str:
    head, claims, signature = _parts(token)
    return _joined(head | rng.choice(HEADS), claims, rng.choice((signature, "")))


def _resigned(rng: random.Random, token: str) -> str:
    """Sign with a key that is not the issuer's: under its own name, under the issuer's, or carried along."""
    head, claims, _ = _parts(token)
    claims = rng.choice((claims, _edited(rng, claims)))
    return forge(head | rng.choice(({}, {"kid": STRANGER.kid}, {"jwk": STRANGER.public.jwk()})), claims, STRANGER)


def _truncated(rng: random.Random, token: str) -> str:
    return rng.choice((token[: rng.randrange(1, len(token))], token[rng.randrange(1, len(token)) :]))


def _respelled(rng: random.Random, token: str) -> str:
    """Write the same content another way: other letters of base64, padding, spaces in the JSON, other order."""
    parts = token.split(".")
    at = rng.randrange(3)
    data = jose.decode(parts[at])
    if at < 2 and rng.random() < 0.7:
        members = json.loads(data)
        order = sorted(members, key=lambda _: rng.random())
        data = json.dumps({name: members[name] for name in order}, indent=rng.choice((None, 1))).encode()
        parts[at] = jose.encode(data)
    else:
        parts[at] = rng.choice((base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode(), data.hex()))
    return ".".join(parts)


def _joined(head: dict[str, Any], claims: Any, signature: str) -> str:
    return f"{jose.encode(spelled(head))}.{jose.encode(spelled(claims))}.{signature}"


def _edited(rng: random.Random, claims: dict[str, Any]) -> dict[str, Any]:
    name = rng.choice(sorted(claims))
    kind = rng.randrange(3)
    if kind == 0:
        return {key: value for key, value in claims.items() if key != name}
    if kind == 1:
        return claims | {name: rng.choice(VALUES)}
    return claims | {rng.choice(("admin", "iss ", "AUD", "exp")): rng.choice(VALUES)}


CHANGES: tuple[Change, ...] = (_bit, _bit, _claim, _header, _resigned, _truncated, _respelled, *TEXT_CHANGES)


def mutants(seeds: list[str], count: int, seed: int) -> Iterator[str]:
    """Yield tokens that differ from every seed; the same ones for the same number."""
    rng = random.Random(seed)
    while count:
        token = rng.choice(CHANGES)(rng, rng.choice(seeds))
        if token not in seeds:
            count -= 1
            yield token


def twin_of(token: str) -> str:
    """Return the token under the other signature that ECDSA lets anybody make of one: (r, n - s)."""
    signature = jose.decode(token.rpartition(".")[2])
    s = ORDER - int.from_bytes(signature[32:])
    return with_signature(token, signature[:32] + s.to_bytes(32))
