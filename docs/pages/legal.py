"""Makes the table of ``docs/legal/events.md``: on which legal basis each type of event is sent, and who says so.

``python -m docs.pages.legal`` writes the page anew; a test fails while it is stale, and while a type of event has no
row in ``docs/legal/events.csv`` for each kind of institution that may send it.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "legal"
PAGE = FOLDER / "events.md"
COLUMNS = ("type", "issuers", "why", "act", "gdpr", "source", "verified")
_HEAD = """# Event types and their legal bases

Made by `python -m docs.pages.legal` from [events.csv](events.csv). Acts and articles are named in Polish, for those
who check them. **A row is verified only where a source was read that says so; no unverified row is legal advice.** The
office's data protection officer (*inspektor ochrony danych*) goes through the rows, mends them, and writes down what
was read.

| type | from | why it is sent | act | GDPR (RODO) | source | verified |
|---|---|---|---|---|---|---|
"""


def rows() -> Sequence[dict[str, str]]:
    """Return the rows of the table, each of one type of event and of the kinds of institutions that send it so."""
    with (FOLDER / "events.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def made_page() -> str:
    """Return the page as the table makes it."""
    lines = (" | ".join(f"`{row[name]}`" if name == "type" else row[name] for name in COLUMNS) for row in rows())
    return _HEAD + "".join(f"| {line} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(made_page(), encoding="utf-8")
