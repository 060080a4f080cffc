"""A fork is detected at both ends, kept as evidence, and stops the lane with a clear problem (WIRE.md, section 6)."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.client.broker import Refused
from shared.exchange.stream.heads import StreamFork, create_head, find_head
from shared.exchange.stream.tables import StreamRow
from shared.institution.node import POLL, PUSH
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.operations.exchange.pushing import push_once
from shared.institution.worker import Worker
from tests.builders import Federation, Office
from tests.conftest import MakeDatabase

OTHER = "ab" * 16


async def joined(federation: Federation) -> Office:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    await pup.enrol(1)
    await ops.enrol(1)
    await federation.settle()
    return pup


async def forget_past(office: Office, owner: str, peer: str) -> None:
    """Begin a stream anew behind the other end's back, as a restored copy would."""
    async with office.node.db.write() as session:
        await create_head(session, owner, peer, OTHER, office.node.now)


async def test_a_push_of_another_incarnation_is_kept_at_both_ends(federation: Federation) -> None:
    pup = await joined(federation)
    await forget_past(pup, pup.id, BROKER)
    await pup.enrol(2)
    pup.node.peer_position = 0
    with pytest.raises(Refused) as refused:
        await push_once(pup.node)
    assert refused.value.problem == "stream-fork"
    pup.node.peer_position = None
    with pytest.raises(StreamFork):
        await push_once(pup.node)
    [at_broker] = (await federation.operator.get("/v1/forks")).json()
    [at_office] = await pup.get("/v1/forks")
    for evidence in (at_broker, at_office):
        assert (evidence["owner"], evidence["peer"]) == (pup.id, BROKER)
        words = [jose.parse(evidence[name], typ) for name, typ in _types(evidence is at_broker)]
        assert {word.claims["incarnation"] for word in words} >= {OTHER}
        assert {word.claims["iss"] for word in words} == {pup.id, BROKER}


def _types(at_broker: bool) -> list[tuple[str, str]]:
    ours, theirs = ("receipt", "checkpoint") if at_broker else ("checkpoint", "receipt")
    return [("ours", f"zwornik-{ours}+jwt"), ("theirs", f"zwornik-{theirs}+jwt")]


async def test_the_same_fork_is_kept_once(federation: Federation) -> None:
    pup = await joined(federation)
    await forget_past(pup, pup.id, BROKER)
    pup.node.peer_position = None
    for _ in range(3):
        with pytest.raises(StreamFork):
            await push_once(pup.node)
    assert len(await pup.get("/v1/forks")) == 1


async def test_a_mailbox_that_began_anew_is_followed_at_once_and_is_no_fork(federation: Federation) -> None:
    pup = await joined(federation)
    async with federation.broker.db.write() as session:
        await create_head(session, BROKER, pup.id, OTHER, federation.broker.now)
    await poll_once(pup.node, wait_s=0)
    async with pup.node.db.read() as session:
        head = await find_head(session, BROKER, pup.id)
    assert head is not None
    assert head.incarnation == OTHER
    assert await pup.get("/v1/forks") == []


async def test_an_acknowledgement_beyond_the_mailbox_is_kept_at_the_broker(federation: Federation) -> None:
    pup = await joined(federation)
    async with pup.node.db.write() as session:
        at = (StreamRow.owner == BROKER, StreamRow.peer == pup.id)
        await session.execute(update(StreamRow).where(*at).values(position=StreamRow.position + 5))
    with pytest.raises(Refused):
        await poll_once(pup.node, wait_s=0)
    [evidence] = (await federation.operator.get("/v1/forks")).json()
    assert jose.parse(evidence["theirs"], "zwornik-request+jwt").claims["iss"] == pup.id


async def test_a_fork_stops_the_lane_and_readiness_says_so(federation: Federation) -> None:
    pup = await joined(federation)
    worker = Worker(pup.node)
    await forget_past(pup, pup.id, BROKER)
    pup.node.peer_position = None
    await worker._push()
    await poll_once(pup.node, wait_s=0)
    assert pup.node.lanes[PUSH].problem == "stream-fork"
    assert pup.node.lanes[POLL].problem is None, "one lane stands, the other goes on"
    ready = await pup.http.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["push"]) == (503, "stream-fork")
    assert 'zwornik_lane_up{lane="push"} 0.0' in (await pup.http.get("/metrics")).text


async def test_an_office_restored_from_a_copy_that_wrote_before_its_first_contact_is_a_fork(
    sqlite_database: MakeDatabase, tmp_path: Path
) -> None:
    async with Federation(tmp_path / "nodes", sqlite_database) as federation:
        pup = await joined(federation)
        file = Path(str(pup.node.db.engine.url.database))
        await pup.node.db.close()
        shutil.copy(file, tmp_path / "copy")
        await pup.enrol(2)
        await pup.enrol(3)
        await federation.settle()
        await pup.node.db.close()
        for name in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
            name.unlink(missing_ok=True)
        shutil.copy(tmp_path / "copy", file)
        pup.node.peer_position = None
        await pup.enrol(4)
        with pytest.raises(StreamFork):
            await push_once(pup.node)
        assert len(await pup.get("/v1/forks")) == 1
        [client] = [one for one in (await pup.get("/v1/clients"))["items"] if one["case_number"] == "T.4"]
        assert client["state"] == "active", "nothing is taken back over what was written"
