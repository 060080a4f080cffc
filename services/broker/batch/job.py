"""A batch from file to file: chunk by chunk in constant memory, resumable, the outcome put in place whole."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from services.broker.batch.assessing import assess_table
from services.broker.batch.engines import Engine, Kernel, kernel
from services.broker.batch.files import opened, reject, whole, write_rejects, write_schedules
from services.broker.batch.folder import WorkFolder, work_folder
from services.broker.batch.schema import canonical
from shared.domain.benefit.parameters import scheme_version
from shared.domain.benefit.rule import RULE_VERSION
from shared.domain.errors import Invalid

CHUNK: Final = 65_536
_FORMAT: Final = 1


class SameFile(Invalid):
    """Input, output and reject file must be three different files."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to assess, where to put it, and how. Without ``rejects`` they go beside the output, if there are any."""

    source: Path
    target: Path
    rejects: Path | None = None
    engine: Engine = "auto"
    chunk: int = CHUNK

    @property
    def folder(self) -> Path:
        """Return the work folder."""
        return self.target.with_name(self.target.name + ".work")

    @property
    def rejects_file(self) -> Path:
        """Return where refused rows go."""
        return self.rejects or self.target.with_name(self.target.name + ".rejects.jsonl")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many rows there were, how many of them were refused, and how many an earlier run had done."""

    rows: int
    refused: int
    done_before: int


def run(job: Job, *, told: Callable[[int, int], object] = lambda done, rows: None) -> Outcome:
    """Assess a file; ``told`` hears of rows done and all rows, after each chunk.

    :raises Invalid: the input is no Parquet file of cases, or files are the same.
    :raises Conflict: another run is at work on the output, or something stands in its way.
    """
    _check_files(job)
    compute = kernel(job.engine)
    with opened(job.source) as parquet, work_folder(job.folder, _order(job)) as folder:
        rows, before = parquet.metadata.num_rows, sum(folder.chunks().values())
        done = before
        told(done, rows)
        for start, table in _to_do(parquet, job, folder.chunks()):
            _assess(folder, start, table, compute)
            done += len(table)
            told(done, rows)
        refused = _put_in_place(job, folder)
        folder.remove()
    return Outcome(rows, refused, before)


def _assess(folder: WorkFolder, start: int, table: pa.Table, compute: Kernel | None) -> None:
    schedules, refused = assess_table(canonical(table), compute)
    folder.put(start, len(table), schedules, [reject(each, first_row=start) for each in refused])


def _put_in_place(job: Job, folder: WorkFolder) -> int:
    """Put both files in place, the output last; return how many rows were refused."""
    refused = next(folder.refused(), None) is not None
    if job.rejects is None and not refused:
        job.rejects_file.unlink(missing_ok=True)
        count = 0
    else:
        count = write_rejects(folder.refused(), job.rejects_file)
    write_schedules(folder, job.target)
    return count


def _to_do(parquet: pq.ParquetFile, job: Job, done: dict[int, int]) -> Iterator[tuple[int, pa.Table]]:
    """Yield first row and rows of each chunk still to do; row groups that are done are not read again."""
    start = 0
    for group in range(parquet.num_row_groups):
        end = start + parquet.metadata.row_group(group).num_rows
        if sum(rows for first, rows in done.items() if start <= first < end) == end - start:
            start = end
            continue
        with whole(job.source):
            for batch in parquet.iter_batches(batch_size=job.chunk, row_groups=[group]):
                if start not in done:
                    yield start, pa.Table.from_batches([batch])
                start += len(batch)


def _order(job: Job) -> dict[str, object]:
    with job.source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "format": _FORMAT,
        "input": digest,
        "engine": job.engine,
        "chunk": job.chunk,
        "rule": RULE_VERSION,
        "scheme": scheme_version(),
        "arrow": pa.__version__,
    }


def _check_files(job: Job) -> None:
    """Check, before any work, that the files can be told apart and put in place.

    :raises SameFile: two of them are one.
    :raises OSError: the place of the output or of the rejects is a folder or is not there.
    """
    paths = [each.resolve() for each in (job.source, job.target, job.rejects_file)]
    if len(set(paths)) < len(paths):
        raise SameFile()
    for path in (job.target, job.rejects_file):
        if path.is_dir():
            raise IsADirectoryError(21, "Is a directory", str(path))
        if not path.parent.is_dir():
            raise FileNotFoundError(2, "No such directory", str(path.parent))
