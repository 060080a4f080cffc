"""Imports of what offices share: disclosed as signed events, in the transaction of the line, like any other write."""

from tests.builders import Federation, Office, pesel
from tests.institution.imports.files import counts, forma, forms, osoba, person, register, run


async def both(federation: Federation) -> tuple[Office, Office]:
    return await federation.join("pup-2478"), await federation.join("ops-2478011")


async def told(office: Office) -> list[tuple[str, str]]:
    """What the other office told of the one client, as this office sees it."""
    (client,) = (await office.get("/v1/clients"))["items"]
    view = await office.get(f"/v1/clients/{client['id']}/merged-view")
    return [(one["record"], one["from"]) for one in view["entries"] if one["iss"] != office.id]


async def test_imported_clients_are_matched_and_what_is_imported_of_them_arrives(federation: Federation) -> None:
    pup, ops = await both(federation)
    await register(pup, person(1, surname="Śliwa"))
    await forms(ops, osoba(1), forma(1))
    await federation.settle()
    assert await told(ops) == [("registration", "2026-03-01")]
    assert await told(pup) == [("support_form", "2026-03-02")]
    await forms(ops, osoba(1), forma(1), forma(1, OD="09.03.2026"))
    await federation.settle()
    assert await told(pup) == [("support_form", "2026-03-02"), ("support_form", "2026-03-09")]
    position = (await ops.get("/v1/exchange"))["position"]
    assert counts(await forms(ops, osoba(1), forma(1), forma(1, OD="09.03.2026"))) == (0, 0, 3, 0)
    assert (await ops.get("/v1/exchange"))["position"] == position


async def test_a_dry_run_tells_nobody_anything(federation: Federation) -> None:
    pup, ops = await both(federation)
    await register(pup, person(1, surname="Śliwa"))
    await forms(ops, osoba(1))
    await federation.settle()
    position = (await ops.get("/v1/exchange"))["position"]
    await forms(ops, forma(1), osoba(1, NAZWISKO="Inna"), dry_run=True)
    await federation.settle()
    assert (await ops.get("/v1/exchange"))["position"] == position
    assert await told(pup) == []


async def test_a_client_that_was_typed_in_is_found_by_pesel_and_named(federation: Federation) -> None:
    _, ops = await both(federation)
    client = await ops.enrol(1, surname="Śliwa", given_names="Ewa", basis="social_assistance_act", case_number="K.1")
    assert counts(await forms(ops, osoba(1), forma(1))) == (1, 1, 0, 0)
    assert (await ops.get("/v1/by-external-id/formy/clients/1"))["id"] == client
    assert counts(await forms(ops, osoba(1), forma(1))) == (0, 0, 2, 0)
    assert counts(await forms(ops, osoba(2, PESEL=pesel(1)))) == (0, 0, 0, 1)


async def test_jobs_are_imported_and_brought_to_what_the_file_says(federation: Federation) -> None:
    pup, _ = await both(federation)
    (pup.node.settings.import_maps).mkdir(parents=True)
    (pup.node.settings.import_maps / "etaty.yaml").write_text(JOBS, encoding="utf-8")
    await register(pup, person(1, NR_EWIDENCYJNY="1"))
    first = "NR;ETAT;OD;NETTO;DO\n1;1/2;2.03.2026;1 800,00;\n"
    assert counts(await run(pup, first.encode(), "etaty")) == (1, 0, 0, 0)
    assert counts(await run(pup, first.encode(), "etaty")) == (0, 0, 1, 0)
    later = first.replace("1 800,00;", "1 800,00;30.06.2026")
    assert counts(await run(pup, later.encode(), "etaty")) == (0, 1, 0, 0)
    (client,) = (await pup.get("/v1/clients"))["items"]
    (job,) = await pup.listed(f"/v1/clients/{client['id']}/employments")
    assert [(one["kind"], one["effective"]) for one in job["events"]] == [
        ("start", "2026-03-02"),
        ("stop", "2026-07-01"),
    ]
    assert job["events"][0]["working_time_bp"] == 5000


JOBS = """
title: Etaty
system: rejestr
client: {external_id: {columns: [NR]}}
records:
  - kind: employments
    external_id: {columns: [NR, OD]}
    members:
      effective: {column: "OD", as: pl_date}
      net_gr: {column: NETTO, as: pl_grosze}
      working_time_bp: {column: ETAT, as: working_time}
      last_day: {column: "DO", as: pl_date}
"""
