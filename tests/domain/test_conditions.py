"""Why a person may not have the benefit: each condition with the figures that decide (BENEFIT.md, "Eligible")."""

import re
from datetime import date
from typing import Any

import pytest

from shared.domain.assemble import Told
from shared.domain.conditions import Facts, conditions, conditions_of_job, phrases, verdict
from shared.domain.events.payloads import support

PUP, OPS = "pup-2478", "ops-2478011"
ID = "0192f0c1-7c00-7abc-8def-abcdefabcdef"
TODAY = date(2026, 10, 1)
JOB = Told(PUP, support.Employed(employment_id=ID, recorded=1, effective=date(2026, 3, 16), net=360_000))


def registered(since: date) -> Told:
    return Told(PUP, support.Registration(registration_id=ID, from_=since))


def facts(**changes: Any) -> Facts:
    usual: dict[str, Any] = {
        "members": [PUP, OPS],
        "arm": "recipient",
        "lead": PUP,
        "told": [registered(date(2024, 6, 1)), JOB],
        "knows_arm": True,
        "knows_days": True,
    }
    return Facts(**usual | changes)


def found(not_before: date | None = None, **changes: Any) -> dict[str, tuple[bool | None, str]]:
    told = conditions(facts(**changes), today=TODAY, not_before=not_before, language="en")
    return {one.name: (one.met, one.found) for one in told}


def test_who_meets_every_condition_is_told_by_which_figures() -> None:
    assert found() == {
        "joint_client": (True, "pup-2478, ops-2478011"),
        "recipient": (True, "the recipient arm"),
        "job": (True, "a job that starts on 2026-03-16"),
        "long_term_unemployed": (True, "653 days before 2026-03-16: 653 registered, 0 of placements taken off"),
    }


@pytest.mark.parametrize("members", [[], [PUP], [OPS], ["pup-2478", "pup-2476"]])
def test_a_client_without_the_other_side_is_not_joint(members: list[str]) -> None:
    met, said = found(members=members)["joint_client"]
    assert met is False
    assert "the client is not joint" in said


@pytest.mark.parametrize(("arm", "met"), [("comparison", False), (None, False), ("recipient", True)])
def test_a_labour_office_knows_the_arm_and_that_there_is_no_membership(arm: str | None, met: bool) -> None:
    assert found(arm=arm)["recipient"][0] is met


def test_a_welfare_centre_cannot_know_the_arm_and_alone_not_the_days_either() -> None:
    told = found(arm=None, knows_arm=False, knows_days=False, members=[], lead=OPS, told=[])
    assert {name: met for name, (met, _) in told.items()} == {
        "joint_client": False,
        "recipient": None,
        "job": False,
        "long_term_unemployed": None,
    }
    assert told["job"][1] == "no job recorded at ops-2478011"


def test_days_are_counted_and_shown() -> None:
    assert found(told=[registered(date(2025, 6, 1)), JOB])["long_term_unemployed"] == (
        False,
        "288 days before 2026-03-16: 288 registered, 0 of placements taken off",
    )


def test_days_of_a_work_placement_are_taken_off_and_shown() -> None:
    placement = support.SupportForm(form_id=ID, code="PUP-STA", from_=date(2026, 1, 1), until=date(2026, 1, 31))
    told = conditions(
        facts(told=[registered(date(2024, 6, 1)), Told(PUP, placement), JOB]),
        today=TODAY,
        not_before=None,
        language="en",
    )
    (days,) = [one for one in told if one.name == "long_term_unemployed"]
    assert days.found == "622 days before 2026-03-16: 653 registered, 31 of placements taken off"
    assert days.figures == {"registered_days": 653, "placement_days": 31, "counted_days": 622}


def test_without_a_job_days_are_counted_back_from_today() -> None:
    told = found(told=[registered(date(2025, 10, 1))])
    assert told["job"] == (False, "no job recorded at pup-2478")
    assert told["long_term_unemployed"] == (
        False,
        "365 days before 2026-10-01: 365 registered, 0 of placements taken off",
    )


def test_one_condition_that_fails_decides_and_one_that_nobody_knows_leaves_it_open() -> None:
    asked = {"today": TODAY, "not_before": None}
    assert verdict(conditions(facts(), **asked)) is True  # type: ignore[arg-type]
    assert verdict(conditions(facts(knows_arm=False), **asked)) is None  # type: ignore[arg-type]
    assert verdict(conditions(facts(knows_arm=False, members=[]), **asked)) is False  # type: ignore[arg-type]


def test_a_job_that_is_not_recorded_yet_is_looked_at_by_its_own_first_day() -> None:
    told = conditions_of_job(
        facts(told=[registered(date(2025, 6, 1))]), start=date(2026, 7, 1), not_before=None, language="en"
    )
    assert verdict(told) is True
    assert {one.name: one.found for one in told}["job"] == "a job that starts on 2026-07-01"
    locked = conditions_of_job(facts(), start=date(2026, 7, 1), not_before=date(2026, 7, 2))
    assert [one.name for one in locked if not one.met] == ["no_lock"]


@pytest.mark.parametrize(("not_before", "met"), [(date(2026, 3, 16), True), (date(2026, 3, 17), False)])
def test_after_a_case_the_lock_must_have_passed(not_before: date, met: bool) -> None:
    assert found(not_before=not_before)["no_lock"] == (met, "a job that starts on 2026-03-16")


def test_both_languages_say_everything_with_the_same_facts_and_polish_is_the_usual_one() -> None:
    polish, english = phrases("pl"), phrases("en")
    assert polish.keys() == english.keys()
    for key in polish:
        assert sorted(re.findall(r"{\w+}", polish[key])) == sorted(re.findall(r"{\w+}", english[key])), key
    told = {one.name: one.found for one in conditions(facts(members=[]), today=TODAY, not_before=date(2026, 3, 17))}
    assert told == {
        "joint_client": "klient nie jest wspólny: żaden urząd drugiej strony go nie zgłosił",
        "recipient": "ramię odbiorców",
        "job": "praca od 2026-03-16",
        "long_term_unemployed": "653 dni przed 2026-03-16: 653 dni rejestracji, z tego odjęto 0 dni staży",
        "no_lock": "praca od 2026-03-16",
    }
