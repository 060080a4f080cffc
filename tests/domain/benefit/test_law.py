"""Figures of law by date: gaps are named, and the mark "verified" means "found"."""

import csv
from datetime import date
from importlib.resources import files
from itertools import pairwise

import pytest

from shared.domain.benefit.dated import NoValue, WrongUnit, table
from shared.domain.benefit.law import law_value, law_version


@pytest.mark.parametrize(
    ("param", "on", "said"),
    [
        ("PIT_RELIEF_MONTH", date(2022, 6, 30), "PIT_RELIEF_MONTH has no value from 2022-01-01 to 2022-06-30."),
        ("PSU_HOURLY_MIN", date(2020, 1, 1), "PSU_HOURLY_MIN has no value from 2018-06-01 to 2023-05-31."),
        ("MIN_WAGE", date(2010, 12, 31), "MIN_WAGE has no value before 2011-01-01."),
        ("UB_LEVEL_SHORT", date(2026, 1, 1), "UB_LEVEL_SHORT has no value from 2025-06-01 on."),
        ("MIN_WAGE_OF_MARS", date(2026, 1, 1), "MIN_WAGE_OF_MARS has no value."),
    ],
)
def test_a_missing_figure_names_the_parameter_and_the_gap(param: str, on: date, said: str) -> None:
    with pytest.raises(NoValue) as caught:
        law_value(param=param, on=on)
    assert (caught.value.detail, caught.value.field, caught.value.problem) == (said, param, "request-invalid")


def test_a_figure_holds_on_its_first_and_on_its_last_day() -> None:
    assert law_value(param="MIN_WAGE", on=date(2024, 6, 30)).grosze() == 424200
    assert law_value(param="MIN_WAGE", on=date(2024, 7, 1)).grosze() == 430000


def test_verified_means_that_the_status_is_exactly_found() -> None:
    lines = list(csv.DictReader(files("shared.domain.benefit").joinpath("law.csv").read_text("utf-8").splitlines()))
    assert all((line["verified"] == "true") == (line["status"] == "found") for line in lines)
    assert {line["verified"] for line in lines} == {"true", "false"}


@pytest.mark.parametrize("name", ["law.csv", "scheme.csv"])
def test_no_two_rows_of_a_parameter_hold_on_the_same_day(name: str) -> None:
    for rows in table(name).rows.values():
        for earlier, later in pairwise(rows):
            assert earlier.valid_to is not None
            assert earlier.valid_to < later.valid_from


def test_every_figure_can_be_read_in_its_unit() -> None:
    for rows in table("law.csv").rows.values():
        for row in rows:
            if row.unit.startswith(("days", "months", "EUR")):
                continue
            assert row.grosze() > 0 if is_money(row.unit) else row.basis_points() > 0


def is_money(unit: str) -> bool:
    return unit.startswith("PLN") and not unit.startswith("PLN withdrawn")


def test_a_figure_is_refused_in_another_unit() -> None:
    with pytest.raises(WrongUnit):
        law_value(param="PIT_RATE", on=date(2026, 1, 1)).grosze()
    with pytest.raises(WrongUnit):
        law_value(param="MIN_WAGE", on=date(2026, 1, 1)).basis_points()
    with pytest.raises(WrongUnit):
        law_value(param="UB_DURATION_STD", on=date(2026, 1, 1)).basis_points()


@pytest.mark.parametrize(
    ("param", "points"),
    [("UB_NET_FACTOR", 9100), ("SA_STALY_FORMULA_FACTOR", 13000), ("FA_TAPER", 10000), ("HEALTH", 900)],
)
def test_percentages_and_ratios_are_both_basis_points(param: str, points: int) -> None:
    assert law_value(param=param, on=date(2026, 1, 1)).basis_points() == points


def test_the_table_of_law_has_a_version() -> None:
    assert law_version().startswith("2026-06-01.")
