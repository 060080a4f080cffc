"""The diagnosis of a proof, a SET or a checkpoint: the very checks of a call, with what each expected and what came."""

from base64 import b64decode
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.domain.errors import DomainError, Invalid
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.directory import Directory
from shared.exchange.judge import diagnose_set
from shared.exchange.proofs.request import Call, diagnose
from shared.exchange.stream.chain import chain_start, chains
from shared.exchange.stream.checkpoint import Mark, check_checkpoint, open_checkpoint
from shared.exchange.stream.receive import Item
from shared.runtime.problems.render import problem

_Name = Annotated[str, Field(pattern=r"^[a-z]{3,6}(-[0-9]{4,10})?$", examples=["pup-2478"])]
_Hash = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$", examples=["x" * 42 + "w"])]
Findings = list[tuple[str, DomainError | None]]


class Stream(BaseModel):
    """The entries that a checkpoint is about; ``chain_before`` is the chain at ``from`` - 1, unless ``from`` is 1."""

    owner: _Name
    peer: _Name = BROKER
    incarnation: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["5f" * 16])]
    from_: Annotated[int, Field(alias="from", ge=1, le=1 << 53, examples=[1])]
    chain_before: _Hash | None = None
    sets: Annotated[list[str | dict[str, str]], Field(max_length=500, examples=[["eyJ…"]])]
    model_config = ConfigDict(extra="forbid")


class Question(BaseModel):
    """A proof and the call it was made for, as the receiver would have seen it; or a SET; or a checkpoint."""

    proof: Annotated[str | None, Field(max_length=8192, examples=["eyJ…"])] = None
    method: Annotated[str | None, Field(pattern="^[A-Z]{3,7}$", examples=["POST"])] = None
    target: Annotated[str | None, Field(max_length=2000, examples=["/v1/merged-views"])] = None
    body_base64: Annotated[str, Field(max_length=1_400_000, examples=["e30="])] = ""
    set: Annotated[str | None, Field(max_length=65_536, description="A SET as it is pushed.")] = None
    checkpoint: Annotated[str | None, Field(max_length=4096, description="A checkpoint, asked with its stream.")] = None
    stream: Stream | None = None
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"proof": "eyJ…", "method": "GET", "target": "/v1/x"}, {"set": "eyJ…"}]},
    )

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if sum(one is not None for one in (self.proof, self.set, self.checkpoint)) != 1:
            raise Invalid("Ask about one thing at a time.", field="proof", expected="one of proof, set, checkpoint")
        if self.proof is not None and (self.method is None or self.target is None):
            raise Invalid("A proof is asked with method and target of its call.", field="target")
        if (self.checkpoint is None) is not (self.stream is None):
            raise Invalid("A checkpoint is asked with its stream.", field="stream")
        return self


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
    """Run the checks of a call, of intake or of a delivery on a question.

    :raises Invalid: the body is not base64.
    """
    if question.set is not None:
        found = diagnose_set(question.set, directory.federation, directory)
    elif question.checkpoint is not None and question.stream is not None:
        found = _of_checkpoint(question.checkpoint, question.stream, directory)
    else:
        found = diagnose(question.proof or "", _call(question, now), directory)
    findings = [
        Finding(check=name, passed=failure is None, problem=problem(failure) if failure else None)
        for name, failure in found
    ]
    return Diagnosis(holds=all(finding.passed for finding in findings), findings=findings)


def _call(question: Question, now: int) -> Call:
    try:
        body = b64decode(question.body_base64, validate=True)
    except ValueError:
        raise Invalid("The body is not base64.", field="body_base64") from None
    return Call(method=question.method or "", target=question.target or "", body=body, aud=BROKER, now=now)


def _of_checkpoint(token: str, stream: Stream, directory: Directory) -> Findings:
    """Return what the checks of a delivery find: entries, signature, and that it is the word on these very entries."""
    start = chain_start(stream.owner, stream.peer, stream.incarnation)
    if stream.from_ > 1 and stream.chain_before is None:
        raise Invalid("Beyond position 1 the chain before is needed.", field="chain_before")
    before = jose.decode(stream.chain_before) if stream.chain_before and stream.from_ > 1 else start
    found: Findings = []
    try:
        items = [Item.of(entry) for entry in stream.sets]
        found.append(("entries", None))
        open_checkpoint(token, stream.owner, directory)
        found.append(("signature", None))
        *_, chain = before, *chains(before, (item.hash for item in items))
        position = stream.from_ + len(items) - 1
        facts = {"owner": stream.owner, "peer": stream.peer, "incarnation": stream.incarnation}
        check_checkpoint(token, Mark(**facts, position=position, chain=chain, at=0), directory)
    except DomainError as failure:
        return [*found, (("entries", "signature", "mark")[len(found)], failure)]
    return [*found, ("mark", None)]
