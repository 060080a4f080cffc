"""Missing SETs: a member that sees a hole in an author's count asks, and the broker mails again what it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.epochs.names import name_of
from services.broker.node import Broker
from services.broker.operations.relay.batch import Batch
from services.broker.operations.replay import use_once
from shared.domain.errors import NotFound
from shared.domain.events.payloads.broker import SetRefused
from shared.exchange import jose
from shared.exchange.history.tables import AuthorRow
from shared.exchange.proofs.request import LEEWAY_S, LIFETIME_S
from shared.exchange.stream.tables import DeadLetterRow, SetRow

MAX_MISSING = 500
PROOF_WINDOW = timedelta(seconds=LIFETIME_S + 2 * LEEWAY_S)


@dataclass(frozen=True, slots=True)
class Answer:
    """Which counts are mailed again, which were refused, and which the broker never had."""

    mailed: Sequence[int]
    refused: Sequence[int]
    unknown: Sequence[int]


async def mail_again(broker: Broker, member: str, jti: str, token: str, author: str, counts: Sequence[int]) -> Answer:
    """Mail the author's shared events of these counts to the member once more; ``jti`` is that of the member's proof.

    :raises ProofReplayed: the proof was used before.
    :raises NotFound: member and author do not share that person.
    """
    async with broker.db.write() as session:
        await use_once(session, broker, member, jti, window=PROOF_WINDOW)
        batch = Batch(broker, session, broker.now)
        asked, token = token, await name_of(session, broker.directory.match_keys, token)
        await batch.load([token])
        if not {member, author} <= batch.people[token].members:
            raise NotFound()
        first = await _first_shared(session, token, author)
        wanted = [n for n in counts if first is not None and n >= first]
        held = select(SetRow).where(SetRow.token == token, SetRow.iss == author, SetRow.n.in_(wanted))
        found = {row.n: row for row in await session.scalars(held.order_by(SetRow.n))}
        refused = select(DeadLetterRow).where(
            DeadLetterRow.token == token, DeadLetterRow.iss == author, DeadLetterRow.n.in_(wanted)
        )
        letters = {row.n: row for row in await session.scalars(refused) if row.n not in found}
        for row in found.values():
            batch.relay(author, row.hash, [member])
        for n, letter in letters.items():
            payload = SetRefused(iss=author, hash=jose.encode(letter.hash), problem=letter.problem, n=n)
            batch.say("set.refused.v1", asked, payload, [member])
        await batch.flush()
    broker.bells.ring(member)
    unknown = [n for n in counts if n not in found and n not in letters]
    return Answer([n for n in found if n], [n for n in letters if n], unknown)


async def _first_shared(session: AsyncSession, token: str, author: str) -> int | None:
    """Return the first count of what the author shares with the present members: its last restatement.

    What was said before it is not asked for: the restatement stands for it, and who joined since was never told it.
    """
    row = await session.get(AuthorRow, (token, author))
    if row is None or row.baseline_n is None:
        return None
    hashes = [jose.decode(digest) for digest in row.baseline_hashes or ()]
    return await session.scalar(select(func.min(SetRow.n)).where(SetRow.iss == author, SetRow.hash.in_(hashes)))
