"""Events about who shares a client and how the client takes part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from shared.domain.events.fields import (
    check,
    count,
    county,
    day,
    fingerprint,
    hash_,
    name,
    one_of,
    positive,
    record_id,
    records,
    truth,
)
from shared.domain.events.schema import Contradiction
from shared.domain.token import as_token

ARMS = ("recipient", "comparison")
BASES = ("labour_market_act", "social_assistance_act", "social_employment_act", "consent")
PROGRESS_DOMAINS = ("work", "education", "health", "housing", "family", "finances", "social")


def _scores(value: Any) -> dict[str, int]:
    """Scores from 0 to 100 by domain."""
    scores = {one_of(*PROGRESS_DOMAINS)(domain): count(score) for domain, score in value.items()}
    if not scores or max(scores.values()) > 100:
        raise ValueError
    return scores


def following(value: Any) -> dict[str, str]:
    """A token by the next match key, its check, and the fingerprint of that key."""
    parts = {"token": as_token, "check": check, "key_fingerprint": fingerprint}
    return {name: parse(value[name]) for name, parse in parts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """An event that says all by its type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An office has a client (*klient*) by this token, and while match keys overlap by the next key's token, too."""

    check: Annotated[str, check]
    key_fingerprint: Annotated[str, fingerprint]
    basis: Annotated[str, one_of(*BASES)]
    next: Annotated[dict[str, str] | None, following] = None

    @property
    def next_token(self) -> str | None:
        """Return the token by the next key."""
        return self.next["token"] if self.next else None

    @property
    def next_check(self) -> str | None:
        """Return the check by the next key."""
        return self.next["check"] if self.next else None

    @property
    def next_key_fingerprint(self) -> str | None:
        """Return the fingerprint of the next key."""
        return self.next["key_fingerprint"] if self.next else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The surname changed, and with it the check."""

    check: Annotated[str, check]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeyed:
    """The office's own enrolment moves to another token."""

    token: Annotated[str, as_token]
    check: Annotated[str, check]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchVerdict:
    """An official answers a suspected match."""

    suspicion_id: Annotated[str, record_id]
    reason_code: Annotated[str, one_of("same_person", "other_person", "other_area", "unclear")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """A part of all that an office has on a joint client; applied when all parts are there."""

    generation: Annotated[int, positive]
    restatement_id: Annotated[str, record_id]
    part: Annotated[int, positive]
    parts: Annotated[int, positive]
    complete: Annotated[bool, truth]
    records: Annotated[tuple[Mapping[str, Any], ...], records]

    def __post_init__(self) -> None:
        if self.part > self.parts:
            raise Contradiction("The part is beyond the last.", field="part")
        if not self.complete:
            raise Contradiction("A restatement is complete.", field="complete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A household (*gospodarstwo domowe*) by an opaque id and numbers."""

    household: Annotated[str, hash_]
    members: Annotated[int, positive]
    children: Annotated[int, count]
    dependants: Annotated[int, count] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeJoined:
    """A person joined an arm (*ramię*) of the programme in a county."""

    programme: Annotated[str, name]
    arm: Annotated[str, one_of(*ARMS)]
    county: Annotated[str, county]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeLeft:
    """A person left the programme."""

    programme: Annotated[str, name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Scores of the progress sheet (*karta postępów*) by domain."""

    recorded_on: Annotated[date, day]
    scores: Annotated[dict[str, int], _scores]
