"""The source of ids and randomness, passed in wherever they matter."""

import os
import random
import secrets
import time
from typing import Protocol


class Ids(Protocol):
    """What a node draws at random."""

    def uuid7(self) -> str:
        """Return a time-ordered UUID (RFC 9562, version 7)."""

    def secret(self) -> str:
        """Return 128 unguessable bits in hex."""

    def fraction(self) -> float:
        """Return a number from 0 up to 1, for jitter only."""


class SystemIds:
    """Ids from the clock and the randomness of the machine."""

    def uuid7(self) -> str:
        """Return a time-ordered UUID (RFC 9562, version 7)."""
        return uuid7(time.time_ns() // 1_000_000, os.urandom(10))

    def secret(self) -> str:
        """Return 128 unguessable bits in hex."""
        return secrets.token_hex(16)

    def fraction(self) -> float:
        """Return a number from 0 up to 1, for jitter only."""
        return random.random()  # noqa: S311  # jitter is no secret


def uuid7(milliseconds: int, ten_random_bytes: bytes) -> str:
    """Return the UUID of version 7 made of a time and 74 of the random bits.

    >>> uuid7(0x0198C6A00000, bytes(10))
    '0198c6a0-0000-7000-8000-000000000000'
    """
    high, low = int.from_bytes(ten_random_bytes[:2]), int.from_bytes(ten_random_bytes[2:])
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | (high & 0xFFF) << 64
    value |= 0b10 << 62 | low & (1 << 62) - 1
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
