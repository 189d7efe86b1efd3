"""Log lines: one JSON object a line on standard error, each with the id of the request it belongs to.

Ids only: no name, no text of people, no secret. What a stranger names (an operation, a path) is cut short.
"""

import logging
import re
import secrets
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

REQUEST_ID = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(given: str | None, trusted: bool) -> str:
    """A trusted proxy's, so that its lines and ours are found by one id; else a new one."""
    return given if trusted and given and _GIVEN.fullmatch(given) else secrets.token_hex(8)


def bind(request: str) -> None:
    """All lines of this task belong to that request from now on."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=request)


def brief(text: Any) -> str:
    """A stranger's word, fit for a line."""
    return str(text)[:80]


class Lossy:
    """A text stream that loses what it cannot write: a full disk under the log, or a reader that is gone, is no reason
    to refuse a request."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._out.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._out.flush()


def configure(level: str) -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for quiet in ("engineio", "aiohttp.server"):  # each unreadable packet or head of a stranger, with a traceback
        logging.getLogger(quiet).setLevel(logging.CRITICAL)
    render = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Lossy(sys.stderr))),
        cache_logger_on_first_use=True,
    )
