"""A client whom two labour offices have stays contested, and hidden, while one match key follows another."""

import pytest

from tests.builders import Federation, Office
from tests.federation.epochs import announce, bring, go_on, go_to
from tests.federation.saying import named_to
from tests.federation.test_contested_clients import FORM, close, contested, entries, standing
from tests.federation.test_match_key_overlap import dead_letters
from tests.reconciliation.damages import found, statement


@pytest.mark.parametrize(
    "late", ["pup-2478", *(pytest.param(late, marks=pytest.mark.long) for late in ("pup-2476", "ops-2478011"))]
)
async def test_who_leads_and_who_is_held_stays_so_whichever_office_is_late_with_the_next_key(
    federation: Federation, second: Office, late: str
) -> None:
    pup, ops, ids, opened = await contested(federation, second)

    async def require_the_contest() -> None:
        assert await standing(pup, ids) == ("waits", [])
        assert await standing(second, ids) == ("shares", ["ops-2478011", "pup-2476"])
        assert await standing(ops, ids) == ("shares", ["ops-2478011", "pup-2476"])

    moves_at, ends_at = await announce(federation)
    for office in (pup, ops, second):
        if office.id != late:
            bring(office)
    await go_on(federation)
    await require_the_contest()
    await go_to(federation, moves_at)
    await require_the_contest()
    bring(federation.offices[late])
    await go_on(federation)
    await require_the_contest()
    await go_to(federation, ends_at)
    await require_the_contest()
    assert await named_to(pup) == {"ops-2478011", "pup-2478"}
    assert await named_to(second) == {"ops-2478011", "pup-2476"}
    await pup.post(f"/v1/clients/{ids[pup.id]}/support-forms", FORM)
    await close(second, opened[1])
    await federation.settle()
    for office in (pup, ops, second):
        assert await standing(office, ids) == (None, ["ops-2478011", "pup-2476", "pup-2478"])
        assert ("pup-2478", "support_form") in await entries(office, ids)
    for run in await federation.reconcile():
        assert found(await statement(federation, run)) == {}
    assert await dead_letters(pup, ops, second) == []
