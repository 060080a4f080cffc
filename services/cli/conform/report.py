"""What the kit tells: a bar while it works, a table at the end, and JUnit XML for a build server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree  # it writes here, and never reads

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from services.cli.conform.cases import Case, Outcome


@contextmanager
def progress(console: Console, total: int) -> Iterator[Progress]:
    """Show a bar that says which case runs."""
    columns = (TextColumn("{task.description:<28}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        bar.add_task("", total=total)
        yield bar


def show_cases(console: Console, cases: Sequence[Case[Any]]) -> None:
    """Print what would be tried."""
    table = Table("case", "section", "what is sent", "what is expected")
    for case in cases:
        table.add_row(*map(Text, (case.name, case.section, case.sent, case.expected)))
    console.print(table)


def show(console: Console, outcomes: Sequence[Outcome]) -> None:
    """Print the table of all cases, then each failure in full, then the count."""
    table = Table("", "case", "what was sent", "what came")
    for one in outcomes:
        mark = Text("pass", style="green") if one.passed else Text("FAIL", style="bold red")
        table.add_row(mark, Text(one.name), Text(one.sent), Text(one.came))
    console.print(table)
    failed = [one for one in outcomes if not one.passed]
    for one in failed:
        console.print(Text(f"\nFAIL {one.name}", style="bold red"), Text(f"(standard, section {one.section})"))
        for name, said in (("sent", one.sent), ("expected", one.expected), ("came", one.came)):
            console.print(Text(f"  {name:<9} {said}"))
    seconds = sum(one.seconds for one in outcomes)
    said = f"\n{len(outcomes) - len(failed)} of {len(outcomes)} cases passed in {seconds:.1f} s"
    console.print(Text(said, style="bold red" if failed else "bold green"))


def write_junit(path: Path, name: str, outcomes: Sequence[Outcome]) -> None:
    """Write the outcomes as JUnit XML: one test suite, one test case a case."""
    failed = sum(not one.passed for one in outcomes)
    counts = {"tests": str(len(outcomes)), "failures": str(failed), "errors": "0", "skipped": "0"}
    seconds = f"{sum(one.seconds for one in outcomes):.3f}"
    suite = ElementTree.Element("testsuite", {"name": name, **counts, "time": seconds})
    for one in outcomes:
        said = {"classname": f"{name}.{one.section.replace('.', '')}", "name": one.name, "time": f"{one.seconds:.3f}"}
        case = ElementTree.SubElement(suite, "testcase", said)
        told = f"sent: {one.sent}\nexpected: {one.expected}\ncame: {one.came}\n"
        if not one.passed:
            ElementTree.SubElement(case, "failure", {"message": _clean(one.came)}).text = _clean(told)
    root = ElementTree.Element("testsuites", counts | {"time": seconds})
    root.append(suite)
    ElementTree.indent(root)
    path.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _clean(text: str) -> str:
    """Return a text without what XML cannot hold: a node under test may have answered anything.

    >>> _clean("a\\x00b")
    'a?b'
    """
    return "".join(one if one.isprintable() or one == "\n" else "?" for one in text)
