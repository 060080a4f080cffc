"""Trying an institution's node: the kit serves a broker, waits until the node is pointed at it, and runs the cases."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from services.broker.node import Broker
from services.cli.conform.broker.bench import LOOK_S, Bench, Writer
from services.cli.conform.broker.stage import create_stage, find_node, play_neighbour
from services.cli.conform.broker.wire import Wire
from services.cli.conform.broker.writing import ByApi, ByHand
from services.cli.conform.cases import Case, Outcome
from services.cli.conform.running import run_all
from services.cli.programs import Mendable
from shared.exchange.client.local import LocalClient
from shared.exchange.keys import SigningKey
from shared.runtime.clock import SystemClock
from shared.runtime.ids import SystemIds
from shared.runtime.server import served

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the kit's broker is; a node under test is told ``port``, the key's thumbprint and the federation."""

    key: SigningKey
    federation: str
    fingerprint: str
    database_url: str
    port: int
    wait_s: int


async def try_node(
    offer: Offer, url: str, token: str | None, cases: Sequence[Case[Bench]], console: Console
) -> list[Outcome]:
    """Run cases against the node that is pointed at the kit's broker; ``url`` and ``token`` open its own API.

    :raises Mendable: no node came in time.
    """
    clock, ids = SystemClock(), SystemIds()
    broker, wire = create_stage(offer.key, offer.federation, offer.fingerprint, offer.database_url, clock, ids)
    async with served(wire, host=HOST, port=offer.port, on_exit=broker.bells.close):
        _say(console, offer)
        node = await _node(broker, wire, offer.wait_s)
        console.print(f"{node} is here")
        neighbour = await play_neighbour(broker, node, f"http://{HOST}:{offer.port}")
        try:
            async with _writer(url, token, console) as writer:
                return await run_all(cases, Bench(broker, wire, node, neighbour, writer), clock, console)
        finally:
            broker.bells.close()
            await neighbour.client.close()


async def _node(broker: Broker, wire: Wire, wait_s: int) -> str:
    """Return the node that registered or is known, once it calls."""
    ends = broker.clock.monotonic() + wait_s
    while broker.clock.monotonic() < ends:
        node = await find_node(broker)
        if node is not None and wire.of(node):
            return node
        await broker.clock.sleep(LOOK_S)
    raise Mendable(f"no node registered and called within {wait_s} s; see what the kit said above")


@asynccontextmanager
async def _writer(url: str, token: str | None, console: Console) -> AsyncIterator[Writer]:
    if not url or not token:
        yield ByHand(console)
        return
    async with LocalClient(url, token) as client:
        yield ByApi(client, SystemIds())


def _say(console: Console, offer: Offer) -> None:
    console.print("Point the node under test at this broker, start it, and register it:")
    facts = (("URL", f"http://{HOST}:{offer.port}"), ("thumbprint", offer.key.kid), ("federation", offer.federation))
    for name, value in facts:
        console.print(f"  {name:<11} {value}", soft_wrap=True)


def database_in(folder: Path) -> str:
    """Return the URL of the database in which the kit's broker remembers the node from run to run."""
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'broker.sqlite3'}"
