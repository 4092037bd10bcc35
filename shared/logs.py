"""structlog for both processes: a stable `event` per line, facts as fields, secrets never."""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, ExcInfo, WrappedLogger

from shared.database_reasons import is_of_connecting, reason

_SECRET_NAME = re.compile(
    r"pass(word|wd)?$|secret|token|cookie|session_?id|csrf|authori[sz]ation|sealed|(^|_)code$|totp|api_?key|storage_state|apc",
    re.I,
)
_HARMLESS = frozenset({"error_code", "exit_code", "status_code"})
_URL_QUERY = re.compile(r"(?P<start>\b[a-z][a-z0-9+.-]*://[^\s?#'\"]*)[?#][^\s'\"]*", re.I)
_URL_LOGIN = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@]+@", re.I)


def redact(value: object, name: str = "") -> object:
    """The value without secrets, known by their names; URLs are cut before their query."""
    if name not in _HARMLESS and _SECRET_NAME.search(name):
        return "[redacted]"
    if isinstance(value, str):
        return _URL_LOGIN.sub(r"\g<scheme>[redacted]@", _URL_QUERY.sub(r"\g<start>", value))
    if isinstance(value, Mapping):
        return {str(k): redact(v, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redact(v) for v in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    return value


def _redact_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {k: redact(v, k) for k, v in event.items()}


class _WithoutPostgresWords(logging.Filter):
    """Drops PostgreSQL's words about a failed connection, which libraries log and which repeat parts of the address."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_plainly(given) for given in record.args)
        return True


def _plainly(given: object) -> object:
    return f"{type(given).__name__}: {reason(given)}" if is_of_connecting(given) else given


def _traceback(exc_info: ExcInfo) -> str:
    """The traceback, with connection errors in our own words."""
    text = "".join(traceback.format_exception(*exc_info)).rstrip("\n")
    for error in _chain(exc_info[1]):
        if is_of_connecting(error) and str(error):
            text = text.replace(str(error), reason(error))
    return text


def _chain(error: BaseException | None, seen: frozenset[int] = frozenset()) -> Iterator[BaseException]:
    """The error, its causes, and the members of a group."""
    if error is None or id(error) in seen:
        return
    yield error
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for other in (error.__cause__, error.__context__, *members):
        yield from _chain(other, seen | {id(error)})


def configure(level: str = "INFO", style: str = "console", process: str | None = None) -> None:
    """Sends all logs of this process, the libraries' too, to stderr in one form (`console` or `json`)."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_traceback),
            _redact_event,
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(_WithoutPostgresWords())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    if process:
        structlog.contextvars.bind_contextvars(process=process)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines carry `logger=name`."""
    made: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return made
