"""Contested clients: two labour offices have an open registration; one leads, the other gets nothing more."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from services.broker.operations.reconcile.anew import begin_mailboxes_anew
from services.broker.operations.reconcile.requesting import shared_digests
from services.broker.tables import AssessmentRow
from services.broker.tables import SuspicionRow as BrokerSuspicionRow
from shared.domain.events.payloads.erasing import Erased
from shared.domain.events.payloads.support import SupportForm
from shared.domain.reconciliation import client_digest
from shared.exchange import jose
from shared.exchange.client.broker import Refused
from shared.exchange.history.tables import SharedRecordRow
from shared.exchange.stream.forks import keep_evidence
from shared.exchange.stream.heads import find_head
from shared.exchange.stream.tables import SetRow
from shared.institution.operations.benefit.books import newest
from shared.institution.operations.benefit.known import known
from shared.institution.operations.benefit.recomputed import recomputed
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.operations.purging.purge import purge
from shared.institution.tables import ClientRow, SupportFormRow
from tests import builders
from tests.broker.builders import READING
from tests.builders import Federation, Office
from tests.federation.epochs import announce, bring, go_on, go_to
from tests.federation.erasing import erase, texts
from tests.federation.recipients import BUDGET
from tests.federation.saying import (
    approve,
    benefit_of,
    joint,
    named_to,
    problems_at_broker,
    recipient,
    say,
    takes_a_job,
)
from tests.federation.saying import token as token_of
from tests.federation.test_data_subjects import answer, asks
from tests.reconciliation.damages import found, statement

FORM = {"code": "PUP-STA", "from": "2026-03-02"}
AT_OPS = {"code": "AI-E01", "from": "2026-02-01"}
EARLIER, LATER = "2025-05-01", "2026-09-01"


async def register(office: Office, client: str, since: str) -> str:
    """Open a registration and return its id."""
    return str((await office.post(f"/v1/clients/{client}/registrations", {"from": since}))["id"])


async def close(office: Office, registration: str) -> None:
    end = {"until": "2026-10-01", "reason": "moved"}
    await office.post(f"/v1/registrations/{registration}/close", end, 200)


async def contested(
    federation: Federation, second: Office, first_since: str = EARLIER, second_since: str = LATER
) -> tuple[Office, Office, dict[str, str], list[str]]:
    """Return the first labour office and the centre, the ids of the client at each office, and both registrations."""
    pup, ops, at_pup, at_ops = await joint(federation)
    opened = [await register(pup, at_pup, first_since)]
    await federation.settle()
    ids = {pup.id: at_pup, ops.id: at_ops, second.id: await second.enrol(1)}
    opened.append(await register(second, ids[second.id], second_since))
    await federation.settle()
    return pup, ops, ids, opened


async def standing(office: Office, ids: dict[str, str]) -> tuple[Any, Any]:
    client = await office.get(f"/v1/clients/{ids[office.id]}")
    return client["contest"], client["members"]


async def entries(office: Office, ids: dict[str, str]) -> set[tuple[str, str]]:
    """Return author and record of all that the merged view of an office shows."""
    view = await office.get(f"/v1/clients/{ids[office.id]}/merged-view")
    return {(entry["iss"], entry["record"]) for entry in view["entries"]}


async def heard(office: Office) -> dict[str, int]:
    """Return how many signed events of each office lie here about persons that it counts."""
    async with office.node.db.read() as session:
        query = select(SetRow.iss, func.count()).where(SetRow.n.is_not(None)).group_by(SetRow.iss)
        return {row[0]: row[1] for row in await session.execute(query)}


async def everything_that_came(office: Office) -> str:
    """Return the payloads of all signed events that others' mail brought to an office, as one text."""
    async with office.node.db.read() as session:
        texts = await session.scalars(select(SetRow.text).where(SetRow.iss != office.id))
        return "".join(jose.decode(text.split(".")[1]).decode() for text in texts)


async def schedules(federation: Federation) -> set[str]:
    """Return the hash of every schedule that the broker ever published."""
    async with federation.broker.db.read() as session:
        return set(await session.scalars(select(AssessmentRow.result_hash)))


async def letters(federation: Federation) -> tuple[int, int]:
    overview = (await federation.operator.get("/v1/overview")).json()
    return overview["dead_letters"], overview["contested"]


async def test_the_later_registration_leads_and_the_other_office_gets_nothing_more(
    federation: Federation, second: Office
) -> None:
    pup, ops, ids, _ = await contested(federation, second)
    assert await standing(pup, ids) == ("waits", [])
    assert await standing(second, ids) == ("shares", ["ops-2478011", "pup-2476"])
    assert await standing(ops, ids) == ("shares", ["ops-2478011", "pup-2476"])
    before = await heard(pup)
    await ops.post(f"/v1/clients/{ids[ops.id]}/support-forms", AT_OPS)
    await second.post(f"/v1/clients/{ids[second.id]}/support-forms", FORM)
    await federation.settle()
    assert {name: n for name, n in (await heard(pup)).items() if name != pup.id} == {
        name: n for name, n in before.items() if name != pup.id
    }
    assert ("ops-2478011", "support_form") in await entries(second, ids)
    assert ("pup-2476", "support_form") in await entries(ops, ids)
    assert await letters(federation) == (0, 1)


async def test_who_leads_goes_on_where_the_second_registration_is_the_older_one(
    federation: Federation, second: Office
) -> None:
    pup, ops, ids, _ = await contested(federation, second, LATER, EARLIER)
    assert await standing(second, ids) == ("waits", [])
    assert await standing(pup, ids) == ("shares", ["ops-2478011", "pup-2478"])
    await pup.post(f"/v1/clients/{ids[pup.id]}/support-forms", FORM)
    await federation.settle()
    assert ("pup-2478", "support_form") in await entries(ops, ids)
    assert await heard(second) == {"pup-2476": 1}


async def test_the_held_office_tells_the_broker_its_registrations_alone_and_nobody_else_anything(
    federation: Federation, second: Office
) -> None:
    pup, ops, at_pup, _at_ops = await joint(federation)
    await register(pup, at_pup, LATER)
    at_second = await second.enrol(1)
    await second.post(f"/v1/clients/{at_second}/support-forms", FORM)
    await register(second, at_second, EARLIER)
    await federation.settle()
    await second.post(f"/v1/clients/{at_second}/support-forms", {"code": "PUP-SZK", "from": "2026-05-01"})
    await federation.settle()
    async with federation.broker.db.read() as session:
        query = select(SharedRecordRow.record).where(SharedRecordRow.iss == second.id)
        assert list(await session.scalars(query)) == ["registration"]
    assert second.id not in await heard(pup) | await heard(ops)


async def test_nobody_learns_of_an_office_that_it_does_not_share_with(federation: Federation, second: Office) -> None:
    pup, ops, ids, _ = await contested(federation, second)
    assert await named_to(pup) == {"ops-2478011", "pup-2478"}
    assert await named_to(second) == {"ops-2478011", "pup-2476"}
    await pup.post(f"/v1/clients/{ids[pup.id]}/withdraw", status=200)
    await federation.settle()
    assert await named_to(pup) == {"ops-2478011", "pup-2478"}
    assert await standing(ops, ids) == (None, ["ops-2478011", "pup-2476"])
    assert await letters(federation) == (0, 0)


async def test_neither_a_case_nor_a_duplicate_tells_who_leads_of_the_office_that_is_held(
    federation: Federation, second: Office
) -> None:
    pup, ops, at_pup, at_ops = await recipient(federation)
    await takes_a_job(pup, at_pup)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-Z03", "from": "2026-03-02"})
    await federation.settle()
    await pup.post("/v1/budgets", BUDGET)
    await approve(pup, at_pup, (await benefit_of(pup, at_pup))["result_hash"])
    await federation.settle()
    assert len(await ops.listed("/v1/duplicates")) == 1
    ids = {pup.id: at_pup, ops.id: at_ops, second.id: await second.enrol(1)}
    later = await register(second, ids[second.id], LATER)
    await federation.settle()
    assert await standing(second, ids) == ("shares", ["ops-2478011", "pup-2476"])
    assert "pup-2478" not in await everything_that_came(second)
    assert await ops.listed("/v1/duplicates") == []
    await benefit_of(second, ids[second.id], 404)
    await close(second, later)
    await federation.settle()
    shown = [await benefit_of(office, ids[office.id]) for office in (pup, ops, second)]
    assert len({one["result_hash"] for one in shown}) == 1
    assert [one["state"] for one in shown] == ["approved"] * 3
    assert len(await ops.listed("/v1/duplicates")) == 1


async def test_who_is_held_finds_no_such_person_at_the_broker(federation: Federation, second: Office) -> None:
    pup, ops, _, _ = await contested(federation, second)
    body = {"token": token_of(1)}
    missing = body | {"iss": ops.id, "n": [1]}
    for path, asked in (("/v1/merged-views", body), ("/v1/missing-sets", missing)):
        with pytest.raises(Refused) as refused:
            await pup.node.client.call("POST", path, asked, reading=READING)
        assert refused.value.problem == "not-found"
    view = await ops.node.client.call("POST", "/v1/merged-views", body, reading=READING)
    assert {record["iss"] for record in view["records"]} == {"pup-2476"}
    assert [member["id"] for member in view["members"]] == ["ops-2478011", "pup-2476"]


async def test_a_second_office_without_an_open_registration_shares_at_once(
    federation: Federation, second: Office
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await register(pup, at_pup, EARLIER)
    at_second = await second.enrol(1)
    await close(second, await register(second, at_second, "2024-01-01"))
    await federation.settle()
    ids = {pup.id: at_pup, ops.id: at_ops, second.id: at_second}
    for office in (pup, ops, second):
        assert await standing(office, ids) == (None, ["ops-2478011", "pup-2476", "pup-2478"])
        assert {("pup-2476", "registration"), ("pup-2478", "registration")} <= await entries(office, ids)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 1, 0), (1, 0, 2)])
async def test_any_order_of_arrival_ends_alike(federation: Federation, second: Office, order: tuple[int, ...]) -> None:
    offices = [await federation.join("pup-2478"), second, await federation.join("ops-2478011")]
    ids: dict[str, str] = {}
    for number in order:
        office = offices[number]
        ids[office.id] = await office.enrol(1)
        if office.id != "ops-2478011":
            await register(office, ids[office.id], LATER if office is second else EARLIER)
        await federation.settle()
    assert await standing(offices[0], ids) == ("waits", [])
    assert await standing(second, ids) == ("shares", ["ops-2478011", "pup-2476"])
    assert await letters(federation) == (0, 1)


async def test_of_two_registrations_of_one_day_the_same_office_leads_whoever_came_first(
    federation: Federation, second: Office
) -> None:
    pup, _ops, ids, _ = await contested(federation, second, LATER, LATER)
    assert (await standing(pup, ids))[0] == "shares"
    assert (await standing(second, ids))[0] == "waits"


async def test_a_registration_that_is_closed_late_ends_the_contest_and_all_is_told(
    federation: Federation, second: Office
) -> None:
    pup, ops, ids, opened = await contested(federation, second)
    await pup.post(f"/v1/clients/{ids[pup.id]}/support-forms", FORM)
    await ops.post(f"/v1/clients/{ids[ops.id]}/support-forms", AT_OPS)
    await federation.settle()
    assert ("pup-2478", "support_form") not in await entries(ops, ids)
    await close(pup, opened[0])
    await federation.settle()
    for office in (pup, ops, second):
        assert await standing(office, ids) == (None, ["ops-2478011", "pup-2476", "pup-2478"])
        assert {("pup-2478", "support_form"), ("ops-2478011", "support_form")} <= await entries(office, ids)
        view = await office.get(f"/v1/clients/{ids[office.id]}/merged-view")
        assert all(member["complete"] and not member["missing"] for member in view["members"])
    assert await letters(federation) == (0, 0)


async def test_closing_by_who_leads_hands_the_lead_over(federation: Federation, second: Office) -> None:
    pup, _ops, ids, opened = await contested(federation, second)
    await close(second, opened[1])
    await federation.settle()
    assert await standing(pup, ids) == (None, ["ops-2478011", "pup-2476", "pup-2478"])
    await register(second, ids[second.id], "2026-10-02")
    await federation.settle()
    assert (await standing(pup, ids))[0] == "waits"
    assert (await standing(second, ids))[0] == "shares"


async def test_officials_of_both_sides_let_the_held_office_in(federation: Federation, second: Office) -> None:
    pup, ops, ids, _ = await contested(federation, second)
    assert await second.listed("/v1/suspicions") == []
    for office in (pup, ops):
        assert (await standing(pup, ids))[0] == "waits"
        [question] = await office.listed("/v1/suspicions")
        assert question["contest"]
        path = f"/v1/suspicions/{question['id']}/confirm"
        refused = await office.post(path, {"reason_code": "other_area"}, 409)
        assert refused["type"] == "urn:zwornik:problem:conflict"
        await office.post(path, {"reason_code": "same_person"}, 200)
        await federation.settle()
    for office in (pup, ops, second):
        assert await standing(office, ids) == (None, ["ops-2478011", "pup-2476", "pup-2478"])
    await ops.post(f"/v1/clients/{ids[ops.id]}/support-forms", AT_OPS)
    await federation.settle()
    assert ("ops-2478011", "support_form") in await entries(pup, ids)


async def test_a_refusal_leaves_things_as_they_are_and_nobody_is_asked_again(
    federation: Federation, second: Office
) -> None:
    pup, ops, ids, opened = await contested(federation, second)
    [question] = await ops.listed("/v1/suspicions")
    await ops.post(f"/v1/suspicions/{question['id']}/refuse", {"reason_code": "other_area"}, 200)
    await federation.settle()
    await pup.post(f"/v1/clients/{ids[pup.id]}/support-forms", FORM)
    await second.patch(f"/v1/registrations/{opened[1]}", {"from": "2026-09-02"})
    await federation.settle()
    assert (await standing(pup, ids))[0] == "waits"
    assert await ops.listed("/v1/suspicions") == []


async def test_what_was_asked_lapses_with_the_contest_and_a_new_one_asks_anew(
    federation: Federation, second: Office
) -> None:
    pup, ops, ids, opened = await contested(federation, second)
    [listed] = await pup.listed("/v1/contested-clients")
    [question] = await pup.listed("/v1/suspicions")
    assert (listed["client_id"], listed["place"], listed["suspicions"]) == (ids[pup.id], "waits", [question["id"]])
    [leading] = await second.listed("/v1/contested-clients")
    assert (leading["place"], leading["suspicions"]) == ("shares", [])
    await close(pup, opened[0])
    await federation.settle()
    for office in (pup, ops):
        assert await office.listed("/v1/suspicions") == []
        assert [one["id"] for one in await office.listed("/v1/suspicions?state=lapsed")] == [question["id"]]
        assert await office.listed("/v1/contested-clients") == []
        await office.post(f"/v1/suspicions/{question['id']}/confirm", {"reason_code": "same_person"}, 409)
    async with federation.broker.db.read() as session:
        assert not list(await session.scalars(select(BrokerSuspicionRow)))
    await register(pup, ids[pup.id], "2026-10-02")
    await federation.settle()
    [again] = await second.listed("/v1/suspicions")
    assert again["id"] != question["id"]


async def test_what_the_held_office_pushes_all_the_same_is_taken_and_goes_to_nobody(
    federation: Federation, second: Office
) -> None:
    pup, ops, ids, opened = await contested(federation, second)
    form = SupportForm(form_id=pup.node.ids.uuid7(), code="PUP-STA", from_=builders.EPOCH.date())
    [signed] = await say(pup, "support_form.opened.v1", token_of(1), form)
    await federation.settle()
    assert await letters(federation) == (0, 1)
    for office in (ops, second):
        async with office.node.db.read() as session:
            assert await session.scalar(select(SetRow.jti).where(SetRow.hash == signed.hash)) is None
    await close(pup, opened[0])
    await federation.settle()
    view = await ops.get(f"/v1/clients/{ids[ops.id]}/merged-view")
    assert all(member["complete"] and not member["missing"] for member in view["members"])


async def test_what_was_on_its_way_when_the_contest_began_is_nobodys_mistake(
    federation: Federation, second: Office
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await register(pup, at_pup, EARLIER)
    await federation.settle()
    at_second = await second.enrol(1)
    await register(second, at_second, LATER)
    while await federation.push(second):
        await builders.relay_once(federation.broker)
        await poll_once(second.node, wait_s=0)
    await builders.relay_once(federation.broker)
    membership = {"arm": "recipient", "county": "2478", "from": "2026-01-01"}
    await pup.post(f"/v1/clients/{at_pup}/programme-memberships", membership)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    assert await letters(federation) == (0, 1)
    assert (await pup.get("/v1/exchange"))["dead_letters"] == 0
    assert ("pup-2478", "support_form") not in await entries(ops, {ops.id: at_ops})


async def test_a_person_who_moved_is_shared_by_the_offices_of_the_new_county_alone(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    old = await register(pup, at_pup, EARLIER)
    await federation.settle()
    there, beside = await federation.join("pup-2476"), await federation.join("ops-2476011")
    ids = {pup.id: at_pup, ops.id: at_ops, there.id: await there.enrol(1), beside.id: await beside.enrol(1)}
    await register(there, ids[there.id], LATER)
    await federation.settle()
    for office in (pup, ops):
        assert await standing(office, ids) == ("waits", [])
        assert await named_to(office) == {"ops-2478011", "pup-2478"}
    for office in (there, beside):
        assert await standing(office, ids) == ("shares", ["ops-2476011", "pup-2476"])
    await close(pup, old)
    await federation.settle()
    for office in (pup, ops, there, beside):
        assert (await standing(office, ids))[0] is None
        assert ("pup-2478", "registration") in await entries(office, ids)


async def test_a_case_stands_still_while_the_office_that_decides_it_is_held(
    federation: Federation, second: Office
) -> None:
    pup, ops, at_pup, at_ops = await recipient(federation)
    await takes_a_job(pup, at_pup)
    await federation.settle()
    before = await benefit_of(pup, at_pup)
    await pup.post("/v1/budgets", BUDGET)
    await approve(pup, at_pup, before["result_hash"])
    await federation.settle()
    ids = {pup.id: at_pup, ops.id: at_ops, second.id: await second.enrol(1)}
    later = await register(second, ids[second.id], LATER)
    await federation.settle()
    assert (await standing(pup, ids))[0] == "waits"
    await second.post(f"/v1/clients/{ids[second.id]}/support-forms", FORM)
    await federation.settle()
    assert await schedules(federation) == {before["result_hash"]}
    await close(second, later)
    await federation.settle()
    after = await benefit_of(pup, at_pup)
    assert (after["case_id"], after["result_hash"], after["complete"]) == (
        before["case_id"],
        before["result_hash"],
        True,
    )
    assert await schedules(federation) == {before["result_hash"]}
    assert await problems_at_broker(federation) == []


async def test_who_is_held_decides_nothing_and_learns_that_it_may_not(federation: Federation, second: Office) -> None:
    pup, _, at_pup, _ = await recipient(federation)
    await takes_a_job(pup, at_pup)
    await federation.settle()
    before = await benefit_of(pup, at_pup)
    await pup.post("/v1/budgets", BUDGET)
    await register(second, await second.enrol(1), LATER)
    await federation.push(second)
    while await builders.relay_once(federation.broker) or await poll_once(second.node, wait_s=0):
        await federation.push(second)
    await approve(pup, at_pup, before["result_hash"])  # it has not heard of the contest yet
    await federation.settle()
    after = await benefit_of(pup, at_pup)
    assert [one["state"] for one in after["decisions"]] == ["returned"]
    assert (await federation.operator.get("/v1/overview")).json()["cases_decided"] == 0
    await approve(pup, at_pup, before["result_hash"], 409)


async def test_the_contest_outlives_a_broker_that_begins_its_mailboxes_anew(
    federation: Federation, second: Office
) -> None:
    pup, ops, ids, opened = await contested(federation, second)
    async with federation.broker.db.write() as session:
        mailbox = await find_head(session, "broker", pup.id)
        assert mailbox is not None
        past = {"position": mailbox.position, "ours": "one word", "theirs": "another"}
        await keep_evidence(session, mailbox, ids=federation.broker.ids, at=federation.broker.now, **past)
    await begin_mailboxes_anew(federation.broker)
    for office in (pup, ops, second):
        with suppress(Refused):  # of the mailbox that was; from now on the office reads the new one
            await poll_once(office.node, wait_s=0)
    await federation.settle()
    assert (await standing(pup, ids))[0] == "waits"
    assert await standing(ops, ids) == ("shares", ["ops-2478011", "pup-2476"])
    assert await named_to(pup) == {"ops-2478011", "pup-2478"}
    await close(pup, opened[0])
    await federation.settle()
    assert (await standing(pup, ids))[0] is None


async def reconciled(federation: Federation) -> dict[str, dict[str, int]]:
    """Reconcile all offices; return what each run counted, where it is not nought."""
    counted = {}
    for run in await federation.reconcile():
        institution = (await federation.operator.get(f"/v1/reconciliations/{run}")).json()["institution"]
        counted[institution] = found(await statement(federation, run))
    return counted


async def compared(federation: Federation) -> dict[str, int]:
    """Return how many clients the broker compares with each office, each of whom some records were told."""
    async with federation.broker.db.read() as session:
        held = {name: await shared_digests(session, federation.broker, name) for name in federation.offices}
    assert not any(digest == client_digest([]) for clients in held.values() for digest in clients.values())
    return {name: len(clients) for name, clients in held.items()}


async def test_reconciliation_compares_a_contested_client_with_who_shares_it_and_finds_nothing_wrong(
    federation: Federation, second: Office
) -> None:
    pup, ops, ids, _ = await contested(federation, second)
    await pup.post(f"/v1/clients/{ids[pup.id]}/support-forms", FORM)
    await ops.post(f"/v1/clients/{ids[ops.id]}/support-forms", AT_OPS)
    await federation.settle()
    assert await compared(federation) == {pup.id: 0, ops.id: 1, second.id: 1}
    quiet: dict[str, dict[str, int]] = {pup.id: {}, ops.id: {}, second.id: {}}
    assert await reconciled(federation) == quiet
    for office in (pup, ops, second):
        assert await office.get("/v1/discrepancies") == []
    async with federation.broker.db.write() as session:
        await session.execute(delete(SharedRecordRow).where(SharedRecordRow.iss.in_([ops.id, second.id])))
    assert await reconciled(federation) == quiet | {ops.id: {"restated": 1}, second.id: {"restated": 1}}
    assert await reconciled(federation) == quiet
    assert (await standing(pup, ids))[0] == "waits"


async def test_a_second_office_elsewhere_that_officials_matched_is_held_all_the_same(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await register(pup, at_pup, LATER)
    there = await federation.join("pup-2476")
    ids = {pup.id: at_pup, ops.id: at_ops, there.id: await there.enrol(1)}
    await register(there, ids[there.id], EARLIER)
    await federation.settle()
    for office in (there, ops):
        [suspicion] = await office.listed("/v1/suspicions")
        assert not suspicion["contest"]
        await office.post(f"/v1/suspicions/{suspicion['id']}/confirm", {"reason_code": "same_person"}, 200)
    await federation.settle()
    assert (await standing(there, ids))[0] == "waits"
    assert await standing(ops, ids) == ("shares", ["ops-2478011", "pup-2478"])
    [question] = await there.listed("/v1/suspicions")
    assert question["contest"]


async def test_an_erasure_by_who_is_held_goes_to_the_holders_and_to_nobody_else(
    federation: Federation, second: Office
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await register(pup, at_pup, EARLIER)
    form = SupportForm(form_id=pup.node.ids.uuid7(), code="PUP-STA", from_=builders.EPOCH.date())
    [told] = await say(pup, "support_form.opened.v1", token_of(1), form)
    await federation.settle()
    ids = {pup.id: at_pup, ops.id: at_ops, second.id: await second.enrol(1)}
    await register(second, ids[second.id], LATER)
    await federation.settle()
    named = ((pup.id, told.n, jose.encode(told.hash)),)
    await say(pup, "set.erased.v1", token_of(1), Erased(sets=named, ground="unlawful", term=builders.EPOCH.date()))
    await federation.settle()
    assert pup.id not in await heard(second)
    async with ops.node.db.read() as session:
        assert await session.scalar(select(SetRow.jti).where(SetRow.hash == told.hash)) is None
    assert await letters(federation) == (0, 1)


async def told_in_one_restatement(federation: Federation) -> tuple[Office, Office, dict[str, str], str]:
    """Return two offices that told all in their first restatements, the labour office a registration and this form."""
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    ids = {pup.id: await pup.enrol(1)}
    await register(pup, ids[pup.id], EARLIER)
    form = await pup.post(f"/v1/clients/{ids[pup.id]}/support-forms", FORM)
    await federation.settle()
    ids[ops.id] = await ops.enrol(1)
    await federation.settle()
    return pup, ops, ids, str(form["id"])


async def erase_or_purge(office: Office, client: str, form: str, *, by_purge: bool) -> None:
    """Erase a form by an official's word, or make it old enough for the purge, which erases it."""
    if not by_purge:
        await erase(office, client, kind="support-forms", record_id=form)
        return
    async with office.node.db.write() as session:
        long_ago = {"state": "closed", "until": date(2012, 6, 30)}
        await session.execute(update(SupportFormRow).where(SupportFormRow.id == form).values(**long_ago))
    done = await purge(office.node, dry_run=False, by="purge")
    assert {one.category: one.count for one in done.purged} == {"support": 1}


@pytest.mark.parametrize("by_purge", [False, True])
async def test_who_is_held_erases_a_form_of_its_first_restatement_and_stays_held(
    federation: Federation, second: Office, by_purge: bool
) -> None:
    pup, ops, ids, form = await told_in_one_restatement(federation)
    ids[second.id] = await second.enrol(1)
    await register(second, ids[second.id], LATER)
    await federation.settle()
    before = await heard(pup)
    await erase_or_purge(pup, ids[pup.id], form, by_purge=by_purge)
    await federation.settle()
    assert await standing(pup, ids) == ("waits", [])
    assert await standing(second, ids) == ("shares", ["ops-2478011", "pup-2476"])
    assert await named_to(pup) == {"ops-2478011", "pup-2478"}
    assert await named_to(second) == {"ops-2478011", "pup-2476"}
    assert {name: n for name, n in (await heard(pup)).items() if name != pup.id} == {
        name: n for name, n in before.items() if name != pup.id
    }
    assert pup.id not in await heard(second)
    for node in (pup.node, ops.node, federation.broker):
        assert form not in await texts(node, pup.id)
    assert await letters(federation) == (0, 1)
    await close(second, (await second.listed(f"/v1/clients/{ids[second.id]}/registrations"))[0]["id"])
    await federation.settle()
    assert (await standing(pup, ids))[0] is None
    assert ("pup-2478", "registration") in await entries(ops, ids)


@pytest.mark.parametrize("is_held", [False, True])
async def test_an_erasure_under_an_upheld_objection_leaves_the_registration_where_it_was_told(
    federation: Federation, second: Office, is_held: bool
) -> None:
    pup, ops, ids, form = await told_in_one_restatement(federation)
    if is_held:
        ids[second.id] = await second.enrol(1)
        await register(second, ids[second.id], LATER)
        await federation.settle()
    objection = await asks(pup, ids[pup.id], "objection")
    await answer(pup, ids[pup.id], objection, "grounds_prevail")
    await pup.post(f"/v1/clients/{ids[pup.id]}/support-forms", {"code": "PUP-SZK", "from": "2026-04-01"})
    [since] = await pup.listed(f"/v1/clients/{ids[pup.id]}/registrations")
    await pup.patch(f"/v1/registrations/{since['id']}", {"from": "2025-05-02"})  # it is told to nobody
    await federation.settle()
    if not is_held:
        ids[second.id] = await second.enrol(1)
        await register(second, ids[second.id], "2024-01-01")
        await federation.settle()
    leader, held = (second, pup) if is_held else (pup, second)
    await erase(pup, ids[pup.id], "objection_upheld", kind="support-forms", record_id=form)
    await federation.settle()
    assert await standing(held, ids) == ("waits", [])
    assert await standing(leader, ids) == ("shares", sorted(["ops-2478011", leader.id]))
    assert held.id not in await named_to(leader) | await named_to(ops) - ({pup.id} if is_held else set())
    assert form not in await texts(ops.node, pup.id) + await texts(federation.broker, pup.id)
    assert await letters(federation) == (0, 1)
    async with federation.broker.db.read() as session:
        query = select(SharedRecordRow).where(SharedRecordRow.iss == pup.id)
        told = {row.record: row.payload for row in await session.scalars(query)}
    assert told.keys() == ({"registration"} if is_held else {"registration", "restriction"})
    assert told["registration"]["from"] == EARLIER, "as it was told before, and nothing newer"


async def test_the_printed_file_says_in_both_languages_that_the_client_is_contested(
    federation: Federation, second: Office
) -> None:
    pup, _, ids, opened = await contested(federation, second)
    words = {"pl": "urząd czeka: nic nie otrzymuje", "en": "the office waits: it gets nothing"}
    for language, said in words.items():
        page = await pup.http.get(f"/v1/clients/{ids[pup.id]}/file?format=html&language={language}")
        assert said in page.text
    view = await pup.get(f"/v1/clients/{ids[pup.id]}/merged-view")
    assert (view["contest"], view["joint"], {one["iss"] for one in view["frozen"]}) == ("waits", False, {"ops-2478011"})
    await close(pup, opened[0])
    await federation.settle()
    page = await pup.http.get(f"/v1/clients/{ids[pup.id]}/file?format=html&language=pl")
    assert words["pl"] not in page.text
    assert (await pup.get(f"/v1/clients/{ids[pup.id]}/merged-view"))["contest"] is None


async def test_while_the_use_of_the_data_is_restricted_nothing_is_told_and_the_office_stays_held(
    federation: Federation, second: Office
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await register(pup, at_pup, EARLIER)
    await federation.settle()
    ids = {pup.id: at_pup, ops.id: at_ops, second.id: await second.enrol(1)}
    await register(second, ids[second.id], LATER)
    path = f"/v1/clients/{ids[second.id]}/subject-requests"
    asked = await second.post(path, {"kind": "restriction", "received_on": "2026-10-01"})
    answer = {"answer": "upheld", "reason_code": "accuracy_contested"}
    await second.post(f"{path}/{asked['id']}/answer", answer, 200)
    await federation.settle()
    assert (await standing(second, ids))[0] == "waits"
    assert second.id not in await heard(second)
    await second.post(f"{path}/{asked['id']}/lift", {"reason_code": "accuracy_verified"}, 200)
    await federation.settle()
    assert (await standing(second, ids))[0] == "shares"
    assert (await standing(pup, ids))[0] == "waits"


@pytest.mark.parametrize(("since", "is_held"), [("2023-01-01", "pup-2476"), ("2025-12-01", "pup-2478")])
async def test_a_case_is_worked_out_anew_by_the_word_of_who_leads_or_knows_that_it_holds_the_membership(
    federation: Federation, second: Office, since: str, is_held: str
) -> None:
    pup, ops, at_pup, at_ops = await recipient(federation)
    at_second = await second.enrol(1)
    await register(second, at_second, since)
    await federation.settle()
    for office in (federation.offices[is_held], ops):
        [question] = await office.listed("/v1/suspicions")
        await office.post(f"/v1/suspicions/{question['id']}/confirm", {"reason_code": "same_person"}, 200)
        await federation.settle()
    for office, client in ((pup, at_pup), (second, at_second)):
        await takes_a_job(office, client)
    await federation.settle()
    for office, client in ((pup, at_pup), (ops, at_ops), (second, at_second)):
        async with office.node.db.read() as session:
            row = await session.get_one(ClientRow, client)
            latest = await newest(session, client)
            assert latest is not None
            own = await recomputed(session, office.node, row, latest)
            knows = await known(session, office.node, row)
        assert own is not None
        leads = pup.id if is_held == second.id or office is pup else second.id
        assert (own.lead, knows.facts.lead) == (leads, leads)


async def test_a_held_office_that_is_late_to_a_match_key_says_its_registration_under_the_new_one(
    federation: Federation, second: Office
) -> None:
    pup, ops, ids, [held, _] = await contested(federation, second)
    moves_at, ends_at = await announce(federation)
    bring(ops)
    bring(second)
    await go_on(federation)
    await go_to(federation, moves_at)
    await go_to(federation, ends_at)
    await pup.patch(f"/v1/registrations/{held}", {"from": "2026-10-01"})
    await federation.settle()
    assert [one["problem"] for one in await pup.get("/v1/dead-letters?state=open")] == ["match-key-mismatch"]
    bring(pup)
    await go_on(federation)
    assert await pup.get("/v1/dead-letters?state=open") == []
    assert (await standing(pup, ids))[0] == "shares"
    assert (await standing(second, ids))[0] == "waits"
