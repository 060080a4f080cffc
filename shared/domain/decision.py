"""Deciding on an assessment: the rule proposes, an official decides (GDPR, article 22), on what was on the screen.

>>> require_decidable(shown="a", latest="b", complete=True, open_discrepancies=0, decided=False)
Traceback (most recent call last):
AssessmentSuperseded: A newer assessment exists; read it and decide on that one.
"""

from shared.domain.errors import Conflict


class AssessmentSuperseded(Conflict):
    """A newer assessment exists; read it and decide on that one."""

    problem = "assessment-superseded"


class AssessmentProvisional(Conflict):
    """The assessment is provisional: a member has not told all, or what members say differs."""


class NotRecipient(Conflict):
    """The person is not in the arm of the programme that gets the benefit."""


class AlreadyDecided(Conflict):
    """There is a decision on this case already."""


def require_decidable(*, shown: str, latest: str, complete: bool, open_discrepancies: int, decided: bool) -> None:
    """Refuse a decision that cannot stand. Source: BENEFIT.md, "Time, corrections, decisions".

    :raises AlreadyDecided: a second decision.
    :raises AssessmentSuperseded: ``shown`` is not the hash of the latest result.
    :raises AssessmentProvisional: not complete, or a discrepancy (*rozbieżność*) is open.
    """
    if decided:
        raise AlreadyDecided()
    if shown != latest:
        raise AssessmentSuperseded(field="result_hash", expected=latest)
    if not complete or open_discrepancies:
        raise AssessmentProvisional(expected="complete, no open discrepancy")
