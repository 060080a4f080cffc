"""Logs of libraries: one JSON object a line like our own, and no text of an error that may name somebody."""

import json
import logging
import traceback
from io import StringIO
from typing import Any

import pytest

from tests.builders import pesel

LIBRARY = logging.getLogger("a.library")


def lines(logs: StringIO, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    streams = capsys.readouterr()
    assert streams.out + streams.err == "", "logging itself failed, and printed what it was given"
    return [json.loads(line) for line in logs.getvalue().splitlines()]


def test_a_library_logs_one_json_object_a_line(logs: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    LIBRARY.warning("a row of %s is bad", pesel(1))
    LIBRARY.error(OSError(98, "address already in use"))
    LIBRARY.error("two\nlines", extra={"more": object()})
    LIBRARY.info("not said")
    first, second, third = lines(logs, capsys)
    assert (first["event"], first["level"]) == ("a row of *********** is bad", "warning")
    assert second["event"] == "[Errno 98] address already in use"
    assert third["event"] == "two\nlines"
    assert all(line["timestamp"] for line in (first, second, third))


def test_the_text_of_a_librarys_error_stays_out(logs: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError(f"Kowalska {pesel(1)}")
    except ValueError as failure:
        LIBRARY.exception("failed")
        LIBRARY.error("failed", exc_info=failure)
        LIBRARY.error(traceback.format_exc())
    *placed, printed = lines(logs, capsys)
    assert len(placed) == 2
    for line in placed:
        assert (line["event"], line["cause"]) == ("failed", "ValueError")
        assert "test_logging.py" in line["at"][-1]
    assert (printed["event"], printed["cause"]) == ("failed", "ValueError")
    assert "Kowalska" not in logs.getvalue()
    assert pesel(1) not in logs.getvalue()
