"""What every service of ours answers besides its own routes: health, readiness, metrics, problems, OpenAPI."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from shared.domain.errors import NotFound
from shared.runtime import openapi
from shared.runtime.answers import AnsweringRoute
from shared.runtime.bodies import JsonRoute
from shared.runtime.clock import Clock
from shared.runtime.gate import NO_UPLOADS, Bodies, Gate
from shared.runtime.ids import Ids
from shared.runtime.metrics import Metrics
from shared.runtime.problems import handlers
from shared.runtime.problems.catalogue import URN, ProblemType, problem_pages, problem_types
from shared.runtime.problems.render import MEDIA_TYPE

Readiness = Callable[[], Awaitable[Mapping[str, str]]]
Warnings = Callable[[], Mapping[str, str]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
VERSION = "0.1.0"
_SCHEMAS = "#/components/schemas/"
_PROBLEM: dict[str, Any] = {
    "description": "A problem (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}},
}
_STATUSES = (400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 500, 503)


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["urn:zwornik:problem:not-found"])
    title: str
    status: int
    detail: str
    field: str | None = None
    expected: Any = None
    received: Any = None
    present: dict[str, Any] | None = Field(default=None, description="412: the record as it stands there now.")
    sent: dict[str, Any] | None = Field(default=None, description="412: what was to replace it.")
    clock_skew_s: int | None = None
    retry_after_s: int | None = Field(default=None, description="429: what Retry-After says.")
    retryable: bool
    mend: str
    docs: str


class Health(BaseModel):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Ready(BaseModel):
    """Whether the service can do its work, and what each part says."""

    ready: bool
    checks: dict[str, str] = Field(examples=[{"database": "ok", "push": "ok", "poll": "ok"}])
    warnings: dict[str, str] = Field(
        description="What will stop it unless somebody acts in time.", examples=[{"key of pup-2478": "13 days left"}]
    )


class Route(JsonRoute, AnsweringRoute):
    """A route of this house: strict about what it reads, open about what it answers."""


def new_router(prefix: str = "/v1", *, tags: Sequence[str]) -> APIRouter:
    """Return a router whose routes read JSON strictly, tell what they answer, and may answer with a problem."""
    responses: dict[int | str, dict[str, Any]] = dict.fromkeys(_STATUSES, _PROBLEM)
    return APIRouter(prefix=prefix, tags=list(tags), responses=responses, route_class=Route)


def new_app(
    *,
    title: str,
    description: str,
    lifespan: Lifespan,
    clock: Clock,
    ids: Ids,
    metrics: Metrics,
    readiness: Readiness,
    warnings: Warnings,
    routers: Sequence[APIRouter],
    uploads: Mapping[str, Bodies] = NO_UPLOADS,
) -> FastAPI:
    """Return an app that turns every failure into a problem and passes every request through the gate.

    Routes are put into the app as they are: ``include_router`` builds each anew for each app and matches it twice.
    """
    app = FastAPI(
        title=title,
        description=description,
        version=VERSION,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False},
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.metrics, app.state.readiness, app.state.warnings = metrics, readiness, warnings
    for router in (_operations, *routers):
        app.router.routes.extend(router.routes)
    handlers.install(app)
    _describe(app)
    app.add_middleware(Gate, clock=clock, ids=ids, metrics=metrics, uploads=uploads)
    return app


def _describe(app: FastAPI) -> None:
    """Put the schema of a problem into OpenAPI once, as a model of each answer it would be built a thousand times.

    What else FastAPI cannot say follows.
    """
    described = app.openapi

    def whole() -> dict[str, Any]:
        document = described()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            schemas["Problem"] = Problem.model_json_schema(ref_template=_SCHEMAS + "{model}")
            openapi.complete(document)
        return document

    app.openapi = whole  # type: ignore[method-assign]


_operations = new_router("", tags=["operations"])


@_operations.get("/healthz")
async def healthz() -> Health:
    """Say that the process answers."""
    return Health(status="ok")


@_operations.get("/readyz", response_model=Ready)
async def readyz(request: Request) -> Response:
    """Say whether the service can do its work: 503 while a part of it stands."""
    readiness: Readiness = request.app.state.readiness
    checks = dict(await readiness())
    ready = all(state == "ok" for state in checks.values())
    headers = {} if ready else {"Retry-After": "2"}
    said = {"ready": ready, "checks": checks, "warnings": dict(request.app.state.warnings())}
    return JSONResponse(said, 200 if ready else 503, headers=headers)


@_operations.get("/metrics", response_class=Response)
async def prometheus(request: Request) -> Response:
    """Return the metrics in Prometheus' text format."""
    metrics: Metrics = request.app.state.metrics
    return metrics.response()


@_operations.get("/v1/problems")
async def list_problems() -> list[dict[str, Any]]:
    """List every problem that a service answers with."""
    return [_described(kind) for kind in problem_types().values()]


@_operations.get("/v1/problems/{name}")
async def describe_problem(name: str) -> dict[str, Any]:
    """Say what a problem means, what to check, and how to mend it; the link ``docs`` of a problem points here."""
    kind = problem_types().get(name)
    if kind is None:
        raise NotFound()
    page = problem_pages()[name]
    return _described(kind) | {"means": page.means, "check": list(page.check), "example": page.example}


def _described(kind: ProblemType) -> dict[str, Any]:
    return {
        "type": URN + kind.name,
        "status": kind.status,
        "title": kind.title,
        "retryable": kind.retryable,
        "mend": kind.mend,
    }
