"""The access log of one client: entry by entry for auditors, day by day and role by role for the client.

Days are those of Warsaw: an office's client reads no UTC.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.access import name_of
from shared.domain.benefit.explain import Language
from shared.institution.models.access import AccessEntry, AccessStatement, TimesRead
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.tables import AccessPersonRow, AccessRow

_WARSAW = ZoneInfo("Europe/Warsaw")
_WORDS: dict[Language, dict[str, str]] = {
    "pl": {
        "title": "Wykaz odczytów danych klienta w: {name}",
        "days": "Okres: od {since} do {until}",
        "line": "{day}: {role}; cel: {purpose}; podstawa prawna: {basis}; liczba odczytów: {count}",
        "none": "W tym okresie nikt nie odczytał danych.",
        "from": "początku",
        "to": "dziś",
    },
    "en": {
        "title": "Reads of the client's data at: {name}",
        "days": "Period: from {since} until {until}",
        "line": "{day}: {role}; purpose: {purpose}; legal basis: {basis}; number of reads: {count}",
        "none": "Nobody read the data in this period.",
        "from": "the beginning",
        "to": "today",
    },
}


async def entries(
    session: AsyncSession,
    client_id: str,
    since: date | None = None,
    until: date | None = None,
    *,
    before: str = "",
    limit: int = 100,
) -> tuple[Sequence[AccessEntry], str | None]:
    """Return who read a client's data between two days, newest first, and where the next page begins.

    :raises NotFound: the office has no such client.
    """
    await clients.get(session, client_id)
    query = _of_client(select(AccessRow, AccessPersonRow.basis, AccessPersonRow.case_number), client_id, since, until)
    if before:
        query = query.where(AccessPersonRow.access_id < before)
    found = list(await session.execute(query.order_by(AccessPersonRow.access_id.desc()).limit(limit + 1)))
    shown = [_entry(*row) for row in found[:limit]]
    return shown, shown[-1].id if len(found) > limit else None


async def times_read(
    session: AsyncSession, client_id: str, since: date | None = None, until: date | None = None
) -> Sequence[TimesRead]:
    """Return how often a client's data were read, by day, role, purpose and legal basis, newest day first."""
    wanted = select(AccessRow.at, AccessRow.role, AccessRow.purpose, AccessPersonRow.basis)
    rows = await session.execute(_of_client(wanted, client_id, since, until))
    counted = Counter((office_day(at), role, purpose, basis) for at, role, purpose, basis in rows)
    return [
        TimesRead(day=day, role=role, purpose=purpose, legal_basis=basis, count=count)
        for (day, role, purpose, basis), count in sorted(counted.items(), reverse=True)
    ]


async def statement(
    session: AsyncSession, node: Node, client_id: str, since: date | None, until: date | None, language: Language
) -> AccessStatement:
    """Return what a client is told of who read the data: officials by role, never by name or pseudonym.

    :raises NotFound: the office has no such client.
    """
    await clients.get(session, client_id)
    reads = await times_read(session, client_id, since, until)
    return AccessStatement(
        client_id=client_id,
        institution=node.id,
        language=language,
        reads=list(reads),
        text=_text(name_of_member(node, node.id), reads, since, until, language),
    )


def _of_client(query: Any, client_id: str, since: date | None, until: date | None) -> Any:
    query = query.join(AccessPersonRow, AccessPersonRow.access_id == AccessRow.id)
    query = query.where(AccessPersonRow.client_id == client_id)
    if since is not None:
        query = query.where(AccessRow.at >= _begins(since))
    return query.where(AccessRow.at < _begins(until + timedelta(days=1))) if until is not None else query


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), _WARSAW).astimezone(UTC)


def office_day(moment: datetime) -> date:
    """Return the day that it is in Warsaw."""
    return moment.astimezone(_WARSAW).date()


def _entry(row: AccessRow, basis: str, case_number: str) -> AccessEntry:
    names = ("id", "at", "subject", "role", "purpose", "operation", "record", "persons")
    return AccessEntry(
        **{name: getattr(row, name) for name in names},
        legal_basis=basis,
        case_number=case_number,
    )


def name_of_member(node: Node, member: str) -> str:
    """Return the name of an institution as the directory has it, or its id while the directory has none."""
    known = node.client.directory.members.get(member) if node.client.directory else None
    return known.name if known else member


def _text(name: str, reads: Sequence[TimesRead], since: date | None, until: date | None, language: Language) -> str:
    words = _WORDS[language]
    days = words["days"].format(since=since or words["from"], until=until or words["to"])
    lines = [
        words["line"].format(
            day=one.day,
            role=name_of("role", one.role, language),
            purpose=name_of("purpose", one.purpose, language),
            basis=name_of("legal_basis", one.legal_basis, language),
            count=one.count,
        )
        for one in reads
    ]
    return "\n".join([words["title"].format(name=name), days, "", *(lines or [words["none"]])]) + "\n"
