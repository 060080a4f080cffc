"""Moving a person from the old token to the new: all that lives goes, what is over stays until it is purged.

The caller holds the locks of both tokens. Whoever left before the move is a matter of the old token: its copies are
frozen there, and the time of keeping ends them.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from services.broker.tables import (
    AttributeRow,
    CaseRow,
    DirtyRow,
    DuplicateRow,
    EnrolmentRow,
    MembershipRow,
    PersonRow,
    SuspicionRow,
)
from shared.domain.institutions import BROKER
from shared.exchange.history.moving import move_history, move_rows
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import connection_of

_ATTRIBUTES = table_of(AttributeRow)
_DIRTY = table_of(DirtyRow)
_DUPLICATES = table_of(DuplicateRow)
_ENROLMENTS = table_of(EnrolmentRow)
_MEMBERSHIPS = table_of(MembershipRow)
_SUSPICIONS = table_of(SuspicionRow)


@dataclass(frozen=True, slots=True)
class Moved:
    """Who shared the person, or was held, under either token when it moved."""

    members: frozenset[str]
    met: frozenset[str]

    @property
    def is_union(self) -> bool:
        """Tell whether two groups that did not know of each other are one now."""
        return bool(self.members and self.met)


async def move_person(session: AsyncSession, old: str, new: str) -> Moved:
    """Move everything that lives from a person's old token to the new one."""
    connection = await connection_of(session)
    moved = Moved(await _present(session, old), await _present(session, new))
    live = sorted(moved.members)
    await _move_row(session, old, new)
    active = _ENROLMENTS.c.active.is_(True)
    await move_rows(connection, _ENROLMENTS, [_ENROLMENTS.c.institution], old, new, active)
    live_one = _MEMBERSHIPS.c.present.is_(True) | _MEMBERSHIPS.c.held.is_(True)
    await move_rows(connection, _MEMBERSHIPS, [_MEMBERSHIPS.c.institution], old, new, live_one)
    pair = [_SUSPICIONS.c.pup, _SUSPICIONS.c.welfare, _SUSPICIONS.c.contest]
    await move_rows(connection, _SUSPICIONS, pair, old, new)
    said = _ATTRIBUTES.c.iss.in_(live)
    await move_rows(connection, _ATTRIBUTES, [_ATTRIBUTES.c.iss, _ATTRIBUTES.c.name], old, new, said)
    await move_rows(connection, _DUPLICATES, [_DUPLICATES.c.id], old, new)
    await _move_dirty(connection, old, new)
    await _move_cases(session, old, new)
    await move_history(session, old, new, [*live, BROKER])
    return moved


async def _present(session: AsyncSession, token: str) -> frozenset[str]:
    lives = MembershipRow.present.is_(True) | MembershipRow.held.is_(True)
    query = select(MembershipRow.institution).where(MembershipRow.token == token, lives)
    return frozenset(await session.scalars(query))


async def _move_row(session: AsyncSession, old: str, new: str) -> None:
    """Let the generations go on where the higher of the two stood, so that both groups take the next one for newer."""
    source = await session.get(PersonRow, old)
    if source is None:
        return
    target = await session.get(PersonRow, new)
    if target is None:
        target = PersonRow(token=new, generation=0, restate_generation=0, contested=False)
        session.add(target)
    target.generation = max(target.generation, source.generation)
    target.restate_generation = max(target.restate_generation, source.restate_generation)
    target.contested = target.contested or source.contested
    target.news_hash = source.news_hash or target.news_hash
    if target.programme_pup is None:
        target.programme_pup, target.programme_arm = source.programme_pup, source.programme_arm
    source.programme_pup = source.programme_arm = None
    await session.flush()


async def _move_dirty(connection: AsyncConnection, old: str, new: str) -> None:
    there = select(_DIRTY.c.token).where(_DIRTY.c.token == new)
    if (await connection.execute(there)).first():
        await connection.execute(delete(_DIRTY).where(_DIRTY.c.token == old))
    else:
        await connection.execute(update(_DIRTY).where(_DIRTY.c.token == old).values(token=new))


async def _move_cases(session: AsyncSession, old: str, new: str) -> None:
    """Let cases go on under the new token; numbers go on behind those of cases that stand there already."""
    last = await session.scalar(select(func.max(CaseRow.number)).where(CaseRow.token == new)) or 0
    query = select(CaseRow).where(CaseRow.token == old).order_by(CaseRow.number).with_for_update()
    for number, case in enumerate(list(await session.scalars(query)), last + 1):
        case.token, case.tokens, case.number = new, [*case.tokens, new], number if last else case.number
    await session.flush()


async def forget_empty(session: AsyncSession, olds: Collection[str]) -> None:
    """Forget that there were people under old tokens of whom nothing is left there."""
    left = select(MembershipRow.token).where(MembershipRow.token.in_(olds))
    kept = select(EnrolmentRow.token).where(EnrolmentRow.token.in_(olds), EnrolmentRow.active.is_(True))
    await session.execute(delete(EnrolmentRow).where(EnrolmentRow.token.in_(olds), EnrolmentRow.active.is_(False)))
    empty = (PersonRow.token.in_(olds), PersonRow.token.not_in(left), PersonRow.token.not_in(kept))
    await session.execute(delete(PersonRow).where(*empty))
