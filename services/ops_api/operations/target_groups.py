"""Of which target groups a client is on a day, by the marks of this office and the age in the PESEL."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.ops_api.models.target_groups import HeldGroup, TargetGroups
from services.ops_api.records.target_groups import TARGET_GROUPS
from shared.domain.pesel import Pesel
from shared.domain.target_groups import Mark, groups
from shared.institution.node import Node
from shared.institution.operations import client_records, clients


async def on_day(session: AsyncSession, node: Node, client_id: str, on: date) -> TargetGroups:
    """Return the groups of a client on a day, oldest mark first.

    :raises NotFound: no such client.
    """
    client = await clients.get(session, client_id)
    born = Pesel(client.pesel).birth_date(synthetic=node.settings.synthetic_people)
    marks = await client_records.of_client(session, TARGET_GROUPS, client_id)
    return TargetGroups(client_id=client_id, on=on, groups=list(_held(marks, born, on)))


def _held(marks: Sequence[Any], born: date, on: date) -> Iterator[HeldGroup]:
    for row in marks:
        ended_on = date.fromisoformat(row.ended_on) if row.ended_on else None
        days = Mark(row.group, date.fromisoformat(row.since), ended_on).holds(born)
        if days is not None and on in days:
            group = groups()[row.group]
            yield HeldGroup(
                group=group.name,
                name_pl=group.name_pl,
                name_en=group.name_en,
                mark_id=row.id,
                from_=days.start,
                until=days.end,
            )
