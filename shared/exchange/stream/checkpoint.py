"""Checkpoints and receipts: a side signs how far a stream goes, and what its chain is there.

A checkpoint's ``iat`` is the moment its last entry was stored and signatures are deterministic, so a position has one
checkpoint, however often it is asked for.
"""

from dataclasses import dataclass
from typing import Any

from shared.domain.errors import Untrusted
from shared.exchange import jose
from shared.exchange.keys import FindsKeys, SigningKey

CHECKPOINT_TYPE = "zwornik-checkpoint+jwt"
RECEIPT_TYPE = "zwornik-receipt+jwt"


class StreamCheckpoint(Untrusted):
    """The checkpoint does not fit what was delivered."""

    problem = "stream-checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A position in a stream and the chain there; ``at`` is Unix seconds."""

    owner: str
    peer: str
    incarnation: str
    position: int
    chain: bytes
    at: int


def sign_checkpoint(key: SigningKey, mark: Mark) -> str:
    """Return the owner's checkpoint."""
    return key.sign(CHECKPOINT_TYPE, _claims(mark, iss=mark.owner, aud=mark.peer))


def sign_receipt(key: SigningKey, mark: Mark) -> str:
    """Return the receiver's receipt: a checkpoint from the other end, with the time of arrival."""
    claims = _claims(mark, iss=mark.peer, aud=mark.owner)
    return key.sign(RECEIPT_TYPE, claims | {"received_at": mark.at})


def check_checkpoint(token: str, mark: Mark, keys: FindsKeys, *, typ: str = CHECKPOINT_TYPE) -> None:
    """Check that ``token`` is the checkpoint (or receipt) of exactly this mark; ``mark.at`` does not count.

    :raises StreamCheckpoint: another position or chain, an unknown key, or a signature that does not hold.
    """
    iss, aud = (mark.owner, mark.peer) if typ == CHECKPOINT_TYPE else (mark.peer, mark.owner)
    claims = open_checkpoint(token, iss, keys, typ=typ)
    expected = _claims(mark, iss=iss, aud=aud)
    for name in ("iss", "aud", "incarnation", "position", "chain"):
        if claims.get(name) != expected[name]:
            raise StreamCheckpoint(
                f"The checkpoint names another {name}.", expected=expected[name], received=claims.get(name)
            )


def open_checkpoint(token: str, iss: str, keys: FindsKeys, *, typ: str = CHECKPOINT_TYPE) -> dict[str, Any]:
    """Return what ``iss`` signed in a checkpoint (or receipt), whatever it says.

    Its time is that of the position, which a key of later may sign for: a key that ended before it may not.

    :raises StreamCheckpoint: an unknown key, or a signature that does not hold.
    """
    try:
        parsed = jose.parse(token, typ, max_bytes=4096)
        iat = parsed.claims.get("iat")
        key = keys.key_lasting(iss, parsed.kid, iat) if type(iat) is int else None
        if key is None:
            raise StreamCheckpoint("The key of the checkpoint is unknown or was not valid then.", expected=iss)
        jose.verify(parsed, key.point)
    except jose.BadToken as bad:
        raise StreamCheckpoint(bad.detail, expected=bad.expected, received=bad.received) from None
    return parsed.claims


def _claims(mark: Mark, *, iss: str, aud: str) -> dict[str, Any]:
    return {
        "iss": iss,
        "aud": aud,
        "incarnation": mark.incarnation,
        "position": mark.position,
        "chain": jose.encode(mark.chain),
        "iat": mark.at,
    }
