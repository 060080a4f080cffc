"""What reconciliation costs: streams in step, a hundred entries damaged anywhere, a hundred clients that differ.

The streams are filled with signed SETs at both ends; whatever is measured afterwards is the product's own code, on
SQLite files, over calls inside one process whose bytes are counted with all headers.
"""

import asyncio
import hashlib
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from rich.console import Console
from sqlalchemy import delete, select, text, update

from benchmarks.counted import count
from benchmarks.databases import PUP, MakeDatabase, fresh_folder, on_sqlite
from benchmarks.figures import Figure, publish
from benchmarks.joint import joint_clients, write_records
from services.broker.operations.reconcile.streams import scrub_all
from services.cli.demo.show import Steps
from shared.domain.events.payloads.people import Enrolled
from shared.domain.events.types import event_type
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.reconciliation.tables import DiscrepancyRow
from shared.exchange.sets import Draft, SignedSet, sign_set
from shared.exchange.stream.append import append_sets
from shared.exchange.stream.heads import create_head, find_head, lock_head
from shared.exchange.stream.tables import EntryRow, SetRow
from shared.institution.operations.reconciling.streams import exchange, mend_streams
from shared.runtime.clock import unix
from shared.runtime.database.engine import Database
from tests.builders import FEDERATION, MATCH_KEY, Federation, FixedClock, Office, always

DAMAGED = 100
AT_ONCE = 5000
ROUNDS = 20
Done = Callable[[int], None]
NOTES = (
    "In step: one call and its answer, with proofs and signed words on both streams; the middle of 20.",
    "Each end scrubs its own store beside it, without a call: that time grows with the stream and is given apart.",
    "Damaged: half of the entries lost with their bytes, half with altered bytes, at the broker; found, given, mended.",
    "Records: clients changed past the service by SQL at the labour office; found, restated, taken in by all.",
)


def run(console: Console, *, sizes: Sequence[int], clients: int) -> None:
    """Measure all and publish it."""
    folder = fresh_folder("reconcile")
    steps, figures = Steps(console), list[Figure]()
    with steps.bars:
        for size in sizes:
            steps.step(f"a stream of {size:,} events", size + ROUNDS + 2)
            figures += asyncio.run(_streams(*_made(folder / f"{size}"), size, steps.done))
        if clients:
            steps.step(f"{clients:,} joint clients", 4)
            figures += asyncio.run(_records(*_made(folder / "records"), clients, steps.done))
        steps.finish()
    publish(console, "reconcile", figures, NOTES)


def _made(folder: Path) -> tuple[Path, MakeDatabase]:
    folder.mkdir(parents=True)
    return folder, on_sqlite(folder)


async def _streams(folder: Path, make_database: MakeDatabase, size: int, done: Done) -> list[Figure]:
    async with Federation(folder, make_database, FixedClock(datetime.now(UTC))) as federation:
        pup = await federation.join(PUP)
        await federation.settle()
        await _fill(federation, pup, size, done)
        wire = count(pup)
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            answer = await exchange(pup.node)
            taken.append(time.perf_counter() - began)
            assert answer["own"]["in_step"]
            done(1)
        in_step = wire.take() / ROUNDS
        lost = await _damage(federation.broker.db, size)
        began = time.perf_counter()
        await scrub_all(federation.broker, PUP, "", always)
        scrubbed = time.perf_counter() - began
        done(1)
        await mend_streams(pup.node, "", always)
        mended = wire.take()
        async with federation.broker.db.read() as session:
            left = select(DiscrepancyRow.id).where(DiscrepancyRow.state != "mended")
            assert not list(await session.scalars(left)), "not all was mended"
    return [
        Figure(f"in_step_bytes_{size}", in_step, "bytes of one exchange of two ends in step", at_most=4096),
        Figure(f"in_step_ms_{size}", median(taken) * 1000, "time of that exchange", at_most=100),
        Figure(f"scrub_events_per_s_{size}", size / scrubbed, "events that one end scrubs in a second"),
        Figure(f"lost_100_overhead_bytes_{size}", mended - lost, "bytes beyond the events to mend 100", at_most=65_536),
    ]


async def _fill(federation: Federation, office: Office, size: int, done: Done) -> None:
    """Put signed events into both ends of an office's stream."""
    async with office.node.db.read() as session:
        ours = await find_head(session, office.id, BROKER)
    assert ours is not None
    async with federation.broker.db.write() as session:
        await create_head(session, office.id, BROKER, ours.incarnation, federation.broker.now)
    for start in range(0, size, AT_ONCE):
        signed = [_signed(office, number) for number in range(start, min(size, start + AT_ONCE))]
        for db in (office.node.db, federation.broker.db):
            async with db.write() as session:
                head = await lock_head(session, office.id, BROKER)
                assert head is not None
                await append_sets(session, head, signed, office.node.now)
        done(len(signed))


def _signed(office: Office, number: int) -> SignedSet:
    draft = Draft(
        type=event_type("client.enrolled.v1"),
        token="1." + jose.encode(hashlib.sha256(str(number).encode()).digest()),
        payload=Enrolled(check="a7", key_fingerprint=MATCH_KEY.fingerprint, basis="labour_market_act"),
        jti=office.node.ids.uuid7(),
        txn=office.node.ids.uuid7(),
        at=unix(office.node.now),
    )
    return sign_set(office.node.key, office.id, FEDERATION, draft)


async def _damage(db: Database, size: int) -> int:
    """Lose and alter entries anywhere in a stream; return the bytes of their SETs."""
    positions = sorted(
        random.Random(1).sample(  # noqa: S311  # the same on every run
            range(1, size + 1), min(DAMAGED, size)
        )
    )
    async with db.write() as session:
        head = await find_head(session, PUP, BROKER)
        assert head is not None
        at = (EntryRow.stream_id == head.id, EntryRow.position.in_(positions))
        hashes = list(await session.scalars(select(EntryRow.hash).where(*at).order_by(EntryRow.position)))
        texts = await session.scalars(select(SetRow.text).where(SetRow.iss == PUP, SetRow.hash.in_(hashes)))
        total = sum(map(len, texts))
        lost = (EntryRow.stream_id == head.id, EntryRow.position.in_(positions[::2]))
        await session.execute(delete(EntryRow).where(*lost))
        await session.execute(delete(SetRow).where(SetRow.iss == PUP, SetRow.hash.in_(hashes[::2])))
        altered = update(SetRow).where(SetRow.iss == PUP, SetRow.hash.in_(hashes[1::2]))
        await session.execute(altered.values(text=SetRow.text + "x"))
    return total


async def _records(folder: Path, make_database: MakeDatabase, clients: int, done: Done) -> list[Figure]:
    async with joint_clients(folder, make_database, clients) as pair:
        done(1)
        await write_records(pair.pup, "support-forms", [client for client, _ in pair.clients], clients)
        done(1)
        await pair.federation.settle()
        done(1)
        wanted = min(DAMAGED, clients)
        async with pair.pup.node.db.write() as session:
            ids = "SELECT client_id FROM support_form ORDER BY id LIMIT :wanted"
            changed = f"UPDATE support_form SET from_day = date(from_day, '-1 day') WHERE client_id IN ({ids})"  # noqa: S608
            await session.execute(text(changed), {"wanted": wanted})
        wire = count(pair.pup)
        began = time.perf_counter()
        [run_id] = await pair.federation.reconcile(PUP)
        seconds = time.perf_counter() - began
        figures = (await pair.federation.operator.get(f"/v1/reconciliations/{run_id}")).json()["figures"]
        assert figures["restated"] == wanted, figures
    return [
        Figure("records_seconds", seconds, f"seconds of a whole run: {clients} joint clients, {wanted} of them differ"),
        Figure("records_bytes", wire.take(), "bytes between office and broker in that run, restatements included"),
    ]
