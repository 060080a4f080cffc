"""A suspicion that one side ended is no trap for the other: nothing is left to answer, nobody is told of a mistake."""

from pathlib import Path
from typing import Any

import pytest

from shared.domain.events.payloads.people import MatchVerdict
from shared.exchange.stream.heads import StreamFork
from tests.builders import Federation, Office
from tests.conftest import MakeDatabase
from tests.federation.saying import problems_at_broker, say, token
from tests.federation.test_matching import SURNAME, joint
from tests.federation.test_restored_office import back_up, restore


async def suspected(federation: Federation) -> tuple[Office, Office, str, str]:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1, surname=SURNAME)
    await federation.settle()
    return pup, ops, at_pup, at_ops


async def open_at(office: Office, state: str = "open") -> list[str]:
    return [one["id"] for one in (await office.get(f"/v1/suspicions?state={state}"))["items"]]


async def confirm(office: Office, suspicion_id: str, status: int = 200) -> Any:
    path = f"/v1/suspicions/{suspicion_id}/confirm"
    return await office.post(path, {"reason_code": "same_person"}, status=status)


async def open_letters(federation: Federation, office: Office) -> tuple[int, list[Any]]:
    overview = (await federation.operator.get("/v1/overview")).json()
    return overview["dead_letters"], await office.get("/v1/dead-letters?state=open")


async def test_an_answer_to_what_the_other_side_ended_lapses_and_is_no_dead_letter(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await suspected(federation)
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.settle()
    [ended] = await open_at(pup)
    await confirm(pup, ended)
    await federation.settle()
    assert await open_at(pup, "lapsed") == [ended]
    assert await open_letters(federation, pup) == (0, [])
    await ops.post(f"/v1/clients/{at_ops}/take-back", status=200)
    await federation.settle()
    for office in (pup, ops):
        [again] = await open_at(office)
        assert again != ended
        await confirm(office, again)
        await federation.settle()
    assert await joint(pup, at_pup)


async def test_who_withdraws_a_client_is_asked_anew_and_of_the_old_suspicion_no_more(federation: Federation) -> None:
    pup, _, at_pup, _ = await suspected(federation)
    [before] = await open_at(pup)
    await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
    await pup.post(f"/v1/clients/{at_pup}/take-back", status=200)
    await federation.settle()
    assert before not in await open_at(pup)
    assert len(await open_at(pup)) == 1
    await confirm(pup, before, 409)


async def test_a_new_surname_ends_what_was_suspected_under_the_old_one(federation: Federation) -> None:
    _, ops, _, at_ops = await suspected(federation)
    [before] = await open_at(ops)
    await ops.patch(f"/v1/clients/{at_ops}", {"surname": "Jeszczeinna"})
    await federation.settle()
    assert await open_at(ops, "lapsed") == [before]
    assert len(await open_at(ops)) == 1


async def test_a_restored_office_is_not_asked_what_it_has_answered(
    sqlite_database: MakeDatabase, tmp_path: Path
) -> None:
    async with Federation(tmp_path / "nodes", sqlite_database) as federation:
        pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
        at_pup = await pup.enrol(1)
        await federation.settle()
        before_the_question = back_up(pup, tmp_path / "before")
        await ops.enrol(1, surname=SURNAME)
        await federation.settle()
        before_the_answer = back_up(pup, tmp_path / "after")
        [suspicion] = await open_at(pup)
        await confirm(pup, suspicion)
        await federation.settle()
        for backup in (before_the_answer, before_the_question):
            pup = await restore(federation, pup, backup)
            await federation.settle()
            assert (await open_at(pup), await open_at(pup, "confirmed")) == ([], [suspicion])
        await confirm(ops, suspicion)
        await federation.settle()
        assert await joint(pup, at_pup)


async def test_who_withdrew_on_the_far_side_of_a_fork_and_took_back_is_asked_anew(
    sqlite_database: MakeDatabase, tmp_path: Path
) -> None:
    async with Federation(tmp_path / "nodes", sqlite_database) as federation:
        pup, ops, at_pup, _ = await suspected(federation)
        [suspicion] = await open_at(pup)
        backup = back_up(pup, tmp_path / "before")
        await pup.enrol(2)
        await federation.settle()
        pup = await restore(federation, pup, backup)
        await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
        await pup.post(f"/v1/clients/{at_pup}/take-back", status=200)
        assert await open_at(pup, "lapsed") == [suspicion]
        with pytest.raises(StreamFork):
            await federation.push(pup)
        await pup.post("/v1/exchange/begin-anew")
        await federation.settle()
        for office in (pup, ops):
            *ended, again = await open_at(office)
            assert again != suspicion
            assert ended in ([], [suspicion]), "the other side is told of it when it answers"
            await confirm(office, again)
            await federation.settle()
        assert await joint(pup, at_pup)


async def test_the_same_answer_twice_changes_nothing_and_another_one_is_refused(federation: Federation) -> None:
    pup, ops, at_pup, _ = await suspected(federation)
    [suspicion] = await open_at(pup)
    for office in (pup, ops):
        await confirm(office, suspicion)
        await federation.settle()
    said = MatchVerdict(suspicion_id=suspicion, reason_code="same_person")
    await say(pup, "match.confirmed.v1", token(1), said)
    await federation.settle()
    assert await problems_at_broker(federation) == []
    await say(pup, "match.refused.v1", token(1), said)
    await federation.settle()
    assert await problems_at_broker(federation) == ["not-shared"]
    assert await joint(pup, at_pup)
