"""A new key for personal data while the office works: everything is sealed anew, and the old key can go."""

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.cli import pii_keys
from shared.runtime.database import rotation
from shared.runtime.database.encryption import UnreadablePersonalData, load_pii_keys
from shared.runtime.database.engine import Database
from shared.runtime.database.key_file import add_pii_key, use_pii_key
from shared.runtime.database.rotation import RowsComeUnderAnotherKey, left_under, rotate, to_do
from tests.builders import Federation, Office, new_client, pesel
from tests.cli.command import zwornik
from tests.conftest import MakeDatabase
from tests.federation.test_every_read_is_logged import NEEDS_ANOTHER_OFFICE, example_of
from tests.institution.imports.files import FORMS, forms, osoba, send
from tests.institution.imports.files import text as file_text


async def full(office: Office) -> str:
    """Give an office records of each kind, an import that is done and one that waits; return a client."""
    made: dict[str, str] = {}
    owner: dict[str, str] = {}
    numbers = iter(range(2, 100))
    first = await office.enrol(1)
    for kind in office.node.institution.kinds:
        if kind.name in NEEDS_ANOTHER_OFFICE:
            continue
        client = owner[kind.parent.name] if kind.parent else await office.enrol(next(numbers))
        body = example_of(office, kind, made) | {"note": "Tajna uwaga"}
        made[kind.name] = (await office.post(f"/v1/clients/{client}/{kind.path}", body))["id"]
        owner[kind.name] = client
    job = {"effective": "2026-03-16", "net_gr": 1, "employer": "Jedyna Firma"}
    await office.post(f"/v1/clients/{first}/employments", job, headers={"Idempotency-Key": "once"})
    if office.id.startswith("ops"):
        await forms(office, osoba(200), osoba(200, NAZWISKO="Inna"))
        await send(office, file_text(FORMS, [osoba(number) for number in range(300, 310)]).encode(), "formy-wsparcia")
    return first


async def under(office: Office, key: str) -> dict[str, int]:
    """How many values of every column of every table begin as those under a key do, whatever we think of the column."""
    found: dict[str, int] = {}
    async with office.node.db.read() as session:
        for table, column in await session.run_sync(_columns):
            for (value,) in await session.execute(text(f'SELECT "{column}" FROM "{table}"')):  # noqa: S608
                raw = value.encode() if isinstance(value, str) else value
                if isinstance(raw, bytes) and raw.startswith(f"{key}.".encode()):
                    found[f"{table}.{column}"] = found.get(f"{table}.{column}", 0) + 1
    return found


def _columns(session: Any) -> list[tuple[str, str]]:
    from sqlalchemy import inspect

    seen = inspect(session.connection())
    return [(table, column["name"]) for table in seen.get_table_names() for column in seen.get_columns(table)]


def beside(office: Office) -> Database:
    """The database as another process opens it."""
    settings = office.node.settings
    return Database(settings.database_url, pii_keys=load_pii_keys(settings.pii_keys_file), synchronous="NORMAL")


async def nothing() -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("office_id", ["ops-2478011", pytest.param("pup-2478", marks=pytest.mark.long)])
async def test_all_rows_are_sealed_anew_while_people_read_and_write(
    make_database: MakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, office_id: str
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    async with Federation(tmp_path / "nodes", make_database) as federation:
        office = await federation.make_office(office_id)
        client = await full(office)
        before = await under(office, "k1")
        tables = pii_keys.sealed_of(office.node.institution.program)
        file, db = office.node.settings.pii_keys_file, beside(office)
        add_pii_key(file)
        use_pii_key(file, "k2")
        numbers = iter(range(500, 600))
        async for _ in rotate(db, tables, nothing):
            await office.get(f"/v1/clients/{client}")
            await office.enrol(next(numbers)) if next(numbers) < 520 else None
        assert {one: await left_under(db, one, "k1") for one in tables if await left_under(db, one, "k1")} == {}
        assert await to_do(db, tables) == 0
        assert await under(office, "k1") == {}
        after = await under(office, "k2")
        assert before.keys() <= after.keys()
        assert all(after[name] >= rows for name, rows in before.items())
        content = json.loads(file.read_text())
        del content["keys"]["k1"]
        file.write_text(json.dumps(content))
        assert (await office.get(f"/v1/clients/{client}"))["pesel"] == pesel(1)
        found = await office.post("/v1/clients/search", {"pesel": pesel(1)}, 200)
        assert client in str(found)
        await office.post("/v1/clients", new_client(1), 409)
        await db.close()


async def test_what_was_begun_goes_on_and_a_damaged_value_is_said(
    make_database: MakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    async with Federation(tmp_path / "nodes", make_database) as federation:
        office = await federation.make_office("pup-2478")
        for number in range(7):
            await office.enrol(number)
        tables, db = pii_keys.sealed_of("pup"), beside(office)
        file = office.node.settings.pii_keys_file
        add_pii_key(file)
        use_pii_key(file, "k2")
        begun = rotate(db, tables, nothing)
        first = await anext(begun)
        await begun.aclose()
        left = await under(office, "k1")
        assert left["client.surname"] == 7
        assert first[1] == 2
        rest = [rows async for _, rows in rotate(db, tables, nothing)]
        assert sum(rest) == 7 + left["access_person.case_number"]
        assert [rows async for _, rows in rotate(db, tables, nothing)] == []
        async with db.write() as session:
            await session.execute(text("UPDATE client SET surname = 'k1.AAAA' WHERE id = (SELECT min(id) FROM client)"))
        with pytest.raises(UnreadablePersonalData, match=r"client\.surname"):
            _ = [rows async for _, rows in rotate(db, tables, nothing)]
        await db.close()


async def test_a_service_that_reads_another_file_is_found_out(sqlite_database: MakeDatabase, tmp_path: Path) -> None:
    async with Federation(tmp_path / "nodes", sqlite_database) as federation:
        office = await federation.make_office("pup-2478")
        await office.enrol(1)
        file, db = office.node.settings.pii_keys_file, beside(office)
        old = file.read_bytes()
        add_pii_key(file)
        use_pii_key(file, "k2")
        await db.state()
        copy = tmp_path / "copy.json"
        file.rename(copy)  # the service goes on with what it has; the command reads the new file
        file.write_bytes(old)
        file.chmod(0o600)
        other = Database(office.node.settings.database_url, pii_keys=load_pii_keys(copy), synchronous="NORMAL")
        numbers = iter(range(2, 100))

        async def while_people_come() -> None:
            async for _ in rotate(other, pii_keys.sealed_of("pup"), nothing):
                await office.enrol(next(numbers))

        with pytest.raises(RowsComeUnderAnotherKey):
            await while_people_come()
        await db.close()
        await other.close()


def test_the_commands_lead_from_one_key_to_the_next(sqlite_database: MakeDatabase, tmp_path: Path) -> None:
    async def office_with_a_client() -> dict[str, str]:
        async with Federation(tmp_path / "nodes", sqlite_database) as federation:
            office = await federation.make_office("pup-2478")
            await office.enrol(1)
            settings = office.node.settings
            names = ("id", "database_url", "key_dir", "broker_url", "broker_thumbprint", "match_key_file")
            told = {f"PUP_{name.upper()}": str(getattr(settings, name)) for name in (*names, "pii_keys_file")}
            return told | {"PUP_FEDERATION": settings.federation}

    env = asyncio.run(office_with_a_client())
    file = Path(env["PUP_PII_KEYS_FILE"])
    assert "seals new values" in zwornik("pii-keys", "remove", "pup", "k1", env=env).complaint
    assert zwornik("pii-keys", "add", file).out.startswith("k2\n")
    assert "holds no key of that id" in zwornik("pii-keys", "use", file, "k3").complaint
    assert zwornik("pii-keys", "use", file, "k2").status == 0
    refused = zwornik("pii-keys", "remove", "pup", "k1", env=env).complaint
    assert refused.startswith("k1 still seals rows: 1 of access_person, 1 of client.")
    assert zwornik("pii-keys", "rotate", "pup", env=env).out == "every value is sealed with k2\n"
    gone = zwornik("pii-keys", "remove", "pup", "k1", env=env)
    assert gone.out.startswith("no value is sealed with k1")
    assert "client" in gone.err
    assert list(json.loads(file.read_text())["keys"]) == ["k2"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert zwornik("pii-keys", "rotate", "pup", env=env).status == 0
