"""A guide walked as a reader would: every command of the page in one shell, and what it prints beside what the page
shows.

A page may shorten: ``…`` alone on a line stands for any number of lines, inside one for any text, be it several lines.
Ids, times, hashes, fingerprints and ports differ in every run and are not compared.
"""

import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.cli.command import bare
from tests.demo.running import MARK, marked

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_END = "::the end of block {}::"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)")
_HASH = re.compile(r"(?<![\w-])(?:[\w-]{43}|[0-9a-f]{40})(?![\w-])")
_FINGERPRINT = re.compile(r"\b[0-9a-f]{16}\b")
_PORT = re.compile(r"127\.0\.0\.1:\d+")


@dataclass(frozen=True)
class Block:
    """Commands of a page, the line on which they begin, and what the page shows beneath them, if anything."""

    line: int
    script: str
    shown: str | None


def blocks(page: Path) -> list[Block]:
    """Return the commands of a page in their order; an output is a fence right beneath, of no language or of data."""
    text = page.read_text("utf-8")
    fences = list(_FENCE.finditer(text))
    found: list[Block] = []
    for fence, after in zip(fences, [*fences[1:], None], strict=True):
        if fence[2] != "sh":
            continue
        beneath = after and after[2] in ("", "text", "json") and not text[fence.end() : after.start()].strip()
        shown = _unindented(after) if after and beneath else None
        found.append(Block(text.count("\n", 0, fence.start()) + 1, _unindented(fence), shown))
    return found


def walked(scripts: list[str], cwd: Path, *, within_s: float) -> list[str]:
    """Run the scripts in one shell, in a folder that looks like a clone; return what each printed on both streams.

    What they start in the background ends with them, whatever becomes of the test: it is found again by a mark in its
    environment.
    """
    _clone(cwd)
    whole = "exec 2>&1\n" + "".join(f"{script}\necho '{_END.format(at)}'\n" for at, script in enumerate(scripts))
    mark, printed = uuid.uuid4().hex, cwd / "printed.txt"
    environment = bare({"PATH": os.environ["PATH"], "HOME": str(cwd), "COLUMNS": "100", MARK: mark})
    try:
        with printed.open("wb") as output:
            subprocess.run(
                ["bash", "-s"],
                input=whole.encode(),
                cwd=cwd,
                env=environment,
                stdout=output,
                check=False,
                timeout=within_s,
            )
    finally:
        while left := list(marked(mark)):
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
    return list(_parted(printed.read_text("utf-8"), len(scripts)))


def agrees(shown: str, printed: str) -> bool:
    """Tell whether a page shows what was printed, apart from what differs in every run and what it leaves out."""
    pattern = "".join(
        r"(?:[^\n]*\n)*" if line.strip() == "…" else re.escape(line).replace("…", "(?s:.*?)") + r"\n"
        for line in _alike(shown).split("\n")
    )
    return re.fullmatch(pattern, _alike(printed) + "\n") is not None


def _alike(text: str) -> str:
    """Return a text without what differs in every run, progress bars, and characters that nobody sees."""
    lines = "\n".join(
        line.rstrip()
        for line in text.replace("\r", "").replace("\ufeff", "").strip("\n").split("\n")
        if "━" not in line
    )
    for pattern, name in (
        (_UUID, "ID"),
        (_TIME, "TIME"),
        (_HASH, "HASH"),
        (_FINGERPRINT, "FINGERPRINT"),
        (_PORT, "HOST"),
    ):
        lines = pattern.sub(name, lines)
    return lines


def _parted(output: str, count: int) -> Iterator[str]:
    for at in range(count):
        printed, mark, output = output.partition(_END.format(at) + "\n")
        assert mark, f"the shell ended in block {at}:\n{printed}"
        yield printed


def _unindented(fence: re.Match[str]) -> str:
    return "".join(line.removeprefix(fence[1]) for line in fence[3].splitlines(keepends=True))


def _clone(cwd: Path) -> None:
    for path in ROOT.iterdir():
        if path.name not in ("var", ".git") and not (cwd / path.name).exists():
            (cwd / path.name).symlink_to(path)
