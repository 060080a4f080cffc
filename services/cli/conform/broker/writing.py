"""Making the node under test write: by its own API where that is ours, else by a person who is asked to."""

from dataclasses import dataclass, field

from rich.console import Console

from services.cli.conform.cases import Deviation
from shared.domain.pesel import check_digit
from shared.exchange.client.local import Answered, LocalClient
from shared.runtime.ids import Ids


@dataclass
class ByApi:
    """Registers synthetic clients over the local API of a node that speaks as ours does."""

    client: LocalClient
    ids: Ids

    async def write(self) -> None:
        """Register a client.

        :raises Deviation: the node refused it.
        """
        client = {"pesel": synthetic_pesel(self.ids), "surname": "Zgodna", "given_names": "Anna"}
        case = {"basis": "consent", "case_number": "conformance"}
        try:
            await self.client.call("POST", "/v1/clients", client | case)
        except Answered as failure:
            raise Deviation(f"the node's own API refused a synthetic client: {failure}") from None


@dataclass
class ByHand:
    """Asks the person at the keyboard to register a client."""

    console: Console
    asked: int = field(default=0)

    async def write(self) -> None:
        """Ask for one more client."""
        self.asked += 1
        self.console.print(f"Register client number {self.asked} at the node now, somebody new and not real.")


def synthetic_pesel(ids: Ids) -> str:
    """Return a PESEL of the 2200s, which nobody has."""
    number = int(ids.secret(), 16)
    digits = (
        f"{number % 60 + 30:02d}{number // 60 % 12 + 61:02d}{number // 720 % 28 + 1:02d}{number % 10_007 % 10_000:04d}"
    )
    return digits + check_digit(digits)
