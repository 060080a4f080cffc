"""An office restored from a backup erases again, by itself, what had been erased: its own rows, and others' copies."""

import pytest
from structlog.testing import capture_logs

from shared.exchange.history.tables import SharedRecordRow
from shared.institution.operations.erasing import again
from shared.institution.operations.erasing.standing import ask_holders
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.tables import ClientRow, ErasureRow
from tests.builders import Federation, Office, pesel
from tests.federation.backups import back_up, restore
from tests.federation.epochs import announce, bring, go_on, go_to
from tests.federation.erasing import FORM, OTHER, codes_seen, count, erase, texts
from tests.federation.saying import joint


async def forms(office: Office, client: str) -> list[str]:
    return sorted(one["code"] for one in await office.listed(f"/v1/clients/{client}/support-forms"))


async def at_peace(federation: Federation, *offices: Office) -> None:
    """Check that no stream forked and nothing was refused."""
    assert (await federation.operator.get("/v1/forks")).json() == []
    for office in offices:
        assert await office.get("/v1/dead-letters") == []


async def test_a_record_that_the_backup_brings_back_is_erased_again_and_the_rest_stays(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await pup.post(f"/v1/clients/{at_pup}/support-forms", OTHER)
    await federation.settle()
    backup = await back_up(pup)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    assert await forms(pup, at_pup) == ["PUP-STA", "PUP-SZK"], "the backup has it"
    await federation.settle()
    await pup.get(f"/v1/support-forms/{wrong}", 404)
    assert await forms(pup, at_pup) == await codes_seen(pup, at_pup) == await codes_seen(ops, at_ops) == ["PUP-SZK"]
    assert wrong not in await texts(pup.node, pup.id)
    assert await count(pup.node, SharedRecordRow, SharedRecordRow.key == wrong) == 0
    changes = (await pup.get("/v1/changes"))["items"]
    assert [one["record_id"] for one in changes if one["change"] == "erased"] == [wrong]
    await at_peace(federation, pup, ops)


async def test_the_list_of_erasures_knows_again_who_has_followed(federation: Federation) -> None:
    pup, ops, at_pup, _ = await joint(federation)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await federation.settle()
    backup = await back_up(pup)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    await federation.settle()
    await ask_holders(pup.node)
    (done,) = (await pup.get(f"/v1/clients/{at_pup}/erasures"))["items"]
    assert (done["record_id"], done["ground"], done["term"], done["erased_by"]) == (
        wrong,
        "unlawful",
        "2026-11-01",
        "restore",
    )
    assert done["sets"] == 1
    assert [one["id"] for one in done["holders"] if one["erased"]] == ["broker", ops.id]


async def test_a_record_told_by_a_restatement_after_the_backup_is_erased_and_what_stood_beside_it_is_not(
    federation: Federation,
) -> None:
    """The backup is older than the match, and the office shares the client no longer when it erases."""
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await pup.post(f"/v1/clients/{at_pup}/support-forms", OTHER)
    await federation.settle()
    backup = await back_up(pup)
    at_ops = await ops.enrol(1)
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.settle()
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    await federation.settle()
    assert await forms(pup, at_pup) == ["PUP-SZK"]
    await at_peace(federation, pup)


async def test_a_plan_goes_again_with_its_parts(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    contract = await ops.post(f"/v1/clients/{at_ops}/social-contracts", {"form": "A", "goals": 1, "from": "2026-03-01"})
    goal = {"social_contract_id": contract["id"], "what": "praca", "due": "2026-12-31"}
    await ops.post(f"/v1/clients/{at_ops}/contract-goals", goal)
    await federation.settle()
    backup = await back_up(ops)
    await erase(ops, at_ops, kind="social-contracts", record_id=contract["id"])
    await federation.settle()
    ops = await restore(federation, ops, backup)
    await federation.settle()
    for path in ("social-contracts", "contract-goals"):
        assert await ops.listed(f"/v1/clients/{at_ops}/{path}") == []
    assert await codes_seen(pup, at_pup) == []


async def test_a_client_that_the_backup_brings_back_is_erased_again(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    federation.clock.go(0.5)  # what is recorded now and erased in the same second was there before all the same
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-E01", "from": "2026-02-02"})
    await federation.settle()
    backup = await back_up(pup)
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-E02", "from": "2026-02-02"})
    await federation.settle()
    await erase(pup, at_pup)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    await pup.get(f"/v1/clients/{at_pup}")
    await federation.settle()
    await pup.get(f"/v1/clients/{at_pup}", 404)
    assert await count(pup.node, ClientRow) == await count(pup.node, SharedRecordRow) == 0
    assert "support_form" not in await texts(pup.node, pup.id) + await texts(pup.node, ops.id)
    assert "suspicion" not in await texts(pup.node, "broker")
    assert (await pup.get("/v1/exchange/unknown-clients"))["tokens"] == []
    (done,) = (await pup.get(f"/v1/clients/{at_pup}/erasures"))["items"]
    assert (done["kind"], done["erased_by"]) == ("client", "restore")
    assert (await federation.operator.get("/v1/forks")).json() == []
    again = await pup.enrol(1)
    await federation.settle()
    assert (await pup.get(f"/v1/clients/{again}"))["joint"]


async def test_a_restored_office_erases_the_copies_that_others_had_erased(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await pup.post(f"/v1/clients/{at_pup}/support-forms", OTHER)
    await federation.settle()
    backup = await back_up(ops)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    ops = await restore(federation, ops, backup)
    assert wrong in await texts(ops.node, pup.id)
    await federation.settle()
    assert wrong not in await texts(ops.node, pup.id)
    assert await codes_seen(ops, at_ops) == ["PUP-SZK"]
    await at_peace(federation, pup, ops)


async def test_an_office_that_wrote_before_it_had_its_words_back_erases_when_its_stream_begins_anew(
    federation: Federation,
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await federation.settle()
    backup = await back_up(pup)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", OTHER)
    await pup.post("/v1/exchange/begin-anew")
    await federation.settle()
    assert await forms(pup, at_pup) == ["PUP-SZK"]
    assert await codes_seen(ops, at_ops) == ["PUP-SZK"]


async def test_an_erased_client_that_was_written_to_after_the_loss_is_left_to_an_official(
    federation: Federation,
) -> None:
    pup, _, at_pup, _ = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    backup = await back_up(pup)
    await erase(pup, at_pup)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", OTHER)
    await pup.post("/v1/exchange/begin-anew")
    assert await forms(pup, at_pup) == ["PUP-STA", "PUP-SZK"]
    assert await count(pup.node, ErasureRow) == 0


async def test_an_erasure_that_the_backup_has_is_not_done_twice(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await federation.settle()
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    backup = await back_up(pup)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", OTHER)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    await poll_once(pup.node, wait_s=0)
    await federation.settle()
    (done,) = (await pup.get(f"/v1/clients/{at_pup}/erasures"))["items"]
    assert done["erased_by"] == "tester"


async def test_of_two_clients_that_went_by_one_token_the_right_one_loses_the_record(federation: Federation) -> None:
    """The first was entered under the PESEL of the second, and corrected."""
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    mistaken = await pup.enrol(1)
    await pup.post(f"/v1/clients/{mistaken}/support-forms", FORM)
    await pup.patch(f"/v1/clients/{mistaken}", {"pesel": pesel(2)})
    at_pup, _ = await pup.enrol(1), await ops.enrol(1)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await federation.settle()
    backup = await back_up(pup)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    await federation.settle()
    assert (await forms(pup, at_pup), await forms(pup, mistaken)) == ([], ["PUP-STA"])
    await at_peace(federation, pup, ops)


async def test_what_was_erased_is_looked_for_among_the_clients_of_the_word_before_all_others(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pup, _, at_pup, _ = await joint(federation)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    others = [await pup.enrol(number) for number in range(2, 5)]
    others += [(await pup.post(f"/v1/clients/{one}/support-forms", FORM))["id"] for one in others]
    await federation.settle()
    backup = await back_up(pup)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    pup = await restore(federation, pup, backup)
    compared: list[str] = []
    mark_of = again.mark_of
    monkeypatch.setattr(again, "mark_of", lambda one: compared.append(one) or mark_of(one))
    await federation.settle()
    await pup.get(f"/v1/support-forms/{wrong}", 404)
    assert wrong in compared
    assert not set(others) & set(compared)


@pytest.mark.parametrize("whole", [False, True])
async def test_a_backup_of_before_the_match_key_changed_is_erased_again_all_the_same(
    federation: Federation, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words stand under the new token, of which the backup does not know; all rows are looked at, a few at once."""
    monkeypatch.setattr(again, "AT_ONCE", 2)
    pup, ops, at_pup, at_ops = await joint(federation)
    for number in range(2, 7):
        other = await pup.enrol(number)
        await pup.post(f"/v1/clients/{other}/support-forms", OTHER)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await federation.settle()
    backup = await back_up(pup)
    moves_at, ends_at = await announce(federation)
    bring(pup)
    bring(ops)
    await go_on(federation)
    await go_to(federation, moves_at)
    await go_to(federation, ends_at)
    await erase(pup, at_pup, **({} if whole else {"kind": "support-forms", "record_id": wrong}))
    await federation.settle()
    pup = await restore(federation, pup, backup)
    with capture_logs() as said:
        await federation.settle()
    assert await count(pup.node, ErasureRow) == 1
    assert [one["client_id"] for one in said if one["event"].startswith("erased again")] == [at_pup]
    await pup.get(f"/v1/clients/{at_pup}", 404 if whole else 200)
    await pup.get(f"/v1/support-forms/{wrong}", 404)
    assert await codes_seen(ops, at_ops) == []
