"""What every broker process does that answers calls: it learns what other replicas wrote.

One query of all mailboxes' heads wakes the polls that wait here; the directory is taken up anew, so that a suspension
holds everywhere at once. A broker that is alone on its SQLite has no others to follow.
"""

from sqlalchemy import select

from services.broker.node import Broker
from services.broker.operations import directory, overview
from services.broker.operations.match_keys import look_at_overlap
from shared.domain.institutions import BROKER
from shared.exchange.lanes import lanes_heard
from shared.exchange.stream.tables import StreamRow
from shared.runtime.loops import Loop, Tasks

HEADS_LOOK_S = 0.2
DIRECTORY_LOOK_S = 2.0
OVERLAP_LOOK_S = 60.0
"""How far offices have told their clients by the next match key takes a count of all clients."""


class Follower:
    """Follows the other replicas."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._tasks = Tasks()
        self._positions: dict[str, int] = {}

    def start(self) -> None:
        """Start, unless this process is alone."""
        broker = self.broker
        if broker.db.is_sqlite and broker.settings.worker:
            return
        followed = [
            ("heads", self.wake_polls, self._wait_for_heads),
            ("directory", self._reload, self._wait_for_directory),
        ]
        if not broker.settings.worker:
            followed.append(("lanes", self.hear, self._wait_for_directory))
            followed.append(("overlap", self.look_at_overlap, self._wait_for_overlap))
        for name, once, wait in followed:
            self._tasks.start(Loop(name, once, wait, broker.clock, broker.ids, broker.metrics))

    async def stop(self) -> None:
        """Stop following."""
        await self._tasks.stop()

    async def wake_polls(self) -> None:
        """Ring the bells of mailboxes that have moved since the last look; nobody waits, nothing is asked."""
        if not self.broker.bells.is_anybody_waiting():
            return
        async with self.broker.db.read() as session:
            heads = select(StreamRow.peer, StreamRow.position).where(StreamRow.owner == BROKER)
            now: dict[str, int] = {row.peer: row.position for row in await session.execute(heads)}
        for peer, position in now.items():
            if self._positions.get(peer) != position:
                self.broker.bells.ring(peer)
        self._positions = now

    async def hear(self) -> None:
        """Take up how the lanes fare that the workers of other processes run, and how much waits."""
        broker = self.broker
        async with broker.db.read() as session:
            broker.lanes.update(await lanes_heard(session, tuple(broker.lanes), broker.now))
            for stream in await overview.streams(session):
                broker.metrics.lag.labels(stream.owner, stream.peer).set(stream.lag)
        for name, lane in broker.lanes.items():
            broker.metrics.lane_up.labels(name).set(0 if lane.problem else 1)

    async def look_at_overlap(self) -> None:
        """Take up which offices still have clients to tell by the next match key."""
        async with self.broker.db.read() as session:
            await look_at_overlap(session, self.broker)

    async def _reload(self) -> None:
        await directory.reload(self.broker)

    async def _wait_for_heads(self) -> None:
        await self.broker.clock.sleep(HEADS_LOOK_S)

    async def _wait_for_directory(self) -> None:
        await self.broker.clock.sleep(DIRECTORY_LOOK_S)

    async def _wait_for_overlap(self) -> None:
        await self.broker.clock.sleep(OVERLAP_LOOK_S)
