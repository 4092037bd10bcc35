"""Judges an answer of the Graph API: code, subcode and message of a refusal make the typed error of what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.errors import (
    AccessRevoked,
    AppRefused,
    CheckpointRequired,
    JobError,
    MediaGone,
    PageAccessLost,
    PermissionMissing,
    RateLimited,
    ReportRefused,
    SiteFailed,
    Throttled,
    UnexpectedAnswer,
)
from worker.platforms.http_api import Answer, Json
from worker.platforms.instagram_graph import usage
from worker.platforms.json_fields import child

_THROTTLED = frozenset({4, 17, 32, 341, 613, 80001, 80002})
_TOKEN_ENDED = {458: "removed", 460: "password", 463: "expired"}
_TOKEN_ASKS = frozenset({459, 464})
_TOKEN_WITHOUT_ROLE = 492


class TooMuchAsked(SiteFailed):
    """The page is too large for the platform; a smaller one may work."""


class NotEnoughViewers(ReportRefused):
    """Too few people saw the medium, whatever metric is asked for."""


class BeforeConversion(ReportRefused):
    """The medium is older than the professional account, so that it has no figures at all."""


class NotOnFacebook(ReportRefused):
    """The medium was not shared to Facebook, which says nothing of other media."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The error of an answer; a number is 0 where it is not given."""

    code: int
    subcode: int
    message: str
    is_transient: bool

    @classmethod
    def of(cls, body: Json | None) -> Refusal | None:
        """The error of a body; None where it has none, whatever its type (OAuthException, IGApiException)."""
        error = {} if body is None else child(body, "error")
        if not error:
            return None
        code, subcode, said = (error.get(name) for name in ("code", "error_subcode", "message"))
        return cls(
            code if isinstance(code, int) else 0,
            subcode if isinstance(subcode, int) else 0,
            said if isinstance(said, str) else "",
            error.get("is_transient") is True,
        )


def body_or_raise(answer: Answer) -> Json:
    """The JSON object of an answer that is not a refusal; raises the typed error of a refusal."""
    if answer.status != 200 or Refusal.of(answer.body) is not None:
        raise error_of(answer)
    if answer.body is None:
        raise UnexpectedAnswer("Instagram's answer is not a JSON object.")
    return answer.body


def error_of(answer: Answer) -> JobError:
    """The error of a refusal, by its code first, and by the status of the answer where the code is not known."""
    found = Refusal.of(answer.body)
    known = None if found is None else _by_code(found, answer)
    return _by_status(answer) if known is None else known


def _by_code(found: Refusal, answer: Answer) -> JobError | None:
    match found.code:
        case code if code in _THROTTLED:
            return Throttled(until=usage.free_at(answer.headers, datetime.now(UTC)) or answer.retry_at)
        case 368:
            return RateLimited()
        case 102 | 190:
            return _access(found.subcode)
        case _ if found.is_transient:
            return SiteFailed()
        case 1 | 2:
            return TooMuchAsked() if "reduce the amount" in found.message.lower() else SiteFailed()
        case 3:
            return AppRefused().as_variant("api")
        case 10:
            few = "not enough viewers" in found.message.lower()
            return NotEnoughViewers().as_variant("viewers") if few else PermissionMissing().as_variant("refused")
        case code if 200 <= code <= 299:
            return PermissionMissing().as_variant("refused")
        case 100:
            return _not_given(found.subcode)
        case _:
            return None


def _access(subcode: int) -> JobError:
    if subcode in _TOKEN_ASKS:
        return CheckpointRequired()
    if subcode == _TOKEN_WITHOUT_ROLE:
        return PageAccessLost()
    return AccessRevoked().as_variant(_TOKEN_ENDED[subcode]) if subcode in _TOKEN_ENDED else AccessRevoked()


def _not_given(subcode: int) -> JobError:
    match subcode:
        case 33:
            return MediaGone()
        case 2_108_006:
            return BeforeConversion().as_variant("before")
        case 2_207_086:
            return NotOnFacebook().as_variant("facebook")
        case _:
            return ReportRefused()


def _by_status(answer: Answer) -> JobError:
    if answer.status == 429:
        return Throttled(until=answer.retry_at)
    return SiteFailed() if answer.status >= 500 else UnexpectedAnswer()
