"""Every engine gives the very schedules of the rule."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.broker.batch import assessing, numba_kernel, numpy_kernel
from services.broker.batch.bounds import MOST_TOGETHER_GR
from services.broker.batch.columns import FOR_GOOD, NOBODY, Columns, Schedules, empty_schedules
from services.broker.batch.engines import Engine
from shared.domain.benefit.case import Benefit, Case
from shared.domain.benefit.employment import EmploymentEvent
from shared.domain.benefit.parameters import SchemeParameters
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


@PROPERTY
@given(plain_cases())
def test_the_kernels_give_what_the_rule_gives_bit_for_bit(found: list[Case]) -> None:
    agree(found)


@settings(PROPERTY, max_examples=100)
@given(st.lists(cases(), min_size=1, max_size=5))
def test_any_mix_of_cases_is_answered_alike_and_in_order(found: list[Case]) -> None:
    agree([replace(case, case_id=f"case {index}") for index, case in enumerate(found)])


def columns_of(cases: int, *, owners: int) -> Columns:
    """Columns of random cases, three benefits each, whatever ends when."""
    dice = np.random.default_rng(cases * 10 + owners)
    length = dice.integers(28, 32, cases).astype(np.uint8)
    return Columns(
        amount_gr=dice.integers(0, 150_000, (3, cases)),
        kept=dice.integers(0, FOR_GOOD + 1, (3, cases)).astype(np.uint8),
        owner=dice.choice(np.array([*range(owners), NOBODY], np.uint8), (3, cases)),
        wage_gr=dice.integers(0, 600_000, cases),
        worked=np.minimum(dice.integers(1, 32, cases).astype(np.uint8), length),
        length=length,
        owners=owners,
    )


@pytest.mark.parametrize("cases", [1, 7, 8, 9, 1_023, 1_024, 1_031, 2_069])
@pytest.mark.parametrize(("owners", "cap_gr"), [(1, None), (2, None), (2, 60_000)])
def test_the_kernels_agree_however_the_lines_of_memory_fall(cases: int, owners: int, cap_gr: int | None) -> None:
    columns, given = columns_of(cases, owners=owners), SchemeParameters(taper_bp=2_500, cap_gr=cap_gr)
    found = [empty_schedules(cases=cases, owners=owners) for _ in range(2)]
    for fill, schedules in zip((numpy_kernel.fill, numba_kernel.fill), found, strict=True):
        fill(columns, given, schedules)
    for each in fields(Schedules):
        want, got = (getattr(schedules, each.name) for schedules in found)
        assert np.array_equal(want, got), each.name


@pytest.mark.parametrize("threads", [2, 3, 5])
@pytest.mark.parametrize("cases", [1, 1_024, 1_025, 5_000])
def test_threads_fill_what_one_would(cases: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba_kernel, "WORTH_A_THREAD", numba_kernel.BLOCK)
    columns, given = columns_of(cases, owners=2), SchemeParameters(taper_bp=2_500)
    found = [empty_schedules(cases=cases, owners=2) for _ in range(2)]
    for count, schedules in zip((1, threads), found, strict=True):
        numba_kernel.fill(columns, given, schedules, threads=count)
    for each in fields(Schedules):
        want, got = (getattr(schedules, each.name) for schedules in found)
        assert np.array_equal(want, got), each.name


@pytest.mark.parametrize("engine", ENGINES)
def test_the_worked_cases_come_out_amount_for_amount(engine: Engine) -> None:
    got, refused = answered([row_of(each["case"]) for each in WORKED.values()], engine)
    assert not refused
    assert json.dumps(got) == json.dumps([each["result"] for each in WORKED.values()])
