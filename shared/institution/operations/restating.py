"""Restating: when a member joins, the office tells all it has on the client, in parts that each fit a SET.

The same event serves first match, late match, re-match, repair and restore (WIRE.md, section 5). It replaces all that
was told before, so what the office disclosed and lost with its file is told again as it stood.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from shared.domain.events import schema
from shared.domain.events.payloads.people import Restated
from shared.domain.events.types import event_type
from shared.exchange.history.tables import SharedRecordRow
from shared.institution.operations import employments, lost
from shared.institution.operations.client_records import all_of_client
from shared.institution.operations.contests import REGISTRATION, states
from shared.institution.operations.restricted import tells
from shared.institution.operations.work import Work
from shared.institution.tables import ChangeRow, ClientRow

PART_BYTES = 40_000
"""JSON of one part at most: base64 makes it a third longer, and a SET holds 64 KiB."""


Told = list[tuple[str, str, Any]]
"""Records as events: the id of the row, type and payload."""


async def restate(work: Work, client: ClientRow) -> None:
    """Tell all disclosed records of a client, and to the broker alone what it alone may know.

    Of a contested client that waits, the broker alone is told the registrations, and nobody anything else.
    """
    told, aside = await _records(work, client)
    records_ = [{"type": name, "payload": schema.write(payload)} for _, name, payload in told]
    gone = await lost.disclosed(work.session, work.node, client)
    if states(client, work.node.id):
        gone = [row for row in gone if row.record == REGISTRATION]
    parts = list(_parts([*records_, *({"type": row.type, "payload": row.payload} for row in gone)])) or [[]]
    restatement_id = work.node.ids.uuid7()
    for number, part in enumerate(parts, 1):
        payload = Restated(
            generation=client.generation,
            restatement_id=restatement_id,
            part=number,
            parts=len(parts),
            complete=True,
            records=tuple(part),
        )
        work.tell("record.restated.v1", client.token, payload)
    for _, name, payload in aside:
        work.tell(name, client.token, payload)


async def tell_since(work: Work, client: ClientRow, changes: int) -> None:
    """Tell what an office that was restored wrote of a client before it learnt once more that the client is shared.

    :param changes: how far the change feed went when the office took back what it had told before.
    """
    later = select(ChangeRow.record_id).where(ChangeRow.client_id == client.id, ChangeRow.number > changes)
    changed = set(await work.session.scalars(later))
    own = (SharedRecordRow.token == client.token, SharedRecordRow.iss == work.node.id)
    rows = await work.session.execute(select(SharedRecordRow.record, SharedRecordRow.key).where(*own))
    said = {(row.record, row.key) for row in rows}
    told, aside = await _records(work, client)
    for row_id, name, payload in told:
        type_ = event_type(name)
        if row_id in changed or (type_.record, type_.key_of(payload)) not in said:
            work.tell(name, client.token, payload)
    for row_id, name, payload in aside:
        if row_id in changed:
            work.tell(name, client.token, payload)


async def _records(work: Work, client: ClientRow) -> tuple[Told, Told]:
    """Return what the members are told of a client, and what the broker alone is."""
    told: Told = []
    aside: Told = []
    kinds = [kind for kind in work.node.institution.kinds_told if tells(client, work.node.id, kind.record)]
    for kind, row in await all_of_client(work.session, kinds, client.id) if kinds else []:
        payload = kind.leaving(work.node.disclosure, row)
        if payload is None or (not kind.restated and row.state != "open"):
            continue
        (told if kind.restated else aside).append((row.id, kind.opened, payload))
    jobs = await employments.of_client(work.session, client.id) if tells(client, work.node.id) else []
    events = await employments.events_of(work.session, [job.id for job in jobs])
    for job in jobs:
        told += [(job.id, *employments.wire_event(job, event)) for event in events[job.id]]
    return told, aside


def _parts(told: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    size = 0
    for record in told:
        length = len(json.dumps(record))
        if part and size + length > PART_BYTES:
            yield part
            part, size = [], 0
        part.append(record)
        size += length
    if part:
        yield part
