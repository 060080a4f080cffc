"""What goes between two offices of a joint client: referrals and answers to them, and who bears which costs."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from shared.domain.events.fields import day, grosze, issuer, one_of, record_id
from shared.domain.events.schema import Contradiction
from shared.domain.period import Period

REFERRAL_PURPOSES = (
    "social_contract_b",
    "social_work",
    "activation_programme",
    "allowance",
    "social_services",
    "registration",
    "career_guidance",
    "training",
    "job_placement",
)
REFERRAL_RESULTS = ("answered", "withdrawn", "lapsed")
ANSWERS = ("accepted", "refused", "done", "broken_off")
ANSWER_REASONS = (
    "not_entitled",
    "not_in_area",
    "already_helped",
    "no_place",
    "person_declined",
    "no_contact",
    "moved_away",
    "job_taken",
    "sent_by_mistake",
)
SHARE_UNITS = ("grosze", "basis_points")
WHOLE_BP = 10_000
"""The whole in basis points: shares of two offices add up to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A referral (*skierowanie*) to another office: for what, from when, and by when an answer is awaited."""

    referral_id: Annotated[str, record_id]
    to: Annotated[str, issuer]
    purpose: Annotated[str, one_of(*REFERRAL_PURPOSES)]
    made_on: Annotated[date, day]
    due: Annotated[date, day]
    result: Annotated[str | None, one_of(*REFERRAL_RESULTS)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralAnswer:
    """What became of the referral that ``referrer`` made: the last word, and the day of it."""

    answer_id: Annotated[str, record_id]
    referrer: Annotated[str, issuer]
    referral_id: Annotated[str, record_id]
    answer: Annotated[str, one_of(*ANSWERS)]
    on: Annotated[date, day]
    reason: Annotated[str | None, one_of(*ANSWER_REASONS)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAgreement:
    """How costs are shared (*podział kosztów*), as one of the two offices states it; it holds once both state it.

    ``own`` and ``other_share`` are grosze, or basis points that add up to 10 000. ``form_id`` names the form of support
    whose costs are meant, of either office; without it all costs of the person are. ``confirms`` is the other office's
    statement to which this one answers.
    """

    agreement_id: Annotated[str, record_id]
    other: Annotated[str, issuer]
    unit: Annotated[str, one_of(*SHARE_UNITS)]
    own: Annotated[int, grosze]
    other_share: Annotated[int, grosze]
    from_: Annotated[date, day]
    until: Annotated[date | None, day] = None
    form_id: Annotated[str | None, record_id] = None
    confirms: Annotated[str | None, record_id] = None

    def __post_init__(self) -> None:
        Period(self.from_, self.until)
        if self.unit == "basis_points" and self.own + self.other_share != WHOLE_BP:
            raise Contradiction("The shares do not add up to the whole.", field="other_share")
