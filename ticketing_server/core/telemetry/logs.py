"""Log lines, as text or JSON, each with the id of the request it belongs to."""

import functools
import logging
import sys
import time

import msgspec

from ticketing_server.core.clock import now
from ticketing_server.core.edge import REQUEST, REQUEST_ID, TRACE_ID, Answer

# Libraries that say at INFO what only their developers want to know.
CHATTY = ("uvicorn", "asyncio", "litestar")


def configure_logging(level: str, form: str) -> None:
    """`form` is `text` or `json`; lines go to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    _note_no_more_than_is_shown()
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def _note_no_more_than_is_shown() -> None:
    """A line is written for every request: where in the code and in which thread is never shown.

    A third of what it costs is finding that out; the standard library's own advice.
    """
    logging._srcfile = None  # pyright: ignore[reportPrivateUsage]: documented all the same
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


# What a caller can put into a path must neither end a line nor speak to a terminal.
CONTROLS = {code: repr(chr(code))[1:-1] for code in [*range(32), *range(127, 160), 0x2028, 0x2029]}


@functools.lru_cache(maxsize=2)
def _second(second: int) -> str:
    """Of local time; said anew for each line, it would be half of the line's making."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """A traceback below the line has lines of its own."""
        message = record.getMessage()
        if not message.isprintable():
            message = message.translate(CONTROLS)
        moment = f"{_second(int(record.created))},{int(record.msecs):03d}"
        line = f"{moment} {record.levelname:<7} [{REQUEST_ID.get()}] {record.name}: {message}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": now(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": REQUEST_ID.get(),
        }
        if trace_id := TRACE_ID.get():
            line["trace_id"] = trace_id
        answer = getattr(record, REQUEST, None)
        if isinstance(answer, Answer):
            line |= answer.fields()
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()
