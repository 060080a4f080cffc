"""Proofs: one signed token per call and one per answer, bound to method, target and content (WIRE.md, section 3).

The checks stand in one ordered list. A call stops at the first that fails and answers with its own problem; the
diagnosis runs the same list and says of each check whether it passed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.domain.errors import DomainError
from shared.domain.institutions import is_institution_id
from shared.domain.pesel import holds_a_pesel
from shared.exchange import jose
from shared.exchange.directory import Directory
from shared.exchange.keys import SigningKey
from shared.exchange.proofs.digest import content_digest, is_digest, is_misspelt_digest
from shared.exchange.proofs.problems import (
    BY_REASON,
    IssuerSuspended,
    IssuerUnknown,
    ProofAudience,
    ProofDigest,
    ProofDigestEncoding,
    ProofExpired,
    ProofKeyExpired,
    ProofMalformed,
    ProofMethod,
    ProofNotYetValid,
    ProofSignature,
    ProofTarget,
    ProofUnknownKey,
)

REQUEST_TYPE = "zwornik-request+jwt"
HEADER = "Zwornik-Proof"
LIFETIME_S = 60
LEEWAY_S = 60
MAX_PROOF_BYTES = 8192
READ_CLAIMS = ("purpose", "legal_basis", "actor", "case")
JTI = re.compile(r"[!-~]{8,128}")
JTI_SAID = "8 to 128 printable ASCII characters without spaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as its receiver sees it: ``target`` is path and query as sent."""

    method: str
    target: str
    body: bytes
    aud: str
    now: int


@dataclass(slots=True)
class Proof:
    """A proof while it is checked."""

    token: str
    call: Call
    directory: Directory
    parsed: jose.Parsed = field(init=False)

    @property
    def claims(self) -> dict[str, Any]:
        """Return the claims."""
        return self.parsed.claims

    @property
    def iss(self) -> str:
        """Return the institution that calls."""
        return str(self.claims["iss"])

    @property
    def jti(self) -> str:
        """Return the id of the proof."""
        return str(self.claims["jti"])


def sign_request(key: SigningKey, iss: str, call: Call, jti: str, reading: Mapping[str, str] | None = None) -> str:
    """Return the proof of a call; ``reading`` says purpose, legal basis, actor and case of a read of a person."""
    claims = {
        "iss": iss,
        "aud": call.aud,
        "iat": call.now,
        "exp": call.now + LIFETIME_S,
        "jti": jti,
        "htm": call.method,
        "target": call.target,
        "content_digest": content_digest(call.body),
    }
    return key.sign(REQUEST_TYPE, claims | dict(reading or {}))


def check_request(token: str, call: Call, directory: Directory) -> Proof:
    """Run all checks but replay, which is the caller's, in its own transaction.

    :raises DomainError: the first check that fails; see ``CHECKS``.
    """
    proof = Proof(token, call, directory)
    for _, check in CHECKS:
        check(proof)
    return proof


def diagnose(token: str, call: Call, directory: Directory) -> list[tuple[str, DomainError | None]]:
    """Return each check with what it found; after a failed one the rest is not reached."""
    proof = Proof(token, call, directory)
    findings: list[tuple[str, DomainError | None]] = []
    for name, check in CHECKS:
        try:
            check(proof)
        except DomainError as failure:
            return [*findings, (name, failure)]
        findings.append((name, None))
    return findings


def is_of_this_call(token: str, call: Call, directory: Directory) -> Proof | None:
    """Return a proof whose issuer made it for this very operation here, though its time or the content may not fit.

    Only to such a caller is an answer proven in return (docs/decisions/0044).
    """
    proof = Proof(token, call, directory)
    try:
        for check in (_form, _key, _signature, _audience, _method, _target):
            check(proof)
    except DomainError:
        return None
    return proof


def _form(proof: Proof) -> None:
    try:
        proof.parsed = jose.parse(proof.token, REQUEST_TYPE, max_bytes=MAX_PROOF_BYTES)
    except jose.BadToken as bad:
        raise BY_REASON[bad.reason](bad.detail, expected=bad.expected, received=bad.received) from None
    claims = proof.claims
    texts = ("aud", "jti", "htm", "target", "content_digest")
    if not is_institution_id(claims.get("iss")):
        raise ProofMalformed("iss is the id of an institution.", field="iss", expected="an id as pup-2478")
    for name in texts:
        if not isinstance(claims.get(name), str):
            raise ProofMalformed(f"The claim {name} is missing, or no string.", field=name, expected="a string")
    if not (type(claims.get("iat")) is int and type(claims.get("exp")) is int) or not JTI.fullmatch(proof.jti):
        raise ProofMalformed(f"iat and exp are Unix seconds (whole numbers), jti is {JTI_SAID}.")
    if not 0 <= claims["exp"] - claims["iat"] <= LIFETIME_S:
        lifetime = claims["exp"] - claims["iat"]
        raise ProofMalformed(
            f"exp is at most {LIFETIME_S} s after iat.", field="exp", expected=f"0 to {LIFETIME_S}", received=lifetime
        )
    if not all(_is_word(claims.get(name, "")) for name in READ_CLAIMS):
        raise ProofMalformed(
            "purpose, legal_basis, actor and case are strings of at most 200 printable characters, none a PESEL."
        )


def _is_word(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 200 and value.isprintable() and not holds_a_pesel(value)


def _issuer(proof: Proof) -> None:
    member = proof.directory.members.get(proof.iss)
    if member is None or member.state == "pending":
        raise IssuerUnknown(received=proof.iss)
    if member.state != "active":
        raise IssuerSuspended(expected="active", received=member.state)


def _key(proof: Proof) -> None:
    kid, now = proof.parsed.kid, proof.call.now
    if proof.directory.key_for(proof.iss, kid, now) is None:
        known = proof.directory.knows_key(proof.iss, kid)
        raise (ProofKeyExpired if known else ProofUnknownKey)(expected=f"a key of {proof.iss}", received=kid)


def _signature(proof: Proof) -> None:
    key = proof.directory.key_for(proof.iss, proof.parsed.kid, proof.call.now)
    try:
        if key is not None:
            jose.verify(proof.parsed, key.point)
    except jose.BadToken as bad:
        raise ProofSignature(bad.detail) from None


def _audience(proof: Proof) -> None:
    if proof.claims["aud"] != proof.call.aud:
        raise ProofAudience(expected=proof.call.aud, received=proof.claims["aud"][:100])


def _time(proof: Proof) -> None:
    iat, exp, now = proof.claims["iat"], proof.claims["exp"], proof.call.now
    if iat > now + LEEWAY_S:
        raise ProofNotYetValid(expected=f"iat at most {now + LEEWAY_S}", received=iat, clock_skew_s=iat - now)
    if exp < now - LEEWAY_S:
        raise ProofExpired(expected=f"exp at least {now - LEEWAY_S}", received=exp, clock_skew_s=iat - now)


def _method(proof: Proof) -> None:
    if proof.claims["htm"] != proof.call.method:
        raise ProofMethod(expected=proof.call.method, received=proof.claims["htm"][:16])


def _target(proof: Proof) -> None:
    if proof.claims["target"] != proof.call.target:
        raise ProofTarget(expected=proof.call.target, received=proof.claims["target"][:200])


def _digest(proof: Proof) -> None:
    received, expected = proof.claims["content_digest"], content_digest(proof.call.body)
    if not is_digest(received):
        wrong = ProofDigestEncoding if is_misspelt_digest(received) else ProofDigest
        raise wrong(expected=expected, received=received[:100])
    if received != expected:
        raise ProofDigest(expected=expected, received=received)


CHECKS: tuple[tuple[str, Callable[[Proof], None]], ...] = (
    ("form", _form),
    ("issuer", _issuer),
    ("key", _key),
    ("signature", _signature),
    ("audience", _audience),
    ("time", _time),
    ("method", _method),
    ("target", _target),
    ("digest", _digest),
)
