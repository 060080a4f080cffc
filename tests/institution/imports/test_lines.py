"""What lines of a file do: dry, for good, twice, one by one."""

from typing import Any

import pytest

from tests.builders import Office, pesel
from tests.institution.imports.files import (
    FORMS,
    counts,
    forma,
    forms,
    lines_of,
    osoba,
    person,
    register,
    rejects_of,
    run,
    text,
)


async def clients_of(office: Office) -> list[Any]:
    return list((await office.get("/v1/clients"))["items"])


async def test_a_dry_run_says_line_by_line_what_would_happen_and_changes_nothing(pup: Office) -> None:
    before = await pup.get("/v1/changes")
    job = await register(pup, person(1), person(2, PESEL="123"), dry_run=True)
    assert counts(job) == (1, 0, 0, 1)
    good, bad = await lines_of(pup, job)
    assert (good["line"], good["outcome"]) == (2, "created")
    assert good["what"] == {"clients": "created", "registrations EW:1:1.03.2026": "created"}
    assert (bad["line"], bad["outcome"], bad["problem"]) == (3, "refused", "malformed-pesel")
    assert bad["column"] == "PESEL"
    assert await clients_of(pup) == []
    assert await pup.get("/v1/changes") == before


async def test_a_file_makes_clients_and_records_as_the_api_would(pup: Office) -> None:
    benefit = {"KWOTA_NETTO": "1 230,50", "ZASILEK_OD": "2026-03-08", "ZASILEK_DO": "4.09.2026", "UWAGI": "- brak"}
    job = await register(pup, person(1, **benefit))
    assert counts(job) == (1, 0, 0, 0)
    (client,) = await clients_of(pup)
    assert (client["pesel"], client["surname"], client["given_names"]) == (pesel(1), "Żółć", "Łucja")
    assert client["basis"] == "labour_market_act"
    (registration,) = await pup.listed(f"/v1/clients/{client['id']}/registrations")
    assert (registration["from"], registration["note"]) == ("2026-03-01", "- brak")
    (paid,) = await pup.listed(f"/v1/clients/{client['id']}/benefits")
    assert (paid["monthly_net_gr"], paid["from"], paid["until"]) == (123050, "2026-03-08", "2026-09-04")
    found = await pup.get("/v1/by-external-id/rejestr/registrations/EW:1:1.03.2026")
    assert found["id"] == registration["id"]
    kinds = [change["kind"] for change in (await pup.get("/v1/changes"))["items"]]
    assert kinds == ["client", "registration", "benefit"]


async def test_the_same_file_twice_changes_nothing(pup: Office) -> None:
    lines = [person(number, KWOTA_NETTO="100", ZASILEK_OD="1.04.2026") for number in range(1, 4)]
    assert counts(await register(pup, *lines)) == (3, 0, 0, 0)
    before, changes = await clients_of(pup), await pup.get("/v1/changes")
    assert counts(await register(pup, *lines)) == (0, 0, 3, 0)
    assert (await clients_of(pup), await pup.get("/v1/changes")) == (before, changes)


async def test_a_changed_line_amends_what_it_made(pup: Office) -> None:
    await register(pup, person(1, KWOTA_NETTO="100", ZASILEK_OD="1.04.2026"))
    job = await register(pup, person(1, surname="Nowa", KWOTA_NETTO="200", ZASILEK_OD="1.04.2026"))
    assert counts(job) == (0, 1, 0, 0)
    (told,) = await lines_of(pup, job)
    assert set(told["what"].values()) == {"amended", "unchanged"}
    (client,) = await clients_of(pup)
    (paid,) = await pup.listed(f"/v1/clients/{client['id']}/benefits")
    assert (client["surname"], paid["monthly_net_gr"], paid["version"]) == ("Nowa", 20000, 2)


async def test_a_line_is_taken_whole_or_not_at_all(pup: Office) -> None:
    """The client of line 3 is new and its registration fits, but its benefit is another client's."""
    await register(pup, person(1, KWOTA_NETTO="100", ZASILEK_OD="1.04.2026"))
    (first,) = await clients_of(pup)
    await pup.put(
        "/v1/by-external-id/rejestr/benefits/EW:2:1.04.2026",
        {"client_id": first["id"], "code": "PUP-ZAS", "monthly_net_gr": 1, "from": "2026-01-01"},
        201,
    )
    lines = [person(number, KWOTA_NETTO="100", ZASILEK_OD="1.04.2026") for number in (4, 2, 3)]
    job = await register(pup, *lines)
    assert counts(job) == (2, 0, 0, 1)
    outcomes = [one["outcome"] for one in await lines_of(pup, job)]
    assert outcomes == ["created", "refused", "created"]
    assert {client["pesel"] for client in await clients_of(pup)} == {pesel(1), pesel(3), pesel(4)}
    changes = [one["change"] for one in (await pup.get("/v1/changes"))["items"]]
    assert len(changes) == 3 + 1 + 2 * 3


async def test_lines_of_several_types_stand_in_one_file(ops: Office) -> None:
    lines = [osoba(1), forma(1), forma(1, OD="03.03.2026", GODZINY="12", STAN="zakończona"), forma(2), "X" + forma(1)]
    assert counts(await forms(ops, *lines, dry_run=True)) == (3, 0, 0, 2)
    job = await forms(ops, *lines)
    assert counts(job) == (3, 0, 0, 2)
    unknown, nothing = (await lines_of(ops, job))[3:]
    assert (unknown["problem"], unknown["detail"][:34]) == ("not-found", "The office has no client of that e")
    assert (nothing["problem"], nothing["detail"][:21]) == ("request-invalid", "The line makes no cli")
    (client,) = await clients_of(ops)
    given = await ops.listed(f"/v1/clients/{client['id']}/support-forms")
    assert [(one["from"], one["hours_total"], one["status"]) for one in given] == [
        ("2026-03-02", None, "active"),
        ("2026-03-03", 12, "completed"),
    ]
    assert counts(await forms(ops, *lines[:3])) == (0, 0, 3, 0)


async def test_a_mended_reject_file_is_taken(pup: Office) -> None:
    job = await register(
        pup, person(1), person(2, surname="=cmd|' /C calc'!A0"), person(3, DATA_REJESTRACJI="32.1.2026")
    )
    assert counts(job) == (1, 0, 0, 2)
    rejected = (await rejects_of(pup, job)).decode("cp1250")
    header, formula, date = rejected.splitlines()
    assert header.startswith("ZWORNIK_LINE;ZWORNIK_REASON;NR_EWIDENCYJNY;PESEL;")
    assert "'=cmd|" in formula
    assert ";=" not in rejected
    assert date.startswith("4;DATA_REJESTRACJI: The cell does not hold")
    again = await run(pup, rejected.encode("cp1250"), "rejestr-bezrobotnych")
    assert counts(again) == (0, 0, 0, 2)
    mended = rejected.replace("'=cmd|' /C calc'!A0", "Nowak").replace("32.1.2026", "31.1.2026")
    assert counts(await run(pup, mended.encode("cp1250"), "rejestr-bezrobotnych")) == (2, 0, 0, 0)
    assert (await rejects_of(pup, again)).decode("cp1250").splitlines()[0] == header


async def test_a_code_that_the_map_does_not_name_is_refused_with_those_it_names(pup: Office) -> None:
    job = await register(pup, person(1, DATA_WYLACZENIA="1.05.2026", PRZYCZYNA_WYLACZENIA="nie wiadomo"))
    (told,) = await lines_of(pup, job)
    assert (told["problem"], told["column"]) == ("cell-unreadable", "PRZYCZYNA_WYLACZENIA")
    assert "niestawiennictwo" in told["expected"]
    assert "niestawiennictwo, odmowa propozycji" in (await rejects_of(pup, job)).decode("cp1250")
    assert "nie wiadomo" not in str({**told, "cells": None})


@pytest.mark.parametrize("error", ["#N/A", "#N/D!", "#ARG!", "#DZIEL/0!", "#NAME?", "Err:502"])
async def test_what_a_spreadsheet_shows_for_a_failed_formula_is_no_name_and_no_note(pup: Office, error: str) -> None:
    job = await register(pup, person(1, error), person(2, UWAGI=error), person(3, "Żółć", UWAGI="#1, pilne!"))
    assert counts(job) == (1, 0, 0, 2)
    told = [(one["problem"], one["column"]) for one in await lines_of(pup, job) if one["problem"]]
    assert told == [("cell-unreadable", "NAZWISKO"), ("cell-unreadable", "UWAGI")]


async def test_the_hard_space_of_a_spreadsheet_is_a_space(ops: Office) -> None:
    content = text(FORMS, [osoba(1, IMIONA="Ewa\u00a0Maria")]).encode()
    assert counts(await run(ops, content, "formy-wsparcia")) == (1, 0, 0, 0)
    (client,) = await ops.listed("/v1/clients")
    assert client["given_names"] == "Ewa Maria"


async def test_an_erased_client_who_stands_in_a_file_again_is_a_new_one(pup: Office) -> None:
    await register(pup, person(1))
    (client,) = await pup.listed("/v1/clients")
    await pup.post(f"/v1/clients/{client['id']}/erasures", {"ground": "unlawful"})
    assert counts(await register(pup, person(1))) == (1, 0, 0, 0)
    (again,) = await pup.listed("/v1/clients")
    assert again["id"] != client["id"]
    assert counts(await register(pup, person(1))) == (0, 0, 1, 0)
    (registration,) = await pup.listed("/v1/registrations")
    assert registration["client_id"] == again["id"]
