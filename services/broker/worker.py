"""What the broker does without a request: it relays, assesses, and keeps the directory in date."""

from functools import partial

from sqlalchemy import delete

from services.broker.node import ASSESS, RELAY, Broker
from services.broker.operations import directory, overview
from services.broker.operations.assess.due import assess_due
from services.broker.operations.lapse import lapse_once
from services.broker.operations.match_keys import look_at_overlap
from services.broker.operations.overlap import change_over
from services.broker.operations.purge import purge_once
from services.broker.operations.reconcile.anew import tell_some
from services.broker.operations.reconcile.runs import LEASE, reconcile_once
from services.broker.operations.relay.reminding import remind_of_given_up
from services.broker.operations.relay.step import relay_once
from services.broker.operations.revoke import follow_revocations
from shared.exchange.lanes import Board, note_end
from shared.exchange.lease import Turn
from shared.exchange.stream.tables import UsedProofRow
from shared.runtime.loops import Loop, Tasks

RELAY_LOOK_S = 0.2
"""Other replicas' intakes are seen by looking this often; one's own ring a bell."""

ASSESS_LOOK_S = 0.5
RECONCILE_LOOK_S = 2
SOME_FAILURES = 3
"""After so many failed rounds in a row a lane counts as standing."""

KEEP_HOUSE_S = 60


class Worker:
    """The broker's worker."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        holder = broker.ids.uuid7()
        self._board = Board(broker.db, broker.clock, holder)
        self._reconciles = Turn(broker.db, broker.clock, LEASE, holder)
        self._tasks = Tasks(partial(note_end, broker.lanes, broker.metrics))
        self._relay_seen = self._assess_seen = 0

    def start(self) -> None:
        """Start all loops."""
        broker = self.broker
        for name, once, wait in (
            (RELAY, self._relay, self._wait_for_intake),
            (ASSESS, self._assess, self._wait_for_news),
            ("reconcile", self._reconcile, self._wait_a_little),
            ("house", self._keep_house, self._wait_a_minute),
        ):
            noted = partial(self._note, name) if name in broker.lanes else None
            self._tasks.start(Loop(name, once, wait, broker.clock, broker.ids, broker.metrics, noted))

    async def stop(self) -> None:
        """Stop all loops."""
        await self._tasks.stop()

    async def _relay(self) -> None:
        self._relay_seen = self.broker.bells.generation(RELAY)
        while await relay_once(self.broker):
            await self._note(RELAY, None, 0.0)

    async def _assess(self) -> None:
        self._assess_seen = self.broker.bells.generation(ASSESS)
        while await assess_due(self.broker):
            await self._note(ASSESS, None, 0.0)

    async def _reconcile(self) -> None:
        while await reconcile_once(self.broker, self._reconciles.holds):
            pass

    async def _note(self, name: str, failure: Exception | None, pause_s: float) -> None:
        """Note how a round of a lane went, and tell the other replicas; after some failures in a row it stands."""
        lane = self.broker.lanes[name]
        lane.failures = lane.failures + 1 if failure else 0
        lane.detail = type(failure).__name__ if failure else None
        lane.problem = "internal" if lane.failures > SOME_FAILURES else None
        lane.last_contact = lane.last_contact if failure else self.broker.now
        self.broker.metrics.lane_up.labels(name).set(0 if lane.problem else 1)
        await self._board.tell(name, lane, pause_s)

    async def _keep_house(self) -> None:
        await directory.take_up_keys(self.broker)
        await directory.renew(self.broker)
        await directory.reload(self.broker)
        await follow_revocations(self.broker)
        self.broker.look_at_keys()
        while await lapse_once(self.broker):
            pass
        while await purge_once(self.broker):
            pass
        while await change_over(self.broker):
            pass
        while await tell_some(self.broker):
            pass
        while await remind_of_given_up(self.broker):
            pass
        await self._measure_lag()
        async with self.broker.db.write() as session:
            await session.execute(delete(UsedProofRow).where(UsedProofRow.expires_at < self.broker.now))

    async def _measure_lag(self) -> None:
        async with self.broker.db.read() as session:
            for stream in await overview.streams(session):
                self.broker.metrics.lag.labels(stream.owner, stream.peer).set(stream.lag)
            await look_at_overlap(session, self.broker)

    async def _wait_for_intake(self) -> None:
        await self.broker.bells.wait(RELAY, self._relay_seen, RELAY_LOOK_S)

    async def _wait_for_news(self) -> None:
        await self.broker.bells.wait(ASSESS, self._assess_seen, ASSESS_LOOK_S)

    async def _wait_a_little(self) -> None:
        await self.broker.clock.sleep(RECONCILE_LOOK_S)

    async def _wait_a_minute(self) -> None:
        await self.broker.clock.sleep(KEEP_HOUSE_S)
