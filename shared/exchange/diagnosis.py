"""The diagnosis of a proof: the very checks of a call, run one by one, with what each expected and what came."""

from base64 import b64decode
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.errors import Invalid
from shared.domain.institutions import BROKER
from shared.exchange.directory import Directory
from shared.exchange.proofs.request import Call, diagnose
from shared.runtime.problems.render import problem


class Question(BaseModel):
    """A proof and the call it was made for, as the receiver would have seen it."""

    proof: Annotated[str, Field(max_length=8192, examples=["eyJ…"])]
    method: Annotated[str, Field(pattern="^[A-Z]{3,7}$", examples=["POST"])]
    target: Annotated[str, Field(max_length=2000, examples=["/v1/merged-views"])]
    body_base64: Annotated[str, Field(max_length=1_400_000, examples=["e30="])] = ""
    model_config = ConfigDict(extra="forbid")


class Finding(BaseModel):
    """One check: passed, or the problem it makes."""

    check: str
    passed: bool
    problem: dict[str, Any] | None = None


class Diagnosis(BaseModel):
    """All checks up to the first that fails."""

    holds: bool
    findings: list[Finding]


def diagnosis(question: Question, directory: Directory, now: int) -> Diagnosis:
    """Run the checks of a call on a question.

    :raises Invalid: the body is not base64.
    """
    try:
        body = b64decode(question.body_base64, validate=True)
    except ValueError:
        raise Invalid("The body is not base64.", field="body_base64") from None
    call = Call(method=question.method, target=question.target, body=body, aud=BROKER, now=now)
    findings = [
        Finding(check=name, passed=failure is None, problem=problem(failure) if failure else None)
        for name, failure in diagnose(question.proof, call, directory)
    ]
    return Diagnosis(holds=all(finding.passed for finding in findings), findings=findings)
