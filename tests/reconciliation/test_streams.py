"""Rows of a stream that were lost or altered, at either end, come back byte for byte from the other end."""

import pytest

from shared.domain.institutions import BROKER
from shared.institution.operations.reconciling.streams import exchange
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


@each_end
@pytest.mark.parametrize("what", ["bytes", "hash", "chain"])
async def test_altered_rows_become_what_they_were(federation: Federation, holder: str, stream: str, what: str) -> None:
    pup, _, _, _ = await told(federation)
    where = at(federation, pup, holder, stream)
    before = await whole(*where)
    await alter(*where, 4, what)
    [run] = await federation.reconcile(pup.id)
    assert (await whole(*where))[: len(before)] == before
    figures = await statement(federation, run)
    assert figures["altered"] >= 1
    assert figures["unmended"] == 0
