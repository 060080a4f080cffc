"""The finder of leaks finds: a test that looks for nothing would always pass."""

import json
import sqlite3
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.demo.leaks import Secrets, sqlite_cells

PESEL, SURNAME = "44651401357", "Źdźbłoniwicka"
SECRETS = Secrets.of([{"pesel": PESEL, "surname": f"{SURNAME}-Chwiemrozowska"}])
BODY = json.dumps({"surname": SURNAME, "pesel": PESEL}, ensure_ascii=False).encode()
BOTH = {PESEL, SURNAME.lower()}


@pytest.mark.parametrize(
    "text",
    [
        BODY.decode(),
        BODY.decode().upper(),
        json.dumps(json.loads(BODY)),
        f"a=1&q={quote(BODY)}",
        b64encode(BODY).decode(),
        f'{{"set": "eyJhbGciOiJFUzI1NiJ9.{urlsafe_b64encode(BODY).rstrip(b"=").decode()}.c2ln"}}',
        b64encode(b'{"inside": "' + urlsafe_b64encode(BODY) + b'"}').decode(),
        BODY.hex(),
    ],
)
def test_people_are_found_in_a_text(text: str) -> None:
    assert SECRETS.in_text(text) == BOTH


@pytest.mark.parametrize("coding", ["utf-8", "cp1250", "iso-8859-2", "utf-16-le"])
def test_people_are_found_in_bytes(coding: str) -> None:
    assert SECRETS.in_bytes(b"\x00\xff" + BODY.decode().encode(coding) + b"\xff") == BOTH


def test_people_are_found_in_any_cell(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "some.sqlite3") as database:
        for number in range(11):
            database.execute(f"CREATE TABLE t{number} (a, b)")
        database.execute("INSERT INTO t1 VALUES (?, ?)", (1, int(PESEL)))
        database.execute("INSERT INTO t2 VALUES (?, ?)", (None, BODY))
        database.execute("INSERT INTO t3 VALUES (?, ?)", ("x", "chwieMROZowska"))
    database.close()
    found = SECRETS.in_cells(sqlite_cells(tmp_path / "some.sqlite3"))
    assert found == {"t1": {PESEL}, "t2": BOTH, "t3": {"chwiemrozowska"}}


def test_what_only_looks_alike_is_not_found() -> None:
    assert not SECRETS.in_text("4465140135 Źdźbłoniwick chwie-mrozowska " + b64encode(bytes(range(256))).decode())
