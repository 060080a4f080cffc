"""What an office knows of a client before a case is made: its own records, and what other members told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.assemble import Told
from shared.domain.benefit.entered import Entered
from shared.domain.conditions import Facts
from shared.domain.institutions import BROKER, kind_of
from shared.domain.last_case import LastCase
from shared.exchange.stream.heads import find_head
from shared.institution.kinds import plain_benefit
from shared.institution.models.benefit import MergedMember
from shared.institution.node import Node
from shared.institution.operations import clients, employments
from shared.institution.operations.benefit.beside import kept_beside
from shared.institution.operations.benefit.books import case_file, newest
from shared.institution.operations.benefit.recomputed import recomputed
from shared.institution.operations.client_records import all_of_client
from shared.institution.operations.membership import arm_of, labour_offices, membership_kind
from shared.institution.operations.merged import members_told, told
from shared.institution.tables import BenefitRow, ClientRow, RecordRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """``last`` is the newest case of the client, if there was one; ``as_of`` when the mailbox last brought news.

    ``kept`` is what the office recorded to stand beside a schedule.
    """

    client: ClientRow
    joint: bool
    facts: Facts
    members: Sequence[MergedMember]
    last: LastCase | None
    as_of: datetime | None
    kept: Entered

    @property
    def based_on(self) -> str:
        """Say whose records these are: of a joint client all members', else this office's own."""
        return "merged_view" if self.joint else "own_records"


async def known(session: AsyncSession, node: Node, client: ClientRow) -> Known:
    """Return what the office knows of a client; of one that is not joint, its own records alone."""
    joint = clients.is_joint(client, node.id)
    mailbox = await find_head(session, BROKER, node.id)
    return Known(
        client=client,
        joint=joint,
        facts=await _facts(session, node, client, joint=joint),
        members=await members_told(session, node, client) if joint else [],
        last=await last_case(session, node, client),
        as_of=mailbox.moved_at if mailbox and mailbox.position else None,
        kept=await kept_beside(session, node, client.id),
    )


async def _facts(session: AsyncSession, node: Node, client: ClientRow, *, joint: bool) -> Facts:
    own = [*_payloads(node, await _own(session, node, client)), *await _jobs(session, client)]
    own_told = [Told(node.id, payload) for payload in own]
    others = [one for one in await told(session, client) if one.iss != node.id] if joint else []
    members: Sequence[str] = client.members if joint else []
    arm = await arm_of(session, node, client.id)
    labour = await labour_offices(session, node, client, [*own_told, *others]) if joint else []
    return Facts(
        members=members,
        lead=next(iter(labour), node.id),
        told=[*own_told, *others],
        arm=arm,
        knows_arm=membership_kind(node) is not None,
        knows_days=joint or kind_of(node.id) == "pup",
    )


async def last_case(session: AsyncSession, node: Node, client: ClientRow) -> LastCase | None:
    """Return the newest case of a client, if there was one."""
    latest = await newest(session, client.id)
    if latest is None:
        return None
    own = await recomputed(session, node, client, latest)
    case = await case_file(session, latest.case_id)
    return LastCase(
        months=[month["month"] for month in latest.months],
        assembled=own.assembled if own else None,
        course=case.course,
    )


async def _own(session: AsyncSession, node: Node, client: ClientRow) -> list[tuple[str, RecordRow]]:
    rows = await all_of_client(session, node.institution.kinds_told, client.id)
    return [(kind.name, row) for kind, row in rows]


def _payloads(node: Node, own: Sequence[tuple[str, RecordRow]]) -> list[Any]:
    """Return the payloads of own records that may enter a case; own benefits under their own codes."""
    restated = {kind.name: kind for kind in node.institution.kinds_told if kind.restated}
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
