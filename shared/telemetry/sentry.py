"""Reports faults to Sentry, where SENTRY_DSN is set: the error, its place in the code, and ids for the log.

Events are not filtered but built anew from the few things that may leave. No request, cookie, header, query or body, no
local variable, no job's args, no text of an error, no person's name.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog

from shared import errors
from shared.errors import ConfigError, RollcallError
from shared.settings import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_KEPT = ("event_id", "timestamp", "platform", "level", "logger", "environment", "sdk")
_TAGS = ("process", "request_id", "job_id", "kind", "fence", "error_code")
_FRAME = ("filename", "function", "module", "lineno", "in_app")
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_EVENT = re.compile(r"[a-z][a-z0-9_]{1,63}", re.ASCII)
_OWN_LOGGERS = ("sentry_sdk", "urllib3")
_NOT_SENT = "(not sent; it stands in the log)"


def begin(settings: Settings, process: str) -> None:
    """Reports each log line of level ERROR from now on, and the error that ends the process; nothing without a DSN.

    Call it after `logs.configure`. Raises ConfigError when SENTRY_DSN is not a DSN.
    """
    if settings.sentry_dsn is None:
        return
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.utils import BadDsn

    try:
        sentry_sdk.init(
            settings.sentry_dsn,
            # No identity is sent, by default; the option for it is deprecated.
            send_default_pii=None,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[ExcepthookIntegration(), AtexitIntegration(callback=_quietly)],
            before_send=scrub,
            before_breadcrumb=no_breadcrumb,
            propagate_traces=False,
            auto_session_tracking=False,
            # The SDK looks for unset values in the environment or asks git.
            release="",
            server_name="",
        )
    except BadDsn:
        raise ConfigError("SENTRY_DSN is none; for example SENTRY_DSN=https://key@sentry.example.org/1") from None
    logging.getLogger().addHandler(_Reporter(process))


def scrub(event: Event, _: Hint) -> Event:
    """The event built anew from what may leave: ids, the stable event name, types, places in the code."""
    sent: dict[str, Any] = {name: value for name, value in event.items() if name in _KEPT}
    sent["tags"] = _tags(_mapping(event.get("tags")))
    if "logentry" in event:
        message = str(_mapping(event["logentry"]).get("message", ""))
        sent["logentry"] = {"message": message if _EVENT.fullmatch(message) else _NOT_SENT}
    if "exception" in event:
        sent["exception"] = {"values": [_exception(one) for one in _values(event["exception"])]}
    return sent  # type: ignore[return-value]


def no_breadcrumb(crumb: Mapping[str, Any], hint: Mapping[str, Any]) -> None:
    """Drops breadcrumbs: the log has the events before a fault, under the ids that the event carries."""


class _Reporter(logging.Handler):
    """Sends log lines of level ERROR, with the exception that they carry."""

    def __init__(self, process: str) -> None:
        super().__init__(logging.ERROR)
        self._process = process

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(_OWN_LOGGERS):
            return
        import sentry_sdk
        from sentry_sdk.utils import event_from_exception

        facts = record.msg if isinstance(record.msg, dict) else {}
        error = _error(facts.get("exc_info") or record.exc_info)
        event, hint = event_from_exception(error) if error is not None else ({}, {})
        event |= {
            "level": "error",
            "logger": record.name,
            "logentry": {"message": str(facts.get("event", ""))},
            "tags": {**structlog.contextvars.get_contextvars(), **facts, "process": self._process},
        }
        sentry_sdk.capture_event(event, hint)


def _error(sent: object) -> BaseException | None:
    """The exception of a log line, in whichever form it was passed."""
    if isinstance(sent, tuple):
        sent = sent[1]
    return sent if isinstance(sent, BaseException) else None


def _tags(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(given[name]) for name in _TAGS if _WORD.fullmatch(str(given.get(name) or ""))}


def _exception(given: Mapping[str, Any]) -> dict[str, Any]:
    frames = _mapping(given.get("stacktrace")).get("frames") or []
    return {
        "type": given.get("type"),
        "module": given.get("module"),
        "value": _sentence(given),
        "stacktrace": {"frames": [{name: frame[name] for name in _FRAME if name in frame} for frame in frames]},
    }


def _sentence(given: Mapping[str, Any]) -> str:
    """The general sentence of our error's type; the text of one error is not sent."""
    package = str(given.get("module")).rpartition(".")[0]
    kind = getattr(errors, str(given.get("type")), None) if package == errors.__name__ else None
    if isinstance(kind, type) and issubclass(kind, RollcallError):
        return kind.sentence
    return _NOT_SENT


def _mapping(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _values(given: object) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = _mapping(given).get("values") or []
    return found


def _quietly(pending: int, timeout: float) -> None:
    """Ends without output on the terminal."""
