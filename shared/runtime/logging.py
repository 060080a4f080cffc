"""Logs: one JSON object a line, with the request id; what passes as a PESEL is masked, texts of errors stay out."""

import json
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog
from structlog.typing import Processor

from shared.runtime.problems.handlers import frames
from shared.runtime.problems.render import masked

_ITS_OWN = frozenset({"_record", "_from_structlog"})
"""What structlog adds to a library's record, and takes away itself."""


def configure_logging(level: str = "INFO", stream: TextIO = sys.stderr) -> None:
    """Send all logs of the process to a stream as JSON; call it once, in ``main``."""
    lines = cast(TextIO, _Unfailing(stream))
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _place_instead_of_text,
    ]
    structlog.configure(
        processors=[*shared, _masked_line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(lines),
        cache_logger_on_first_use=False,
    )
    handler = _Handler(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_without_printed_traceback, *shared], processor=_masked_line
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.getLevelNamesMapping()[level], logging.WARNING))


def _place_instead_of_text(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()
    error = failure[1] if isinstance(failure, tuple) else failure
    if isinstance(error, BaseException):
        event["cause"], event["at"] = type(error).__name__, frames(error)
    return event


def _without_printed_traceback(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Reduce a traceback that a library printed into its message to the kind of the error."""
    text, _, trace = str(event.get("event", "")).partition("Traceback (most recent call last):")
    if trace:
        event["event"] = text.strip() or "failed"
        event["cause"] = trace.strip().splitlines()[-1].partition(":")[0]
    return event


def _masked_line(logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
    """Return a line of printable characters alone: others break lines, or command the terminal that shows them."""
    line = json.dumps(masked(event), ensure_ascii=False, default=_spoken)
    return line if line.isprintable() else "".join(_escaped(sign) for sign in line)


def _escaped(sign: str) -> str:
    return sign if sign.isprintable() else json.dumps(sign)[1:-1]


def _spoken(value: Any) -> str:
    """Return what stands for a value that JSON has not: of an error its kind alone, for its text may hold data."""
    return type(value).__name__ if isinstance(value, BaseException) else str(masked(repr(value)))


class _Unfailing:
    """A stream that raises nothing: no work may end because its log cannot be written, as on a full disk."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._failed = False

    def write(self, text: str) -> int:
        """Write, or remember that it could not be done."""
        try:
            self._stream.write(text)
        except OSError:
            self._failed = True
        return len(text)

    def flush(self) -> None:
        """Flush; once that can be done again, say that lines are missing."""
        try:
            self._stream.flush()
            if self._failed:
                self._failed = False
                event = "the log could not be written for a while, and lines are missing"
                self._stream.write(json.dumps({"event": event, "level": "warning"}) + "\n")
                self._stream.flush()
        except OSError:
            self._failed = True


class _Handler(logging.StreamHandler[TextIO]):
    """A handler that never shows the record it failed on: the standard one writes its arguments to stderr."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the standard library's name
        """Say where the record came from, and nothing of what it says."""
        place = f"{record.filename}:{record.lineno}"
        self.stream.write(json.dumps({"event": "a log record cannot be told", "level": "error", "at": [place]}) + "\n")
