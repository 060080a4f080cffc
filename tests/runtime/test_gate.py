"""The gate: an id for each request, a bounded body of the right kind, one log line and one metric that name nobody."""

import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

import pytest
import structlog
from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared.domain.errors import NotFound
from shared.runtime.gate import MAX_BODY_BYTES
from shared.runtime.metrics import Metrics
from tests.builders import pesel
from tests.runtime.builders import bare_app, raw_call

JSON = (b"content-type", b"application/json")
LENGTH_2 = (b"content-length", b"2")
CHUNKED = (b"transfer-encoding", b"chunked")


class Named(BaseModel):
    name: str


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def app(metrics: Metrics) -> FastAPI:
    router = APIRouter()

    @router.post("/raw")
    async def take(request: Request) -> dict[str, int]:
        app.state.called = True
        return {"bytes": len(await request.body())}

    @router.post("/model")
    async def take_model(body: Named) -> dict[str, int]:
        return {"length": len(body.name)}

    @router.post("/people/{person}")
    async def fail(person: str) -> None:
        raise ValueError(f"Kowalska {person}")

    @router.get("/people/{person}")
    async def find(person: str) -> None:
        raise NotFound(f"No person {person} here.")

    @router.get("/bound")
    async def bound() -> None:
        structlog.contextvars.bind_contextvars(lane="push")

    @router.get("/gone")
    async def gone() -> None:
        raise HTTPException(410, headers={"X-Since": "2020"})

    app = bare_app(router, metrics=metrics)
    app.state.called = False
    return app


def name_of(body: bytes) -> str:
    return str(json.loads(body)["type"]).rpartition(":")[2]


@pytest.mark.parametrize("given", ["0198C6A000007000800000000000abcd", "0198c6a0-0000-7000-8000-000000000000"])
async def test_a_request_keeps_the_id_it_came_with(app: FastAPI, given: str) -> None:
    _, headers, _ = await raw_call(app, "GET", "/healthz", [(b"x-request-id", given.encode())])
    assert headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", [b"", b"short", b"x" * 65, b"a b c d e f", b"\xff" * 9, b"12345678", pesel(1).encode()]
)
async def test_an_id_that_is_none_is_replaced(app: FastAPI, given: bytes) -> None:
    _, headers, _ = await raw_call(app, "GET", "/healthz", [(b"x-request-id", given)])
    assert headers["x-request-id"] != given.decode("latin-1")
    assert len(headers["x-request-id"]) == 36


async def test_every_answer_says_that_it_is_not_to_be_kept_nor_guessed(app: FastAPI) -> None:
    for path in ("/healthz", "/nothing", "/people/1"):
        _, headers, _ = await raw_call(app, "GET", path)
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


async def test_a_body_that_says_it_is_too_large_is_refused_before_anybody_reads_it(app: FastAPI) -> None:
    for length in (str(MAX_BODY_BYTES + 1), "9" * 30):
        status, _, body = await raw_call(app, "POST", "/raw", [JSON, (b"content-length", length.encode())])
        assert (status, name_of(body)) == (413, "body-too-large")
        assert json.loads(body)["expected"] == MAX_BODY_BYTES
    assert not app.state.called


@pytest.mark.parametrize("path", ["/raw", "/model"])
@pytest.mark.parametrize("length", [[], [(b"content-length", b"10")]])
async def test_a_body_is_counted_as_it_comes_whatever_it_says_of_itself(
    app: FastAPI, path: str, length: Sequence[tuple[bytes, bytes]]
) -> None:
    chunks = [b" " * 65_536] * 16
    status, _, body = await raw_call(app, "POST", path, [JSON, CHUNKED, *length], [*chunks, b" "])
    assert (status, name_of(body)) == (413, "body-too-large")


async def test_a_body_of_exactly_the_limit_is_taken(app: FastAPI) -> None:
    status, _, body = await raw_call(app, "POST", "/raw", [JSON, CHUNKED], [b" " * 65_536] * 16)
    assert (status, json.loads(body)) == (200, {"bytes": MAX_BODY_BYTES})


@pytest.mark.parametrize("headers", [[LENGTH_2], [CHUNKED]])
@pytest.mark.parametrize("kind", [None, b"", b"text/plain", b"application/x-www-form-urlencoded", b"application/jsonx"])
async def test_another_media_type_is_refused_also_in_chunks(
    app: FastAPI, headers: Sequence[tuple[bytes, bytes]], kind: bytes | None
) -> None:
    said = [] if kind is None else [(b"content-type", kind)]
    status, _, body = await raw_call(app, "POST", "/raw", [*headers, *said], [b"{}"])
    assert (status, name_of(body)) == (415, "media-type")
    assert not app.state.called


@pytest.mark.parametrize("kind", [b"application/json", b"Application/JSON", b"application/json; charset=utf-8"])
async def test_json_is_taken_however_its_type_is_spelt(app: FastAPI, kind: bytes) -> None:
    status, _, _ = await raw_call(app, "POST", "/raw", [LENGTH_2, (b"content-type", kind)], [b"{}"])
    assert status == 200


@pytest.mark.parametrize("length", [[], [(b"content-length", b"0")]])
async def test_a_call_without_a_body_needs_no_media_type(app: FastAPI, length: Sequence[tuple[bytes, bytes]]) -> None:
    status, _, _ = await raw_call(app, "POST", "/raw", length)
    assert status == 200


async def test_a_failure_of_ours_is_a_problem_that_tells_nothing(app: FastAPI, logs: StringIO) -> None:
    status, headers, body = await raw_call(app, "POST", f"/people/{pesel(1)}", [JSON])
    assert (status, name_of(body)) == (500, "internal")
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["request_id"] == headers["x-request-id"]
    for text in (body.decode(), logs.getvalue()):
        assert "Kowalska" not in text
        assert pesel(1) not in text


async def test_no_problem_carries_a_pesel_back_whoever_put_it_there(app: FastAPI) -> None:
    status, _, body = await raw_call(app, "GET", f"/people/{pesel(1)}")
    assert (status, name_of(body)) == (404, "not-found")
    assert json.loads(body)["detail"] == "No person *********** here."


async def test_a_status_without_a_problem_of_its_own_keeps_its_headers(app: FastAPI) -> None:
    _, headers, body = await raw_call(app, "GET", "/gone")
    assert (name_of(body), headers["x-since"]) == ("request-invalid", "2020")


def lines_of(logs: StringIO) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, logs.getvalue().splitlines()) if line["event"] == "request"]


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", f"/people/{pesel(1)}?name=Kowalska", "/people/{person}", 404),
        ("POST", f"/people/{pesel(1)}", "/people/{person}", 500),
        ("GET", f"/{pesel(1)}", "unknown", 404),
        ("GET", "/healthz", "/healthz", 200),
    ],
)
async def test_a_log_line_and_a_metric_name_the_route_and_never_the_path(
    app: FastAPI, metrics: Metrics, logs: StringIO, method: str, path: str, route: str, status: int
) -> None:
    _, headers, _ = await raw_call(
        app, method, path, [JSON, (b"x-request-id", b"0198c6a0-0000-7000-8000-000000000000")]
    )
    [line] = lines_of(logs)
    assert (line["method"], line["route"], line["status"]) == (method, route, status)
    assert line["request_id"] == headers["x-request-id"] == "0198c6a0-0000-7000-8000-000000000000"
    counted = bytes(metrics.response().body).decode()
    assert f'zwornik_requests_total{{method="{method}",route="{route}",status="{status}"}} 1.0' in counted
    for text in (logs.getvalue(), counted):
        assert pesel(1) not in text
        assert "Kowalska" not in text


async def test_a_method_that_nobody_knows_makes_no_metric_of_its_own(
    app: FastAPI, metrics: Metrics, logs: StringIO
) -> None:
    for number in range(3):
        await raw_call(app, f"X{number}", "/healthz", [JSON])
    assert [line["method"] for line in lines_of(logs)] == ["other"] * 3
    assert 'method="X' not in bytes(metrics.response().body).decode()


async def test_a_request_refused_at_the_gate_is_counted_too(app: FastAPI, logs: StringIO) -> None:
    await raw_call(app, "POST", "/raw", [LENGTH_2], [b"{}"])
    [line] = lines_of(logs)
    assert (line["status"], line["route"]) == (415, "unknown")


async def test_what_one_request_bound_to_its_log_does_not_stay_for_the_next(app: FastAPI, logs: StringIO) -> None:
    for path in ("/bound", "/healthz"):
        await raw_call(app, "GET", path)
    assert ["lane" in line for line in lines_of(logs)] == [True, False]
