"""Events of a reconciliation (*uzgadnianie*); their subject is the run, not a person."""

from dataclasses import dataclass
from typing import Annotated

from shared.domain.events.fields import (
    bucket_digests,
    bucket_numbers,
    count,
    hash_,
    hashes,
    issuer,
    record_id,
    sequence,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationRequested:
    """What the broker holds of an institution's records, up to ``position`` of its stream (0: nothing yet)."""

    reconciliation_id: Annotated[str, record_id]
    digests: Annotated[tuple[str, ...], bucket_digests]
    position: Annotated[int | None, sequence] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationAnswered:
    """What the institution found and mended; ``waiting`` clients changed meanwhile and wait for the next run.

    ``missing`` and ``altered`` count entries of both streams at its end and records, ``behind`` clients whose records
    were changed past the service, ``restated`` clients, ``unmended`` what needs people.
    """

    reconciliation_id: Annotated[str, record_id]
    request: Annotated[str, hash_]
    missing: Annotated[int, count]
    altered: Annotated[int, count]
    behind: Annotated[int, count]
    restated: Annotated[int, count]
    waiting: Annotated[int, count]
    unmended: Annotated[int, count]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationClosed:
    """The broker's signed statement on a run: when (Unix seconds), where both streams stood, what both ends found.

    Without an ``answer`` the run is unanswered: the institution was silent.
    """

    reconciliation_id: Annotated[str, record_id]
    from_: Annotated[int, sequence]
    until: Annotated[int, sequence]
    missing: Annotated[int, count]
    altered: Annotated[int, count]
    restated: Annotated[int, count]
    unmended: Annotated[int, count]
    answer: Annotated[str | None, hash_] = None
    own_position: Annotated[int | None, sequence] = None
    own_chain: Annotated[str | None, hash_] = None
    mailbox_position: Annotated[int | None, sequence] = None
    mailbox_chain: Annotated[str | None, hash_] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDigest:
    """How far an author has come with the clients it shares with ``peer``, as digests of buckets.

    The peer that holds some buckets otherwise sends ``reply_to`` with the ``marks`` of all clients it has in them.
    """

    reconciliation_id: Annotated[str, record_id]
    peer: Annotated[str, issuer]
    digests: Annotated[tuple[str, ...] | None, bucket_digests] = None
    reply_to: Annotated[str | None, hash_] = None
    buckets: Annotated[tuple[int, ...] | None, bucket_numbers] = None
    marks: Annotated[tuple[str, ...] | None, hashes] = None
