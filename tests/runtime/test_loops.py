"""Work without a request: it pauses longer after every failure, says where it failed, and goes on."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.loops import FIRST_PAUSE_S, MAX_PAUSE_S, BackOff, Loop, Tasks
from shared.runtime.metrics import Metrics
from tests.builders import SeededIds, pesel
from tests.domain.builders import PROPERTY
from tests.runtime.builders import NotingClock


class Dice(SeededIds):
    """Ids whose chance is known."""

    def __init__(self, value: float) -> None:
        super().__init__("dice")
        self.value = value

    def fraction(self) -> float:
        return self.value


@PROPERTY
@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True), st.floats(0, 120))
def test_a_pause_is_never_shorter_than_asked_and_longer_by_a_minute_or_a_tenth_at_most(
    failures: int, fraction: float, at_least_s: float
) -> None:
    pause = BackOff(Dice(fraction), failures).next_pause(at_least_s)
    assert at_least_s <= pause <= at_least_s + max(MAX_PAUSE_S, at_least_s / 10)


def test_those_who_are_told_to_come_back_at_one_moment_come_one_after_another() -> None:
    assert [BackOff(Dice(fraction)).next_pause(40.0) for fraction in (0.0, 0.25, 0.5)] == [40.0, 41.0, 42.0]


def test_pauses_double_up_to_a_minute() -> None:
    back_off = BackOff(Dice(1.0))
    pauses = [back_off.next_pause() for _ in range(12)]
    assert pauses == [min(MAX_PAUSE_S, FIRST_PAUSE_S * 2**number) for number in range(12)]
    assert pauses[-1] == MAX_PAUSE_S


def test_jitter_is_full_so_that_offices_do_not_come_back_together() -> None:
    assert [BackOff(Dice(fraction), 10).next_pause() for fraction in (0.0, 0.5)] == [0.0, MAX_PAUSE_S / 2]


def test_a_round_that_goes_well_forgets_the_failures() -> None:
    back_off = BackOff(Dice(1.0))
    for _ in range(8):
        back_off.next_pause()
    back_off.reset()
    assert back_off.next_pause() == FIRST_PAUSE_S


@dataclass
class Rounds:
    """Rounds that fare as told, one after the other; then the loop is cancelled."""

    fates: list[Exception | None]
    done: int = 0

    async def __call__(self) -> None:
        if self.done == len(self.fates):
            raise asyncio.CancelledError
        self.done += 1
        if (failure := self.fates[self.done - 1]) is not None:
            raise failure


async def _at_once() -> None:
    return None


async def run(
    rounds: Callable[[], Awaitable[None]], wait: Callable[[], Awaitable[None]] = _at_once
) -> tuple[NotingClock, Metrics]:
    clock, metrics = NotingClock(), Metrics()
    with pytest.raises(asyncio.CancelledError):
        await Loop("relay", rounds, wait, clock, Dice(1.0), metrics).run()
    return clock, metrics


async def test_a_failing_round_is_told_by_its_place_alone_and_the_loop_goes_on(logs: StringIO) -> None:
    rounds = Rounds([None, ValueError(f"Kowalska {pesel(1)}"), None, KeyError("Kowalska"), None])
    clock, metrics = await run(rounds)
    assert rounds.done == 5
    assert clock.slept == [FIRST_PAUSE_S, FIRST_PAUSE_S], "a good round between them forgets the first"
    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    assert [(line["event"], line["loop"], line["cause"]) for line in lines] == [
        ("round failed", "relay", "ValueError"),
        ("round failed", "relay", "KeyError"),
    ]
    assert all(any("test_loops.py" in place for place in line["at"]) for line in lines)
    assert "Kowalska" not in logs.getvalue()
    assert 'zwornik_worker_failures_total{lane="relay"} 2.0' in bytes(metrics.response().body).decode()


async def test_failures_in_a_row_pause_longer_and_longer(logs: StringIO) -> None:
    clock, _ = await run(Rounds([OSError()] * 4))
    assert clock.slept == [FIRST_PAUSE_S * 2**number for number in range(4)]


async def test_a_failing_wait_is_survived_too(logs: StringIO) -> None:
    rounds = Rounds([None] * 3)

    async def broken() -> None:
        raise OSError

    clock, _ = await run(rounds, broken)
    assert (rounds.done, len(clock.slept)) == (3, 3)


async def test_tasks_stop_in_the_middle_of_a_round_and_can_be_started_again() -> None:
    tasks, inside, undone = Tasks(), asyncio.Event(), []

    async def hang() -> None:
        inside.set()
        try:
            await asyncio.sleep(60)
        finally:
            undone.append(1)

    for times in (1, 2):
        inside.clear()
        tasks.start(Loop("push", hang, _at_once, NotingClock(), Dice(0.0), Metrics()))
        await inside.wait()
        await tasks.stop()
        assert len(undone) == times
    await tasks.stop()


async def test_a_loop_that_ends_by_itself_is_told_and_one_that_is_stopped_is_not(logs: StringIO) -> None:
    ended: asyncio.Queue[str] = asyncio.Queue()
    tasks = Tasks(ended.put_nowait)

    async def forever() -> None:
        await asyncio.sleep(60)

    for name, rounds in (("push", Rounds([None])), ("poll", forever)):
        tasks.start(Loop(name, rounds, _at_once, NotingClock(), Dice(0.0), Metrics()))
    async with asyncio.timeout(10):
        assert await ended.get() == "push"
    await tasks.stop()
    await asyncio.sleep(0)
    assert ended.empty()
    [line] = [json.loads(line) for line in logs.getvalue().splitlines()]
    assert (line["event"], line["loop"], line["cause"]) == ("loop ended", "push", "CancelledError")


async def test_a_cancellation_that_a_round_loses_is_said_again() -> None:
    tasks, inside, lost = Tasks(), asyncio.Event(), []

    async def connect() -> None:
        inside.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if lost:
                raise
            lost.append(1)
            raise ConnectionError from None

    tasks.start(Loop("push", connect, _at_once, NotingClock(), Dice(0.0), Metrics()))
    await inside.wait()
    async with asyncio.timeout(10):
        await tasks.stop()
    assert lost == [1]
