"""One parameter for many texts: the same rows as ``IN``, on both databases."""

import pytest
from sqlalchemy import select

from shared.institution.tables import ExternalIdRow
from shared.runtime.database.bulk import among, insert_many, table_of
from shared.runtime.database.engine import Database
from tests.conftest import MakeDatabase


@pytest.mark.parametrize("wanted", [set(), {"b"}, {"a", "c", "ż\"'{},", "z"}])
async def test_rows_are_found_by_any_of_many_texts(make_database: MakeDatabase, wanted: set[str]) -> None:
    database = Database(make_database("pup"))
    table, names = table_of(ExternalIdRow), ["a", "b", "c", "ż\"'{},"]
    async with database.write() as session:
        rows = [{"system": "s", "kind": "k", "external_id": name, "record_id": name} for name in names]
        await insert_many(session, table, rows)
    async with database.read() as session:
        condition = among(table.c.external_id, wanted, sqlite=database.is_sqlite)
        found = set(await session.scalars(select(table.c.external_id).where(condition)))
    await database.close()
    assert found == wanted & set(names)
