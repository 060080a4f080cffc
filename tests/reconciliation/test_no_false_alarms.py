"""What is in order is never restated: every kind of record, opened, amended, closed, voided, erased or decided on."""

import pytest

from tests.builders import Federation
from tests.federation.recipients import make_recipient
from tests.federation.saying import joint
from tests.federation.test_erasure import erase
from tests.federation.test_every_read_is_logged import NEEDS_ANOTHER_OFFICE, example_of
from tests.reconciliation.damages import found, statement

pytestmark = pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)


async def nothing_is_found(federation: Federation) -> None:
    for _ in range(2):
        for run in await federation.reconcile():
            assert found(await statement(federation, run)) == {}
    for office in federation.offices.values():
        assert await office.get("/v1/discrepancies") == []
        assert await office.get("/v1/dead-letters") == []


async def test_every_kind_of_record_of_both_offices_is_as_it_was_told(federation: Federation) -> None:
    pup, ops, _, _ = await joint(federation)
    numbers = iter(range(10, 200))
    for office in (pup, ops):
        made: dict[str, str] = {}
        owner: dict[str, str] = {}
        for kind in office.node.institution.kinds:
            if kind.name in NEEDS_ANOTHER_OFFICE:
                continue
            client = (
                owner[kind.parent.name]
                if kind.parent
                else (await joint(federation, next(numbers)))[3 if office is ops else 2]
            )
            opened = await office.post(f"/v1/clients/{client}/{kind.path}", example_of(office, kind, made))
            made[kind.name], owner[kind.name] = opened["id"], client
    await federation.settle()
    await nothing_is_found(federation)


async def test_a_case_with_a_job_news_decisions_and_an_erased_record_is_as_it_was_told(federation: Federation) -> None:
    recipient = await make_recipient(federation)
    job = await recipient.takes_a_job(net_gr=180000)
    await recipient.decide((await recipient.benefit())["result_hash"])
    await recipient.news(job, effective="2026-06-01", net_gr=300000)
    form = await recipient.pup.post(
        f"/v1/clients/{recipient.at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"}
    )
    await recipient.pup.post(f"/v1/support-forms/{form['id']}/close", {"until": "2026-05-31"}, 200)
    _, _, other, _ = await joint(federation, 2)
    wrong = await recipient.pup.post(f"/v1/clients/{other}/support-forms", {"code": "PUP-SZK", "from": "2026-03-02"})
    voided = await recipient.ops.post(
        f"/v1/clients/{recipient.at_ops}/support-forms", {"code": "AI-E01", "from": "2026-03-02"}
    )
    await federation.settle()
    await recipient.ops.post(f"/v1/support-forms/{voided['id']}/void", status=200)
    await erase(recipient.pup, other, kind="support-forms", record_id=wrong["id"])
    await recipient.pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-08-31"})
    await federation.settle()
    await nothing_is_found(federation)
