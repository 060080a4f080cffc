"""Migrating from the command line, and what a service says of a database that was not."""

import sqlite3
from pathlib import Path

import pytest

from services.cli.programs import Program
from shared.runtime.database.migrate import newest_revision
from tests.cli.command import zwornik
from tests.cli.places import member

PROGRAMS: list[Program] = ["broker", "pup", "ops"]


def revision(path: Path) -> str | None:
    with sqlite3.connect(path) as database:
        (found,) = database.execute("SELECT version_num FROM alembic_version").fetchone() or (None,)
    database.close()
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_database_is_brought_to_the_newest_schema_as_often_as_one_likes(tmp_path: Path, program: Program) -> None:
    for _ in range(2):
        said = zwornik("migrate", program, "--url", f"sqlite:///{tmp_path / 'new.sqlite3'}")
        assert (said.status, said.out) == (0, f"{program}: the database is at the newest schema\n")
    assert revision(tmp_path / "new.sqlite3") == newest_revision(program)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("other", PROGRAMS)
def test_the_database_of_another_service_is_refused(tmp_path: Path, program: Program, other: Program) -> None:
    url = f"sqlite:///{tmp_path / 'some.sqlite3'}"
    assert zwornik("migrate", other, "--url", url).status == 0
    said = zwornik("migrate", program, "--url", url)
    if program == other:
        assert said.status == 0
    else:
        assert said.complaint.startswith("the database cannot be migrated: it is the database of another")


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://root:hunter2@127.0.0.1/x",
        "postgresql://nobody:hunter2@127.0.0.1:1/none",
        "sqlite:////nowhere/at/all/x.sqlite3",
        "sqlite:///{folder}",
        "sqlite:///{folder}/garbage",
    ],
)
def test_a_database_that_cannot_be_used_is_said_in_one_line(tmp_path: Path, url: str) -> None:
    (tmp_path / "garbage").write_bytes(b"garbage" * 1000)
    said = zwornik("migrate", "pup", "--url", url.format(folder=tmp_path)).complaint
    assert said.startswith("the database cannot be migrated: ")
    assert "hunter2" not in said


def test_a_schema_newer_than_the_code_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    zwornik("migrate", "pup", "--url", f"sqlite:///{path}")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    said = zwornik("migrate", "pup", "--url", f"sqlite:///{path}").complaint
    assert "9999" in said


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_service_says_that_its_database_was_never_migrated(tmp_path: Path, command: str) -> None:
    env = member(tmp_path / "pup")
    path = tmp_path / "other.sqlite3"
    env |= {"PUP_DATABASE_URL": f"sqlite:///{path}"}
    assert zwornik(command, "pup", env=env).complaint == (
        f"the database {path} does not exist; make it with: zwornik migrate pup"
    )
    assert not path.exists()
    path.touch()
    assert zwornik(command, "pup", env=env).complaint == (
        "the database cannot be used: it was never migrated; zwornik migrate pup makes or mends it"
    )
    env |= {"PUP_DATABASE_URL": "postgresql://nobody:hunter2@127.0.0.1:1/none"}
    said = zwornik(command, "pup", env=env).complaint
    assert said.startswith("the database cannot be used: ")
    assert "hunter2" not in said
