"""Who learns what, when: matches, suspicions, partings and returns (WIRE.md, section 5)."""

from sqlalchemy import select

from services.broker.tables import EnrolmentRow, PersonRow
from shared.exchange.history.tables import SharedRecordRow
from tests.builders import Federation, Office, new_client

SURNAME = "Zupełnieinna"


async def joint(office: Office, client_id: str) -> bool:
    return bool((await office.get(f"/v1/clients/{client_id}"))["joint"])


async def test_a_client_of_one_office_leaves_nothing_but_the_enrolment_at_the_broker(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    await federation.join("ops-2478011")
    client = await pup.enrol(1)
    await pup.post(f"/v1/clients/{client}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await federation.settle()
    async with federation.broker.db.read() as session:
        assert len(list(await session.scalars(select(EnrolmentRow)))) == 1
        assert not list(await session.scalars(select(SharedRecordRow)))


async def test_two_people_are_never_one(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    one, other = await pup.enrol(1), await ops.enrol(2)
    await federation.settle()
    assert not await joint(pup, one)
    assert not await joint(ops, other)


async def test_another_surname_is_suspected_and_both_sides_confirm(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1, surname=SURNAME)
    await federation.settle()
    assert not await joint(pup, at_pup)
    for office in (pup, ops):
        [suspicion] = (await office.get("/v1/suspicions"))["items"]
        assert not await joint(pup, at_pup)
        path = f"/v1/suspicions/{suspicion['id']}/confirm"
        await office.post(path, {"reason_code": "same_person"}, status=200)
        await federation.settle()
    assert await joint(pup, at_pup)
    assert await joint(ops, at_ops)


async def test_one_refusal_ends_a_suspicion_until_the_surname_changes(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1, surname=SURNAME)
    await federation.settle()
    [suspicion] = (await pup.get("/v1/suspicions"))["items"]
    await pup.post(f"/v1/suspicions/{suspicion['id']}/refuse", {"reason_code": "other_person"}, status=200)
    await federation.settle()
    assert not await joint(pup, at_pup)
    await ops.patch(f"/v1/clients/{at_ops}", {"surname": "Przykładowska"})
    await federation.settle()
    assert await joint(pup, at_pup)


async def test_an_office_of_another_county_is_suspected_even_with_the_same_surname(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2476011")
    client = await pup.enrol(1)
    await ops.enrol(1)
    await federation.settle()
    assert not await joint(pup, client)
    assert len((await pup.get("/v1/suspicions"))["items"]) == 1


async def test_one_answer_of_one_side_discloses_nothing(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2476011")
    client = await pup.enrol(1)
    await ops.enrol(1)
    await federation.settle()
    [suspicion] = (await pup.get("/v1/suspicions"))["items"]
    await pup.post(f"/v1/suspicions/{suspicion['id']}/confirm", {"reason_code": "same_person"}, status=200)
    await federation.settle()
    assert not await joint(pup, client)


async def test_a_labour_office_and_two_welfare_centres_share_one_client(federation: Federation) -> None:
    pup = await federation.join("pup-1611")
    first, second = await federation.join("ops-1611012"), await federation.join("ops-1611053")
    clients = {office.id: await office.enrol(1) for office in (first, second, pup)}
    await federation.settle()
    await first.post(f"/v1/clients/{clients[first.id]}/support-forms", {"code": "AI-E01", "from": "2026-02-01"})
    await federation.settle()
    for office in (pup, second):
        view = await office.get(f"/v1/clients/{clients[office.id]}/merged-view")
        assert [entry["iss"] for entry in view["entries"]] == ["ops-1611012"]
        assert [member["id"] for member in view["members"]] == ["ops-1611012", "ops-1611053", "pup-1611"]


async def test_a_second_labour_office_waits_for_officials(federation: Federation) -> None:
    pup, other = await federation.join("pup-2478"), await federation.join("pup-2476")
    ops = await federation.join("ops-2478011")
    await pup.enrol(1)
    at_ops = await ops.enrol(1)
    await federation.settle()
    await other.enrol(1)
    await federation.settle()
    members = (await ops.get(f"/v1/clients/{at_ops}"))["members"]
    assert members == ["ops-2478011", "pup-2478"]


async def test_a_withdrawn_client_is_parted_and_nothing_more_arrives(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await federation.settle()
    assert not await joint(pup, at_pup)
    async with ops.node.db.read() as session:
        assert not list(await session.scalars(select(SharedRecordRow)))
    overview = (await federation.operator.get("/v1/overview")).json()
    assert (overview["joint_clients"], overview["dead_letters"]) == (0, 0)


async def test_who_comes_back_is_told_all_again_and_counts_go_on(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/take-back", status=200)
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert [entry["code"] for entry in view["entries"]] == ["PUP-STA"]
    member = next(one for one in view["members"] if one["id"] == "pup-2478")
    assert (member["complete"], member["events"], member["missing"]) == (True, 3, 0)


async def test_what_was_on_its_way_at_a_parting_is_nobodys_mistake(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await federation.settle()
    overview = (await federation.operator.get("/v1/overview")).json()
    assert overview["dead_letters"] == 0
    for office in (pup, ops):
        assert (await office.get("/v1/exchange"))["dead_letters"] == 0


async def test_a_corrected_pesel_moves_the_enrolment_and_parts_the_wrong_match(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await pup.patch(f"/v1/clients/{at_pup}", {"pesel": new_client(2)["pesel"]})
    await federation.settle()
    assert not await joint(pup, at_pup)
    assert not await joint(ops, at_ops)
    other = await ops.enrol(2)
    await federation.settle()
    assert await joint(ops, other)
    async with federation.broker.db.read() as session:
        assert len(list(await session.scalars(select(PersonRow)))) == 2
