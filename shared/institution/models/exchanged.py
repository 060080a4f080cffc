"""What this office and the others have between them about a client, as it is answered."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from shared.domain.duplicates import EXPLANATIONS
from shared.institution.models.base import LocalModel, View, one_of


class Desk(View):
    """A desk of an office (*stanowisko*) with its telephone and e-mail; ``code`` says for what it is there."""

    code: str = Field(examples=["joint_clients"])
    phone: str
    email: str


class OtherOffice(View):
    """Another office that shares the client, and how to reach it, as the signed directory says."""

    id: str
    name: str
    contact: str = Field(description="Its technical contact.")
    desks: list[Desk]


class InCharge(View):
    """Who looks after the client at this office on a day; ``today`` is the substitute, where one stands in."""

    worker: str | None
    substitute: str | None
    today: str | None


class AnswerTold(View):
    """The last word on a referral."""

    answer: str = Field(examples=["accepted"])
    on: date
    reason: str | None = Field(examples=["no_place"])
    answer_id: str


class ReferralExchange(View):
    """A referral between this office and another one, with the answer; ``overdue`` where none came in time."""

    client_id: str
    referral_id: str
    direction: str = Field(description="made by this office, or received")
    office: str
    purpose: str
    made_on: date
    due: date
    result: str | None
    overdue: bool
    answer: AnswerTold | None


class CostSharing(View):
    """How costs are shared with another office, in basis points or grosze.

    ``standing``: agreed (both state it), differs, awaits_other, awaits_us.
    """

    standing: str
    other: str
    our_id: str | None
    their_id: str | None
    form_id: str | None
    unit: str
    own: int
    other_share: int
    from_: date = Field(alias="from")
    until: date | None


class DuplicateForm(View):
    """A form of support of a pair, as it was disclosed."""

    iss: str
    form_id: str
    code: str
    name_pl: str | None


class ForeseenDuplicate(View):
    """A form that another office gives, of the same class and on some of the same days as the one that was asked of."""

    duplicate_class: str
    other: DuplicateForm
    from_: date = Field(alias="from")
    until: date | None


class Foreseen(View):
    """What a form of support would be a duplicate of, as far as this office was told; it may be opened all the same."""

    client_id: str
    duplicates: list[ForeseenDuplicate]


class DuplicateAlert(View):
    """Two forms of one class on the same days; ``state``: open, explained by an official here, resolved."""

    id: str
    client_id: str
    duplicate_class: str
    forms: list[DuplicateForm]
    from_: date = Field(alias="from")
    until: date | None
    state: str
    reason_code: str | None
    explained_by: str | None
    told_at: datetime
    version: int
    costs: list[CostSharing]


class Explanation(LocalModel):
    """Why two forms of one class on the same days are right, as a code."""

    reason_code: Annotated[str, one_of(EXPLANATIONS), Field(description="Why both forms are right.")]
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason_code": "complementary"}]})


class Between(View):
    """What goes between the offices about a client: whom to call, referrals, duplicates, shared costs."""

    client_id: str
    joint: bool
    in_charge: InCharge
    offices: list[OtherOffice]
    referrals: list[ReferralExchange]
    duplicates: list[DuplicateAlert]
    costs: list[CostSharing]
