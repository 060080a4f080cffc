"""Waiting until all has arrived everywhere: nothing in flight, nothing to be relayed, nothing to be assessed."""

import asyncio
from collections.abc import Mapping

from services.cli.demo.caller import Caller, Lost
from shared.domain.institutions import BROKER

LOOK_S = 0.2
PATIENCE_S = 300.0
Heads = dict[tuple[str, str], int]
"""Positions of streams by owner and peer."""


async def until_quiet(broker: Caller, offices: Mapping[str, Caller], *, offline: str | None = None) -> None:
    """Wait until every stream is taken at both ends; ``offline`` is not waited for.

    The broker is looked at before and after the offices: if nothing moved there in between, nothing was on its way.

    :raises Lost: it takes longer than five minutes.
    """
    for _ in range(int(PATIENCE_S / LOOK_S)):
        before = await _taken_at_broker(broker, offline)
        taken = before is not None and await _taken_at_offices(offices, before, offline)
        if taken and await _taken_at_broker(broker, offline) == before:
            return
        await asyncio.sleep(LOOK_S)
    raise Lost("the federation did not come to rest within five minutes")


async def _taken_at_broker(broker: Caller, offline: str | None) -> Heads | None:
    """Return how far every stream goes, or ``None`` while something waits at the broker."""
    lag = await broker.get("/v1/lag")
    if lag["waiting_relays"] or lag["waiting_assessments"]:
        return None
    if any(stream["lag"] and stream["peer"] != offline for stream in lag["streams"]):
        return None
    return {(stream["owner"], stream["peer"]): stream["position"] for stream in lag["streams"]}


async def _taken_at_offices(offices: Mapping[str, Caller], heads: Heads, offline: str | None) -> bool:
    """Tell whether every office has the same ends of its two streams as the broker."""
    for name, office in offices.items():
        if name == offline:
            continue
        exchange = await office.get("/v1/exchange")
        ends = (exchange["position"], exchange["mailbox"])
        if exchange["lag"] or ends != (heads.get((name, BROKER), 0), heads.get((BROKER, name), 0)):
            return False
    return True
