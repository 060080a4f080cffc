"""Secret files: nobody else reads them, nothing overwrites them; a folder of keys that others can read is refused."""

import os
import stat
from base64 import b64decode
from collections.abc import Callable
from json import loads
from pathlib import Path

import pytest

from shared.runtime.database.encryption import generate_pii_keys, load_pii_keys
from shared.runtime.database.key_file import add_pii_key, use_pii_key
from shared.runtime.files import InsecureFile, read_secret, write_secret


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_for_its_owner_alone_is_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    write_secret(path, b"\x00secret")
    path.chmod(mode)
    assert read_secret(path) == b"\x00secret"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604, 0o602, 0o620, 0o601, 0o610, 0o777])
def test_a_file_that_anybody_else_may_touch_is_refused_and_the_text_says_how_to_mend_it(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "secret"
    write_secret(path, b"secret")
    path.chmod(mode)
    with pytest.raises(InsecureFile, match=f"mode {mode:04o}.*chmod 600 {path}") as refused:
        read_secret(path)
    assert "secret" not in str(refused.value).replace(str(path), "")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_secret_is_never_readable_for_others_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path, before = tmp_path / "folder" / "secret", os.umask(umask)
    try:
        write_secret(path, b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_secret(path, b"first")
    with pytest.raises(FileExistsError):
        write_secret(path, b"second")
    assert read_secret(path) == b"first"


def test_a_link_that_points_to_nothing_is_no_place_for_a_secret(tmp_path: Path) -> None:
    link = tmp_path / "secret"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_secret(link, b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_a_secret_that_is_missing_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_secret(tmp_path / "none")


def test_keys_for_personal_data_are_new_each_time_and_of_full_length(tmp_path: Path) -> None:
    seen = set()
    for name in ("a", "b"):
        generate_pii_keys(tmp_path / name)
        content = loads(read_secret(tmp_path / name))
        secrets = [content["keys"]["k1"], content["index"]]
        assert {len(b64decode(secret)) for secret in secrets} == {32}
        seen.update(secrets)
    assert len(seen) == 4


def test_a_keys_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "pii.json"
    generate_pii_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(InsecureFile):
        load_pii_keys(path)


def test_the_keys_that_were_written_are_the_keys_that_are_read(tmp_path: Path) -> None:
    generate_pii_keys(tmp_path / "pii.json")
    one, other = load_pii_keys(tmp_path / "pii.json"), load_pii_keys(tmp_path / "pii.json")
    assert other.decrypt(one.encrypt("Nowak", "x"), "x") == "Nowak"
    assert one.index("44651401357", "client.pesel") == other.index("44651401357", "client.pesel")


def _another_index(path: Path) -> None:
    generate_pii_keys(path.with_name("other.json"))
    path.with_name("other.json").replace(path)


@pytest.mark.parametrize(
    "spoil", [Path.unlink, _another_index, lambda path: path.write_text("{}"), lambda path: path.chmod(0o644)]
)
def test_keys_that_are_held_outlive_a_file_that_cannot_be_taken(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "pii.json"
    generate_pii_keys(path)
    keys = load_pii_keys(path)
    assert keys.refreshed() is keys
    add_pii_key(path)
    found = keys.refreshed()
    assert (found.current, sorted(found.ciphers)) == ("k1", ["k1", "k2"])
    use_pii_key(path, "k2")
    spoil(path)
    assert found.refreshed() is found
