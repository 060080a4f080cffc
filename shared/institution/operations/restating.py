"""Restating: when a member joins, the office tells all it has on the client, in parts that each fit a SET.

The same event serves first match, late match, re-match, repair and restore (WIRE.md, section 5). It replaces all that
was told before, so what the office disclosed and lost with its file is told again as it stood.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from shared.domain.events import schema
from shared.domain.events.payloads.people import Restated
from shared.institution.operations import employments, lost, records
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow

PART_BYTES = 40_000
"""JSON of one part at most: base64 makes it a third longer, and a SET holds 64 KiB."""


async def restate(work: Work, client: ClientRow) -> None:
    """Tell all disclosed records of a client, and to the broker alone what it alone may know."""
    told, aside = await _records(work, client)
    parts = list(_parts(told)) or [[]]
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
    for name, payload in aside:
        work.tell(name, client.token, payload)


async def _records(work: Work, client: ClientRow) -> tuple[list[dict[str, Any]], list[tuple[str, Any]]]:
    told: list[dict[str, Any]] = []
    aside: list[tuple[str, Any]] = []
    for kind in work.node.institution.kinds_told:
        for row in await records.of_client(work.session, kind, client.id):
            payload = kind.leaving(work.node.disclosure, row)
            if payload is None or (not kind.restated and row.state != "open"):
                continue
            if kind.restated:
                told.append({"type": kind.opened, "payload": schema.write(payload)})
            else:
                aside.append((kind.opened, payload))
    jobs = await employments.of_client(work.session, client.id)
    events = await employments.events_of(work.session, [job.id for job in jobs])
    for job in jobs:
        for event in events[job.id]:
            name, payload = employments.wire_event(job, event)
            told.append({"type": name, "payload": schema.write(payload)})
    told += [
        {"type": row.type, "payload": row.payload} for row in await lost.disclosed(work.session, work.node, client)
    ]
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
