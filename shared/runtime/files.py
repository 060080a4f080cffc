"""Secret files: read only if nobody else can, written so that nobody else ever could."""

import os
import stat
from pathlib import Path


class InsecureFile(Exception):
    """A secret file can be read by others."""


def read_secret(path: Path) -> bytes:
    """Return the bytes of a file of mode 0600 or stricter.

    :raises InsecureFile: group or others may read or write it; the text says how to mend it.
    """
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise InsecureFile(f"{path} has mode {mode:04o}; others can read it. Mend it with: chmod 600 {path}")
        return file.read()


def write_secret(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600.

    :raises FileExistsError: a secret is never overwritten.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_secret(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 in the place of one: whoever reads it finds the old one whole, or the new one whole."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    write_secret(beside, content)
    beside.replace(path)
