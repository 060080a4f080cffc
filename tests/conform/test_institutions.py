"""The kit, as a broker, passes our institutions and finds what is broken at others: that, and nothing else."""

import asyncio
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from services.cli.conform.broker.cases import CASES
from services.cli.conform.broker.trying import _writer
from shared.exchange import judge, sets, trust
from shared.exchange.client import broker as client
from shared.exchange.directory import open_directory
from shared.exchange.jose import parse
from shared.exchange.known_keys import KnownKeys
from shared.exchange.proofs import request
from shared.exchange.stream import receive
from shared.institution import worker
from shared.institution.operations.exchange import polling
from shared.institution.operations.reconciling import running
from shared.runtime.loops import BackOff
from tests.broker.builders import ON_SQLITE
from tests.conform.office import bench, outcomes
from tests.conform.playing import failed
from tests.conftest import MakeDatabase

ALL = ("*",)
ANSWERS = {case.name for case in CASES if case.name.startswith("answer-")}
CHECKPOINTS = {"mail-checkpoint-chain", "mail-checkpoint-signer", "mail-altered"}
PUSHES = {"reconcile-answer", "reconcile-digest-wrong"}
"""What who believes a forged refusal does not push either: it waits for as long as that says."""

WAITS = {"push-rate-limited", "push-unavailable"}


def nothing(*_: Any, **__: Any) -> None:
    """Stand where a check was."""


async def no_errors(*_: Any) -> list[Any]:
    return []


async def not_learnt(*_: Any, **__: Any) -> bool:
    return False


async def nothing_done(*_: Any) -> bool:
    return False


def none_held_back(*_: Any) -> set[tuple[str, str]]:
    return set()


def none_differ(*_: Any) -> list[int]:
    return []


class Desk(StringIO):
    """A screen, and somebody before it who reads when the kit asks for a client."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: asyncio.Queue[str] = asyncio.Queue()

    def write(self, text: str) -> int:
        if text.startswith("Register client number"):
            self.asked.put_nowait(text)
        return super().write(text)


def at_once(back_off: BackOff, at_least_s: float = 0.0) -> float:
    return 0.2


def of_any_serial(token: str, *, lowest_serial: int = 0, **pinned: Any) -> Any:
    return open_directory(token, **pinned)


def of_any_federation(token: str, *, federation: str, **pinned: Any) -> Any:
    """Take a directory of whatever federation for one of ours, as who does not look at that member."""
    claims = parse(token, "zwornik-directory+jwt", max_bytes=1 << 20).claims
    directory = open_directory(token, federation=claims["federation"], **pinned)
    directory.federation = federation
    return directory


def instead(owner: Any, name: str, stand_in: Any = nothing) -> Callable[[pytest.MonkeyPatch], Any]:
    return lambda patch: patch.setattr(owner, name, stand_in)


BROKEN: dict[str, tuple[Callable[[pytest.MonkeyPatch], Any], tuple[str, ...], set[str]]] = {
    "answers are believed": (instead(client, "check_response"), ALL, ANSWERS | {"push-forged-refusal"} | PUSHES),
    "checkpoints are believed": (instead(receive, "check_checkpoint"), ALL, CHECKPOINTS),
    "words are taken": (
        instead(sets, "_require_no_free_text"),
        ALL,
        {"mail-set-free-text", "mail-set-pesel"},
    ),
    "anybody may say anything": (
        instead(judge, "require_permitted"),
        ALL,
        {"mail-set-not-permitted", "reconcile-stranger"},
    ),
    "waits are not kept": (instead(BackOff, "next_pause", at_once), ("push-*",), WAITS),
    "older directories are taken": (instead(trust, "open_directory", of_any_serial), ALL, {"directory-older"}),
    "foreign directories are taken": (
        instead(trust, "open_directory", of_any_federation),
        ALL,
        {"directory-federation"},
    ),
    "no key is looked for": (
        lambda patch: [patch.setattr(trust.Trust, name, not_learnt) for name in ("fetch_key", "refresh")],
        ("key-change", "push-enrolment"),
        {"key-change"},
    ),
    "errors are kept silent": (
        instead(polling, "errors_after", no_errors),
        ("mail-good", "mail-set-type", "mail-set-pesel"),
        {"mail-set-type", "mail-set-pesel"},
    ),
    "keys without a chain are believed": (
        instead(KnownKeys, "held_back", none_held_back),
        ("key-*",),
        {"key-unchained"},
    ),
    "runs are not answered": (
        instead(worker, "reconcile_once", nothing_done),
        ("reconcile-*",),
        {"reconcile-answer", "reconcile-digest-wrong"},
    ),
    "digests are not compared": (
        instead(running, "differing", none_differ),
        ("reconcile-*",),
        {"reconcile-digest-wrong"},
    ),
    "proofs hold for too long": (instead(request, "LIFETIME_S", 3600), ("mail-good", "calls-*"), {"calls-proven"}),
}


def test_each_case_has_a_name_of_its_own_and_is_told_in_words() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 42
    assert all(case.sent and case.expected and case.section[0].isdigit() for case in CASES)


async def test_our_office_passes_some_cases(make_database: MakeDatabase, tmp_path: Path) -> None:
    async with bench(make_database, tmp_path) as made:
        found = await outcomes(made, "push-enrolment", "mail-good", "mail-set-type", "answer-unproven", "calls-*")
        assert failed(found) == {}


async def test_our_office_answers_a_run_and_believes_no_key_without_a_chain(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    async with bench(make_database, tmp_path) as made:
        found = await outcomes(made, "reconcile-*", "key-unchained")
        assert failed(found) == {}
        assert len(found) == 4


async def test_where_there_is_no_token_a_person_is_asked_and_registers_by_hand(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    desk = Desk()
    async with bench(make_database, tmp_path) as made, _writer("", None, Console(file=desk)) as writer:
        by_api, made.writer = made.writer, writer

        async def person() -> None:
            """Do what the kit says, once for each time it says so."""
            while True:
                await desk.asked.get()
                await by_api.write()

        at_the_desk = asyncio.create_task(person())
        found = await outcomes(made, "push-enrolment", "push-restatement", "mail-good")
        at_the_desk.cancel()
    assert failed(found) == {}
    assert len(found) == desk.getvalue().count("somebody new and not real") + 1 == 3


@pytest.mark.long
@pytest.mark.parametrize("name", ["pup-2478", "ops-2478011"])
async def test_our_offices_pass_every_case(make_database: MakeDatabase, tmp_path: Path, name: str) -> None:
    async with bench(make_database, tmp_path, name) as made:
        found = await outcomes(made)
        assert failed(found) == {}
        assert len(found) == len(CASES)


@ON_SQLITE
@pytest.mark.long
@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_office_fails_the_cases_of_what_is_broken(
    make_database: MakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    broken, tried, cases = BROKEN[what]
    async with bench(make_database, tmp_path) as made:
        broken(monkeypatch)
        assert failed(await outcomes(made, *tried)).keys() == cases
