"""An erased form stands in no pair: not where it was erased meanwhile, and not where its word came before the pair."""

from pathlib import Path

import pytest

from shared.exchange.stream.heads import StreamFork
from shared.institution.operations.exchange.polling import poll_once
from tests.broker.builders import relay
from tests.builders import Federation, Office
from tests.federation.erasing import erase, texts
from tests.federation.saying import joint
from tests.federation.test_data_subjects import answer, asks
from tests.federation.test_duplicates import PRACTICE, STAGE, alerts, gives
from tests.federation.test_restored_office import back_up, restore


async def all_alerts(office: Office) -> list[list[object]]:
    return [await alerts(office, state) for state in ("open", "explained", "resolved")]


async def test_an_erased_form_stands_in_no_alert_and_in_no_event_of_the_broker(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    stage = await gives(pup, at_pup, STAGE)
    await gives(ops, at_ops, PRACTICE)
    await federation.settle()
    await erase(pup, at_pup, kind="support-forms", record_id=stage)
    await federation.settle()
    for office in (pup, ops):
        assert await all_alerts(office) == [[], [], []]
    for node in (pup.node, ops.node, federation.broker):
        for author in ("broker", pup.id):
            assert stage not in await texts(node, author)


@pytest.mark.parametrize("withdrawn", [False, True])
async def test_a_pair_that_comes_after_its_form_was_erased_is_not_noted(
    federation: Federation, withdrawn: bool
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    stage = await gives(pup, at_pup, STAGE)
    await gives(ops, at_ops, PRACTICE)
    for office in (pup, ops):
        await federation.push(office)
    await relay(federation)
    await erase(pup, at_pup, kind="support-forms", record_id=stage)
    if withdrawn:
        await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
    assert await poll_once(pup.node, wait_s=0) > 0, "the broker said so before it heard of the erasure"
    assert await all_alerts(pup) == [[], [], []]
    assert stage not in await texts(pup.node, "broker")
    await federation.settle()
    assert await all_alerts(ops) == [[], [], []]


async def test_the_end_of_a_pair_whose_form_was_erased_is_told_to_nobody(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    stage = await gives(pup, at_pup, STAGE)
    await gives(ops, at_ops, PRACTICE)
    await federation.settle()
    objection = await asks(pup, at_pup, "objection")
    await answer(pup, at_pup, objection, "grounds_prevail")
    await erase(pup, at_pup, "objection_upheld", kind="support-forms", record_id=stage)
    await federation.settle()
    assert stage not in await texts(ops.node, "broker")
    await gives(ops, at_ops, PRACTICE | {"from": "2026-05-01"})
    await federation.settle()
    for node in (pup.node, ops.node, federation.broker):
        assert stage not in await texts(node, "broker")


async def test_the_end_of_a_pair_is_noted_where_a_form_was_voided_and_all_restated(
    federation: Federation,
) -> None:
    """A restatement takes the mark of a voided form away, and no form was erased."""
    pup, ops, at_pup, at_ops = await joint(federation)
    stage = await gives(pup, at_pup, STAGE)
    await gives(ops, at_ops, PRACTICE)
    registration = (await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2026-01-01"}))["id"]
    await federation.settle()
    assert [len(await alerts(office)) for office in (pup, ops)] == [1, 1]
    await pup.post(f"/v1/support-forms/{stage}/void", status=200)
    await pup.post(f"/v1/registrations/{registration}/void", status=200)
    await federation.settle()
    assert [len(await alerts(office)) for office in (pup, ops)] == [0, 0]


@pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)
async def test_an_office_at_a_fork_keeps_the_alert_of_a_form_that_it_is_about_to_get_back(
    federation: Federation, tmp_path: Path
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await federation.settle()
    backup = back_up(pup, tmp_path / "backup.sqlite3")
    await gives(pup, at_pup, STAGE)
    await gives(ops, at_ops, PRACTICE)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-06-01"})
    with pytest.raises(StreamFork):
        await federation.push(pup)
    await poll_once(pup.node, wait_s=0)
    await pup.post("/v1/exchange/begin-anew")
    await federation.settle()
    assert [len(await alerts(office)) for office in (pup, ops)] == [1, 1]
