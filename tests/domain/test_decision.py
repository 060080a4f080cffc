"""Who may decide on what: an official, on the newest complete assessment; news and appeals open a case again."""

from typing import Any

import pytest

from shared.domain.benefit.ledger import Months
from shared.domain.decision import (
    AlreadyDecided,
    AppealMakesWorse,
    AssessmentProvisional,
    AssessmentSuperseded,
    Decision,
    Latest,
    NothingProposed,
    NothingToAppeal,
    NotUnderAppeal,
    Seen,
    Standing,
    UnderAppeal,
    require_decidable,
    standing_of,
)


def months(amount: int) -> Months:
    return [{"month": "2026-03", "amount_gr": amount, "shares_gr": {"pup-2478": amount}}]


SCHEDULES = {"A": months(100), "B": months(70), "C": months(130)}


def on(name: str) -> Seen:
    return Seen(name, name.lower())


def stands(*story: str) -> Standing:
    """Return the standing after a story such as ``approved A``."""
    return standing_of(Decision(kind, on(name)) for kind, name in (each.split() for each in story))


def decide(*story: str, kind: str, shown: str, latest: str = "A", **changes: Any) -> None:
    standing = stands(*story)
    granted = SCHEDULES[standing.granted.assessment_id] if standing.granted else None
    facts: dict[str, Any] = {"complete": True, "open_discrepancies": 0} | changes
    newest = Latest(on(latest), facts["complete"], facts["open_discrepancies"], SCHEDULES[latest])
    require_decidable(standing, Decision(kind, on(shown)), newest, granted)


@pytest.mark.parametrize("kind", ["approved", "refused"])
def test_the_newest_complete_assessment_without_discrepancy_can_be_decided(kind: str) -> None:
    decide(kind=kind, shown="A")


@pytest.mark.parametrize(
    ("changes", "refusal", "problem"),
    [
        ({"latest": "B"}, AssessmentSuperseded, "assessment-superseded"),
        ({"complete": False}, AssessmentProvisional, "conflict"),
        ({"open_discrepancies": 1}, AssessmentProvisional, "conflict"),
        ({"latest": "B", "complete": False, "open_discrepancies": 2}, AssessmentSuperseded, "assessment-superseded"),
    ],
)
def test_each_thing_that_stands_in_the_way_has_its_own_refusal(
    changes: dict[str, Any], refusal: type[Exception], problem: str
) -> None:
    with pytest.raises(refusal) as refused:
        decide(kind="approved", shown="A", **changes)
    assert refused.value.problem == problem  # type: ignore[attr-defined]


def test_a_superseded_assessment_names_the_newest_so_that_the_office_can_read_it() -> None:
    with pytest.raises(AssessmentSuperseded) as refused:
        decide(kind="approved", shown="A", latest="B")
    assert (refused.value.field, refused.value.expected) == ("result_hash", "b")


@pytest.mark.parametrize(
    ("story", "kind", "shown", "latest", "refusal"),
    [
        (["approved A"], "approved", "A", "A", AlreadyDecided),
        (["approved A"], "refused", "A", "A", AlreadyDecided),
        (["refused A"], "approved", "A", "A", AlreadyDecided),
        (["refused A"], "approved", "C", "C", AlreadyDecided),
        (["approved A", "refused B"], "refused", "B", "B", AlreadyDecided),
        (["approved A"], "refused", "C", "C", NothingProposed),
        (["approved A", "appealed A"], "approved", "B", "B", UnderAppeal),
        (["approved A", "appealed A"], "appealed", "A", "A", UnderAppeal),
        ([], "appealed", "A", "A", NothingToAppeal),
        (["refused A", "appealed A", "upheld A"], "appealed", "A", "A", NothingToAppeal),
        (["refused A", "appealed A", "upheld A"], "approved", "C", "C", AlreadyDecided),
        (["approved A"], "appealed", "B", "B", AssessmentSuperseded),
        (["approved A"], "upheld", "A", "A", NotUnderAppeal),
        ([], "changed", "A", "A", NotUnderAppeal),
        (["refused A"], "withdrawn", "A", "A", NotUnderAppeal),
        (["refused A", "appealed A", "withdrawn A"], "approved", "C", "C", AlreadyDecided),
        (["refused A", "appealed A", "withdrawn A"], "upheld", "A", "A", NotUnderAppeal),
        (["approved A", "appealed A"], "changed", "B", "B", AppealMakesWorse),
        (["approved A", "appealed A"], "changed", "A", "C", AssessmentSuperseded),
    ],
)
def test_what_a_case_does_not_allow(
    story: list[str], kind: str, shown: str, latest: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        decide(*story, kind=kind, shown=shown, latest=latest)


@pytest.mark.parametrize(
    ("story", "kind", "shown", "latest"),
    [
        (["approved A"], "approved", "B", "B"),
        (["approved A"], "refused", "B", "B"),
        (["approved A", "refused B"], "approved", "C", "C"),
        (["approved A"], "appealed", "A", "B"),
        (["refused A"], "appealed", "A", "A"),
        (["approved A", "appealed A"], "upheld", "A", "B"),
        (["approved A", "appealed A"], "withdrawn", "A", "B"),
        (["approved A", "appealed A", "withdrawn A"], "appealed", "A", "B"),
        (["approved A", "appealed A", "withdrawn A"], "approved", "B", "B"),
        (["approved A", "appealed A"], "changed", "C", "C"),
        (["refused A", "appealed A"], "changed", "B", "B"),
        (["approved A", "approved B", "appealed B"], "changed", "A", "B"),
        (["approved A", "appealed A", "upheld A"], "approved", "C", "C"),
    ],
)
def test_what_a_case_allows(story: list[str], kind: str, shown: str, latest: str) -> None:
    decide(*story, kind=kind, shown=shown, latest=latest)


@pytest.mark.parametrize(
    ("story", "state", "granted"),
    [
        ([], "proposed", None),
        (["approved A"], "approved", "A"),
        (["refused A"], "refused", None),
        (["approved A", "approved B"], "approved", "B"),
        (["approved A", "refused B"], "approved", "A"),
        (["approved A", "appealed A"], "appealed", "A"),
        (["refused A", "appealed A", "upheld A"], "upheld", None),
        (["refused A", "appealed A", "changed C"], "changed", "C"),
        (["refused A", "appealed A", "withdrawn A"], "refused", None),
        (["approved A", "appealed A", "withdrawn A"], "approved", "A"),
        (["approved A", "approved B", "appealed B", "changed A"], "changed", "A"),
    ],
)
def test_how_a_case_stands_by_its_decisions(story: list[str], state: str, granted: str | None) -> None:
    found = stands(*story)
    assert (found.state, found.granted and found.granted.assessment_id) == (state, granted)


def test_going_back_to_what_was_granted_before_dismisses_the_lowering() -> None:
    assert stands("approved A", "approved B", "appealed B", "changed A").dismissed == "b"
