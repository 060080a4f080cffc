"""The other offices of a joint client and how to reach them; and who looks after the client here."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.institution.models.exchanged import Desk, InCharge, OtherOffice
from shared.institution.node import Node
from shared.institution.tables import ClientRow, SubstituteRow, WorkerRow


def others(members: Iterable[str], node: Node) -> list[OtherOffice]:
    """Return the other offices among the members of a client, by id, with their desks as the directory has them."""
    known = node.client.directory.members if node.client.directory else {}
    found = []
    for name in sorted(set(members) - {node.id}):
        member = known.get(name)
        desks = [Desk(code=one.code, phone=one.phone, email=one.email) for one in member.desks] if member else []
        contact = member.contact if member else ""
        found.append(OtherOffice(id=name, name=member.name if member else name, contact=contact, desks=desks))
    return found


async def in_charge(session: AsyncSession, client_id: str, on: date) -> InCharge:
    """Return who looks after a client on a day, and who stands in."""
    worker = await session.scalar(select(WorkerRow.worker).where(WorkerRow.client_id == client_id, *_on(WorkerRow, on)))
    stands_in = select(SubstituteRow.worker).where(SubstituteRow.client_id == client_id, *_on(SubstituteRow, on))
    substitute = await session.scalar(stands_in)
    return InCharge(worker=worker, substitute=substitute, today=substitute or worker)


def looked_after_by(worker: str, on: date) -> ColumnElement[bool]:
    """Return the condition that a client is looked after by an official on a day, as worker or as substitute."""
    assigned = select(WorkerRow.client_id).where(WorkerRow.worker == worker, *_on(WorkerRow, on))
    standing_in = select(SubstituteRow.client_id).where(SubstituteRow.worker == worker, *_on(SubstituteRow, on))
    return ClientRow.id.in_(assigned.union_all(standing_in))


def _on(row: type[WorkerRow] | type[SubstituteRow], on: date) -> tuple[ColumnElement[bool], ...]:
    return (row.state != "voided", row.from_ <= on, row.until.is_(None) | (row.until >= on))
