"""Google's token endpoint: a code becomes tokens, an access token is renewed, a consent is withdrawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.errors import (
    AccessRevoked,
    AppRefused,
    CodeUsed,
    JobError,
    SiteFailed,
    Throttled,
    UnexpectedAnswer,
)
from worker.platforms.http_api import Answer, HttpApi
from worker.platforms.youtube.app import GoogleApp

_LONGEST_LIFE = 366 * 86_400


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """`refresh_token`, `expires_at` and `scopes` are None where the answer has none."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime | None
    scopes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """The endpoint for the installation's app."""

    api: HttpApi
    app: GoogleApp

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> TokenAnswer:
        """The tokens for a code. Raises CodeUsed for one that is used, too old or of another address."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        answer = await self._ask(form | ({} if verifier is None else {"code_verifier": verifier}))
        return _read(answer, CodeUsed())

    async def refresh(self, refresh_token: str | None) -> TokenAnswer:
        """A new access token. Raises AccessRevoked where the refresh token is dead, or there is none."""
        if refresh_token is None:
            raise AccessRevoked
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return _read(await self._ask(form), AccessRevoked())

    async def revoke(self, token: str) -> None:
        """Withdraws the consent; a token that is dead already is no error."""
        answer = await self.api.post_form(f"{self.app.oauth_url}/revoke", {"token": token})
        if answer.status != 200 and _reason(answer) not in ("invalid_token", "invalid_grant"):
            raise _refusal(answer, UnexpectedAnswer())

    async def _ask(self, form: dict[str, str]) -> Answer:
        return await self.api.post_form(f"{self.app.oauth_url}/token", {**self.app.credentials(), **form})


def _read(answer: Answer, dead: JobError) -> TokenAnswer:
    """The tokens of an answer; raises `dead` for `invalid_grant`, and what other refusals mean."""
    body = answer.body
    if answer.status != 200:
        raise _refusal(answer, dead)
    if body is None or not isinstance(token := body.get("access_token"), str) or not token:
        raise UnexpectedAnswer("Google's answer lacks `access_token`.")
    further, scope = body.get("refresh_token"), body.get("scope")
    return TokenAnswer(
        token,
        further if isinstance(further, str) and further else None,
        _ends(body.get("expires_in")),
        frozenset(scope.split()) if isinstance(scope, str) else None,
    )


def _ends(seconds: object) -> datetime | None:
    """The end of a token by this machine's clock, which is the one that later asks whether time is left."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _LONGEST_LIFE:
        return None
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _refusal(answer: Answer, dead: JobError) -> JobError:
    if answer.status >= 500:
        return SiteFailed()
    if answer.status == 429:
        return Throttled(until=answer.retry_at)
    match _reason(answer):
        case "invalid_grant":
            return dead
        case "invalid_client" | "unauthorized_client" | "deleted_client":
            return AppRefused()
        case "redirect_uri_mismatch":
            return AppRefused()
        case _:
            return UnexpectedAnswer()


def _reason(answer: Answer) -> object:
    return None if answer.body is None else answer.body.get("error")
