"""Writes of many callers in one transaction: each waits for the commit, and they pay for it together.

A log row that has to be durable before an answer goes out costs a transaction each; while one is being committed,
whoever comes next gathers, and goes with the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.runtime.database.engine import Database, Session

Write = Callable[[Session], Awaitable[None]]


@dataclass(eq=False)
class _Job:
    write: Write
    done: bool = False
    failure: Exception | None = None


class Together:
    """Gathers writes while another transaction runs; they are committed together, or none of them is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Job] = []
        self._turn = asyncio.Lock()

    async def do(self, write: Write) -> None:
        """Write, and return once it is committed.

        :raises Exception: whatever kept the transaction from being committed, to everybody who went with it.
        """
        mine = _Job(write)
        self._waiting.append(mine)
        async with self._turn:
            if not mine.done:
                await self._lead()
        if mine.failure is not None:
            raise mine.failure

    async def _lead(self) -> None:
        batch, self._waiting = self._waiting, []
        failure: Exception | None = None
        try:
            async with self._database.write() as session:
                for job in batch:
                    await job.write(session)
        except Exception as reason:
            failure = reason
        except BaseException:  # the caller who leads went away: the others go with the next one
            self._waiting = [*batch, *self._waiting]
            raise
        for job in batch:
            job.done, job.failure = True, failure
