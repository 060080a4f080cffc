"""The directory: made from what the operator approved, signed, and published under a serial that only rises."""

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.tables import InstitutionKeyRow, InstitutionRow, MatchKeyRow
from shared.domain.desks import read_desks
from shared.domain.errors import NotFound
from shared.domain.institutions import BROKER
from shared.exchange.directory import (
    Directory,
    Member,
    UntrustedDirectory,
    directory_hash,
    open_directory,
    sign_key_statement,
    signer_of,
)
from shared.exchange.keys import SigningKey
from shared.exchange.match_keys import MatchKeys, NextMatchKey
from shared.exchange.member_keys import MemberKey, sign_introduction
from shared.exchange.stream.tables import DirectoryRow
from shared.runtime.clock import unix
from shared.runtime.database.bulk import insert_many, table_of

KEY_LIFE_S = 2 * 365 * 24 * 3600
RENEW_S = 12 * 3600


async def open_up(broker: Broker) -> None:
    """Take up the newest directory; publish one where there is none, or where it lacks the broker's newest key."""
    async with broker.db.write() as session:
        await _keep_own_key(session, broker)
        await _keep_match_key(session, broker)
        row = await _newest(session)
        if row is None or not _is_own(broker, row.token, await match_keys(session)):
            await publish(session, broker)
    await reload(broker)


async def take_up_keys(broker: Broker) -> None:
    """Introduce a key that was made since the start, so that the broker signs with it once everybody knows it."""
    before = broker.identity
    broker.identity = before.read_again(broker.settings.key_dir)
    if broker.identity is not before:
        await open_up(broker)


async def renew(broker: Broker) -> bool:
    """Publish the directory anew before it runs out; return whether it was due."""
    if unix(broker.now) - broker.directory.serial < RENEW_S:
        return False
    async with broker.db.write() as session:
        await publish(session, broker)
    await reload(broker)
    return True


async def publish(session: AsyncSession, broker: Broker) -> None:
    """Sign the directory as the tables have it; the caller reloads after the commit.

    The broker's own row is the lock: whoever publishes at the same moment waits, and then sees what the other wrote.
    """
    await session.get(InstitutionRow, BROKER, with_for_update=True)
    last = await _newest(session)
    serial = max(unix(broker.now), last.serial + 1 if last else 0)
    directory = Directory(
        serial=serial,
        federation=broker.identity.federation,
        match_keys=await match_keys(session),
        members=await _members(session, unix(broker.now)),
        previous=directory_hash(last.token) if last else None,
    )
    token = directory.sign(broker.identity.signing_key(directory, serial))
    session.add(DirectoryRow(serial=serial, token=token, fetched_at=broker.now))


async def reload(broker: Broker) -> None:
    """Take the newest directory of the database into memory, with every key that was ever approved."""
    async with broker.db.read() as session:
        row = await _newest(session)
        keys = list(await session.scalars(select(InstitutionKeyRow).where(InstitutionKeyRow.state != "pending")))
    if row is None or row.token == broker.directory_token:
        return
    broker.directory = _opened(broker, row.token).with_retired((key.iss, MemberKey.from_json(key.jwk)) for key in keys)
    broker.directory_token = row.token


async def key_statement(session: AsyncSession, broker: Broker, kid: str) -> str:
    """Return the broker's signed word on a key, whether still listed or retired long ago.

    :raises NotFound: no key of that id was ever approved.
    """
    key = await session.get(InstitutionKeyRow, kid)
    if key is None or key.state == "pending":
        raise NotFound()
    return sign_key_statement(broker.key, key.iss, MemberKey.from_json(key.jwk), unix(broker.now))


async def match_keys(session: AsyncSession) -> MatchKeys:
    """Return the match key in force, and the one that follows it."""
    rows = {row.state: row for row in await session.scalars(select(MatchKeyRow))}
    current, following = rows.get("current"), rows.get("next")
    return MatchKeys(
        fingerprint=current.fingerprint if current else None,
        epoch=current.epoch if current else None,
        next=_following(following) if following else None,
    )


def _following(row: MatchKeyRow) -> NextMatchKey:
    if row.epoch is None or row.moves_at is None or row.ends_at is None:
        raise LookupError("A match key that follows has an epoch and its days.")
    moves_at, ends_at = unix(row.moves_at), unix(row.ends_at)
    return NextMatchKey(fingerprint=row.fingerprint, epoch=row.epoch, moves_at=moves_at, ends_at=ends_at)


def _is_own(broker: Broker, token: str, keys: MatchKeys) -> bool:
    try:
        directory = _opened(broker, token)
    except UntrustedDirectory:
        return False
    return directory.match_keys == keys and directory.knows_key(BROKER, broker.identity.keys[0].kid)


def _opened(broker: Broker, token: str) -> Directory:
    """Read a directory that one of the broker's own keys signed, even one that another replica took up first."""
    signer = signer_of(token)
    if signer not in {key.kid for key in broker.identity.keys}:
        broker.identity = broker.identity.read_again(broker.settings.key_dir)
    own = [key.kid for key in broker.identity.keys]
    pinned = signer if signer in own else own[0]
    return open_directory(token, pinned=pinned, federation=broker.identity.federation)


async def _newest(session: AsyncSession) -> DirectoryRow | None:
    return await session.scalar(select(DirectoryRow).order_by(DirectoryRow.serial.desc()).limit(1))


async def _members(session: AsyncSession, now: int) -> list[Member]:
    rows = await session.scalars(select(InstitutionRow).order_by(InstitutionRow.id))
    keys: dict[str, list[MemberKey]] = {}
    listed = select(InstitutionKeyRow).where(InstitutionKeyRow.state.in_(("current", "revoked")))
    for key in await session.scalars(listed):
        if key.valid_until >= now or key.state == "revoked" or key.iss == BROKER:
            keys.setdefault(key.iss, []).append(MemberKey.from_json(key.jwk))
    return [
        Member(
            id=row.id,
            kind=row.kind,
            name=row.name,
            area=tuple(row.area),
            state=row.state,  # type: ignore[arg-type]  # the column holds the four states alone
            contact=row.contact,
            desks=read_desks(row.desks),
            keys=tuple(sorted(keys.get(row.id, ()), key=lambda key: (key.valid_from, key.key.kid))),
        )
        for row in rows
        if row.state != "pending"
    ]


async def _keep_own_key(session: AsyncSession, broker: Broker) -> None:
    """Make the broker's own rows where they are missing; replicas that start together make them once."""
    institutions = table_of(InstitutionRow)
    row = {"id": BROKER, "kind": BROKER, "name": "Zwornik", "area": [], "contact": "", "desks": [], "state": "active"}
    times = {"registered_at": broker.now, "approved_at": broker.now}
    await insert_many(session, institutions, [row | times], conflict="ON CONFLICT DO NOTHING")
    await session.get(InstitutionRow, BROKER, with_for_update=True)
    own = broker.identity.keys[0]
    if await session.get(InstitutionKeyRow, own.kid) is None:
        key = await _introduced(session, broker, own)
        validity = {"valid_from": key.valid_from, "valid_until": key.valid_until}
        session.add(InstitutionKeyRow(kid=own.kid, iss=BROKER, jwk=key.to_json(), state="current", **validity))
        await session.flush()


async def _keep_match_key(session: AsyncSession, broker: Broker) -> None:
    """Note the first match key as the settings name it, or name it anew; once another follows, the table decides."""
    rows = list(await session.scalars(select(MatchKeyRow)))
    told = broker.settings.match_key_fingerprint
    if len(rows) == 1 and rows[0].epoch is None and rows[0].fingerprint != told:
        await session.delete(rows.pop())
        await session.flush()
    if not rows:
        session.add(MatchKeyRow(fingerprint=told, epoch=None, state="current", since=broker.now))
        await session.flush()
    elif told not in {row.fingerprint for row in rows}:
        structlog.get_logger().warning("the match key of the settings is not the federation's", setting=told)


async def _introduced(session: AsyncSession, broker: Broker, own: SigningKey) -> MemberKey:
    """Return the broker's new key, introduced by the one before, which ends an overlap after the new one begins.

    A first key, or one after all before it were lost, begins at once and must be pinned by hand.
    """
    now, settings = unix(broker.now), broker.settings
    query = select(InstitutionKeyRow).where(InstitutionKeyRow.iss == BROKER, InstitutionKeyRow.valid_until >= now)
    held = {key.kid: key for key in broker.identity.keys}
    rows = list(await session.scalars(query.order_by(InstitutionKeyRow.valid_from.desc())))
    before = next((row for row in rows if row.kid in held and row.valid_from <= now), None)
    if before is None:
        return MemberKey(own.public, now - 60, now + KEY_LIFE_S)
    begins = now + settings.key_announce_hours * 3600
    word = sign_introduction(
        held[before.kid], iss=BROKER, federation=broker.identity.federation, introduces=own.kid, now=now
    )
    for row in rows:
        row.valid_until = min(row.valid_until, begins + settings.key_overlap_days * 24 * 3600)
        row.jwk = row.jwk | {"valid_until": row.valid_until}
    return MemberKey(own.public, begins, begins + KEY_LIFE_S, word)
