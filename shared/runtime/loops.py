"""Work without a request: rounds of a job, again and again, that survive every failure and say so."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from shared.runtime.clock import Clock
from shared.runtime.ids import Ids
from shared.runtime.metrics import Metrics
from shared.runtime.problems.handlers import frames

MAX_PAUSE_S = 60.0
FIRST_PAUSE_S = 0.2
CANCEL_AGAIN_S = 0.5


@dataclass
class BackOff:
    """Pauses that double up to a minute, with full jitter; visible data, not folklore."""

    ids: Ids
    failures: int = 0

    def next_pause(self, at_least_s: float = 0.0) -> float:
        """Return how long to wait after one more failure; never less than the other end asked for.

        The jitter comes on top of that, a tenth of it at least: many were told to come back at the same moment.
        """
        ceiling = min(MAX_PAUSE_S, FIRST_PAUSE_S * float(1 << min(self.failures, 20)))
        self.failures += 1
        return at_least_s + max(ceiling, at_least_s / 10) * self.ids.fraction()

    def reset(self) -> None:
        """Forget the failures: a round went well."""
        self.failures = 0


@dataclass
class Loop:
    """One job of a worker: ``round`` does what there is; ``wait`` returns when there may be more.

    ``noted`` is told how each round went: the failure, if there was one, and the seconds until the next.
    """

    name: str
    round: Callable[[], Awaitable[None]]
    wait: Callable[[], Awaitable[None]]
    clock: Clock
    ids: Ids
    metrics: Metrics
    noted: Callable[[Exception | None, float], Awaitable[None]] | None = None
    back_off: BackOff = field(init=False)

    def __post_init__(self) -> None:
        self.back_off = BackOff(self.ids)

    async def run(self) -> None:
        """Run until cancelled."""
        log = structlog.get_logger().bind(loop=self.name)
        while True:
            try:
                await self.round()
                self.back_off.reset()
                await self._note(None, 0.0)
                await self.wait()
            except asyncio.CancelledError:
                raise
            except Exception as failure:
                self.metrics.failures.labels(self.name).inc()
                log.warning("round failed", cause=type(failure).__name__, at=frames(failure))
                pause = self.back_off.next_pause()
                await self._note(failure, pause)
                await self.clock.sleep(pause)

    async def _note(self, failure: Exception | None, pause_s: float) -> None:
        if self.noted is None:
            return
        try:
            await self.noted(failure, pause_s)
        except Exception as lost:  # a round that went well is not undone by a word that was not heard
            structlog.get_logger().warning("round not noted", loop=self.name, cause=type(lost).__name__)


class Tasks:
    """The loops of a worker, started and stopped together.

    ``ended`` is told the name of a loop whose task ended although nobody stopped it: no failure of a round does that,
    but a cancellation out of a library may.
    """

    def __init__(self, ended: Callable[[str], None] | None = None) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._ended = ended
        self._stopping = False

    def start(self, loop: Loop) -> None:
        """Start a loop."""
        self._stopping = False
        task = asyncio.create_task(loop.run(), name=loop.name)
        task.add_done_callback(self._note_end)
        self._tasks.append(task)

    async def stop(self) -> None:
        """Stop all loops; what a round had not committed is undone.

        A cancellation may be lost: one that meets a failing connection leaves as the failure. So it is said again.
        """
        self._stopping = True
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=CANCEL_AGAIN_S)
        self._tasks.clear()

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if self._stopping:
            return
        cause = "CancelledError" if task.cancelled() else type(task.exception()).__name__
        structlog.get_logger().error("loop ended", loop=task.get_name(), cause=cause)
        if self._ended is not None:
            self._ended(task.get_name())
