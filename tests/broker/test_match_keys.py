"""The operator announces the match key that follows: a new one, of a higher epoch, with days in their order."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from services.broker.operations import directory
from services.broker.operations.overlap import change_over
from services.broker.tables import MembershipRow, PersonPairRow, SuspicionRow
from shared.exchange.directory import open_directory
from shared.exchange.match_keys import MatchKeys
from shared.exchange.stream.tables import SetRow
from tests.broker.builders import ON_SQLITE, Peer, check_of, enter, relay, shared_person
from tests.builders import AREAS, EPOCH, FEDERATION, MATCH_KEY, OPERATOR_SCOPES, Federation
from tests.federation.epochs import NEXT_KEY, announce, bring, go_on, token

pytestmark = ON_SQLITE
OLD, NEW = token(1), token(1, NEXT_KEY)


def body(**changes: Any) -> dict[str, Any]:
    days = {"moves_at": EPOCH + timedelta(days=14), "ends_at": EPOCH + timedelta(days=28)}
    facts = {"fingerprint": NEXT_KEY.fingerprint, "epoch": 2} | days | changes
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in facts.items()}


async def told(federation: Federation, status: int = 200, **changes: Any) -> Any:
    answer = await federation.operator.post("/v1/match-keys", json=body(**changes))
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_an_announced_key_stands_in_the_directory(federation: Federation) -> None:
    assert await told(federation) == (await federation.operator.get("/v1/match-keys")).json()
    broker = federation.broker
    opened = open_directory(broker.directory_token, pinned=broker.identity.keys[0].kid, federation=FEDERATION)
    assert opened.match_keys.fingerprint == MATCH_KEY.fingerprint
    assert opened.match_keys.is_next(NEXT_KEY.fingerprint)
    assert opened.match_keys.next is not None
    assert opened.match_keys.next.moves_at == int((EPOCH + timedelta(days=14)).timestamp())


async def test_days_are_put_off_and_a_mistaken_announcement_is_replaced_until_somebody_follows_it(
    federation: Federation,
) -> None:
    await told(federation, fingerprint="0" * 16)
    await told(federation)
    later = EPOCH + timedelta(days=60)
    assert (await told(federation, ends_at=later))["following"]["ends_at"].startswith(later.date().isoformat())
    await told(federation, 409, epoch=3)
    pup = await federation.join("pup-2478")
    await pup.enrol(1)
    bring(pup)
    await go_on(federation)
    assert (await told(federation, 409, fingerprint="0" * 16))["expected"] == NEXT_KEY.fingerprint


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"fingerprint": MATCH_KEY.fingerprint}, 409, "conflict"),
        ({"fingerprint": "x"}, 422, "request-invalid"),
        ({"epoch": 1}, 422, "request-invalid"),
        ({"ends_at": EPOCH + timedelta(days=13)}, 422, "request-invalid"),
        ({"moves_at": EPOCH - timedelta(days=2), "ends_at": EPOCH - timedelta(days=1)}, 422, "request-invalid"),
        ({"moves_at": "2027-03-01T06:00:00"}, 422, "request-invalid"),
        ({"more": 1}, 422, "field-unknown"),
    ],
)
async def test_what_cannot_follow_is_refused(
    federation: Federation, changes: dict[str, Any], status: int, problem: str
) -> None:
    assert (await told(federation, status, **changes))["type"] == f"urn:zwornik:problem:{problem}"
    assert (await federation.operator.get("/v1/match-keys")).json()["following"] is None


async def test_the_epoch_of_tokens_in_use_is_no_next_one(federation: Federation) -> None:
    await announce(federation)
    pup = await federation.join("pup-2478")
    await pup.enrol(1)
    bring(pup)
    await go_on(federation)
    federation.clock.go(28 * 86400 + 60)
    await federation.sign_anew()
    for _ in range(3):
        await go_on(federation)
    assert federation.broker.directory.match_keys == MatchKeys(fingerprint=NEXT_KEY.fingerprint, epoch=2)
    later = {"moves_at": EPOCH + timedelta(days=60), "ends_at": EPOCH + timedelta(days=90)}
    for changes in ({"fingerprint": MATCH_KEY.fingerprint, "epoch": 3}, {"fingerprint": "1" * 16, "epoch": 2}):
        await told(federation, 409, **changes, **later)
    await told(federation, fingerprint="1" * 16, epoch=3, **later)


async def test_who_may_only_read_announces_nothing(federation: Federation) -> None:
    key = federation.broker.identity.keys[0]
    scopes = [one for one in OPERATOR_SCOPES if one != "broker:approve"]
    client = federation._http(federation.broker_app, key, "broker", scopes)
    assert (await client.post("/v1/match-keys", json=body())).status_code == 403


async def test_after_a_restart_the_table_decides_and_a_first_setting_may_be_mended(federation: Federation) -> None:
    broker = federation.broker
    broker.settings = broker.settings.model_copy(update={"match_key_fingerprint": "2" * 16})
    await directory.open_up(broker)
    assert broker.directory.match_keys == MatchKeys(fingerprint="2" * 16)
    await told(federation)
    broker.settings = broker.settings.model_copy(update={"match_key_fingerprint": MATCH_KEY.fingerprint})
    await directory.open_up(broker)
    assert broker.directory.match_keys.is_current("2" * 16)


def by_both(peer: Peer, number: int, following: int, fingerprint: str = NEXT_KEY.fingerprint) -> str:
    """Sign an enrolment of one person, with the next token of perhaps another."""
    payload = {
        "check": check_of(number),
        "key_fingerprint": MATCH_KEY.fingerprint,
        "basis": "labour_market_act",
        "next": {"token": token(following, NEXT_KEY), "check": "a1", "key_fingerprint": fingerprint},
    }
    return peer.event("client.enrolled.v1", payload, number)


async def members(federation: Federation, person: str) -> set[str]:
    async with federation.broker.db.read() as session:
        query = select(MembershipRow.institution)
        return set(await session.scalars(query.where(MembershipRow.token == person, MembershipRow.present.is_(True))))


@pytest.mark.parametrize(("number", "following"), [(1, 2), (2, 1)])
async def test_a_pair_that_contradicts_another_is_refused_and_joins_nobody(
    federation: Federation, number: int, following: int
) -> None:
    pup, ops = await enter(federation, "pup-2478"), await enter(federation, "ops-2478011")
    await announce(federation)
    await pup.push(by_both(pup, 1, 1))
    await relay(federation)
    await ops.push(by_both(ops, number, following))
    await relay(federation)
    letters = (await federation.operator.get("/v1/dead-letters")).json()
    assert [(letter["iss"], letter["problem"]) for letter in letters] == [(ops.id, "conflict")]
    for person in (token(1), token(2), token(1, NEXT_KEY), token(2, NEXT_KEY)):
        assert await members(federation, person) == set()
    await ops.push(by_both(ops, 1, 1))
    await relay(federation)
    assert await members(federation, token(1)) == {pup.id, ops.id}


async def test_a_second_token_by_a_key_that_nobody_announced_is_refused(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    answer = await pup.push(by_both(pup, 1, 1))
    assert [error["problem"] for error in answer.body["set_errors"]] == ["match-key-mismatch"]
    await announce(federation)
    answer = await pup.push(by_both(pup, 1, 1, fingerprint="0" * 16), errors_seen=1)
    assert [error["problem"] for error in answer.body["set_errors"]] == ["match-key-mismatch"]


async def held(federation: Federation, person: str) -> set[str]:
    async with federation.broker.db.read() as session:
        query = select(MembershipRow.institution)
        return set(await session.scalars(query.where(MembershipRow.token == person, MembershipRow.held.is_(True))))


async def two_groups(federation: Federation) -> tuple[Peer, Peer, Peer, Peer]:
    """Return two offices that share a person under the old token, and two that do under the new one."""
    pup, ops = await enter(federation, "pup-2478"), await enter(federation, "ops-2478011")
    other, fourth = await enter(federation, "ops-2476011"), await enter(federation, "pup-2476")
    await announce(federation)
    for peer in (pup, ops):
        await peer.push(peer.enrolled(1))
    for peer in (other, fourth):
        check = NEXT_KEY.check(NEW, "Przykładowska")
        payload = {"check": check, "key_fingerprint": NEXT_KEY.fingerprint, "basis": "consent"}
        await peer.push(peer.event("client.enrolled.v1", payload, token=NEW))
    await relay(federation)
    assert await members(federation, OLD) == {pup.id, ops.id}
    assert await members(federation, NEW) == {other.id, fourth.id}
    return pup, ops, other, fourth


async def news(*peers: Peer) -> list[list[tuple[str, dict[str, Any]]]]:
    """Return what each of some peers hears of who shares the person, and of the others' records."""
    return [
        [one for one in await peer.collect() if one[0] not in ("joint_client.suspected.v1", "set.refused.v1")]
        for peer in peers
    ]


def shared_by(name: str, generation: int, *sharing: Peer) -> tuple[str, dict[str, Any]]:
    payload = {"generation": generation, "members": sorted(peer.id for peer in sharing), "early": False}
    return f"joint_client.{name}.v1", payload


async def move_by_date(federation: Federation) -> None:
    """Let the day come on which people move to their new tokens."""
    federation.clock.go(14 * 86400 + 60)
    await directory.renew(federation.broker)
    await directory.reload(federation.broker)
    assert await change_over(federation.broker)


async def both_have_a_registration(federation: Federation, first: Peer, second: Peer) -> None:
    """Let the labour offices of two groups say what they have; the second one's registration opened last."""
    await first.push(first.restated(token=OLD, opened=["2026-03-01"]))
    await second.push(second.restated(token=NEW, opened=["2026-09-01"]))
    await relay(federation)


async def pair_them(federation: Federation) -> None:
    """Write down that two tokens are one person, who does not move at once."""
    async with federation.broker.db.write() as session:
        session.add(PersonPairRow(old=OLD, new=NEW, moved=False))


async def second_leads(federation: Federation, *peers: Peer) -> None:
    """Require that the group which leads is told who shares, and the other one that it waits, each of them once."""
    first, second = {"pup-2478", "ops-2478011"}, {"ops-2476011", "pup-2476"}
    assert (await members(federation, NEW), await held(federation, NEW)) == (second, first)
    sharing = [peer for peer in peers if peer.id in second]
    waits, leads = shared_by("contested", 2), shared_by("contested", 2, *sharing)
    assert await news(*peers) == [[leads if peer in sharing else waits] for peer in peers]


async def test_two_groups_that_a_pair_joins_are_one_once_both_have_said_what_they_have(
    federation: Federation,
) -> None:
    pup, ops, other, fourth = await two_groups(federation)
    await news(pup, ops, other, fourth)
    await pup.push(by_both(pup, 1, 1))
    await relay(federation)
    assert await members(federation, OLD) == set()
    assert (await members(federation, NEW), await held(federation, NEW)) == ({pup.id, ops.id}, {other.id, fourth.id})
    waits, goes_on = [shared_by("contested", 2)], [shared_by("matched", 2, pup, ops)]
    assert await news(pup, ops, other, fourth) == [goes_on, goes_on, waits, waits]
    await pup.push(pup.restated(token=NEW, generation=2))
    await fourth.push(fourth.restated(token=NEW, generation=2))
    await relay(federation)
    together = {pup.id, ops.id, other.id, fourth.id}
    assert (await members(federation, NEW), await held(federation, NEW)) == (together, set())
    assert [told[-1] for told in await news(other, fourth)] == [shared_by("matched", 3, pup, ops, other, fourth)] * 2


async def test_of_two_groups_that_a_pair_joins_the_one_that_does_not_lead_learns_of_nobody(
    federation: Federation,
) -> None:
    pup, ops, other, fourth = await two_groups(federation)
    await both_have_a_registration(federation, pup, fourth)
    await news(pup, ops, other, fourth)
    await pup.push(by_both(pup, 1, 1))
    await relay(federation)
    await second_leads(federation, pup, ops, other, fourth)


async def test_what_a_member_says_before_the_pair_that_joins_two_groups_goes_to_none_of_the_other(
    federation: Federation,
) -> None:
    pup, ops, other, fourth = await two_groups(federation)
    await both_have_a_registration(federation, pup, fourth)
    await news(pup, ops, other, fourth)
    await pup.push(pup.form(1), by_both(pup, 1, 1))
    await relay(federation)
    assert await news(pup) == [[shared_by("contested", 2)] * 2]  # under the old token, then under the new one
    await second_leads(federation, ops, other, fourth)


async def test_two_groups_that_meet_on_the_day_of_the_move_are_told_what_comes_of_it(federation: Federation) -> None:
    pup, ops, other, fourth = await two_groups(federation)
    await both_have_a_registration(federation, pup, fourth)
    await news(pup, ops, other, fourth)
    await pair_them(federation)
    await move_by_date(federation)
    await second_leads(federation, pup, ops, other, fourth)


async def test_two_groups_that_meet_are_told_apart_though_the_enrolment_that_moves_them_is_refused(
    federation: Federation,
) -> None:
    pup, ops, other, fourth = await two_groups(federation)
    await both_have_a_registration(federation, pup, fourth)
    await news(pup, ops, other, fourth)
    await pair_them(federation)
    await pup.push(by_both(pup, 1, 2))
    await relay(federation)
    await second_leads(federation, pup, ops, other, fourth)


@pytest.fixture
def one_gmina(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the two groups serve the gmina that the other one serves."""
    for name in ("ops-2476011", "pup-2476"):
        monkeypatch.setitem(AREAS, name, ("2478011",))


async def suspected_pairs(federation: Federation) -> set[tuple[str, str]]:
    async with federation.broker.db.read() as session:
        query = select(SuspicionRow).where(SuspicionRow.token == NEW, SuspicionRow.contest.is_(False))
        return {(row.pup, row.welfare) for row in await session.scalars(query) if row.state == "open"}


async def renewed(federation: Federation, other: Peer, fourth: Peer) -> None:
    """Let offices of the new token say once more whom they have, and one of them the surname apart."""
    check = NEXT_KEY.check(NEW, "Przykładowska")
    payload = {"check": check, "key_fingerprint": NEXT_KEY.fingerprint, "basis": "consent"}
    for peer in (other, fourth):
        await peer.push(peer.event("client.enrolled.v1", payload, token=NEW))
    await other.push(other.event("client.changed.v1", {"check": check}, token=NEW))
    await relay(federation)


@pytest.mark.usefixtures("one_gmina")
@pytest.mark.parametrize("registrations", [False, True])
async def test_no_office_shares_across_two_groups_that_meet_without_a_key_in_common_before_officials_say_so(
    federation: Federation, *, registrations: bool
) -> None:
    pup, ops, other, fourth = await two_groups(federation)
    if registrations:
        await both_have_a_registration(federation, pup, fourth)
    await pair_them(federation)
    await move_by_date(federation)
    first, second = {pup.id, ops.id}, {other.id, fourth.id}
    share, wait = (second, first) if registrations else (first, second)
    for step in ("they meet", "they go on"):
        assert (await members(federation, NEW), await held(federation, NEW)) == (share, wait), step
        assert await suspected_pairs(federation) == {(pup.id, other.id), (fourth.id, ops.id)}, step
        if step == "they meet":
            await renewed(federation, other, fourth)


async def test_what_is_given_twice_in_two_groups_that_meet_is_told_to_all(federation: Federation) -> None:
    pup, ops, other, fourth = await two_groups(federation)
    for peer, person in ((pup, OLD), (fourth, NEW)):
        await peer.push(peer.restated(token=person), peer.form(1, token=person))
    await relay(federation)
    await news(pup, ops, other, fourth)
    await pup.push(by_both(pup, 1, 1))
    await relay(federation)
    for told in await news(pup, ops, other, fourth):
        assert told[0] == shared_by("matched", 2, pup, ops, other, fourth)
        [payload] = [payload for name, payload in told if name == "support_form.duplicated.v1"]
        assert (payload["first_iss"], payload["second_iss"]) == (fourth.id, pup.id)


async def test_what_was_on_its_way_when_its_author_was_parted_before_the_move_is_nobodys_mistake(
    federation: Federation,
) -> None:
    pup, ops = await shared_person(federation)
    await announce(federation)
    await pup.push(by_both(pup, 1, 1))
    await ops.push(ops.event("client.withdrawn.v1"))
    await relay(federation)
    await move_by_date(federation)
    await pup.push(pup.form(1))
    await relay(federation)
    assert (await federation.operator.get("/v1/dead-letters")).json() == []
    [letter] = (await federation.operator.get("/v1/dead-letters?state=counted")).json()
    assert (letter["iss"], letter["problem"]) == (pup.id, "not-shared")


async def test_all_that_a_step_puts_under_other_names_takes_one_statement(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    await announce(federation)
    people = range(1, 6)
    await pup.push(*(by_both(pup, number, number) for number in people))
    await relay(federation)
    await pup.push(*(pup.enrolled(number) for number in people))
    await move_by_date(federation)
    statements: list[str] = []
    engine = federation.broker.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    await relay(federation)
    assert len([one for one in statements if one.startswith("UPDATE set_bytes SET token")]) == 1
    async with federation.broker.db.read() as session:
        told = await session.scalars(select(SetRow.token).where(SetRow.iss == pup.id))
    assert {token(number, NEXT_KEY) for number in people} <= set(told)
