"""Trying a broker: the kit joins its federation and runs the cases."""

from collections.abc import Sequence

from rich.console import Console

from services.cli.calling import answers_of
from services.cli.conform.cases import Case, Outcome
from services.cli.conform.institution.joining import join
from services.cli.conform.institution.player import Player
from services.cli.conform.running import run_all
from shared.exchange.client.broker import BrokerClient
from shared.exchange.identity import Identity
from shared.runtime.clock import SystemClock
from shared.runtime.ids import SystemIds


async def try_broker(
    url: str, identity: Identity, pinned: str, cases: Sequence[Case[Player]], console: Console
) -> list[Outcome]:
    """Run cases against the broker at a URL.

    :raises Mendable: it cannot be reached, or the kit is no active institution of it yet.
    """
    clock = SystemClock()
    with answers_of("the broker", url):
        client = BrokerClient(identity, url, clock, SystemIds())
        try:
            directory = await join(client, pinned)
            return await run_all(cases, Player(identity, client, directory, pinned), clock, console)
        finally:
            await client.close()
