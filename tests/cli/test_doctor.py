"""``zwornik institutions`` and ``zwornik doctor`` against a broker that runs."""

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.cli.match_key_advice import match_key_advice
from shared.domain.token import MatchKey
from shared.exchange.match_key_file import next_to, replace_match_key, save_match_key
from shared.exchange.match_keys import MatchKeys, NextMatchKey
from tests.cli.command import Said, zwornik
from tests.cli.places import BROKER_URL, at_broker, broker, member, operator
from tests.cli.serving import served


@dataclass(frozen=True)
class Federation:
    """A running broker, its operator, and one office that was approved."""

    folder: Path
    broker: dict[str, str]
    operator: dict[str, str]
    office: dict[str, str]

    def another(self, folder: Path, program: str, office: str) -> dict[str, str]:
        """Make an office that is not registered yet, with the match key of the federation."""
        (folder / "match-key.json").symlink_to(self.folder / "match-key.json")
        return member(folder / office, program, office) | at_broker(self.folder / "broker", self.broker, program)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    folder = tmp_path_factory.mktemp("federation")
    env = broker(folder / "broker")
    office = member(folder / "pup") | at_broker(folder / "broker", env)
    with served("broker", env, folder) as running:
        running.until_ready()
        as_operator = operator(env)
        thumbprint = zwornik("institutions", "register", "pup", env=office).out.split()[-1]
        assert zwornik("institutions", "approve", "pup-2478", thumbprint, env=as_operator).status == 0
        yield Federation(folder, env, as_operator, office)


@pytest.fixture
def doctor(federation: Federation) -> "Doctor":
    return Doctor(federation.office)


@dataclass(frozen=True)
class Doctor:
    """Looks over the configuration of the office that is well, with something changed."""

    office: dict[str, str]

    def __call__(self, **changes: str) -> Said:
        return zwornik("doctor", "pup", env=self.office | changes)

    def finds(self, what: str, **changes: str) -> tuple[str, str]:
        """Return what the doctor says of the one thing that is wrong, and how it is mended."""
        said = self(**changes)
        assert (said.status, said.err) == (1, "")
        lines = said.out.splitlines()
        (number,) = (number for number, line in enumerate(lines) if line.startswith("WRONG"))
        assert lines[number].startswith(f"WRONG  {what}: "), said.out
        return lines[number].partition(": ")[2], lines[number + 1].strip()


def rows(said: Said) -> dict[str, str]:
    assert said.status == 0, said.err
    return {line.split("│")[1].strip(): line for line in said.out.splitlines() if "│" in line}


def test_an_institution_registers_waits_and_is_approved(federation: Federation, tmp_path: Path) -> None:
    env = federation.another(tmp_path, "ops", "ops-2478011")
    registered = zwornik("institutions", "register", "ops", env=env)
    thumbprint = zwornik("keys", "show", tmp_path / "ops-2478011" / "keys").out.strip()
    assert registered.out == f"ops-2478011 is pending; thumbprint {thumbprint}\n"
    listed = zwornik("institutions", "list", env=federation.operator)
    assert "pending" in rows(listed)["ops-2478011"]
    assert thumbprint in listed.out, "whole, to be compared"
    wrong = zwornik("institutions", "approve", "ops-2478011", "A" * 43, env=federation.operator)
    assert wrong.complaint.startswith("The thumbprint is not the one that was registered")
    for _ in range(2):
        approved = zwornik("institutions", "approve", "ops-2478011", thumbprint, env=federation.operator)
        assert approved.out == "ops-2478011 is active\n"
    listed = zwornik("institutions", "list", env=federation.operator)
    assert "active" in rows(listed)["ops-2478011"]
    assert "2478011" in rows(listed)["ops-2478011"]
    assert thumbprint not in listed.out
    assert zwornik("doctor", "ops", env=env).status == 0


def test_a_new_key_waits_for_the_operator_too(federation: Federation, tmp_path: Path) -> None:
    env = federation.another(tmp_path, "pup", "pup-2476")
    keys = tmp_path / "pup-2476" / "keys"
    first = zwornik("institutions", "register", "pup", env=env).out.split()[-1]
    zwornik("institutions", "approve", "pup-2476", first, env=federation.operator)
    os.utime(keys / f"{first}.pem", (1, 1))
    second = zwornik("keys", "generate", keys).out.split()[0]
    assert zwornik("institutions", "register", "pup", env=env).out == f"pup-2476 is active; thumbprint {second}\n"
    assert second in zwornik("institutions", "list", env=federation.operator).out
    assert zwornik("institutions", "approve", "pup-2476", second, env=federation.operator).status == 0


def test_an_institution_is_suspended_resumed_and_retired(federation: Federation, tmp_path: Path) -> None:
    env = federation.another(tmp_path, "pup", "pup-1611")
    pending = zwornik("institutions", "suspend", "pup-1611", env=federation.operator)
    assert pending.status == 1
    thumbprint = zwornik("institutions", "register", "pup", env=env).out.split()[-1]
    zwornik("institutions", "approve", "pup-1611", thumbprint, env=federation.operator)
    for command, state in (
        ("suspend", "suspended"),
        ("resume", "active"),
        ("suspend", "suspended"),
        ("retire", "retired"),
    ):
        said = zwornik("institutions", command, "pup-1611", env=federation.operator)
        assert said.out == f"pup-1611 is {state}\n"
        if state != "active":
            assert f"this institution is {state}" in zwornik("doctor", "pup", env=env).out
    assert "retired" in zwornik("institutions", "resume", "pup-1611", env=federation.operator).complaint


def test_who_may_not_is_told_so_in_one_line(federation: Federation) -> None:
    for token, says in (("nonsense", "token"), ("żółw", "letters")):
        said = zwornik("institutions", "list", env=federation.operator | {"ZWORNIK_TOKEN": token}).complaint
        assert says in said
    reader = zwornik("token", "broker", "--subject", "x", "--scope", "broker:read", env=federation.broker).out.strip()
    env = federation.operator | {"ZWORNIK_TOKEN": reader}
    assert zwornik("institutions", "list", env=env).status == 0
    assert "broker:approve" in zwornik("institutions", "approve", "pup-2478", "x", env=env).complaint
    assert zwornik("institutions", "approve", "ops-9999999", "x", env=federation.operator).complaint
    assert zwornik("institutions", "list").status == 2


@pytest.mark.parametrize("url", [BROKER_URL, "nonsense", "https://127.0.0.1:1", "http://broker.example"])
def test_a_broker_that_is_not_there_is_said_in_one_line(federation: Federation, url: str) -> None:
    said = zwornik("institutions", "register", "pup", env=federation.office | {"PUP_BROKER_URL": url})
    assert said.complaint.startswith("the broker cannot be reached")
    if url != "http://broker.example":
        said = zwornik("institutions", "list", env=federation.operator | {"ZWORNIK_BROKER_URL": url})
        assert said.complaint.startswith("the broker cannot be reached")


def test_another_match_key_is_refused_at_registration(federation: Federation, tmp_path: Path) -> None:
    env = member(tmp_path / "ops", "ops", "ops-2476011") | at_broker(
        federation.folder / "broker", federation.broker, "ops"
    )
    assert "match key" in zwornik("institutions", "register", "ops", env=env).complaint


def test_the_doctor_finds_nothing_where_all_is_well(federation: Federation, doctor: Doctor) -> None:
    said = doctor()
    assert (said.status, said.err) == (0, ""), said.out
    assert [line.split(": ")[0] for line in said.out.splitlines()] == [
        f"well   {what}"
        for what in ("variables", "signing keys", "database", "match key", "keys for personal data", "broker")
    ]
    said = zwornik("doctor", "broker", env=federation.broker)
    assert (said.status, said.err) == (0, ""), said.out


def test_the_doctor_names_unknown_variables(doctor: Doctor) -> None:
    says, mend = doctor.finds("variables", PUP_NAMES="x", PUP_PROT="8001")
    assert says == "unknown: PUP_NAMES, PUP_PROT"
    assert ".env.example" in mend


def test_the_doctor_names_what_is_missing_in_the_settings(federation: Federation) -> None:
    env = {name: value for name, value in federation.office.items() if name != "PUP_KEY_DIR"}
    said = zwornik("doctor", "pup", env=env | {"PUP_PORT": "many"})
    assert said.status == 1
    assert "PUP_KEY_DIR: Field required" in said.out
    assert "PUP_PORT: " in said.out


def test_the_doctor_mends_what_is_missing(doctor: Doctor, tmp_path: Path) -> None:
    none = tmp_path / "none"
    for what, variable, mend in (
        ("signing keys", "PUP_KEY_DIR", f"zwornik keys generate {none}"),
        ("match key", "PUP_MATCH_KEY_FILE", f"zwornik match-key import THEIR_FILE {none}"),
        ("keys for personal data", "PUP_PII_KEYS_FILE", f"zwornik pii-keys generate {none}"),
    ):
        says, how = doctor.finds(what, **{variable: str(none)})
        assert str(none) in says
        assert how.endswith(mend)
    says, how = doctor.finds("database", PUP_DATABASE_URL=f"sqlite:///{none}")
    assert (says, how) == (f"the database {none} does not exist", "make it with: zwornik migrate pup")
    assert not none.exists()
    issuer = {"PUP_ISSUER": "https://login.example", "PUP_JWKS_FILE": str(none)}
    says, how = doctor.finds("issuer", **issuer)
    assert str(none) in says
    assert "PUP_JWKS_FILE" in how


def test_the_doctor_mends_what_others_can_read(federation: Federation, doctor: Doctor) -> None:
    office = federation.folder / "pup"
    (pem,) = (office / "keys").iterdir()
    for what, path in (
        ("match key", office / "match-key.json"),
        ("keys for personal data", office / "pii.json"),
        ("signing keys", pem),
    ):
        path.chmod(0o644)
        try:
            says, how = doctor.finds(what)
        finally:
            path.chmod(0o600)
        assert says == "others can read it"
        assert how.endswith(f"chmod 600 {path}")


def test_the_doctor_mends_files_that_are_something_else(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    for path in (tmp_path / "file", tmp_path / "keys" / "x.pem"):
        path.write_text("[]")
        path.chmod(0o600)
    for what, variable, value in (
        ("signing keys", "PUP_KEY_DIR", tmp_path / "keys"),
        ("match key", "PUP_MATCH_KEY_FILE", tmp_path / "file"),
        ("keys for personal data", "PUP_PII_KEYS_FILE", tmp_path / "file"),
        ("disclosure policy", "PUP_DISCLOSURE_FILE", tmp_path / "file"),
    ):
        says, how = doctor.finds(what, **{variable: str(value)})
        assert str(tmp_path) in says
        assert how


def test_the_doctor_mends_a_database_that_is_not_at_the_newest_schema(doctor: Doctor, tmp_path: Path) -> None:
    path = tmp_path / "node.sqlite3"
    path.touch()
    says, how = doctor.finds("database", PUP_DATABASE_URL=f"sqlite:///{path}")
    assert "never migrated" in says
    assert "zwornik migrate pup" in how
    zwornik("migrate", "pup", "--url", f"sqlite:///{path}")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    database.close()
    says, how = doctor.finds("database", PUP_DATABASE_URL=f"sqlite:///{path}")
    assert says.startswith("schema 0000, the code wants ")
    assert how == "zwornik migrate pup"
    says, how = doctor.finds("database", PUP_DATABASE_URL="postgresql://nobody:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in says + how


def test_the_doctor_knows_a_wrong_broker(doctor: Doctor) -> None:
    says, how = doctor.finds("broker", PUP_BROKER_URL=BROKER_URL)
    assert BROKER_URL in says
    assert "PUP_BROKER_URL" in how
    says, how = doctor.finds("broker", PUP_BROKER_THUMBPRINT="A" * 43)
    assert "pinned" in says
    assert "PUP_BROKER_THUMBPRINT" in how
    says, how = doctor.finds("broker", PUP_FEDERATION="pl-other")
    assert how


def test_the_doctor_knows_that_the_broker_does_not_know_us(federation: Federation, tmp_path: Path) -> None:
    env = federation.another(tmp_path, "ops", "ops-1611012")
    said = zwornik("doctor", "ops", env=env)
    assert (said.status, said.err) == (1, "")
    assert "WRONG  broker: it does not know this institution\n" in said.out
    assert "zwornik institutions register" in said.out


def test_the_doctor_knows_another_key_and_another_match_key(doctor: Doctor, tmp_path: Path) -> None:
    zwornik("keys", "generate", tmp_path / "keys")
    zwornik("match-key", "generate", tmp_path / "match-key.json")
    says, how = doctor.finds("broker", PUP_KEY_DIR=str(tmp_path / "keys"))
    assert says == "none of our keys is in the directory"
    assert "zwornik institutions register" in how
    says, how = doctor.finds("broker", PUP_MATCH_KEY_FILE=str(tmp_path / "match-key.json"))
    assert says.startswith("the federation's match key is ")
    assert how.endswith(f"zwornik match-key import THEIR_FILE {tmp_path / 'match-key.json'}")
    assert how.startswith(f"move {tmp_path / 'match-key.json'} away")


def test_the_doctor_advises_to_take_the_key_that_follows_where_that_helps(tmp_path: Path) -> None:
    file, old, new, wrong = tmp_path / "match-key.json", *(MatchKey(epoch, bytes([epoch]) * 32) for epoch in (1, 2, 3))
    save_match_key(file, old)
    following = NextMatchKey(fingerprint=new.fingerprint, epoch=2, moves_at=1, ends_at=2)
    before, during = MatchKeys(fingerprint=old.fingerprint), MatchKeys(fingerprint=old.fingerprint, next=following)
    after = MatchKeys(fingerprint=new.fingerprint, epoch=2)
    assert match_key_advice(file, "pup", before) is match_key_advice(file, "pup", MatchKeys()) is None
    another = MatchKeys(fingerprint=wrong.fingerprint, next=following)
    for keys, named in ((during, new), (after, new), (another, wrong)):
        says, how = match_key_advice(file, "pup", keys) or ("", "")
        assert named.fingerprint in says
        assert how.endswith("zwornik match-key rotate pup THEIR_FILE")
    save_match_key(next_to(file), wrong)
    assert match_key_advice(file, "pup", during) is not None
    replace_match_key(next_to(file), new)
    assert match_key_advice(file, "pup", during) is match_key_advice(file, "pup", after) is None


@pytest.mark.long
def test_an_office_is_reconciled_on_demand_with_progress_and_its_evidence_holds(
    federation: Federation, tmp_path: Path
) -> None:
    with served("pup", federation.office, tmp_path) as office:
        office.until_ready()
        said = zwornik("reconcile", "--institution", "pup-2478", "--wait-s", "60", env=federation.operator)
    assert (said.status, said.out.splitlines()[-1]) == (
        0,
        "pup-2478: closed (missing 0, altered 0, restated 0, unmended 0)",
    )
    file = tmp_path / "evidence.json"
    written = zwornik("evidence", "pup", file, env=federation.office)
    assert written.status == 0, written.err
    assert file.stat().st_mode & 0o777 == 0o600
    thumbprint = federation.office["PUP_BROKER_THUMBPRINT"]
    assert zwornik("verify", file, f"--thumbprint={thumbprint}").out.startswith("holds: ")
    again = zwornik("evidence", "pup", file, env=federation.office)
    assert again.complaint == f"{file} is there already; name a new file"
    nobody = zwornik("reconcile", "--institution", "pup-9999", env=federation.operator)
    assert nobody.status == 1
