"""The match keys of the federation (*klucz dopasowania*) as the directory tells of them: by fingerprint and epoch.

While one follows another, both are told, with the day from which the new one names people and the day on which the
old one ends. The keys themselves stand nowhere but in the files of the offices.
"""

import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from shared.domain.errors import Conflict
from shared.domain.token import epoch_of, is_fingerprint


class MatchKeyMismatch(Conflict):
    """The institution works with another match key than the federation: its tokens would never meet the others'."""

    problem = "match-key-mismatch"


class MatchKeyEnded(MatchKeyMismatch):
    """The match key of this token has ended; take the key that followed it."""


def is_same(expected: str | None, received: str) -> bool:
    """Tell whether two fingerprints are the same, in a time that does not depend on where they differ.

    >>> is_same("0123456789abcdef", "0123456789abcdef"), is_same(None, "0123456789abcdef")
    (True, False)
    """
    return expected is not None and hmac.compare_digest(expected.encode(), received.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMatchKey:
    """The match key that follows: its ``epoch``, when it names people (``moves_at``), when the old one ends."""

    fingerprint: str
    epoch: int
    moves_at: int
    ends_at: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; times in Unix seconds."""
        return asdict(self)

    @classmethod
    def from_json(cls, members: Mapping[str, Any] | None) -> Self | None:
        """Read it, where there is one.

        :raises TypeError: it is not of its form.
        """
        if members is None:
            return None
        numbers = {name: members[name] for name in ("epoch", "moves_at", "ends_at") if type(members.get(name)) is int}
        if len(numbers) < 3 or not is_fingerprint(members.get("fingerprint")):
            raise TypeError
        return cls(fingerprint=members["fingerprint"], **numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchKeys:
    """What the federation works with now: the key in force, its epoch once one has followed another, and the next.

    >>> keys = MatchKeys(fingerprint="0123456789abcdef", epoch=2)
    >>> keys.require("0123456789abcdef", "1." + "A" * 43)
    Traceback (most recent call last):
    shared.exchange.match_keys.MatchKeyEnded: The match key of this token has ended; take the key of epoch 2.
    """

    fingerprint: str | None = None
    epoch: int | None = None
    next: NextMatchKey | None = None

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> Self:
        """Read what a directory says of match keys.

        :raises TypeError: it is not of its form.
        """
        fingerprint, epoch = claims.get("match_key_fingerprint"), claims.get("match_key_epoch")
        if not (fingerprint is None or is_fingerprint(fingerprint)) or not (epoch is None or type(epoch) is int):
            raise TypeError
        return cls(fingerprint=fingerprint, epoch=epoch, next=NextMatchKey.from_json(claims.get("next_match_key")))

    def to_claims(self) -> dict[str, Any]:
        """Return what a directory says beside the fingerprint of the key in force, where there is more to say."""
        epoch = {} if self.epoch is None else {"match_key_epoch": self.epoch}
        return epoch | ({} if self.next is None else {"next_match_key": self.next.to_json()})

    def is_current(self, fingerprint: str) -> bool:
        """Tell whether this is the key in force."""
        return is_same(self.fingerprint, fingerprint)

    def is_next(self, fingerprint: str) -> bool:
        """Tell whether this is the key that follows."""
        return self.next is not None and is_same(self.next.fingerprint, fingerprint)

    def knows(self, fingerprint: str) -> bool:
        """Tell whether this is the key in force or the one that follows."""
        return self.is_current(fingerprint) or self.is_next(fingerprint)

    def require_known(self, fingerprint: str) -> None:
        """Refuse a key that is neither the one in force nor the one that follows.

        :raises MatchKeyMismatch: it is another one.
        """
        if self.fingerprint is not None and not self.knows(fingerprint):
            raise MatchKeyMismatch(expected=self.fingerprint, received=fingerprint[:16])

    def is_of_next(self, token: str) -> bool:
        """Tell whether a token was made with the key that follows."""
        return self.next is not None and epoch_of(token) == self.next.epoch

    def require_epoch(self, token: str) -> None:
        """Refuse a token of a key that has ended.

        :raises MatchKeyEnded: the key of its epoch is no longer in force.
        """
        if self.epoch is not None and epoch_of(token) != self.epoch and not self.is_of_next(token):
            text = f"The match key of this token has ended; take the key of epoch {self.epoch}."
            raise MatchKeyEnded(text, expected=self.epoch, received=epoch_of(token))

    def require(self, fingerprint: str, token: str) -> None:
        """Refuse a token that does not say by its epoch what its fingerprint says.

        :raises MatchKeyMismatch: the key is another one, has ended, or its epoch is not the one announced.
        """
        self.require_known(fingerprint)
        self.require_epoch(token)
        if self.next is not None and self.is_next(fingerprint) != self.is_of_next(token):
            raise MatchKeyMismatch(
                f"The key that follows has the epoch {self.next.epoch}; the token is of another.",
                expected=self.next.epoch,
                received=epoch_of(token),
            )

    def have_moved(self, now: int) -> bool:
        """Tell whether the key that follows names people already."""
        return self.next is not None and now >= self.next.moves_at
