"""Reads the answers of Instagram's login calls: in, code needed, code refused, or a typed error. Pure.

The body counts, not the status: a request for a code comes as 400, a refusal may come as 200 "ok" (IG-2.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from shared.domain.jobs import CodeMethod
from shared.errors import (
    JobError,
    LoginRejected,
    LoginThrottled,
    RateLimited,
    SiteFailed,
    UnexpectedAnswer,
    UnknownUser,
    WrongPassword,
)
from worker.platforms.instagram_web.parsing.json_node import Node
from worker.platforms.instagram_web.site.refusal_reasons import refusal_text
from worker.platforms.instagram_web.site.responses import (
    Answer,
    Json,
    challenge,
    has_failed,
    parse_json,
    refusal,
    refuses,
)

# The first misspelling is Instagram's own.
_CODE_REFUSED = frozenset({"invalid_verficaition_code", "invalid_verification_code", "sms_code_validation_failed"})
_BAD_PASSWORD = frozenset({"bad_password", "invalid_password"})
_NO_USER = frozenset({"invalid_user", "invalid_username"})
_LONGEST_SECONDS = 86_400
_VALIDATED = "xfb_two_factor_login_validate_code"


class Verdict(Enum):
    """The result of the entered value."""

    IN = auto()
    CODE_REFUSED = auto()


@dataclass(frozen=True, slots=True)
class TwoFactor:
    """Instagram needs a code: the possible ways, the preferred first, and the masked number.

    `resend_after` is the wait between two messages; None where it is unknown.
    """

    methods: tuple[CodeMethod, ...]
    sent_to: str | None = None
    resend_after: timedelta | None = None


Outcome = Verdict | TwoFactor
ANY_METHOD = TwoFactor((CodeMethod.TOTP, CodeMethod.SMS, CodeMethod.BACKUP))
"""A code is wanted, and nothing told which."""


def outcome(answer: Answer) -> Outcome | None:
    """The result in the answer, None when only the page shows it.

    Raises WrongPassword, UnknownUser, LoginThrottled, LoginRejected, SiteFailed and the errors of a challenge.
    """
    body = parse_json(answer.body)
    known = (_verdict(body) or _two_factor(body)) if body is not None else None
    if known is None:
        refused = _without_body(answer) if body is None else _refused(answer, body)
        if refused is not None:
            raise refused
    return known


def _without_body(answer: Answer) -> JobError | None:
    if answer.status == 429:
        return LoginThrottled()
    return SiteFailed() if answer.status >= 500 else None


def _verdict(body: Json) -> Verdict | None:
    if body.get("authenticated") is True:
        return Verdict.IN
    if Node(body).text("error_type") in _CODE_REFUSED:
        return Verdict.CODE_REFUSED
    data = Node(body).child("data")
    validated = data.child(_VALIDATED) if data else None
    if validated is None:
        return None
    return Verdict.IN if validated.flag("is_code_valid") else Verdict.CODE_REFUSED


def _two_factor(body: Json) -> TwoFactor | None:
    if body.get("two_factor_required") is not True:
        return None
    info = Node(body).child("two_factor_info") or Node({})
    ways = (
        (CodeMethod.TOTP, "totp_two_factor_on"),
        (CodeMethod.SMS, "sms_two_factor_on"),
        (CodeMethod.WHATSAPP, "whatsapp_two_factor_on"),
    )
    offered = tuple(method for method, switch in ways if info.flag(switch))
    return TwoFactor((*offered, CodeMethod.BACKUP), _masked(info), _cool_down(info))


def _masked(info: Node) -> str | None:
    ending = info.text("obfuscated_phone_number")
    return info.text("obfuscated_phone_number_2") or (f"••• {ending}" if ending else None)


def _cool_down(info: Node) -> timedelta | None:
    settings = info.child("phone_verification_settings")
    seconds = settings.count("resend_sms_delay_sec") if settings else None
    return None if seconds is None else timedelta(seconds=min(seconds, _LONGEST_SECONDS))


def _refused(answer: Answer, body: Json) -> JobError | None:
    """The error of a refusal; None for an answer that says nothing about the login."""
    kind, known = Node(body).text("error_type"), body.get("user")
    unknown = body.get("authenticated") is False
    if kind in _BAD_PASSWORD or (unknown and known is True):
        return WrongPassword()
    if kind in _NO_USER or (unknown and known is False):
        return UnknownUser()
    if answer.status < 400 and not has_failed(body) and not refuses(body):
        return _rejected(body) if kind or "errors" in body else challenge(body)
    error = refusal(answer, body)
    if isinstance(error, RateLimited):
        return LoginThrottled()
    return _rejected(body) if isinstance(error, UnexpectedAnswer) else error


def _rejected(body: Json) -> LoginRejected:
    """The error of an unknown refusal, with its own words if it has any."""
    reason = refusal_text(body)
    return LoginRejected(f"Instagram refused the login with the message “{reason}”." if reason else None)
