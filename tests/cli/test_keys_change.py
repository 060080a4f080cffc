"""Keys change by the commands, while services run and offices write: over real sockets, as an operator would do it."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from shared.exchange.sets import parse_set
from tests.builders import new_client
from tests.cli.command import zwornik
from tests.cli.places import at_broker, broker, member, operator
from tests.cli.serving import Served, served

SWITCHED_WITHIN_S = 120.0


def test_a_key_is_made_even_when_the_broker_is_down_and_nothing_is_lost(tmp_path: Path) -> None:
    env = member(tmp_path / "pup")
    said = zwornik("keys", "rotate", "pup", env=env)
    assert said.status == 1
    assert "the key is made: offer it with: zwornik institutions register pup" in said.err
    new, old = zwornik("keys", "show", tmp_path / "pup" / "keys").out.split()
    assert said.out.split()[:5] == ["new", "key", new, "before", old]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "pup" / "keys").iterdir()} == {0o600}


def test_nothing_is_rotated_where_there_is_no_key(tmp_path: Path) -> None:
    env = member(tmp_path / "pup")
    for path in (tmp_path / "pup" / "keys").iterdir():
        path.unlink()
    assert "make one with: zwornik keys generate" in zwornik("keys", "rotate", "pup", env=env).complaint


class Writer:
    """Registers clients at a running office, one after another."""

    def __init__(self, office: Served, env: dict[str, str]) -> None:
        token = zwornik("token", "pup", "--subject", "tester", "--all-scopes", env=env).out.strip()
        self._headers = {"Authorization": f"Bearer {token}"}
        self._url, self.written = office.url, 0

    def write(self) -> None:
        self.written += 1
        body = new_client(self.written)
        answer = httpx2.post(self._url + "/v1/clients", json=body, headers=self._headers, trust_env=False)
        assert answer.status_code == 201, answer.text

    def exchange(self) -> Any:
        return httpx2.get(self._url + "/v1/exchange", headers=self._headers, trust_env=False).json()

    def letters(self) -> Any:
        return httpx2.get(self._url + "/v1/dead-letters", headers=self._headers, trust_env=False).json()


def signer_of_last(database: Path) -> str:
    """Return the thumbprint of the key under the newest event of an office."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        [text] = connection.execute("SELECT text FROM set_bytes ORDER BY stored_at DESC LIMIT 1").fetchone()
    return parse_set(text).kid


def until_taken(writer: Writer) -> None:
    ends = time.monotonic() + SWITCHED_WITHIN_S
    while (standing := writer.exchange())["lag"]:
        assert time.monotonic() < ends, standing
        time.sleep(0.2)


@pytest.mark.long
def test_an_office_changes_its_key_while_it_writes_and_no_push_fails(tmp_path: Path) -> None:
    at, office_env = broker(tmp_path / "broker"), member(tmp_path / "pup")
    office_env |= at_broker(tmp_path / "broker", at) | {"PUP_SYNTHETIC_PEOPLE": "true"}
    with served("broker", at, tmp_path) as centre, served("pup", office_env, tmp_path) as office:
        centre.until_ready()
        as_operator = operator(at)
        old = zwornik("institutions", "register", "pup", env=office_env).out.split()[-1]
        assert zwornik("institutions", "approve", "pup-2478", old, env=as_operator).status == 0
        office.until_ready()
        writer = Writer(office, office_env)
        writer.write()
        assert zwornik("keys", "rotate", "pup", env=office_env).status == 0
        new = zwornik("keys", "show", tmp_path / "pup" / "keys").out.split()[0]
        assert "its current key introduced this one" in zwornik("institutions", "list", env=as_operator).out
        assert zwornik("institutions", "approve", "pup-2478", new, env=as_operator).status == 0
        ends = time.monotonic() + SWITCHED_WITHIN_S
        while signer_of_last(tmp_path / "pup" / "node.sqlite3") != new:
            assert time.monotonic() < ends, office.log.read_text()[-2000:]
            writer.write()
            time.sleep(1)
        until_taken(writer)
        assert writer.letters() == []
        assert "lane failed" not in office.log.read_text().partition("own keys read anew")[2]
        since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        revoked = zwornik("institutions", "revoke-key", "pup-2478", old, "--since", since, env=as_operator)
        assert int(revoked.out.split()[-1]) > 0
        writer.write()
        until_taken(writer)
