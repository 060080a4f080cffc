"""A batch from file to file: chunks, going on after a stop, files put in place whole."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.broker.batch.files import NotParquet
from services.broker.batch.folder import Busy, NotAWorkFolder, work_folder
from services.broker.batch.job import Job, SameFile, run
from services.broker.batch.schema import INPUT
from tests.broker.batch.builders import results_of, row_of
from tests.domain.benefit.builders import WORKED, worked

ROOT = Path(__file__).resolve().parents[3]


class Stopped(BaseException):
    """Stands for whatever ends a process."""


def write(path: Path, rows: list[dict[str, Any]], group: int = 4) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema=INPUT), path, row_group_size=group)
    return path


def ten() -> list[dict[str, Any]]:
    return [row_of(each["case"]) for each in WORKED.values()]


def wanted() -> list[Any]:
    return [each["result"] for each in WORKED.values()]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(write(tmp_path / "in.parquet", ten()), tmp_path / "out.parquet", engine="numpy", chunk=3)


def stop_after(chunks: int) -> Any:
    heard = []

    def told(done: int, rows: int) -> None:
        heard.append(done)
        if len(heard) > chunks:
            raise Stopped

    return told


def test_a_file_of_cases_becomes_a_file_of_schedules(job: Job) -> None:
    heard = []
    outcome = run(job, told=lambda done, rows: heard.append((done, rows)))
    assert (outcome.rows, outcome.refused, outcome.done_before) == (10, 0, 0)
    assert heard == [(0, 10), (3, 10), (4, 10), (7, 10), (8, 10), (10, 10)]
    assert results_of(pq.read_table(job.target)) == wanted()
    assert sorted(each.name for each in job.target.parent.iterdir()) == ["in.parquet", "out.parquet"]


def test_the_output_holds_plain_types_that_any_reader_knows(job: Job) -> None:
    run(job)
    months = pq.read_schema(job.target).field("months").type.value_type
    assert months.field("month").type == months.field("codes").type == pa.string()
    assert months.field("shares").type.value_type.field("owner").type == pa.string()


def test_a_run_that_was_cut_short_goes_on_where_it_stopped(job: Job) -> None:
    with pytest.raises(Stopped):
        run(job, told=stop_after(3))
    assert not job.target.exists()
    heard = []
    outcome = run(job, told=lambda done, rows: heard.append(done))
    assert outcome.done_before == 7
    assert heard == [7, 8, 10]
    assert results_of(pq.read_table(job.target)) == wanted()


def test_a_killed_process_is_taken_up_by_the_next(job: Job) -> None:
    told = "lambda done, rows: done > 3 and os.kill(os.getpid(), signal.SIGKILL)"
    values = f"Path({str(job.source)!r}), Path({str(job.target)!r}), engine='numpy', chunk=3"
    code = "import os, signal; from pathlib import Path\nfrom services.broker.batch.job import Job, run\n"
    code += f"run(Job({values}), told={told})"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert ran.returncode == -9
    assert run(job).done_before == 4
    assert results_of(pq.read_table(job.target)) == wanted()


def test_another_input_or_another_option_starts_anew(job: Job) -> None:
    for change in ("input", "chunk"):
        with pytest.raises(Stopped):
            run(job, told=stop_after(3))
        if change == "input":
            write(job.source, ten()[::-1])
            assert run(job).done_before == 0
            assert results_of(pq.read_table(job.target)) == wanted()[::-1]
        else:
            assert run(Job(job.source, job.target, engine="numpy", chunk=2)).done_before == 0


def test_a_half_written_chunk_counts_for_nothing(job: Job) -> None:
    with pytest.raises(Stopped):
        run(job, told=stop_after(2))
    (job.folder / "000000000004-000000003.arrow.part").write_bytes(b"half")
    assert run(job).done_before == 4
    assert results_of(pq.read_table(job.target)) == wanted()


@pytest.mark.parametrize("name", ["bad.jsonl", "bad.parquet", None])
def test_refused_rows_go_to_their_file_with_their_line_in_the_input(tmp_path: Path, name: str | None) -> None:
    rows = ten()
    rows[4]["benefits"][0]["owner"] = None
    rows[8]["benefits"][0]["amount_gr"] = -1
    source, rejects = write(tmp_path / "in.parquet", rows), name and tmp_path / name
    job = Job(source, tmp_path / "out.parquet", rejects or None, "numpy", chunk=2)
    assert run(job).refused == 2
    text = job.rejects_file.read_bytes()
    lines = (
        pq.read_table(job.rejects_file).to_pylist() if name == "bad.parquet" else [*map(json.loads, text.splitlines())]
    )
    assert [(line["row"], line["case_id"], line["problem"], line["field"]) for line in lines] == [
        (5, rows[4]["case_id"], "request-invalid", "benefits[0].owner"),
        (9, rows[8]["case_id"], "amount-negative", "benefits[0].amount_gr"),
    ]
    assert len(pq.read_table(job.target)) == 8


def test_refused_rows_of_a_run_before_do_not_stay_behind(job: Job) -> None:
    job.rejects_file.write_text("old")
    run(job)
    assert not job.rejects_file.exists()


def test_an_empty_file_gives_an_empty_file(tmp_path: Path) -> None:
    job = Job(write(tmp_path / "in.parquet", []), tmp_path / "out.parquet")
    assert run(job).rows == 0
    assert len(pq.read_table(job.target)) == 0


def test_what_is_no_parquet_file_is_said_to_be_none(job: Job) -> None:
    job.source.write_text("case_id,benefits\n")
    with pytest.raises(NotParquet, match=r"in\.parquet"):
        run(job)
    assert not job.folder.exists()


def test_a_damaged_page_is_said_to_be_damaged(job: Job) -> None:
    content = bytearray(job.source.read_bytes())
    content[4:400] = b"\xff" * 396
    job.source.write_bytes(content)
    with pytest.raises(NotParquet, match="damaged"):
        run(job)


def test_input_and_outputs_must_differ(job: Job) -> None:
    for wrong in (Job(job.source, job.source), Job(job.source, job.target, job.source)):
        with pytest.raises(SameFile):
            run(wrong)


def test_a_folder_of_another_kind_is_left_alone(job: Job) -> None:
    job.folder.mkdir()
    (job.folder / "thesis.txt").write_text("mine")
    with pytest.raises(NotAWorkFolder):
        run(job)
    assert (job.folder / "thesis.txt").read_text() == "mine"


def test_two_runs_never_write_one_output(job: Job) -> None:
    with work_folder(job.folder, {}), pytest.raises(Busy):
        run(job)


def test_the_place_of_the_output_is_looked_at_before_the_work(job: Job, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        run(Job(job.source, tmp_path / "nowhere" / "out.parquet"))
    with pytest.raises(IsADirectoryError):
        run(Job(job.source, tmp_path))


def test_all_engines_write_the_same_bytes(job: Job) -> None:
    write(job.source, [{**row_of(worked("02")["case"]), "case_id": f"case {index}"} for index in range(40)], 40)
    written = set()
    for engine in ("scalar", "numpy", "numba"):
        run(Job(job.source, job.target, engine=engine))  # type: ignore[arg-type]  # each is an engine
        written.add(job.target.read_bytes())
    assert len(written) == 1
