"""What an erasure does at the broker once its batch is written: bytes go, and where its word went stays known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.tables import AttributeRow, DuplicateRow, ErasureMailRow
from shared.domain.erasure import mark_of
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.forget import forget_events
from shared.exchange.history.pairs import forget_pairs
from shared.exchange.history.tables import AuthorRow, SharedRecordRow
from shared.exchange.stream.append import Entry
from shared.exchange.stream.erase import erase_sets
from shared.runtime.database.bulk import insert_many, table_of

_MAILED_AGAIN = (
    "ON CONFLICT (hash, institution) DO UPDATE SET stream_id = excluded.stream_id, position = excluded.position"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An author's word that SETs of its own are erased; ``word`` is the entry of the SET that says so.

    ``record`` is the mark of the record that was erased, where the word carries one. Without ``hashes`` the word is
    mailed again and nothing is erased here.
    """

    token: str
    word: Entry
    hashes: Sequence[bytes]
    to: Sequence[str]
    record: str | None = None


async def forget_erased(session: AsyncSession, erasures: Sequence[Erasure]) -> set[tuple[str, str]]:
    """Forget what rests on what was named; return of which people which authors count as silent from here on.

    A restatement goes with any of its records. An open registration that was told by it and is not what was erased is
    still there, so who leads is not worked out as if it were closed: its author has to say again what it has.
    """
    silent = set()
    for one in erasures:
        if await _loses_a_registration(session, one):
            silent.add((one.token, one.word.iss))
        await forget_events(session, one.token, one.word.iss, one.hashes)
    for token, iss in sorted(silent):
        at = (AuthorRow.token == token, AuthorRow.iss == iss)
        await session.execute(update(AuthorRow).where(*at).values(baseline_generation=None))
    return silent


async def _loses_a_registration(session: AsyncSession, erasure: Erasure) -> bool:
    """Tell whether an open registration is forgotten with what was erased, and is another record."""
    query = select(SharedRecordRow.key, SharedRecordRow.hash, SharedRecordRow.payload).where(
        SharedRecordRow.token == erasure.token,
        SharedRecordRow.iss == erasure.word.iss,
        SharedRecordRow.record == "registration",
        SharedRecordRow.dropped.is_(False),
    )
    return any(
        row.hash in erasure.hashes and "until" not in row.payload and mark_of(row.key) != erasure.record
        for row in await session.execute(query)
    )


async def erase(
    session: AsyncSession,
    erasures: Sequence[Erasure],
    mailboxes: Mapping[str, int],
    before: Mapping[str, int],
    mail: Mapping[str, Sequence[Entry]],
) -> None:
    """Erase what was named; ``before`` is how far each mailbox went before this batch's mail.

    That a pair with an erased form is none any more is not told: it would name the form, and whoever erases forgets it.
    """
    for one in erasures:
        row, rows = {"hash": one.word.hash, "iss": one.word.iss}, list[dict[str, Any]]()
        if one.hashes:
            await erase_sets(session, one.word.iss, one.hashes)
            await _forget_duplicates(session, one.token)
            rows.append(row | {"institution": BROKER, "stream_id": 0, "position": 0})
        for name in one.to:
            position = before[name] + mail[name].index(one.word) + 1
            rows.append(row | {"institution": name, "stream_id": mailboxes[name], "position": position})
        await insert_many(session, table_of(ErasureMailRow), rows, conflict=_MAILED_AGAIN)


async def _forget_duplicates(session: AsyncSession, token: str) -> None:
    pairs = sorted(await forget_pairs(session, token))
    await session.execute(delete(DuplicateRow).where(DuplicateRow.token == token, DuplicateRow.id.in_(pairs)))


async def forget_attributes(session: AsyncSession, token: str, iss: str, hashes: Sequence[bytes]) -> set[str]:
    """Forget what these SETs told the broker alone; return the names of what that was."""
    said = [jose.encode(digest) for digest in hashes]
    at = (AttributeRow.token == token, AttributeRow.iss == iss, AttributeRow.hash.in_(said))
    names = set(await session.scalars(select(AttributeRow.name).where(*at)))
    await session.execute(delete(AttributeRow).where(*at))
    return names
