"""The kinds of records that go between offices or say who looks after whom; both programs keep them.

A referral, its answer and an agreement on costs are told to the members of a client, in codes, numbers and days alone;
the worker and the substitute never leave. None has an event of its own for voiding: the client is restated
(docs/decisions/0005, 0031).
"""

from collections.abc import Sequence

from shared.domain.events.payloads import between as wire
from shared.institution.kinds import RecordKind
from shared.institution.models import between as models
from shared.institution.models import workers
from shared.institution.tables import (
    CostAgreementRow,
    ReferralAnswerRow,
    ReferralRow,
    SubstituteRow,
    WorkerRow,
)


def _referral(row: ReferralRow) -> wire.Referral:
    return wire.Referral(
        referral_id=row.id, to=row.to, purpose=row.purpose, made_on=row.made_on, due=row.due, result=row.result
    )


def _answer(row: ReferralAnswerRow) -> wire.ReferralAnswer | None:
    on = row.ended_on or row.accepted_on
    if on is None:
        return None
    return wire.ReferralAnswer(
        answer_id=row.id,
        referrer=row.referrer,
        referral_id=row.referral_id,
        answer=row.result or "accepted",
        on=on,
        reason=row.reason,
    )


def _agreement(row: CostAgreementRow) -> wire.CostAgreement:
    return wire.CostAgreement(
        agreement_id=row.id,
        other=row.other,
        unit=row.unit,
        own=row.own,
        other_share=row.other_share,
        from_=row.from_,
        until=row.until,
        form_id=row.form_id,
        confirms=row.confirms,
    )


REFERRALS = RecordKind(
    name="referral",
    path="referrals",
    label="referral to another office (*skierowanie*)",
    row=ReferralRow,
    create=models.NewReferral,
    change=models.ChangedReferral,
    view=models.Referral,
    disclosed=_referral,
    opened="referral.made.v1",
    amended="referral.made.v1",
    closed="referral.made.v1",
    close=models.ReferralEnd,
    ends_with="result",
    filters=("to", "purpose", "result"),
)

REFERRAL_ANSWERS = RecordKind(
    name="referral_answer",
    path="referral-answers",
    label="answer to a referral (*odpowiedź na skierowanie*)",
    row=ReferralAnswerRow,
    create=models.NewReferralAnswer,
    change=models.ChangedReferralAnswer,
    view=models.ReferralAnswer,
    disclosed=_answer,
    opened="referral.answered.v1",
    amended="referral.answered.v1",
    closed="referral.answered.v1",
    close=models.ReferralAnswerEnd,
    ends_with="result",
    filters=("referrer", "referral_id", "result"),
)

COST_AGREEMENTS = RecordKind(
    name="cost_agreement",
    path="cost-agreements",
    label="agreement on sharing costs (*podział kosztów*)",
    row=CostAgreementRow,
    create=models.NewCostAgreement,
    change=models.ChangedCostAgreement,
    view=models.CostAgreement,
    disclosed=_agreement,
    opened="cost_agreement.stated.v1",
    amended="cost_agreement.stated.v1",
    closed="cost_agreement.stated.v1",
    references={"form_id": "support-forms"},
    filters=("other", "form_id", "confirms"),
)

WORKERS = RecordKind(
    name="worker_assignment",
    path="worker-assignments",
    label="worker of a client (*pracownik prowadzący*)",
    row=WorkerRow,
    create=workers.NewWorker,
    change=workers.ChangedWorker,
    view=workers.AssignedWorker,
    apart=True,
    filters=("worker",),
)

SUBSTITUTES = RecordKind(
    name="worker_substitution",
    path="worker-substitutions",
    label="substitute of a client's worker (*zastępstwo*)",
    row=SubstituteRow,
    create=workers.NewSubstitute,
    change=workers.ChangedSubstitute,
    view=workers.Substitute,
    apart=True,
    filters=("worker",),
)

BETWEEN_KINDS: Sequence[RecordKind] = (REFERRALS, REFERRAL_ANSWERS, COST_AGREEMENTS, WORKERS, SUBSTITUTES)
"""What PUP and OPS both keep of their dealings with each other and of who deals."""
