"""The guides: every command is run in order, and what it prints is what the page shows."""

from pathlib import Path

import pytest

from tests.demo.running import demo
from tests.docs.walking import ROOT, Block, agrees, blocks, walked

_FUNCTIONS = 2
"""The first blocks of integrate.md find the demo's addresses and define ``pup`` and ``ops``; other guides use them."""


def test_a_shortened_output_agrees_and_another_does_not() -> None:
    assert agrees('{"a": …}\n…\nend', '{"a": 1, "b": 2}\nx\ny\nend\n')
    assert agrees("a\n  …\nb", "a\nb")
    assert agrees("at 2026-11-25T02:28:55.637252Z", "at 2027-01-01T00:00:00Z")
    assert not agrees("a\nb", "a\nc")
    assert not agrees("a\n…\nb", "a\nc")


@pytest.mark.long
@pytest.mark.parametrize(("name", "people"), [("integrate.md", 60), ("before-the-job.md", 12), ("import.md", 12)])
def test_each_command_of_a_guide_prints_what_the_guide_shows(name: str, people: int, tmp_path: Path) -> None:
    page = blocks(ROOT / "docs" / name)
    before: list[Block] = [] if name == "integrate.md" else blocks(ROOT / "docs" / "integrate.md")[:_FUNCTIONS]
    with demo(tmp_path, "--keep", "--people", str(people)) as running:
        running.until_loaded()
        printed = walked([each.script for each in before + page], tmp_path, within_s=240)[len(before) :]
    wrong = [
        f"line {block.line} of {name} shows\n{block.shown}\nand this was printed:\n{output}"
        for block, output in zip(page, printed, strict=True)
        if block.shown is not None and not agrees(block.shown, output)
    ]
    assert not wrong, "\n\n".join(wrong)
