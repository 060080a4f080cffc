"""CPU time of processes: what a service worked, and how much others took of the machine meanwhile."""

import asyncio
import os
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

QUIET_CORES = 0.3
"""Others who use less of the machine than this leave it alone."""

LOOK_S = 0.5

_USER, _SYSTEM = 11, 12
"""Fields of ``/proc/PID/stat`` behind the command: ticks spent in the process and in the kernel for it."""

_IDLE, _WAITING = 3, 4
"""Fields of the first line of ``/proc/stat``: ticks in which a core had nothing to do."""


@dataclass(frozen=True, slots=True)
class Look:
    """The machine at one moment: CPU seconds of all processes since it started, and those of each of some."""

    at: float
    busy: float
    of: dict[int, float]


def look(pids: Collection[int]) -> Look | None:
    """Look at the machine and at some of its processes; ``None`` where the system does not tell."""
    seconds = {pid: cpu_seconds(pid) for pid in pids}
    known = {pid: value for pid, value in seconds.items() if value is not None}
    try:
        ticks = [int(field) for field in Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]]
    except OSError:
        return None
    return Look(time.perf_counter(), (sum(ticks) - ticks[_IDLE] - ticks[_WAITING]) / _ticks_a_second(), known)


def others_between(before: Look, after: Look) -> float:
    """Return how many cores were used between two looks by processes other than those looked at."""
    own = sum(value - before.of[pid] for pid, value in after.of.items() if pid in before.of)
    return max(0.0, (after.busy - before.busy - own) / (after.at - before.at))


@dataclass
class Neighbours:
    """How busy the rest of the machine was, from moment to moment, while some processes were measured."""

    pids: Collection[int]
    looks: list[Look] = field(default_factory=list)

    async def watch(self) -> None:
        """Look until cancelled, or not at all where the system does not tell."""
        while (now := look(self.pids)) is not None:
            self.looks.append(now)
            await asyncio.sleep(LOOK_S)

    def cores_of(self, pid: int) -> float:
        """Return the share of a core that a process used between the first and the last look."""
        first, last = self.looks[0], self.looks[-1]
        return (last.of[pid] - first.of[pid]) / (last.at - first.at)

    def others(self) -> float:
        """Return how many cores others used between the first and the last look."""
        return others_between(self.looks[0], self.looks[-1])

    def were_quiet(self, start: float, end: float) -> bool:
        """Tell whether others left the machine alone all the time between two moments."""
        spans = [pair for pair in pairwise(self.looks) if pair[1].at >= start and pair[0].at <= end]
        return bool(spans) and all(others_between(*pair) < QUIET_CORES for pair in spans)


def cpu_seconds(pid: int) -> float | None:
    """Return the CPU time of a process, or ``None`` where the system does not tell it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _ticks_a_second()


def _ticks_a_second() -> int:
    return os.sysconf("SC_CLK_TCK")
