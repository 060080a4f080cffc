"""No operation forgets: each that answers anybody's data leaves a row, or stands here with the reason why not."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import select

from shared.institution.kinds import RecordKind
from shared.institution.routes import deps
from shared.institution.tables import AccessPersonRow, AccessRow
from shared.runtime.answers import AnsweringRoute
from tests.builders import Federation, Office, new_client, pesel
from tests.federation.recipients import BUDGET
from tests.federation.saying import approve, benefit_of, joint, recipient, takes_a_job

NOBODY: Mapping[str, str] = {
    "healthz": "says that the process answers",
    "readyz": "says how the service does",
    "prometheus": "counts calls",
    "list_problems": "tells what problems there are",
    "describe_problem": "tells what a problem means",
    "read_catalogue": "tells the catalogue of forms",
    "read_catalogue_form": "tells the catalogue of forms",
    "propose_benefit_amount": "tells amounts of law",
    "read_exchange": "counts positions",
    "list_dead_letters": "tells positions and problems of SETs, none of their tokens",
    "redrive_dead_letter": "tells what became of a position",
    "ask_to_discard_dead_letter": "tells what became of a position",
    "confirm_discarding_dead_letter": "tells what became of a position",
    "keep_dead_letter": "tells what became of a position",
    "list_forks": "tells checkpoints",
    "list_held_back_keys": "tells thumbprints of offices",
    "confirm_key": "tells a thumbprint of an office",
    "list_reconciliations": "counts positions and clients",
    "read_reconciliation": "tells signed counts of a run",
    "begin_anew": "tells how many entries came back",
    "list_unknown_clients": "tells tokens that the office itself cannot name",
    "list_discrepancies": "tells positions and causes, none of their tokens",
    "diagnose_proof": "tells of a proof that the caller brought",
    "list_budgets": "sums of an office",
    "set_budget": "sums of an office",
    "change_budget": "sums of an office",
    "begin_import": "tells how far a file is; what is in it is told line by line",
    "list_imports": "tells how far files are",
    "read_import": "tells how far a file is",
    "read_import_lines": "tells what became of lines by their number and external id",
    "read_rejects": "gives lines back to who sent them; of refused ones no client was made",
    "delete_import": "tells nothing",
    "list_import_maps": "tells columns of files",
    "read_retention": "tells terms of law",
    "purge_data": "counts by category",
    "list_purges": "counts by category",
    "find_by_external_id": "tells an id by an id; what it names is read by another call",
}


def routes(office: Office) -> Iterator[APIRoute]:
    for route in office.app.routes:
        if isinstance(route, APIRoute):
            yield route


def operations(office: Office) -> Iterator[tuple[APIRoute, Mapping[str, Any]]]:
    """Every operation of the OpenAPI document with its route."""
    document = office.app.openapi()
    found = {(method.lower(), route.path): route for route in routes(office) for method in route.methods}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield found[method, path], operation


def members_of(schema: Any, components: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    """Every member that a schema or a part of it has."""
    if isinstance(schema, list):
        for one in schema:
            yield from members_of(one, components, seen)
    elif isinstance(schema, dict):
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield from members_of(components[name], components, seen)
        yield from schema.get("properties", {})
        for key, part in schema.items():
            yield from members_of(list(part.values()) if key == "properties" else part, components, seen)


def names_people(office: Office, route: APIRoute, operation: Mapping[str, Any]) -> bool:
    components = office.app.openapi()["components"]["schemas"]
    answers = [answer for code, answer in operation["responses"].items() if code.startswith("2")]
    named = set(members_of(answers, components, set()))
    return "{client_id}" in route.path or bool(named & {"client_id", "pesel", "surname"})


def depends_on(dependant: Dependant, calls: set[Any]) -> bool:
    return dependant.call in calls or any(depends_on(one, calls) for one in dependant.dependencies)


async def test_every_operation_that_names_people_is_logged_and_every_other_has_its_reason(
    federation: Federation,
) -> None:
    for office in (await federation.make_office("pup-2478"), await federation.make_office("ops-2478011")):
        for route, operation in operations(office):
            is_bulk = route.path.endswith("/bulk")
            if names_people(office, route, operation) or is_bulk or route.name == "put_by_external_id":
                assert isinstance(route, AnsweringRoute), (route.path, "is built by new_router of shared.runtime.app")
                assert depends_on(route.dependant, {deps._reading, deps._working}), (
                    route.path,
                    "takes ReadDb or DoWork",
                )
                assert route.name not in NOBODY, route.name
            else:
                assert route.name in NOBODY, (route.name, "needs a client, or a reason in NOBODY")


async def logged(office: Office) -> list[tuple[str, str]]:
    """Return operation and client of all that is in the log."""
    query = select(AccessRow.operation, AccessPersonRow.client_id).join(
        AccessPersonRow, AccessPersonRow.access_id == AccessRow.id
    )
    async with office.node.db.read() as session:
        return [(row[0], row[1]) for row in await session.execute(query)]


NEEDS_ANOTHER_OFFICE = frozenset({"referral_answer", "cost_agreement"})
"""Kinds whose records answer to what another office told."""

GIVEN_BY_A_WELFARE_CENTRE: Mapping[str, dict[str, Any]] = {
    "referral": {"to": "pup-2478", "purpose": "registration", "made_on": "2026-10-01", "due": "2026-10-31"},
    "support_form": {"code": "OPS-PAL", "from": "2026-02-01"},
    "benefit": {"code": "OPS-ZOK", "monthly_net_gr": 100, "from": "2026-02-01"},
}


def example_of(office: Office, kind: RecordKind, parents: Mapping[str, str]) -> dict[str, Any]:
    body = dict(kind.create.model_json_schema()["examples"][0])
    if office.id.startswith("ops"):
        body = GIVEN_BY_A_WELFARE_CENTRE.get(kind.name, body)
    own = set(kind.create.model_json_schema().get("required", ()))
    body = {name: value for name, value in body.items() if name in own or not name.endswith("_id")}
    if kind.name == "activation_programme":
        body["code"] = GIVEN_BY_A_WELFARE_CENTRE["support_form"]["code"]
    return body | ({kind.parent_id: parents[kind.parent.name]} if kind.parent and kind.parent_id else {})


async def test_each_kind_of_record_of_both_offices_leaves_a_row_for_every_way_to_read_it(
    federation: Federation,
) -> None:
    for office in (await federation.join("pup-2478"), await federation.join("ops-2478011")):
        made: dict[str, str] = {}
        clients = iter(range(1, 100))
        owner: dict[str, str] = {}
        for kind in office.node.institution.kinds:
            if kind.name in NEEDS_ANOTHER_OFFICE:
                continue
            client = owner[kind.parent.name] if kind.parent else await office.enrol(next(clients))
            opened = await office.post(f"/v1/clients/{client}/{kind.path}", example_of(office, kind, made))
            made[kind.name], owner[kind.name] = opened["id"], client
            await office.get(f"/v1/{kind.path}/{opened['id']}")
            await office.get(f"/v1/clients/{client}/{kind.path}")
            await office.get(f"/v1/{kind.path}")
            expected = {f"{verb}_{kind.name}" for verb in ("open", "read", "list", "list_all")}
            if opened["state"] == "open":
                await office.patch(f"/v1/{kind.path}/{opened['id']}", {})
                expected.add(f"amend_{kind.name}")
            if not office.node.institution.children_of(kind):
                await office.post(f"/v1/{kind.path}/{opened['id']}/void", status=200)
                expected.add(f"void_{kind.name}")
            assert {(one, client) for one in expected} <= set(await logged(office)), kind.name


async def test_what_goes_between_two_offices_leaves_a_row_each_time_it_is_shown(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    body = {"to": "ops-2478011", "purpose": "social_work", "made_on": "2026-10-01", "due": "2026-10-31"}
    referral = await pup.post(f"/v1/clients/{at_pup}/referrals", body)
    form = {"code": "PUP-STA", "from": "2026-03-02"}
    await pup.post(f"/v1/clients/{at_pup}/support-forms", form)
    await ops.post(f"/v1/clients/{at_ops}/support-forms", form | {"code": "AI-Z03"})
    await federation.settle()
    for kind, body in (
        ("referral-answers", {"referrer": "pup-2478", "referral_id": referral["id"], "accepted_on": "2026-10-02"}),
        (
            "cost-agreements",
            {"other": "pup-2478", "unit": "basis_points", "own": 5000, "other_share": 5000, "from": "2026-10-01"},
        ),
    ):
        made = await ops.post(f"/v1/clients/{at_ops}/{kind}", body)
        await ops.get(f"/v1/{kind}/{made['id']}")
        await ops.get(f"/v1/clients/{at_ops}/{kind}")
        await ops.get(f"/v1/{kind}")
        await ops.patch(f"/v1/{kind}/{made['id']}", {})
        await ops.post(f"/v1/{kind}/{made['id']}/void", status=200)
    [alert] = await ops.listed("/v1/duplicates")
    await ops.post(f"/v1/duplicates/{alert['id']}/explain", {"reason_code": "complementary"}, 200)
    await ops.post(f"/v1/clients/{at_ops}/support-forms/what-if", form | {"code": "AI-Z03"}, 200)
    await ops.get(f"/v1/clients/{at_ops}/between")
    await ops.get("/v1/referral-exchanges")
    verbs = ("open", "read", "list", "list_all", "amend", "void")
    shown = {f"{verb}_{kind}" for verb in verbs for kind in NEEDS_ANOTHER_OFFICE}
    shown |= {"list_duplicates", "explain_duplicate", "foresee_duplicates", "read_between", "list_referral_exchanges"}
    assert {(one, at_ops) for one in shown} <= set(await logged(ops))


async def test_what_two_offices_know_of_a_person_leaves_a_row_each_time_it_is_shown(federation: Federation) -> None:
    pup, _, client, _ = await recipient(federation)
    job = await takes_a_job(pup, client)
    await pup.post("/v1/budgets", BUDGET)
    await federation.settle()
    base = f"/v1/clients/{client}/degressive-benefit"
    decided = await approve(pup, client, (await benefit_of(pup, client))["result_hash"])
    await federation.settle()
    for path in (
        "",
        "/eligibility",
        "/ledger",
        f"/decisions/{decided['id']}",
        f"/decisions/{decided['id']}?format=text",
    ):
        await pup.http.get(base + path)
    await pup.get(f"/v1/clients/{client}/merged-view")
    await pup.get(f"/v1/clients/{client}/unemployment-status")
    await pup.get(f"/v1/clients/{client}/contact-standing")
    await pup.get("/v1/payables/2026-10")
    csv = await pup.http.get("/v1/payables/2026-10?format=csv")
    await pup.get(f"/v1/employments/{job}")
    await pup.get("/v1/employments")
    await pup.get("/v1/changes")
    other = (await pup.put("/v1/by-external-id/syriusz/clients/1", new_client(2), 201))["id"]
    assert ("put_by_external_id", other) in await logged(pup)
    found = [operation for operation, person in await logged(pup) if person == client]
    shown = {
        "read_degressive_benefit", "read_eligibility", "read_ledger", "read_decision", "decide_degressive_benefit",
        "read_merged_view", "read_unemployment_status", "read_contact_standing", "list_payables", "read_employment",
        "start_employment", "list_employments", "read_changes",
    }  # fmt: skip
    assert shown <= set(found)
    assert found.count("read_decision") == 2
    assert client in csv.text
    assert found.count("list_payables") == 2
    assert pesel(1) not in str(await logged(pup))
