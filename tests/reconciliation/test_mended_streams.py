"""Rows of a stream that were lost or altered, at either end, come back byte for byte from the other end."""

import pytest

from shared.domain.institutions import BROKER
from shared.institution.node import PUSH
from shared.institution.operations.reconciling.streams import exchange
from shared.institution.worker import Worker
from shared.runtime.database.engine import Database
from tests.builders import Federation, Office
from tests.federation.wires import hold
from tests.reconciliation.damages import ENDS, alter, found, lose, statement, told, whole

each_end = pytest.mark.parametrize(("holder", "stream"), ENDS)


def at(federation: Federation, pup: Office, holder: str, stream: str) -> tuple[Database, str, str]:
    db = federation.broker.db if holder == BROKER else pup.node.db
    return (db, pup.id, BROKER) if stream == "own" else (db, BROKER, pup.id)


async def test_two_ends_in_step_say_so_in_one_exchange(federation: Federation) -> None:
    pup, _, _, _ = await told(federation)
    wire = hold(pup)
    answer = await exchange(pup.node)
    assert answer["own"]["in_step"]
    assert answer["mailbox"]["in_step"]
    assert wire.calls == ["POST /v1/reconciliations/streams"]
    [run] = await federation.reconcile(pup.id)
    assert found(await statement(federation, run)) == {}


@each_end
async def test_lost_rows_come_back(federation: Federation, holder: str, stream: str) -> None:
    pup, _, _, _ = await told(federation)
    where = at(federation, pup, holder, stream)
    before = await whole(*where)
    await lose(*where, [2, 3, 5, len(before)])
    [run] = await federation.reconcile(pup.id)
    assert (await whole(*where))[: len(before)] == before
    figures = await statement(federation, run)
    assert figures["missing"] == 4
    assert figures["unmended"] == 0
    [again] = await federation.reconcile(pup.id)
    assert found(await statement(federation, again)) == {}


async def test_damage_that_looks_like_a_fork_is_mended_without_a_run(federation: Federation) -> None:
    pup, _, at_pup, _ = await told(federation)
    before = await whole(pup.node.db, pup.id, BROKER)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-06-01"})
    await lose(pup.node.db, pup.id, BROKER, [len(before)])
    pup.node.peer_position = None
    worker = Worker(pup.node)
    await worker._push()
    assert pup.node.lanes[PUSH].problem == "stream-fork"
    assert (await whole(pup.node.db, pup.id, BROKER))[: len(before)] == before
    await worker._push()
    assert pup.node.lanes[PUSH].problem is None
    assert (await pup.get("/v1/exchange"))["lag"] == 0


@each_end
async def test_altered_rows_become_what_they_were(federation: Federation, holder: str, stream: str) -> None:
    pup, _, _, _ = await told(federation)
    where = at(federation, pup, holder, stream)
    before = await whole(*where)
    for position, what in ((2, "bytes"), (4, "hash"), (6, "chain")):
        await alter(*where, position, what)
    [run] = await federation.reconcile(pup.id)
    assert (await whole(*where))[: len(before)] == before
    figures = await statement(federation, run)
    assert figures["altered"] >= 3
    assert figures["unmended"] == 0
