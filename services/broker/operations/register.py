"""Registration of institutions: it waits until the operator has compared the thumbprint by another channel."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.operations.directory import KEY_LIFE_S, publish
from services.broker.operations.replay import use_once
from services.broker.tables import InstitutionKeyRow, InstitutionRow
from shared.domain.errors import Conflict, NotFound
from shared.domain.institutions import BROKER, kind_of
from shared.exchange.member_keys import INTRODUCTION_TYPE, MemberKey, followed
from shared.exchange.registration import Registration, StatementMalformed, open_registration, read_registration
from shared.exchange.stream.heads import create_head
from shared.runtime.clock import unix

CLOCK_TOLERANCE_S = 300
MAX_PENDING, MAX_PENDING_KEYS = 500, 5
STATEMENT_WINDOW = timedelta(days=2)
"""A statement is taken for a day; its id is kept for longer."""


class ThumbprintMismatch(Conflict):
    """The thumbprint is not the one that was registered; compare it with the institution again."""


async def register(session: AsyncSession, broker: Broker, statement: str) -> tuple[InstitutionRow, str]:
    """Take a registration statement; return the institution and the thumbprint that waits for approval.

    A statement of a known id is a change of its key, never a new institution. What is stated counts once it is
    approved, so that nobody who states an id first decides what the true office is called or serves. Under the key
    that is current the office itself speaks: how it is reached, contact and desks, then counts at once.

    :raises Untrusted: the statement does not prove itself.
    :raises MatchKeyMismatch: the institution holds another match key.
    :raises Conflict: the key was used before, or too much waits for the operator already.
    """
    now = unix(broker.now)
    registration = open_registration(statement, federation=broker.identity.federation, now=now)
    broker.directory.match_keys.require_known(registration.key_fingerprint)
    await use_once(session, broker, registration.id, registration.jti, window=STATEMENT_WINDOW)
    row = await session.get(InstitutionRow, registration.id, with_for_update=True)
    if row is None:
        await _require_room(session)
        kind = kind_of(registration.id)
        row = InstitutionRow(id=registration.id, kind=kind, state="pending", registered_at=broker.now)
        _state(row, registration)
        session.add(row)
    known = await _offer_key(session, registration, statement, now)
    if known is not None and known.state == "current" and row.state == "active":
        row.contact, row.desks = registration.contact, [desk.to_json() for desk in registration.desks]
        await session.flush()
        await publish(session, broker)
    return row, registration.key.kid


async def approve(session: AsyncSession, broker: Broker, institution: str, thumbprint: str) -> InstitutionRow:
    """Approve an institution, or its new key, after the thumbprint was compared by another channel.

    :raises NotFound: nobody of that id registered.
    :raises ThumbprintMismatch: the thumbprint is not the one that waits.
    """
    row = await locked(session, institution)
    offered = await session.get(InstitutionKeyRow, thumbprint)
    if offered is None or offered.iss != institution or offered.state in ("retired", "revoked"):
        raise ThumbprintMismatch(field="thumbprint")
    if offered.state == "pending":
        _state(row, read_registration(str(offered.statement)))
        await _replace_keys(session, broker, offered)
    if row.state == "pending":
        row.state, row.approved_at = "active", broker.now
        await create_head(session, BROKER, institution, broker.ids.secret(), broker.now)
    await session.flush()
    await publish(session, broker)
    return row


async def reject(session: AsyncSession, institution: str, thumbprint: str) -> None:
    """Forget a key that waits, and the institution with it if it was never approved and nothing else of it waits.

    :raises NotFound: nobody of that id registered.
    :raises ThumbprintMismatch: no such key waits.
    """
    row = await locked(session, institution)
    offered = await session.get(InstitutionKeyRow, thumbprint)
    if offered is None or offered.iss != institution or offered.state != "pending":
        raise ThumbprintMismatch(field="thumbprint")
    await session.delete(offered)
    await session.flush()
    if row.state == "pending" and not await session.scalar(_waiting(institution)):
        await session.delete(row)


async def set_state(session: AsyncSession, broker: Broker, institution: str, state: str) -> InstitutionRow:
    """Suspend, resume (``active``) or retire an approved institution.

    :raises NotFound: nobody of that id registered.
    :raises Conflict: it was never approved, or it is retired for good.
    """
    row = await locked(session, institution)
    if row.state in ("pending", "retired"):
        raise Conflict(f"{institution} is {row.state}.", expected="active or suspended", received=row.state)
    row.state = state
    await session.flush()
    await publish(session, broker)
    return row


async def locked(session: AsyncSession, institution: str) -> InstitutionRow:
    """Return an institution, locked.

    :raises NotFound: nobody of that id registered.
    """
    row = await session.get(InstitutionRow, institution, with_for_update=True)
    if row is None or row.kind == "broker":
        raise NotFound()
    return row


def _state(row: InstitutionRow, registration: Registration) -> None:
    row.name, row.area, row.contact = registration.name, list(registration.area), registration.contact
    row.desks = [desk.to_json() for desk in registration.desks]
    row.key_fingerprint = registration.key_fingerprint


def _waiting(institution: str) -> Select[int]:
    return select(func.count()).where(InstitutionKeyRow.iss == institution, InstitutionKeyRow.state == "pending")


async def _require_room(session: AsyncSession) -> None:
    pending = select(func.count()).select_from(InstitutionRow).where(InstitutionRow.state == "pending")
    if (await session.scalar(pending) or 0) >= MAX_PENDING:
        raise Conflict("Too many institutions wait for approval; ask the operator to answer them first.")


async def _offer_key(
    session: AsyncSession, registration: Registration, statement: str, now: int
) -> InstitutionKeyRow | None:
    """Note the key of a statement; return the row of a key that was known before."""
    known = await session.get(InstitutionKeyRow, registration.key.kid)
    if known is not None:
        if known.iss != registration.id or known.state in ("retired", "revoked"):
            raise Conflict("This key was used before; make a new one.", field="jwk")
        return known
    if (await session.scalar(_waiting(registration.id)) or 0) >= MAX_PENDING_KEYS:
        raise Conflict("Too many keys of this institution wait for approval; ask the operator.")
    key = MemberKey(registration.key, now - CLOCK_TOLERANCE_S, now + KEY_LIFE_S, registration.introduction)
    if registration.introduction is not None:
        await _require_introduced(session, registration, key)
    session.add(
        InstitutionKeyRow(
            kid=registration.key.kid,
            iss=registration.id,
            jwk=key.to_json(),
            valid_from=key.valid_from,
            valid_until=key.valid_until,
            state="pending",
            statement=statement,
        )
    )
    return None


async def _require_introduced(session: AsyncSession, registration: Registration, key: MemberKey) -> None:
    """Refuse an introduction that no current key of the institution made."""
    rows = await session.scalars(_current(registration.id))
    current = [MemberKey.from_json(row.jwk) for row in rows]
    if not followed(current, [key], iss=registration.id, federation=registration.federation):
        raise StatementMalformed(
            field="introduction", expected=f"a {INTRODUCTION_TYPE} that a current key of {registration.id} signed"
        )


def _current(institution: str) -> Select[InstitutionKeyRow]:
    return select(InstitutionKeyRow).where(InstitutionKeyRow.iss == institution, InstitutionKeyRow.state == "current")


async def _replace_keys(session: AsyncSession, broker: Broker, offered: InstitutionKeyRow) -> None:
    """Make a key current; the one before stays valid for the overlap, so that nothing in flight is lost.

    An institution's first key verifies whatever it signed before anybody knew it: clients entered before approval.
    """
    ends = unix(broker.now) + broker.settings.key_overlap_days * 24 * 3600
    current = list(await session.scalars(_current(offered.iss)))
    former = select(func.count()).where(InstitutionKeyRow.iss == offered.iss, InstitutionKeyRow.state != "pending")
    if not await session.scalar(former):
        offered.valid_from = 0
        offered.jwk = offered.jwk | {"valid_from": 0}
    for key in current:
        key.valid_until = min(key.valid_until, ends)
        key.jwk = key.jwk | {"valid_until": key.valid_until}
    offered.state = "current"


async def all_institutions(session: AsyncSession) -> Sequence[InstitutionRow]:
    """Return every institution but the broker itself, by id."""
    query = select(InstitutionRow).where(InstitutionRow.id != BROKER).order_by(InstitutionRow.id)
    return list(await session.scalars(query))


async def waiting(session: AsyncSession) -> Sequence[Registration]:
    """Return the statements that wait for approval, each with the key it introduces."""
    query = select(InstitutionKeyRow).where(InstitutionKeyRow.state == "pending").order_by(InstitutionKeyRow.iss)
    return [read_registration(str(row.statement)) for row in await session.scalars(query)]
