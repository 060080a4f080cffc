"""The relay serves streams in turn: a single event waits for the step that runs, and for none that only waits."""

import asyncio

import pytest

from services.broker.operations.relay import step
from services.broker.operations.relay.step import relay_once
from services.broker.tables import RelayCursorRow
from shared.exchange.stream.heads import find_head
from tests.broker.builders import enter, relay
from tests.builders import Federation

FLOODS = ("pup-1611", "ops-1611012", "ops-1611053", "ops-2476011", "ops-2478011", "pup-2476")


async def test_a_single_event_waits_for_one_step_however_much_others_have_pushed(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    floods = [await enter(federation, name) for name in FLOODS]
    late = await enter(federation, "pup-2478")
    limited = step._AFTER.limit(5)  # a step of five entries, so that a hundred are a flood
    monkeypatch.setattr(step, "_AFTER", limited)
    for peer in floods:
        for first in range(0, 60, 20):
            await peer.push(*(peer.enrolled(first + number + 1) for number in range(20)))
    relaying = asyncio.create_task(relay(federation))
    while sum(federation.broker.turns.values()) == 0:  # noqa: ASYNC110  # it happens elsewhere
        await asyncio.sleep(0)
    await late.push(late.enrolled(1))
    steps_before = max(federation.broker.turns.values())
    await relaying
    async with federation.broker.db.read() as session:
        head = await find_head(session, late.id, "broker")
        assert head is not None
        cursor = await session.get_one(RelayCursorRow, head.id)
    assert cursor.position == 1
    steps = federation.broker.turns[head.id] - steps_before
    assert steps <= 2, "the step that ran, or was just about to, and then its own"
    assert max(federation.broker.turns.values()) - steps_before > 20, "the flood was far from over"


async def test_who_was_served_longest_ago_comes_first(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = await enter(federation, FLOODS[0]), await enter(federation, FLOODS[1])
    monkeypatch.setattr(step, "_AFTER", step._AFTER.limit(1))
    order: list[int] = []
    served = step._relay_stream

    async def noted(broker: object, stream_id: int) -> bool:
        order.append(stream_id)
        return await served(federation.broker, stream_id)

    monkeypatch.setattr(step, "_relay_stream", noted)
    for peer in (one, two):
        await peer.push(*(peer.enrolled(number) for number in range(1, 5)))
    while await relay_once(federation.broker):
        pass
    assert order[0] != order[1]
    assert order[:8] == order[:2] * 4
