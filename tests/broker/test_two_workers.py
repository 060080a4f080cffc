"""Two relay workers on one PostgreSQL: nothing deadlocks, everything is relayed, and each thing once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from services.broker.main import create_broker
from services.broker.node import Broker
from services.broker.operations import directory
from services.broker.operations.relay.step import relay_once
from services.broker.tables import EnrolmentRow, PersonRow, RelayCursorRow, RelayNoteRow
from shared.domain.institutions import BROKER
from shared.exchange.stream.tables import EntryRow, StreamRow
from tests.broker.builders import ON_POSTGRESQL, Peer, enter, said
from tests.builders import Federation, SeededIds

pytestmark = ON_POSTGRESQL
PEOPLE = 12
OFFICES = ("pup-1611", "ops-1611012", "ops-1611053")


@pytest.fixture
async def workers(federation: Federation) -> AsyncIterator[list[Broker]]:
    others = [create_broker(federation.broker.settings, federation.clock, SeededIds(f"worker {n}")) for n in (1, 2)]
    yield others
    for one in others:
        await one.db.close()


async def work(broker: Broker, rounds: int) -> None:
    """Relay for some rounds, as a worker does; another may have been quicker."""
    await directory.reload(broker)
    for _ in range(rounds):
        while await relay_once(broker):
            pass
        await asyncio.sleep(0)


async def drained(broker: Broker) -> bool:
    async with broker.db.read() as session:
        return not await session.scalar(select(func.count()).select_from(RelayNoteRow))


async def test_two_workers_relay_everything_once_while_offices_push(
    federation: Federation, workers: list[Broker]
) -> None:
    peers = [await enter(federation, name) for name in OFFICES]

    async def push_all(peer: Peer) -> None:
        for number in range(1, PEOPLE + 1):
            await peer.push(peer.enrolled(number))

    async with asyncio.timeout(60):
        await asyncio.gather(*(push_all(peer) for peer in peers), *(work(worker, 20) for worker in workers))
        while not await drained(federation.broker):
            await asyncio.gather(*(work(worker, 1) for worker in workers))
        for peer in peers:
            await peer.collect()

        async def tell_all(peer: Peer) -> None:
            for number in range(1, PEOPLE + 1):
                await peer.push(peer.form(number, form=number), peer.form(number, form=100 + number))

        await asyncio.gather(*(tell_all(peer) for peer in peers), *(work(worker, 20) for worker in workers))
        while not await drained(federation.broker):
            await asyncio.gather(*(work(worker, 1) for worker in workers))
    for peer in peers:
        before = len(peer.mail)
        await peer.collect()
        mail = [one["set"] for one in peer.mail[before:]]
        came = Counter(text for text in mail if said(text)[0] != "support_form.duplicated.v1")
        told = [text for other in peers if other is not peer for text in other.sets[PEOPLE:]]
        assert came == Counter(told), "each SET of each other office, once"
        assert [said(text)[0] for text in told] == ["support_form.opened.v1"] * len(told)
    async with federation.broker.db.read() as session:
        people = list(await session.scalars(select(PersonRow)))
        assert len(people) == PEOPLE
        assert {person.generation for person in people} <= {1, 2}
        assert len(list(await session.scalars(select(EnrolmentRow)))) == PEOPLE * len(OFFICES)
        streams = {row.id: row for row in await session.scalars(select(StreamRow))}
        cursors = {row.stream_id: row.position for row in await session.scalars(select(RelayCursorRow))}
        assert cursors == {row.id: row.position for row in streams.values() if row.owner != BROKER}
        positions = select(EntryRow.stream_id, func.count(), func.max(EntryRow.position)).group_by(EntryRow.stream_id)
        for stream_id, entries, last in await session.execute(positions):
            assert entries == last == streams[stream_id].position, "positions are gapless"


async def test_many_workers_at_one_stream_relay_it_once(federation: Federation, workers: list[Broker]) -> None:
    peers = [await enter(federation, name) for name in OFFICES[:2]]
    for peer in peers:
        await peer.push(*(peer.enrolled(number) for number in range(1, PEOPLE + 1)))
    for worker in workers:
        await directory.reload(worker)
    async with asyncio.timeout(30):
        while not await drained(federation.broker):
            await asyncio.gather(*(relay_once(worker) for worker in (*workers, *workers, *workers)))
    for peer in peers:
        matched = [payload["generation"] for name, payload in await peer.collect() if name == "joint_client.matched.v1"]
        assert matched == [1] * PEOPLE


async def test_two_streams_about_other_people_fill_one_mailbox_without_a_failed_step(
    federation: Federation, workers: list[Broker]
) -> None:
    pup, *centres = [await enter(federation, name) for name in OFFICES]
    ours = {centres[0].id: range(1, 7), centres[1].id: range(7, 13)}
    await pup.push(*(pup.enrolled(number) for number in range(1, 13)))
    for centre in centres:
        await centre.push(*(centre.enrolled(number) for number in ours[centre.id]))
    await work(federation.broker, 1)
    await pup.collect()
    for worker in workers:
        await directory.reload(worker)
    for turn in range(1, 11):
        for centre in centres:
            await centre.push(*(centre.form(number, form=turn * 100 + number) for number in ours[centre.id]))
        async with asyncio.timeout(20):
            await asyncio.gather(*(relay_once(worker) for worker in workers))
    assert len(await pup.collect()) == 10 * 12
