"""Keys from the command line: nobody else can read them, none is overwritten, a wrong file is said in one line."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.cli.command import Said, zwornik

EPOCH_ONE = {"epoch": 1, "secret": "AAAA"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    assert zwornik("match-key", "generate", tmp_path / "match-key.json").status == 0
    return tmp_path / "match-key.json"


def test_a_signing_key_is_named_by_its_thumbprint_and_read_by_nobody_else(tmp_path: Path) -> None:
    first, second = (zwornik("keys", "generate", tmp_path / "keys").out.split() for _ in range(2))
    paths = [Path(path) for _, path in (first, second)]
    assert [path.stem for path in paths] == [first[0], second[0]]
    assert {mode(path) for path in paths} == {0o600}
    assert len(set(paths)) == 2
    os.utime(paths[0], (1, 1))
    assert zwornik("keys", "show", tmp_path / "keys").out.split() == [second[0], first[0]]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_no_umask_opens_a_key(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        for command in ("match-key", "pii-keys"):
            assert zwornik(command, "generate", tmp_path / command).status == 0
        assert zwornik("keys", "generate", tmp_path / "keys").status == 0
    finally:
        os.umask(before)
    assert {mode(path) for path in tmp_path.rglob("*") if path.is_file()} == {0o600}


def test_a_key_is_never_overwritten(tmp_path: Path, key_file: Path) -> None:
    assert zwornik("pii-keys", "generate", tmp_path / "pii.json").status == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for command in (
        ("match-key", "generate", key_file),
        ("match-key", "import", key_file, tmp_path / "pii.json"),
        ("match-key", "import", key_file, key_file),
        ("pii-keys", "generate", key_file),
        ("pii-keys", "generate", tmp_path / "pii.json"),
    ):
        assert zwornik(*command).complaint.endswith("exists; a key is never overwritten")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("command", [("match-key", "generate"), ("pii-keys", "generate")])
def test_a_link_to_nowhere_is_not_followed(tmp_path: Path, command: tuple[str, str]) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert zwornik(*command, tmp_path / "link").complaint == f"{tmp_path / 'link'}: File exists"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", [("keys", "generate"), ("match-key", "generate"), ("pii-keys", "generate")])
def test_a_folder_that_is_a_file_is_said_in_one_line(tmp_path: Path, command: tuple[str, str]) -> None:
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" if command[0] == "keys" else tmp_path / "file" / "key.json"
    assert zwornik(*command, target).complaint == f"{tmp_path / 'file'}: File exists"


def test_a_match_key_is_imported_with_its_epoch_and_fingerprint(tmp_path: Path) -> None:
    assert zwornik("match-key", "generate", tmp_path / "theirs.json", "--epoch", "7").status == 0
    said = zwornik("match-key", "import", tmp_path / "theirs.json", tmp_path / "new" / "ours.json")
    shown = zwornik("match-key", "fingerprint", tmp_path / "new" / "ours.json").out.strip()
    assert said.out == f"{tmp_path / 'new' / 'ours.json'}\nfingerprint {shown}\n"
    assert len(shown) == 16
    assert mode(tmp_path / "new" / "ours.json") == 0o600
    assert json.loads((tmp_path / "new" / "ours.json").read_text())["epoch"] == 7
    for epoch in (0, 1_000_000):
        assert zwornik("match-key", "generate", tmp_path / "none.json", "--epoch", epoch).status == 2
    assert not (tmp_path / "none.json").exists()


WRONG = [
    b"",
    b"garbage",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    *(json.dumps(value).encode() for value in ([], 1, None, "x", {}, {"epoch": 1}, {"secret": "AAAA"}, EPOCH_ONE)),
    *(
        json.dumps(EPOCH_ONE | {"epoch": epoch, "secret": "A" * 43 + "="}).encode()
        for epoch in (0, "1", None, 1.5, True)
    ),
    *(json.dumps(EPOCH_ONE | {"secret": secret}).encode() for secret in (None, 5, "", "AAAA", "ż", "A" * 43)),
    b'{"epoch": 1e999, "secret": "AAAA"}',
]


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_a_file_that_is_no_match_key_is_said_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wrong.json"
    path.write_bytes(content)
    path.chmod(0o600)
    said = f"{path} holds no match key: an epoch, and a secret of 32 bytes in base64."
    assert zwornik("match-key", "fingerprint", path).complaint == said
    assert zwornik("match-key", "import", path, tmp_path / "target.json").complaint == said
    assert not (tmp_path / "target.json").exists()


def test_a_key_that_others_can_read_is_refused_with_what_mends_it(tmp_path: Path, key_file: Path) -> None:
    assert zwornik("keys", "generate", tmp_path / "keys").status == 0
    (pem,) = (tmp_path / "keys").iterdir()
    for path, command in (
        (key_file, ("match-key", "fingerprint", key_file)),
        (pem, ("keys", "show", tmp_path / "keys")),
    ):
        for open_mode in (0o644, 0o640, 0o602):
            path.chmod(open_mode)
            assert zwornik(*command).complaint.endswith(f"Mend it with: chmod 600 {path}")
        path.chmod(0o400)
        assert zwornik(*command).status == 0


def test_a_key_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"
    assert zwornik("match-key", "fingerprint", missing).complaint == f"{missing}: No such file or directory"
    assert zwornik("match-key", "fingerprint", tmp_path).complaint == f"{tmp_path}: Is a directory"
    assert zwornik("keys", "show", missing).complaint.endswith(f"make one with: zwornik keys generate {missing}")


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"-----BEGIN PRIVATE KEY-----\nMEE=\n-----END PRIVATE KEY-----\n"]
)
def test_a_file_that_is_no_signing_key_is_said_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pem").write_bytes(content)
    (tmp_path / "x.pem").chmod(0o600)
    assert (
        zwornik("keys", "show", tmp_path).complaint
        == f"{tmp_path / 'x.pem'} holds no private key in PEM without a password."
    )


def test_a_command_that_is_none_says_how_to_get_help() -> None:
    for arguments in ((), ("none",), ("keys",), ("keys", "none"), ("match-key", "generate")):
        said: Said = zwornik(*arguments)
        assert said.status == 2
        assert "zwornik" in said.out + said.err
