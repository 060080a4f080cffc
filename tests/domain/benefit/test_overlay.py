"""A reform laid over the tables: it holds in its dates and nowhere else, and a bad row is named by line and column."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.case import parse_case
from shared.domain.benefit.dated import COLUMNS, DatedValue, NoValue, Table, shipped
from shared.domain.benefit.law import law_value
from shared.domain.benefit.overlay import LONGEST, parse_overlay, reform
from shared.domain.benefit.parameters import parse_parameters
from shared.domain.benefit.rule import assess
from shared.domain.errors import Invalid

from .builders import PROPERTY, worked

FIRST = ",".join(COLUMNS)
PREMIUM = "premium_bp,3000,basis points of net wage,2026-01-01,2026-12-31,false,draft,"
WAGE = "MIN_WAGE,5000,PLN gross/month,2027-01-01,,false,draft,"


def overlay(*lines: str) -> str:
    return "\n".join([FIRST, *lines, ""])


def spans(table: Table, param: str) -> list[tuple[str, str, str]]:
    return [(row.value, str(row.valid_from), str(row.valid_to or "")) for row in table.rows[param]]


def test_a_row_is_split_around_the_overlay() -> None:
    reformed = reform(parse_overlay(overlay(PREMIUM)))
    assert spans(reformed.scheme, "premium_bp") == [
        ("2000", "2000-01-01", "2025-12-31"),
        ("3000", "2026-01-01", "2026-12-31"),
        ("2000", "2027-01-01", ""),
    ]


def test_an_overlay_without_an_end_replaces_all_that_follows() -> None:
    reformed = reform(parse_overlay(overlay("MIN_WAGE,4500,PLN gross/month,2025-07-01,,false,draft,")))
    assert spans(reformed.law, "MIN_WAGE")[-2:] == [("4666", "2025-01-01", "2025-06-30"), ("4500", "2025-07-01", "")]


def test_an_overlay_may_fill_a_gap_and_reach_over_several_rows() -> None:
    line = "PIT_RELIEF_MONTH,400,PLN/month,2021-07-01,2022-12-31,false,draft,"
    reformed = reform(parse_overlay(overlay(line)))
    assert spans(reformed.law, "PIT_RELIEF_MONTH")[-3:] == [
        ("43.76", "2020-01-01", "2021-06-30"),
        ("400", "2021-07-01", "2022-12-31"),
        ("300", "2023-01-01", ""),
    ]
    gap = {"param": "PIT_RELIEF_MONTH", "on": date(2022, 3, 1)}
    assert law_value(**gap, law=reformed.law).grosze() == 40000  # type: ignore[arg-type]
    with pytest.raises(NoValue):
        law_value(**gap)  # type: ignore[arg-type]


days = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@st.composite
def dated_rows(draw: st.DrawFn) -> tuple[DatedValue, ...]:
    """Return rows of one parameter that do not overlap, in any order, with gaps or without."""
    cuts = sorted(draw(st.sets(days, min_size=2, max_size=8)))
    rows = []
    for index, (begin, until) in enumerate(zip(cuts, [*cuts[1:], None], strict=True)):
        if draw(st.booleans()):
            end = until - timedelta(days=1) if until else draw(st.none() | st.just(date(2045, 1, 1)))
            rows.append(DatedValue("premium_bp", str(index), "", begin, end, False, "draft", ""))
    return tuple(draw(st.permutations(rows)))


@PROPERTY
@given(dated_rows(), days)
def test_on_every_day_the_overlay_holds_where_it_has_a_row_and_the_table_elsewhere(
    rows: tuple[DatedValue, ...], on: date
) -> None:
    base = law_value(param="MIN_WAGE", on=max(on, date(2011, 1, 1)))
    tables = shipped()
    found = reform(rows, base=tables).scheme.value(param="premium_bp", on=on)
    covering = [row for row in rows if row.valid_from <= on <= (row.valid_to or on)]
    assert found.value == (covering[0].value if covering else "2000")
    assert reform(rows).law.value(param="MIN_WAGE", on=max(on, date(2011, 1, 1))) == base


@PROPERTY
@given(dated_rows(), dated_rows())
def test_no_two_rows_hold_on_one_day_however_often_tables_are_overlaid(
    first: tuple[DatedValue, ...], second: tuple[DatedValue, ...]
) -> None:
    rows = reform(second, base=reform(first)).scheme.rows["premium_bp"]
    for index, row in enumerate(rows[1:]):
        before = rows[index].valid_to
        assert before is not None
        assert before < row.valid_from


def test_only_a_table_that_is_touched_has_another_version() -> None:
    ours, law = reform(parse_overlay(overlay(PREMIUM))), reform(parse_overlay(overlay(WAGE)))
    assert ours.scheme.version.startswith("2027-01-01.")
    assert ours.scheme.version != reform(parse_overlay(overlay(PREMIUM.replace("3000", "3001")))).scheme.version
    assert ours.law.version == shipped().law.version != law.law.version
    assert law.scheme.version == shipped().scheme.version != ours.scheme.version


def test_the_version_does_not_depend_on_the_order_of_the_rows() -> None:
    later = PREMIUM.replace("2026-", "2028-")
    versions = [reform(parse_overlay(overlay(*lines))).scheme.version for lines in ([PREMIUM, later], [later, PREMIUM])]
    assert versions[0] == versions[1]


def test_a_case_is_assessed_by_the_reform_unless_it_states_the_parameter_itself() -> None:
    given_case = worked("03")["case"]
    scheme = reform(parse_overlay(overlay(PREMIUM.replace("3000", "0")))).scheme
    stated = {**given_case, "parameters": {"premium_bp": 2000}}
    assert parse_case(given_case, scheme=scheme).parameters.premium_bp == 0
    assert assess(parse_case(given_case, scheme=scheme)).total_gr < assess(parse_case(given_case)).total_gr
    assert parse_case(stated, scheme=scheme) == parse_case(stated)


def test_parameters_that_no_case_states_may_stand_in_the_table() -> None:
    other = DatedValue("appeal_days", "14", "days", date(2000, 1, 1), None, False, "ours", "")
    tables = shipped()
    more = Table(rows={**tables.scheme.rows, "appeal_days": (other,)}, version="x")
    assert parse_parameters({}, on=date(2026, 1, 1), scheme=more) == parse_parameters({}, on=date(2026, 1, 1))
    shorter = replace(other, value="7", valid_from=date(2026, 1, 1))
    reformed = reform([shorter], base=replace(tables, scheme=more))
    assert spans(reformed.scheme, "appeal_days") == [("14", "2000-01-01", "2025-12-31"), ("7", "2026-01-01", "")]


def with_cell(line: str, column: str, cell: str) -> str:
    cells = line.split(",")
    cells[COLUMNS.index(column)] = cell
    return ",".join(cells)


CURVE = "curve,linear,name or twelve basis points,2026-01-01,,false,draft,"
CAP = "cap_gr,90000,grosze a month; empty is none,2026-01-01,,false,draft,"
RATE = "PIT_RATE,12,%,2026-01-01,,false,draft,"
BAD: list[tuple[Sequence[str], int, str | None]] = [
    ([with_cell(PREMIUM, "param", "premium")], 2, "param"),
    ([with_cell(PREMIUM, "param", "")], 2, "param"),
    ([with_cell(PREMIUM, "unit", "percent")], 2, "unit"),
    ([with_cell(WAGE, "unit", "PLN net/month")], 2, "unit"),
    ([with_cell(PREMIUM, "valid_from", "1.1.2026")], 2, "valid_from"),
    ([with_cell(PREMIUM, "valid_from", "")], 2, "valid_from"),
    ([with_cell(PREMIUM, "valid_from", "1999-12-31")], 2, "valid_from"),
    ([with_cell(PREMIUM, "valid_to", "2026-02-29")], 2, "valid_to"),
    ([with_cell(PREMIUM, "valid_to", "2025-12-31")], 2, "valid_to"),
    ([with_cell(PREMIUM, "verified", "yes")], 2, "verified"),
    ([with_cell(PREMIUM, "verified", "true")], 2, "verified"),
    ([with_cell(with_cell(PREMIUM, "status", "found"), "verified", "false")], 2, "verified"),
    ([with_cell(PREMIUM, "status", "")], 2, "status"),
    ([with_cell(PREMIUM, "source", "x" * 501)], 2, "source"),
    ([with_cell(PREMIUM, "value", "10001")], 2, "value"),
    ([with_cell(PREMIUM, "value", "-1")], 2, "value"),
    ([with_cell(PREMIUM, "value", "20 %")], 2, "value"),
    ([with_cell(PREMIUM, "value", "2000.5")], 2, "value"),
    ([with_cell(PREMIUM, "value", "")], 2, "value"),
    ([with_cell(CAP, "value", "none")], 2, "value"),
    ([with_cell(CURVE, "value", "cubic")], 2, "value"),
    ([with_cell(CURVE, "value", "10000 5000 6000" + " 0" * 9)], 2, "value"),
    ([with_cell(CURVE, "value", "9000" + " 0" * 11)], 2, "value"),
    ([with_cell(CURVE, "value", "10000" + " 0" * 10)], 2, "value"),
    ([with_cell(WAGE, "value", "5000.001")], 2, "value"),
    ([with_cell(WAGE, "value", "5 000")], 2, "value"),
    ([with_cell(RATE, "value", "12.345")], 2, "value"),
    ([with_cell("UB_DURATION_STD,180,days,2027-01-01,,false,draft,", "value", "half a year")], 2, "value"),
    ([WAGE, PREMIUM, with_cell(PREMIUM, "valid_from", "2026-12-31")], 4, "valid_from"),
    ([WAGE, WAGE], 3, "valid_from"),
    ([PREMIUM, "", "premium_bp,1"], 4, None),
    ([PREMIUM + ",more"], 2, None),
    (['"premium_bp"x' + PREMIUM.removeprefix("premium_bp")], 2, None),
    ([], 1, None),
]


@pytest.mark.parametrize(("lines", "line", "field"), BAD)
def test_a_bad_row_is_refused_by_line_and_column(lines: Sequence[str], line: int, field: str | None) -> None:
    with pytest.raises(Invalid) as caught:
        parse_overlay(overlay(*lines))
    assert (caught.value.members["line"], caught.value.field) == (line, field)
    assert caught.value.expected


@pytest.mark.parametrize("text", ["", "param,value\nx,1\n", FIRST.replace(",", ";") + "\n" + PREMIUM.replace(",", ";")])
def test_another_file_is_no_overlay(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_overlay(text)
    assert caught.value.members["line"] == 1
    assert caught.value.expected == FIRST


def test_an_overlay_has_a_greatest_length() -> None:
    with pytest.raises(Invalid):
        parse_overlay(overlay(PREMIUM) + " " * LONGEST)


@pytest.mark.parametrize(
    "line",
    [
        PREMIUM,
        WAGE,
        RATE,
        CURVE,
        CAP,
        with_cell(CAP, "value", ""),
        with_cell(CURVE, "value", "10000 9000 8000 7000 6000 5000 4000 3000 2000 1000 500 0"),
        with_cell(with_cell(WAGE, "status", "found"), "verified", "true"),
        '"premium_bp",3000,basis points of net wage,2026-01-01,2026-01-01,false,"draft, of May",""',
    ],
)
def test_every_parameter_can_be_reformed_and_read_again(line: str) -> None:
    (row,) = parse_overlay(overlay(line))
    reformed = reform([row])
    table = reformed.law if row.param.isupper() else reformed.scheme
    assert table.value(param=row.param, on=row.valid_from) == row
    parse_parameters({}, on=row.valid_from, scheme=reformed.scheme)


def test_every_row_of_both_tables_could_stand_in_an_overlay() -> None:
    for table in (shipped().law, shipped().scheme):
        for rows in table.rows.values():
            for row in rows:
                source = row.source.replace('"', "")
                cells = [row.param, row.value, row.unit, str(row.valid_from), str(row.valid_to or "")]
                cells += [str(row.verified).lower(), row.status, source]
                quoted = ",".join(f'"{cell}"' for cell in cells)
                assert parse_overlay(overlay(quoted)) == (replace(row, source=source),)
