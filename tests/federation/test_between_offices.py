"""What goes between two offices of a joint client: referrals and answers, whom to call, who looks after whom."""

from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import event

from shared.domain.desks import Desk
from shared.exchange.keys import SigningKey
from shared.exchange.registration import Registration, sign_registration
from shared.runtime.clock import unix
from tests.builders import AREAS, FEDERATION, MATCH_KEY, Federation, Office
from tests.federation.saying import joint

REFERRAL = {"to": "ops-2478011", "purpose": "social_contract_b", "made_on": "2026-10-01", "due": "2026-10-31"}


async def refers(pup: Office, client: str, **changes: Any) -> str:
    return str((await pup.post(f"/v1/clients/{client}/referrals", REFERRAL | changes))["id"])


async def listed(office: Office, direction: str, query: str) -> Any:
    return await office.listed(f"/v1/referral-exchanges?direction={direction}&{query}")


async def exchanged(office: Office, direction: str) -> Any:
    return await office.listed(f"/v1/referral-exchanges?direction={direction}")


async def test_a_referral_is_seen_answered_and_the_answer_seen(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    referral = await refers(pup, at_pup)
    await federation.settle()
    [came] = await exchanged(ops, "received")
    assert (came["client_id"], came["office"], came["purpose"], came["answer"]) == (
        at_ops,
        "pup-2478",
        "social_contract_b",
        None,
    )
    body = {"referrer": "pup-2478", "referral_id": referral, "accepted_on": "2026-10-06"}
    answer = await ops.post(f"/v1/clients/{at_ops}/referral-answers", body)
    await federation.settle()
    [made] = await exchanged(pup, "made")
    assert made["answer"] == {"answer": "accepted", "on": "2026-10-06", "reason": None, "answer_id": answer["id"]}
    await ops.post(f"/v1/referral-answers/{answer['id']}/close", {"result": "done", "ended_on": "2026-11-20"}, 200)
    await pup.post(f"/v1/referrals/{referral}/close", {"result": "answered"}, 200)
    await federation.settle()
    for office, client in ((pup, at_pup), (ops, at_ops)):
        [told] = (await office.get(f"/v1/clients/{client}/between"))["referrals"]
        assert (told["answer"]["answer"], told["answer"]["on"], told["result"]) == ("done", "2026-11-20", "answered")
    view = await pup.get(f"/v1/clients/{at_pup}/merged-view")
    assert [(e["iss"], e["record"], e["from"]) for e in view["entries"]] == [
        ("pup-2478", "referral", "2026-10-01"),
        ("ops-2478011", "referral_answer", "2026-11-20"),
    ]


async def test_a_referral_made_before_the_match_is_told_with_it_and_goes_when_voided(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    referral = await refers(pup, at_pup)
    await federation.settle()
    await ops.enrol(1)
    await federation.settle()
    assert [came["referral_id"] for came in await exchanged(ops, "received")] == [referral]
    await pup.post(f"/v1/referrals/{referral}/void", status=200)
    await federation.settle()
    assert await exchanged(ops, "received") == []


async def test_a_welfare_centre_refers_to_the_labour_office_as_well(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    referral = await refers(ops, at_ops, to="pup-2478", purpose="registration")
    await federation.settle()
    body = {"referrer": "ops-2478011", "referral_id": referral, "result": "refused", "ended_on": "2026-10-02"}
    await pup.post(f"/v1/clients/{at_pup}/referral-answers", body | {"reason": "already_helped"})
    await federation.settle()
    [made] = await exchanged(ops, "made")
    assert (made["answer"]["answer"], made["answer"]["reason"]) == ("refused", "already_helped")


async def test_a_referral_without_an_answer_is_overdue_the_day_after_it_was_due(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    await refers(pup, at_pup, due="2026-10-02")
    seen = []
    for _day in range(3):
        seen.append((await exchanged(pup, "made"))[0]["overdue"])
        federation.clock.go(86_400)
    assert seen == [False, False, True]


async def test_a_contract_of_form_b_names_the_referral_that_it_follows(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    referral = await refers(pup, at_pup)
    await federation.settle()
    body = {"form": "B", "referral_id": "S/7/2026", "referral_day": "2026-10-01", "from": "2026-10-12"}
    named = body | {"received_referral_id": referral}
    contract = await ops.post(f"/v1/clients/{at_ops}/social-contracts", named)
    assert contract["received_referral_id"] == referral
    foreign = body | {"received_referral_id": contract["id"]}
    refused = await ops.post(f"/v1/clients/{at_ops}/social-contracts", foreign, 422)
    assert _field(refused) == "received_referral_id"


BAD_REFERRALS: dict[str, tuple[dict[str, Any], str]] = {
    "to its own side": ({"to": "pup-2476"}, "to"),
    "to nobody": ({"to": "ops-2476011"}, "to"),
    "to no institution": ({"to": "ops-24"}, "to"),
    "for an unknown purpose": ({"purpose": "holiday"}, "purpose"),
    "due before it is made": ({"due": "2026-09-30"}, "due"),
}


async def test_a_wrong_referral_or_answer_is_refused_by_its_member(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    for name, (changes, field) in BAD_REFERRALS.items():
        problem = await pup.post(f"/v1/clients/{at_pup}/referrals", REFERRAL | changes, 422)
        assert _field(problem) == field, name
    referral = await refers(pup, at_pup)
    await federation.settle()
    good = {"referrer": "pup-2478", "referral_id": referral, "accepted_on": "2026-10-06"}
    bad: list[tuple[dict[str, Any], int, str]] = [
        ({"referral_id": "0198c6a0-0000-7000-8000-000000000000"}, 422, "referral_id"),
        ({"referrer": "pup-2476"}, 422, "referral_id"),
        ({"accepted_on": "2026-09-30"}, 422, "accepted_on"),
        ({"accepted_on": None}, 422, "accepted_on"),
        ({"result": "refused", "ended_on": "2026-10-07"}, 422, "result"),
        ({"result": "broken_off", "ended_on": "2026-10-07"}, 422, "reason"),
        ({"result": "done"}, 422, "ended_on"),
        ({"result": "done", "ended_on": "2026-10-05"}, 422, "ended_on"),
        ({"reason": "moved_away"}, 422, "reason"),
    ]
    for changes, status, field in bad:
        problem = await ops.post(f"/v1/clients/{at_ops}/referral-answers", good | changes, status)
        assert _field(problem) == field, changes
    await ops.post(f"/v1/clients/{at_ops}/referral-answers", good)
    again = await ops.post(f"/v1/clients/{at_ops}/referral-answers", good, 409)
    assert _field(again) == "referral_id"


async def test_a_client_is_listed_under_who_looks_after_or_stands_in(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    first, second = await pup.enrol(1), await pup.enrol(2)
    for client, worker in ((first, "kasia-17"), (second, "jan-04")):
        await pup.post(f"/v1/clients/{client}/worker-assignments", {"worker": worker, "from": "2026-01-01"})
    away = {"worker": "jan-04", "from": "2026-10-01", "until": "2026-10-02"}
    await pup.post(f"/v1/clients/{first}/worker-substitutions", away)

    async def of(query: str) -> list[str]:
        return [client["id"] for client in await pup.listed(f"/v1/clients?{query}")]

    assert await of("worker=kasia-17") == [first]
    assert await of("worker=jan-04") == [first, second]
    assert await of("worker=jan-04&on=2026-10-03") == [second]
    assert await of("worker=nobody") == []
    charge = (await pup.get(f"/v1/clients/{first}/between"))["in_charge"]
    assert charge == {"worker": "kasia-17", "substitute": "jan-04", "today": "jan-04"}
    two = await pup.post(f"/v1/clients/{first}/worker-assignments", {"worker": "jan-04", "from": "2026-05-01"}, 409)
    assert _field(two) == "from"


async def test_referrals_are_listed_by_their_answer_and_by_what_is_overdue(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    made = []
    for due, purpose in (("2026-10-05", "social_work"), ("2026-10-20", "allowance"), ("2026-10-25", "social_work")):
        body = {"to": ops.id, "purpose": purpose, "made_on": "2026-10-01", "due": due}
        made.append((await pup.post(f"/v1/clients/{at_pup}/referrals", body))["id"])
    await federation.settle()
    yes = {"referrer": pup.id, "referral_id": made[1], "accepted_on": "2026-10-01"}
    no = {"referrer": pup.id, "referral_id": made[2], "result": "refused", "reason": "no_place"}
    await ops.post(f"/v1/clients/{at_ops}/referral-answers", yes)
    await ops.post(f"/v1/clients/{at_ops}/referral-answers", no | {"ended_on": "2026-10-01"})
    await federation.settle()
    federation.clock.go(7 * 86400)
    for asking, direction in ((pup, "made"), (ops, "received")):

        async def found(here: Office = asking, direction: str = direction, **filters: str) -> list[str]:
            ids, after = [], ""
            while after is not None:
                asked = {"direction": direction, "after": after, **filters}
                page = await here.get(f"/v1/referral-exchanges?{urlencode(asked)}")
                ids += [one["referral_id"] for one in page["items"]]
                after = page["next"]
            return ids

        assert await found() == await found(limit="1") == made
        assert await found(answer="none") == await found(overdue="true") == made[:1]
        assert await found(answer="accepted", limit="1") == made[1:2]
        assert await found(answer="refused", limit="1") == made[2:]
        assert await found(purpose="social_work", limit="1") == [made[0], made[2]]
        assert await found(due_before="2026-10-25") == made[:2]
        assert await found(overdue="false", answer="accepted", office="ops-2478011") == (
            made[1:2] if direction == "made" else []
        )
        assert await found(result="withdrawn") == []
    await pup.post(f"/v1/referrals/{made[0]}/close", {"result": "withdrawn"}, 200)
    await federation.sign_anew()
    await federation.settle()
    for office, direction in ((pup, "made"), (ops, "received")):
        for query in ("result=withdrawn", "answer=none&overdue=false", "result=withdrawn&due_before=2026-10-06"):
            assert [one["referral_id"] for one in await listed(office, direction, query)] == made[:1], query
        assert await listed(office, direction, "overdue=true") == []
        assert await listed(office, direction, "result=withdrawn&due_before=2026-10-05") == []


@pytest.mark.parametrize("direction", ["made", "received"])
async def test_the_database_looks_for_the_few_referrals_that_are_wanted(federation: Federation, direction: str) -> None:
    pup, ops, at_pup, _ = await joint(federation)
    for _ in range(12):
        await refers(pup, at_pup)
    wanted = await refers(pup, at_pup, purpose="allowance")
    await federation.settle()
    office = pup if direction == "made" else ops
    asked: list[str] = []
    event.listen(office.node.db.engine.sync_engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    [found] = await listed(office, direction, "answer=none&purpose=allowance&limit=1")
    assert found["referral_id"] == wanted
    assert len([one for one in asked if "shared_record" in one and "ORDER BY" in one]) <= 2


async def test_joint_clients_are_listed_apart(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    alone = await pup.enrol(9)
    assert [one["id"] for one in await pup.listed("/v1/clients?joint=true")] == [at_pup]
    assert [one["id"] for one in await pup.listed("/v1/clients?joint=false")] == [alone]
    assert [one["id"] for one in await ops.listed("/v1/clients?joint=true")] == [at_ops]


async def test_who_looks_after_a_client_never_leaves(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/worker-assignments", {"worker": "kasia-17", "from": "2026-01-01"})
    await federation.settle()
    assert "kasia-17" not in str(await ops.get(f"/v1/clients/{at_ops}/merged-view"))
    assert "kasia-17" not in str(await ops.get(f"/v1/clients/{at_ops}/between"))


def _field(problem: Any) -> str:
    return str(problem["errors"][0]["field"] if "errors" in problem else problem["field"])


@pytest.mark.parametrize("path", ["clients?worker=a%20b", "clients?on=yesterday", "referral-exchanges?direction=lost"])
async def test_a_wrong_question_is_refused(federation: Federation, path: str) -> None:
    pup = await federation.join("pup-2478")
    await pup.get(f"/v1/{path}", 422)


async def states(federation: Federation, office: Office, **changes: Any) -> int:
    """Send an office's statement under its own key again; return the status of the answer."""
    key = office.node.identity.keys[0]
    facts: dict[str, Any] = {
        "id": office.id,
        "federation": FEDERATION,
        "name": f"Urząd {office.id}",
        "area": AREAS[office.id],
        "contact": "it@example.invalid",
        "key_fingerprint": MATCH_KEY.fingerprint,
        "key": key.public,
        "jti": office.node.ids.uuid7(),
    }
    statement = sign_registration(key, Registration(**facts | changes), unix(federation.clock.now()))
    answer = await federation.operator.post("/v1/institutions", json={"statement": statement})
    await federation.sign_anew()
    return answer.status_code


async def test_the_other_office_is_reached_by_the_desks_that_it_states_under_its_key(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    desk = Desk("joint_clients", "+48 32 123 45 67", "klienci@pup.example")
    assert await states(federation, pup, desks=(desk,), name="Inny urząd") == 202
    for seen in (
        (await ops.get(f"/v1/clients/{at_ops}"))["offices"],
        (await ops.get(f"/v1/clients/{at_ops}/between"))["offices"],
    ):
        assert seen == [
            {"id": "pup-2478", "name": "Urząd pup-2478", "contact": "it@example.invalid", "desks": [desk.to_json()]}
        ]
    members = (await ops.get(f"/v1/clients/{at_ops}/merged-view"))["members"]
    assert [one["desks"] for one in members] == [[], [desk.to_json()]]
    assert (await pup.get(f"/v1/clients/{at_pup}"))["offices"][0]["desks"] == []
    assert await states(federation, pup) == 202
    assert (await ops.get(f"/v1/clients/{at_ops}"))["offices"][0]["desks"] == []


async def test_nobody_states_desks_under_a_key_that_was_not_approved(federation: Federation) -> None:
    pup, ops, _, at_ops = await joint(federation)
    squatter = SigningKey.from_seed(b"squatter")
    registration = Registration(
        id=pup.id,
        federation=FEDERATION,
        name="Urząd",
        area=AREAS[pup.id],
        contact="evil@example.invalid",
        key_fingerprint=MATCH_KEY.fingerprint,
        key=squatter.public,
        jti=pup.node.ids.uuid7(),
        desks=(Desk("costs", "+48 1234567", "evil@example.com"),),
    )
    statement = sign_registration(squatter, registration, unix(federation.clock.now()))
    answer = await federation.operator.post("/v1/institutions", json={"statement": statement})
    assert answer.status_code == 202
    await federation.sign_anew()
    [office] = (await ops.get(f"/v1/clients/{at_ops}"))["offices"]
    assert (office["contact"], office["desks"]) == ("it@example.invalid", [])
