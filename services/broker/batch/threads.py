"""Columns filled by several threads: ranges of cases that share nothing, for work that holds no lock of Python."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_ranges(
    work: Callable[..., None], given: tuple[Any, ...], cases: int, *, threads: int, block: int, least: int
) -> None:
    """Do ``work(first, last, *given)`` for ranges of whole blocks, at least so many cases each, until all are done."""
    threads = min(threads, cases // least)
    if threads < 2:
        work(0, cases, *given)
        return
    share = -(-cases // (threads * block)) * block
    with ThreadPoolExecutor(-(-cases // share)) as pool:
        for done in [pool.submit(work, first, min(first + share, cases), *given) for first in range(0, cases, share)]:
            done.result()
