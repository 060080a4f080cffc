"""The guides: every command is run in order, and what it prints is what the page shows.

Fences of ``sh`` are run. A fence of ``shell`` is not, and says beside it what it needs that a test has not.
"""

import socket
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.demo.running import demo
from tests.docs.walking import ROOT, Block, agrees, blocks, walked

_ADDRESSES, _JOINT_CLIENT = "## 2.", "## 5."
"""Up to which heading of integrate.md another guide builds on it: the addresses, or a client of both offices too."""

_PORTS = ("8100", "8101")
"""The ports that operate.md writes; the test takes free ones."""


def test_a_shortened_output_agrees_and_another_does_not() -> None:
    assert agrees('{"a": …}\n…\nend', '{"a": 1, "b": 2}\nx\ny\nend\n')
    assert agrees("a\n  …\nb", "a\nb")
    assert agrees("at 2026-11-25T02:28:55.637252Z", "at 2027-01-01T00:00:00Z")
    assert not agrees("a\nb", "a\nc")
    assert not agrees("a\n…\nb", "a\nc")


def test_what_a_guide_leaves_in_the_background_is_stopped(tmp_path: Path) -> None:
    (printed,) = walked(["sleep 600 &\necho $!"], tmp_path, within_s=20)
    for _ in range(100):
        if not _runs(int(printed)):
            return
        time.sleep(0.1)  # a kill takes effect when the process next runs
    pytest.fail("it runs on")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.long
@pytest.mark.parametrize(
    ("pages", "people", "until"),
    [
        (("integrate.md",), 60, None),
        (("before-the-job.md",), 12, _ADDRESSES),
        (("import.md",), 12, _ADDRESSES),
        (("between-offices.md", "data-protection.md"), 12, _JOINT_CLIENT),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_each_command_of_a_guide_prints_what_the_guide_shows(
    pages: Sequence[str], people: int, until: str | None, tmp_path: Path
) -> None:
    before = _integrate(until) if until else []
    with demo(tmp_path, "--keep", "--people", str(people)) as running:
        running.until_loaded()
        _compare(pages, before, tmp_path)


@pytest.mark.long
def test_a_federation_is_built_and_operated_by_hand_as_the_guide_shows(tmp_path: Path) -> None:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        free = [str(each.getsockname()[1]) for each in (one, other)]
    _compare(["operate.md", "keys.md"], [], tmp_path, dict(zip(_PORTS, free, strict=True)))


def _integrate(until: str) -> list[Block]:
    page = ROOT / "docs" / "integrate.md"
    ends = next(number for number, line in enumerate(page.read_text("utf-8").split("\n"), 1) if line.startswith(until))
    return [block for block in blocks(page) if block.line < ends]


def _compare(pages: Sequence[str], before: list[Block], cwd: Path, ports: dict[str, str] | None = None) -> None:
    told = [(name, block) for name in pages for block in blocks(ROOT / "docs" / name)]
    scripts = [each.script for each in before] + [block.script for _, block in told]
    for written, free in (ports or {}).items():
        scripts = [script.replace(written, free) for script in scripts]
    printed = walked(scripts, cwd, within_s=480)[len(before) :]
    wrong = [
        f"line {block.line} of {name} shows\n{block.shown}\nand this was printed:\n{output}"
        for (name, block), output in zip(told, printed, strict=True)
        if block.shown is not None and not agrees(block.shown, output)
    ]
    assert not wrong, "\n\n".join(wrong)
