"""Duplicates (*dublowanie wsparcia*): told when two members give forms of one class on the same days.

Worked out anew from what stands after each change, so the order of arrival does not matter: a pair is told once, again
when its days or codes change, and a last time when it is no duplicate any more. Nothing is blocked.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from typing import Any

from sqlalchemy import Text, delete, select, type_coerce

from services.broker.operations.relay.batch import Batch, Person
from services.broker.tables import DuplicateRow
from shared.domain.duplicates import MOST_PAIRS, Duplicate, Given, duplicates, duplicates_with
from shared.domain.events import schema
from shared.domain.events.payloads.broker import Duplicated
from shared.domain.period import Period
from shared.exchange.history.known import RECORDS
from shared.runtime.database.columns import canonical_json
from shared.runtime.database.engine import connection_of

TOLD = "support_form.duplicated.v1"


async def tell_duplicates(batch: Batch) -> None:
    """Tell what duplicates came, changed and ended by a batch that is written."""
    await _tell_of_some(batch)
    if tokens := sorted(batch.given_anew):
        given, known = await _given(batch, tokens), await _known(batch, tokens)
        for token in tokens:
            found = duplicates(given[token])
            await _tell(batch, batch.people[token], found, known[token])
    await batch.session.flush()


async def _tell_of_some(batch: Batch) -> None:
    """Look at the forms alone that a batch changed: what others of the same office there are makes no pair with them.

    Of whom more pairs are known than are told, all is looked at anew; so it is where a batch is of several authors.
    """
    changed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in batch.forms:
        if row["token"] not in batch.given_anew:
            changed[row["token"]].append(row)
    if not changed:
        return
    tokens, authors = sorted(changed), {row["iss"] for rows in changed.values() for row in rows}
    if len(authors) > 1:
        batch.given_anew |= changed.keys()
        return
    others, known = await _given(batch, tokens, but=authors), await _known(batch, tokens)
    for token in tokens:
        names = {row["key"] for row in changed[token]}
        standing = [_form(**row) for row in changed[token] if not row["dropped"]]
        found = duplicates_with(standing, others[token])
        of_them = {pair: text for pair, text in known[token].items() if any(name in text for name in names)}
        if len(known[token]) - len(of_them) + len(found) > MOST_PAIRS:
            batch.given_anew.add(token)
        else:
            await _tell(batch, batch.people[token], found, of_them)


async def _given(batch: Batch, tokens: Sequence[str], *, but: Set[str] = frozenset()) -> Mapping[str, list[Given]]:
    """Return the forms that present members told, by person; those of some authors are left out."""
    members = {name for token in tokens for name in batch.people[token].members}
    query = select(RECORDS.c.token, RECORDS.c.iss, RECORDS.c.key, RECORDS.c.payload).where(
        RECORDS.c.token.in_(tokens),
        RECORDS.c.iss.in_(sorted(members - but)),
        RECORDS.c.record == "support_form",
        RECORDS.c.dropped.is_(False),
    )
    found: dict[str, list[Given]] = defaultdict(list)
    present = {token: batch.people[token].members for token in tokens}
    for row in await (await connection_of(batch.session)).execute(query):
        if row.iss in present[row.token]:
            found[row.token].append(_form(**row._mapping))
    return found


async def _known(batch: Batch, tokens: Sequence[str]) -> Mapping[str, dict[str, str]]:
    """Return the pairs that were told of each person, as they were told: the canonical text, which few need to read."""
    told = type_coerce(DuplicateRow.payload, Text)
    query = select(DuplicateRow.token, DuplicateRow.id, told.label("told")).where(DuplicateRow.token.in_(tokens))
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for row in await batch.session.execute(query):
        known[row.token][row.id] = row.told
    return known


async def _tell(batch: Batch, person: Person, found: Iterable[Duplicate], known: Mapping[str, str]) -> None:
    pairs = {one.id: _payload(one) for one in found}
    newcomers = batch.newcomers.get(person.token, set()) & person.members
    for pair, payload in sorted(pairs.items()):
        written = schema.write(payload)
        if known.get(pair) == canonical_json(written):
            _say(batch, person, payload, newcomers)
            continue
        _say(batch, person, payload, person.members)
        await batch.session.merge(DuplicateRow(token=person.token, id=pair, payload=written))
    for pair, told in sorted(known.items()):
        if pair not in pairs:
            ended = schema.read(Duplicated, json.loads(told) | {"ended": True})
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


def _form(*, iss: str, key: str, payload: Mapping[str, Any], **_: object) -> Given:
    return Given(iss, key, payload["code"], _days(payload))


def _days(payload: Mapping[str, Any]) -> Period:
    until = payload.get("until")
    return Period(date.fromisoformat(payload["from"]), date.fromisoformat(until) if until else None)
