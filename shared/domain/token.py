"""The person token (*token osoby*): what the broker sees instead of a PESEL, and the check on a surname.

Source: WIRE.md, section 2. The match key is made by a custodian that is neither the broker nor its operator.

>>> key = MatchKey(epoch=1, secret=bytes(range(32)))
>>> key.token(Pesel("44651401357"))[:8]
'1.Kqbt0H'
>>> key.check("1.abc", "Nowak-Kowalska") == key.check("1.abc", "kowalska  nowak")
True
"""

import hmac
import re
import unicodedata
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from shared.domain.errors import Invalid
from shared.domain.pesel import Pesel

_TOKEN = re.compile(r"[1-9][0-9]{0,5}\.[A-Za-z0-9_-]{43}")
_CHECK = re.compile(r"[0-9a-f]{2}")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_SEPARATORS = re.compile(r"[\s\-‐‑–]+")


class MalformedToken(Invalid):
    """A person token is an epoch, a point and 43 characters of base64url."""


@dataclass(frozen=True, slots=True)
class MatchKey:
    """The key (*klucz dopasowania*) under which offices make tokens; ``secret`` is 32 bytes."""

    epoch: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.epoch <= 999_999 or len(self.secret) != 32:
            raise Invalid("A match key has an epoch from 1 to 999999 and 32 bytes.")

    @property
    def fingerprint(self) -> str:
        """Return the first 8 bytes of HMAC(key, fingerprint) in hex, by which members compare their keys."""
        return self._mac("zwornik/v1|fingerprint")[:8].hex()

    def token(self, pesel: Pesel) -> str:
        """Return the token of a person with a PESEL."""
        digest = self._mac("zwornik/v1|pesel|" + pesel.digits)
        return f"{self.epoch}." + urlsafe_b64encode(digest).rstrip(b"=").decode()

    def check(self, token: str, surname: str) -> str:
        """Return the check on a surname: one byte in hex, so that 1 of 256 wrong surnames passes."""
        return self._mac(f"zwornik/v1|check|{token}|{folded_surname(surname)}")[:1].hex()

    def _mac(self, message: str) -> bytes:
        return hmac.digest(self.secret, message.encode(), "sha256")


def folded_surname(surname: str) -> str:
    """Return a surname in upper case and NFC, its parts sorted and joined; Polish letters stay.

    NFC comes before and after: the upper case of some foreign letters (``ΐ``) is not in NFC.

    >>> folded_surname("Wiśniewska-Bąk")
    'BĄKWIŚNIEWSKA'
    """
    upper = unicodedata.normalize("NFC", unicodedata.normalize("NFC", surname).upper())
    return "".join(sorted(part for part in _SEPARATORS.split(upper) if part))


def is_token(text: object) -> bool:
    """Tell whether ``text`` has the form of a person token."""
    return isinstance(text, str) and _TOKEN.fullmatch(text) is not None


def epoch_of(token: str) -> int:
    """Return the epoch of the match key with which a token was made.

    >>> epoch_of("12." + "A" * 43)
    12
    """
    return int(token.partition(".")[0])


def is_fingerprint(text: object) -> bool:
    """Tell whether ``text`` has the form of a fingerprint of a match key."""
    return isinstance(text, str) and _FINGERPRINT.fullmatch(text) is not None


def is_check(text: object) -> bool:
    """Tell whether ``text`` has the form of a check on a surname."""
    return isinstance(text, str) and _CHECK.fullmatch(text) is not None


def as_token(text: object) -> str:
    """Return ``text`` if it is a token.

    :raises MalformedToken: it is not.
    """
    if not is_token(text):
        raise MalformedToken(field="token", expected="<epoch>.<43 characters of base64url>")
    return str(text)
