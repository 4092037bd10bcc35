"""Reads the reasons of a refusal, from an answer's top-level fields and a GraphQL error list only. Pure.

Instagram writes one reason in several ways: `login_required`, "Login required.", `LOGIN_REQUIRED`. Case, blanks and
punctuation do not count. Deeper fields hold people's texts, and are never searched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum, auto

from shared.domain.input.text import clean_line
from worker.platforms.instagram_web.site.page_texts import Wording, says

Json = dict[str, object]
_LONGEST_SHOWN = 80
_LONGEST_READ = 400
_FIELDS = ("message", "errors", "errorSummary", "error_title", "error_type", "error")
# Wrapper fields around an answer.
_ENVELOPE = frozenset(
    {*_FIELDS, "status", "status_code", "extensions", "errorDescription", "error_code", "error_body"}
    | {"exception_name", "is_spam", "spam", "lock", "feedback_title", "feedback_message", "feedback_url"}
)
_NO_REASON = frozenset({"", "ok", "success"})
_ADDRESS = re.compile(r"\S*(?:://|\?\S*=)\S*")


class Reason(Enum):
    """The meaning of a reason, in any spelling."""

    LOGGED_OUT = auto()
    USER_AGENT = auto()
    CHECKPOINT = auto()
    WARNING = auto()
    CONSENT = auto()
    SUSPENDED = auto()
    LIMITED = auto()
    WAIT = auto()
    LATER = auto()
    NOT_VISIBLE = auto()


def _squeezed(text: str) -> str:
    """The letters and digits of the first part of a sentence, in lower case."""
    plain = re.sub(r"^\W+", "", unicodedata.normalize("NFKC", text)).casefold()
    return re.sub(r"[\W_]+", "", re.split(r"[.,:;!?()\n]", plain, maxsplit=1)[0])


_CODES = {
    _squeezed(code): reason
    for reason, codes in {
        Reason.LOGGED_OUT: ("login_required", "user_has_logged_out", "not_logged_in", "You've been logged out"),
        Reason.USER_AGENT: ("useragent mismatch",),
        Reason.CHECKPOINT: (
            *("checkpoint_required", "challenge_required"),
            *("checkpoint_challenge_required", "checkpoint_logged_out"),
        ),
        Reason.WARNING: ("scraping_warning",),
        Reason.CONSENT: ("consent_required",),
        Reason.SUSPENDED: ("account_suspended", "inactive_user"),
        Reason.LIMITED: ("feedback_required",),
        Reason.WAIT: (
            *("rate_limit_error", "rate_limit_exceeded", "rate_limited", "too_many_requests"),
            *("sentry_block", "ip_block"),
        ),
    }.items()
    for code in codes
}
_BEGINNINGS = {
    _squeezed("please wait a few minutes"): Reason.WAIT,
    _squeezed("not authorized to view user"): Reason.NOT_VISIBLE,
}


def reasons(body: Json) -> frozenset[Reason]:
    """Every known reason in the body; `LATER` is a sentence that asks to wait, in any language."""
    found = set()
    for text in _texts(body):
        code = _squeezed(text)
        known = _CODES.get(code)
        known = known or next((one for start, one in _BEGINNINGS.items() if code.startswith(start)), None)
        known = known or (Reason.LATER if says(text, Wording.THROTTLED) else None)
        if known is not None:
            found.add(known)
    return frozenset(found)


def refusal_text(body: Json) -> str | None:
    """The first reason as the body writes it, in one line of at most 80 characters, without addresses; or None."""
    for text in _texts(body):
        line = _ADDRESS.sub("…", clean_line(text))
        if line:
            return line if len(line) <= _LONGEST_SHOWN else f"{line[: _LONGEST_SHOWN - 1]}…"
    return None


def only_refuses(body: Json) -> bool:
    """Whether a body has a reason and nothing else: no other field, or only empty lists and objects."""
    if refusal_text(body) is None:
        return False
    rest = [value for key, value in body.items() if key not in _ENVELOPE and value is not None]
    held = [value for value in rest if isinstance(value, list | dict)]
    return not any(map(_holds, held)) if held else not rest


def _holds(value: object) -> bool:
    """Whether there is anything at all within the value."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict | list):
            todo.extend(one.values() if isinstance(one, dict) else one)
        elif one:
            return True
    return False


def _texts(body: Json) -> Iterator[str]:
    for field in _FIELDS:
        yield from _within(body.get(field))


def _within(value: object) -> Iterator[str]:
    """The texts of one field: a text, a list of texts or of errors, or an object with such a list."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield from _kept(one)
        elif isinstance(one, dict):
            for inner in ("message", "summary", "errors", "error"):
                held = one.get(inner)
                for text in held if isinstance(held, list) else [held]:
                    if isinstance(text, str):
                        yield from _kept(text)


def _kept(text: str) -> Iterator[str]:
    short = text[:_LONGEST_READ]
    if _squeezed(short) not in _NO_REASON:
        yield short
