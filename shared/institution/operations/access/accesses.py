"""The access log (*dziennik dostępu*): every read of a person is written down before its answer goes out.

A row says who (the token's pseudonym), in which role, for which purpose, on which legal basis, in which case, when, and
what was read by its kind and id: never a value. What the call does not state is the client's own: the basis and the
case under which the office keeps the person. A read whose row cannot be written is not answered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import String, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.institution.tables import AccessPersonRow, AccessRow, ClientRow
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.engine import connection_of

LIST = "list"
AT_ONCE = 500

_CASE = AccessPersonRow.case_number.type
_PERSONS = insert(AccessPersonRow).from_select(
    ["client_id", "access_id", "basis", "case_number"],
    select(
        ClientRow.id,
        bindparam("of_access", type_=String(36)),
        func.coalesce(bindparam("of_basis", type_=String(32)), ClientRow.basis),
        func.coalesce(bindparam("of_case", type_=_CASE), ClientRow.case_number, type_=_CASE),
    ).where(ClientRow.id.in_(bindparam("of_clients", expanding=True))),
)
"""The persons of a request at once: what it does not state is taken from each client, in the database."""


@dataclass(kw_only=True)
class Access:
    """What a request reads, while it is being answered; ``basis`` and ``case_number`` only where it states them."""

    id: str
    at: datetime
    subject: str
    role: str
    purpose: str
    operation: str
    basis: str | None = None
    case_number: str | None = None
    record: str = ""
    persons: set[str] = field(default_factory=set)

    def answered(self, given: Mapping[str, Any], answer: Any) -> None:
        """Note whom an answer is about: the client in the URL, and every client whom the answer names."""
        if isinstance(client_id := given.get("client_id"), str):
            self.persons.add(client_id)
        self.shown(answer)

    def shown(self, answer: Any) -> None:
        """Note every client whom a body names."""
        named = set(_named(answer))
        self.persons |= named
        if named and not self.record:
            record = _member(answer, "id")
            self.record = record if isinstance(record, str) else LIST if _is_list(answer) else ""


async def write(session: AsyncSession, access: Access) -> None:
    """Write down what a request reads, in the transaction of the session; nothing where it read nobody.

    One insert for the request, and one for each 500 of its persons.
    """
    if not access.persons:
        return
    await session.flush()  # a client who was registered just now
    row = {
        "id": access.id,
        "at": access.at,
        "subject": access.subject,
        "role": access.role,
        "purpose": access.purpose,
        "operation": access.operation,
        "record": access.record,
        "persons": len(access.persons),
    }
    await insert_many(session, table_of(AccessRow), [row])
    stated = {"of_access": access.id, "of_basis": access.basis, "of_case": access.case_number}
    connection = await connection_of(session)
    persons = sorted(access.persons)
    for first in range(0, len(persons), AT_ONCE):
        await connection.execute(_PERSONS, stated | {"of_clients": persons[first : first + AT_ONCE]})


def _named(body: Any) -> Iterator[str]:
    """Go through a body down to the first member that names a client; a client itself is named by its id."""
    if isinstance(body, list | tuple):
        for item in body:
            yield from _named(item)
    elif isinstance(body, BaseModel | dict):
        client_id = _member(body, "id") if _member(body, "pesel") else _member(body, "client_id")
        if isinstance(client_id, str):
            yield client_id
        else:
            yield from _named([value for value in _values(body) if isinstance(value, list | tuple | dict | BaseModel)])


def _is_list(body: Any) -> bool:
    return not isinstance(body, BaseModel | dict) or any(isinstance(value, list) for value in _values(body))


def _values(body: BaseModel | dict[str, Any]) -> Iterator[Any]:
    yield from (body if isinstance(body, dict) else vars(body)).values()


def _member(body: Any, name: str) -> Any:
    return body.get(name) if isinstance(body, dict) else getattr(body, name, None)
