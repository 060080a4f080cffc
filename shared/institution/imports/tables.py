"""Tables in files: a header and rows with the number of their line, read one by one; what both formats refuse."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.domain.errors import Invalid
from shared.institution.imports.converters import Cell

MAX_LINES = 1_000_000
MAX_COLUMNS = 500
Row = tuple[int, Sequence[Cell]]


class FileUnreadable(Invalid):
    """The file is not what its media type and its column map say; nothing was imported."""

    problem = "import-file-unreadable"


class EncodingWrong(Invalid):
    """The file is not written in the encoding that the column map names; nothing was imported."""

    problem = "import-encoding"


class FileTooLarge(Invalid):
    """The file is larger than one import may be; part it and import the parts one after another."""

    problem = "import-too-large"


class ColumnsMissing(Invalid):
    """The file lacks columns that the column map names; nothing was imported."""

    problem = "import-columns"


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was opened: the names of its columns, its rows, and the number of its last line where it is known."""

    header: Sequence[str]
    rows: Iterator[Row]
    lines: int | None


def too_many_lines(line: int | None) -> FileTooLarge:
    """Return the problem of a file with more than a million lines."""
    return FileTooLarge(
        "The file has more than 1 000 000 lines; part it and import the parts one after another.",
        expected=MAX_LINES,
        received=line,
    )


def require_columns(header: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse a file without the columns that its map names, or with two of one name.

    :raises ColumnsMissing: and names what is missing or doubled.
    """
    missing = [name for name in wanted if name not in header]
    if missing:
        raise ColumnsMissing(
            f"Missing in the first line of the file: {', '.join(missing)[:500]}. Compare encoding and delimiter, too.",
            expected=sorted(set(wanted)),
        )
    doubled = sorted({name for name in wanted if header.count(name) > 1})
    if doubled:
        raise ColumnsMissing(f"More than one column is called {', '.join(doubled)[:500]}.")
