"""Who a node is: its id, its federation and the keys it signs with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from shared.exchange.directory import Directory
from shared.exchange.keys import SigningKey, load_keys


@dataclass(frozen=True, slots=True)
class Identity:
    """A node's own name and keys, the newest key first."""

    id: str
    federation: str
    keys: Sequence[SigningKey]

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError(f"{self.id} has no signing key; make one with: zwornik keys generate")

    def read_again(self, key_dir: Path) -> Self:
        """Return the identity with the keys that its folder holds now: one was made, or taken away, while it ran.

        :raises InsecureFile: others can read one of them.
        :raises MalformedKey: a file holds no P-256 key.
        """
        keys = load_keys(key_dir)
        same = [key.kid for key in keys] == [key.kid for key in self.keys]
        return self if same or not keys else replace(self, keys=keys)

    def signing_key(self, directory: Directory | None, now: int) -> SigningKey:
        """Return the newest key that the directory shows as valid: a new one signs only once it is approved."""
        if directory is not None:
            for key in self.keys:
                if directory.key_for(self.id, key.kid, now):
                    return key
        return self.keys[-1]
