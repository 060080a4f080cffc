"""The proof of an answer: signed by the broker, bound to the call by its jti."""

from typing import Any

from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.directory import Directory
from shared.exchange.keys import SigningKey
from shared.exchange.proofs.digest import content_digest
from shared.exchange.proofs.problems import BY_REASON, ProofDigest, ProofMissing, ProofUnknownKey
from shared.exchange.proofs.request import MAX_PROOF_BYTES

RESPONSE_TYPE = "zwornik-response+jwt"


def sign_response(key: SigningKey, *, iss: str, aud: str, now: int, req_jti: str, status: int, body: bytes) -> str:
    """Return the proof of an answer."""
    claims = {
        "iss": iss,
        "aud": aud,
        "iat": now,
        "req_jti": req_jti,
        "status": status,
        "content_digest": content_digest(body),
    }
    return key.sign(RESPONSE_TYPE, claims)


def check_response(
    token: str | None, *, aud: str, req_jti: str, status: int, body: bytes, directory: Directory
) -> dict[str, Any]:
    """Check the proof of the broker's answer and return its claims. Its time is not checked: the jti binds it.

    :raises Untrusted: missing, or bound to another call, status or content.
    """
    if token is None:
        raise ProofMissing("The answer carries no proof.")
    try:
        parsed = jose.parse(token, RESPONSE_TYPE, max_bytes=MAX_PROOF_BYTES)
        iat = parsed.claims.get("iat")
        key = directory.key_for(BROKER, parsed.kid, iat) if type(iat) is int else None
        if key is None:
            raise ProofUnknownKey("The answer is signed with a key that the directory does not name.")
        jose.verify(parsed, key.point)
    except jose.BadToken as bad:
        raise BY_REASON[bad.reason](bad.detail) from None
    bound = {"iss": BROKER, "aud": aud, "req_jti": req_jti, "status": status, "content_digest": content_digest(body)}
    for name, value in bound.items():
        if parsed.claims.get(name) != value:
            received = str(parsed.claims.get(name))[:100]
            raise ProofDigest(f"The answer's proof names another {name}.", expected=value, received=received)
    return parsed.claims
