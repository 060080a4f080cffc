"""The ten worked cases, amount for amount."""

import json
from hashlib import sha256

import pytest

from shared.domain.benefit.case import case_json, parse_case
from shared.domain.benefit.result import canonical, parse_result, result_hash, result_json
from shared.domain.benefit.rule import RULE_VERSION, assess

from .builders import WORKED, worked
from .oracle import assess_slowly


@pytest.mark.parametrize("name", WORKED)
def test_each_worked_case_matches_exactly(name: str) -> None:
    result = assess(parse_case(WORKED[name]["case"]))
    assert result_json(result) == WORKED[name]["result"]


@pytest.mark.parametrize("name", WORKED)
def test_each_worked_case_matches_byte_for_byte(name: str) -> None:
    result = assess(parse_case(WORKED[name]["case"]))
    assert json.dumps(result_json(result)) == json.dumps(WORKED[name]["result"])


@pytest.mark.parametrize("name", WORKED)
def test_the_oracle_agrees_with_each_worked_case(name: str) -> None:
    assert assess_slowly(parse_case(WORKED[name]["case"])) == WORKED[name]["result"]


@pytest.mark.parametrize("name", WORKED)
def test_a_case_comes_back_from_its_own_json(name: str) -> None:
    case = parse_case(WORKED[name]["case"])
    assert parse_case(json.loads(json.dumps(case_json(case)))) == case


@pytest.mark.parametrize("name", WORKED)
def test_a_result_comes_back_from_its_own_json(name: str) -> None:
    result = assess(parse_case(WORKED[name]["case"]))
    assert parse_result(WORKED[name]["result"]) == result


def test_there_are_ten_worked_cases() -> None:
    assert len(WORKED) == 10


def test_the_hash_of_a_result_is_stable() -> None:
    result = assess(parse_case(worked("01")["case"]))
    assert result_hash(result) == "83ZTApsQavGnmBZjtEks6WE3_gLPodoOAgc8T1B0tGs"


def test_the_hash_does_not_depend_on_the_case_id_nor_on_the_order_of_owners() -> None:
    given = worked("01")["case"]
    renamed = assess(parse_case({**given, "case_id": "another"}))
    reordered = assess(parse_case({**given, "benefits": given["benefits"][::-1]}))
    assert result_hash(renamed) == result_hash(reordered) == result_hash(assess(parse_case(given)))


def test_the_version_of_the_rule_names_these_amounts() -> None:
    """Whoever changes an amount here changes the version as well: it tells one assessment from another."""
    amounts = canonical([result_json(assess(parse_case(known["case"]))) for known in WORKED.values()])
    assert (RULE_VERSION, sha256(amounts).hexdigest()) == (
        "1",
        "a713738e2e9719a68b72768bef9858d15f4428dfe59916120d57dfd6fad754f7",
    )
