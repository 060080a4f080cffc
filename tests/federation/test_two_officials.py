"""Two officials who change one record of any kind: one gets 412 with both versions, and nothing is lost."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from shared.institution.kinds import RecordKind
from tests.builders import Federation, Office
from tests.federation.saying import joint
from tests.federation.test_every_read_is_logged import NEEDS_ANOTHER_OFFICE, example_of

OTHERWISE = {
    ("patch", "/v1/clients/{client_id}"),
    ("post", "/v1/clients/{client_id}/withdraw"),
    ("post", "/v1/clients/{client_id}/take-back"),
    ("post", "/v1/employments/{record_id}/wage-changes"),
    ("post", "/v1/employments/{record_id}/end"),
    ("patch", "/v1/budgets/{budget_id}"),
    ("post", "/v1/duplicates/{duplicate_id}/explain"),
}
"""Changes of what is no record of a kind; ``tests/institution`` and ``test_duplicates`` tell their stories."""

VERSION = {"If-Match": '"1"'}


def changes(office: Office) -> Iterator[tuple[str, str]]:
    """Every operation of the OpenAPI document that takes a version."""
    for path, methods in office.app.openapi()["paths"].items():
        for method, operation in methods.items():
            if any(
                one["in"] == "header" and one["name"].lower() == "if-match" for one in operation.get("parameters", ())
            ):
                yield method, path


async def opened(office: Office) -> dict[str, tuple[RecordKind, Any]]:
    """Open one record of every kind, and return each with its kind, by its path."""
    numbers = iter(range(20, 200))
    made: dict[str, str] = {}
    owner: dict[str, str] = {}
    found: dict[str, tuple[RecordKind, Any]] = {}
    for kind in office.node.institution.kinds:
        if kind.name in NEEDS_ANOTHER_OFFICE:
            continue
        client = owner[kind.parent.name] if kind.parent else await office.enrol(next(numbers))
        record = await office.post(f"/v1/clients/{client}/{kind.path}", example_of(office, kind, made))
        made[kind.name], owner[kind.name] = record["id"], client
        found[kind.path] = kind, record
    return found


async def between(office: Office, other: Office, client: str, at_other: str, settle: Any) -> dict[str, Any]:
    """Open what goes between two offices, by its path."""
    asked = {"to": office.id, "purpose": "registration", "made_on": "2026-10-01", "due": "2026-10-31"}
    came = await other.post(f"/v1/clients/{at_other}/referrals", asked)
    await settle()
    answer = {"referrer": other.id, "referral_id": came["id"], "accepted_on": "2026-10-01"}
    shares = {"other": other.id, "unit": "basis_points", "own": 5000, "other_share": 5000, "from": "2026-10-01"}
    bodies = {
        "referrals": asked | {"to": other.id},
        "referral-answers": answer,
        "cost-agreements": shares,
    }
    return {path: await office.post(f"/v1/clients/{client}/{path}", body) for path, body in bodies.items()}


def ending(kind: RecordKind) -> dict[str, Any]:
    """The body that ends a record of a kind, as its documentation shows it."""
    schema = kind.close.model_json_schema()
    example: dict[str, Any] = schema.get("examples", [{"until": "2027-12-31"}])[0]
    return example


@pytest.mark.parametrize("name", ["pup-2478", "ops-2478011"])
async def test_of_two_who_change_a_record_of_any_kind_one_is_told_both_versions(
    federation: Federation, name: str
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    office, other = (pup, ops) if name == pup.id else (ops, pup)
    client, at_other = (at_pup, at_ops) if office is pup else (at_ops, at_pup)
    kinds = {kind.path: kind for kind in office.node.institution.kinds}
    records = {path: record for path, (_, record) in (await opened(office)).items()}
    records |= await between(office, other, client, at_other, federation.settle)
    assert records.keys() == kinds.keys()
    done = set()
    for path, record in records.items():
        at = f"/v1/{path}/{record['id']}"
        if record["state"] == "open":
            first = await office.patch(at, {"note": "pierwsza"}, headers=VERSION)
        else:
            first = await office.get(at)
        stale = {"If-Match": f'"{first["version"] - 1}"'}
        tried = (("PATCH", "", {"note": "druga"}), ("POST", "/close", ending(kinds[path])), ("POST", "/void", None))
        for method, tail, body in tried:
            answer = await office.http.request(method, at + tail, json=body, headers=stale)
            refused = answer.json()
            assert (answer.status_code, refused["type"]) == (412, "urn:zwornik:problem:precondition-failed"), (
                path,
                tail,
            )
            assert (refused["present"], refused["sent"]) == (first, body or {}), (path, tail)
            assert answer.headers["ETag"] == f'"{first["version"]}"'
            done.add((method.lower(), f"/v1/{path}/{{record_id}}{tail}"))
        assert await office.get(at) == first, "nothing is lost"
    assert set(changes(office)) == done | OTHERWISE


async def test_of_ten_changes_of_a_record_of_any_kind_at_once_one_goes_through(federation: Federation) -> None:
    pup, ops, _, _ = await joint(federation)
    for office in (pup, ops):
        for path, (_, record) in (await opened(office)).items():
            if record["state"] != "open":
                continue
            at = f"/v1/{path}/{record['id']}"
            notes = [f"urzędnik {number}" for number in range(10)]
            send = (office.http.patch(at, json={"note": note}, headers=VERSION) for note in notes)
            answers = await asyncio.gather(*send)
            assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9, path
            (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
            present = await office.get(at)
            assert (present["note"], present["version"]) == (winner["note"], 2)
            shown = {answer.json()["present"]["note"] for answer in answers if answer.status_code == 412}
            assert shown == {winner["note"]}
