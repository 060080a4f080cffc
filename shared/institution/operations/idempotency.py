"""Repeated requests: the same Idempotency-Key with the same request gets the first answer, with another a refusal.

A key is the caller's own word and may be anything, a PESEL too: only its blind index is stored.
"""

import hmac

from shared.domain.errors import Invalid
from shared.institution.operations.work import Work
from shared.institution.tables import IdempotencyRow
from shared.runtime.database.bulk import insert_many, table_of

CONTEXT = "idempotency.request"
KEY_CONTEXT = "idempotency.key"


class IdempotencyMismatch(Invalid):
    """The Idempotency-Key was used for another request."""

    problem = "idempotency-mismatch"


class Replayed(Exception):
    """The request was answered before; this is the answer."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


async def begin(work: Work, subject: str, key: str, asked: bytes) -> None:
    """Claim a key for a request; a second one with the same key waits until the first is done.

    :raises Replayed: the request was answered before.
    :raises IdempotencyMismatch: the key stands for another request.
    """
    fingerprint = work.node.pii_keys.index(asked.decode("latin-1"), CONTEXT)
    row = {
        "subject": subject,
        "key": _stored(work, key),
        "fingerprint": fingerprint,
        "status": None,
        "body": None,
        "at": work.now,
    }
    table = table_of(IdempotencyRow)
    await insert_many(work.session, table, [row], conflict="ON CONFLICT DO NOTHING")
    claimed = await work.session.get_one(IdempotencyRow, (subject, _stored(work, key)))
    if not hmac.compare_digest(claimed.fingerprint, fingerprint):
        raise IdempotencyMismatch()
    if claimed.status is not None and claimed.body is not None:
        raise Replayed(claimed.status, claimed.body)


async def keep(work: Work, subject: str, key: str, status: int, body: str) -> None:
    """Keep the answer under its key."""
    claimed = await work.session.get_one(IdempotencyRow, (subject, _stored(work, key)))
    claimed.status, claimed.body = status, body


def _stored(work: Work, key: str) -> str:
    return work.node.pii_keys.index(key, KEY_CONTEXT).hex()
