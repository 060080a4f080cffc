"""Personal data at rest: encrypted in the file, found by a blind index, lost without the keys."""

import pytest
from sqlalchemy import text

from shared.runtime.database.encryption import PiiKeys, UnreadablePersonalData, generate_pii_keys, load_pii_keys
from shared.runtime.files import InsecureFile
from tests.builders import Office, new_client, pesel


async def test_no_name_and_no_pesel_stands_in_the_database_in_clear(pup: Office) -> None:
    key = {"Idempotency-Key": f"{pesel(1)}-Niepowtarzalna"}
    client = await pup.post("/v1/clients", new_client(1, surname="Niepowtarzalna", case_number="TAJNE-7"), headers=key)
    job = {"effective": "2026-03-16", "net_gr": 1, "employer": "Jedyna Firma", "note": "wrażliwa uwaga"}
    await pup.post(f"/v1/clients/{client['id']}/employments", job)
    seen = ""
    async with pup.node.db.read() as session:
        for table in await session.run_sync(_tables):
            rows = await session.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608  # names of our own tables
            seen += str(rows.all())
    for secret in (pesel(1), "Niepowtarzalna", "Anna", "TAJNE-7", "Jedyna Firma", "wrażliwa"):
        assert secret not in seen
        assert secret.encode().hex() not in seen


async def test_no_words_of_a_family_stand_in_clear(ops: Office) -> None:
    path = f"/v1/clients/{await ops.enrol(1)}"
    referral = {"form": "B", "referral_id": "S/4711", "referral_day": "2026-01-20", "from": "2026-02-01"}
    contract = await ops.post(f"{path}/social-contracts", referral)
    of_contract = {"social_contract_id": contract["id"], "due": "2026-12-31"}
    await ops.post(f"{path}/contract-goals", of_contract | {"what": "Niezwykły cel"})
    await ops.post(f"{path}/contract-actions", of_contract | {"what": "Osobliwe działanie"})
    home = await ops.post(f"{path}/households", {"number": "GD/4712", "members": 2, "from": "2026-01-01"})
    child = {"household_id": home["id"], "kinship": "child", "name": "Jedynaczka", "from": "2026-01-01"}
    await ops.post(f"{path}/household-members", child)
    form = await ops.post(f"{path}/support-forms", {"code": "OPS-IPB", "from": "2026-02-01"})
    aim = {"support_form_id": form["id"], "code": "OPS-IPB", "aim": "Własny kąt", "from": "2026-02-01"}
    await ops.post(f"{path}/activation-programmes", aim)
    decision = {"number": "OPS.4713", "decided_on": "2026-02-01", "outcome": "refused", "code": "OPS-ZST"}
    await ops.post(f"{path}/allowance-decisions", decision | {"basis": "ups_37", "from": "2026-02-01"})
    seen = ""
    async with ops.node.db.read() as session:
        for table in await session.run_sync(_tables):
            rows = await session.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608  # names of our own tables
            seen += str(rows.all())
    for secret in ("S/4711", "Niezwykły", "Osobliwe", "GD/4712", "Jedynaczka", "Własny kąt", "OPS.4713"):
        assert secret not in seen, secret


def _tables(session: object) -> list[str]:
    from sqlalchemy import inspect

    return inspect(session.connection()).get_table_names()  # type: ignore[attr-defined]


def test_a_value_opens_in_its_own_column_alone(keys: PiiKeys) -> None:
    sealed = keys.encrypt("Kowalska", "client.surname")
    assert keys.decrypt(sealed, "client.surname") == "Kowalska"
    with pytest.raises(UnreadablePersonalData):
        keys.decrypt(sealed, "client.given_names")


def test_sealed_bytes_open_whole_in_their_own_column_alone(keys: PiiKeys) -> None:
    content = bytes(range(256)) * 3
    sealed = keys.seal(content, "import_part.content")
    assert keys.unseal(sealed, "import_part.content") == content
    assert content[:16] not in sealed
    damaged = (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"k9." + sealed.partition(b".")[2], b"", sealed[:10])
    for value, context in [(sealed, "other.column"), *((one, "import_part.content") for one in damaged)]:
        with pytest.raises(UnreadablePersonalData):
            keys.unseal(value, context)


def test_two_seals_of_one_text_differ_and_its_index_does_not(keys: PiiKeys) -> None:
    assert keys.encrypt("a", "x") != keys.encrypt("a", "x")
    assert keys.index("a", "x") == keys.index("a", "x") != keys.index("a", "y")


@pytest.mark.parametrize("damage", ["k2.AAAA", "k1.", "k1.AAAA", "", "k1.%%%"])
def test_a_damaged_value_says_so_and_shows_nothing(keys: PiiKeys, damage: str) -> None:
    with pytest.raises(UnreadablePersonalData):
        keys.decrypt(damage, "client.surname")


def test_a_keys_file_that_others_can_read_is_refused(tmp_path, keys: PiiKeys) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "pii.json"
    generate_pii_keys(path)
    path.chmod(0o644)
    with pytest.raises(InsecureFile, match="chmod 600"):
        load_pii_keys(path)
    with pytest.raises(FileExistsError):
        generate_pii_keys(path)


@pytest.fixture
def keys(tmp_path) -> PiiKeys:  # type: ignore[no-untyped-def]
    generate_pii_keys(tmp_path / "keys.json")
    return load_pii_keys(tmp_path / "keys.json")
