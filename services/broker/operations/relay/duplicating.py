"""Duplicates (*dublowanie wsparcia*): told when two members give forms of one class on the same days.

Worked out anew from what stands after each change, so the order of arrival does not matter: a pair is told once, again
when its days or codes change, and a last time when it is no duplicate any more. Nothing is blocked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from services.broker.operations.relay.batch import Batch, Person
from services.broker.tables import DuplicateRow
from shared.domain.duplicates import Duplicate, Given, duplicates
from shared.domain.events import schema
from shared.domain.events.payloads.broker import Duplicated
from shared.domain.period import Period
from shared.exchange.history.tables import SharedRecordRow

TOLD = "support_form.duplicated.v1"


async def tell_duplicates(batch: Batch) -> None:
    """Tell what duplicates came, changed and ended by a batch that is written."""
    if tokens := sorted(batch.given_anew):
        given = await _given(batch, tokens)
        known: dict[str, dict[str, DuplicateRow]] = defaultdict(dict)
        for row in await batch.session.scalars(select(DuplicateRow).where(DuplicateRow.token.in_(tokens))):
            known[row.token][row.id] = row
        for token in tokens:
            await _tell(batch, batch.people[token], given.get(token, ()), known[token])
        await batch.session.flush()


async def _given(batch: Batch, tokens: list[str]) -> Mapping[str, list[Given]]:
    """Return the forms that present members told, by person."""
    query = select(SharedRecordRow.token, SharedRecordRow.iss, SharedRecordRow.key, SharedRecordRow.payload).where(
        SharedRecordRow.token.in_(tokens), SharedRecordRow.record == "support_form", SharedRecordRow.dropped.is_(False)
    )
    found: dict[str, list[Given]] = defaultdict(list)
    for token, iss, key, payload in await batch.session.execute(query):
        if iss in batch.people[token].members:
            found[token].append(Given(iss, key, payload["code"], _days(payload)))
    return found


async def _tell(batch: Batch, person: Person, given: Iterable[Given], known: Mapping[str, DuplicateRow]) -> None:
    found = {one.id: _payload(one) for one in duplicates(given)}
    newcomers = batch.newcomers.get(person.token, set()) & person.members
    for pair, payload in sorted(found.items()):
        written, row = schema.write(payload), known.get(pair)
        if row is not None and row.payload == written:
            _say(batch, person, payload, newcomers)
            continue
        _say(batch, person, payload, person.members)
        await batch.session.merge(DuplicateRow(token=person.token, id=pair, payload=written))
    for pair, row in sorted(known.items()):
        if pair not in found:
            ended = schema.read(Duplicated, row.payload | {"ended": True})
            _say(batch, person, ended, person.members - newcomers)  # who joins was never told that there was one
            await batch.session.execute(
                delete(DuplicateRow).where(DuplicateRow.token == person.token, DuplicateRow.id == pair)
            )


def _say(batch: Batch, person: Person, payload: Duplicated, to: Set[str]) -> None:
    if to:
        batch.say(TOLD, person.token, payload, to)


def _payload(found: Duplicate) -> Duplicated:
    return Duplicated(
        duplicate_id=found.id,
        first_iss=found.first.iss,
        first_form=found.first.form_id,
        first_code=found.first.code,
        second_iss=found.second.iss,
        second_form=found.second.form_id,
        second_code=found.second.code,
        from_=found.days.start,
        until=found.days.end,
    )


def _days(payload: Mapping[str, Any]) -> Period:
    until = payload.get("until")
    return Period(date.fromisoformat(payload["from"]), date.fromisoformat(until) if until else None)
