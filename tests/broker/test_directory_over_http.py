"""The directory over HTTP: fetched once, signed anew in time, its serial only rises, old keys are told for ever."""

import asyncio

import pytest
from sqlalchemy import select

from services.broker.main import create_broker
from services.broker.operations import directory
from shared.exchange.directory import (
    DIRECTORY_TYPE,
    KEY_TYPE,
    Directory,
    UntrustedDirectory,
    directory_hash,
    open_directory,
    open_key_statement,
)
from shared.exchange.keys import SigningKey
from shared.exchange.stream.tables import DirectoryRow
from tests.broker.builders import ON_POSTGRESQL, enter, statement, stored
from tests.builders import FEDERATION, MATCH_KEY, Federation, SeededIds
from tests.conftest import MakeDatabase

HALF_DAY_S = 12 * 3600


def opened(federation: Federation, token: str) -> Directory:
    return open_directory(token, pinned=federation.broker.identity.keys[0].kid, federation=FEDERATION)


async def test_a_directory_that_did_not_change_is_not_sent_again(federation: Federation) -> None:
    first = await federation.operator.get("/v1/directory")
    assert first.headers["content-type"] == f"application/{DIRECTORY_TYPE}"
    assert first.headers["etag"] == f'"{directory_hash(first.text)}"'
    again = await federation.operator.get("/v1/directory", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    for other in ('"x"', "*", first.headers["etag"][1:]):
        assert (await federation.operator.get("/v1/directory", headers={"If-None-Match": other})).status_code == 200
    await enter(federation, "pup-2478")
    changed = await federation.operator.get("/v1/directory", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_anybody_may_read_the_directory_and_it_names_its_match_key(federation: Federation) -> None:
    answer = await federation.operator.get("/v1/directory", headers={"Authorization": ""})
    assert opened(federation, answer.text).match_keys.fingerprint == MATCH_KEY.fingerprint


async def test_the_serial_only_rises_and_each_directory_names_the_one_before(federation: Federation) -> None:
    for office in ("pup-2478", "ops-2478011", "pup-2476"):
        await enter(federation, office)
    federation.clock.go(-7200)
    await enter(federation, "ops-2476011")
    federation.clock.go(2 * HALF_DAY_S)
    assert await directory.renew(federation.broker)
    async with federation.broker.db.read() as session:
        tokens = [row.token for row in await session.scalars(select(DirectoryRow).order_by(DirectoryRow.serial))]
    read = [opened(federation, token) for token in tokens]
    assert [one.serial for one in read] == sorted({one.serial for one in read})
    assert [one.previous for one in read[1:]] == [directory_hash(token) for token in tokens[:-1]]
    assert read[0].previous is None
    assert federation.broker.directory_token == tokens[-1]


async def test_a_member_that_knows_a_newer_directory_takes_no_older_one(federation: Federation) -> None:
    old = (await federation.operator.get("/v1/directory")).text
    await enter(federation, "pup-2478")
    newer = federation.broker.directory.serial
    pinned = federation.broker.identity.keys[0].kid
    with pytest.raises(UntrustedDirectory, match="older"):
        open_directory(old, pinned=pinned, federation=FEDERATION, lowest_serial=newer)


async def test_the_directory_is_signed_anew_before_it_runs_out_and_no_sooner(federation: Federation) -> None:
    first = federation.broker.directory
    federation.clock.go(HALF_DAY_S - 1)
    assert not await directory.renew(federation.broker)
    federation.clock.go(1)
    assert await directory.renew(federation.broker)
    renewed = federation.broker.directory
    assert renewed.serial == first.serial + HALF_DAY_S
    assert first.valid_until - renewed.serial == HALF_DAY_S
    assert opened(federation, (await federation.operator.get("/v1/directory")).text).serial == renewed.serial


async def test_a_restart_takes_up_the_directory_that_is_there(federation: Federation) -> None:
    await enter(federation, "pup-2478")
    before = (federation.broker.directory_token, await stored(federation))
    federation.broker.directory_token = ""
    federation.clock.go(60)
    await directory.open_up(federation.broker)
    assert (federation.broker.directory_token, await stored(federation)) == before


async def test_another_match_key_is_published_at_the_next_start(federation: Federation) -> None:
    settings = federation.broker.settings
    federation.broker.settings = settings.model_copy(update={"match_key_fingerprint": "f" * 16})
    federation.clock.go(60)
    await directory.open_up(federation.broker)
    assert opened(federation, federation.broker.directory_token).match_keys.fingerprint == "f" * 16


async def test_the_brokers_word_on_a_key_lasts_longer_than_the_key(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    old, new = pup.key, SigningKey.from_seed(b"new")
    await federation.operator.post("/v1/institutions", json={"statement": statement(pup, new)})
    waiting = await federation.operator.get(f"/v1/directory/keys/{new.kid}")
    assert waiting.status_code == 404, "a key that waits is no key yet"
    await federation.operator.post(f"/v1/institutions/{pup.id}/approve", json={"thumbprint": new.kid})
    ends = pup.now + 7 * 24 * 3600
    federation.clock.go(400 * 24 * 3600)
    await directory.renew(federation.broker)
    assert [one.key.kid for one in federation.broker.directory.members[pup.id].keys] == [new.kid]
    answer = await federation.operator.get(f"/v1/directory/keys/{old.kid}", headers={"Authorization": ""})
    assert answer.headers["content-type"] == f"application/{KEY_TYPE}"
    listed = opened(federation, federation.broker.directory_token)
    assert not listed.knows_key(pup.id, old.kid)
    told = open_key_statement(answer.text, iss=pup.id, kid=old.kid, directory=listed)
    assert (told.key, told.valid_until) == (old.public, ends)
    with pytest.raises(UntrustedDirectory):
        open_key_statement(answer.text, iss="ops-2478011", kid=old.kid, directory=listed)
    with pytest.raises(UntrustedDirectory):
        open_key_statement(answer.text, iss=pup.id, kid=new.kid, directory=listed)


@pytest.mark.parametrize("kid", ["x" * 43, SigningKey.from_seed(b"nobody").kid])
async def test_of_a_key_that_was_never_approved_there_is_no_word(federation: Federation, kid: str) -> None:
    assert (await federation.operator.get(f"/v1/directory/keys/{kid}")).status_code == 404


async def test_what_is_no_thumbprint_is_refused(federation: Federation) -> None:
    assert (await federation.operator.get("/v1/directory/keys/short")).status_code == 422


@ON_POSTGRESQL
async def test_two_approvals_at_the_same_moment_are_both_in_the_newest_directory(federation: Federation) -> None:
    offices = [await enter(federation, name, approved=False) for name in ("pup-2478", "ops-2478011", "pup-2476")]
    answers = await asyncio.gather(
        *(
            federation.operator.post(f"/v1/institutions/{one.id}/approve", json={"thumbprint": one.key.kid})
            for one in offices
        )
    )
    assert [answer.status_code for answer in answers] == [200] * 3
    await directory.reload(federation.broker)
    assert federation.broker.directory.members.keys() == {"broker", *(one.id for one in offices)}


@ON_POSTGRESQL
async def test_replicas_that_start_together_publish_one_directory(
    federation: Federation, postgres_database: MakeDatabase
) -> None:
    settings = federation.broker.settings.model_copy(update={"database_url": postgres_database("broker")})
    replicas = [create_broker(settings, federation.clock, SeededIds(f"replica {number}")) for number in range(4)]
    await asyncio.gather(*(directory.open_up(replica) for replica in replicas))
    assert len({replica.directory_token for replica in replicas}) == 1
    assert all(replica.directory.serial for replica in replicas)
    for replica in replicas:
        await replica.db.close()
