"""Decisions on a case: the rule proposes, an official decides (GDPR, article 22), on what was on the screen.

States: proposed, approved, refused, appealed, upheld, changed. An appeal that is withdrawn leaves the state of before,
and another can be lodged. What was granted is the schedule of one assessment;
late news that lower it wait for another decision. The broker and each office fold the same decisions into the same
standing. Source: BENEFIT.md, "Time, corrections, decisions".

>>> first = Decision("approved", Seen("A", "a"))
>>> standing_of([first, Decision("appealed", Seen("A", "a"))]).state
'appealed'
>>> standing_of([first, Decision("refused", Seen("B", "b"))]).dismissed
'b'
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from shared.domain.benefit.ledger import Months, lowers
from shared.domain.errors import Conflict


class AssessmentSuperseded(Conflict):
    """A newer assessment exists; read it and decide on that one."""

    problem = "assessment-superseded"


class AssessmentProvisional(Conflict):
    """The assessment is provisional: a member has not told all, or what members say differs."""


class NotRecipient(Conflict):
    """The person is not in the arm of the programme that gets the benefit."""


class AlreadyDecided(Conflict):
    """There is a decision on this result already."""


class UnderAppeal(Conflict):
    """The decision is under appeal; record the outcome of the appeal first."""


class NotUnderAppeal(Conflict):
    """There is no appeal to decide on."""


class NothingToAppeal(Conflict):
    """There is no decision that can be appealed against here."""


class NothingProposed(Conflict):
    """Nothing of what was granted would be lowered; what late news raise is due at once and cannot be refused."""


class AppealMakesWorse(Conflict):
    """The result of an appeal would lower a month; nobody is made worse off by an appeal."""


CONCLUDES_APPEAL: Final = frozenset({"upheld", "changed", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Seen:
    """An assessment by its id, and the hash of its result."""

    assessment_id: str
    result_hash: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision (*decyzja*): approved, refused, appealed, upheld, changed or withdrawn, and what it was on."""

    kind: str
    on: Seen


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands by its decisions.

    ``granted``: the assessment whose schedule is granted; ``previous``: the one granted before; ``decided``: what the
    last decision was on; ``dismissed``: hash of a result whose lowering an official let be.
    """

    state: str = "proposed"
    granted: Seen | None = None
    previous: Seen | None = None
    decided: Seen | None = None
    dismissed: str | None = None


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest assessment: what it is, whether it can be decided on, and its months."""

    seen: Seen
    complete: bool
    open_discrepancies: int
    months: Months


def standing_of(decisions: Iterable[Decision]) -> Standing:
    """Return how a case stands after decisions in their order."""
    standing = Standing()
    for decision in decisions:
        standing = _after(standing, decision)
    return standing


def require_decidable(standing: Standing, decision: Decision, latest: Latest, granted: Months | None) -> None:
    """Refuse a decision that cannot stand; ``granted`` are the months that are granted now.

    :raises Conflict: a second decision, a result that is not the newest, a provisional one, an appeal that is open or
        is not, nothing that would be lowered, or a change that makes worse off.
    """
    if decision.kind == "appealed":
        _require_appealable(standing, decision)
    elif decision.kind in CONCLUDES_APPEAL:
        if standing.state != "appealed":
            raise NotUnderAppeal()
        if decision.kind == "changed":
            _require_change(standing, decision, latest, granted)
    else:
        _require_first_or_newer(standing, latest)
        _require_newest(decision.on, latest)
        if decision.kind == "refused" and granted is not None and not lowers(granted=granted, newest=latest.months):
            raise NothingProposed()


def _after(standing: Standing, decision: Decision) -> Standing:
    if decision.kind == "refused":
        if standing.granted is not None:
            return replace(standing, state="approved", decided=decision.on, dismissed=decision.on.result_hash)
        return Standing("refused", decided=decision.on)
    if decision.kind in ("appealed", "upheld"):
        return replace(standing, state=decision.kind)
    if decision.kind == "withdrawn":
        return replace(standing, state="refused" if standing.granted is None else "approved")
    state = "approved" if decision.kind == "approved" else "changed"
    reverted = standing.granted if decision.on == standing.previous else None
    return Standing(
        state,
        granted=decision.on,
        previous=standing.granted,
        decided=decision.on,
        dismissed=reverted.result_hash if reverted else None,
    )


def _require_first_or_newer(standing: Standing, latest: Latest) -> None:
    if standing.state == "appealed":
        raise UnderAppeal()
    if standing.decided is None:
        return
    known = {standing.dismissed, standing.granted and standing.granted.result_hash}
    if standing.granted is None or latest.seen.result_hash in known:
        raise AlreadyDecided()


def _require_newest(shown: Seen, latest: Latest) -> None:
    if shown != latest.seen:
        raise AssessmentSuperseded(field="result_hash", expected=latest.seen.result_hash)
    if not latest.complete or latest.open_discrepancies:
        raise AssessmentProvisional(expected="complete, no open discrepancy")


def _require_appealable(standing: Standing, decision: Decision) -> None:
    if standing.state == "appealed":
        raise UnderAppeal()
    if standing.state not in ("approved", "refused") or standing.decided is None:
        raise NothingToAppeal(received=standing.state)
    if decision.on != standing.decided:
        raise AssessmentSuperseded("The decision was on another result.", field="result_hash")


def _require_change(standing: Standing, decision: Decision, latest: Latest, granted: Months | None) -> None:
    if standing.previous is not None and decision.on == standing.previous:
        return
    _require_newest(decision.on, latest)
    if granted is not None and lowers(granted=granted, newest=latest.months):
        raise AppealMakesWorse(field="result_hash")
