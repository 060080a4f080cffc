"""Problems: every error of the code base stands in the table, every row says what is wrong and how to mend it."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ValidationError

import services
import shared
from shared.domain.errors import DomainError
from shared.runtime.problems.catalogue import URN, ProblemType, problem_type, problem_types
from shared.runtime.problems.handlers import Named, invalid, response
from shared.runtime.problems.render import MEDIA_TYPE, masked, problem
from tests.builders import pesel
from tests.runtime.builders import bare_app, raw_call

ROOT = Path(__file__).resolve().parents[2]
WIRE = (
    "proof-missing proof-malformed proof-type proof-algorithm proof-unknown-key proof-key-expired proof-signature "
    "proof-audience proof-not-yet-valid proof-expired proof-method proof-target proof-digest proof-digest-encoding "
    "proof-replayed issuer-unknown issuer-suspended set-type set-signature set-schema set-too-large set-not-permitted "
    "set-equivocation not-shared match-key-mismatch stream-gap stream-fork stream-checkpoint batch-too-large "
    "rate-limited body-too-large json-malformed media-type request-invalid field-unknown code-unknown "
    "code-out-of-dates period-reversed amount-negative precondition-failed idempotency-mismatch malformed-pesel "
    "client-exists assessment-superseded not-found conflict forbidden token-missing token-invalid scope-missing"
).split()
"""What WIRE.md names in section 8."""

STATUSES = {400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 500, 503}


def errors(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Yield every error of the code base, all of whose modules are imported first."""
    for package in (shared, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    pending = [base]
    while pending:
        error = pending.pop()
        pending += error.__subclasses__()
        if error.__module__.startswith(("shared.", "services.")):
            yield error


@pytest.mark.parametrize("kind", problem_types().values(), ids=lambda kind: kind.name)
def test_a_row_says_what_is_wrong_and_how_to_mend_it(kind: ProblemType) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.name)
    assert kind.status in STATUSES
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    assert kind.mend.endswith(".")


def test_the_table_has_what_the_wire_names_and_each_once() -> None:
    assert set(WIRE) <= problem_types().keys()
    lines = (ROOT / "shared/runtime/problems/problems.csv").read_text("utf-8").splitlines()
    assert len(lines) == len(problem_types()) + 1
    assert all(line.split(";")[2] in ("true", "false") for line in lines[1:])


def test_every_error_of_the_code_base_stands_in_the_table() -> None:
    found = {error.__name__: error.problem for error in errors() if isinstance(vars(error).get("problem"), str)}
    assert not {name: said for name, said in found.items() if said not in problem_types()}
    assert set(found.values()) >= {"stream-gap", "malformed-pesel", "idempotency-mismatch", "proof-expired"}


def test_every_problem_that_is_named_by_hand_stands_in_the_table() -> None:
    named: set[str] = set()
    for top in ("shared", "services"):
        for path in (ROOT / top).rglob("*.py"):
            named |= set(re.findall(r'\bNamed\(\s*"([^"]+)"', path.read_text("utf-8")))
    assert {"internal", "media-type"} <= named <= problem_types().keys()


def test_every_error_says_what_is_wrong_in_a_sentence_of_its_own() -> None:
    mute = [error.__qualname__ for error in errors() if not (vars(error).get("__doc__") or "").strip()]
    assert not mute
    assert not [
        error.__qualname__
        for error in errors()
        if not error.__name__.startswith("_") and not (error.__doc__ or "").strip().partition("\n")[0].endswith(".")
    ]


@pytest.mark.parametrize("kind", problem_types().values(), ids=lambda kind: kind.name)
async def test_a_problem_is_answered_with_its_status_and_described_under_its_link(kind: ProblemType) -> None:
    answer = response(Named(kind.name, "What happened."))
    members = json.loads(bytes(answer.body))
    assert (answer.status_code, answer.headers["content-type"]) == (kind.status, MEDIA_TYPE)
    assert members == {
        "type": URN + kind.name,
        "title": kind.title,
        "status": kind.status,
        "detail": "What happened.",
        "retryable": kind.retryable,
        "mend": kind.mend,
        "docs": f"/v1/problems/{kind.name}",
    }
    assert ("retry-after" in answer.headers) is (kind.status in (429, 503))
    assert ("www-authenticate" in answer.headers) is (kind.status == 401)
    status, _, body = await raw_call(bare_app(), "GET", members["docs"])
    assert (status, json.loads(body)["type"]) == (200, URN + kind.name)


async def test_all_problems_are_listed() -> None:
    _, _, body = await raw_call(bare_app(), "GET", "/v1/problems")
    assert [one["type"] for one in json.loads(body)] == [URN + name for name in problem_types()]


def test_a_name_without_a_row_shows_as_a_failure_of_ours() -> None:
    assert problem_type("no-such-problem").name == "internal"


def test_what_applies_is_told_and_what_does_not_is_left_out() -> None:
    told = problem(Named("stream-gap", "Gap.", expected=5, received=0, field=None, clock_skew_s=0))
    assert (told["expected"], told["received"], told["clock_skew_s"]) == (5, 0, 0)
    assert "field" not in told


@pytest.mark.parametrize(
    "value",
    [
        pesel(1),
        f"a{pesel(1)}b",
        {"x": [pesel(1)]},
        {pesel(1): 1},
        (pesel(1),),
        int(pesel(1)),
        f"1{pesel(1)}2",
        [[pesel(1)]],
    ],
)
def test_no_member_of_a_problem_carries_a_pesel(value: Any) -> None:
    told = problem(Named("request-invalid", f"It was {pesel(1)}.", expected=value, received=value, errors=value))
    assert pesel(1) not in json.dumps(told)


@pytest.mark.parametrize("value", ["44651401358", "2026-03-01", 12345678901, None, True, 0, [1, "a"], {"a": None}])
def test_what_is_no_pesel_is_told_as_it_is(value: Any) -> None:
    assert masked(value) == value


async def test_a_path_that_there_is_not_leads_to_the_document_of_those_that_there_are() -> None:
    status, _, body = await raw_call(bare_app(), "GET", "/docs")
    assert (status, json.loads(body)["detail"]) == (
        404, "There is no such path here; /openapi.json lists all that there are.",
    )  # fmt: skip


def test_a_body_that_is_missing_or_of_another_form_is_said_in_words_of_ours() -> None:
    class Body(BaseModel):
        day: Annotated[int, AfterValidator(_no_leap_day)]

    for given, said in (({"day": 29}, "The value is a leap day."), ({"day": "x"}, None)):
        with pytest.raises(ValidationError) as refused:
            Body.model_validate(given)
        detail = invalid(refused.value).detail
        assert said in (None, detail)
        assert "Value error" not in detail
    for type_, said in (("missing", "needs a body"), ("model_attributes_type", "not a JSON object")):
        failure = RequestValidationError([{"type": type_, "loc": ("body",), "msg": "Field required"}])
        assert said in invalid(failure).detail


def _no_leap_day(day: int) -> int:
    if day == 29:
        raise ValueError("is a leap day")
    return day
