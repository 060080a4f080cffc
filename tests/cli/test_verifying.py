"""``zwornik verify`` of a file that somebody hands over: whatever it holds, the answer is one line."""

from pathlib import Path

import pytest

from tests.cli.command import zwornik

THUMBPRINT = "P-vKaj9OUjPOTKSXqo5f9yZHvlO_LQaLJ26npZ116Hc"
NO_JSON = [b"x", b"\xff", b"[" * 100_000 + b"]" * 100_000, b"1" * 5_000]
NO_EVIDENCE = [b"{}", b"[]", b"null", b'"x"', b'{"streams": [1], "directory": 2}']


@pytest.mark.parametrize("content", NO_JSON, ids=["a letter", "no UTF-8", "nested", "a long number"])
def test_a_file_that_is_no_json_is_said_in_one_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_bytes(content)
    assert zwornik("verify", file, f"--thumbprint={THUMBPRINT}").complaint == f"{file} is no JSON"


@pytest.mark.parametrize("content", NO_EVIDENCE, ids=repr)
def test_a_file_that_is_no_evidence_is_said_in_one_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_bytes(content)
    said = zwornik("verify", file, f"--thumbprint={THUMBPRINT}")
    assert (said.status, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert line.startswith("wrong: ")
