"""The rule against the slow oracle, over any case."""

from hypothesis import given

from shared.domain.benefit.case import Case, case_json, parse_case
from shared.domain.benefit.result import parse_result, result_json
from shared.domain.benefit.rule import assess

from .builders import PROPERTY, cases
from .oracle import assess_slowly


@PROPERTY
@given(cases())
def test_the_rule_equals_the_oracle(case: Case) -> None:
    assert result_json(assess(case)) == assess_slowly(case)


@PROPERTY
@given(cases())
def test_any_case_and_result_come_back_from_their_json(case: Case) -> None:
    assert parse_case(case_json(case)) == case
    assert parse_result(result_json(assess(case))) == assess(case)
