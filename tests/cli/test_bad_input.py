"""Bad cases in a file: a problem with field and line for each, nothing else written, and the others answered."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.broker.batch.schema import INPUT
from shared.domain.benefit.case import parse_case
from shared.domain.benefit.result import result_json
from shared.domain.benefit.rule import assess
from tests.broker.batch.builders import results_of, row_of
from tests.cli.command import zwornik
from tests.domain.benefit.bad_input import BAD, EVENTS_IN_ORDER, EVENTS_THE_OTHER_WAY, OUT_OF_ORDER, REPEATED
from tests.domain.benefit.builders import worked

GOOD, RESULT = worked("01")["case"], worked("01")["result"]
MIXED = [case for bad, _, _ in BAD.values() for case in (GOOD, bad)]
TOLD = [(2 * number, name, field) for number, (_, name, field) in enumerate(BAD.values(), 1)]


def test_each_bad_line_gets_a_problem_with_field_and_line_and_the_others_are_answered() -> None:
    said = zwornik("assess", "-", stdin=b"\n".join(json.dumps(case).encode() for case in MIXED))
    assert (said.status, said.err) == (2, "")
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert answers[::2] == [RESULT] * len(BAD)
    told = [(each["line"], each["type"].rpartition(":")[2], each["field"]) for each in answers[1::2]]
    assert told == TOLD
    assert all(each["detail"] and each["mend"] for each in answers[1::2])


@pytest.mark.parametrize("name", BAD)
def test_a_bad_case_alone_is_a_problem_and_nothing_else(name: str) -> None:
    case, problem, field = BAD[name]
    said = zwornik("assess", "-", "--explain", stdin=json.dumps(case, indent=2).encode())
    (answer,) = [json.loads(line) for line in said.out.splitlines()]
    assert (said.status, answer["type"].rpartition(":")[2], answer["field"]) == (2, problem, field)
    assert "months" not in answer


def test_two_records_with_one_counter_are_named_both() -> None:
    case, _, field = BAD["two records of a day with one counter"]
    answer = json.loads(zwornik("assess", "-", stdin=json.dumps(case).encode()).out)
    assert (answer["field"], answer["other"]) == (field, "employment[1].recorded")
    assert answer["expected"] == "another counter than employment[1], or the same record"


@pytest.mark.parametrize("digits", [20, 400, 5_000])
def test_a_number_of_any_length_is_refused_by_its_field(digits: int) -> None:
    huge = json.dumps(GOOD).replace('"net_wage_gr": 360000', f'"net_wage_gr": {"9" * digits}')
    answer = json.loads(zwornik("assess", "-", stdin=huge.encode()).out)
    assert answer["field"] == "employment[0].net_wage_gr"


@pytest.mark.parametrize("engine", ["scalar", "numpy", "numba"])
def test_each_bad_row_is_put_aside_with_its_field_and_the_others_are_written(tmp_path: Path, engine: str) -> None:
    source, target, rejects = tmp_path / "in.parquet", tmp_path / "out.parquet", tmp_path / "bad.jsonl"
    pq.write_table(pa.Table.from_pylist([row_of(case) for case in MIXED], schema=INPUT), source)
    said = zwornik("assess-batch", source, target, "--rejects", rejects, "--engine", engine)
    assert (said.status, said.out) == (2, "")
    lines = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [(line["row"], line["problem"], line["field"]) for line in lines] == TOLD
    assert results_of(pq.read_table(target)) == [RESULT] * len(BAD)


def test_a_file_of_bad_rows_alone_writes_no_result(tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.Table.from_pylist([row_of(bad) for bad, _, _ in BAD.values()], schema=INPUT), source)
    assert zwornik("assess-batch", source, target).status == 2
    assert len(pq.read_table(target)) == 0


def test_events_of_one_day_are_put_in_order_by_their_counter_and_else_by_the_list(tmp_path: Path) -> None:
    cases = [*OUT_OF_ORDER, REPEATED, EVENTS_IN_ORDER, EVENTS_THE_OTHER_WAY]
    said = zwornik("assess", "-", stdin=b"\n".join(json.dumps(case).encode() for case in cases))
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert answers == [result_json(assess(parse_case(case))) for case in cases]
    assert answers[0] == answers[1] == answers[2] == answers[3] != answers[4]
    assert [month["month"] for month in answers[0]["months"]] == ["2026-03", "2026-04", "2026-05"]
    assert len(answers[4]["months"]) == 12
    pq.write_table(pa.Table.from_pylist([row_of(case) for case in cases], schema=INPUT), tmp_path / "in.parquet")
    assert zwornik("assess-batch", tmp_path / "in.parquet", tmp_path / "out.parquet").status == 0
    assert results_of(pq.read_table(tmp_path / "out.parquet")) == answers
