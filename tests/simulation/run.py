"""One run: it writes under faults, heals, settles, and is looked at."""

import asyncio
import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.database.migrate import migrate
from tests.simulation.checks import is_settled, wrongs
from tests.simulation.machines import belongs_to_its_machine
from tests.simulation.time import VirtualLoop
from tests.simulation.world import Ground, World

SETTLES_IN_S = 1800
LOOKS_EACH_S = 5
WRITES_IN_S = 3600


@dataclass(frozen=True)
class Outcome:
    """What came of a seed; it passed if nothing is ``wrong``."""

    seed: int
    acknowledged: int
    faults: dict[str, int]
    virtual_s: float
    trace_hash: str
    wrong: tuple[str, ...]
    lines: tuple[str, ...]


@contextmanager
def ground() -> Iterator[Ground]:
    """Lay the ground of many runs, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="zwornik-simulation-") as folder:
        for section in ("broker", "pup", "ops"):
            migrate(section, f"sqlite:///{folder}/{section}.empty")
        laid = asyncio.run(Ground.laid(Path(folder)))
        with _few_collections():
            yield laid


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let the collector pass over what outlives all runs, and come by once in a while: it was a twentieth of a run."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def simulate(seed: int, on: Ground) -> Outcome:
    """Run a seed."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.get_loop().set_task_factory(belongs_to_its_machine)
        return runner.run(_run(World(seed, on)))


async def _run(world: World) -> Outcome:
    async with world.opened():
        wrong = await _write_and_settle(world)
        counts = dict(sorted(world.faults.counts.items()))
        now = asyncio.get_running_loop().time()
        return Outcome(world.seed, world.acknowledged, counts, now, world.trace_hash, tuple(wrong), tuple(world.lines))


async def _write_and_settle(world: World) -> list[str]:
    befalling, officials = asyncio.create_task(world.befall()), asyncio.create_task(world.officials.work())
    writing = [asyncio.create_task(caller.work()) for caller in world.callers.values()]
    done, late = await asyncio.wait(writing, timeout=WRITES_IN_S, return_when=asyncio.FIRST_EXCEPTION)
    for task in (befalling, *late):
        task.cancel()
    await world.heal()
    failed = [str(task.exception()) for task in writing if task in done and task.exception()]
    if failed or late:
        return failed or ["the callers never came to an end"]
    await asyncio.gather(*(caller.take_back(person) for caller in world.callers.values() for person in caller.people))
    await asyncio.gather(*(caller.erase_again() for caller in world.callers.values()))
    wrong = await _settled(world)
    if not wrong and world.officials.forgetful:
        world.officials.forgetful = None
        wrong = await _settled(world)
    officials.cancel()
    return wrong


async def _settled(world: World) -> list[str]:
    """Wait until nothing is on its way, and return what does not hold."""
    for _ in range(SETTLES_IN_S // LOOKS_EACH_S):
        await asyncio.sleep(LOOKS_EACH_S)
        if is_settled(world):
            return await wrongs(world)
    return ["it never settled", *await wrongs(world)]
