"""Imports over the local API."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from shared.institution.models.base import View


class Import(View):
    """An import (*import danych*): how far it is, and what became of the lines so far."""

    id: str
    map: str = Field(description="Name of the column map.")
    dry_run: bool = Field(description="A dry run says what would happen and changes nothing.")
    format: str = Field(description="csv or xlsx")
    size: int = Field(description="Bytes of the file.")
    state: str = Field(description="receiving, waiting, running, done or failed")
    lines: int = Field(description="Number of the last line of the file; 0 while it is not known.")
    done_line: int = Field(description="The last line that is done.")
    created: int = Field(description="Lines that made a client or a record.")
    amended: int = Field(description="Lines that changed something and made nothing.")
    unchanged: int = Field(description="Lines that say what is there already.")
    refused: int = Field(description="Lines that were put aside with their reason.")
    problem: dict[str, Any] | None = Field(description="Why a failed import stopped; lines before are done.")
    asked_by: str
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class ImportLine(BaseModel):
    """What became of a line, or in a dry run would become: created, amended, unchanged or refused."""

    line: int
    outcome: str
    what: dict[str, str] | None = Field(default=None, description="The same of each part: the client, each record.")
    problem: str | None = Field(default=None, description="Name of the problem of a refused line.")
    detail: str | None = None
    column: str | None = None
    field: str | None = None
    expected: Any = None


class ImportLines(BaseModel):
    """What became of some lines; ask again with ``after`` = ``next`` until ``next`` is null."""

    items: list[ImportLine]
    next: int | None


class ImportMap(BaseModel):
    """A column map (*mapa kolumn*); ``problem`` where it does not hold or does not fit this institution."""

    name: str
    title: str | None = None
    system: str | None = None
    kinds: list[str] = []
    columns: list[str] = []
    problem: str | None = None
