"""``zwornik dead-letters`` as officials run it, against a service of its own process."""

import sqlite3
from pathlib import Path

import pytest

from services.cli.programs import Program
from tests.cli.command import Said, zwornik
from tests.cli.places import broker, member
from tests.cli.serving import served

LETTERS = [f"01a21079-969e-7ecb-9039-2df7a313a1{number:02d}" for number in range(3)]
AT = 1_790_841_600_000_000
"""2026-10-01, 08:00, as SQLite holds it."""


def refuse_some(database: Path, owner: str, found_by: str) -> None:
    """Put letters where a receiver, or an author that is told so, puts them."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "INSERT INTO stream (owner, peer, incarnation, position, chain, moved_at) VALUES (?, 'x', 'i', 9, ?, ?)",
            (owner, bytes(32), AT),
        )
        [(stream,)] = connection.execute("SELECT id FROM stream WHERE incarnation = 'i'")
        connection.executemany(
            "INSERT INTO dead_letter (id, stream_id, position, iss, hash, token, problem, state, found_by, at)"
            " VALUES (?, ?, ?, ?, ?, '1.t', 'set-schema', 'open', ?, ?)",
            [(name, stream, at, owner, bytes([at]) * 32, found_by, AT) for at, name in enumerate(LETTERS, 1)],
        )


class Officials:
    """Two of a node's people, each with a token."""

    def __init__(self, program: Program, env: dict[str, str], url: str, scopes: tuple[str, ...]) -> None:
        narrowed = [option for scope in scopes for option in ("--scope", scope)]
        self.url = url
        self.tokens = [
            zwornik("token", program, "--subject", name, *narrowed, env=env).out.strip() for name in ("one", "two")
        ]

    def __call__(self, number: int, *command: str) -> Said:
        env = {"ZWORNIK_URL": self.url, "ZWORNIK_TOKEN": self.tokens[number - 1]}
        return zwornik("dead-letters", *command, env=env)


@pytest.mark.parametrize("program", ["pup", "broker"])
def test_letters_are_listed_kept_and_discarded_by_two(program: Program, tmp_path: Path) -> None:
    env = broker(tmp_path / program) if program == "broker" else member(tmp_path / program)
    scopes = ("broker:read", "broker:redrive") if program == "broker" else ("audit:read", "admin")
    refuse_some(tmp_path / program / "node.sqlite3", "pup-2478", "self" if program == "broker" else "peer")
    with served(program, env, tmp_path) as running:
        call = Officials(program, env, running.url, scopes)
        first, second, _ = LETTERS
        listed = call(1, "list").out
        assert [line.split()[0] for line in listed.splitlines() if " is open" in line] == LETTERS
        where = "refused here" if program == "broker" else "refused at the other end"
        assert f"  set-schema, {where} at 2026-10-01T08:00:00" in listed
        assert "pup-2478 to x, position 1, by pup-2478" in listed
        cause = listed.splitlines()[-1]
        assert cause.startswith("set-schema: ")
        assert cause.endswith("."), "and what mends it"
        asked = call(1, "discard", first, "--reason", "overtaken")
        assert asked.out.startswith(f"{first} is discarding: overtaken, asked by one; a second official decides")
        assert "second official" in call(1, "confirm", first).complaint
        assert call(2, "keep", first).out == f"{first} is open\n"
        call(2, "discard", first, "--reason", "sent_in_error")
        done = call(1, "confirm", first)
        assert done.out == f"{first} is discarded: sent_in_error, asked by two, confirmed by one\n"
        assert first not in call(1, "list").out
        assert first in call(1, "list", "--state", "discarded").out
        assert call(1, "list", "--state", "redriven").out == "no letter is in such a state\n"
        assert call(1, "discard", second, "--reason", "tired").status == 2


def test_only_the_author_says_a_letter_anew_and_at_the_broker_one_is_told_so(tmp_path: Path) -> None:
    env = broker(tmp_path / "broker")
    refuse_some(tmp_path / "broker" / "node.sqlite3", "pup-2478", "self")
    with served("broker", env, tmp_path) as running:
        call = Officials("broker", env, running.url, ("broker:read", "broker:redrive"))
        assert "only its author does, at its own service" in call(1, "redrive", LETTERS[0]).complaint
