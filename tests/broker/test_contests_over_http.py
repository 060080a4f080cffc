"""Who leads is looked at anew whenever what labour offices said of their registrations is another."""

import pytest
from sqlalchemy import select

from services.broker.tables import MembershipRow
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


async def contested(federation: Federation) -> tuple[Peer, str]:
    """Return a labour office that leads, for it told of its registration last, and how it told that."""
    pup, _ = await shared_person(federation)
    await pup.push(pup.restated(opened=["2025-05-01"]))
    second = await enter(federation, "pup-2476")
    await second.push(second.enrolled())
    await relay(federation)
    await second.push(second.restated(generation=2))
    await relay(federation)
    assert await held(federation) == set()
    opened = {"registration_id": second.ids.uuid7(), "from": "2026-09-01"}
    told = second.event("registration.opened.v1", opened)
    await second.push(told)
    await relay(federation)
    assert await held(federation) == {pup.id}
    return second, told


@pytest.fixture(autouse=True)
def second_of_the_gmina(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(builders.AREAS, "pup-2476", ("2478011",))


async def test_a_registration_that_its_office_erases_contests_no_more(federation: Federation) -> None:
    second, told = await contested(federation)
    named = ((second.id, 2, jose.encode(set_hash(told))),)
    erased = Erased(sets=named, ground="unlawful", term=EPOCH.date())
    await second.push(second.event("set.erased.v1", schema.write(erased)))
    await relay(federation)
    assert await held(federation) == set()


async def test_a_client_of_who_is_held_counts_as_shared_while_match_keys_follow_each_other(
    federation: Federation,
) -> None:
    await contested(federation)
    await announce(federation)
    answer = (await federation.operator.get("/v1/match-keys")).json()
    assert {one["id"]: one["shared"] for one in answer["offices"]} == {"ops-2478011": 1, "pup-2476": 1, "pup-2478": 1}
