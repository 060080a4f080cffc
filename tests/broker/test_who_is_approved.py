"""What the operator approves is the statement of the key that was compared, whoever stated the id first."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.broker.operations import register
from shared.exchange.keys import SigningKey
from shared.exchange.registration import Registration, sign_registration
from shared.runtime.clock import unix
from tests.builders import FEDERATION, MATCH_KEY, Federation, SeededIds
from tests.conftest import MakeDatabase

IDS = SeededIds("statements")


@pytest.fixture
async def federation(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Federation]:
    async with Federation(tmp_path / "nodes", make_database) as made:
        yield made


async def state(federation: Federation, key: SigningKey, status: int = 202, **changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "id": "pup-2478",
        "federation": FEDERATION,
        "name": "Powiatowy Urząd Pracy w Zabrzu",
        "area": ("2478011",),
        "contact": "it@pup.example",
        "key_fingerprint": MATCH_KEY.fingerprint,
        "key": key.public,
        "jti": IDS.uuid7(),
    }
    registration = Registration(**values | changes)  # type: ignore[arg-type]
    statement = sign_registration(key, registration, unix(federation.clock.now()))
    answer = await federation.operator.post("/v1/institutions", json={"statement": statement})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def approve(federation: Federation, key: SigningKey, status: int = 200) -> dict[str, object]:
    body = {"thumbprint": key.kid}
    answer = await federation.operator.post("/v1/institutions/pup-2478/approve", json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def test_whoever_states_an_id_first_decides_nothing_about_the_true_office(federation: Federation) -> None:
    squatter, true = SigningKey.from_seed(b"squatter"), SigningKey.from_seed(b"true")
    await state(federation, squatter, name="Urząd Fałszywy", area=("1611012", "1611022"), contact="evil@example")
    await state(federation, true)
    waiting = (await federation.operator.get("/v1/institutions/waiting-keys")).json()
    assert {(one["thumbprint"], one["name"]) for one in waiting} == {
        (squatter.kid, "Urząd Fałszywy"),
        (true.kid, "Powiatowy Urząd Pracy w Zabrzu"),
    }
    approved = await approve(federation, true)
    assert (approved["name"], approved["area"]) == ("Powiatowy Urząd Pracy w Zabrzu", ["2478011"])
    member = federation.broker.directory.members["pup-2478"]
    assert (member.area, [key.key.kid for key in member.keys]) == (("2478011",), [true.kid])


async def test_a_new_key_brings_what_is_stated_with_it(federation: Federation) -> None:
    old, new = SigningKey.from_seed(b"old"), SigningKey.from_seed(b"new")
    await state(federation, old)
    await approve(federation, old)
    await state(federation, new, area=("2478011", "2478999"))
    assert federation.broker.directory.members["pup-2478"].area == ("2478011",), "not before it is approved"
    await approve(federation, new)
    assert federation.broker.directory.members["pup-2478"].area == ("2478011", "2478999")


async def test_a_rejected_key_is_forgotten_and_so_is_an_institution_that_was_never_approved(
    federation: Federation,
) -> None:
    key = SigningKey.from_seed(b"rejected")
    await state(federation, key)
    path, body = "/v1/institutions/pup-2478/reject", {"thumbprint": key.kid}
    assert (await federation.operator.post(path, json=body)).status_code == 204
    assert (await federation.operator.get("/v1/institutions")).json() == []
    assert (await federation.operator.post(path, json=body)).status_code == 404


async def test_a_key_in_use_cannot_be_rejected(federation: Federation) -> None:
    key = SigningKey.from_seed(b"in use")
    await state(federation, key)
    await approve(federation, key)
    answer = await federation.operator.post("/v1/institutions/pup-2478/reject", json={"thumbprint": key.kid})
    assert answer.status_code == 409


async def test_so_many_may_wait_and_no_more(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "MAX_PENDING", 2)
    for number in range(2):
        await state(federation, SigningKey.from_seed(f"{number}".encode()), id=f"ngo-000000000{number}")
    await state(federation, SigningKey.from_seed(b"third"), status=409, id="ngo-0000000009")
