"""The kit against nodes of ours, in one process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2
from starlette.types import ASGIApp

from services.cli.conform.cases import Outcome, chosen, try_case
from services.cli.conform.institution.cases import CASES
from services.cli.conform.institution.joining import join
from services.cli.conform.institution.player import Player
from services.cli.programs import Mendable
from shared.exchange.client.broker import BrokerClient
from shared.exchange.identity import Identity
from shared.exchange.keys import SigningKey
from shared.runtime.clock import SystemClock
from shared.runtime.ids import SystemIds
from tests.builders import FEDERATION, Federation

KEY = SigningKey.from_seed(b"the kit")


@asynccontextmanager
async def institution(
    federation: Federation, app: ASGIApp | None = None, name: str = "pup-2478"
) -> AsyncIterator[Player]:
    """The kit as an institution that was approved by the broker of a federation."""
    transport = httpx2.ASGITransport(app=app or federation.broker_app)
    client = BrokerClient(
        Identity(name, FEDERATION, [KEY]), "http://127.0.0.1:1", federation.clock, SystemIds(), transport
    )
    pinned = federation.broker.identity.keys[0].kid
    try:
        await join(client, pinned)
    except Mendable:
        answer = await federation.operator.post(f"/v1/institutions/{name}/approve", json={"thumbprint": KEY.kid})
        assert answer.status_code == 200, answer.text
    client.directory = await join(client, pinned)
    yield Player(client.identity, client, client.directory, pinned)
    await client.close()


async def outcomes(player: Player, *only: str) -> dict[str, Outcome]:
    return {case.name: await try_case(case, player, SystemClock()) for case in chosen(CASES, only)}


def failed(found: Mapping[str, Outcome]) -> dict[str, str]:
    return {name: one.came for name, one in found.items() if not one.passed}
