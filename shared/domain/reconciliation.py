"""Reconciliation (*uzgadnianie*) of records: two sides find by few hashes which clients they know differently.

A client falls into one of 256 buckets by the first byte of the hash of its token; the digest of a bucket covers all
its clients. Only where two buckets differ do the sides name their clients to each other, each by one hash.

>>> one = {"1.a": client_digest([("form:1", b"h1")])}
>>> other = {"1.a": client_digest([("form:1", b"h2")])}
>>> differing(bucket_digests(one), bucket_digests(other)) == [bucket_of("1.a")]
True
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

BUCKETS = 256


def bucket_of(token: str) -> int:
    """Return the bucket of a client: the first byte of the hash of its token."""
    return hashlib.sha256(token.encode()).digest()[0]


def client_digest(records: Iterable[tuple[str, bytes]]) -> bytes:
    """Return one hash over the records of a client: pairs of a record's id and the hash of the SET that last told it.

    Source: WIRE.md, section 7, "Records".
    """
    digest = hashlib.sha256()
    for record, set_hash in sorted(records):
        digest.update(f"{record}|".encode() + set_hash)
    return digest.digest()


def head_digest(n: int, set_hash: bytes) -> bytes:
    """Return one hash over how far an author has come with a client: its count and its last SET."""
    return hashlib.sha256(f"{n}|".encode() + set_hash).digest()


def mark(token: str, digest: bytes) -> bytes:
    """Return the hash by which one side names a client and its digest to the other."""
    return hashlib.sha256(f"{token}|".encode() + digest).digest()


def bucket_digests(clients: Mapping[str, bytes]) -> list[bytes]:
    """Return a digest for each bucket over the clients in it, by token and digest."""
    digests = [hashlib.sha256() for _ in range(BUCKETS)]
    for token in sorted(clients):
        digests[bucket_of(token)].update(mark(token, clients[token]))
    return [one.digest() for one in digests]


def differing(ours: Sequence[bytes], theirs: Sequence[bytes]) -> list[int]:
    """Return the buckets whose digests differ."""
    return [bucket for bucket, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1]]


def unmatched(clients: Mapping[str, bytes], buckets: Iterable[int], marks: Iterable[bytes]) -> list[str]:
    """Return the clients in some buckets that the other side does not name as we do: it has them otherwise or not."""
    wanted, known = set(buckets), set(marks)
    return sorted(
        token for token, digest in clients.items() if bucket_of(token) in wanted and mark(token, digest) not in known
    )
