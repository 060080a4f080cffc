"""Moving a client to its token by the match key that follows: counts, chains and copies of others go on under it.

What was signed under the old token stays as it is, and is found: the old token is written down as another name.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.broker import Members
from shared.domain.institutions import BROKER
from shared.exchange.history.moving import move_history
from shared.exchange.sets import SecurityEvent
from shared.institution.operations.work import Work
from shared.institution.tables import ClientMembersRow, ClientRow, FormerTokenRow, ToldBeforeRow

_TOKENS: BindParameter[Any] = bindparam("tokens", expanding=True)
_IDS = (
    select(ClientRow.id)
    .where(ClientRow.token.in_(_TOKENS))
    .union(
        select(FormerTokenRow.client_id).where(FormerTokenRow.token.in_(_TOKENS), FormerTokenRow.alias.is_(True)),
    )
)
_LOCKED = (
    select(ClientRow)
    .where(ClientRow.id.in_(bindparam("ids", expanding=True)))
    .order_by(ClientRow.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def move_client(work: Work, client: ClientRow, token: str) -> None:
    """Let a client go by another of its tokens; what offices said that left before stays under the old one, frozen."""
    session, old = work.session, client.token
    await session.flush()
    await move_history(session, old, token, [work.node.id, BROKER, *client.members])
    told = select(ToldBeforeRow.token).where(ToldBeforeRow.token == token)
    if await session.scalar(told) is None:
        await session.execute(update(ToldBeforeRow).where(ToldBeforeRow.token == old).values(token=token))
    if client.generation:
        await session.merge(
            ClientMembersRow(
                client_id=client.id,
                token=token,
                generation=client.generation,
                members=client.members,
                since=work.now,
            )
        )
    alias = (FormerTokenRow.token == token, FormerTokenRow.client_id == client.id)
    await session.execute(delete(FormerTokenRow).where(*alias))
    work.known_as(old, client.id)
    client.token = token


async def other_names(session: AsyncSession, tokens: Collection[str]) -> dict[str, str]:
    """Return by which token each client goes of whom some of these are other tokens, by the same PESEL."""
    query = (
        select(FormerTokenRow.token, ClientRow.token)
        .join(ClientRow, ClientRow.id == FormerTokenRow.client_id)
        .where(FormerTokenRow.token.in_(tokens), FormerTokenRow.alias.is_(True))
    )
    names: dict[str, str] = {row[0]: row[1] for row in await session.execute(query)}
    return names


async def clients_of(work: Work, events: Sequence[SecurityEvent]) -> tuple[dict[str, str], dict[str, ClientRow]]:
    """Lock the clients whom events are about; return their names where others are used, and the clients by name.

    Names are read once the lock is had: until then another transaction may move a client to its next token.
    """
    tokens = sorted({event.token for event in events})
    ids = sorted(await work.session.scalars(_IDS, {"tokens": tokens}))
    locked = list(await work.session.scalars(_LOCKED, {"ids": ids}))
    names = await other_names(work.session, tokens)
    wanted = {names.get(token, token) for token in tokens}
    clients = {row.token: row for row in locked if row.token in wanted}
    if names:
        names = await _follow_names(work, events, clients, names)
        clients = {row.token: row for row in clients.values()}
    return names, clients


async def _follow_names(
    work: Work, events: Sequence[SecurityEvent], clients: Mapping[str, ClientRow], names: Mapping[str, str]
) -> dict[str, str]:
    """Move clients of whom the broker speaks under another token from now on; return all names as they are then.

    What it says of who shares a client is the word on it: under which token it stands, by that the client goes.
    """
    known = dict(names)
    for event in events:
        client = clients.get(names.get(event.token, event.token))
        if client is None or event.iss != BROKER or not isinstance(event.payload, Members):
            continue
        if event.token == client.token or event.payload.generation < client.generation:
            continue
        old = client.token
        await move_client(work, client, event.token)
        known = {token: event.token if name == old else name for token, name in known.items() if token != event.token}
        known[old] = event.token
    return known


async def named_events(session: AsyncSession, events: Mapping[bytes, SecurityEvent]) -> dict[bytes, SecurityEvent]:
    """Return the office's own events each under the token by which its client goes now."""
    names = await other_names(session, {event.token for event in events.values()})
    return {
        digest: replace(event, token=names[event.token]) if event.token in names else event
        for digest, event in events.items()
    }
