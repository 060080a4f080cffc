"""The chain of a stream: one hash over all entries in order, so that two heads that agree prove two equal pasts.

``chain_0 = SHA-256("zwornik/v1|stream|" owner "|" peer "|" incarnation)``,
``chain_n = SHA-256(chain_{n-1} || SHA-256(SET_n))`` (WIRE.md, section 6).
"""

import hashlib
from collections.abc import Iterable, Iterator


def chain_start(owner: str, peer: str, incarnation: str) -> bytes:
    """Return the chain of an empty stream."""
    return hashlib.sha256(f"zwornik/v1|stream|{owner}|{peer}|{incarnation}".encode()).digest()


def chain_next(chain: bytes, entry_hash: bytes) -> bytes:
    """Return the chain after one more entry."""
    return hashlib.sha256(chain + entry_hash).digest()


def chains(chain: bytes, entry_hashes: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chain after each entry."""
    for entry_hash in entry_hashes:
        chain = chain_next(chain, entry_hash)
        yield chain
