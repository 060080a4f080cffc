"""A match key follows another by the commands: of the custodian, of the operator, and of an office that runs on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from shared.exchange.match_key_file import load_match_key, next_to
from tests.builders import new_client
from tests.cli.command import zwornik
from tests.cli.places import at_broker, broker, member, operator
from tests.cli.serving import served


@pytest.fixture
def office(tmp_path: Path) -> dict[str, str]:
    return member(tmp_path / "pup")


@pytest.fixture
def coming(tmp_path: Path) -> Path:
    """The custodian's next key."""
    assert zwornik("match-key", "generate", tmp_path / "coming.json", "--epoch", "2").status == 0
    return tmp_path / "coming.json"


def test_the_next_key_lies_beside_the_present_one_and_is_taken_once(
    tmp_path: Path, office: dict[str, str], coming: Path
) -> None:
    present = (tmp_path / "pup" / "match-key.json").read_bytes()
    said = zwornik("match-key", "rotate", "pup", coming, env=office)
    fingerprint = zwornik("match-key", "fingerprint", coming).out.strip()
    assert said.out.splitlines() == [
        f"epoch 2, fingerprint {fingerprint}",
        "not announced yet; the service uses it once the directory tells of it",
    ]
    beside = next_to(tmp_path / "pup" / "match-key.json")
    assert (beside.stat().st_mode & 0o777, load_match_key(beside)) == (0o600, load_match_key(coming))
    again = zwornik("match-key", "rotate", "pup", coming, env=office)
    assert (again.status, again.out) == (0, said.out)
    assert (tmp_path / "pup" / "match-key.json").read_bytes() == present
    assert "still needed" in zwornik("match-key", "retire", "pup", env=office).complaint


def test_a_key_that_others_can_read_is_refused(office: dict[str, str], coming: Path) -> None:
    coming.chmod(0o640)
    assert "640" in zwornik("match-key", "rotate", "pup", coming, env=office).complaint


@pytest.mark.parametrize("epoch", ["1", "2"])
def test_a_key_of_an_epoch_that_is_not_higher_is_refused(
    tmp_path: Path, office: dict[str, str], coming: Path, epoch: str
) -> None:
    assert zwornik("match-key", "rotate", "pup", coming, env=office).status == 0
    assert zwornik("match-key", "generate", tmp_path / "other.json", "--epoch", epoch).status == 0
    assert (
        "zwornik match-key retire pup"
        in zwornik("match-key", "rotate", "pup", tmp_path / "other.json", env=office).complaint
    )
    next_to(tmp_path / "pup" / "match-key.json").unlink()
    said = zwornik("match-key", "rotate", "pup", tmp_path / "other.json", env=office)
    assert said.status == (1 if epoch == "1" else 0)
    assert ("has a higher epoch" in said.err) == (epoch == "1")


def test_the_present_key_under_another_epoch_is_refused(tmp_path: Path, office: dict[str, str]) -> None:
    file = tmp_path / "same.json"
    file.write_text((tmp_path / "match-key.json").read_text().replace('"epoch": 1', '"epoch": 2'))
    file.chmod(0o600)
    assert "makes a new one" in zwornik("match-key", "rotate", "pup", file, env=office).complaint


def test_one_key_alone_is_not_retired(office: dict[str, str]) -> None:
    assert "nothing is to be retired" in zwornik("match-key", "retire", "pup", env=office).complaint
    assert zwornik("match-key", "status", "pup", env=office).out == "one match key, and none beside it\n"


@pytest.mark.long
def test_a_running_office_tells_all_its_clients_by_the_announced_key(tmp_path: Path, coming: Path) -> None:
    at = broker(tmp_path / "broker")
    env = member(tmp_path / "pup")
    env |= at_broker(tmp_path / "broker", at)
    with served("broker", at, tmp_path):
        as_operator = operator(at)
        thumbprint = zwornik("institutions", "register", "pup", env=env).out.split()[-1]
        assert zwornik("institutions", "approve", "pup-2478", thumbprint, env=as_operator).status == 0
        with served("pup", env, tmp_path) as office:
            office.until_ready()
            token = zwornik("token", "pup", "--subject", "tester", "--all-scopes", env=env).out.strip()
            for number in range(1, 4):
                answer = httpx2.post(
                    f"{office.url}/v1/clients",
                    json=new_client(number),
                    headers={"Authorization": f"Bearer {token}"},
                    trust_env=False,
                )
                assert answer.status_code == 201, answer.text
        moves = datetime.now(UTC) + timedelta(days=14)
        fingerprint = zwornik("match-key", "fingerprint", coming).out.strip()
        days = ("--moves", moves.isoformat(), "--ends", (moves + timedelta(days=14)).isoformat())
        said = zwornik("match-key", "announce", fingerprint, "--epoch", "2", *days, env=as_operator)
        assert said.out.splitlines()[0] == f"epoch 2, fingerprint {fingerprint}"
        with served("pup", env, tmp_path) as office:
            office.until_ready()
            told = zwornik("match-key", "rotate", "pup", coming, "--wait", env=env)
            assert (told.status, told.err) == (0, "")
            assert told.out.splitlines()[-1] in ("all clients are told",) or "all clients are told by both" in told.out
            status = zwornik("match-key", "status", "pup", env=env)
            assert status.out.startswith("all clients are told by both keys; it names people from ")
        overview = zwornik("match-key", "overview", env=as_operator).out
        assert f"following  {fingerprint}, epoch 2" in overview
        assert "pup-2478" in overview
        refused = zwornik("match-key", "announce", "0" * 16, "--epoch", "2", *days, env=as_operator)
        assert refused.status == 1
