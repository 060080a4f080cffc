"""What a case expects of an answer, in words for a vendor."""

from typing import Any

from services.cli.conform.cases import Deviation
from services.cli.conform.institution.player import Answer


def expect_problem(answer: Answer, *names: str) -> str:
    """Return what came if it is a problem of one of these names.

    :raises Deviation: another problem, no problem, or one that is not told as RFC 9457 has it.
    """
    if answer.problem not in names or not 400 <= answer.status < 500:
        raise Deviation(f"{answer}, not the problem {' or '.join(names)}")
    media = answer.headers.get("content-type", "").partition(";")[0]
    if media != "application/problem+json":
        raise Deviation(f"{answer} as {media or 'no media type'}, not as application/problem+json")
    if type(answer.json.get("retryable")) is not bool:
        raise Deviation(f"{answer} that does not say whether it is retryable")
    return str(answer)


def expect_success(answer: Answer, status: int = 200) -> Any:
    """Return the JSON of an answer that is no refusal.

    :raises Deviation: another status, or no JSON.
    """
    if answer.status != status or answer.json is None:
        raise Deviation(f"{answer}, not {status} with JSON")
    return answer.json
