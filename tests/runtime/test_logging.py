"""Logs: one JSON object a line; what passes as a PESEL is struck out wherever it stands, texts of errors stay out."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from errno import ENOSPC
from io import StringIO
from typing import Any

import pytest
import structlog

from shared.runtime.logging import configure_logging
from tests.builders import pesel

PESEL = pesel(1)


@dataclass
class Person:
    """Somebody whose text names the person."""

    number: str = PESEL


def broken(text: str = f"Kowalska {PESEL}") -> None:
    raise ValueError(text)


def told_by_structlog(say: Callable[[Any], None]) -> Callable[[], None]:
    return lambda: say(structlog.get_logger())


def told_by_others(say: Callable[[logging.Logger], None]) -> Callable[[], None]:
    return lambda: say(logging.getLogger("sqlalchemy.engine"))


def failing(say: Callable[[Exception], None]) -> Callable[[], None]:
    def tell() -> None:
        try:
            broken()
        except ValueError as failure:
            say(failure)

    return tell


SAID: dict[str, Callable[[], None]] = {
    "in the message": told_by_structlog(lambda log: log.warning(f"client {PESEL} is gone")),
    "as a value": told_by_structlog(lambda log: log.warning("gone", client=PESEL)),
    "deep inside a value": told_by_structlog(lambda log: log.warning("gone", found=[{"of": (PESEL,)}])),
    "as the name of a value": told_by_structlog(lambda log: log.warning("gone", found={PESEL: 1})),
    "as a number": told_by_structlog(lambda log: log.warning("gone", client=int(PESEL))),
    "as bytes": told_by_structlog(lambda log: log.warning("gone", client=PESEL.encode())),
    "in a set": told_by_structlog(lambda log: log.warning("gone", clients={PESEL})),
    "in an object's own text": told_by_structlog(lambda log: log.warning("gone", client=Person())),
    "in an error as a value": failing(lambda failure: structlog.get_logger().warning("gone", failure=failure)),
    "in an error under way": failing(lambda failure: structlog.get_logger().exception("gone")),
    "in an error that is handed over": failing(lambda failure: structlog.get_logger().error("gone", exc_info=failure)),
    "bound to the context": lambda: (
        structlog.contextvars.bind_contextvars(client=PESEL),
        structlog.get_logger().warning("gone"),
        structlog.contextvars.clear_contextvars(),
    )[-1],
    "in a foreign message": told_by_others(lambda log: log.warning("row of %s", PESEL)),
    "in a foreign object": told_by_others(lambda log: log.warning("row of %r", Person())),
    "in a foreign message that is no text": told_by_others(lambda log: log.warning(Person())),
    "in a foreign error": failing(lambda failure: logging.getLogger("uvicorn.error").exception("ASGI")),
    "in a foreign error handed over": failing(lambda failure: logging.getLogger("x").error("ASGI", exc_info=failure)),
}


@pytest.mark.parametrize("where", SAID)
def test_a_pesel_never_gets_out(where: str, logs: StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    SAID[where]()
    assert capfd.readouterr() == ("", "")
    assert len(logs.getvalue().splitlines()) == 1
    json.loads(logs.getvalue())
    assert PESEL not in logs.getvalue()
    assert "Kowalska" not in logs.getvalue()


def test_a_record_that_cannot_be_told_shows_where_it_came_from_and_nothing_of_what_it_says(
    logs: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    record = logging.LogRecord("x", logging.WARNING, "/srv/pool.py", 7, "%d rows", (PESEL,), None)
    [ours] = [one for one in logging.getLogger().handlers if type(one).__module__ == "shared.runtime.logging"]
    ours.handle(record)
    assert capfd.readouterr() == ("", "")
    assert json.loads(logs.getvalue())["at"] == ["pool.py:7"]
    assert PESEL not in logs.getvalue()


@pytest.mark.parametrize(
    "say",
    [
        lambda failure: structlog.get_logger().exception("failed"),
        lambda failure: structlog.get_logger().error("failed", exc_info=failure),
        lambda failure: logging.getLogger("uvicorn.error").exception("failed"),
    ],
)
def test_an_error_is_told_by_its_kind_and_place(say: Callable[[Exception], None], logs: StringIO) -> None:
    failing(say)()
    line = json.loads(logs.getvalue())
    assert (line["event"], line["cause"], line["level"]) == ("failed", "ValueError", "error")
    assert "broken" in line["at"][-1]
    assert "exc_info" not in line


def test_a_line_has_its_level_its_time_in_utc_and_what_was_bound(logs: StringIO) -> None:
    structlog.contextvars.bind_contextvars(request_id="abcdefgh")
    structlog.get_logger().info("łączność", lane="push")
    structlog.contextvars.clear_contextvars()
    line = json.loads(logs.getvalue())
    assert (line["event"], line["level"], line["lane"], line["request_id"]) == ("łączność", "info", "push", "abcdefgh")
    assert line["timestamp"].endswith("Z")
    assert "łączność" in logs.getvalue()


def test_eleven_digits_that_are_no_pesel_stay(logs: StringIO) -> None:
    structlog.get_logger().info("case 44651401358", n=12345678901)
    assert json.loads(logs.getvalue())["event"] == "case 44651401358"
    assert json.loads(logs.getvalue())["n"] == 12345678901


def test_less_than_the_level_is_not_told_and_others_tell_warnings_alone(logs: StringIO) -> None:
    structlog.get_logger().debug("fine")
    logging.getLogger("httpx2").info("GET /v1/clients")
    assert logs.getvalue() == ""
    structlog.get_logger().info("told")
    logging.getLogger("httpx2").warning("told")
    assert len(logs.getvalue().splitlines()) == 2


def test_whoever_asks_for_less_is_told_less(logs: StringIO) -> None:
    stream = StringIO()
    configure_logging("ERROR", stream)
    structlog.get_logger().warning("not told")
    logging.getLogger("x").warning("not told")
    structlog.get_logger().error("told")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["told"]


def test_a_line_break_in_a_message_makes_no_second_line(logs: StringIO) -> None:
    structlog.get_logger().warning('x\n{"event": "forged"}')
    logging.getLogger("x").warning('y\n{"event": "forged"}')
    assert [json.loads(line)["event"][0] for line in logs.getvalue().splitlines()] == ["x", "y"]


class FullDisk(StringIO):
    """A file on a disk that is full, until it is not."""

    is_full = True

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(ENOSPC, "No space left on device")
        return super().write(text)

    def flush(self) -> None:
        if self.is_full:
            raise OSError(ENOSPC, "No space left on device")


@pytest.mark.parametrize("say", [structlog.get_logger(), logging.getLogger("sqlalchemy.engine")])
def test_work_goes_on_where_the_log_cannot_be_written_and_the_log_says_so_once_it_can(say: Any) -> None:
    disk = FullDisk()
    configure_logging(stream=disk)
    say.warning("first")
    say.warning("second")
    disk.is_full = False
    for word in ("third", "fourth"):
        say.warning(word)
    said = [json.loads(line)["event"] for line in disk.getvalue().splitlines()]
    assert said == ["third", "the log could not be written for a while, and lines are missing", "fourth"]
