"""``zwornik assess-batch``: a Parquet file of cases, from the command line."""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.broker.batch import engines
from services.broker.batch.schema import INPUT
from tests.broker.batch.builders import results_of, row_of
from tests.cli.command import process, zwornik
from tests.domain.benefit.builders import WORKED


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [row_of(each["case"]) for each in WORKED.values()]
    pq.write_table(pa.Table.from_pylist(rows, schema=INPUT), tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


def test_the_worked_cases_are_assessed(source: Path, tmp_path: Path) -> None:
    said = zwornik("assess-batch", source, tmp_path / "out.parquet")
    assert (said.status, said.out) == (0, "")
    assert "10 cases assessed" in said.err
    assert results_of(pq.read_table(tmp_path / "out.parquet")) == [each["result"] for each in WORKED.values()]


def test_refused_rows_make_exit_status_2_and_say_where_they_are(source: Path, tmp_path: Path) -> None:
    rows = pq.read_table(source).to_pylist()
    rows[2]["employment"][0]["net_wage_gr"] = None
    pq.write_table(pa.Table.from_pylist(rows, schema=INPUT), source)
    said = zwornik("assess-batch", source, tmp_path / "out.parquet", "--rejects", tmp_path / "bad.jsonl")
    assert said.status == 2
    assert f"1 rows refused, see {tmp_path / 'bad.jsonl'}" in said.err.replace("\n", "")
    assert json.loads((tmp_path / "bad.jsonl").read_text())["row"] == 3
    assert len(pq.read_table(tmp_path / "out.parquet")) == 9


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda path: path.write_text("no"), "is not a Parquet file, or is damaged."),
        (lambda path: path.unlink(), "No such file or directory"),
        (lambda path: pq.write_table(pa.table({"case_id": ["1"]}), path), "benefits: A required member is missing."),
        (
            lambda path: pq.write_table(pq.read_table(path).append_column("parameter", pa.array([1] * 10)), path),
            "columns: The object has a member that is not known. Expected: case_id, parameters, benefits, employment.",
        ),
    ],
)
def test_a_file_that_is_no_batch_is_one_line(source: Path, tmp_path: Path, spoil: object, complaint: str) -> None:
    spoil(source)  # type: ignore[operator]  # each of the four is called with the path
    said = zwornik("assess-batch", source, tmp_path / "out.parquet")
    assert (said.status, said.out) == (1, "")
    assert complaint in said.err.splitlines()[-1]
    assert list(tmp_path.glob("out.parquet*")) == []


def _twice(path: Path, column: str, kind: pa.DataType) -> None:
    table = pq.read_table(path)
    pq.write_table(table.append_column(pa.field(column, kind), pa.nulls(len(table), kind)), path)


def _member_twice(path: Path) -> None:
    member = pa.array([1] * 10)
    struct = pa.StructArray.from_arrays([member, member], names=["cap_gr", "cap_gr"])
    pq.write_table(pq.read_table(path).set_column(1, "parameters", struct), path)


@pytest.mark.parametrize("engine", ["numpy", "scalar"])
@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda path: _twice(path, "case_id", pa.string()), "case_id"),
        (_member_twice, "parameters.cap_gr"),
    ],
)
def test_a_name_that_stands_there_twice_is_one_line(
    source: Path, tmp_path: Path, spoil: object, field: str, engine: str
) -> None:
    spoil(source)  # type: ignore[operator]  # each of the two is called with the path
    said = zwornik("assess-batch", source, tmp_path / "out.parquet", "--engine", engine)
    assert (said.status, said.out) == (1, "")
    assert f"{field}: The column, or the member of a struct, stands there twice." in said.err.splitlines()[-1]
    assert list(tmp_path.glob("out.parquet*")) == []


def test_an_engine_that_is_not_installed_is_said_to_be_missing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    said = zwornik("assess-batch", source, tmp_path / "out.parquet", "--engine", "numba")
    assert said.status == 1
    assert "install the extra fast" in said.err.splitlines()[-1]
    assert zwornik("assess-batch", source, tmp_path / "out.parquet").status == 0


def test_no_service_and_no_other_command_loads_columns() -> None:
    code = (
        "import sys, services.cli.main, services.broker.main, services.pup_api.main, services.ops_api.main; "
        "print([name for name in ('numpy', 'pyarrow', 'numba') if name in sys.modules])"
    )
    import subprocess

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_help_names_the_columns() -> None:
    said = process("assess-batch", "--help")
    assert said.status == 0
    assert all(name in said.out for name in ("kept_months", "net_wage_gr", "codes", "gap_gr", "docs/batch.md"))
