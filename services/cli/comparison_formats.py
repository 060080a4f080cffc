"""How a comparison of reforms is written: a table for people; JSON lines and CSV, byte for byte the same every time.

Amounts in JSON and CSV are whole grosze. JSON: a line for each case or its problem, then one with the sums. CSV: one
table, whose ``scope`` says what a row speaks of: version, case, share (an institution's part of a case), problem,
institution, total.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol

from rich.console import Console
from rich.table import Table

from shared.domain.benefit.comparison import Change, Comparison, Tally
from shared.domain.errors import DomainError
from shared.domain.money import in_zloty
from shared.runtime.problems.render import problem

COLUMNS = ("scope", "case_id", "institution", "before_gr", "after_gr", "difference_gr", "months_changed", "note")
LAW_NOTE = "Rows of law in the overlay change net wages of events that state gross_wage_gr; all else is stated in hand."
STATED_NOTE = "Parameters that a case states itself stay as they are stated, before and after."


class Versions(NamedTuple):
    """What the results of one side come from: the rule, our parameters, the figures of law."""

    rule: str
    parameters: str
    law: str

    def __str__(self) -> str:
        return f"rule {self.rule}, parameters {self.parameters}, law {self.law}"


class Compared(NamedTuple):
    """A case that was compared, the line it stands on, and the parameters it states itself."""

    line: int
    comparison: Comparison
    stated: Sequence[str]


class Refused(NamedTuple):
    """A case that is none, and why."""

    line: int
    failure: DomainError


class Writer(Protocol):
    """Writes a comparison as it is made."""

    def __init__(self, out: BinaryIO, before: Versions, after: Versions) -> None: ...
    def compared(self, answer: Compared, /) -> None:
        """Write one case."""

    def refused(self, answer: Refused, /) -> None:
        """Write the problem of one case."""

    def end(self, tally: Tally, refused: int, /) -> None:
        """Write the sums."""


class AsJson:
    """JSON lines."""

    def __init__(self, out: BinaryIO, before: Versions, after: Versions) -> None:
        self.out, self.before, self.after = out, before, after

    def compared(self, answer: Compared) -> None:
        """Write one case, with its institutions."""
        known = answer.comparison
        self._line(
            {"case_id": known.case_id}
            | _json(known.total)
            | {"months_changed": known.months_changed, "institutions": _institutions(known.institutions)}
            | {"stated": list(answer.stated)}
        )

    def refused(self, answer: Refused) -> None:
        """Write the problem, with the line."""
        self._line(problem(answer.failure) | {"line": answer.line})

    def end(self, tally: Tally, refused: int) -> None:
        """Write the sums and both versions."""
        total = {"cases": tally.cases, "cases_changed": tally.cases_changed, "problems": refused}
        versions = {"before": self.before._asdict(), "after": self.after._asdict()}
        sums = _json(tally.total) | {"months_changed": tally.months_changed}
        self._line(total | sums | {"institutions": _institutions(tally.institutions), "versions": versions})

    def _line(self, value: Mapping[str, Any]) -> None:
        self.out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


class AsCsv:
    """One CSV table for spreadsheets."""

    def __init__(self, out: BinaryIO, before: Versions, after: Versions) -> None:
        self.out = out
        self._row(*COLUMNS[:-1], note=COLUMNS[-1])
        self._row("version", note=f"before: {before}")
        self._row("version", note=f"after: {after}")

    def compared(self, answer: Compared) -> None:
        """Write one case, and a row for each institution's share."""
        known = answer.comparison
        stated = f"states {', '.join(answer.stated)}" if answer.stated else ""
        self._change("case", known.total, case_id=known.case_id, months=known.months_changed, note=stated)
        for owner, change in known.institutions.items():
            self._change("share", change, case_id=known.case_id, institution=owner)

    def refused(self, answer: Refused) -> None:
        """Write the problem, with the line."""
        self._row("problem", note=_said(answer))

    def end(self, tally: Tally, refused: int) -> None:
        """Write the sums."""
        for owner, change in tally.institutions.items():
            self._change("institution", change, institution=owner)
        self._change("total", tally.total, months=tally.months_changed, note=_counted(tally, refused))

    def _change(
        self,
        scope: str,
        change: Change,
        *,
        case_id: str = "",
        institution: str = "",
        months: object = "",
        note: str = "",
    ) -> None:
        self._row(scope, case_id, institution, *change, change.difference_gr, months, note=note)

    def _row(self, *cells: object, note: str = "") -> None:
        written = io.StringIO()
        blank = [""] * (len(COLUMNS) - 1 - len(cells))
        csv.writer(written, lineterminator="\n").writerow([*cells, *blank, note])
        self.out.write(written.getvalue().encode())


class AsTable:
    """Tables for people, once all cases are read."""

    def __init__(self, out: BinaryIO, before: Versions, after: Versions) -> None:
        text = io.TextIOWrapper(out, encoding="utf-8", write_through=True)
        self.console = Console(file=text, width=120, markup=False, highlight=False, emoji=False)
        self.before, self.after = before, after
        self.cases = Table(
            "case", *_headings("months changed", "states itself"), title="Per person", title_justify="left"
        )
        self.problems: list[str] = []
        self.stated = False

    def compared(self, answer: Compared) -> None:
        """Take one case into the table."""
        known = answer.comparison
        self.stated = self.stated or bool(answer.stated)
        months = str(known.months_changed)
        self.cases.add_row(known.case_id, *_zloty(known.total), months, ", ".join(answer.stated))

    def refused(self, answer: Refused) -> None:
        """Remember the problem."""
        self.problems.append(_said(answer))

    def end(self, tally: Tally, refused: int) -> None:
        """Print both versions, the tables and the problems."""
        institutions = Table("institution", *_headings(), title="Per institution", title_justify="left")
        for owner, change in tally.institutions.items():
            institutions.add_row(owner, *_zloty(change))
        institutions.add_section()
        institutions.add_row("in total", *_zloty(tally.total))
        self._print(f"before: {self.before}", f"after:  {self.after}")
        self.console.print(self.cases, institutions)
        self._print(_counted(tally, refused))
        self._print(*([STATED_NOTE] if self.stated else []), *([LAW_NOTE] if self.before.law != self.after.law else []))
        self._print(*self.problems)
        self.console.file.detach()  # type: ignore[attr-defined]  # the stream stays open for its owner

    def _print(self, *lines: str) -> None:
        for line in lines:
            self.console.print(line, soft_wrap=True)


def _headings(*more: str) -> tuple[str, ...]:
    return ("before", "after", "difference", *more)


def _zloty(change: Change) -> tuple[str, str, str]:
    sign = "+" if change.difference_gr > 0 else ""
    return in_zloty(change.before_gr), in_zloty(change.after_gr), sign + in_zloty(change.difference_gr)


def _json(change: Change) -> dict[str, Any]:
    return change._asdict() | {"difference_gr": change.difference_gr}


def _institutions(changes: Mapping[str, Change]) -> dict[str, Any]:
    return {owner: _json(change) for owner, change in changes.items()}


def _counted(tally: Tally, refused: int) -> str:
    return f"cases compared: {tally.cases}, changed: {tally.cases_changed}, refused: {refused}"


def _said(answer: Refused) -> str:
    known = problem(answer.failure)
    return ": ".join([f"line {answer.line}", *filter(None, [known.get("field")]), known["detail"]])
