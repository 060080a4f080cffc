"""By which of two tokens a person goes here: the old one until the move, then the new one."""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.tables import PersonPairRow
from shared.exchange.match_keys import MatchKeys
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import connection_of

_PAIRS = table_of(PersonPairRow)


async def names_of(session: AsyncSession, keys: MatchKeys, tokens: Collection[str]) -> dict[str, str]:
    """Return the names of people whom some of these tokens are not the names of, by token."""
    if keys.next is None or not tokens:
        return {}
    connection = await connection_of(session)
    asked = or_(_PAIRS.c.old.in_(tokens), _PAIRS.c.new.in_(tokens))
    rows = await connection.execute(select(_PAIRS.c.old, _PAIRS.c.new, _PAIRS.c.moved).where(asked))
    return dict((row.old, row.new) if row.moved else (row.new, row.old) for row in rows)


async def name_of(session: AsyncSession, keys: MatchKeys, token: str) -> str:
    """Return by which token a person goes here."""
    return (await names_of(session, keys, [token])).get(token, token)


async def old_tokens(session: AsyncSession, keys: MatchKeys, names: Collection[str]) -> dict[str, str]:
    """Return the token that each of these people had before the move, while it still counts."""
    if keys.next is None or not names:
        return {}
    connection = await connection_of(session)
    asked = (_PAIRS.c.new.in_(names), _PAIRS.c.moved.is_(True))
    return {row.new: row.old for row in await connection.execute(select(_PAIRS.c.old, _PAIRS.c.new).where(*asked))}
