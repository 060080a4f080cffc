"""The disclosure policy of an office as a file: rows of ``name;leaves_as``, read at the start and never widened."""

import csv
from pathlib import Path

from shared.domain.disclosure import Policy
from shared.domain.errors import DomainError, Invalid

MAX_BYTES = 65_536
COLUMNS = ("name", "leaves_as")


class PolicyBroken(Invalid):
    """The file of what leaves the office does not hold; the node does not start until it does."""


def load_policy(path: Path | None, kind: str) -> Policy:
    """Return the policy in a file, or one that tightens nothing where there is none.

    :raises OSError: the file cannot be read.
    :raises PolicyBroken: it is no such table, or a row is not the office's to make; the text names file and row.
    """
    if path is None:
        return Policy()
    try:
        rows = list(csv.reader(_text(path).splitlines(), delimiter=";", strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise PolicyBroken(f"{path} is no CSV in UTF-8.") from None
    if not rows or tuple(rows[0]) != COLUMNS or any(len(row) not in (0, len(COLUMNS)) for row in rows):
        raise PolicyBroken(f"{path} has other columns than {';'.join(COLUMNS)}.")
    named = [row for row in rows[1:] if row]
    if doubled := next((row[0] for at, row in enumerate(named) if row[0] in [one[0] for one in named[:at]]), None):
        raise PolicyBroken(f"{path}: two rows of {doubled[:40]}.")
    try:
        return Policy.of({row[0]: row[1] for row in named}, kind=kind)
    except DomainError as failure:
        expected = f" Expected: {failure.expected}." if failure.expected else ""
        raise PolicyBroken(f"{path}: {str(failure.field)[:40]}: {failure.detail}{expected}") from None


def _text(path: Path) -> str:
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise PolicyBroken(f"{path} is longer than 64 KiB.")
    return raw.decode("utf-8-sig")
