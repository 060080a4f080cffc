"""Test data of the exchange: keys from seeds, a directory, and tokens that no decent signer would make."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from shared.domain.events.types import URN, event_type
from shared.exchange import jose
from shared.exchange.directory import Directory, Member
from shared.exchange.keys import SigningKey
from shared.exchange.match_keys import MatchKeys
from shared.exchange.member_keys import MemberKey
from shared.exchange.sets import SET_TYPE
from tests.builders import FEDERATION
from tests.domain.builders import HASH, PESEL, PROPERTY, TOKEN, UUID, example

__all__ = ["FEDERATION", "HASH", "PESEL", "PROPERTY", "TOKEN", "UUID", "example"]

NOW = 1_790_000_000
PUP, OPS, BROKER = "pup-2478", "ops-2478011", "broker"
KEYS = {name: SigningKey.from_seed(name.encode()) for name in (PUP, OPS, BROKER)}
STRANGER = SigningKey.from_seed(b"stranger")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
VALID = (NOW - 1000, NOW + 1_000_000)
JTI = "0192f0c1-7c00-7abc-8def-abcdefabcdef"
"""A UUID without eleven digits in a row, so that nothing but the test itself makes a SET look like a PESEL."""


def member(name: str, *keys: MemberKey, **changes: Any) -> Member:
    """Return a member of the directory, active and under its own key unless told otherwise."""
    facts: dict[str, Any] = {
        "id": name,
        "kind": name.partition("-")[0],
        "name": f"Urząd {name}",
        "area": () if name == BROKER else ("2478011",),
        "state": "active",
        "contact": "it@example.invalid",
        "keys": keys or (MemberKey(KEYS[name].public, *VALID),),
    }
    return Member(**facts | changes)


def directory(*members: Member, **changes: Any) -> Directory:
    """Return a directory of the broker, a labour office and a welfare centre."""
    facts: dict[str, Any] = {
        "serial": NOW,
        "federation": FEDERATION,
        "match_keys": MatchKeys(fingerprint="0123456789abcdef"),
        "members": members or [member(name) for name in KEYS],
    }
    return Directory(**facts | changes)


def spelled(value: Any) -> bytes:
    """Return JSON as our signer writes it; bytes pass through as they are."""
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def header(typ: str = SET_TYPE, kid: str = KEYS[PUP].kid, **changes: Any) -> dict[str, Any]:
    """Return the members of a header."""
    return {"alg": "ES256", "kid": kid, "typ": typ} | changes


def forge(head: Any, claims: Any, key: SigningKey = KEYS[PUP]) -> str:
    """Return a token over any header and any payload, well-formed or not, with a signature that holds."""
    signing_input = f"{jose.encode(spelled(head))}.{jose.encode(spelled(claims))}"
    return f"{signing_input}.{jose.encode(raw_signature(signing_input, key))}"


def raw_signature(signing_input: str, key: SigningKey) -> bytes:
    """Return r and s, 32 bytes each."""
    r, s = decode_dss_signature(
        key.private.sign(signing_input.encode(), ec.ECDSA(SHA256(), deterministic_signing=True))
    )
    return r.to_bytes(32) + s.to_bytes(32)


def with_signature(token: str, signature: bytes) -> str:
    """Return the token under another signature."""
    return f"{token.rpartition('.')[0]}.{jose.encode(signature)}"


def set_claims(name: str = "contract.signed.v1", iss: str = OPS, **changes: Any) -> dict[str, Any]:
    """Return the claims of a SET that holds; ``payload`` replaces the payload of its event."""
    type_ = event_type(name)
    payload = changes.pop("payload", None) or example(type_.shape)
    claims = {
        "iss": iss,
        "aud": f"zwornik:{FEDERATION}",
        "iat": NOW,
        "jti": JTI,
        "toe": NOW,
        "txn": JTI,
        "sub_id": {"format": "opaque", "id": TOKEN},
        "events": {URN + name: payload},
    }
    return claims | ({"n": 1} if type_.is_shared else {}) | changes


def make_set(claims: Mapping[str, Any] | bytes | None = None, **changes: Any) -> str:
    """Return a signed SET of the welfare centre."""
    claims = set_claims(**changes) if claims is None else claims
    return forge(header(kid=KEYS[OPS].kid), claims, KEYS[OPS])


def without(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the members but one."""
    return {key: value for key, value in members.items() if key != name}
