"""Keys that a member believes are their owners': met first, introduced by a known one, or confirmed by an official.

The broker says which keys there are; whether a new one is its owner's, the key before says. So the broker cannot
quietly put a key of its own in an office's place (WIRE.md, section 1).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict
from shared.domain.institutions import BROKER
from shared.exchange.directory import Directory, Member
from shared.exchange.member_keys import MemberKey, followed
from shared.exchange.stream.tables import KnownKeyRow
from shared.runtime.clock import unix
from shared.runtime.database.bulk import insert_many, table_of


class NoSuchKey(Conflict):
    """No key of this institution with that thumbprint waits to be confirmed; compare it with the institution again."""


@dataclass
class KnownKeys:
    """What is known of everybody's keys; the member's own and the broker's are known by other means."""

    own_id: str
    keys: dict[str, dict[str, MemberKey]] = field(default_factory=lambda: defaultdict(dict))
    met: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    async def load(cls, session: AsyncSession, own_id: str) -> "KnownKeys":
        """Load all known keys."""
        known = cls(own_id)
        for row in await session.scalars(select(KnownKeyRow)):
            known.keys[row.iss][row.kid] = MemberKey.from_json(json.loads(row.jwk))
            known.met[row.iss] = min(row.at, known.met.get(row.iss, row.at))
        return known

    def new_in(self, directory: Directory) -> list[tuple[str, MemberKey, str]]:
        """Return what a directory brings that may be believed: institution, key, and why."""
        found: list[tuple[str, MemberKey, str]] = []
        for member in self._others(directory):
            known = self._latest(member)
            if not known:
                found += [(member.id, key, "first") for key in member.keys]
            else:
                introduced = followed(known, member.keys, iss=member.id, federation=directory.federation)
                found += [(member.id, key, "introduced") for key in introduced.values()]
        return found

    def held_back(self, directory: Directory) -> set[tuple[str, str]]:
        """Return the listed keys that nobody known introduced, by institution and thumbprint."""
        new = {(iss, key.key.kid) for iss, key, _ in self.new_in(directory)}
        listed = {(member.id, key.key.kid) for member in self._others(directory) for key in member.keys}
        return {at for at in listed - new if at[1] not in self.keys.get(at[0], {})}

    async def learn(self, session: AsyncSession, directories: Sequence[Directory], now: datetime) -> None:
        """Keep what directories bring, one after another, and say aloud what is held back."""
        for directory in directories:
            rows = []
            for iss, key, how in self.new_in(directory):
                self.keys[iss][key.key.kid] = key
                self.met.setdefault(iss, now)
                rows.append(_row(iss, key, how, now))
            await insert_many(session, table_of(KnownKeyRow), rows, conflict="ON CONFLICT DO NOTHING")
        for iss, kid in sorted(self.held_back(directories[-1])):
            structlog.get_logger().error("key held back until it is confirmed", iss=iss, kid=kid)

    def may_be_former(self, iss: str, key: MemberKey, federation: str) -> bool:
        """Tell whether a key that is listed no longer may be believed: known, introduced, or ended before we met."""
        if followed(self.keys[iss].values(), [key], iss=iss, federation=federation):
            return True
        met = self.met.get(iss)
        return (
            iss in (BROKER, self.own_id) or key.key.kid in self.keys[iss] or met is None or key.valid_until < unix(met)
        )

    def _latest(self, member: Member) -> list[MemberKey]:
        """Return the known keys of a member as the directory has them now, which may say that one is compromised."""
        listed = {key.key.kid: key for key in member.keys}
        return [listed.get(kid, key) for kid, key in self.keys.get(member.id, {}).items()]

    def _others(self, directory: Directory) -> Iterable[Member]:
        return (one for one in directory.members.values() if one.id not in (BROKER, self.own_id))


async def confirm(session: AsyncSession, directory: Directory, iss: str, kid: str, now: datetime) -> None:
    """Believe a key that is held back: an official compared the thumbprint by another channel.

    :raises NoSuchKey: no such key is held back.
    """
    member = directory.members.get(iss)
    key = next((key for key in member.keys if key.key.kid == kid), None) if member else None
    if key is None or (iss, kid) not in directory.held_back:
        raise NoSuchKey(field="thumbprint")
    await insert_many(
        session, table_of(KnownKeyRow), [_row(iss, key, "confirmed", now)], conflict="ON CONFLICT DO NOTHING"
    )


async def note_known(session: AsyncSession, iss: str, key: MemberKey, how: str, now: datetime) -> None:
    """Keep a key as known, or what is said anew of one that is."""
    row = await session.get(KnownKeyRow, (iss, key.key.kid))
    if row is None:
        await insert_many(session, table_of(KnownKeyRow), [_row(iss, key, how, now)], conflict="ON CONFLICT DO NOTHING")
    else:
        row.jwk, row.how = json.dumps(key.to_json()), how


async def note_distrust(session: AsyncSession, iss: str, kid: str, since: int) -> None:
    """Note that what came under a key since a moment (Unix seconds) was set aside."""
    at = (KnownKeyRow.iss == iss, KnownKeyRow.kid == kid)
    await session.execute(update(KnownKeyRow).where(*at).values(distrusted_since=since))


async def to_distrust(session: AsyncSession, directory: Directory) -> list[tuple[str, MemberKey]]:
    """Return the keys of which the directory says that they are compromised, and that were not followed yet."""
    done = {(row.iss, row.kid): row.distrusted_since for row in await session.scalars(select(KnownKeyRow))}
    found = []
    for member in directory.members.values():
        for key in member.keys:
            before = done.get((member.id, key.key.kid))
            since = key.compromised_since
            if since is not None and (member.id, key.key.kid) in done and (before is None or since < before):
                found.append((member.id, key))
    return found


def _row(iss: str, key: MemberKey, how: str, now: datetime) -> dict[str, object]:
    named = {"iss": iss, "kid": key.key.kid, "jwk": json.dumps(key.to_json())}
    return named | {"how": how, "at": now, "distrusted_since": None}
