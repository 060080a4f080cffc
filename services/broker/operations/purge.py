"""What was said of a person goes at the broker some days after its author stopped sharing that person.

The entries stay as hashes, ``"by": "retention"``, so that every chain still holds; a case of the degressive benefit
keeps all that was said of its person until its own term is over (WIRE.md, section 5.5).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Text, and_, delete, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.operations.relay.batch import Batch, Person
from services.broker.tables import AttributeRow, CaseRow, EnrolmentRow, MembershipRow
from shared.domain.erasure import term
from shared.domain.institutions import BROKER
from shared.exchange.history.forget import forget_author
from shared.exchange.history.pairs import forget_pairs
from shared.exchange.stream.erase import erase_all
from shared.exchange.stream.tables import SetRow

AT_ONCE = 100


async def purge_once(broker: Broker) -> int:
    """Purge what members that left had said, of some people at a time; return of how many memberships."""
    due = _due(broker.now)
    async with broker.db.read() as session:
        tokens = set(await session.scalars(select(MembershipRow.token).where(*due).distinct().limit(AT_ONCE)))
    if not tokens:
        return 0
    purged, named = 0, defaultdict[str, list[bytes]](list)
    async with broker.db.write() as session:
        batch = Batch(broker, session, broker.now)
        await batch.load(tokens)
        for token in sorted(tokens):
            left = list(await session.scalars(select(MembershipRow).where(MembershipRow.token == token, *due)))
            for membership in left:
                named[membership.institution] += await _said(session, token, membership.institution, [membership])
                await _forget_author(session, batch.people[token], membership)
                membership.purged_at = broker.now
            if not batch.people[token].members:
                named[BROKER] += await _said(session, token, BROKER, left)
            purged += len(left)
        await erase_all(session, named, state="purged")
    return purged


def _due(now: datetime) -> Sequence[ColumnElement[bool]]:
    today = now.date()
    oldest = datetime.combine(term("parted", today).began(today), time(), now.tzinfo)
    return (
        MembershipRow.present.is_(False),
        MembershipRow.purged_at.is_(None),
        MembershipRow.left_at < oldest,
        ~_held(term("benefit_case", today).began(today), now),
    )


def _held(oldest: date, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a case keeps what was said of a person, under any token that it has had."""
    ended = or_(
        CaseRow.ends_on >= oldest,
        and_(CaseRow.ends_on.is_(None), CaseRow.assessed_at >= datetime.combine(oldest, time(), now.tzinfo)),
    )
    of_person = type_coerce(CaseRow.tokens, Text).contains(MembershipRow.token)
    return select(CaseRow.id).where(of_person, ended).exists()


async def _forget_author(session: AsyncSession, person: Person, membership: MembershipRow) -> None:
    token, iss = membership.token, membership.institution
    await forget_author(session, token, iss, count_too=False)
    await forget_pairs(session, token)
    await session.execute(delete(AttributeRow).where(AttributeRow.token == token, AttributeRow.iss == iss))
    if not person.is_enrolled(iss):
        gone = (EnrolmentRow.token == token, EnrolmentRow.institution == iss)
        await session.execute(delete(EnrolmentRow).where(*gone))


async def _said(session: AsyncSession, token: str, iss: str, left: Sequence[MembershipRow]) -> Sequence[bytes]:
    """Return the hashes of what an author said of a person until the last of these left; what it said since stays."""
    until = max((row.left_at for row in left if row.left_at is not None), default=None)
    if until is None:
        return ()
    said = select(SetRow.hash).where(SetRow.token == token, SetRow.iss == iss, SetRow.stored_at <= until)
    return list(await session.scalars(said))
