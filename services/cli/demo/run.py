"""The demo from beginning to end: a stage, thirteen processes, the pilot's load, a measured report."""

import asyncio
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from services.cli.demo import show, show_money
from services.cli.demo.caller import Caller, Lost
from services.cli.demo.checks import amiss
from services.cli.demo.load import Loaded, Loader
from services.cli.demo.measure import measure
from services.cli.demo.money import money
from services.cli.demo.nursery import Nursery, NurseryDied
from services.cli.demo.people.csv_file import people_csv
from services.cli.demo.people.people import Person, make_people
from services.cli.demo.quiet import until_quiet
from services.cli.demo.stage import FEDERATION, Place, Stage
from services.cli.programs import Mendable
from shared.domain.institutions import BROKER
from shared.exchange.client.local import Answered

FOLDER = Path("var/demo")
ENDPOINTS = "endpoints.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the newcomer asked for."""

    people: int
    seed: int
    keep: bool
    postgres: str | None


def run(wish: Wish, console: Console) -> bool:
    """Run the demo; return whether it came to its end before it was told to stop.

    :raises Mendable: another demo runs here, the PostgreSQL cannot be used, a service is lost, or the figures of the
        report do not add up.
    """
    began = time.monotonic()
    with _alone():
        people = make_people(people=wish.people, seed=wish.seed)
        stage = Stage(FOLDER, wish.postgres, people)
        console.print(f"building the stage in {FOLDER}: keys, databases, {len(people)} synthetic people")
        stage.build()
        (FOLDER / "people.csv").write_text(people_csv(people), encoding="utf-8")
        nursery = Nursery(stage.services())
        try:
            report = asyncio.run(_play(wish, console, stage, people, nursery, began))
        except (Lost, Answered, NurseryDied) as failure:
            raise Mendable(f"the demo cannot go on: {failure}; the logs are in {FOLDER}") from None
        finally:
            nursery.close()
    console.print("all processes have stopped" if report else "stopped before the end; all processes have stopped")
    if report and (wrong := amiss(report)):
        raise Mendable(f"the report does not add up: {'; '.join(wrong)}; the logs are in {FOLDER}")
    return report is not None


async def _play(
    wish: Wish, console: Console, stage: Stage, people: tuple[Person, ...], nursery: Nursery, began: float
) -> dict[str, Any] | None:
    """Play it all and return the report, or ``None`` where it was stopped before there was one."""
    _cancel_at_the_end(nursery)
    callers = {place.id: Caller(place) for place in stage.places.values()}
    report = None
    try:
        loader = _loader(people, callers, nursery, steps := show.Steps(console))
        with steps.bars:
            loaded = await loader.load(FEDERATION, stage.match_key.fingerprint)
            steps.finish()
        memory = _pss_mib([*nursery.pids().values(), nursery.pid, os.getpid()])
        outcome = await measure(list(stage.places.values()), people, stage.match_key)
        measured = outcome.report | loaded.report | await money(callers, loaded.paid_until)
        measured["seconds"] = round(time.monotonic() - began, 1)
        _write(FOLDER / "report.json", measured)
        await _tell(console, people, callers, measured, loaded, memory)
        report = measured
        if wish.keep:
            await _keep(console, list(stage.places.values()))
    except asyncio.CancelledError:
        if nursery.has_died:
            raise NurseryDied from None
    finally:
        for caller in callers.values():
            await caller.close()
    return report


def _loader(people: tuple[Person, ...], callers: dict[str, Caller], nursery: Nursery, steps: show.Steps) -> Loader:
    broker = callers[BROKER]
    offices = {name: caller for name, caller in callers.items() if name != BROKER}

    async def rest(offline: str | None = None) -> None:
        await until_quiet(broker, offices, offline=offline)

    return Loader(
        people=people,
        broker=broker,
        offices=offices,
        rest=rest,
        step=steps.step,
        done=steps.done,
        stop=nursery.stop,
        start=nursery.start,
    )


async def _tell(
    console: Console,
    people: tuple[Person, ...],
    callers: dict[str, Caller],
    report: dict[str, Any],
    loaded: Loaded,
    memory: float | None,
) -> None:
    person = next(p for p in people if p.arm == "recipient" and p.job and not p.role and p.pup == "pup-2478")
    await show.story(console, callers[str(person.pup)], person)
    show.refusals(console, loaded.refused, loaded.too_early)
    show_money.books(console, report, paid_until=loaded.paid_until)
    show.outcome(console, report, memory_mib=memory)
    for wrong in amiss(report):
        console.print(f"DOES NOT ADD UP: {wrong}")
    console.print(f"the whole report: {FOLDER / 'report.json'}; ground truth: {FOLDER / 'people.csv'}")


async def _keep(console: Console, places: list[Place]) -> None:
    endpoints = {
        place.id: {"url": place.url, "token": place.token, "openapi": f"{place.url}/openapi.json"} for place in places
    }
    _write(FOLDER / ENDPOINTS, endpoints)
    try:
        show.addresses(console, endpoints)
        await asyncio.Event().wait()
    finally:
        (FOLDER / ENDPOINTS).unlink(missing_ok=True)  # who waits for it to appear is not told of services long gone


def _write(path: Path, content: object) -> None:
    """Write a file that nobody else may read, whole: who waits for it never meets half of it."""
    being_written = path.with_suffix(".part")
    being_written.touch(mode=0o600)
    being_written.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    being_written.rename(path)


def _cancel_at_the_end(nursery: Nursery) -> None:
    """Cancel this task when it is told to stop, or when the nursery has died and every service with it."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()

    def cancel() -> None:
        if task and not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, cancel)
    loop.add_reader(nursery.answers, cancel)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of the demo's folder while it runs.

    :raises Mendable: another demo holds it.
    """
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with (FOLDER.parent / ".demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Mendable(f"another demo runs in {FOLDER}; stop it first") from None
        (FOLDER / ENDPOINTS).unlink(missing_ok=True)
        yield


def _pss_mib(pids: list[int]) -> float | None:
    """Return the memory of processes, shared pages counted once, where the system tells it."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            return None
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
