"""What an institution does without a request: it pushes what it wrote, polls its mailbox, keeps its directory.

A lane that meets a problem which no retry mends stands still and says so in ``/readyz``, metrics and console; it
looks again every minute, in case an official has mended the cause.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial

import structlog
from sqlalchemy import delete

from shared.domain.errors import DomainError
from shared.domain.institutions import BROKER
from shared.exchange.client.broker import Refused, Unreachable
from shared.exchange.lanes import Board, LaneState, lanes_heard, note_end
from shared.exchange.lease import LEASE_S, Turn, TurnLost
from shared.exchange.stream.heads import StreamFork, find_head
from shared.institution.node import IMPORT, POLL, PUSH, RECONCILE, Node
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.distrusting import follow_revocations
from shared.institution.operations.erasing.standing import ask_holders
from shared.institution.operations.exchange import polling, pushing, renewing, retelling, retrying
from shared.institution.operations.exchange.recovering import last_receipt
from shared.institution.operations.failing import note_failure
from shared.institution.operations.imports import jobs
from shared.institution.operations.imports.running import work_once
from shared.institution.operations.keys import follow, watch
from shared.institution.operations.purging.purge import MAX_AT_ONCE, purge
from shared.institution.operations.reconciling.running import reconcile_once
from shared.institution.operations.reconciling.streams import mend_streams
from shared.institution.tables import IdempotencyRow
from shared.runtime.loops import BackOff, Loop, Tasks
from shared.runtime.problems.handlers import frames

STANDING_PAUSE_S = 60
PUSH_LOOK_S = 0.2
"""Other processes' writes are seen by looking this often; one's own ring a bell."""

PURGE = "purge"
IMPORT_LOOK_S = 2
RECONCILE_LOOK_S = 5
KEEP_HOUSE_S = 30
FOLLOW_S = 10
HEAR_S = 2
IDEMPOTENCY_KEPT = timedelta(days=7)


class Worker:
    """The institution's worker."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.holder = node.ids.uuid7()
        self._board = Board(node.db, node.clock, self.holder)
        self._tasks = Tasks(partial(note_end, node.lanes, node.metrics))
        self._push_seen = self._import_seen = self._reconcile_seen = 0
        self._purged_on: date | None = None
        self._turns = {
            name: Turn(node.db, node.clock, name, self.holder) for name in (PUSH, POLL, IMPORT, RECONCILE, PURGE)
        }
        self._pauses = {PUSH: BackOff(node.ids), POLL: BackOff(node.ids)}

    def start(self) -> None:
        """Start all loops."""
        node = self.node
        for name, once, wait in (
            (PUSH, self._push, self._wait_for_writes),
            (POLL, self._poll, _at_once),
            ("house", self._keep_house, self._wait_a_while),
            (IMPORT, self._import, self._wait_for_imports),
            (RECONCILE, self._reconcile, self._wait_for_requests),
        ):
            self._tasks.start(Loop(name, once, wait, node.clock, node.ids, node.metrics))

    def follow(self) -> None:
        """Only take up what the worker of another process did: the directory it fetched, and how its lanes fare."""
        node = self.node
        for name, once, wait in (
            ("directory", self._follow, self._wait_for_directory),
            ("lanes", self._hear, self._wait_for_lanes),
        ):
            self._tasks.start(Loop(name, once, wait, node.clock, node.ids, node.metrics))

    async def _follow(self) -> None:
        await follow(self.node)

    async def stop(self) -> None:
        """Stop all loops."""
        await self._tasks.stop()

    async def _push(self) -> None:
        self._push_seen = self.node.bells.generation(PUSH)

        async def drain() -> None:
            while await pushing.push_once(self.node) and await self._holds(PUSH):
                pass

        await self._lane(PUSH, drain)

    async def _poll(self) -> None:
        async def once() -> None:
            await polling.poll_once(self.node)

        await self._lane(POLL, once)

    async def _import(self) -> None:
        """Work on imports, one after another, as long as this process has the lease."""
        self._import_seen = self.node.bells.generation(IMPORT)
        while await self._holds(IMPORT) and await work_once(self.node, partial(self._holds, IMPORT)):
            pass

    async def _reconcile(self) -> None:
        """Work off what the broker asked to be reconciled, as long as this process has the lease."""
        self._reconcile_seen = self.node.bells.generation(RECONCILE)
        may_go_on = partial(self._holds, RECONCILE)
        with suppress(TurnLost):
            while self.node.trust.directory and await may_go_on() and await reconcile_once(self.node, may_go_on):
                pass

    async def _lane(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run a lane once under its lease; note how it fared, and pause after a failure."""
        lane, node = self.node.lanes[name], self.node
        try:
            if not await self._holds(name):
                await self._hear(name)
                await node.clock.sleep(LEASE_S / 2)
                return
            await node.trust.be_ready(failed=lane.failures > 0)
            await work()
        except Exception as failure:
            await self._pause(name, lane, failure)
        else:
            lane.problem = lane.detail = None
            lane.failures, lane.last_contact = 0, node.now
            self._pauses[name].reset()
            await self._board.tell(name, lane)
        node.metrics.lane_up.labels(name).set(0 if lane.problem else 1)

    async def _hear(self, *names: str) -> None:
        """Take up how lanes fare that another process runs: all, or those named."""
        node = self.node
        async with node.db.read() as session:
            heard = await lanes_heard(session, names or (PUSH, POLL), node.now)
        node.lanes.update(heard)
        for name, lane in heard.items():
            node.metrics.lane_up.labels(name).set(0 if lane.problem else 1)
        await self._measure_lag()

    async def _pause(self, name: str, lane: LaneState, failure: Exception) -> None:
        problem, stands = note_failure(lane, failure)
        self.node.metrics.failures.labels(name).inc()
        self.node.peer_position = None
        log = structlog.get_logger().bind(lane=name, failures=lane.failures, problem=problem)
        (log.error if stands else log.warning)("lane failed", cause=type(failure).__name__, at=frames(failure))
        if problem == StreamFork.problem:
            await self._look_for_damage(name)
        pause = self._pauses[name].next_pause(getattr(failure, "retry_after_s", None) or 0.0)
        pause = STANDING_PAUSE_S if stands else pause
        await self._board.tell(name, lane, pause)
        await self.node.clock.sleep(pause)

    async def _look_for_damage(self, name: str) -> None:
        """Mend what looks like another past and is damage: a lost row can keep the request for a run from coming."""
        try:
            await mend_streams(self.node, None, partial(self._holds, name))
        except (DomainError, Unreachable, TurnLost) as failure:
            structlog.get_logger().warning("nothing mended", cause=type(failure).__name__)

    async def _holds(self, name: str) -> bool:
        """Tell whether this process runs the lane."""
        return await self._turns[name].holds()

    async def _keep_house(self) -> None:
        node = self.node
        waits = watch(node)
        try:
            await node.trust.refresh(unknown_key=waits)
        except Unreachable as failure:
            structlog.get_logger().warning("directory not refreshed", cause=str(failure)[:100])
        directory = node.client.directory
        if directory is not None and directory.serial != node.known_serial:
            await follow_revocations(node)
            await retrying.retry_aside(node)
            node.known_serial = directory.serial
        await retelling.retell_all(node)
        while await renewing.renew_due(node):
            pass
        await self._ask_holders()
        await self._purge()
        async with node.db.write() as session:
            await session.execute(delete(IdempotencyRow).where(IdempotencyRow.at < node.now - IDEMPOTENCY_KEPT))
            await jobs.remove_old(session, node)
        await self._measure_lag()

    async def _ask_holders(self) -> None:
        """Ask the broker who has followed the erasures that are not complete; it may be down, and is asked again."""
        after = None
        try:
            while after != "":
                after = await ask_holders(self.node, after or "")
        except (Refused, Unreachable) as failure:
            structlog.get_logger().warning("holders not asked", cause=str(failure)[:100])

    async def _purge(self) -> None:
        """Once a day, by one process, show what is over its term of keeping, or erase it as the setting says."""
        node, today = self.node, office_day(self.node.now)
        if node.settings.purge == "off" or self._purged_on == today or not await self._holds(PURGE):
            return
        answer = await purge(node, dry_run=node.settings.purge == "show", by=PURGE)
        for one in answer.purged:
            log = structlog.get_logger().bind(category=one.category, count=one.count, held=one.held)
            log.info("over its term of keeping" if answer.dry_run else "purged")
        if answer.dry_run or sum(one.count for one in answer.purged) < MAX_AT_ONCE:
            self._purged_on = today

    async def _measure_lag(self) -> None:
        async with self.node.db.read() as session:
            head = await find_head(session, self.node.id, BROKER)
            if head is not None:
                behind = head.position - await last_receipt(session, head)
                self.node.metrics.lag.labels(self.node.id, BROKER).set(behind)

    async def _wait_for_writes(self) -> None:
        await self.node.bells.wait(PUSH, self._push_seen, PUSH_LOOK_S)

    async def _wait_for_imports(self) -> None:
        await self.node.bells.wait(IMPORT, self._import_seen, IMPORT_LOOK_S)

    async def _wait_for_requests(self) -> None:
        await self.node.bells.wait(RECONCILE, self._reconcile_seen, RECONCILE_LOOK_S)

    async def _wait_for_directory(self) -> None:
        await self.node.clock.sleep(FOLLOW_S)

    async def _wait_for_lanes(self) -> None:
        await self.node.clock.sleep(HEAR_S)

    async def _wait_a_while(self) -> None:
        await self.node.clock.sleep(KEEP_HOUSE_S)


async def _at_once() -> None:
    return None
