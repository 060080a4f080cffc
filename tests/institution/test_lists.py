"""Lists of records: narrowed, in order, page by page, the same on both databases."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.ops_api.main import OPS
from services.pup_api.main import PUP
from shared.institution.kinds import SUPPORT_FORMS, RecordKind
from shared.institution.models.listing import ORDERS as COLUMNS
from shared.institution.models.listing import list_query
from shared.institution.operations.listing import Listed, statement
from tests.builders import Federation, Office
from tests.conftest import MakeDatabase
from tests.institution.test_clients import problem

FORMS = "/v1/support-forms"


def place(sort: str, value: Any) -> str:
    """What `after` would be of a record that is nowhere."""
    return urlsafe_b64encode(json.dumps([sort, value, "0" * 36]).encode()).rstrip(b"=").decode()


ORDERS = {"id": "id", "from": "from", "changed": "updated_at"}
NARROWED = [
    ({"state": "open"}, 4),
    ({"state": "closed"}, 1),
    ({"state": "voided"}, 1),
    ({"code": "PUP-SZK"}, 2),
    ({"status": "completed"}, 1),
    ({"on": "2026-03-02"}, 5),
    ({"on": "2026-03-01"}, 3),
    ({"on": "2026-04-30"}, 5),
    ({"on": "2026-05-01"}, 4),
    ({"on": "2026-07-01"}, 0),
    ({"changed_since": "2026-10-01T08:00:00Z"}, 5),
    ({"changed_since": "2026-10-01T10:00:01+02:00"}, 0),
    ({"code": "PUP-STA", "state": "open", "on": "2026-06-01"}, 2),
]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"states": "open"}, "field-unknown"),
    ({"due_before": "2026-01-01"}, "field-unknown"),
    ({"state": "dreamt"}, "request-invalid"),
    ({"code": "no such code"}, "request-invalid"),
    ({"on": "yesterday"}, "request-invalid"),
    ({"changed_since": "2026-10-01T08:00:00"}, "request-invalid"),
    ({"sort": "due"}, "request-invalid"),
    ({"sort": "--id"}, "request-invalid"),
    ({"changed_since": "9999-12-31T23:59:59-14:00"}, "request-invalid"),
    ({"after": place("changed", "0001-01-01T00:00:00+14:00"), "sort": "changed"}, "request-invalid"),
    ({"after": place("changed", "2026-10-01T08:00:00"), "sort": "changed"}, "request-invalid"),
    ({"after": place("from", 20), "sort": "from"}, "request-invalid"),
    ({"after": place("from", "1500-01-01"), "sort": "from"}, "request-invalid"),
    ({"after": place("from", None), "sort": "from"}, "request-invalid"),
    ({"limit": 501}, "request-invalid"),
    ({"limit": 0}, "request-invalid"),
    ({"after": "e30"}, "request-invalid"),
    ({"after": "MTIz"}, "request-invalid"),
    ({"after": "not base64!"}, "request-invalid"),
    ({"after": "WyJpZCIsIngiLCJcdTAwMDAiXQ"}, "request-invalid"),
]


async def walk(office: Office, path: str, limit: int, **wanted: Any) -> list[Any]:
    """Read a list to its end, page by page."""
    found: list[Any] = []
    after = ""
    while True:
        page = await office.get(path, params=wanted | {"limit": limit, "after": after})
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        after = page["next"]


async def forms(office: Office) -> list[str]:
    """Record six forms of two clients; the third is closed, the fourth voided. Return the days they begin."""
    clients = [await office.enrol(number) for number in (1, 2)]
    days = ["2026-03-02", "2026-01-05", "2026-03-02", "2026-06-01", "2026-02-02", "2026-01-05"]
    made = [
        await office.post(
            f"/v1/clients/{clients[number % 2]}/support-forms",
            {"code": "PUP-STA" if number < 3 else "PUP-SZK", "from": day, "until": "2026-06-30"},
        )
        for number, day in enumerate(days)
    ]
    await office.post(f"{FORMS}/{made[2]['id']}/close", {"until": "2026-04-30"}, 200)
    await office.post(f"{FORMS}/{made[3]['id']}/void", status=200)
    return days


async def test_pages_of_any_size_hold_every_record_once_in_order(pup: Office) -> None:
    await forms(pup)
    for (sort, member), down, limit in product(ORDERS.items(), ("", "-"), (1, 2, 5, 500)):
        found = await walk(pup, FORMS, limit, sort=down + sort)
        keys = [(one[member], one["id"]) for one in found]
        assert len(set(keys)) == 5
        assert keys == sorted(keys, reverse=bool(down)), (sort, down, limit)


async def test_a_list_is_narrowed_by_what_is_asked(pup: Office) -> None:
    await forms(pup)
    for wanted, count in NARROWED:
        assert len(await pup.listed(FORMS, params=wanted)) == count, wanted


async def test_a_clients_list_takes_the_same_filters_and_holds_nobody_elses_records(pup: Office) -> None:
    await forms(pup)
    everybodys = await pup.listed(FORMS, params={"sort": "from"})
    client = everybodys[0]["client_id"]
    own = await walk(pup, f"/v1/clients/{client}/support-forms", 1, sort="from")
    assert own == [one for one in everybodys if one["client_id"] == client]
    assert 0 < len(own) < len(everybodys)


async def test_what_changed_since_a_moment_is_found_in_the_order_of_change(pup_clocked: Federation) -> None:
    office = pup_clocked.offices["pup-2478"]
    await forms(office)
    first = (await office.listed(FORMS))[0]
    pup_clocked.clock.go(60)
    await office.patch(f"{FORMS}/{first['id']}", {"hours_total": 10})
    since = await office.listed(FORMS, params={"changed_since": "2026-10-01T08:01:00Z", "sort": "changed"})
    assert [one["id"] for one in since] == [first["id"]]


async def test_a_filter_that_cannot_be_is_refused(pup: Office) -> None:
    for wanted, name in REFUSED:
        assert problem(await pup.get(FORMS, 422, params=wanted)) == name, wanted


async def test_the_place_in_one_order_is_none_in_another(pup: Office) -> None:
    await forms(pup)
    page = await pup.get(FORMS, params={"limit": 2, "sort": "from"})
    answer = await pup.get(FORMS, 422, params={"limit": 2, "sort": "-from", "after": page["next"]})
    assert answer["field"] == "after"


@pytest.fixture
async def small(sqlite_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with Federation(tmp_path / "pup", sqlite_database) as federation:
        yield await federation.make_office("pup-2478")


@pytest.mark.parametrize(
    "wanted",
    [
        {"sort": "from"},
        {"sort": "-from", "on": "2026-03-01"},
        {"sort": "changed", "changed_since": "2026-03-01T00:00:00Z"},
        {"state": "open"},
        {"code": "PUP-STA"},
        {"sort": "-id"},
    ],
)
async def test_each_order_is_read_from_an_index_and_never_sorted_first(small: Office, wanted: dict[str, str]) -> None:
    query = list_query("support_form", SUPPORT_FORMS.row, SUPPORT_FORMS.create, SUPPORT_FORMS.filters, None)
    dialect = small.node.db.engine.sync_engine
    asked = statement(Listed.of(SUPPORT_FORMS), query(**wanted)).compile(
        dialect, compile_kwargs={"literal_binds": True}
    )
    async with small.node.db.read() as session:
        plan = [row[3] for row in await session.execute(text(f"EXPLAIN QUERY PLAN {asked}".replace(":", "\\:")))]
    assert ["USING INDEX" in step for step in plan] == [True], plan


async def test_two_officials_who_change_one_record_are_told_both_versions(pup: Office) -> None:
    client = await pup.enrol(1)
    made = await pup.post(f"/v1/clients/{client}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    path, read = f"{FORMS}/{made['id']}", {"If-Match": '"1"'}
    first = await pup.patch(path, {"hours_total": 100, "note": "pierwsza"}, headers=read)
    second = await pup.patch(path, {"hours_total": 200}, 412, headers=read)
    assert problem(second) == "precondition-failed"
    assert (second["expected"], second["received"]) == ('"2"', '"1"')
    assert second["present"] == first
    assert second["sent"] == {"hours_total": 200}
    closing = await pup.post(f"{path}/close", {"until": "2026-04-01"}, 412, headers=read)
    assert (closing["present"], closing["sent"]) == (first, {"until": "2026-04-01"})
    voiding = await pup.post(f"{path}/void", None, 412, headers=read)
    assert (voiding["present"], voiding["sent"]) == (first, {})
    assert await pup.get(path) == first


async def test_the_etag_of_a_refused_change_is_the_present_one(pup: Office) -> None:
    client = await pup.enrol(1)
    made = await pup.post(f"/v1/clients/{client}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    answer = await pup.http.patch(f"{FORMS}/{made['id']}", json={"hours_total": 1}, headers={"If-Match": '"9"'})
    assert (answer.status_code, answer.headers["ETag"]) == (412, '"1"')
    again = await pup.http.patch(
        f"{FORMS}/{made['id']}", json={"hours_total": 1}, headers={"If-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 200


async def test_a_client_or_a_job_changed_meanwhile_is_shown_too_and_its_pesel_is_struck_out(pup: Office) -> None:
    client = await pup.enrol(1)
    read = {"If-Match": '"1"'}
    first = await pup.patch(f"/v1/clients/{client}", {"given_names": "Anna Maria"}, headers=read)
    second = await pup.patch(f"/v1/clients/{client}", {"case_number": "T.2"}, 412, headers=read)
    assert second["present"] == first | {"pesel": "***********"}
    assert second["sent"] == {"case_number": "T.2"}

    job = await pup.post(f"/v1/clients/{client}/employments", {"effective": "2026-03-16", "net_gr": 360585})
    raised = {"effective": "2026-06-01", "net_gr": 400000}
    now = await pup.post(f"/v1/employments/{job['id']}/wage-changes", raised, headers=read)
    last = {"last_day": "2026-07-17"}
    refused = await pup.post(f"/v1/employments/{job['id']}/end", last, 412, headers=read)
    assert (refused["present"], refused["sent"]) == (now, last)


async def test_jobs_are_listed_like_all_records(pup: Office) -> None:
    for number in (1, 2, 3):
        client = await pup.enrol(number)
        kind = "mandate" if number == 2 else "employment"
        body = {"effective": "2026-03-16", "net_gr": 360585, "contract_kind": kind}
        await pup.post(f"/v1/clients/{client}/employments", body)
    found = await walk(pup, "/v1/employments", 1, sort="-id")
    assert [len(job["events"]) for job in found] == [1, 1, 1]
    assert sorted((job["id"] for job in found), reverse=True) == [job["id"] for job in found]
    [mandate] = await pup.listed("/v1/employments", params={"contract_kind": "mandate"})
    assert await pup.listed(f"/v1/clients/{mandate['client_id']}/employments") == [mandate]
    assert problem(await pup.get("/v1/employments", 422, params={"on": "2026-03-16"})) == "field-unknown"


@pytest.mark.parametrize("kind", {*PUP.kinds, *OPS.kinds}, ids=lambda kind: kind.name)
def test_every_filter_of_every_kind_has_an_index(kind: RecordKind) -> None:
    leading = {next(iter(index.columns)).key for index in kind.row.__table__.indexes}  # type: ignore[attr-defined]
    assert {*kind.filters, *([kind.parent_id] if kind.parent_id else [])} <= leading


async def test_every_kind_is_listed_by_each_of_its_filters_and_orders(pup: Office, ops: Office) -> None:
    values = {"code": "PUP-STA", "county": "2478", "on": "2026-03-01", "due_before": "2026-03-01"}
    values |= {"changed_since": "2026-03-01T00:00:00Z", "state": "closed"}
    for office in (pup, ops):
        client = await office.enrol(1)
        for kind in office.node.institution.kinds:
            fields = list_query(kind.name, kind.row, kind.create, kind.filters, kind.parent_id).model_fields
            narrowed = [{name: values[name]} for name in fields if name in values]
            ordered = [{"sort": way + name} for name, column in COLUMNS.items() for way in ("", "-")
                       if hasattr(kind.row, column)]  # fmt: skip
            of_parent = [{kind.parent_id: client}] if kind.parent_id else []
            for path in (f"/v1/{kind.path}", f"/v1/clients/{client}/{kind.path}"):
                for wanted in (*narrowed, *ordered, *of_parent):
                    assert await office.get(path, params=wanted) == {"items": [], "next": None}
                assert problem(await office.get(path, 422, params={"pesel": "x"})) == "field-unknown"
