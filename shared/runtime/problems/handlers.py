"""What turns every failure of a FastAPI service into a problem document."""

import re
from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.domain.errors import Conflict, DomainError, Invalid
from shared.runtime.database.engine import UNAVAILABLE
from shared.runtime.problems.catalogue import problem_type
from shared.runtime.problems.render import MEDIA_TYPE, headers, problem

_BY_STATUS = {
    400: "json-malformed",
    401: "token-missing",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "media-type",
    429: "rate-limited",
    503: "unavailable",
}
_MEMBER = re.compile(r"[a-z][A-Za-z_]{0,39}")
_BY_PYDANTIC = {"extra_forbidden": "field-unknown", "json_invalid": "json-malformed"}


class Named(DomainError):
    """A failure that has no class of its own, under its problem name."""

    def __init__(self, name: str, detail: str, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.problem = name  # type: ignore[misc]


class Simultaneous(Conflict):
    """Another request changed the same at the same time; read it again and repeat yours."""


def install(app: FastAPI) -> None:
    """Give an app its handlers."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _simultaneous)


def response(error: DomainError, extra: dict[str, str] | None = None) -> Response:
    """Return the answer to an error."""
    members = problem(error)
    status = members["status"]
    present = {"ETag": error.expected} if status == 412 and isinstance(error.expected, str) else {}
    return JSONResponse(members, status, headers(status) | present | (extra or {}), media_type=MEDIA_TYPE)


def invalid(failure: ValidationError | RequestValidationError) -> DomainError:
    """Return the error of input that a model refused: where and why, never what stood there."""
    findings = [_finding(item) for item in failure.errors()][:20]
    first = findings[0]
    return Named(first["problem"], first["detail"], field=first["field"], errors=findings if findings[1:] else None)


def _finding(item: Any) -> dict[str, Any]:
    domain = item.get("ctx", {}).get("error")
    at = [str(part) for part in item["loc"] if part not in ("body", "query", "path", "header")]
    if item["type"] == "extra_forbidden" and not _MEMBER.fullmatch(at[-1]):
        at.pop()  # the caller's own word; it may be a name or a number of somebody
    if isinstance(domain, DomainError):
        field = ".".join([*at, *([domain.field] if domain.field and domain.field not in at else [])])
        return {"problem": domain.problem, "field": field, "detail": domain.detail}
    name = _BY_PYDANTIC.get(item["type"], "request-invalid")
    detail = "The body is not JSON." if name == "json-malformed" else f"{item['msg']}."
    return {"problem": name, "field": None if name == "json-malformed" else ".".join(at), "detail": detail}


async def _domain(request: Request, error: Exception) -> Response:
    return response(error if isinstance(error, DomainError) else Invalid())


async def _validation(request: Request, error: Exception) -> Response:
    return response(invalid(error)) if isinstance(error, RequestValidationError) else response(Invalid())


async def _simultaneous(request: Request, error: Exception) -> Response:
    return response(Simultaneous())


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    extra = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    name = _BY_STATUS.get(status, "request-invalid" if status < 500 else "internal")
    return response(Named(name, problem_type(name).title + "."), extra)


def unexpected(error: Exception, request_id: str) -> Response:
    """Log a failure of ours by where it happened, and return the answer; its text may hold data and stays out."""
    structlog.get_logger().error("failed", cause=type(error).__name__, at=frames(error))
    if isinstance(error, UNAVAILABLE):
        detail = "A part that the service needs does not answer now; nothing was stored."
        return response(Named("unavailable", detail, request_id=request_id))
    return response(Named("internal", "The service failed; nothing was stored.", request_id=request_id))


def frames(error: BaseException) -> Sequence[str]:
    """Return where an error came from, innermost last, without its text."""
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-8:]
