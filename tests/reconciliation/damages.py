"""What damages a store: rows that are lost, rows that are altered, a record changed by SQL, a relay left out."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update

from shared.domain.institutions import BROKER
from shared.exchange.history.tables import SharedRecordRow
from shared.exchange.stream.heads import find_head
from shared.exchange.stream.tables import EntryRow, SetRow
from shared.runtime.database.engine import Database
from tests.builders import Federation, Office
from tests.federation.saying import joint


async def told(federation: Federation) -> tuple[Office, Office, str, str]:
    """Two offices with two joint clients, of whom each has told something."""
    pup, ops, at_pup, at_ops = await joint(federation)
    await joint(federation, 2)
    for day in ("2026-01-05", "2026-02-05", "2026-03-05"):
        await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": day})
        await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-E01", "from": day})
        await federation.settle()
    return pup, ops, at_pup, at_ops


async def whole(db: Database, owner: str, peer: str) -> list[tuple[int, bytes, bytes, str, str | None]]:
    """A stream with its bytes, as a node holds it."""
    async with db.read() as session:
        head = await find_head(session, owner, peer)
        assert head is not None
        same = (SetRow.iss == EntryRow.iss) & (SetRow.hash == EntryRow.hash)
        query = select(EntryRow, SetRow.text).outerjoin(SetRow, same).where(EntryRow.stream_id == head.id)
        rows = await session.execute(query.order_by(EntryRow.position))
        return [
            (row.EntryRow.position, row.EntryRow.hash, row.EntryRow.chain, row.EntryRow.state, row.text) for row in rows
        ]


async def lose(db: Database, owner: str, peer: str, positions: Sequence[int], *, bytes_too: bool = True) -> None:
    """Lose entries of a stream, and the bytes of their SETs."""
    async with db.write() as session:
        head = await find_head(session, owner, peer)
        assert head is not None
        at = (EntryRow.stream_id == head.id, EntryRow.position.in_(positions))
        hashes = list(await session.scalars(select(EntryRow.hash).where(*at)))
        assert len(hashes) == len(positions)
        await session.execute(delete(EntryRow).where(*at))
        if bytes_too:
            await session.execute(delete(SetRow).where(SetRow.hash.in_(hashes)))


async def alter(db: Database, owner: str, peer: str, position: int, what: str) -> None:
    """Alter the bytes, the hash or the chain of an entry."""
    async with db.write() as session:
        head = await find_head(session, owner, peer)
        assert head is not None
        entry = await session.get_one(EntryRow, (head.id, position))
        if what == "bytes":
            altered = update(SetRow).where(SetRow.hash == entry.hash)
            await session.execute(altered.values(text=SetRow.text + "x"))
        else:
            setattr(entry, what, bytes(32))


async def records(db: Database, author: str) -> list[tuple[Any, ...]]:
    """What a node holds of an author's records."""
    async with db.read() as session:
        rows = await session.scalars(select(SharedRecordRow).where(SharedRecordRow.iss == author))
        return sorted((row.token, row.record, row.key, str(row.payload)) for row in rows if not row.dropped)


async def statement(federation: Federation, run: str) -> dict[str, Any]:
    """The figures of a run that was closed."""
    answer = (await federation.operator.get(f"/v1/reconciliations/{run}")).json()
    assert answer["state"] == "closed", answer
    assert answer["statement"]
    assert answer["answer"]
    return dict(answer["figures"])


def found(figures: dict[str, Any]) -> dict[str, int]:
    """What a statement counts, without what is nought."""
    names = ("missing", "altered", "restated", "unmended", "behind")
    return {name: figures[name] for name in names if figures.get(name)}


ENDS = ((BROKER, "own"), (BROKER, "mailbox"), ("office", "own"), ("office", "mailbox"))
"""Who holds what: each end of each stream."""
