"""Imports (*import danych*): the job, the file while it is worked on, and what became of each line for some days."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables.records import InstitutionBase
from shared.runtime.database.columns import Encrypted, EncryptedBytes, JsonText, UtcTime


class ImportRow(InstitutionBase):
    """One import; ``done_line`` is the last line whose outcome is committed, ``lines`` the last there is.

    ``state``: receiving, waiting, running, done, failed. The name of the file is not kept: it may name somebody.
    """

    __tablename__ = "import_job"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    map_name: Mapped[str] = mapped_column(String(40))
    map_text: Mapped[str] = mapped_column(Text)
    dry_run: Mapped[bool] = mapped_column(Boolean)
    format: Mapped[str] = mapped_column(String(4))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    size: Mapped[int] = mapped_column(BigInteger)
    header: Mapped[Any] = mapped_column(JsonText)
    lines: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10), index=True)
    done_line: Mapped[int] = mapped_column(Integer)
    created: Mapped[int] = mapped_column(Integer)
    amended: Mapped[int] = mapped_column(Integer)
    unchanged: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    failures: Mapped[int] = mapped_column(Integer)
    problem: Mapped[Any | None] = mapped_column(JsonText)
    asked_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ImportPartRow(InstitutionBase):
    """A piece of the file, in order; all are deleted when the import is done."""

    __tablename__ = "import_part"

    import_id: Mapped[str] = mapped_column(ForeignKey(ImportRow.id, ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(EncryptedBytes("import_part.content"))


class ImportPageRow(InstitutionBase):
    """What became of the lines up to one: a JSON list, with the cells of those that were refused."""

    __tablename__ = "import_page"

    import_id: Mapped[str] = mapped_column(ForeignKey(ImportRow.id, ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    outcomes: Mapped[str] = mapped_column(Encrypted("import_page.outcomes"))
