"""Looking for people where none may stand: in plain text, in bytes, and behind the encodings that services use."""

import csv
import json
import re
import sqlite3
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

Person = Mapping[str, str]
Cells = Iterator[tuple[str, Sequence[Any]]]
"""Rows of a database with the name of their table."""

LEAST_LETTERS = 9
_BASE64 = re.compile(r"[A-Za-z0-9_\-+/]{15,}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){9,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_BYTE_CODINGS = ("cp1250", "iso-8859-2", "utf-16-le")


def people_of(folder: Path) -> list[Person]:
    """The ground truth of a run."""
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Secrets:
    """What must not be found: every PESEL, and every part of a surname, in lower case."""

    pesels: frozenset[str]
    surnames: frozenset[str]

    @classmethod
    def of(cls, people: Iterable[Person]) -> "Secrets":
        pesels, surnames = set(), set()
        for person in people:
            pesels.add(person["pesel"])
            surnames |= {part.lower() for part in person["surname"].split("-")}
        assert all(len(pesel) == 11 for pesel in pesels)
        assert all(len(surname) >= LEAST_LETTERS for surname in surnames)
        return cls(frozenset(pesels), frozenset(surnames))

    def in_text(self, text: str) -> set[str]:
        """What stands in a text, plain or encoded."""
        return self._plain("\n".join(forms(text)))

    def in_bytes(self, content: bytes) -> set[str]:
        """What stands in bytes as they are: in UTF-8, in a Polish code page, or in UTF-16."""
        texts = [content.decode("utf-8", "ignore"), *(_letters(content, coding) for coding in _BYTE_CODINGS)]
        return self._plain("\n".join(texts))

    def in_cells(self, cells: Cells) -> dict[str, set[str]]:
        """What stands in a database, by table."""
        texts: dict[str, list[str]] = {}
        for table, row in cells:
            texts.setdefault(table, []).extend(text for cell in row for text in cell_forms(cell))
        found = {table: self._plain("\n".join(some)) for table, some in texts.items()}
        return {table: some for table, some in found.items() if some}

    def _plain(self, text: str) -> set[str]:
        lower = text.lower()
        return {secret for secret in (*self.pesels, *self.surnames) if secret in lower}


def forms(text: str, depth: int = 2) -> Iterator[str]:
    """A text, and what its JSON escapes, its percent signs, its base64 and its hex stand for, one inside another."""
    yield text
    if depth == 0:
        return
    if "\\u" in text:
        yield _ESCAPE.sub(lambda code: chr(int(code[1], 16)), text)
    if "%" in text:
        yield unquote(text, errors="ignore")
    for run in _BASE64.findall(text):
        yield from forms(_from_base64(run), depth - 1)
    for run in _HEX.findall(text):
        yield bytes.fromhex(run).decode("utf-8", "ignore")


def cell_forms(cell: object) -> Iterator[str]:
    """The forms of one cell of a database."""
    if isinstance(cell, bytes):
        yield from forms(cell.decode("utf-8", "ignore"))
    elif cell is not None:
        yield from forms(str(cell))


def sqlite_cells(path: Path) -> Cells:
    """Every row of every table of an SQLite database, its own ones too."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert len(tables) > 10
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  # names of our own tables
                yield table, row
    finally:
        connection.close()


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a compact JWS, unverified."""
    claims: dict[str, Any] = json.loads(_decoded(token.split(".")[1]))
    return claims


def _from_base64(run: str) -> str:
    return _decoded(run.replace("+", "-").replace("/", "_")).decode("utf-8", "ignore")


def _decoded(run: str) -> bytes:
    whole = run if len(run) % 4 != 1 else run[:-1]
    return urlsafe_b64decode(whole + "=" * (-len(whole) % 4))


def _letters(content: bytes, coding: str) -> str:
    return content.decode(coding, "replace")
