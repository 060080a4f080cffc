"""Dead letters are discarded by two people, with a reason; who asks cannot confirm."""

from typing import Any

import httpx2
import pytest

from services.cli.tokens import BROKER_SCOPES
from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from tests.broker.builders import ON_SQLITE, shared_person
from tests.broker.test_quarantine import spoilt
from tests.builders import Federation

REASON = {"reason": "sent_in_error"}


def official(federation: Federation, subject: str) -> httpx2.AsyncClient:
    key = federation.broker.identity.keys[0]
    client = federation._http(federation.broker_app, key, "broker", [])
    token = issue_token(
        (key.kid, key.private),
        issuer="broker",
        subject=subject,
        scopes=BROKER_SCOPES,
        iat=unix(federation.clock.now()),
        ttl_s=3600,
    )
    client.headers["Authorization"] = f"Bearer {token}"
    return client


async def one_letter(federation: Federation) -> str:
    pup, _ = await shared_person(federation)
    await pup.push(spoilt(pup.form(n=1)))
    [letter] = await listed(federation)
    assert letter["state"] == "open"
    return f"/v1/dead-letters/{letter['id']}/discard"


async def listed(federation: Federation, query: str = "") -> list[dict[str, Any]]:
    answer = await federation.operator.get(f"/v1/dead-letters{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def post(client: httpx2.AsyncClient, path: str, status: int, body: Any = None) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def test_a_letter_waits_until_a_second_person_has_confirmed(federation: Federation) -> None:
    path = await one_letter(federation)
    first, second = official(federation, "anna-1"), official(federation, "jan-2")
    asked = await post(first, path, 200, REASON)
    assert (asked["state"], asked["asked_by"], asked["reason"]) == ("discarding", "anna-1", "sent_in_error")
    assert [one["state"] for one in await listed(federation)] == ["discarding"]
    assert (await federation.operator.get("/v1/overview")).json()["dead_letters"] == 1
    refused = await post(first, f"{path}/confirm", 403)
    assert refused["type"].endswith("forbidden")
    assert [one["state"] for one in await listed(federation)] == ["discarding"]
    done = await post(second, f"{path}/confirm", 200)
    assert (done["state"], done["asked_by"], done["confirmed_by"]) == ("discarded", "anna-1", "jan-2")
    assert await listed(federation) == []
    assert await listed(federation, "?state=discarded&state=open") == [done]
    assert (await federation.operator.get("/v1/overview")).json()["dead_letters"] == 0


@ON_SQLITE
async def test_a_refused_request_leaves_the_letter_open_and_it_can_be_asked_again(federation: Federation) -> None:
    path = await one_letter(federation)
    first, second = official(federation, "anna-1"), official(federation, "jan-2")
    await post(first, path, 200, REASON)
    kept = await post(second, f"{path}/refuse", 200)
    assert (kept["state"], kept["reason"], kept["asked_by"]) == ("open", None, None)
    await post(second, path, 200, {"reason": "unreadable"})
    assert (await post(first, f"{path}/confirm", 200))["reason"] == "unreadable"


@ON_SQLITE
@pytest.mark.parametrize("step", ["", "/confirm", "/refuse"])
async def test_what_is_discarded_stays_so(federation: Federation, step: str) -> None:
    path = await one_letter(federation)
    first, second = official(federation, "anna-1"), official(federation, "jan-2")
    await post(first, path, 200, REASON)
    await post(second, f"{path}/confirm", 200)
    again = await post(first, path + step, 409, REASON if not step else None)
    assert again["received"] == "discarded"


@ON_SQLITE
async def test_a_reason_is_a_code_and_a_letter_must_exist(federation: Federation) -> None:
    path = await one_letter(federation)
    who = official(federation, "anna-1")
    await post(who, path, 422, {"reason": "because Jan said so"})
    await post(who, path, 422, REASON | {"note": "x"})
    await post(who, "/v1/dead-letters/00000000-0000-7000-8000-000000000000/discard", 404, REASON)
    await post(who, f"{path}/confirm", 409)
    reader = federation._http(federation.broker_app, federation.broker.identity.keys[0], "broker", ["broker:read"])
    assert (await post(reader, path, 403, REASON))["type"].endswith("scope-missing")
