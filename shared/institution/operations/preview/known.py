"""What an office knows of a client whose job is looked at ahead: its own records, and what other members told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.assemble import Told
from shared.domain.benefit.entered import Entered
from shared.domain.institutions import BROKER
from shared.exchange.stream.heads import find_head
from shared.institution.kinds import plain_benefit
from shared.institution.models.benefit import MergedMember
from shared.institution.node import Node
from shared.institution.operations import clients, employments, records
from shared.institution.operations.beside import kept_beside
from shared.institution.operations.decisions import arm_of, membership_kind
from shared.institution.operations.merged import members_told, told
from shared.institution.tables import BenefitRow, ClientRow, RecordRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """``knows_arm``: the office is of the kind that holds memberships of the programme.

    ``kept`` is what the office recorded to stand beside a schedule.
    """

    client: ClientRow
    joint: bool
    told: Sequence[Told]
    members: Sequence[MergedMember]
    arm: str | None
    knows_arm: bool
    as_of: datetime | None
    kept: Entered


async def known(session: AsyncSession, node: Node, client_id: str) -> Known:
    """Return what the office knows of a client; of one that is not joint, its own records alone.

    :raises NotFound: no such client.
    :raises ClientWithdrawn: the client was withdrawn.
    """
    client = clients.require_active(await clients.get(session, client_id))
    joint = clients.is_joint(client, node.id)
    own = await _own(session, node, client)
    others = [one for one in await told(session, client) if one.iss != node.id] if joint else []
    payloads = [*_payloads(node, own), *await _jobs(session, client)]
    mailbox = await find_head(session, BROKER, node.id)
    return Known(
        client=client,
        joint=joint,
        told=[*(Told(node.id, payload) for payload in payloads), *others],
        members=await members_told(session, node, client) if joint else [],
        arm=await arm_of(session, node, client_id),
        knows_arm=membership_kind(node) is not None,
        as_of=mailbox.moved_at if mailbox and mailbox.position else None,
        kept=await kept_beside(session, node, client.id),
    )


async def _own(session: AsyncSession, node: Node, client: ClientRow) -> list[tuple[str, RecordRow]]:
    told = [kind for kind in node.institution.kinds if kind.opened is not None]
    return [(kind.name, row) for kind in told for row in await records.of_client(session, kind, client.id)]


def _payloads(node: Node, own: Sequence[tuple[str, RecordRow]]) -> list[Any]:
    """Return the payloads of own records that may enter a case; own benefits under their own codes."""
    restated = {kind.name: kind for kind in node.institution.kinds if kind.restated}
    found = [
        plain_benefit(row) if isinstance(row, BenefitRow) else restated[name].disclosed(row)
        for name, row in own
        if name in restated
    ]
    return [payload for payload in found if payload is not None]


async def _jobs(session: AsyncSession, client: ClientRow) -> list[Any]:
    jobs = await employments.of_client(session, client.id)
    events = await employments.events_of(session, [job.id for job in jobs])
    return [employments.wire_event(job, event)[1] for job in jobs for event in events[job.id]]
