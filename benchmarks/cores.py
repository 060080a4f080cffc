"""CPU time of processes: what a service worked, and how much others took of the machine meanwhile."""

import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

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


def cpu_seconds(pid: int) -> float | None:
    """Return the CPU time of a process, or ``None`` where the system does not tell it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _ticks_a_second()


def _ticks_a_second() -> int:
    return os.sysconf("SC_CLK_TCK")
