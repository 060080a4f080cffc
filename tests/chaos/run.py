"""One run: start everything, write, do harm, mend, wait, compare, report."""

import asyncio
import json
import random
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx2

from tests.chaos.comparing import Compared, compared, differences
from tests.chaos.faults import Faults
from tests.chaos.proxy import Proxy
from tests.chaos.stage import REPLICAS, Stage
from tests.chaos.writing import callers, until_up
from tests.simulation.callers import Caller

RECOVERS_IN_S = 300.0
REPORT = Path("var/chaos/report.json")


@dataclass(frozen=True)
class Report:
    """What came of a run; ``restarts``: how often a service ended by itself, crashes and those without a database."""

    seed: int
    faults: dict[str, int]
    restarts: int
    spoilt_calls: int
    writes: int
    acknowledged: int
    lost: int
    duplicated: int
    out_of_order: int
    forged_accepted: int
    checkpoints_equal: bool
    recovery_s: float
    said: list[str]

    @property
    def is_good(self) -> bool:
        """Tell whether nothing was lost, doubled, out of order or forged, and both ends of all streams are equal."""
        harm = self.lost + self.duplicated + self.out_of_order + self.forged_accepted
        return harm == 0 and self.checkpoints_equal and not self.said

    def save(self, path: Path = REPORT) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")


def run(seed: int, *, faults: int | None, minutes: float | None, keep: Path | None = None) -> Report:
    """Run until so many faults are done, or for so many minutes."""
    with tempfile.TemporaryDirectory(prefix="zwornik-chaos-") as folder:
        stage = Stage.built(keep or Path(folder))
        try:
            return asyncio.run(_run(stage, seed, faults, minutes))
        finally:
            stage.stop()


async def _run(stage: Stage, seed: int, most: int | None, minutes: float | None) -> Report:
    proxy = Proxy([stage.services[name].port for name in REPLICAS], random.Random(f"proxy {seed}"))
    server = await proxy.start()
    stage.start(proxy.port)
    supervising = asyncio.create_task(stage.supervise())
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        await until_up(stage, http)
        harm = Faults(stage, proxy, random.Random(f"faults {seed}"))
        goes_on = asyncio.Event()
        writing = callers(stage, http, seed, lambda: not goes_on.is_set())
        tasks = [asyncio.create_task(caller.work()) for caller in writing.values()]
        await _do_harm(harm, tasks, most, time.monotonic() + minutes * 60 if minutes else None)
        harm.mend()
        goes_on.set()
        await asyncio.gather(*tasks)
        began = time.monotonic()
        await _until_recovered(stage)
        recovery_s = time.monotonic() - began
        await until_up(stage, http)
        found = await compared(stage, writing, http)
    supervising.cancel()
    server.close()
    return _report(stage, seed, harm, writing, found, recovery_s)


async def _do_harm(harm: Faults, tasks: list[asyncio.Task[None]], most: int | None, ends: float | None) -> None:
    done = 0
    while (most is None or done < most) and (ends is None or time.monotonic() < ends):
        await asyncio.sleep(harm.dice.uniform(0.3, 1.5))
        for task in tasks:
            if task.done():
                task.result()  # a writer never ends by itself: this raises what stopped it
        print(f"{done + 1}: {await harm.do_one()}", flush=True)
        done += 1


async def _until_recovered(stage: Stage) -> None:
    """Wait until both ends of all streams are equal, or for as long as anybody would."""
    ends = time.monotonic() + RECOVERS_IN_S
    while time.monotonic() < ends:
        if not await differences(stage):
            return
        await asyncio.sleep(0.25)


def _report(
    stage: Stage, seed: int, harm: Faults, writing: Mapping[str, Caller], found: Compared, recovery_s: float
) -> Report:
    return Report(
        seed=seed,
        faults=dict(sorted(harm.counts.items())),
        restarts=sum(service.restarts for service in stage.services.values()),
        spoilt_calls=harm.proxy.spoilt,
        writes=sum(caller.asked for caller in writing.values()),
        acknowledged=sum(caller.acknowledged for caller in writing.values()),
        lost=found.lost,
        duplicated=found.duplicated,
        out_of_order=found.out_of_order,
        forged_accepted=harm.proxy.forged_accepted,
        checkpoints_equal=found.checkpoints_equal,
        recovery_s=round(recovery_s, 1),
        said=found.said,
    )
