"""The issuer's keys as a file that somebody else writes."""

import json
import os
from pathlib import Path

import pytest

from shared.exchange.issuer import NoKeySet, issuer_keys

from .builders import KEYS, PUP

EC = {"kty": "EC", "use": "sig", "kid": "one", **KEYS[PUP].public.jwk()}


def write(path: Path, content: str, at: int) -> None:
    path.write_text(content)
    os.utime(path, (at, at))


def test_a_file_that_changes_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    write(path, json.dumps({"keys": [EC]}), 1)
    keys = issuer_keys(path, list)
    assert keys().keys() == {"one"}
    write(path, json.dumps({"keys": [EC | {"kid": "two"}, EC | {"use": "enc", "kid": "three"}]}), 2)
    assert keys().keys() == {"two"}


@pytest.mark.parametrize(
    "content", ["", "garbage", "[]", "1", '{"keys": [1]}', '{"keys": [{"kid": "1", "kty": "EC"}]}']
)
def test_a_file_that_is_none_is_refused_at_first_and_passed_over_later(tmp_path: Path, content: str) -> None:
    path = tmp_path / "jwks.json"
    write(path, content, 1)
    with pytest.raises(NoKeySet, match="holds no JWKS"):
        issuer_keys(path, list)
    write(path, json.dumps({"keys": [EC]}), 2)
    keys = issuer_keys(path, list)
    write(path, content, 3)
    assert keys().keys() == {"one"}
    path.unlink()
    assert keys().keys() == {"one"}
    write(path, json.dumps({"keys": [EC | {"kid": "two"}]}), 4)
    assert keys().keys() == {"two"}


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        issuer_keys(tmp_path / "none.json", list)


def test_without_a_file_the_nodes_own_keys_are_the_issuers() -> None:
    own = KEYS[PUP]
    assert issuer_keys(None, lambda: [own])() == {own.kid: own.public.point}
