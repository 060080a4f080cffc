"""Running ``zwornik`` as a person at a keyboard would: inside this process, or as a process of its own."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
_OURS = ("PUP_", "OPS_", "BROKER_", "ZWORNIK_")


@dataclass(frozen=True)
class Said:
    """What a command answered: its exit status and both streams, as bytes and as text."""

    status: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def complaint(self) -> str:
        """The one line on stderr of a command that failed."""
        (line,) = self.err.splitlines()
        assert (self.status, self.raw) == (1, b"")
        assert line.startswith("zwornik: ")
        return line.removeprefix("zwornik: ")


def zwornik(*arguments: object, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Said:
    """Run a command inside this process; whatever it does not catch fails the test."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    status: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["zwornik", *map(str, arguments)])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        for name in [name for name in os.environ if name.startswith(_OURS)]:
            patch.delenv(name)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as ended:
            status = ended.code
    raw, said = (stream.buffer.getvalue() for stream in (out, err))  # type: ignore[attr-defined]
    return Said(status if isinstance(status, int) else int(bool(status)), raw, said.decode())


def process(*arguments: object, stdin: bytes = b"", env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Said:
    """Run a command as a process of its own."""
    command = [sys.executable, "-m", "services.cli", *map(str, arguments)]
    options: dict[str, Any] = {"capture_output": True, "env": bare(env or {}), "cwd": cwd, "timeout": 60}
    ran = subprocess.run(command, input=stdin, check=False, **options)
    return Said(ran.returncode, ran.stdout, ran.stderr.decode())


def bare(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without any setting of ours, and some more."""
    return {n: v for n, v in os.environ.items() if not n.startswith(_OURS)} | {"PYTHONPATH": str(ROOT)} | dict(env)
