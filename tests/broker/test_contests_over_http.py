"""Who leads is looked at anew whenever what labour offices said of their registrations is another."""

from typing import Any

import pytest
from sqlalchemy import select

from services.broker.tables import MembershipRow, PersonRow
from shared.domain.erasure import mark_of
from shared.domain.events import schema
from shared.domain.events.payloads.erasing import Erased
from shared.exchange import jose
from shared.exchange.sets import set_hash
from tests import builders
from tests.broker.builders import ON_SQLITE, Peer, enter, relay, shared_person
from tests.builders import EPOCH, Federation
from tests.federation.epochs import announce

pytestmark = ON_SQLITE


async def held(federation: Federation) -> set[str]:
    async with federation.broker.db.read() as session:
        return set(await session.scalars(select(MembershipRow.institution).where(MembershipRow.held.is_(True))))


async def sharing(federation: Federation) -> set[str]:
    async with federation.broker.db.read() as session:
        return set(await session.scalars(select(MembershipRow.institution).where(MembershipRow.present.is_(True))))


async def contested(federation: Federation) -> tuple[Peer, str, str]:
    """Return a labour office that leads, for it told of its registration last, its registration and how it told it."""
    pup, _ = await shared_person(federation)
    await pup.push(pup.restated(opened=["2025-05-01"]))
    second = await enter(federation, "pup-2476")
    await second.push(second.enrolled())
    await relay(federation)
    await second.push(second.restated(generation=2))
    await relay(federation)
    assert await held(federation) == set()
    registration = second.ids.uuid7()
    told = second.event("registration.opened.v1", {"registration_id": registration, "from": "2026-09-01"})
    await second.push(told)
    await relay(federation)
    assert await held(federation) == {pup.id}
    return second, registration, told


@pytest.fixture(autouse=True)
def second_of_the_gmina(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(builders.AREAS, "pup-2476", ("2478011",))


async def test_a_registration_that_its_office_erases_contests_no_more(federation: Federation) -> None:
    second, registration, told = await contested(federation)
    await second.push(word(second, 2, told, registration))
    await relay(federation)
    assert await held(federation) == set()


def word(peer: Peer, n: int, told: str, record: str | None) -> str:
    """Sign that a record is erased, and with it the SET that told it; ``None``: it is not said which record."""
    named = ((peer.id, n, jose.encode(set_hash(told))),)
    mark = None if record is None else mark_of(record)
    erased = Erased(sets=named, ground="unlawful", term=EPOCH.date(), record=mark)
    return peer.event("set.erased.v1", schema.write(erased))


FORM = "0192f0c1-7c00-7abc-8def-000000000009"


def all_of(peer: Peer, opened: str, generation: int) -> str:
    """Sign a restatement of an open registration and a form."""
    registration = {"registration_id": peer.ids.uuid7(), "from": opened}
    form = {"form_id": FORM, "code": "PUP-STA", "from": "2026-03-02", "status": "active"}
    payload: dict[str, Any] = {"generation": generation, "restatement_id": peer.ids.uuid7(), "part": 1, "parts": 1}
    records = [
        {"type": "registration.opened.v1", "payload": registration},
        {"type": "support_form.opened.v1", "payload": form},
    ]
    return peer.event("record.restated.v1", payload | {"complete": True, "records": records})


async def told_at_once(federation: Federation) -> tuple[Peer, Peer, str, str]:
    """Return who is held and who leads, each of which told its registration and a form by one SET."""
    pup, _ = await shared_person(federation)
    first = all_of(pup, "2025-05-01", 1)
    await pup.push(first)
    second = await enter(federation, "pup-2476")
    await second.push(second.enrolled())
    await relay(federation)
    later = all_of(second, "2026-09-01", 2)
    await second.push(later)
    await relay(federation)
    assert (await held(federation), await sharing(federation)) == ({pup.id}, {second.id, "ops-2478011"})
    for peer in (pup, second):
        await peer.collect()
    return pup, second, first, later


@pytest.mark.parametrize("record", [FORM, None])
@pytest.mark.parametrize("leads", [False, True])
async def test_no_office_is_let_in_because_a_registration_went_with_another_record_that_was_erased(
    federation: Federation, *, leads: bool, record: str | None
) -> None:
    pup, second, first, later = await told_at_once(federation)
    peer, told = (second, later) if leads else (pup, first)
    await peer.push(word(peer, 1, told, record))
    await relay(federation)
    assert (await held(federation), await sharing(federation)) == ({pup.id}, {second.id, "ops-2478011"})
    assert [payload for name, payload in await pup.collect() if payload.get("members")] == []


async def test_who_is_held_and_lost_its_registration_with_another_record_is_asked_for_it_again(
    federation: Federation,
) -> None:
    pup, second, first, _ = await told_at_once(federation)
    await pup.push(word(pup, 1, first, FORM))
    await relay(federation)
    [(name, payload)] = await pup.collect()
    assert (name, payload["members"]) == ("joint_client.contested.v1", [])
    await pup.push(pup.restated(generation=payload["generation"]))
    await relay(federation)
    assert await sharing(federation) == {pup.id, second.id, "ops-2478011"}


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("leads", [False, True])
async def test_what_is_restated_before_or_after_the_word_of_an_erasure_counts(
    federation: Federation, *, leads: bool, before: bool
) -> None:
    pup, second, first, later = await told_at_once(federation)
    peer, told, day = (second, later, "2026-09-01") if leads else (pup, first, "2025-05-01")
    for step in ("restate", "erase") if before else ("erase", "restate"):
        await peer.push(peer.restated(opened=[day], generation=2) if step == "restate" else word(peer, 1, told, FORM))
        await relay(federation)
    assert (await held(federation), await sharing(federation)) == ({pup.id}, {second.id, "ops-2478011"})
    async with federation.broker.db.read() as session:
        assert await session.scalar(select(PersonRow.contested))


async def test_a_client_of_who_is_held_counts_as_shared_while_match_keys_follow_each_other(
    federation: Federation,
) -> None:
    await contested(federation)
    await announce(federation)
    answer = (await federation.operator.get("/v1/match-keys")).json()
    assert {one["id"]: one["shared"] for one in answer["offices"]} == {"ops-2478011": 1, "pup-2476": 1, "pup-2478": 1}
