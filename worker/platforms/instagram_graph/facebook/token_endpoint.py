"""Facebook's token endpoints: a code becomes a short token, that one a long one, and a long one is renewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.errors import AccessRevoked, AppRefused, CodeUsed, JobError, Transient, UnexpectedAnswer
from shared.platforms.meta import FACEBOOK_LOGIN
from worker.platforms.http_api import Answer, HttpApi, Json
from worker.platforms.instagram_graph.facebook.app import FacebookApp
from worker.platforms.instagram_graph.facebook.token import FacebookToken
from worker.platforms.instagram_graph.refusals import Refusal, body_or_raise, error_of
from worker.platforms.json_fields import child, line

_LONGEST_LIFE = 366 * 86_400
# A code is good once, so what fails in passing is tried again while its short token is at hand.
_ATTEMPTS = 3
_NO_APP, _WRONG = 101, 100


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """The endpoints for the installation's app."""

    api: HttpApi
    app: FacebookApp

    async def exchange(self, code: str, redirect_uri: str) -> FacebookToken:
        """The long token for a code. Raises CodeUsed for one that is used or too old, AppRefused, or what passes."""
        answer = await self._ask({"redirect_uri": redirect_uri, "code": code})
        if answer.status != 200:
            raise _refusal(answer)
        return await self._long(_token(answer.body or {}))

    async def refresh(self, token: FacebookToken) -> FacebookToken:
        """The same access for 60 more days. Raises AccessRevoked for a token that is dead."""
        return await self._long(token.user_token)

    async def revoke(self, token: FacebookToken) -> None:
        """Ends every permission of the person for this app. Raises AccessRevoked where it has ended already."""
        query = {"appsecret_proof": self.app.proof(token.user_token)}
        body_or_raise(await self.api.delete(f"{self.app.base}/me/permissions", query, token=token.user_token))

    async def _long(self, given: str) -> FacebookToken:
        for left in reversed(range(_ATTEMPTS)):
            try:
                answer = await self._ask({"grant_type": "fb_exchange_token", "fb_exchange_token": given})
                body = body_or_raise(answer)
                return await self._examined(_token(body), _ends(body.get("expires_in"), datetime.now(UTC)))
            except Transient:
                if not left:
                    raise
        raise AssertionError("unreachable")

    async def _examined(self, token: str, ends: datetime | None) -> FacebookToken:
        """The token with its scopes and its ends, as Meta itself says them."""
        query = {"input_token": token, "access_token": "|".join(self.app.credentials())}
        about = child(body_or_raise(await self.api.get(f"{self.app.base}/debug_token", query)), "data")
        if about.get("is_valid") is not True:
            raise AccessRevoked
        granted = about.get("scopes")
        named = frozenset(scope for scope in FACEBOOK_LOGIN.scopes if isinstance(granted, list) and scope in granted)
        return FacebookToken(
            token,
            _moment(about.get("expires_at")) or ends,
            _moment(about.get("data_access_expires_at")),
            named,
            datetime.now(UTC),
            line(about, "user_id"),
        )

    async def _ask(self, given: Mapping[str, str]) -> Answer:
        app_id, app_secret = self.app.credentials()
        query = {"client_id": app_id, "client_secret": app_secret, **given}
        return await self.api.get(f"{self.app.base}/oauth/access_token", query)


def _token(body: Json) -> str:
    found = line(body, "access_token")
    if found is None:
        raise UnexpectedAnswer("Facebook's answer lacks `access_token`.")
    return found


def _ends(seconds: object, now: datetime) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < _LONGEST_LIFE:
        return None
    return now + timedelta(seconds=seconds)


def _moment(stamp: object) -> datetime | None:
    """A moment from its seconds since 1970; 0 stands for never."""
    if isinstance(stamp, bool) or not isinstance(stamp, int) or not 0 < stamp < 253_402_300_800:
        return None
    return datetime.fromtimestamp(stamp, UTC)


def _refusal(answer: Answer) -> JobError:
    """The error of a code that is not taken."""
    found = Refusal.of(answer.body)
    said = "" if found is None else found.message.lower()
    if found is not None and (found.code == _NO_APP or "client secret" in said or "redirect_uri" in said):
        return AppRefused()
    if found is not None and found.code == _WRONG and "code" in said:
        return CodeUsed()
    return error_of(answer)
