"""A member's copy of the directory: the last good one, in memory and in the database, refreshed from the broker."""

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from sqlalchemy import delete, select

from shared.domain.institutions import is_institution_id
from shared.exchange.client.broker import BrokerClient, Unreachable
from shared.exchange.directory import GRACE_S, Directory, UntrustedDirectory, open_directory, open_key_statement
from shared.exchange.known_keys import KnownKeys
from shared.exchange.member_keys import MemberKey
from shared.exchange.stream.tables import DirectoryRow, RetiredKeyRow
from shared.runtime.clock import Clock, unix
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.engine import Database

REFRESH_S = 300
"""A member asks for the directory this often, and at once when a key is unknown."""

_KID = re.compile(r"[A-Za-z0-9_-]{43}")

RELOAD_PAUSE_S = 2
"""Unknown keys ask for a reload at most this often, so that forged kids make no load."""


@dataclass
class Trust:
    """The directory a member goes by."""

    db: Database
    client: BrokerClient
    clock: Clock
    own_id: str
    pinned: str
    federation: str
    _etag: str | None = None
    _fetched: float = -1e9
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def directory(self) -> Directory | None:
        """Return the last good directory, while it may still be used."""
        held = self.client.directory
        return held if held and unix(self.clock.now()) <= held.valid_until + GRACE_S else None

    async def load(self) -> None:
        """Take up the directory that the database holds, if the pinned broker signed it; else wait for a new one."""
        async with self.db.read() as session:
            row = await session.scalar(select(DirectoryRow).order_by(DirectoryRow.serial.desc()).limit(1))
            known = await KnownKeys.load(session, self.own_id)
            retired = list(await session.scalars(select(RetiredKeyRow)))
        if row is None:
            return
        try:
            directory = open_directory(row.token, pinned=self.pinned, federation=self.federation)
        except UntrustedDirectory as failure:
            structlog.get_logger().warning("stored directory refused", problem=failure.detail)
            return
        keys = ((key.iss, MemberKey.from_json(json.loads(key.jwk))) for key in retired)
        self.client.directory = directory.with_retired(keys, known.held_back(directory))

    async def refresh(self, *, unknown_key: bool = False) -> bool:
        """Fetch the directory if it is due; return whether a newer one came.

        ``unknown_key``: the one held lacks a key that is needed, so it is due at once.

        :raises Unreachable: the broker did not answer, or not as itself.
        """
        async with self._lock:
            pause = RELOAD_PAUSE_S if unknown_key or self.directory is None else REFRESH_S
            if self.clock.monotonic() - self._fetched < pause:
                return False
            status, token, etag = await self.client.fetch("/v1/directory", etag=self._etag)
            self._fetched = self.clock.monotonic()
            return status == 200 and await self._take(token, etag)

    async def be_ready(self, *, failed: bool) -> None:
        """Fetch a directory where there is none, and look for a newer one where the last call failed.

        Whose key was revoked is told nothing that it could believe: the directory alone says so.

        :raises Unreachable: there is none, and the broker did not answer.
        """
        if self.directory is None:
            await self.refresh()
        elif failed:
            with suppress(Unreachable):
                await self.refresh(unknown_key=True)

    async def fetch_key(self, iss: str, kid: str) -> bool:
        """Ask for a key that the directory no longer lists; return whether there is one."""
        if not is_institution_id(iss) or not _KID.fullmatch(kid) or self.client.directory is None:
            return False
        _, statement, _ = await self.client.fetch(f"/v1/directory/keys/{kid}")
        try:
            key = open_key_statement(statement, iss=iss, kid=kid, directory=self.client.directory)
        except UntrustedDirectory:
            return False
        async with self.db.write() as session:
            known = await KnownKeys.load(session, self.own_id)
            if not known.may_be_former(iss, key, self.federation):
                structlog.get_logger().error("former key refused", iss=iss, kid=kid)
                return False
            row = {"iss": iss, "kid": kid, "jwk": json.dumps(key.to_json())}
            await insert_many(session, table_of(RetiredKeyRow), [row], conflict="ON CONFLICT DO NOTHING")
        await self.load()
        return True

    async def _take(self, token: str, etag: str | None) -> bool:
        held = self.client.directory
        lowest, pinned = (held.serial, held.signer or self.pinned) if held else (0, self.pinned)
        try:
            directory = open_directory(token, pinned=pinned, federation=self.federation, lowest_serial=lowest)
        except UntrustedDirectory as failure:
            structlog.get_logger().error("directory refused", problem=failure.detail)
            raise Unreachable(failure.detail) from None
        async with self.db.write() as session:
            await session.execute(delete(DirectoryRow))
            session.add(DirectoryRow(serial=directory.serial, token=token, fetched_at=self.clock.now()))
            known = await KnownKeys.load(session, self.own_id)
            await known.learn(session, [held, directory] if held else [directory], self.clock.now())
        self._etag = etag
        await self.load()
        return held is None or directory.serial > held.serial
