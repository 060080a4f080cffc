"""The disclosure policy of an office as a file: rows of ``name;leaves_as``, read at the start and never widened."""

import csv
from pathlib import Path

from shared.domain.disclosure import NoSuchRule, Policy


def load_policy(path: Path | None, kind: str) -> Policy:
    """Return the policy in a file, or one that tightens nothing where there is none.

    :raises OSError: the file cannot be read.
    :raises NoSuchRule: it has other columns, or a rule that is none.
    :raises UnknownCode, Widened, GroupDoesNotTravel: a row is not the office's to make; the node does not start.
    """
    if path is None:
        return Policy()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    if any(set(row) != {"name", "leaves_as"} for row in rows):
        raise NoSuchRule(field=str(path.name), expected="the columns name;leaves_as")
    return Policy.of({row["name"]: row["leaves_as"] for row in rows}, kind=kind)
