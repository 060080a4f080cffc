"""Replay: what changes state is taken once, and that it was taken is stored with the change (WIRE.md, section 3)."""

from datetime import timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from shared.exchange.proofs.problems import ProofReplayed
from shared.runtime.database.columns import UtcTime
from shared.runtime.database.engine import connection_of

_USE = text(
    "INSERT INTO used_proof (iss, jti, expires_at) VALUES (:iss, :jti, :until) ON CONFLICT DO NOTHING RETURNING iss"
).bindparams(bindparam("until", type_=UtcTime))


async def use_once(session: AsyncSession, broker: Broker, iss: str, jti: str, *, window: timedelta) -> None:
    """Note the id of a proof or a statement until its window ends; two at the same moment: the second waits, and fails.

    :raises ProofReplayed: it was used before.
    """
    connection = await connection_of(session)
    used = await connection.execute(_USE, {"iss": iss, "jti": jti, "until": broker.now + window})
    if used.first() is None:
        raise ProofReplayed(expected="a new jti", received=jti)
