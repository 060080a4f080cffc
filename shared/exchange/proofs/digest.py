"""The digest of a body, as RFC 9530 writes it."""

import hashlib
import re
from base64 import b64encode

_DIGEST = re.compile(r"sha-256=:[A-Za-z0-9+/]{43}=:")
_OTHER_SPELLING = re.compile(r"(?:sha-256=)?:?(?:[0-9a-fA-F]{64}|[A-Za-z0-9_-]{43}=?|[A-Za-z0-9+/]{43}=?):?")


def content_digest(body: bytes) -> str:
    """Return the RFC 9530 digest of a body.

    >>> content_digest(b"")
    'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
    """
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


def is_digest(text: str) -> bool:
    """Tell whether ``text`` is a digest in its one right spelling."""
    return _DIGEST.fullmatch(text) is not None


def is_misspelt_digest(text: str) -> bool:
    """Tell whether ``text`` is a digest in hex, base64url or without its colons: the usual mistakes.

    >>> is_misspelt_digest("sha-256=" + 64 * "0"), is_misspelt_digest("sha-512=:AAAA:")
    (True, False)
    """
    return not is_digest(text) and _OTHER_SPELLING.fullmatch(text) is not None
