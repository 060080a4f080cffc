"""A match key follows another by the commands: of the custodian, of the operator, and of an office that runs on."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from shared.domain.token import MatchKey
from shared.exchange.match_key_file import load_match_key, next_to, save_match_key
from tests.builders import Federation, Office, new_client
from tests.cli.command import Said, zwornik
from tests.cli.places import at_broker, broker, member, operator
from tests.cli.serving import served
from tests.conftest import MakeDatabase
from tests.federation.epochs import NEXT_KEY, announce, bring, go_to


@pytest.fixture
def office(tmp_path: Path) -> dict[str, str]:
    return member(tmp_path / "pup")


def environment(office: Office) -> dict[str, str]:
    """Return the variables that say what the settings of an office say."""
    settings = office.node.settings
    names = ("id", "federation", "database_url", "key_dir", "broker_url", "broker_thumbprint")
    files = ("match_key_file", "pii_keys_file")
    return {f"PUP_{name.upper()}": str(getattr(settings, name)) for name in (*names, *files)}


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
    complaint = zwornik("match-key", "rotate", "pup", tmp_path / "other.json", env=office).complaint
    assert "call again once the directory names another" in complaint
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


async def test_a_next_key_that_is_not_the_announced_one_gives_way_to_that_and_to_nothing_else(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    keys = {name: tmp_path / f"{name}.json" for name in ("wrong", "other", "right")}
    for number, name in enumerate(("wrong", "other")):
        save_match_key(keys[name], MatchKey(epoch=2, secret=bytes([number]) * 32))
    save_match_key(keys["right"], NEXT_KEY)
    async with Federation(tmp_path / "nodes", make_database) as federation:
        office = await federation.join("pup-2478")

        async def rotate(name: str) -> Said:
            env = environment(office)
            return await asyncio.to_thread(zwornik, "match-key", "rotate", "pup", keys[name], env=env)

        assert (await rotate("wrong")).status == 0
        _, ends_at = await announce(federation)
        beside = next_to(office.node.settings.match_key_file)
        said = await rotate("wrong")
        assert "zwornik match-key rotate pup THEIR_FILE" in said.out
        assert f"the directory names the key {NEXT_KEY.fingerprint}" in (await rotate("other")).complaint
        assert load_match_key(beside) == load_match_key(keys["wrong"])
        said = await rotate("right")
        assert (said.status, load_match_key(beside)) == (0, NEXT_KEY)
        assert beside.stat().st_mode & 0o777 == 0o600
        assert "zwornik match-key retire pup" in (await rotate("wrong")).complaint
        await go_to(federation, ends_at)
        assert "zwornik match-key retire pup" in (await rotate("wrong")).complaint
        assert load_match_key(beside) == NEXT_KEY


async def test_an_office_that_has_a_wrong_key_when_the_old_one_ends_takes_the_one_in_force(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    right = tmp_path / "right.json"
    save_match_key(right, NEXT_KEY)
    async with Federation(tmp_path / "nodes", make_database) as federation:
        office = await federation.join("pup-2478")
        _, ends_at = await announce(federation)
        bring(office, MatchKey(epoch=2, secret=bytes(32)))
        await go_to(federation, ends_at)
        status = await asyncio.to_thread(zwornik, "match-key", "status", "pup", env=environment(office))
        assert status.out.startswith(f"the directory names another key, of fingerprint {NEXT_KEY.fingerprint}; ")
        said = await asyncio.to_thread(zwornik, "match-key", "rotate", "pup", right, env=environment(office))
        assert said.out.splitlines()[1].startswith("the key of epoch 2 is in force")
        assert load_match_key(next_to(office.node.settings.match_key_file)) == NEXT_KEY


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
