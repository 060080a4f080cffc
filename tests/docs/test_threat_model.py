"""docs/threat-model.md: what it claims to be shown by a test is shown by a test that exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = re.findall(r"tests/[\w/]+\.py(?:::\w+)?", PAGE)
ACTORS = (
    "client", "caseworker", "head of an office", "IT of an office", "Another office", "operator of the broker",
    "custodian of the match key", "attacker on the network", "vendor",
)  # fmt: skip


def names_in(path: Path) -> set[str]:
    """Return what a file defines at its top: functions, classes and names."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def test_every_test_that_the_page_names_exists() -> None:
    assert len(NAMED) > 30
    for named in NAMED:
        path, _, name = named.partition("::")
        found = names_in(ROOT / path)
        assert name in found if name else any(one.startswith("test_") for one in found), named


def test_every_row_of_an_actor_names_its_test_and_no_actor_is_left_out() -> None:
    headings = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)
    assert all(any(actor in heading for heading in headings) for actor in ACTORS)
    tables = re.findall(r"\| tries to \|.*\n\|---\|---\|---\|\n((?:\|.*\n)+)", PAGE)
    rows = [row for table in tables for row in table.splitlines()]
    assert len(tables) == len(ACTORS)
    assert not [row for row in rows if not re.search(r"\| tests/[\w/]+\.py(::\w+)? \|$", row)]
