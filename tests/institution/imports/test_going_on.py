"""Imports that are cut short, repeated, deleted; who may; what stays of them."""

import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from shared.institution.operations.imports import jobs
from shared.institution.operations.imports.running import CHUNK_LINES, work_once
from shared.institution.tables import ExternalIdRow, ImportPartRow, SupportFormRow
from tests.builders import EPOCH, Office
from tests.institution.imports.files import FORMS, counts, forma, forms, lines_of, osoba, send, text, work
from tests.institution.test_clients import problem
from tests.institution.test_gate import token


def many(count: int) -> list[str]:
    return [osoba(1), *(forma(1, GODZINY=str(number)) for number in range(1, count))]


async def held(office: Office, row: Any) -> int:
    async with office.node.db.read() as session:
        return await session.scalar(select(func.count()).select_from(row)) or 0


async def test_an_import_that_is_cut_short_goes_on_where_it_stopped(ops: Office) -> None:
    lines = many(3 * CHUNK_LINES - 100)
    sent = await send(ops, text(FORMS, lines).encode(), "formy-wsparcia")
    chunks = iter((True, True, False))

    async def may_go_on() -> bool:
        return next(chunks)

    assert await work_once(ops.node, may_go_on)
    half = await ops.get(f"/v1/imports/{sent['id']}")
    assert (half["state"], half["done_line"], half["lines"]) == ("running", 2 * CHUNK_LINES + 1, len(lines) + 1)
    assert await held(ops, SupportFormRow) == 2 * CHUNK_LINES - 1
    await work(ops)
    done = await ops.get(f"/v1/imports/{sent['id']}")
    assert counts(done) == (len(lines), 0, 0, 0)
    assert [one["line"] for one in await lines_of(ops, done)] == list(range(2, len(lines) + 2))
    assert await held(ops, SupportFormRow) == len(lines) - 1
    assert await held(ops, ImportPartRow) == 0


async def test_what_fails_in_a_chunk_is_undone_and_tried_again(ops: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = await send(ops, text(FORMS, many(10)).encode(), "formy-wsparcia")
    real = ops.node.ids.uuid7
    left = [7]

    def failing() -> str:
        left[0] -= 1
        if left[0] == 0:
            raise RuntimeError("the machine stumbled")
        return real()

    monkeypatch.setattr(ops.node.ids, "uuid7", failing)

    async def may_go_on() -> bool:
        return True

    with pytest.raises(RuntimeError):
        await work_once(ops.node, may_go_on)
    assert (await held(ops, SupportFormRow), await held(ops, ExternalIdRow)) == (0, 0)
    await work(ops)
    assert counts(await ops.get(f"/v1/imports/{sent['id']}")) == (10, 0, 0, 0)


async def test_an_import_that_always_fails_is_given_up(ops: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = await send(ops, text(FORMS, many(3)).encode(), "formy-wsparcia")

    def failing() -> str:
        raise RuntimeError("always")

    monkeypatch.setattr(ops.node.ids, "uuid7", failing)

    async def may_go_on() -> bool:
        return True

    for _ in range(5):
        with pytest.raises(RuntimeError):
            await work_once(ops.node, may_go_on)
    assert not await work_once(ops.node, may_go_on)
    monkeypatch.undo()
    job = await ops.get(f"/v1/imports/{sent['id']}")
    assert (job["state"], problem(job["problem"])) == ("failed", "internal")


async def test_the_same_file_sent_again_meanwhile_is_the_same_import(ops: Office) -> None:
    content = text(FORMS, many(3)).encode()
    first = await send(ops, content, "formy-wsparcia")
    assert (await send(ops, content, "formy-wsparcia", status=200))["id"] == first["id"]
    assert (await send(ops, content, "formy-wsparcia", dry_run=True))["id"] != first["id"]
    await work(ops)
    assert (await send(ops, content, "formy-wsparcia"))["id"] != first["id"]


async def test_lines_that_contradict_each_other_are_refused_wherever_they_stand(ops: Office) -> None:
    lines = [osoba(1), *(osoba(number) for number in range(2, CHUNK_LINES + 2)), osoba(1, NAZWISKO="Inna"), osoba(1)]
    for _ in range(2):
        job = await forms(ops, *lines)
        refused = [one for one in await lines_of(ops, job) if one["outcome"] == "refused"]
        assert [(one["line"], one["problem"]) for one in refused] == [(CHUNK_LINES + 3, "line-contradicts")]
    assert job["unchanged"] == CHUNK_LINES + 2


async def test_a_dry_run_knows_clients_of_lines_far_before(ops: Office) -> None:
    lines = [*(osoba(number) for number in range(CHUNK_LINES)), *(forma(number) for number in range(CHUNK_LINES))]
    dry = await forms(ops, *lines, forma(CHUNK_LINES), dry_run=True)
    assert counts(dry) == (2 * CHUNK_LINES, 0, 0, 1)
    assert counts(await forms(ops, *lines, forma(CHUNK_LINES))) == counts(dry)


async def test_a_deleted_import_stops_and_leaves_nothing_behind(ops: Office) -> None:
    sent = await send(ops, text(FORMS, many(3)).encode(), "formy-wsparcia")
    answer = await ops.http.delete(f"/v1/imports/{sent['id']}")
    assert answer.status_code == 204
    await work(ops)
    assert problem(await ops.get(f"/v1/imports/{sent['id']}", 404)) == "not-found"
    assert await held(ops, ImportPartRow) == await held(ops, SupportFormRow) == 0


async def test_reports_are_kept_for_some_days_alone(ops: Office) -> None:
    job = await forms(ops, *many(2))
    ops.node.clock.go(timedelta(days=14).total_seconds() - 60)  # type: ignore[attr-defined]
    assert (await ops.get(f"/v1/imports/{job['id']}"))["state"] == "done"
    ops.node.clock.go(120)  # type: ignore[attr-defined]
    async with ops.node.db.write() as session:
        assert await jobs.remove_old(session, ops.node) == 1
    await ops.get(f"/v1/imports/{job['id']}", 404)


async def test_importing_takes_its_own_scope(pup: Office) -> None:
    bearer = {"Authorization": f"Bearer {token(scopes=['clients:write', 'support:write'])}"}
    answer = await pup.http.get("/v1/import-maps", headers=bearer)
    assert (answer.status_code, answer.json()["expected"]) == (403, "records:import")
    named = {one["name"]: one["problem"] for one in await pup.get("/v1/import-maps")}
    assert named == {"formy-wsparcia": None, "plany-dzialania": None, "rejestr-bezrobotnych": None}
    assert EPOCH  # the tokens of these tests are of that day


async def test_no_cell_of_a_file_stands_in_the_database_in_clear(ops: Office) -> None:
    from tests.institution.test_at_rest import _tables

    job = await forms(ops, osoba(1, NAZWISKO="Niepowtarzalna"), osoba(2, PESEL="1", NAZWISKO="Odrzucona"))
    await send(ops, text(FORMS, [osoba(3, NAZWISKO="Czekająca")]).encode(), "formy-wsparcia")
    assert counts(job) == (1, 0, 0, 1)
    seen = b""
    async with ops.node.db.read() as session:
        from sqlalchemy import text as sql

        for table in await session.run_sync(_tables):
            for row in await session.execute(sql(f'SELECT * FROM "{table}"')):  # noqa: S608  # our own tables
                seen += b"|".join(one if isinstance(one, bytes) else str(one).encode() for one in row)
    for secret in ("Niepowtarzalna", "Odrzucona", "Czekająca", "Śliwa"):
        assert secret.encode() not in seen


@pytest.mark.long
async def test_memory_does_not_grow_with_the_file(ops: Office) -> None:
    peaks = []
    for count in (3000, 12_000):
        lines = [osoba(1), *(forma(1, GODZINY=str(number), KWOTA=str(count)) for number in range(1, count))]
        await send(ops, text(FORMS, lines).encode(), "formy-wsparcia")
        tracemalloc.start()
        await work(ops)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2 * 1024 * 1024, peaks
