"""Registration: an institution states, under its own key, who it is; the operator compares the thumbprint elsewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.desks import Desk, NoSuchDesk, read_desks
from shared.domain.errors import Invalid
from shared.domain.institutions import BROKER, is_gmina, is_institution_id
from shared.exchange import jose
from shared.exchange.keys import MalformedKey, PublicKey, SigningKey
from shared.exchange.member_keys import INTRODUCTION_TYPE, MAX_INTRODUCTION_BYTES
from shared.exchange.proofs.problems import BY_REASON, ProofAudience, ProofExpired, ProofMalformed
from shared.exchange.proofs.request import JTI, JTI_SAID

REGISTRATION_TYPE = "zwornik-registration+jwt"
LIFETIME_S = 24 * 3600
LEEWAY_S = 300
MAX_AREA = 400
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


class StatementMalformed(Invalid):
    """The registration statement lacks a claim or states one that cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What an institution states of itself; ``area`` is TERC codes of the gminas it serves.

    ``introduction`` is the word of the key before that this one follows it; a first key has none.
    """

    id: str
    federation: str
    name: str
    area: tuple[str, ...]
    contact: str
    key_fingerprint: str
    key: PublicKey
    jti: str
    desks: tuple[Desk, ...] = ()
    introduction: str | None = None


def sign_registration(key: SigningKey, registration: Registration, now: int) -> str:
    """Return the statement, signed with the key that it introduces."""
    claims = {
        "iss": registration.id,
        "aud": BROKER,
        "iat": now,
        "jti": registration.jti,
        "federation": registration.federation,
        "name": registration.name,
        "area": list(registration.area),
        "contact": registration.contact,
        "match_key_fingerprint": registration.key_fingerprint,
        "jwk": key.public.jwk(),
    }
    if registration.desks:
        claims["desks"] = [desk.to_json() for desk in registration.desks]
    if registration.introduction:
        claims["introduction"] = registration.introduction
    return key.sign(REGISTRATION_TYPE, claims)


def open_registration(statement: str, *, federation: str, now: int) -> Registration:
    """Read a statement and check that its own key signed it, for this federation, of late.

    :raises Untrusted: the signature, the type or the audience does not hold, or the statement is too old.
    :raises StatementMalformed: a claim is missing or impossible.
    """
    claims, key = _claims_of(statement)
    if (claims.get("aud"), claims.get("federation")) != (BROKER, federation):
        raise ProofAudience(expected=f"{BROKER} of {federation}")
    iat = claims.get("iat")
    if type(iat) is not int or not now - LIFETIME_S <= iat <= now + LEEWAY_S:
        raise ProofExpired("The statement is not of today.", expected=f"iat within {LIFETIME_S} s", received=iat)
    return _registration(claims, key)


def read_registration(statement: str) -> Registration:
    """Read a statement again that was opened before, however long ago.

    :raises Untrusted: its own key did not sign it.
    """
    return _registration(*_claims_of(statement))


def _claims_of(statement: str) -> tuple[Mapping[str, Any], PublicKey]:
    try:
        parsed = jose.parse(statement, REGISTRATION_TYPE, max_bytes=16_384)
        claims = parsed.claims
        key = PublicKey.from_jwk(claims.get("jwk") or {})
        if key.kid != parsed.kid:
            raise ProofMalformed("kid is not the thumbprint of jwk.", expected=key.kid, received=parsed.kid)
        jose.verify(parsed, key.point)
    except jose.BadToken as bad:
        raise BY_REASON[bad.reason](bad.detail, expected=bad.expected, received=bad.received) from None
    except MalformedKey as failure:
        raise ProofMalformed(failure.detail, field="jwk", expected=failure.expected) from None
    return claims, key


def _registration(claims: Mapping[str, Any], key: PublicKey) -> Registration:
    area, fingerprint, jti = claims.get("area"), claims.get("match_key_fingerprint"), claims.get("jti")
    if not is_institution_id(claims.get("iss")):
        raise StatementMalformed(field="iss", expected="pup-2478, ops-2478011, pcpr-2478 or ngo-0000123456")
    if not isinstance(area, list) or not 1 <= len(area) <= MAX_AREA or not all(is_gmina(code) for code in area):
        raise StatementMalformed(field="area", expected=f"1 to {MAX_AREA} TERC codes of seven digits")
    texts = {name: claims.get(name) for name in ("name", "contact")}
    for name, text in texts.items():
        if not isinstance(text, str) or len(text) > 200 or not text.isprintable():
            raise StatementMalformed(field=name, expected="at most 200 printable characters")
    if not (isinstance(fingerprint, str) and _FINGERPRINT.fullmatch(fingerprint)):
        raise StatementMalformed(field="match_key_fingerprint", expected="sixteen hexadecimal digits")
    if not (isinstance(jti, str) and JTI.fullmatch(jti)):
        raise StatementMalformed(field="jti", expected=JTI_SAID)
    introduction = claims.get("introduction")
    if not isinstance(introduction, str | None) or len(introduction or "") > MAX_INTRODUCTION_BYTES:
        raise StatementMalformed(field="introduction", expected=f"a {INTRODUCTION_TYPE} of the key before, or none")
    return Registration(
        id=claims["iss"],
        federation=claims["federation"],
        name=claims["name"],
        area=tuple(area),
        contact=claims["contact"],
        key_fingerprint=fingerprint,
        key=key,
        jti=jti,
        desks=_desks(claims.get("desks", [])),
        introduction=introduction,
    )


def _desks(stated: Any) -> tuple[Desk, ...]:
    try:
        return read_desks(stated)
    except NoSuchDesk as refusal:
        raise StatementMalformed(refusal.detail, field=refusal.field, expected=refusal.expected) from None
