"""What an erasure does at the broker once its batch is written: bytes go, and where its word went stays known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.tables import AttributeRow, ErasureMailRow
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.forget import forget_events
from shared.exchange.history.pairs import forget_pairs
from shared.exchange.stream.append import Entry
from shared.exchange.stream.erase import erase_sets
from shared.runtime.database.bulk import insert_many, table_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An author's word that SETs of its own are erased; ``word`` is the entry of the SET that says so."""

    token: str
    word: Entry
    hashes: Sequence[bytes]
    to: Sequence[str]


async def forget_erased(session: AsyncSession, erasures: Sequence[Erasure]) -> None:
    """Forget what rests on what was named; who leads a contested client is looked at without it."""
    for one in erasures:
        await forget_events(session, one.token, one.word.iss, one.hashes)


async def erase(
    session: AsyncSession,
    erasures: Sequence[Erasure],
    mailboxes: Mapping[str, int],
    before: Mapping[str, int],
    mail: Mapping[str, Sequence[Entry]],
) -> None:
    """Erase what was named; ``before`` is how far each mailbox went before this batch's mail."""
    for one in erasures:
        await erase_sets(session, one.word.iss, one.hashes)
        await forget_pairs(session, one.token)
        row = {"hash": one.word.hash, "iss": one.word.iss}
        rows = [row | {"institution": BROKER, "stream_id": 0, "position": 0}]
        for name in one.to:
            position = before[name] + mail[name].index(one.word) + 1
            rows.append(row | {"institution": name, "stream_id": mailboxes[name], "position": position})
        await insert_many(session, table_of(ErasureMailRow), rows, conflict="ON CONFLICT DO NOTHING")


async def forget_attributes(session: AsyncSession, token: str, iss: str, hashes: Sequence[bytes]) -> set[str]:
    """Forget what these SETs told the broker alone; return the names of what that was."""
    said = [jose.encode(digest) for digest in hashes]
    at = (AttributeRow.token == token, AttributeRow.iss == iss, AttributeRow.hash.in_(said))
    names = set(await session.scalars(select(AttributeRow.name).where(*at)))
    await session.execute(delete(AttributeRow).where(*at))
    return names
