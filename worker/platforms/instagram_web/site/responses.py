"""Judges an answer of Instagram before it is parsed: the refusals, by status and top-level fields only.

Searching the text instead would find "spam" and "please wait" in usernames and biographies (IG-4.1).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from shared.errors import (
    CaptchaRequired,
    CheckpointRequired,
    ConsentRequired,
    FeedbackRequired,
    JobError,
    ListNotVisible,
    LoginThrottled,
    RateLimited,
    SessionDead,
    SiteFailed,
    SuspectedAutomation,
    Suspended,
    UnexpectedAnswer,
    UnknownUser,
    UserAgentMismatch,
)
from worker.platforms.instagram_web.site.page_texts import Wording, says
from worker.platforms.instagram_web.site.refusal_reasons import Reason, only_refuses, reasons, refusal_text

Json = dict[str, object]
_STOP_PATHS = ("/challenge", "/auth_platform", "/checkpoint")
_CONSENT_PATHS = ("/consent", "/privacy/consent")
# The mobile app's name for the warning about automated behaviour (docs/platforms/instagram.md, IG-3.9).
_WARNING = "scraping_warning"
_LOOP_PREFIXES = ("for (;;);", "for(;;);", "for;")


class SessionDoubtful(RateLimited):
    """Either the session is over or `otherwise` holds; the client checks once and raises one of the two."""

    code = "session_doubtful"

    def __init__(self, otherwise: JobError) -> None:
        self.otherwise = otherwise
        super().__init__(otherwise.sentence)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `headers` in lower case; `landed` is the URL after a redirect, None without one."""

    status: int
    body: str = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    landed: str | None = field(default=None, repr=False)

    def time(self) -> datetime:
        """The platform's own clock. Raises UnexpectedAnswer without a readable Date header."""
        try:
            stamp = parsedate_to_datetime(self.headers.get("date", ""))
        except ValueError:
            raise UnexpectedAnswer("Instagram's answer lacks the `Date` header.") from None
        return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)

    def retry_at(self) -> datetime | None:
        """The platform's time for the next request; None when it names none."""
        refusal_text = self.headers.get("retry-after", "")
        if refusal_text.isdecimal():
            return datetime.now(UTC) + timedelta(seconds=min(int(refusal_text), 7 * 86_400))
        try:
            return parsedate_to_datetime(refusal_text).astimezone(UTC)
        except ValueError:
            return None


def parse_or_raise(answer: Answer) -> Json:
    """The JSON object of an answer that is not a refusal; raises the typed error of a refusal."""
    if answer.landed is not None or 300 <= answer.status < 400:
        raise error_for_redirect(answer.landed or answer.headers.get("location", ""), answer.body)
    body = parse_json(answer.body)
    if body is None:
        raise _no_json(answer)
    if answer.status >= 400 or has_failed(body) or refuses(body) or only_refuses(body):
        raise refusal(answer, body)
    return body


def has_failed(body: Json) -> bool:
    """Whether a body's own status says that it refuses."""
    return str(body.get("status") or "").strip().lower() in ("fail", "failed", "error")


def refuses(body: Json) -> bool:
    """Whether a body refuses by its top-level fields alone, whatever its status is."""
    return bool(reasons(body)) or body.get("require_login") is True or _stopped(body) is not None


def classify(status: int, headers: Mapping[str, str], body: str | Json | None) -> None:
    """Returns when an answer may be read; raises the typed error of one that refuses, redirects or is no JSON object.

    `headers` in any case, `body` as text or as parsed JSON. `{"data": {"user": null}}` is the profile route's other way
    of saying that no account has this name (docs/platforms/instagram.md, IG-4.11).
    """
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    read = parse_or_raise(Answer(status, text, {name.lower(): value for name, value in headers.items()}))
    if read.get("data") == {"user": None}:
        raise UnknownUser


def error_for_redirect(url: str, shown: str = "") -> JobError:
    """The error for the address to which the site sent the browser; the address may hold secrets and is not shown.

    `shown` is the text or the HTML of the page there, as far as it is known.
    """
    path = path_of(url)
    if "/suspended" in path:
        return Suspended()
    if path.startswith(_CONSENT_PATHS):
        return ConsentRequired()
    if path.startswith(_STOP_PATHS):
        return SuspectedAutomation() if says(shown, Wording.SUSPECTED) else _checkpoint(path)
    if path.startswith("/accounts/login") or path in ("", "/"):
        return SessionDead()
    return UnexpectedAnswer("Instagram sent the browser to a page that Rollcall does not know.")


def path_of(url: str) -> str:
    """The path of an address, empty for other text."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def parse_json(text: str) -> Json | None:
    """The JSON object of a body, None when it is anything else."""
    plain = text.lstrip("\ufeff \t\r\n")
    prefix = next((one for one in _LOOP_PREFIXES if plain.startswith(one)), "")
    try:
        value = json.loads(plain.removeprefix(prefix))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def refusal(answer: Answer, body: Json) -> JobError:
    """The typed error of a JSON body that refuses; only its top-level fields count. It names an unknown reason."""
    stopped = _stopped(body)
    if stopped is not None:
        return stopped
    given = reasons(body)
    waiting = RateLimited(until=answer.retry_at())
    if body.get("require_login") is True:
        return SessionDoubtful(waiting)
    if answer.status == 429 or Reason.WAIT in given:
        return waiting
    if Reason.NOT_VISIBLE in given:
        return ListNotVisible()
    if answer.status == 404:
        return UnknownUser()
    return waiting if Reason.LATER in given and answer.status < 500 else _by_status(answer.status, refusal_text(body))


def _stopped(body: Json) -> JobError | None:
    given = reasons(body)
    if Reason.USER_AGENT in given:
        return UserAgentMismatch()
    if Reason.LOGGED_OUT in given or "logout_reason" in body:
        return SessionDead()
    if Reason.LIMITED in given or body.get("spam") is True:
        return FeedbackRequired()
    return challenge(body)


def challenge(body: Json) -> JobError | None:
    """Suspended, SuspectedAutomation, ConsentRequired or CheckpointRequired where a body says so, else None."""
    challenged = body.get("challenge")
    asked = challenged if isinstance(challenged, dict) else {}
    url = asked.get("url") or asked.get("api_path") or body.get("checkpoint_url")
    given, path = reasons(body), path_of(str(url or ""))
    if Reason.CONSENT in given or path.startswith(_CONSENT_PATHS):
        return ConsentRequired()
    if Reason.WARNING in given or _WARNING in path or _WARNING in (body.get("step_name"), asked.get("step_name")):
        return SuspectedAutomation()
    if Reason.SUSPENDED in given or "/suspended" in path:
        return Suspended()
    return _checkpoint(path) if url or Reason.CHECKPOINT in given else None


def _checkpoint(path: str) -> JobError:
    return CaptchaRequired() if "captcha" in path else CheckpointRequired()


def page_refusal(answer: Answer) -> JobError | None:
    """The error of a page of the site with this status; None for a page that may be read."""
    if answer.status == 429:
        return RateLimited(until=answer.retry_at())
    if answer.status >= 500:
        return SiteFailed()
    if answer.body or answer.status < 400:
        return None
    # No page came with it, so no request can be sent from inside it.
    return UnknownUser() if answer.status == 404 else _refused_page(answer.status)


def login_page_refusal(status: int, *, is_empty: bool) -> JobError | None:
    """As `page_refusal`, for a login's page, to which no one is signed in: None for a page that the person may use."""
    if status == 429:
        return LoginThrottled()
    if status >= 500:
        return SiteFailed()
    return UnexpectedAnswer(f"Instagram refused to show its login page (HTTP {status}).") if is_empty else None


def _refused_page(status: int) -> JobError:
    sentence = f"Instagram refused to show a page (HTTP {status})."
    return SessionDoubtful(RateLimited(sentence)) if status in (401, 403) else UnexpectedAnswer(sentence)


def _no_json(answer: Answer) -> JobError:
    if answer.status == 429:
        return RateLimited(until=answer.retry_at())
    if answer.status == 404:
        return CheckpointRequired() if answer.body.strip() == "Not Found" else UnknownUser()
    if answer.status not in (200, 401, 403):
        return _by_status(answer.status)
    what = "a page" if answer.body.strip() else f"HTTP {answer.status} and nothing else"
    return SessionDoubtful(UnexpectedAnswer(f"Instagram answered with {what} where data was expected."))


def _by_status(status: int, reason: str | None = None) -> JobError:
    if status >= 500:
        return SiteFailed()
    named = f" with the message “{reason}”" if reason else ""
    return UnexpectedAnswer(f"Instagram refused a question that Rollcall asks (HTTP {status}){named}.")
