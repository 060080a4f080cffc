"""``zwornik import`` as an office's operator runs it, against a service of its own process."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import zwornik
from tests.cli.places import member
from tests.cli.serving import Served, served
from tests.institution.imports.files import FORMS, REGISTER, forma, osoba, person, text


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return member(tmp_path / "pup")


@pytest.fixture
def pup(env: dict[str, str], tmp_path: Path) -> Iterator[Served]:
    with served("pup", env, tmp_path) as running:
        yield running


def caller(env: dict[str, str], url: str, program: str = "pup") -> dict[str, str]:
    token = zwornik("token", program, "--subject", "importer", "--scope", "records:import", env=env).out.strip()
    return {"ZWORNIK_URL": url, "ZWORNIK_TOKEN": token}


def test_a_file_is_tried_imported_and_imported_again(pup: Served, env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "rejestr.csv"
    file.write_bytes(text(REGISTER, [person(1), person(2, NAZWISKO="=1+1"), person(3)]).encode("cp1250"))
    who, command = caller(env, pup.url), ("import", file, "--map", "rejestr-bezrobotnych")
    tried = zwornik(*command, "--dry-run", env=who)
    assert tried.status == 2
    assert tried.out.splitlines() == [
        "line 2: clients created, registrations EW:1:1.03.2026 created",
        "line 3: refused: NAZWISKO: The cell begins as a formula of a spreadsheet does; write its value, or take the "
        "sign away.",
        "line 4: clients created, registrations EW:3:1.03.2026 created",
    ]
    assert "would be 2 created, 0 amended, 0 unchanged, 1 refused" in tried.err
    done = zwornik(*command, env=who)
    assert (done.status, done.out) == (2, "")
    assert "2 created, 0 amended, 0 unchanged, 1 refused" in done.err
    rejects = tmp_path / "rejestr.rejects.csv"
    assert rejects.stat().st_mode & 0o777 == 0o600
    rejects.write_bytes(rejects.read_bytes().replace(b"'=1+1", b"Nowak"))
    mended = zwornik("import", rejects, "--map", "rejestr-bezrobotnych", env=who)
    assert (mended.status, "1 created, 0 amended, 0 unchanged, 0 refused" in mended.err) == (0, True)
    again = zwornik(*command, env=who)
    assert "0 created, 0 amended, 2 unchanged, 1 refused" in again.err
    assert (tmp_path / "rejestr.rejects-2.csv").exists()


def test_what_can_be_mended_is_said_in_one_line(pup: Served, env: dict[str, str], tmp_path: Path) -> None:
    who, file = caller(env, pup.url), tmp_path / "plik.csv"
    file.write_text("A;B\n1;2\n")
    assert "no column map of that name" in zwornik("import", file, "--map", "nic", env=who).complaint
    assert "Missing in the first line" in zwornik("import", file, "--map", "rejestr-bezrobotnych", env=who).complaint
    other = tmp_path / "plik.ods"
    other.write_text("")
    assert "neither .csv nor .xlsx" in zwornik("import", other, "--map", "x", env=who).complaint
    away = who | {"ZWORNIK_URL": "http://127.0.0.1:1"}
    assert "cannot be reached" in zwornik("import", file, "--map", "x", env=away).complaint


@pytest.mark.long
def test_an_import_whose_service_is_killed_goes_on_when_it_is_back(tmp_path: Path) -> None:
    env = member(tmp_path / "ops", "ops", "ops-2478011")
    count = 6000
    file = tmp_path / "formy.csv"
    lines = [osoba(1), *(forma(1, GODZINY=str(number)) for number in range(count - 1))]
    file.write_text(text(FORMS, lines), encoding="utf-8", newline="")
    with served("ops", env, tmp_path) as ops:
        who = caller(env, ops.url, "ops")
        headers = {"Authorization": f"Bearer {who['ZWORNIK_TOKEN']}", "Content-Type": "text/csv"}
        import httpx2

        sent = httpx2.post(
            f"{ops.url}/v1/imports?map=formy-wsparcia", content=file.read_bytes(), headers=headers, trust_env=False
        ).json()
        path = f"{ops.url}/v1/imports/{sent['id']}"
        while httpx2.get(path, headers=headers, trust_env=False).json()["done_line"] < 1000:
            time.sleep(0.01)
        ops.stop(signal.SIGKILL)
    with served("ops", env, tmp_path):
        done = zwornik("import", file, "--map", "formy-wsparcia", env=who)
        assert done.status == 0, done.err
        job = httpx2.get(path, headers=headers, trust_env=False).json()
        again = zwornik("import", file, "--map", "formy-wsparcia", env=who)
    assert (job["state"], job["created"], job["refused"]) == ("done", count, 0)
    assert f"0 created, 0 amended, {count} unchanged, 0 refused" in again.err
