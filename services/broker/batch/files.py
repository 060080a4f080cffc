"""The files of a batch: a Parquet file of cases in, one of schedules and one of refused rows out."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from services.broker.batch.folder import WorkFolder
from services.broker.batch.rows import Refused
from services.broker.batch.schema import FILE, check
from shared.domain.errors import DomainError, Invalid
from shared.runtime.problems.render import problem

REJECTS: Final = pa.schema(
    {
        "row": pa.int64(),
        "case_id": pa.string(),
        "problem": pa.string(),
        "field": pa.string(),
        "expected": pa.string(),
        "detail": pa.string(),
    }
)
_TOGETHER = 10_000


class NotParquet(Invalid):
    """The file is not a Parquet file, or is damaged."""


@contextmanager
def opened(source: Path) -> Iterator[pq.ParquetFile]:
    """Yield a Parquet file whose columns are those of a batch.

    :raises NotParquet: it is none, or a part of it cannot be read.
    :raises Invalid: a column is missing, unknown or of another type.
    """
    with source.open("rb") as file:
        with whole(source):
            parquet = pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)
        check(parquet.schema_arrow)
        yield parquet


@contextmanager
def whole(source: Path) -> Iterator[None]:
    """Say that a file is damaged where Arrow cannot read it."""
    try:
        yield
    except (pa.ArrowException, OSError) as failure:
        raise NotParquet(f"{source} is not a Parquet file, or is damaged.") from failure


def reject(refused: Refused, *, first_row: int) -> dict[str, Any]:
    """Return a refused row as a line of the reject file: rows are counted from 1, no value is repeated.

    A case id stands as it was given, unless it passes as a PESEL.
    """
    said = problem(DomainError(case_id=refused.case_id)) if refused.case_id else {}
    members = problem(refused.failure)
    expected = members.get("expected")
    return {
        "row": first_row + refused.place + 1,
        "case_id": said.get("case_id"),
        "problem": refused.failure.problem,
        "field": members.get("field"),
        "expected": None if expected is None else str(expected),
        "detail": members["detail"],
    }


def write_schedules(chunks: WorkFolder, target: Path) -> None:
    """Put the schedules of all chunks in place as one Parquet file."""
    part = chunks.path / "schedules.part"
    with pq.ParquetWriter(part, FILE, compression="zstd") as writer:
        for start, rows in chunks.chunks().items():
            writer.write_table(chunks.table(start, rows).cast(FILE))
    part.replace(target)


def write_rejects(refused: Iterable[dict[str, Any]], target: Path) -> int:
    """Put the refused rows in place, as Parquet or as JSON lines by the name of the file; return their number."""
    part = target.with_name(target.name + ".part")
    with part.open("wb") as file:
        count = (_as_parquet if target.suffix == ".parquet" else _as_lines)(refused, file)
    part.replace(target)
    return count


def _as_lines(refused: Iterable[dict[str, Any]], file: IO[bytes]) -> int:
    count = 0
    for each in refused:
        file.write(json.dumps(each, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count


def _as_parquet(refused: Iterable[dict[str, Any]], file: IO[bytes]) -> int:
    count, waiting = 0, list[dict[str, Any]]()
    with pq.ParquetWriter(file, REJECTS) as writer:
        for each in refused:
            waiting.append(each)
            count += 1
            if len(waiting) == _TOGETHER:
                writer.write_table(pa.Table.from_pylist(waiting, schema=REJECTS))
                waiting.clear()
        writer.write_table(pa.Table.from_pylist(waiting, schema=REJECTS))
    return count
