"""A replica learns what another wrote: waiting polls are woken, a suspension holds everywhere."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.broker.follower import Follower
from services.broker.main import create_broker
from services.broker.node import Broker
from services.broker.operations import directory, register
from services.broker.operations.mailbox import Poll, poll
from services.broker.operations.relay.step import relay_once
from shared.domain.institutions import BROKER
from shared.exchange.stream.heads import find_head
from tests.broker.builders import until
from tests.builders import Federation, SeededIds
from tests.conftest import MakeDatabase
from tests.federation.epochs import announce


@pytest.fixture
async def federation(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Federation]:
    async with Federation(tmp_path / "nodes", make_database) as made:
        yield made


@pytest.fixture
async def replica(federation: Federation) -> AsyncIterator[Broker]:
    other = create_broker(federation.broker.settings, federation.clock, SeededIds("replica"))
    await directory.open_up(other)
    yield other
    await other.db.close()


async def still_there() -> bool:
    return False


async def test_a_poll_that_waits_at_one_replica_gets_what_another_relayed(
    federation: Federation, replica: Broker
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    await pup.enrol(1)
    await ops.enrol(1)
    await federation.push(pup)
    await federation.push(ops)
    async with replica.db.read() as session:
        head = await find_head(session, BROKER, pup.id)
    assert head is not None
    ask = Poll(
        peer=pup.id,
        incarnation=head.incarnation,
        after=0,
        chain=head.chain,
        limit=500,
        wait_s=20,
        set_errors=[],
        proof="",
    )
    follower = Follower(replica)
    await follower.wake_polls()
    waiting = asyncio.create_task(poll(replica, ask, still_there))
    await until(replica.bells.is_anybody_waiting)
    await relay_once(federation.broker)
    await follower.wake_polls()
    async with asyncio.timeout(2):
        batch, _ = await waiting
    assert len(batch.entries) == 1


async def test_a_suspension_at_one_replica_holds_at_the_other(federation: Federation, replica: Broker) -> None:
    pup = await federation.join("pup-2478")
    await directory.reload(replica)
    assert replica.directory.is_active(pup.id)
    async with federation.broker.db.write() as session:
        await register.set_state(session, federation.broker, pup.id, "suspended")
    await Follower(replica)._reload()
    assert not replica.directory.is_active(pup.id)


async def test_clients_who_were_not_told_by_the_next_key_are_counted_apart_from_the_lanes(
    federation: Federation, replica: Broker
) -> None:
    pup = await federation.join("pup-2478")
    await pup.enrol(1)
    await federation.settle()
    await announce(federation)
    await directory.reload(replica)
    follower = Follower(replica)
    await follower.hear()
    assert replica.untold == {}
    await follower.look_at_overlap()
    assert list(replica.untold) == [f"match key at {pup.id}"]


async def test_nothing_is_asked_while_nobody_waits(replica: Broker) -> None:
    await replica.db.close()
    replica.db = None  # type: ignore[assignment]
    await Follower(replica).wake_polls()
    replica.db = create_broker(replica.settings).db
