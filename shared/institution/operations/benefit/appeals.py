"""Appeals (*odwołanie*): which decision one is against, on which days it can be, and whether it was late.

The time limit runs from the delivery of the decision, which this office does not keep. An appeal counts as late when
it comes more than so many days after the decision itself; it is taken all the same, for the limit can be restored.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from shared.domain.benefit.case_settings import case_settings
from shared.domain.decision import CONCLUDES_APPEAL
from shared.domain.decision_text import Appeal
from shared.domain.errors import Invalid
from shared.institution.models.benefit import Decision
from shared.institution.tables import DecisionRow


class ImpossibleDay(Invalid):
    """It cannot have happened on that day; an appeal follows its decision, an outcome its appeal, none the present."""


def appeal_of(earlier: Sequence[DecisionRow], row: DecisionRow) -> Appeal | None:
    """Return the appeal that a row notes or concludes; ``None`` where it does neither, or nobody knows against what.

    ``earlier``: what was decided in the case before it, in order.
    """
    lodged, before = row, list(earlier)
    if row.decision in CONCLUDES_APPEAL:
        at = next((at for at in reversed(range(len(before))) if before[at].decision == "appealed"), len(before))
        lodged, before = (before[at] if at < len(before) else row), before[:at]
    against = next((one for one in reversed(before) if one.decision in ("approved", "refused")), None)
    if lodged.decision != "appealed" or against is None:
        return None
    decided_on = against.decided_at.date()
    last_day = decided_on + timedelta(days=case_settings(on=decided_on).appeal_days)
    return Appeal(
        against=decided_on,
        lodged_on=lodged.happened_on,
        concluded_on=None if lodged is row else row.happened_on,
        is_late=lodged.happened_on is not None and lodged.happened_on > last_day,
    )


def require_possible_day(appeal: Appeal | None, *, today: date) -> None:
    """Refuse an appeal before its decision, an outcome before its appeal, and either after today.

    :raises ImpossibleDay: and says which days there are.
    """
    if appeal is None:
        return
    field, on, first = "lodged_on", appeal.lodged_on, appeal.against
    if appeal.concluded_on is not None:
        field, on, first = "decided_on", appeal.concluded_on, appeal.lodged_on or appeal.against
    if on is not None and not first <= on <= max(first, today):
        raise ImpossibleDay(field=field, expected=f"a day from {first} to {max(first, today)}")


def shown(decisions: Sequence[DecisionRow]) -> list[Decision]:
    """Return the decisions on a client as they are shown, those of an appeal with whether it was late."""
    views = []
    for index, row in enumerate(decisions):
        earlier = [one for one in decisions[:index] if (one.case_id, one.state) == (row.case_id, "taken")]
        appeal = appeal_of(earlier, row) if row.state == "taken" else None
        views.append(Decision.model_validate(row).model_copy(update={"late": appeal.is_late if appeal else None}))
    return views
