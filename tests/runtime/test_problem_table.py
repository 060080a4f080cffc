"""The table of problems is read as it is written: a semicolon in a text must not cut it off."""

import csv
from importlib.resources import files

from shared.runtime.problems.catalogue import problem_types


def test_no_row_of_the_table_has_more_cells_than_columns() -> None:
    lines = files("shared.runtime.problems").joinpath("problems.csv").read_text("utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter=";"):
        assert None not in row, row["name"]


def test_every_problem_says_how_to_mend_it_in_whole_sentences() -> None:
    for kind in problem_types().values():
        assert kind.mend.endswith("."), kind.name
