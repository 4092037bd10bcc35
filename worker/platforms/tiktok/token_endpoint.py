"""TikTok's token endpoint: a code becomes tokens, a refresh token is exchanged for new ones, an access is ended.

Its refusals are flat and their status is not documented, so the key `error` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.errors import AccessRevoked, AppRefused, CodeUsed, JobError, SiteFailed, Throttled, UnexpectedAnswer
from shared.platforms.tiktok import LOGIN_KIT
from worker.platforms.http_api import Answer, HttpApi, Json
from worker.platforms.json_fields import line, need
from worker.platforms.tiktok.app import TikTokApp
from worker.platforms.tiktok.token import TikTokToken

_LONGEST_LIFE = 3 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """The endpoint for the installation's app."""

    api: HttpApi
    app: TikTokApp

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> TikTokToken:
        """The tokens for a code. Raises CodeUsed for one that is used, too old or of another consent."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        body = await self._ask(form | ({} if verifier is None else {"code_verifier": verifier}), CodeUsed())
        return _token(body, need(body, "refresh_token"), frozenset(LOGIN_KIT.scopes))

    async def refresh(self, token: TikTokToken) -> TikTokToken:
        """The next tokens; the refresh token of before is dead from then on. Raises AccessRevoked where it was so."""
        form = {"grant_type": "refresh_token", "refresh_token": token.refresh_token}
        body = await self._ask(form, AccessRevoked())
        return _token(body, line(body, "refresh_token") or token.refresh_token, token.scopes)

    async def revoke(self, access_token: str) -> None:
        """Ends the access; one that has ended already is no error."""
        form = {**self.app.credentials(), "token": access_token}
        answer = await self.api.post_form(f"{self.app.api_url}/v2/oauth/revoke/", form)
        refused = _reason(answer)
        if refused is None and answer.status == 200:
            return
        if refused not in ("invalid_grant", "invalid_request", "access_token_invalid"):
            raise _refusal(answer, AccessRevoked())

    async def _ask(self, form: dict[str, str], dead: JobError) -> Json:
        """The answer with tokens; raises `dead` for `invalid_grant`, and what other refusals mean."""
        answer = await self.api.post_form(f"{self.app.api_url}/v2/oauth/token/", {**self.app.credentials(), **form})
        if answer.status != 200 or answer.body is None or _reason(answer) is not None:
            raise _refusal(answer, dead)
        return answer.body


def _token(body: Json, refresh_token: str, scopes: frozenset[str]) -> TikTokToken:
    """The tokens of an answer; one that names no scopes has the given ones."""
    now, given = datetime.now(UTC), line(body, "scope")
    return TikTokToken(
        need(body, "access_token"),
        refresh_token,
        _ends(body.get("expires_in"), now),
        _ends(body.get("refresh_expires_in"), now),
        scopes if given is None else frozenset(filter(None, given.replace(" ", ",").split(","))),
        now,
    )


def _ends(seconds: object, now: datetime) -> datetime | None:
    """The end of a token by this machine's clock, which is the one that later asks whether time is left."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _LONGEST_LIFE:
        return None
    return now + timedelta(seconds=seconds)


def _refusal(answer: Answer, dead: JobError) -> JobError:
    reason, said = _reason(answer), _description(answer)
    match reason:
        case "invalid_client" | "unauthorized_client":
            return AppRefused()
        case "invalid_grant" | "invalid_request" if "redirect" in said:
            return AppRefused()
        case "invalid_grant" | "access_denied" | "access_token_invalid":
            return dead
        case "invalid_scope":
            return AppRefused().as_variant("api")
        case "rate_limit_exceeded":
            return Throttled(until=answer.retry_at)
        case "server_error" | "temporarily_unavailable" | "internal_error":
            return SiteFailed()
    if answer.status == 429:
        return Throttled(until=answer.retry_at)
    return SiteFailed() if answer.status >= 500 else UnexpectedAnswer()


def _reason(answer: Answer) -> str | None:
    """The word for a refusal, flat or in an envelope; None where there is none."""
    error = None if answer.body is None else answer.body.get("error")
    found = error.get("code") if isinstance(error, dict) else error
    return found if isinstance(found, str) and found not in ("", "ok") else None


def _description(answer: Answer) -> str:
    return ("" if answer.body is None else line(answer.body, "error_description") or "").lower()
