"""Every engine gives the very schedules of the rule."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.broker.batch import assessing
from services.broker.batch.bounds import MOST_TOGETHER_GR
from services.broker.batch.engines import Engine
from shared.domain.benefit.case import Benefit, Case
from shared.domain.benefit.employment import EmploymentEvent
from tests.broker.batch.builders import ENGINES, answered, expected, row_of, rows_of
from tests.domain.benefit.builders import PROPERTY, WORKED, cases, days, parameters, wages

OWNERS = [f"ops-24780{number}" for number in range(11, 20)]


@st.composite
def plain_cases(draw: st.DrawFn) -> list[Case]:
    """Cases of one set of parameters, most of them such as a kernel takes, some of many owners, some too rich."""
    fixed = draw(parameters())
    owners = st.sampled_from(OWNERS[: draw(st.integers(1, len(OWNERS)))])
    most = draw(st.sampled_from([250_000, 4_000_000, MOST_TOGETHER_GR + 10]))
    benefit = st.builds(
        Benefit,
        kind=st.just("OPS-ZOK"),
        owner=owners,
        amount_gr=st.integers(0, 300) | st.integers(0, most),
        kept_months=st.none() | st.integers(0, 12),
        gained=st.booleans(),
    )
    wage = wages | st.integers(0, 9_999_999_999)
    start = st.builds(EmploymentEvent, kind=st.sampled_from(["start", "wage"]), effective=days, net_wage_gr=wage)
    one = st.builds(
        Case, case_id=st.just("plain"), parameters=st.just(fixed), benefits=st.lists(benefit, max_size=10).map(tuple),
        employment=start.map(lambda event: (event,)),
    )  # fmt: skip
    return draw(st.lists(one, min_size=1, max_size=6))


def agree(found: list[Case]) -> None:
    """All engines answer alike, to the bytes of the JSON."""
    want = json.dumps(expected(found))
    for engine in ENGINES:
        got, refused = answered(rows_of(found), engine)
        assert not refused
        assert json.dumps(got) == want, engine


@pytest.fixture(autouse=True)
def kernels_take_single_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessing, "FEWEST", 1)


@settings(PROPERTY, max_examples=500)
@given(plain_cases())
def test_the_kernels_give_what_the_rule_gives_bit_for_bit(found: list[Case]) -> None:
    agree(found)


@settings(PROPERTY, max_examples=100)
@given(st.lists(cases(), min_size=1, max_size=5))
def test_any_mix_of_cases_is_answered_alike_and_in_order(found: list[Case]) -> None:
    agree([replace(case, case_id=f"case {index}") for index, case in enumerate(found)])


@pytest.mark.parametrize("engine", ENGINES)
def test_the_worked_cases_come_out_amount_for_amount(engine: Engine) -> None:
    got, refused = answered([row_of(each["case"]) for each in WORKED.values()], engine)
    assert not refused
    assert json.dumps(got) == json.dumps([each["result"] for each in WORKED.values()])
