"""Files that cannot be: each is refused with a clear problem before anything is written, in bounded memory."""

import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from shared.institution.imports import xlsx_file
from shared.institution.imports.tables import MAX_LINES
from tests.builders import Office, pesel
from tests.institution.imports.files import (
    FORMS,
    REGISTER,
    counts,
    forma,
    lines_of,
    osoba,
    person,
    run,
    send,
    text,
    work,
)
from tests.institution.test_clients import problem

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GOOD = text(FORMS, [osoba(1)])


async def refused(office: Office, content: Any, name: str = "formy-wsparcia", *, media: str = "text/csv") -> Any:
    """Send a file that is refused; nothing of it stays."""
    answer = await office.http.post(f"/v1/imports?map={name}", content=content, headers={"Content-Type": media})
    assert answer.status_code in (404, 413, 415, 422), (answer.status_code, answer.text)
    assert await office.get("/v1/imports") == {"items": [], "next": None}
    return answer.json()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "import-file-unreadable", "The file is empty."),
        (GOOD.encode("utf-16"), "import-encoding", "The file is UTF-16; save it as UTF-8."),
        (GOOD.encode("cp1250"), "import-encoding", "Line 2 is not UTF-8; save the file so"),
        (GOOD.replace(";", ",").encode(), "import-columns", "Missing in the first line of the file: ID_OSOBY"),
        (f"{FORMS};OD\r\n".encode(), "import-columns", "More than one column is called OD."),
        (f'{FORMS}\r\n"a"b;\r\n'.encode(), "import-file-unreadable", "Line 2 is no CSV"),
        (
            f'{FORMS}\r\nOSOBA;"1;{"x" * 200_000}\r\n'.encode(),
            "import-file-unreadable",
            "A cell before line 3 is longer",
        ),
        (GOOD.replace("\r\n", "\r").encode(), "import-file-unreadable", "Line 1 ends with a carriage return alone"),
        (f"{FORMS}\r\n{'x' * 10_000_000}\r\n".encode(), "import-file-unreadable", "Line 2 is longer than 1 MiB."),
        (f"{FORMS}\n".encode() + b"\n" * (MAX_LINES + 1), "import-too-large", "The file has more than 1 000 000 lines"),
    ],
)
async def test_a_file_that_cannot_be_csv_is_refused_whole(ops: Office, content: bytes, name: str, said: str) -> None:
    told = await refused(ops, content)
    assert (problem(told), told["detail"][: len(said)]) == (name, said)


@pytest.mark.parametrize("name", ["formy-wsparcia", "rejestr-bezrobotnych"])
@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode("utf-16-le"),
        GOOD.encode("utf-32"),
        bytes(range(256)) * 100,
        b"%PDF-1.7\n\x00\xff",
        b"PK\x03\x04\x14\x00",
    ],
)
async def test_bytes_that_are_no_text_are_refused(pup: Office, content: bytes, name: str) -> None:
    assert problem(await refused(pup, content, name)) in {"import-encoding", "import-columns", "import-file-unreadable"}


async def test_utf8_is_found_where_the_map_says_cp1250(pup: Office) -> None:
    told = await refused(pup, text(REGISTER, [person(1)]).encode(), "rejestr-bezrobotnych")
    assert (problem(told), told["expected"], told["received"]) == ("import-encoding", "cp1250", "utf-8")


@pytest.mark.parametrize("name", ["nic", "rejestr-bezrobotnych"])
async def test_a_map_that_is_not_there_or_does_not_fit_is_refused(ops: Office, name: str) -> None:
    told = await refused(ops, GOOD.encode(), name)
    assert problem(told) == ("import-map-unknown" if name == "nic" else "import-map-broken")


async def test_another_media_type_is_refused_and_named(ops: Office) -> None:
    told = await refused(ops, b"{}", media="application/json")
    assert (problem(told), told["expected"]) == ("media-type", f"text/csv or {XLSX}")


async def test_a_body_without_end_is_cut_off_in_bounded_memory(ops: Office) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 1024 * 1024

    tracemalloc.start()
    told = await refused(ops, endless())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert problem(told) in ("import-too-large", "body-too-large")
    assert peak < 16 * 1024 * 1024


def workbook(rows: list[list[Any]], title: str = "Arkusz1") -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


async def test_a_workbook_is_read_with_its_own_types(ops: Office) -> None:
    header: list[Any] = FORMS.split(";")
    person_cells: list[Any] = ["OSOBA", 1, int("85650112347"), "Śliwa", "Ewa", "K.1", *[None] * 8]
    form: list[Any] = ["FORMA", 1, None, None, None, None, "OPS-ZCE", date(2026, 3, 2), None, 12.0, 1230.5]
    formula: list[Any] = ["FORMA", 1, None, None, None, None, "OPS-ZCE", date(2026, 3, 3), None, None, "=1+1"]
    named: list[Any] = ["OSOBA", 2, "85650112347", "=cmd|'/C calc'!A0", "Jan", "K.2", *[None] * 8]
    rows = [header, person_cells, [*form, None, None, None], [*formula, None, None, None], named]
    job = await run(ops, workbook(rows), "formy-wsparcia", media=XLSX)
    assert counts(job) == (2, 0, 0, 2)
    assert [one.get("problem") for one in await lines_of(ops, job)] == [
        None,
        None,
        "cell-unreadable",
        "formula-refused",
    ]
    (client,) = (await ops.get("/v1/clients"))["items"]
    (given,) = await ops.listed(f"/v1/clients/{client['id']}/support-forms")
    assert (client["pesel"], given["from"], given["hours_total"], given["amount_gr"]) == (
        "85650112347",
        "2026-03-02",
        12,
        123050,
    )
    same = await run(ops, text(FORMS, [forma(1, GODZINY="12")]).encode(), "formy-wsparcia")
    assert counts(same) == (0, 0, 1, 0)


def archive(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, held in members.items():
            file.writestr(name, held)
    return content.getvalue()


def with_text(content: bytes, cell: bytes, before: bytes = b"", *, lines: int = 0) -> bytes:
    """The workbook with another text in the cell that holds FORMA, and with as many lines as it says of itself."""
    good = zipfile.ZipFile(io.BytesIO(content))
    members = {name: good.read(name) for name in good.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    assert b"<t>FORMA</t>" in sheet
    if lines:
        sheet = sheet.replace(b"<sheetData>", b'<dimension ref="A1:N%d"/><sheetData>' % lines)
        assert b"<dimension" in sheet
    members["xl/worksheets/sheet1.xml"] = before + sheet.replace(b"<t>FORMA</t>", b"<t>%s</t>" % cell)
    return archive(members)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04 no archive", "import-file-unreadable"),
        (GOOD.encode(), "import-file-unreadable"),
        (archive({"a.txt": b"nothing"}), "import-file-unreadable"),
        (archive({"xl/sharedStrings.xml": bytes(65 * 1024 * 1024)}), "import-too-large"),
        (archive({f"{number}.xml": b"" for number in range(1001)}), "import-too-large"),
        (workbook([]), "import-file-unreadable"),
        (workbook([["NIC"]]), "import-columns"),
        (with_text(workbook([FORMS.split(";"), ["FORMA"]]), b"x" * 40_000), "import-file-unreadable"),
        (with_text(workbook([FORMS.split(";"), ["FORMA"]]), b"x" * 10_000_000), "import-file-unreadable"),
        (with_text(workbook([FORMS.split(";"), ["FORMA"]]), b"FORMA", lines=MAX_LINES + 2), "import-too-large"),
    ],
)
async def test_a_workbook_that_cannot_be_taken_is_refused(ops: Office, content: bytes, name: str) -> None:
    answer = await ops.http.post("/v1/imports?map=formy-wsparcia", content=content, headers={"Content-Type": XLSX})
    if answer.status_code == 202:
        await work(ops)
        job = await ops.get(f"/v1/imports/{answer.json()['id']}")
        assert (job["state"], problem(job["problem"])) == ("failed", name)
    else:
        assert problem(answer.json()) == name


async def test_a_workbook_that_hides_its_length_stops_where_a_table_ends(
    ops: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "MAX_LINES", 3)
    header: list[Any] = FORMS.split(";")
    people = [["OSOBA", number, pesel(number), "Śliwa", "Ewa", f"K.{number}"] for number in range(4)]
    job = await run(ops, workbook([header, *people]), "formy-wsparcia", media=XLSX)
    assert (job["state"], problem(job["problem"])) == ("failed", "import-too-large")


async def test_entities_of_a_workbook_are_not_blown_up(ops: Office) -> None:
    """A billion laughs in a sheet: the XML parser stops, and the import fails in bounded memory."""
    bomb = b'<!DOCTYPE z [<!ENTITY a "%s">' % (b"a" * 1000)
    for name, before in zip("bcdefgh", "abcdefg", strict=True):
        bomb += f'<!ENTITY {name} "{f"&{before};" * 10}">'.encode()
    content = with_text(workbook([FORMS.split(";"), ["FORMA"] + ["1"] * 13]), b"&h;", bomb + b"]>")
    tracemalloc.start()
    answer = await ops.http.post("/v1/imports?map=formy-wsparcia", content=content, headers={"Content-Type": XLSX})
    if answer.status_code == 202:
        await work(ops)
        job = await ops.get(f"/v1/imports/{answer.json()['id']}")
        assert (job["state"], problem(job["problem"])) == ("failed", "import-file-unreadable")
    else:
        assert problem(answer.json()) == "import-file-unreadable"
    assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    tracemalloc.stop()


async def test_no_more_than_five_imports_wait(ops: Office) -> None:
    for number in range(5):
        await send(ops, text(FORMS, [osoba(number)]).encode(), "formy-wsparcia")
    assert problem(await send(ops, GOOD.encode(), "formy-wsparcia", status=409)) == "imports-waiting"


async def test_imports_are_listed_page_by_page_the_newest_first(ops: Office) -> None:
    ids = []
    for number in range(1, 6):
        ids.append((await send(ops, text(FORMS, [osoba(number)]).encode(), "formy-wsparcia"))["id"])
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await ops.get(f"/v1/imports?limit=2&after={after}")
        assert 1 <= len(page["items"]) <= 2
        found += [one["id"] for one in page["items"]]
        after = page["next"]
    assert found == ids[::-1]
    assert (await ops.get("/v1/imports?limit=5"))["next"] is None
    await ops.get("/v1/imports?limit=0", 422)
