"""The work folder beside the output: completed chunks, so that a run that was cut short goes on where it stopped.

``order.json`` says what the chunks belong to: the hash of the input, the options, the versions of rule, parameters and
engine. Another order starts anew. A chunk is put in place whole, its refused rows first, so whatever stands is right.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.ipc

from services.broker.batch.schema import OUTPUT
from shared.domain.errors import Conflict

_CHUNK = re.compile(r"([0-9]{12})-([0-9]{9})\.arrow")


class NotAWorkFolder(Conflict):
    """The folder beside the output is none that a batch has made."""


class Busy(Conflict):
    """Another run is at work on the same output."""


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """The chunks of one order; a chunk is named by its first row, from 0, and its number of rows."""

    path: Path

    def chunks(self) -> dict[int, int]:
        """Return the completed chunks: the number of rows by first row, in order."""
        found = filter(None, (_CHUNK.fullmatch(each.name) for each in self.path.iterdir()))
        return dict(sorted((int(match[1]), int(match[2])) for match in found))

    def put(self, start: int, rows: int, table: pa.Table, refused: list[dict[str, Any]]) -> None:
        """Keep a chunk."""
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in refused)
        _put(self._rejects(start), lambda file: file.write(lines.encode()))
        _put(self.path / f"{start:012d}-{rows:09d}.arrow", lambda file: _write_table(file, table))

    def table(self, start: int, rows: int) -> pa.Table:
        """Return the schedules of a chunk."""
        with (self.path / f"{start:012d}-{rows:09d}.arrow").open("rb") as file:
            return pa.ipc.open_file(file).read_all()

    def refused(self) -> Iterator[dict[str, Any]]:
        """Yield the refused rows of all chunks, in order."""
        for start in self.chunks():
            with self._rejects(start).open("rb") as file:
                yield from map(json.loads, file)

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.path)

    def _rejects(self, start: int) -> Path:
        return self.path / f"{start:012d}.rejects"


@contextmanager
def work_folder(path: Path, order: Mapping[str, object]) -> Iterator[WorkFolder]:
    """Yield the work folder of an order, with the chunks that an earlier run of the same order has completed.

    :raises NotAWorkFolder: something else stands there.
    :raises Busy: another process holds it.
    """
    path.mkdir(exist_ok=True)
    standing = path / "order.json"
    if not standing.exists() and any(each.name != "lock" and each.suffix != ".part" for each in path.iterdir()):
        raise NotAWorkFolder(f"{path} stands in the way: it is no work folder of a batch. Move it away.")
    with (path / "lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"Another run is at work on the same output; {path} is in its hands.") from None
        content = json.dumps(order, sort_keys=True).encode()
        if not standing.exists() or standing.read_bytes() != content:
            for each in path.iterdir():
                if each.name != "lock":
                    each.unlink()
            _put(standing, lambda file: file.write(content))
        yield WorkFolder(path)


def _write_table(file: IO[bytes], table: pa.Table) -> None:
    options = pa.ipc.IpcWriteOptions(compression="lz4", unify_dictionaries=True)
    with pa.ipc.new_file(file, OUTPUT, options=options) as writer:
        writer.write_table(table)


def _put(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Put a file in place whole: written beside it, on the disk, then renamed."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
