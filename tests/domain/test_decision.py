"""Who may decide on what: an official, once, on the newest complete assessment."""

from typing import Any

import pytest

from shared.domain.decision import AlreadyDecided, AssessmentProvisional, AssessmentSuperseded, require_decidable

FINE: dict[str, Any] = {"shown": "a", "latest": "a", "complete": True, "open_discrepancies": 0, "decided": False}


def test_the_newest_complete_assessment_without_discrepancy_can_be_decided() -> None:
    require_decidable(**FINE)


@pytest.mark.parametrize(
    ("changes", "refusal", "problem"),
    [
        ({"decided": True}, AlreadyDecided, "conflict"),
        ({"latest": "b"}, AssessmentSuperseded, "assessment-superseded"),
        ({"complete": False}, AssessmentProvisional, "conflict"),
        ({"open_discrepancies": 1}, AssessmentProvisional, "conflict"),
        ({"decided": True, "latest": "b", "complete": False}, AlreadyDecided, "conflict"),
        ({"latest": "b", "complete": False, "open_discrepancies": 2}, AssessmentSuperseded, "assessment-superseded"),
    ],
)
def test_each_thing_that_stands_in_the_way_has_its_own_refusal(
    changes: dict[str, Any], refusal: type[Exception], problem: str
) -> None:
    with pytest.raises(refusal) as refused:
        require_decidable(**FINE | changes)
    assert refused.value.problem == problem  # type: ignore[attr-defined]


def test_a_superseded_assessment_names_the_newest_so_that_the_office_can_read_it() -> None:
    with pytest.raises(AssessmentSuperseded) as refused:
        require_decidable(**FINE | {"latest": "b"})
    assert (refused.value.field, refused.value.expected) == ("result_hash", "b")
