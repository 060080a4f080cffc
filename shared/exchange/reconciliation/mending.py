"""Mending a stream: what the other end gives back is taken where the chain proves it, and stands as it stood."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.judge import Verdict
from shared.exchange.sets import SignedSet
from shared.exchange.stream.chain import chain_start
from shared.exchange.stream.damage import End, mended, runs
from shared.exchange.stream.heads import ENTRIES, Head
from shared.exchange.stream.receive import Item
from shared.exchange.stream.tables import DeadLetterRow, EntryRow, SetRow
from shared.runtime.database.bulk import insert_many, table_of

_AS_SIGNED = "ON CONFLICT (iss, hash) DO UPDATE SET text = excluded.text, jti = excluded.jti, token = excluded.token"
_AS_IT_STOOD = (
    "ON CONFLICT (stream_id, position) DO UPDATE SET iss = excluded.iss, hash = excluded.hash, "
    "chain = excluded.chain, state = excluded.state"
)

_WITHOUT_BYTES = ("refused", "erased", "purged")


@dataclass(frozen=True, slots=True)
class Back:
    """Entries that the other end gives back, what judging says of them, and all positions that are damaged."""

    items: Mapping[int, Item]
    verdicts: Mapping[bytes, Verdict]
    damaged: Set[int]


@dataclass(frozen=True, slots=True)
class Mended:
    """Positions that stand again, those that the other end holds otherwise, and whole-looking ones to ask for too."""

    positions: Sequence[int]
    otherwise: Sequence[int]
    besides: Sequence[int]


async def mend(session: AsyncSession, head: Head, back: Back, at: datetime) -> Mended:
    """Put entries back into a stream whose head is locked, a run of positions at a time, in order."""
    done: list[int] = []
    otherwise: list[int] = []
    besides: list[int] = []
    for run in runs(back.items):
        before, behind = await _around(session, head, run)
        is_last = run.stop == head.position + 1
        end = (None, head.chain) if is_last else None if run.stop in back.damaged else behind
        hashes = {position: back.items[position].hash for position in run}
        chain = mended(run, before, hashes, end) if before is not None else None
        if chain is not None:
            await _put(session, head, back, dict(zip(run, chain, strict=True)), at)
            done += run
        elif before is None or not is_last:
            besides.append(run.start - 1 if before is None else run.stop)
        else:
            otherwise += run
    return Mended(done, otherwise, besides)


async def _around(session: AsyncSession, head: Head, run: range) -> tuple[bytes | None, End | None]:
    """Return the chain before a run, if that entry is there, and hash and chain of the entry behind it, likewise."""
    rows = await session.execute(
        select(EntryRow.position, EntryRow.hash, EntryRow.chain).where(
            EntryRow.stream_id == head.id, EntryRow.position.in_((run.start - 1, run.stop))
        )
    )
    held = {row.position: row for row in rows}
    first = chain_start(head.owner, head.peer, head.incarnation)
    before = first if run.start == 1 else held[run.start - 1].chain if run.start - 1 in held else None
    behind = held.get(run.stop)
    return before, (behind.hash, behind.chain) if behind else None


async def _put(session: AsyncSession, head: Head, back: Back, chains: Mapping[int, bytes], at: datetime) -> None:
    here = (EntryRow.stream_id == head.id, EntryRow.position.in_(list(chains)))
    held = await session.execute(select(EntryRow.position, EntryRow.state).where(*here))
    states: dict[int, str] = {row.position: row.state for row in held}
    letters = select(DeadLetterRow.position).where(
        DeadLetterRow.stream_id == head.id,
        DeadLetterRow.position.in_(list(chains)),
        DeadLetterRow.found_by == "self",
    )
    refused = set(await session.scalars(letters))
    rows, sets = [], []
    for position, chain in chains.items():
        item = back.items[position]
        signed = _signed(item, back.verdicts, head.owner)
        state = states.get(position) or ("refused" if position in refused else "kept")
        stands = state if item.text or state in _WITHOUT_BYTES else "erased"
        rows.append(_row(head, position, item, chain, at, signed.iss, stands))
        if item.text and state not in _WITHOUT_BYTES:
            sets.append(_stored(signed, at))
    await insert_many(session, table_of(SetRow), sets, conflict=_AS_SIGNED)
    await insert_many(session, ENTRIES, rows, conflict=_AS_IT_STOOD)


def _stored(signed: SignedSet, at: datetime) -> dict[str, Any]:
    names = ("iss", "hash", "jti", "token", "n", "text", "received_at")
    return {name: getattr(signed, name) for name in names} | {"stored_at": at}


def _row(head: Head, position: int, item: Item, chain: bytes, at: datetime, iss: str, state: str) -> dict[str, Any]:
    return {
        "stream_id": head.id,
        "position": position,
        "iss": iss,
        "hash": item.hash,
        "chain": chain,
        "at": at,
        "state": state,
    }


def _signed(item: Item, verdicts: Mapping[bytes, Verdict], owner: str) -> SignedSet:
    verdict = verdicts.get(item.hash)
    event = verdict.event if verdict else None
    iss = (event.iss if event else verdict.iss if verdict else "") or owner
    jti = event.jti if event else ""
    token = (event.token if event else verdict.token if verdict else None) or ""
    n = verdict.n if verdict else None
    return SignedSet(iss[:32], jti, item.text or "", item.hash, token, n, item.received_at)
