"""The merged view (*wspólna historia*): the office's own records beside what other offices told; works offline."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain import catalogue
from shared.domain.assemble import Told
from shared.domain.events import schema
from shared.domain.events.types import event_type
from shared.domain.institutions import BROKER
from shared.exchange.history.tables import AuthorRow, HoleRow, SharedRecordRow
from shared.exchange.stream.heads import find_head
from shared.institution.kinds import RecordKind
from shared.institution.models.benefit import Frozen, MergedEntry, MergedMember, MergedView
from shared.institution.models.exchanged import Desk
from shared.institution.node import Node
from shared.institution.operations import clients, employments, lost
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.client_records import all_of_client
from shared.institution.operations.contests import place_in_contest
from shared.institution.operations.frozen import frozen_copies
from shared.institution.operations.restricted import RESTRICTION, restricted_elsewhere
from shared.institution.tables import ClientRow, RecordRow

_STARTS = ("from", "effective", "recorded_on", "made_on", "on", "accepted_on", "ended_on")


async def merged_view(session: AsyncSession, node: Node, client_id: str) -> MergedView:
    """Return one history of a client: what this office has, and what the other members told it.

    :raises NotFound: the office has no such client.
    """
    client = await clients.get(session, client_id)
    joint = clients.is_joint(client, node.id)
    entries = [*await _own(session, node, client), *(await _others(session, node, client) if joint else ())]
    entries.sort(key=lambda entry: (entry.from_, entry.iss, entry.record, entry.id))
    mailbox = await find_head(session, BROKER, node.id)
    return MergedView(
        client_id=client.id,
        joint=joint,
        contest=place_in_contest(client, node.id),
        generation=client.generation,
        members=await members_told(session, node, client) if joint else [],
        entries=entries,
        frozen=await _frozen(session, node, client),
        as_of=mailbox.moved_at if mailbox and mailbox.position else None,
    )


async def told(session: AsyncSession, client: ClientRow) -> Sequence[Told]:
    """Return what all present members, this office among them, told about a shared client."""
    query = select(SharedRecordRow).where(
        SharedRecordRow.token == client.token,
        SharedRecordRow.iss.in_(client.members),
        SharedRecordRow.dropped.is_(False),
    )
    rows = await session.scalars(query)
    return [Told(row.iss, schema.read(event_type(row.type).shape, row.payload)) for row in rows]


async def _own(session: AsyncSession, node: Node, client: ClientRow) -> list[MergedEntry]:
    rows = await all_of_client(session, node.institution.kinds_told, client.id)
    entries = [_own_entry(node, kind, row) for kind, row in rows]
    jobs = await employments.of_client(session, client.id)
    events = await employments.events_of(session, [job.id for job in jobs])
    for job in jobs:
        for event in events[job.id]:
            name, payload = employments.wire_event(job, event)
            entries.append(_entry(node.id, name, f"{job.id}:{event.recorded}", schema.write(payload)))
    gone = await lost.disclosed(session, node, client, {entry.id for entry in entries})
    return [*entries, *(_entry(node.id, row.type, row.key, row.payload) for row in gone)]


def _own_entry(node: Node, kind: RecordKind, row: RecordRow) -> MergedEntry:
    values = kind.view.model_validate(row).model_dump(mode="json", by_alias=True)
    hidden = {"id", "client_id", "version", "note", "created_at", "updated_at", "by_law", "differs"}
    payload = {name: value for name, value in values.items() if name not in hidden and value is not None}
    return _entry(node.id, kind.opened, row.id, payload)


async def _others(session: AsyncSession, node: Node, client: ClientRow) -> list[MergedEntry]:
    query = select(SharedRecordRow).where(
        SharedRecordRow.token == client.token,
        SharedRecordRow.iss.in_([member for member in client.members if member != node.id]),
        SharedRecordRow.record != RESTRICTION,
        SharedRecordRow.dropped.is_(False),
    )
    return [_entry(row.iss, row.type, row.key, row.payload) for row in await session.scalars(query)]


async def _frozen(session: AsyncSession, node: Node, client: ClientRow) -> list[Frozen]:
    """Return what offices told that share the client no longer, each with the day on which it was frozen."""
    copies = []
    for copy in await frozen_copies(session, node.id, client, office_day(node.now)):
        query = select(SharedRecordRow).where(
            SharedRecordRow.token == copy.token,
            SharedRecordRow.iss == copy.iss,
            SharedRecordRow.record != RESTRICTION,
            SharedRecordRow.dropped.is_(False),
        )
        rows = await session.scalars(query.order_by(SharedRecordRow.record, SharedRecordRow.key))
        entries = [_entry(row.iss, row.type, row.key, row.payload) for row in rows]
        copies.append(Frozen(iss=copy.iss, frozen_on=copy.frozen_on, kept_until=copy.kept_until, entries=entries))
    return copies


def _entry(iss: str, type_name: str, key: str, payload: Mapping[str, Any]) -> MergedEntry:
    code = payload.get("code")
    form = catalogue.forms().get(str(code))
    start = next((payload[name] for name in _STARTS if name in payload), None)
    until = payload.get("until")
    return MergedEntry(
        iss=iss,
        record=event_type(type_name).record or type_name.partition(".")[0],
        id=key,
        code=code,
        name_pl=form.name_pl if form else None,
        from_=date.fromisoformat(start) if start else date.min,
        until=date.fromisoformat(until) if until else None,
        payload=dict(payload),
    )


async def members_told(session: AsyncSession, node: Node, client: ClientRow) -> list[MergedMember]:
    """Return the offices that share a client: whether each has told all, and what is missing of it here."""
    authors = {a.iss: a for a in await session.scalars(select(AuthorRow).where(AuthorRow.token == client.token))}
    holes = select(HoleRow.iss, func.count()).where(HoleRow.token == client.token).group_by(HoleRow.iss)
    missing: dict[str, int] = {row[0]: row[1] for row in await session.execute(holes)}
    since = await restricted_elsewhere(session, client.token)
    return [
        _member(node, name, authors.get(name), missing.get(name, 0), since.get(name)) for name in sorted(client.members)
    ]


def _member(node: Node, name: str, author: AuthorRow | None, missing: int, since: date | None) -> MergedMember:
    known = node.client.directory.members.get(name) if node.client.directory else None
    complete = author is not None and author.baseline_n is not None and not missing
    return MergedMember(
        id=name,
        name=known.name if known else name,
        contact=known.contact if known else "",
        desks=[Desk.model_validate(desk) for desk in known.desks] if known else [],
        complete=complete or name == node.id,
        events=author.n if author else 0,
        missing=missing,
        restricted_on=since,
    )
