"""Why a person may not have the benefit: each condition with the figures that decide (BENEFIT.md, "Eligible")."""

from datetime import date
from typing import Any

import pytest

from shared.domain.assemble import Told
from shared.domain.conditions import conditions
from shared.domain.events.payloads import support

PUP, OPS = "pup-2478", "ops-2478011"
ID = "0192f0c1-7c00-7abc-8def-abcdefabcdef"
JOB = Told(PUP, support.Employed(employment_id=ID, recorded=1, effective=date(2026, 3, 16), net=360_000))


def registered(since: date) -> Told:
    return Told(PUP, support.Registration(registration_id=ID, from_=since))


def found(**changes: Any) -> dict[str, tuple[bool | None, str]]:
    facts: dict[str, Any] = {
        "members": [PUP, OPS],
        "arm": "recipient",
        "lead": PUP,
        "told": [registered(date(2024, 6, 1)), JOB],
        "not_before": None,
    }
    return {one.name: (one.met, one.found) for one in conditions(**facts | changes)}


def test_who_meets_every_condition_is_told_by_which_figures() -> None:
    assert found() == {
        "joint_client": (True, "pup-2478, ops-2478011"),
        "recipient": (True, "recipient"),
        "job": (True, "a job that starts on 2026-03-16"),
        "long_term_unemployed": (True, "653 days before 2026-03-16"),
    }


@pytest.mark.parametrize("members", [[], [PUP], [OPS], ["pup-2478", "pup-2476"]])
def test_a_client_without_the_other_side_is_not_joint(members: list[str]) -> None:
    assert found(members=members)["joint_client"][0] is False


@pytest.mark.parametrize(("arm", "met"), [("comparison", False), (None, None), ("recipient", True)])
def test_only_the_holder_of_the_membership_knows_the_arm(arm: str | None, met: bool | None) -> None:
    assert found(arm=arm)["recipient"][0] is met


def test_days_are_counted_and_shown() -> None:
    assert found(told=[registered(date(2025, 6, 1)), JOB])["long_term_unemployed"] == (
        False,
        "288 days before 2026-03-16",
    )


def test_without_a_job_there_is_nothing_to_look_back_from() -> None:
    told = found(told=[registered(date(2024, 6, 1))])
    assert told["job"] == (False, "no job at the leading labour office")
    assert told["long_term_unemployed"] == (False, "no job to look back from")


@pytest.mark.parametrize(("not_before", "met"), [(date(2026, 3, 16), True), (date(2026, 3, 17), False)])
def test_after_a_case_the_lock_must_have_passed(not_before: date, met: bool) -> None:
    assert found(not_before=not_before)["no_lock"] == (met, "a job that starts on 2026-03-16")
