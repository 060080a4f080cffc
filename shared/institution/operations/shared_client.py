"""What disclosure asks of a client: a row answers it, and so does what an import read of one."""

from datetime import date, datetime
from typing import Any, Protocol


class Shared(Protocol):
    """A client as far as disclosure asks: a row, or what was read of one."""

    @property
    def id(self) -> str:
        """The office's own id."""

    @property
    def token(self) -> str:
        """What the broker knows the person by."""

    @property
    def state(self) -> str:
        """Active or withdrawn."""

    @property
    def restricted_on(self) -> date | None:
        """Since when the data are only kept, while they are."""

    @property
    def contested_since(self) -> datetime | None:
        """Since when two labour offices contest the client, while they do."""

    @property
    def members(self) -> Any:
        """Who shares the client."""
