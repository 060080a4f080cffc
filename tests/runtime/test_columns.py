"""Column types: what goes in comes out the same on both databases; what was tampered with does not come out at all."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, Text, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect

from shared.runtime.database.columns import Encrypted, JsonText, UtcTime, canonical_json, keys_of
from shared.runtime.database.encryption import PiiKeys, UnreadablePersonalData, generate_pii_keys, load_pii_keys
from shared.runtime.database.engine import Database
from tests.domain.builders import PROPERTY
from tests.runtime.builders import NOTES

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("aąbż", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@PROPERTY
@given(st.integers(-(2**52), 2**53), st.integers(-12, 14))
def test_a_moment_is_the_same_to_the_microsecond(microseconds: int, hours: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    moment, kind = at.astimezone(timezone(timedelta(hours=hours))), UtcTime()
    for dialect in (sqlite_dialect.dialect(), postgresql.dialect()):
        assert kind.process_result_value(kind.process_bind_param(moment, dialect), dialect) == moment


def test_moments_are_ordered_as_they_are_stored() -> None:
    dialect = sqlite_dialect.dialect()
    moments = [datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), datetime(1970, 1, 1, tzinfo=UTC)]
    assert [UtcTime().process_bind_param(moment, dialect) for moment in moments] == [-1, 0]


def test_a_moment_without_a_zone_is_refused() -> None:
    for dialect in (sqlite_dialect.dialect(), postgresql.dialect()):
        with pytest.raises(ValueError, match="time zone"):
            UtcTime().process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001


@PROPERTY
@given(json_values)
def test_json_comes_back_and_equal_values_have_equal_bytes(value: Any) -> None:
    kind, dialect = JsonText(), sqlite_dialect.dialect()
    bound = kind.process_bind_param(value, dialect)
    assert kind.process_result_value(bound, dialect) == value
    if isinstance(value, dict):
        assert canonical_json(dict(reversed(value.items()))) == bound
        assert canonical_json(dict(sorted(value.items()))) == bound


def test_json_keeps_polish_letters_and_takes_no_room() -> None:
    assert canonical_json({"b": 1, "a": ["ż", None]}) == '{"a":["ż",null],"b":1}'


async def test_no_value_is_no_value_in_every_column(db: Database) -> None:
    async with db.write() as session:
        await session.execute(insert(NOTES).values(id=1, at=None, json=None, secret=None))
    async with db.read() as session:
        row = (await session.execute(select(NOTES.c.at, NOTES.c.json, NOTES.c.secret))).one()
        raw = await session.scalar(text("SELECT count(*) FROM test_note WHERE json IS NULL AND secret IS NULL"))
    assert tuple(row) == (None, None, None)
    assert raw == 1


async def test_a_column_can_be_searched_by_moment(db: Database) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    async with db.write() as session:
        for number in range(3):
            await session.execute(insert(NOTES).values(id=number, at=at + timedelta(microseconds=number)))
    async with db.read() as session:
        found = await session.scalars(select(NOTES.c.id).where(NOTES.c.at > at).order_by(NOTES.c.at.desc()))
        assert list(found) == [2, 1]


async def test_a_sealed_column_opens_for_its_reader_and_stands_sealed_in_the_database(db: Database) -> None:
    async with db.write() as session:
        await session.execute(insert(NOTES).values(id=1, secret="Zażółć-Gęślą"))
    async with db.read() as session:
        assert await session.scalar(select(NOTES.c.secret)) == "Zażółć-Gęślą"
        assert "Gęślą" not in str(await session.scalar(text("SELECT secret FROM test_note")))


async def test_a_value_moved_to_another_column_does_not_open(db: Database) -> None:
    other = Table("test_note", MetaData(), Column("text", Encrypted("test_note.text")))
    async with db.write() as session:
        await session.execute(insert(NOTES).values(id=1, secret="Nowak"))
        await session.execute(text("UPDATE test_note SET text = secret"))
        with pytest.raises(UnreadablePersonalData, match=r"test_note\.text"):
            await session.scalar(select(other.c.text))


def _flip(at: int) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@pytest.mark.parametrize("spoil", [_flip(0), _flip(11), _flip(12), _flip(-1 % 33), lambda raw: raw[:-1]])
async def test_altered_bytes_do_not_open_and_the_error_shows_nothing(
    db: Database, spoil: Callable[[bytes], bytes]
) -> None:
    plain = Table("test_note", MetaData(), Column("secret", Text))
    async with db.write() as session:
        await session.execute(insert(NOTES).values(id=1, secret="Nowak"))
        sealed = await session.scalar(select(plain.c.secret))
        raw = b64decode(sealed.removeprefix("k1."))
        await session.execute(update(plain).values(secret="k1." + b64encode(spoil(raw)).decode()))
        with pytest.raises(UnreadablePersonalData) as unreadable:
            await session.scalar(select(NOTES.c.secret))
    assert "Nowak" not in str(unreadable.value)
    assert unreadable.value.__cause__ is None


async def test_a_key_that_is_gone_makes_its_values_unreadable(db: Database, tmp_path: Path) -> None:
    generate_pii_keys(tmp_path / "another.json")
    async with db.write() as session:
        await session.execute(insert(NOTES).values(id=1, secret="Nowak"))
    other = replace(load_pii_keys(tmp_path / "another.json"))
    db.engine.sync_engine.dialect.pii_keys = other  # type: ignore[attr-defined]
    async with db.read() as session:
        with pytest.raises(UnreadablePersonalData):
            await session.scalar(select(NOTES.c.secret))


def test_a_new_key_seals_and_the_old_one_still_opens(keys: PiiKeys, tmp_path: Path) -> None:
    generate_pii_keys(tmp_path / "new.json")
    new = load_pii_keys(tmp_path / "new.json").ciphers["k1"]
    old_value = keys.encrypt("Nowak", "x")
    both = replace(keys, current="k2", ciphers={**keys.ciphers, "k2": new})
    assert both.encrypt("Nowak", "x").startswith("k2.")
    assert [both.decrypt(value, "x") for value in (old_value, both.encrypt("Kos", "x"))] == ["Nowak", "Kos"]
    with pytest.raises(UnreadablePersonalData, match="k2"):
        keys.decrypt(both.encrypt("Nowak", "x"), "x")


def test_keys_are_never_shown(keys: PiiKeys) -> None:
    assert str(keys) == repr(keys) == "PiiKeys(current='k1')"


def test_a_database_opened_without_keys_says_so() -> None:
    with pytest.raises(TypeError, match="without keys"):
        keys_of(sqlite_dialect.dialect())
