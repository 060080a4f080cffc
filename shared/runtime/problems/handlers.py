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
from shared.runtime.problems.expected import expected
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
_BY_PYDANTIC = {"extra_forbidden": "field-unknown"}
_PLACES = ("body", "query", "path", "header")
_OTHER_FORM = "The value is not of the expected form."
_OURS = "Value error, "
"""What Pydantic puts before the words of our own checks, which say what the value is or does."""

_NO_PATH = "There is no such path here; /openapi.json lists all that there are."
_NO_BODY = "The call needs a body, and there is none."
_NO_OBJECT = "The body is not a JSON object."


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
    wait = {"Retry-After": str(error.members["retry_after_s"])} if "retry_after_s" in error.members else {}
    return JSONResponse(members, status, headers(status) | wait | present | (extra or {}), media_type=MEDIA_TYPE)


def invalid(failure: ValidationError | RequestValidationError) -> DomainError:
    """Return the error of input that a model refused: where and why, never what stood there."""
    findings = [_finding(item) for item in failure.errors()][:20]
    first = dict(findings[0])
    return Named(first.pop("problem"), first.pop("detail"), **first, errors=findings if findings[1:] else None)


def _finding(item: Any) -> dict[str, Any]:
    """Return one finding: the whole path of the field, what is wrong there, and what was expected."""
    context = item.get("ctx", {})
    refusal = context.get("error")
    at = list(item["loc"][1:] if item["loc"][:1] and item["loc"][0] in _PLACES else item["loc"])
    if item["type"] == "extra_forbidden" and not _MEMBER.fullmatch(str(at[-1])):
        at.pop()  # the caller's own word; it may be a name or a number of somebody
    if isinstance(refusal, DomainError):
        if refusal.field and refusal.field != next((part for part in reversed(at) if isinstance(part, str)), None):
            at.append(refusal.field)  # a rule of the whole names the member; one of the member itself stands there
        said = {"expected": refusal.expected, "received": refusal.received, **refusal.members}
        found = {"problem": refusal.problem, "field": _path(at), "detail": refusal.detail, **said}
    else:
        name, wanted = _BY_PYDANTIC.get(item["type"], "request-invalid"), expected(item["type"], context)
        found = {"problem": name, "field": _path(at), "detail": _detail(item, at), "expected": wanted}
    return {member: value for member, value in found.items() if value is not None}


def _detail(item: Any, at: Sequence[str | int]) -> str:
    """Return what is wrong in a sentence: ours where there is a plainer one than Pydantic's."""
    if item["type"] == "string_pattern_mismatch":
        return _OTHER_FORM
    if not at and item["type"] in ("missing", "model_attributes_type"):
        return _NO_BODY if item["type"] == "missing" else _NO_OBJECT
    said = str(item["msg"])
    return f"The value {said.removeprefix(_OURS)}." if said.startswith(_OURS) else f"{said}."


def _path(parts: Sequence[str | int]) -> str:
    """Return the path of a member as the domain spells it: ``benefits[1].amount_gr``."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


async def _domain(request: Request, error: Exception) -> Response:
    return response(error if isinstance(error, DomainError) else Invalid())


async def _validation(request: Request, error: Exception) -> Response:
    return response(invalid(error)) if isinstance(error, RequestValidationError) else response(Invalid())


async def _simultaneous(request: Request, error: Exception) -> Response:
    return response(Simultaneous())


async def _http(request: Request, error: Exception) -> Response:
    if isinstance(error.__cause__, DomainError):
        return response(error.__cause__)  # FastAPI puts its own word before what the reader of bodies said
    status = error.status_code if isinstance(error, HTTPException) else 500
    extra = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    name = _BY_STATUS.get(status, "request-invalid" if status < 500 else "internal")
    return response(Named(name, _NO_PATH if status == 404 else problem_type(name).title + "."), extra)


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
